/*
 * output.c: bytes into a file, all of them or none.
 */
#include "view/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DESCRIPTORS_MOST 1024 /* the soft limit that programs start with */
/* Short, since the name of the file itself may have all the length there is. */
#define BESIDE     ".ration.XXXXXX"
#define LINKS_MOST 40 /* as the kernel follows */

/* What a path leads to. */
struct place {
  char path[PATH_MAX]; /* no link */
  bool is_there;
  bool is_descriptor; /* a name in /proc of what some process has open; replacing would pass it by */
  struct stat status; /* where it is there */
};

static int find(const char *path, struct place *ret_place);
static int follow_links(const char *path, struct place *ret_place);
static bool is_of_proc(const char *link);
static bool is_barred(const char *link);
static int open_there(const struct place *place, int flags);
static int given_descriptor(const struct place *place);
static void folder_of(const char *path, char ret_folder[PATH_MAX]);
static int write_over(const struct place *place, const void *bytes, size_t size);
static bool may_be_replaced(const struct place *place);
static bool is_refusal(int error);
static int replace(const struct place *place, const void *bytes, size_t size);
static int keep_status(int fd, const struct place *place);
static mode_t mode_of_new(void);
static int write_all(int fd, const char *bytes, size_t size);

int output_write(const char *path, const void *bytes, size_t size) {
  struct place place;
  if (!path) return write_all(STDOUT_FILENO, bytes, size);
  int error = find(path, &place);
  if (error) return error;
  int standard = given_descriptor(&place);
  if (standard >= 0) return write_all(standard, bytes, size);
  return place.is_there ? write_over(&place, bytes, size) : replace(&place, bytes, size);
}

int output_begin(struct output *ret_output) {
  struct output *output = ret_output;
  *output = (struct output){.bytes = NULL};
  output_ignore_signals();
  output->to = open_memstream(&output->bytes, &output->size);
  return output->to ? 0 : -ENOMEM;
}

int output_end(struct output *output, const char *path, bool is_wanted) {
  bool is_whole = !ferror(output->to);
  is_whole = fclose(output->to) == 0 && is_whole;
  int error = is_whole ? 0 : -ENOMEM;
  if (!error && is_wanted) error = output_write(path, output->bytes, output->size);
  free(output->bytes);
  return error;
}

void output_ignore_signals(void) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

int output_probe(const char *path) {
  struct place place;
  char folder[PATH_MAX];
  int error = find(path, &place);
  if (error) return error;
  if (given_descriptor(&place) >= 0) return 0;
  if (!place.is_there) {
    folder_of(place.path, folder);
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : -errno;
  }
  if (S_ISDIR(place.status.st_mode)) return -EISDIR;
  /* To open a pipe may wait, to open a device may do something. */
  if (!S_ISREG(place.status.st_mode)) return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : -errno;
  int fd = open_there(&place, O_NONBLOCK);
  if (fd < 0) return -errno;
  close(fd);
  return 0;
}

static int find(const char *path, struct place *ret_place) {
  if (!*path) return -ENOENT;
  int error = follow_links(path, ret_place);
  if (error) return error;
  ret_place->is_there = stat(ret_place->path, &ret_place->status) == 0;
  return ret_place->is_there || errno == ENOENT ? 0 : -errno;
}

/* One by one, since a link may lead to what is not there yet. */
static int follow_links(const char *path, struct place *ret_place) {
  char link[PATH_MAX], *at = ret_place->path;
  ret_place->is_descriptor = false;
  if (strlen(path) >= PATH_MAX) return -ENAMETOOLONG;
  memcpy(at, path, strlen(path) + 1);
  for (unsigned links = 0; links < LINKS_MOST; links++) {
    ssize_t length = readlink(at, link, sizeof link - 1);
    if (length < 0) return errno == EINVAL || errno == ENOENT ? 0 : -errno;
    ret_place->is_descriptor = is_of_proc(at);
    if (ret_place->is_descriptor) return 0;
    if (is_barred(at)) return -EACCES;
    link[length] = 0;
    char *slash = link[0] == '/' ? NULL : strrchr(at, '/');
    size_t used = slash ? (size_t)(slash + 1 - at) : 0;
    if (used + (size_t)length >= PATH_MAX) return -ENAMETOOLONG;
    memcpy(at + used, link, (size_t)length + 1);
  }
  return -ELOOP;
}

