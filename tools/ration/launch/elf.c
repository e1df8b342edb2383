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
#define DYNAMIC_AT_MOST 4096

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
static int read_needed(const struct program *program, struct elf_facts *facts);
static int read_dynamic(const struct program *program, const ElfW(Phdr) * dynamic, struct elf_facts *facts);
static uint64_t file_offset_of(const struct program *program, uint64_t address);
static bool is_first_sanitizer(const char *name);
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
  if (!error) error = read_needed(&program, facts);
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

static int read_needed(const struct program *program, struct elf_facts *facts) {
  for (size_t i = 0; i < program->count; i++) {
    if (program->headers[i].p_type == PT_DYNAMIC) return read_dynamic(program, &program->headers[i], facts);
  }
  return 0;
}

static int read_dynamic(const struct program *program, const ElfW(Phdr) * dynamic, struct elf_facts *facts) {
  ElfW(Dyn) entry;
  uint64_t names = 0;
  size_t count = dynamic->p_filesz / sizeof entry;
  if (count > DYNAMIC_AT_MOST) return -ENOEXEC;
  for (int pass = 0; pass < 2; pass++) { /* the place of the names may stand behind what needs it */
    for (size_t i = 0; i < count; i++) {
      int error = read_exactly(program->fd, dynamic->p_offset + i * sizeof entry, &entry, sizeof entry);
      if (error) return error;
      if (entry.d_tag == DT_NULL) break;
      if (pass == 0 && entry.d_tag == DT_STRTAB) names = file_offset_of(program, entry.d_un.d_ptr);
      if (pass == 0 || entry.d_tag != DT_NEEDED || names == 0) continue;
      char name[ELF_TEXT_BYTES];
      error = read_text(program->fd, names + entry.d_un.d_val, name);
      if (error) return error;
      if (is_first_sanitizer(name)) memcpy(facts->sanitizer, name, sizeof name);
    }
  }
  return 0;
}

/* 0: in no segment. */
static uint64_t file_offset_of(const struct program *program, uint64_t address) {
  for (size_t i = 0; i < program->count; i++) {
    const ElfW(Phdr) *header = &program->headers[i];
    if (header->p_type != PT_LOAD || address < header->p_vaddr) continue;
    if (address - header->p_vaddr < header->p_filesz) return header->p_offset + (address - header->p_vaddr);
  }
  return 0;
}

/* The undefined-behaviour sanitizer leaves the heap alone. */
static bool is_first_sanitizer(const char *name) {
  static const char *const heads[] = {"libasan.so",        "libtsan.so",       "liblsan.so",
                                      "libhwasan.so",      "libclang_rt.asan", "libclang_rt.tsan",
                                      "libclang_rt.hwasan"};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    if (strncmp(name, heads[i], strlen(heads[i])) == 0) return true;
  }
  return false;
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
