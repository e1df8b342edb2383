/*
 * debug_files.c: paths are put together and opened; what is there is taken only if it is what was wanted.
 */
#include "symbols/debug_files.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_DEBUG "/usr/lib/debug"
#define FOLDERS      3

/* Folders of debug files, each as a prefix and a path; without a prefix it is none. */
struct folder {
  const char *prefix, *path;
};

/* What a file must be. */
struct wanted {
  struct build_id build_id;
  uint32_t checksum; /* counts where there is no build-id */
};

static int find_by_build_id(const struct debug_places *places, struct build_id build_id,
                            struct object_file **ret_file);
static int find_by_link(const struct debug_places *places, const struct object_file *module,
                        struct object_file **ret_file);
static int find_on_servers(const struct debug_places *places, enum debuginfod_kind kind,
                           struct build_id build_id, struct object_file **ret_file);
static int try_path(const struct wanted *wanted, struct object_file **ret_file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int sum_bytes(int fd, uint32_t *ret_sum);

int debug_files_find(const struct debug_places *places, const struct object_file *module,
                     struct build_id build_id, struct object_file **ret_file) {
  if (find_by_build_id(places, build_id, ret_file) == 0) return 0;
  if (module && find_by_link(places, module, ret_file) == 0) return 0;
  return find_on_servers(places, DEBUGINFOD_DEBUG, build_id, ret_file);
}

int debug_files_find_module(const struct debug_places *places, struct build_id build_id,
                            struct object_file **ret_file) {
  return find_on_servers(places, DEBUGINFOD_EXECUTABLE, build_id, ret_file);
}

int debug_files_find_shared(const struct debug_places *places, const struct object_file *file, Dwarf *dwarf,
                            struct object_file **ret_file) {
  const char *name;
  const void *bytes;
  ssize_t count = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &bytes);
  if (count == 0) {
    *ret_file = NULL;
    return 0;
  }
  if (count < 0) return -ENOENT;
  struct wanted wanted = {.build_id = {.bytes = bytes, .count = (size_t)count}};
  if (find_by_build_id(places, wanted.build_id, ret_file) == 0) return 0;
  if (name[0] == '/') {
    if (places->sysroot && try_path(&wanted, ret_file, "%s%s", places->sysroot, name) == 0) return 0;
    if (try_path(&wanted, ret_file, "%s", name) == 0) return 0;
  } else if (file->path) {
    int folder = (int)(strrchr(file->path, '/') - file->path);
    if (try_path(&wanted, ret_file, "%.*s/%s", folder, file->path, name) == 0) return 0;
  }
  return find_on_servers(places, DEBUGINFOD_DEBUG, wanted.build_id, ret_file);
}

static void list_folders(const struct debug_places *places, struct folder ret_folders[FOLDERS]) {
  ret_folders[0] = (struct folder){places->debug_dir, ""};
  ret_folders[1] = (struct folder){places->sysroot, SYSTEM_DEBUG};
  ret_folders[2] = (struct folder){"", SYSTEM_DEBUG};
}

static int find_by_build_id(const struct debug_places *places, struct build_id build_id,
                            struct object_file **ret_file) {
  char digits[2 * 64 + 1];
  if (build_id.count < 2 || build_id.count > 64) return -ENOENT;
  for (size_t i = 0; i < build_id.count; i++) snprintf(digits + 2 * i, 3, "%02x", build_id.bytes[i]);

  struct wanted wanted = {.build_id = build_id};
  struct folder folders[FOLDERS];
  list_folders(places, folders);
  for (size_t i = 0; i < FOLDERS; i++) {
    if (!folders[i].prefix) continue;
    int error = try_path(&wanted, ret_file, "%s%s/.build-id/%.2s/%s.debug", folders[i].prefix,
                         folders[i].path, digits, digits + 2);
    if (!error) return 0;
  }
  return -ENOENT;
}

/* Below the folders, its path is the module's own, without the sysroot. */
static int find_by_link(const struct debug_places *places, const struct object_file *module,
                        struct object_file **ret_file) {
  struct wanted wanted = {.build_id = module->build_id};
  GElf_Word checksum;
  const char *name = dwelf_elf_gnu_debuglink(module->elf, &checksum);
  if (!name || !*name || strchr(name, '/') || !module->path || !strrchr(module->path, '/')) return -ENOENT;
  wanted.checksum = checksum;

  const char *path = module->path;
  int folder = (int)(strrchr(path, '/') - path);
  bool is_own = folder == 0 || strcmp(path + folder + 1, name) == 0;
  if (!is_own && try_path(&wanted, ret_file, "%.*s/%s", folder, path, name) == 0) return 0;
  if (try_path(&wanted, ret_file, "%.*s/.debug/%s", folder, path, name) == 0) return 0;

  size_t sysroot = places->sysroot ? strlen(places->sysroot) : 0;
  struct folder folders[FOLDERS];
  list_folders(places, folders);
  for (size_t i = 0; i < FOLDERS; i++) {
    if (!folders[i].prefix) continue;
    int error = try_path(&wanted, ret_file, "%s%s%.*s/%s", folders[i].prefix, folders[i].path,
                         folder - (int)sysroot, path + sysroot, name);
    if (!error) return 0;
  }
  return -ENOENT;
}

static int find_on_servers(const struct debug_places *places, enum debuginfod_kind kind,
                           struct build_id build_id, struct object_file **ret_file) {
  struct object_file *file;
  if (debuginfod_find(places->servers, kind, build_id, &file) != 0) return -ENOENT;
  if (!build_id_is(file->build_id, build_id)) {
    object_file_close(file);
    return -ENOENT;
  }
  *ret_file = file;
  return 0;
}

static int try_path(const struct wanted *wanted, struct object_file **ret_file, const char *format, ...) {
  char path[PATH_MAX];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(path, sizeof path, format, arguments);
  va_end(arguments);
  struct object_file *file;
  if (length < 0 || length >= (int)sizeof path || object_file_open(path, &file) != 0) return -ENOENT;

  uint32_t checksum = 0;
  bool is_wanted = wanted->build_id.count
                       ? build_id_is(file->build_id, wanted->build_id)
                       : sum_bytes(file->fd, &checksum) == 0 && checksum == wanted->checksum;
  if (!is_wanted) {
    object_file_close(file);
    return -ENOENT;
  }
  *ret_file = file;
  return 0;
}

/* The CRC-32 of Ethernet, reflected, as .gnu_debuglink has it; of the whole file. */
static int sum_bytes(int fd, uint32_t *ret_sum) {
  uint32_t table[256], sum = UINT32_MAX;
  for (uint32_t i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++)
      table[i] = table[i] & 1 ? table[i] >> 1 ^ UINT32_C(0xedb88320) : table[i] >> 1;
  }
  unsigned char bytes[16384];
  ssize_t count;
  for (off_t at = 0; (count = pread(fd, bytes, sizeof bytes, at)) > 0; at += count) {
    for (ssize_t i = 0; i < count; i++) sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 255];
  }
  if (count < 0) return -errno;
  *ret_sum = ~sum;
  return 0;
}
