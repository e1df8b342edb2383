/*
 * segment_file.c: opening with distrust, copying within bounds.
 */
#include "reader/segment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define OWN_FILES "/proc/self/fd/"

static bool is_window(const char *path, char ret_path[SEGMENT_WINDOW_PATH_BYTES],
                      struct segment_file *ret_file);
static int open_own(const char *path);
static int check_owner(const struct stat *stat, struct fault *ret_fault);
static int open_fault(int number, struct fault *ret_fault);

int segment_file_open(const char *path, bool is_memfd, struct segment_file *ret_file,
                      struct fault *ret_fault) {
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (is_memfd ? 0 : O_NOFOLLOW);
  char whole[SEGMENT_WINDOW_PATH_BYTES];
  struct segment_file file = {0};
  bool has_window = is_memfd && is_window(path, whole, &file);
  int fd = has_window ? open_own(whole) : open(path, flags);
  if (fd < 0) return open_fault(errno, ret_fault);

  struct stat stat;
  int error = fstat(fd, &stat) == 0 ? check_owner(&stat, ret_fault) : open_fault(errno, ret_fault);
  if (error) {
    close(fd);
    return error;
  }
  file.fd = fd;
  file.user = stat.st_uid;
  if (!has_window) file.bytes = (uint64_t)stat.st_size;
  *ret_file = file;
  return 0;
}

void segment_file_close(struct segment_file *file) {
  close(file->fd);
}

void segment_file_window_path(const struct segment_file *window, char ret_path[SEGMENT_WINDOW_PATH_BYTES]) {
  snprintf(ret_path, SEGMENT_WINDOW_PATH_BYTES, OWN_FILES "%d@%llu+%llu", window->fd,
           (unsigned long long)window->start, (unsigned long long)window->bytes);
}

int segment_file_measure(struct segment_file *file) {
  struct stat stat;
  if (file->start) return 0;
  if (fstat(file->fd, &stat) != 0) return -errno;
  file->bytes = (uint64_t)stat.st_size;
  return 0;
}

int segment_file_copy(const struct segment_file *file, uint64_t offset, void *ret_bytes, size_t count) {
  if (offset > file->bytes || count > file->bytes - offset) return -ERANGE;
  char *to = ret_bytes;
  while (count > 0) {
    ssize_t got = pread(file->fd, to, count, (off_t)(file->start + offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) return -ERANGE; /* shrunk since it was opened */
    to += got;
    offset += (uint64_t)got;
    count -= (size_t)got;
  }
  return 0;
}

/* The path before it goes to ret_path. */
static bool is_window(const char *path, char ret_path[SEGMENT_WINDOW_PATH_BYTES],
                      struct segment_file *ret_file) {
  const char *at = strrchr(path, '@');
  if (!at || at - path >= SEGMENT_WINDOW_PATH_BYTES) return false;
  struct segment_file file = {0};
  size_t digits = text_read_decimal(at + 1, &file.start);
  const char *plus = at + 1 + digits;
  if (digits == 0 || *plus != '+') return false;
  digits = text_read_decimal(plus + 1, &file.bytes);
  bool is_inside = file.start > 0 && file.start <= INT64_MAX && file.bytes <= INT64_MAX - file.start;
  if (digits == 0 || plus[1 + digits] != 0 || !is_inside) return false;
  memcpy(ret_path, path, (size_t)(at - path));
  ret_path[at - path] = 0;
  *ret_file = file;
  return true;
}

/* Open already, so that a recording can be read where there is no /proc. Returns the descriptor, or -1 with errno. */
static int open_own(const char *path) {
  uint64_t number = UINT64_MAX;
  const size_t prefix = sizeof OWN_FILES - 1;
  bool is_own = strncmp(path, OWN_FILES, prefix) == 0;
  size_t digits = is_own ? text_read_decimal(path + prefix, &number) : 0;
  if (digits > 0 && path[prefix + digits] == 0 && number <= INT_MAX)
    return fcntl((int)number, F_DUPFD_CLOEXEC, 3);
  errno = EBADF;
  return -1;
}

static int check_owner(const struct stat *stat, struct fault *ret_fault) {
  if (!S_ISREG(stat->st_mode)) return fault_set(ret_fault, -EINVAL, "no regular file; name a segment");
  if (stat->st_uid != geteuid() && geteuid() != 0) {
    return fault_set(ret_fault, -EACCES, "belongs to user %u; read it as that user or as root", stat->st_uid);
  }
  return 0;
}

static int open_fault(int number, struct fault *ret_fault) {
  if (number == ELOOP) {
    return fault_set(ret_fault, -EINVAL, "a symbolic link; name the segment itself");
  }
  if (number == EACCES) return fault_set(ret_fault, -EACCES, "not readable; read it as its owner or as root");
  if (number == ENOENT)
    return fault_set(ret_fault, -ENOENT, "no such file; `ration list` shows what there is");
  return fault_set(ret_fault, -number, "cannot be opened: %s", strerror(number));
}
