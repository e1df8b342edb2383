/*
 * target.c: PATH, #! lines, then the file's own facts. What cannot be told here is left to exec.
 */
#include "launch/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define INTERPRETERS_AT_MOST 5

static int search(const char *command, const char *folders, char ret_path[PATH_MAX]);
static int check_executable(const char *path);
static int read_interpreter(const char *path, char ret_interpreter[PATH_MAX]);
static bool is_privileged(const char *path);

int target_find(const char *command, const char *search_path, struct target *ret_target) {
  struct target target;
  memset(&target, 0, sizeof target);
  char standard[256] = "/bin:/usr/bin";
  if (!search_path) confstr(_CS_PATH, standard, sizeof standard);
  int error = search(command, search_path ? search_path : standard, target.path);
  memcpy(target.command, target.path, sizeof target.path);

  char interpreter[PATH_MAX];
  for (int depth = 0; !error && read_interpreter(target.path, interpreter) == 0; depth++) {
    if (depth == INTERPRETERS_AT_MOST) return -ELOOP;
    memcpy(target.path, interpreter, sizeof interpreter);
    error = check_executable(target.path);
  }
  if (error) return error;
  target_inspect(&target);
  *ret_target = target;
  return 0;
}

const char *target_hindrance_words(enum hindrance hindrance) {
  static const char *const words[] = {
      [HINDRANCE_STATIC] =
          "is statically linked, so nothing can be preloaded; use a dynamic build, or link it "
          "with -lration",
      [HINDRANCE_MUSL] = "is linked against musl, where libration.so does not run; use a build for glibc",
      [HINDRANCE_PRIVILEGED] =
          "gains privileges (set-user-ID, set-group-ID or file capabilities), so the loader "
          "ignores the preload; run it as the user that it becomes",
      [HINDRANCE_FOREIGN] = "is built for another machine, or for 32 bits, unlike libration.so; use a 64-bit "
                            "build for this one",
  };
  return words[hindrance];
}

/* As execvp does: an entry that is there but may not be executed is remembered, and the search goes on. */
static int search(const char *command, const char *folders, char ret_path[PATH_MAX]) {
  if (command[0] == 0) return -ENOENT;
  if (strchr(command, '/')) {
    if ((size_t)snprintf(ret_path, PATH_MAX, "%s", command) >= PATH_MAX) return -ENAMETOOLONG;
    return check_executable(ret_path);
  }
  int error = -ENOENT;
  for (const char *at = folders;; at++) {
    size_t length = strcspn(at, ":");
    int needed = snprintf(ret_path, PATH_MAX, "%.*s%s%s", (int)length, at, length ? "/" : "", command);
    int found = (size_t)needed < PATH_MAX ? check_executable(ret_path) : -ENOENT;
    if (found == 0) return 0;
    if (found == -EACCES) error = -EACCES;
    at += length;
    if (*at == 0) return error;
  }
}

static int check_executable(const char *path) {
  struct stat stat_buffer;
  if (stat(path, &stat_buffer) != 0) return errno == EACCES ? -EACCES : errno == ELOOP ? -ELOOP : -ENOENT;
  if (!S_ISREG(stat_buffer.st_mode) || access(path, X_OK) != 0) return -EACCES;
  return 0;
}

/* Returns 0 where the file begins with a #! line. */
static int read_interpreter(const char *path, char ret_interpreter[PATH_MAX]) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  char line[PATH_MAX];
  ssize_t count = pread(fd, line, sizeof line - 1, 0);
  close(fd);
  if (count < 3 || line[0] != '#' || line[1] != '!') return -ENOEXEC;
  line[count] = 0;
  char *start = line + 2 + strspn(line + 2, " \t");
  size_t length = strcspn(start, " \t\n");
  if (length == 0) return -ENOEXEC;
  start[length] = 0;
  memcpy(ret_interpreter, start, length + 1);
  return 0;
}

/* A file that is unreadable or no ELF file says nothing: exec decides, and the shim shows by its segment. */
void target_inspect(struct target *target) {
  struct elf_facts facts;
  target->hindrance = is_privileged(target->path) ? HINDRANCE_PRIVILEGED : HINDRANCE_NONE;
  if (elf_read(target->path, &facts) != 0) return;
  if (!facts.is_native) {
    target->hindrance = HINDRANCE_FOREIGN;
  } else if (!facts.is_dynamic) {
    target->hindrance = HINDRANCE_STATIC;
  } else if (facts.is_for_musl) {
    target->hindrance = HINDRANCE_MUSL;
  }
}

/* Whether exec will change an id or add capabilities, as far as the kernel heeds such bits here at all. */
static bool is_privileged(const char *path) {
  struct stat stat_buffer;
  struct statvfs volume;
  if (stat(path, &stat_buffer) != 0) return false;
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return false;
  if (statvfs(path, &volume) == 0 && volume.f_flag & ST_NOSUID) return false;
  if (stat_buffer.st_mode & S_ISUID && stat_buffer.st_uid != getuid()) return true;
  bool has_group_bits = (stat_buffer.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
  if (has_group_bits && stat_buffer.st_gid != getgid()) return true;
  return getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0;
}