/* There what a link says is no path to what it leads to. */
static bool is_of_proc(const char *link) {
  struct statfs system;
  int fd = open(link, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  bool is_proc = fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
  close(fd);
  return is_proc;
}

/* Who follows links by hand has to ask the kernel whether it would: in /tmp not those of others (proc_sys_fs(5)). */
static bool is_barred(const char *link) {
  int fd = open(link, O_PATH | O_CLOEXEC);
  if (fd < 0) return errno == EACCES;
  close(fd);
  return false;
}

/* Likewise of files that others have put into such a folder: the kernel looks where one says that it may be made. */
static int open_there(const struct place *place, int flags) {
  return open(place->path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
}

/* Of what stdout or stderr is already, or, where a descriptor was named, another that was given: whoever opened a file
 * writes on behind this, and a socket cannot be opened. -1: it is none. */
static int given_descriptor(const struct place *place) {
  if (!place->is_there) return -1;
  int end = place->is_descriptor ? DESCRIPTORS_MOST : STDERR_FILENO + 1;
  for (int fd = place->is_descriptor ? STDIN_FILENO : STDOUT_FILENO; fd < end; fd++) {
    struct stat status;
    if (fstat(fd, &status) != 0 || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) continue;
    if (status.st_dev == place->status.st_dev && status.st_ino == place->status.st_ino) return fd;
  }
  return -1;
}

static void folder_of(const char *path, char ret_folder[PATH_MAX]) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) + 1 : 0;
  memcpy(ret_folder, slash ? path : "./", slash ? length : 2);
  ret_folder[slash ? length : 2] = 0;
}

/* What may not be written must not be replaced either, so it is opened first. */
static int write_over(const struct place *place, const void *bytes, size_t size) {
  int fd = open_there(place, O_NOCTTY);
  if (fd < 0) return -errno;
  int error = may_be_replaced(place) ? replace(place, bytes, size) : -EPERM;
  if (is_refusal(error)) {
    bool is_emptied = !S_ISREG(place->status.st_mode) || ftruncate(fd, 0) == 0;
    error = is_emptied ? write_all(fd, bytes, size) : -errno;
  }
  if (close(fd) != 0 && !error) error = -errno;
  return error;
}

static bool may_be_replaced(const struct place *place) {
  return S_ISREG(place->status.st_mode) && !place->is_descriptor && place->status.st_nlink == 1;
}

/* Of another file in that place; not of room for it. */
static bool is_refusal(int error) {
  switch (error) {
  case -EACCES:
  case -EPERM:
  case -EROFS:
  case -EBUSY:
  case -EINVAL: /* an owner from outside a user namespace */
  case -ENAMETOOLONG:
    return true;
  default:
    return false;
  }
}

static int replace(const struct place *place, const void *bytes, size_t size) {
  char folder[PATH_MAX], beside[PATH_MAX];
  folder_of(place->path, folder);
  int length = snprintf(beside, sizeof beside, "%s" BESIDE, folder);
  if (length < 0 || (size_t)length >= sizeof beside) return -ENAMETOOLONG;
  int fd = mkostemp(beside, O_CLOEXEC);
  if (fd < 0) return -errno;
  int error = keep_status(fd, place);
  if (!error) error = write_all(fd, bytes, size);
  if (close(fd) != 0 && !error) error = -errno;
  if (!error && rename(beside, place->path) != 0) error = -errno;
  if (error) unlink(beside);
  return error;
}

/* The owner first: a change of it may take from the mode. */
static int keep_status(int fd, const struct place *place) {
  const struct stat *before = &place->status;
  struct stat made;
  if (!place->is_there) return fchmod(fd, mode_of_new()) == 0 ? 0 : -errno;
  if (fstat(fd, &made) != 0) return -errno;
  bool is_of_another = made.st_uid != before->st_uid || made.st_gid != before->st_gid;
  if (is_of_another && fchown(fd, before->st_uid, before->st_gid) != 0) return -errno;
  return fchmod(fd, before->st_mode & 07777) == 0 ? 0 : -errno;
}

static mode_t mode_of_new(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
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
