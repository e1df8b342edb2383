/*
 * output.c: bytes into a file, all of them or none.
 */
#include "export/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BESIDE_SUFFIX ".XXXXXX"

static int write_all(int fd, const char *bytes, size_t size);
static int write_through(const char *path, const void *bytes, size_t size);
static int replace(const char *path, mode_t mode, const void *bytes, size_t size);
static mode_t mode_of_new(void);

int output_write(const char *path, const void *bytes, size_t size) {
  struct stat there;
  if (!path) return write_all(STDOUT_FILENO, bytes, size);
  if (stat(path, &there) != 0) return errno == ENOENT ? replace(path, mode_of_new(), bytes, size) : -errno;
  if (!S_ISREG(there.st_mode)) return write_through(path, bytes, size);
  /* What may not be written must not be replaced either; a link keeps pointing to its file. */
  if (access(path, W_OK) != 0) return -errno;
  char *target = realpath(path, NULL);
  if (!target) return -errno;
  int error = replace(target, there.st_mode & 07777, bytes, size);
  free(target);
  return error;
}

static int write_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    bytes += written;
    size -= (size_t)written;
  }
  return 0;
}

static int write_through(const char *path, const void *bytes, size_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return -errno;
  int error = write_all(fd, bytes, size);
  if (close(fd) != 0 && !error) error = -errno;
  return error;
}

static int replace(const char *path, mode_t mode, const void *bytes, size_t size) {
  char beside[PATH_MAX];
  int length = snprintf(beside, sizeof beside, "%s" BESIDE_SUFFIX, path);
  if (length < 0 || (size_t)length >= sizeof beside) return -ENAMETOOLONG;
  int fd = mkostemp(beside, O_CLOEXEC);
  if (fd < 0) return -errno;
  int error = write_all(fd, bytes, size);
  if (!error && fchmod(fd, mode) != 0) error = -errno;
  if (close(fd) != 0 && !error) error = -errno;
  if (!error && rename(beside, path) != 0) error = -errno;
  if (error) unlink(beside);
  return error;
}

static mode_t mode_of_new(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}
