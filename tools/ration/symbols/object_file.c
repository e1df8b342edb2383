/*
 * object_file.c: libelf, on a descriptor.
 */
#include "symbols/object_file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What compressed sections may grow to: real ones are about a third; a few bytes could stand for gigabytes. */
#define UNPACKED_TIMES 64

static int open_regular(const char *path, int *ret_fd);
static int look_into(struct object_file *file);
static bool is_debug_section(const char *name);

int object_file_open(const char *path, struct object_file **ret_file) {
  struct object_file *file = calloc(1, sizeof *file);
  if (!file) return -ENOMEM;
  file->fd = -1;
  file->path = strdup(path);
  int error = file->path ? open_regular(path, &file->fd) : -ENOMEM;
  if (!error) {
    elf_version(EV_CURRENT);
    file->elf = elf_begin(file->fd, ELF_C_READ, NULL);
    error = look_into(file);
  }
  if (error) {
    object_file_close(file);
    return error;
  }
  *ret_file = file;
  return 0;
}

int object_file_take(void *bytes, size_t count, struct object_file **ret_file) {
  struct object_file *file = calloc(1, sizeof *file);
  if (!file) {
    free(bytes);
    return -ENOMEM;
  }
  file->fd = -1;
  file->own = bytes;
  elf_version(EV_CURRENT);
  file->elf = elf_memory(bytes, count);
  int error = look_into(file);
  if (error) {
    object_file_close(file);
    return error;
  }
  *ret_file = file;
  return 0;
}

void object_file_release(struct object_file *file) {
  if (!file || file->fd < 0) return;
  elf_cntl(file->elf, ELF_C_FDDONE);
  close(file->fd);
  file->fd = -1;
}

void object_file_close(struct object_file *file) {
  if (!file) return;
  elf_end(file->elf);
  if (file->fd >= 0) close(file->fd);
  free(file->path);
  free(file->own);
  free(file);
}

/* Opening a FIFO would wait for its writer, and a terminal could become ours. */
static int open_regular(const char *path, int *ret_fd) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return -errno;
  struct stat stat_buffer;
  int error = fstat(fd, &stat_buffer) ? -errno : S_ISREG(stat_buffer.st_mode) ? 0 : -EBADMSG;
  if (error) {
    close(fd);
    return error;
  }
  *ret_fd = fd;
  return 0;
}

static int look_into(struct object_file *file) {
  GElf_Ehdr header;
  size_t count;
  if (!file->elf || elf_kind(file->elf) != ELF_K_ELF || !gelf_getehdr(file->elf, &header)) return -EBADMSG;
  file->is_linked = header.e_type == ET_EXEC || header.e_type == ET_DYN;

  file->code_low = UINT64_MAX;
  if (elf_getphdrnum(file->elf, &count) != 0) count = 0;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr part;
    if (!gelf_getphdr(file->elf, (int)i, &part) || part.p_type != PT_LOAD || !(part.p_flags & PF_X)) continue;
    uint64_t end = part.p_vaddr + part.p_memsz;
    if (part.p_vaddr < file->code_low) file->code_low = part.p_vaddr;
    if (end > file->code_high && end > part.p_vaddr) file->code_high = end;
  }

  const void *bytes;
  ssize_t length = dwelf_elf_gnu_build_id(file->elf, &bytes);
  if (length > 0) file->build_id = (struct build_id){.bytes = bytes, .count = (size_t)length};
  return 0;
}

Elf_Scn *elf_section_named(Elf *elf, const char *name) {
  size_t names;
  if (elf_getshdrstrndx(elf, &names) != 0) return NULL;
  for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
    GElf_Shdr header;
    const char *found = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
    if (found && strcmp(found, name) == 0) return section;
  }
  return NULL;
}

bool object_file_has_debug(const struct object_file *file) {
  size_t names;
  bool has_units = false;
  if (elf_getshdrstrndx(file->elf, &names) != 0) return false;
  for (Elf_Scn *section = NULL; (section = elf_nextscn(file->elf, section)) != NULL;) {
    GElf_Shdr header;
    GElf_Chdr packed;
    const char *name = gelf_getshdr(section, &header) ? elf_strptr(file->elf, names, header.sh_name) : NULL;
    if (!name || header.sh_type == SHT_NOBITS || !is_debug_section(name)) continue;
    has_units |= strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0;
    bool is_packed = (header.sh_flags & SHF_COMPRESSED) != 0;
    if (!is_packed) continue;
    if (!gelf_getchdr(section, &packed) || packed.ch_size / UNPACKED_TIMES > header.sh_size) return false;
  }
  return has_units;
}

static bool is_debug_section(const char *name) {
  return strncmp(name, ".debug_", 7) == 0 || strncmp(name, ".zdebug_", 8) == 0;
}

bool object_file_has_symbols(const struct object_file *file) {
  if (!file->is_linked) return false;
  for (Elf_Scn *section = NULL; (section = elf_nextscn(file->elf, section)) != NULL;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) return true;
  }
  return false;
}

bool build_id_is(struct build_id one, struct build_id other) {
  return one.count == other.count && one.count > 0 && memcmp(one.bytes, other.bytes, one.count) == 0;
}
