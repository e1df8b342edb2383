/*
 * shared_file.c: files in memory, by raw system calls (see system.h).
 */
#include "os/shared_file.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/test_point.h"
#include "base/text.h"
#include "os/memory.h"
#include "os/system.h"

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#endif
#define FIRST_HIGH_DESCRIPTOR 512

static int fill(int descriptor, size_t bytes, size_t present_bytes, void **ret_memory);
static int move_up(int descriptor, struct shared_file *file);
static int check_own(int descriptor, int64_t *ret_modified_ns);

int shared_file_create(const char *folder, const char *name, size_t bytes, size_t present_bytes,
                       struct shared_file *ret_file) {
  struct shared_file file = {.bytes = bytes};
  int descriptor;
  if (folder) {
    struct text path = text_in(file.path, sizeof file.path);
    text_add(&path, folder);
    text_add(&path, "/");
    text_add(&path, name);
    if (path.is_cut) return -ENAMETOOLONG;
    descriptor = system_open(file.path, O_RDWR | O_CREAT | O_EXCL, 0600);
  } else {
    descriptor = (int)SYSTEM(memfd_create, name, MFD_CLOEXEC);
  }
  if (descriptor < 0) return descriptor;
  TEST_POINT("shared_file:created");
  int result = fill(descriptor, bytes, present_bytes, &file.memory);
  if (folder || result < 0) {
    system_close(descriptor);
  } else {
    result = move_up(descriptor, &file);
    if (result < 0) memory_unmap(file.memory, bytes);
  }
  if (result < 0) {
    if (folder) shared_file_remove(file.path);
    return result;
  }
  *ret_file = file;
  return 0;
}

/* Size, mapping, and the first pages present. */
static int fill(int descriptor, size_t bytes, size_t present_bytes, void **ret_memory) {
  int result = (int)SYSTEM(ftruncate, descriptor, bytes);
  if (result < 0) return result;
  TEST_POINT("shared_file:sized");
  void *memory = memory_map_file(descriptor, bytes);
  if (!memory) return -ENOMEM;
  result = memory_make_present(memory, present_bytes);
  if (result == -EINVAL) result = (int)SYSTEM(fallocate, descriptor, 0, 0, bytes); /* before Linux 5.14 */
  if (result < 0) {
    memory_unmap(memory, bytes);
    return result;
  }
  *ret_memory = memory;
  return 0;
}

/* A memfd stays open: high up, where it does not change the numbers that the program's own files get. */
static int move_up(int descriptor, struct shared_file *file) {
  int high = (int)SYSTEM(fcntl, descriptor, F_DUPFD_CLOEXEC, FIRST_HIGH_DESCRIPTOR);
  if (high < 0) high = (int)SYSTEM(fcntl, descriptor, F_DUPFD_CLOEXEC, 64);
  system_close(descriptor);
  struct stat status;
  if (high < 0) return high;
  int result = (int)SYSTEM(fstat, high, &status);
  if (result < 0) return result;
  file->descriptor = high;
  file->inode = status.st_ino;
  return 0;
}

void shared_file_forget(const struct shared_file *file) {
  struct stat status;
  if (!file->descriptor || SYSTEM(fstat, file->descriptor, &status) < 0) return;
  if (status.st_ino == file->inode) system_close(file->descriptor);
}

int shared_file_part(const struct shared_file *file, size_t bytes) {
  if (!file->path[0] && !file->descriptor) return 0; /* private memory */
  int64_t modified;
  int descriptor = file->path[0] ? shared_file_reopen(file->path, 0, &modified) : file->descriptor;
  if (descriptor < 0) return descriptor;
  void *copy = memory_map_copy(descriptor, file->bytes);
  if (file->path[0]) system_close(descriptor);
  if (!copy) return -ENOMEM;
  int result =
      memcmp(copy, file->memory, bytes) == 0 ? memory_move(copy, file->bytes, file->memory) : -ESTALE;
  if (result < 0) memory_unmap(copy, file->bytes);
  return result;
}

int shared_file_rename(const char *path, const char *new_path) {
  return (int)SYSTEM(renameat2, AT_FDCWD, path, AT_FDCWD, new_path, 0);
}

void shared_file_remove(const char *path) {
  SYSTEM(unlinkat, AT_FDCWD, path, 0);
}

/* A pipe that nobody writes to would keep one waiting. */
int shared_file_reopen(const char *path, int may_write, int64_t *ret_modified_ns) {
  int descriptor = system_open(path, (may_write ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY, 0);
  if (descriptor < 0) return descriptor;
  int result = check_own(descriptor, ret_modified_ns);
  if (result == 0) return descriptor;
  system_close(descriptor);
  return result;
}

/* The user by whom it would have been made. */
static int check_own(int descriptor, int64_t *ret_modified_ns) {
  struct stat status;
  int result = (int)SYSTEM(fstat, descriptor, &status);
  if (result < 0) return result;
  if (!S_ISREG(status.st_mode) || status.st_uid != (uid_t)SYSTEM(geteuid, 0)) return -EPERM;
  *ret_modified_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
  return 0;
}

void shared_file_close(int descriptor) {
  system_close(descriptor);
}

int shared_file_patch(int descriptor, uint64_t offset, uint32_t word) {
  long written = SYSTEM(pwrite64, descriptor, &word, sizeof word, offset);
  return written == (long)sizeof word ? 0 : written < 0 ? (int)written : -EIO;
}

int shared_file_peek(int descriptor, void *ret_bytes, size_t bytes) {
  long read = SYSTEM(pread64, descriptor, ret_bytes, bytes, 0);
  return read == (long)bytes ? 0 : read < 0 ? (int)read : read ? -EIO : -ENODATA;
}

struct directory_entry { /* getdents64(2) */
  uint64_t inode;
  int64_t offset;
  unsigned short bytes;
  unsigned char type;
  char name[];
};

int shared_folder_visit(const char *folder, const char *prefix, int (*visit)(void *context, const char *name),
                        void *context) {
  static _Alignas(struct directory_entry) char entries[4096]; /* a forked child may have little stack */
  int descriptor = (int)SYSTEM(openat, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (descriptor < 0) return descriptor;
  size_t prefix_bytes = text_length(prefix);
  long bytes;
  int is_done = 0;
  while (!is_done && (bytes = SYSTEM(getdents64, descriptor, entries, sizeof entries)) > 0) {
    for (long at = 0; at < bytes && !is_done;) {
      const struct directory_entry *entry = (const void *)(entries + at);
      size_t i = 0;
      while (i < prefix_bytes && entry->name[i] == prefix[i]) i++;
      if (i == prefix_bytes) is_done = visit(context, entry->name);
      at += entry->bytes;
    }
  }
  system_close(descriptor);
  return 0;
}

int shared_file_is_barred(const char *path) {
  struct stat status;
  return SYSTEM(newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode);
}
