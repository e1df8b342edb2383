/*
 * preload_check.c: what LD_PRELOAD brings besides the shim, which `run` puts before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/checks.h"
#include "launch/preload.h"

static void check_entry(const char *entry, uint32_t pid, struct findings *findings);
static void check_file(const char *entry, const char *path, struct findings *findings);
static int open_entry(const char *entry, uint32_t pid);
static bool is_our_shim(const char *path);

/* The loader takes blanks as well as colons. */
void check_preload(const char *preload, uint32_t pid, struct findings *findings) {
  char entry[PATH_MAX];
  if (!preload) return;
  while (*(preload += strspn(preload, ": "))) {
    size_t length = strcspn(preload, ": ");
    if (length < sizeof entry) {
      memcpy(entry, preload, length);
      entry[length] = 0;
      check_entry(entry, pid, findings);
    }
    preload += length;
  }
}

/*
 * One without a '/' the loader looks for in folders of its own, and one with a '$' ($LIB, $ORIGIN) in one that it
 * alone knows. A process may have gone to another folder since it was started: what is not in that may have been there.
 */
static void check_entry(const char *entry, uint32_t pid, struct findings *findings) {
  char path[64];
  if (!strchr(entry, '/') || strchr(entry, '$')) {
    check_file(entry, NULL, findings);
    return;
  }
  int fd = open_entry(entry, pid);
  if (fd < 0) {
    bool is_missing = pid == 0 || (entry[0] == '/' && fd == -ENOENT);
    if (is_missing) finding_add(findings, FINDING_PRELOAD_MISSING, entry);
    return;
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  check_file(entry, path, findings);
  close(fd);
}

/* NULL: only its name is known. */
static void check_file(const char *entry, const char *path, struct findings *findings) {
  struct program_facts facts;
  struct fault fault;
  const char *name = text_file_name(entry);
  memset(&facts, 0, sizeof facts);
  if (path && program_facts_read(path, &facts, &fault) != 0) return;
  if (strncmp(name, "libration.so", 12) == 0) {
    bool is_known = path || !strchr(entry, '$');
    if (is_known && !is_our_shim(path ? path : entry)) finding_add(findings, FINDING_PRELOADED_RATION, entry);
  } else if (facts.sanitizer[0] || program_is_sanitizer(name)) {
    finding_add(findings, FINDING_SANITIZER, entry);
  } else if (facts.own_malloc[0] || allocator_of_library(name)) {
    finding_add(findings, FINDING_PRELOADED_MALLOC, entry);
  }
}

/* As the process finds it: links, too, are followed below its own root. Returns a descriptor, or -errno. */
static int open_entry(const char *entry, uint32_t pid) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = entry[0] == '/' ? RESOLVE_IN_ROOT : 0};
  char start[64];
  int fd;
  if (pid == 0) {
    fd = open(entry, O_PATH | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
  }
  snprintf(start, sizeof start, "/proc/%" PRIu32 "/%s", pid, entry[0] == '/' ? "root" : "cwd");
  int folder = open(start, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -EACCES;
  fd = (int)syscall(SYS_openat2, folder, entry, &how, sizeof how);
  int error = fd < 0 ? -errno : 0;
  close(folder);
  return error ? error : fd;
}

static bool is_our_shim(const char *path) {
  char shim[PATH_MAX];
  struct fault fault;
  struct stat ours, other;
  return preload_find(shim, &fault) == 0 && stat(shim, &ours) == 0 && stat(path, &other) == 0 &&
         ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}
