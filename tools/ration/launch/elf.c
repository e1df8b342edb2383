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
#define ENTRIES_AT_MOST 4096 /* of a dynamic section */

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
static bool is_for_musl(const struct program *program, const char *loader);
static bool next_entry(const struct program *program, const ElfW(Phdr) * section, size_t number,
                       ElfW(Dyn) * ret_entry);
static bool find_texts(const struct program *program, const ElfW(Phdr) * section, uint64_t *ret_offset);
static bool needs_musl(const struct program *program, uint64_t offset);
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
  if (!error) error = read_loader(&program, facts);
  if (!error) facts->is_for_musl = facts->is_dynamic && is_for_musl(&program, facts->loader);
  return error;
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

/* A loader may lie anywhere, under any name: then what the program needs tells. A section that is broken tells nothing. */
static bool is_for_musl(const struct program *program, const char *loader) {
  if (strstr(loader, "ld-musl")) return true;
  for (size_t i = 0; i < program->count; i++) {
    const ElfW(Phdr) *section = &program->headers[i];
    ElfW(Dyn) entry;
    uint64_t texts;
    if (section->p_type != PT_DYNAMIC || !find_texts(program, section, &texts)) continue;
    for (size_t k = 0; next_entry(program, section, k, &entry); k++)
      if (entry.d_tag == DT_NEEDED && needs_musl(program, texts + entry.d_un.d_val)) return true;
  }
  return false;
}

/* False: there is none of that number. */
static bool next_entry(const struct program *program, const ElfW(Phdr) * section, size_t number,
                       ElfW(Dyn) * ret_entry) {
  if (number >= ENTRIES_AT_MOST || number >= section->p_filesz / sizeof *ret_entry) return false;
  uint64_t offset = section->p_offset + number * sizeof *ret_entry;
  return read_exactly(program->fd, offset, ret_entry, sizeof *ret_entry) == 0 && ret_entry->d_tag != DT_NULL;
}

/* Where in the file the names are: their address is that of what is loaded from there. */
static bool find_texts(const struct program *program, const ElfW(Phdr) * section, uint64_t *ret_offset) {
  ElfW(Dyn) entry;
  size_t number = 0;
  bool is_there;
  while ((is_there = next_entry(program, section, number, &entry)) && entry.d_tag != DT_STRTAB) number++;
  for (size_t i = 0; is_there && i < program->count; i++) {
    const ElfW(Phdr) *loaded = &program->headers[i];
    if (loaded->p_type != PT_LOAD || entry.d_un.d_ptr < loaded->p_vaddr) continue;
    if (entry.d_un.d_ptr - loaded->p_vaddr >= loaded->p_filesz) continue;
    *ret_offset = loaded->p_offset + (entry.d_un.d_ptr - loaded->p_vaddr);
    return true;
  }
  return false;
}

/* glibc's has a number behind it: libc.so.6. */
static bool needs_musl(const struct program *program, uint64_t offset) {
  char name[ELF_TEXT_BYTES];
  if (read_text(program->fd, offset, name) != 0) return false;
  return strcmp(name, "libc.so") == 0 || strncmp(name, "libc.musl-", 10) == 0;
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
