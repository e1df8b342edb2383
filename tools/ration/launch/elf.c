/*
 * elf.c: program headers and the dynamic section, as far as they are needed. Every place is checked against
 * the file's size by pread itself: what it does not give is an error.
 */
#include "launch/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define HEADERS_AT_MOST 128

#if defined(__x86_64__)
#define NATIVE_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#elif defined(__riscv)
#define NATIVE_MACHINE EM_RISCV
#else
#error "name this machine's ELF number here"
#endif

struct program {
  int fd;
  ElfW(Phdr) headers[HEADERS_AT_MOST];
  size_t count;
};

static int read_file(int fd, struct elf_facts *facts);
static bool is_native(const ElfW(Ehdr) * header);
static int read_headers(struct program *program, const ElfW(Ehdr) * header);
static int read_loader(const struct program *program, struct elf_facts *facts);
static int read_exactly(int fd, uint64_t offset, void *ret_bytes, size_t count);
static int read_text(int fd, uint64_t offset, char ret_text[ELF_TEXT_BYTES]);

int elf_read(const char *path, struct elf_facts *ret_facts) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -errno;
  struct elf_facts facts;
  memset(&facts, 0, sizeof facts);
  int error = read_file(fd, &facts);
  close(fd);
  if (error) return error;
  *ret_facts = facts;
  return 0;
}

static int read_file(int fd, struct elf_facts *facts) {
  ElfW(Ehdr) header;
  struct program program = {.fd = fd};
  int error = read_exactly(fd, 0, &header, sizeof header);
  if (error) return error;
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return -ENOEXEC;
  facts->is_native = is_native(&header);
  if (!facts->is_native) return 0; /* its tables have another shape */

  error = read_headers(&program, &header);
  return error ? error : read_loader(&program, facts);
}

static bool is_native(const ElfW(Ehdr) * header) {
  unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
  return header->e_ident[EI_CLASS] == class && header->e_machine == NATIVE_MACHINE;
}

static int read_headers(struct program *program, const ElfW(Ehdr) * header) {
  if (header->e_phentsize != sizeof *program->headers || header->e_phnum > HEADERS_AT_MOST) return -ENOEXEC;
  program->count = header->e_phnum;
  return read_exactly(program->fd, header->e_phoff, program->headers,
                      program->count * sizeof *program->headers);
}

static int read_loader(const struct program *program, struct elf_facts *facts) {
  for (size_t i = 0; i < program->count; i++) {
    if (program->headers[i].p_type != PT_INTERP) continue;
    facts->is_dynamic = true;
    return read_text(program->fd, program->headers[i].p_offset, facts->loader);
  }
  return 0;
}

static int read_exactly(int fd, uint64_t offset, void *ret_bytes, size_t count) {
  if (offset > INT64_MAX) return -ENOEXEC;
  ssize_t got = pread(fd, ret_bytes, count, (off_t)offset);
  if (got < 0) return -errno;
  return (size_t)got == count ? 0 : -ENOEXEC;
}

static int read_text(int fd, uint64_t offset, char ret_text[ELF_TEXT_BYTES]) {
  if (offset > INT64_MAX) return -ENOEXEC;
  ssize_t got = pread(fd, ret_text, ELF_TEXT_BYTES, (off_t)offset);
  if (got < 0) return -errno;
  return memchr(ret_text, 0, (size_t)got) ? 0 : -ENOEXEC;
}
