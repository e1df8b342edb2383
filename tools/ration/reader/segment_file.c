/*
 * segment_file.c: opening with distrust, copying within bounds.
 */
#include "reader/segment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_owner(const struct stat *stat, struct fault *ret_fault);
static int open_fault(int number, struct fault *ret_fault);

int segment_file_open(const char *path, bool is_memfd, struct segment_file *ret_file,
                      struct fault *ret_fault) {
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (is_memfd ? 0 : O_NOFOLLOW);
  int fd = open(path, flags);
  if (fd < 0) return open_fault(errno, ret_fault);

  struct stat stat;
  int error = fstat(fd, &stat) == 0 ? check_owner(&stat, ret_fault) : open_fault(errno, ret_fault);
  if (error) {
    close(fd);
    return error;
  }
  *ret_file = (struct segment_file){.fd = fd, .bytes = (uint64_t)stat.st_size};
  return 0;
}

void segment_file_close(struct segment_file *file) {
  close(file->fd);
}

int segment_file_measure(struct segment_file *file) {
  struct stat stat;
  if (fstat(file->fd, &stat) != 0) return -errno;
  file->bytes = (uint64_t)stat.st_size;
  return 0;
}

int segment_file_copy(const struct segment_file *file, uint64_t offset, void *ret_bytes, size_t count) {
  if (offset > file->bytes || count > file->bytes - offset) return -ERANGE;
  char *to = ret_bytes;
  while (count > 0) {
    ssize_t got = pread(file->fd, to, count, (off_t)offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) return -ERANGE; /* shrunk since it was opened */
    to += got;
    offset += (uint64_t)got;
    count -= (size_t)got;
  }
  return 0;
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
