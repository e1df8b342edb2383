/*
 * module_file.c: opening by the loader's path, and the comparison with what is in memory.
 */
#include "os/module_file.h"

#include <string.h>
#include <sys/stat.h>

#include "os/memory.h"
#include "os/system.h"

static int open_regular(const char *path, struct module_file *ret_file);
static int compare_build(const struct module_file *file, const struct module *module);
static int compare(const struct module_file *file, uint64_t offset, const void *memory, size_t bytes);
static const void *find_mapped(const struct module *module, uint64_t offset, size_t bytes);

int module_file_open(const struct module *module, struct module_file *ret_file) {
  if (!module->headers) return -EINVAL;
  const char *path = module->is_executable ? "/proc/self/exe" : module->path;
  if (!module_has_file(module)) return -ENOENT;
  struct module_file file;
  int result = open_regular(path, &file);
  if (result < 0) return result;
  result = compare_build(&file, module);
  if (result < 0) {
    module_file_close(&file);
    return result;
  }
  *ret_file = file;
  return 0;
}

/* Without waiting for a pipe that took the file's place. Programs that were started with 0 to 2 closed find them so. */
static int open_regular(const char *path, struct module_file *ret_file) {
  int descriptor = (int)SYSTEM(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
  if (descriptor >= 0 && descriptor <= 2) {
    int low = descriptor;
    descriptor = (int)SYSTEM(fcntl, low, F_DUPFD_CLOEXEC, 3);
    system_close(low);
  }
  if (descriptor < 0) return descriptor;
  struct stat status;
  int result = (int)SYSTEM(fstat, descriptor, &status);
  if (result == 0 && !S_ISREG(status.st_mode)) result = -ENOEXEC;
  if (result < 0) {
    system_close(descriptor);
    return result;
  }
  *ret_file = (struct module_file){.descriptor = descriptor, .bytes = (uint64_t)status.st_size};
  return 0;
}

void module_file_close(struct module_file *file) {
  system_close(file->descriptor);
}

/*
 * Nothing changes these in memory, and a linker that is given other input seldom writes all of them alike: the program
 * headers, which hold every size; the ELF header, which has the entry point and where the sections are; the notes.
 */
static int compare_build(const struct module_file *file, const struct module *module) {
  ElfW(Ehdr) header;
  int result = module_file_read(file, 0, &header, sizeof header);
  if (result < 0) return result;
  const unsigned char *kind = header.e_ident;
  if (memcmp(kind, ELFMAG, SELFMAG) != 0 || kind[EI_CLASS] != ELFCLASS64 || kind[EI_DATA] != ELFDATA2LSB)
    return -ENOEXEC;
  if (header.e_phentsize != sizeof *module->headers) return -ENOEXEC;
  if (header.e_phnum != module->header_count) return -ESTALE;
  result = compare(file, header.e_phoff, module->headers, module->header_count * sizeof *module->headers);
  const void *mapped = find_mapped(module, 0, sizeof header);
  if (result == 0 && mapped && memcmp(mapped, &header, sizeof header) != 0) result = -ESTALE;
  for (size_t i = 0; i < module->header_count && result == 0; i++) {
    const ElfW(Phdr) *note = &module->headers[i];
    if (note->p_type != PT_NOTE || !(mapped = find_mapped(module, note->p_offset, note->p_filesz))) continue;
    result = compare(file, note->p_offset, mapped, note->p_filesz);
  }
  return result;
}

/* Returns 0, -ESTALE: not the same bytes, or not there at all, or what pread(2) says. */
static int compare(const struct module_file *file, uint64_t offset, const void *memory, size_t bytes) {
  unsigned char piece[512];
  for (size_t at = 0, step; at < bytes; at += step) {
    step = bytes - at < sizeof piece ? bytes - at : sizeof piece;
    if (offset > UINT64_MAX - at) return -ESTALE;
    int result = module_file_read(file, offset + at, piece, step);
    if (result < 0) return result == -ENOEXEC ? -ESTALE : result;
    if (memcmp(piece, (const unsigned char *)memory + at, step) != 0) return -ESTALE;
  }
  return 0;
}

/* Where these bytes of the file are in memory, unaltered: in a part that can be read and not written. */
static const void *find_mapped(const struct module *module, uint64_t offset, size_t bytes) {
  for (size_t i = 0; i < module->header_count; i++) {
    const ElfW(Phdr) *part = &module->headers[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_R) || part->p_flags & PF_W) continue;
    if (offset < part->p_offset || offset - part->p_offset > part->p_filesz) continue;
    if (bytes > part->p_filesz - (offset - part->p_offset)) continue;
    uintptr_t address = module->bias + part->p_vaddr + (offset - part->p_offset);
    if (module_holds(module, address, bytes)) return (const void *)address;
  }
  return NULL;
}

int module_file_read(const struct module_file *file, uint64_t offset, void *ret_bytes, size_t bytes) {
  if (offset > file->bytes || bytes > file->bytes - offset) return -ENOEXEC;
  for (size_t at = 0; at < bytes;) {
    long read = SYSTEM(pread64, file->descriptor, (char *)ret_bytes + at, bytes - at, offset + at);
    if (read == -EINTR) continue;
    if (read <= 0) return read < 0 ? (int)read : -EIO;
    at += (size_t)read;
  }
  return 0;
}

int module_file_load(const struct module_file *file, uint64_t offset, size_t bytes,
                     struct module_part *ret_part) {
  if (offset > file->bytes || bytes > file->bytes - offset) return -ENOEXEC; /* before memory is asked for */
  size_t page = memory_page_bytes();
  size_t mapped_bytes = (bytes / page + 1) * page;
  void *memory = memory_map(mapped_bytes);
  if (!memory) return -ENOMEM;
  int result = module_file_read(file, offset, memory, bytes);
  if (result < 0) {
    memory_unmap(memory, mapped_bytes);
    return result;
  }
  *ret_part = (struct module_part){.memory = memory, .bytes = bytes, .mapped_bytes = mapped_bytes};
  return 0;
}

void module_part_free(struct module_part *part) {
  if (part->mapped_bytes) memory_unmap(part->memory, part->mapped_bytes);
  *part = (struct module_part){0};
}
