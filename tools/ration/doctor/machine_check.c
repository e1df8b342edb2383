/*
 * machine_check.c: what any program here would meet.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/checks.h"
#include "launch/preload.h"
#include "reader/procfs.h"
#include "view/units.h"

#define COMMIT_LEAST (UINT64_C(256) << 20) /* in which a large program's books fit */

static void check_shim(struct findings *findings);
static void check_sandbox(struct findings *findings);
static void check_preload_file(const char *root, struct findings *findings);
static bool is_before(const char *version, unsigned major, unsigned minor);
static int read_under(const char *root, const char *name, char *ret_text, size_t size);
static bool read_kilobytes(const char *text, const char *name, uint64_t *ret_bytes);

void check_machine(const char *root, struct findings *findings) {
  struct utsname system;
  check_shim(findings);
  check_libc(gnu_get_libc_version(), findings);
  if (uname(&system) == 0) check_kernel(system.release, findings);
  check_folders(findings);
  check_overcommit(root, findings);
#if defined(__x86_64__)
  check_libunwind(LIBUNWIND_OF_SHIM, findings);
#endif
  check_preload_file(root, findings);
  check_ptrace(root, geteuid() == 0, findings);
  check_sandbox(findings);
}

void check_libc(const char *version, struct findings *findings) {
  if (is_before(version, 2, 35)) finding_add(findings, FINDING_OLD_LIBC, version);
}

void check_kernel(const char *release, struct findings *findings) {
  if (is_before(release, 5, 14)) finding_add(findings, FINDING_OLD_KERNEL, release);
}

/* Where promises are kept, what is mapped counts, whether it is used or not. */
void check_overcommit(const char *root, struct findings *findings) {
  char text[4096];
  uint64_t limit, promised;
  if (read_under(root, "/proc/sys/vm/overcommit_memory", text, sizeof text) != 0 || text[0] != '2') return;
  if (read_under(root, "/proc/meminfo", text, sizeof text) != 0) return;
  if (!read_kilobytes(text, "CommitLimit:", &limit) || !read_kilobytes(text, "Committed_AS:", &promised))
    return;
  uint64_t left = limit > promised ? limit - promised : 0;
  finding_add(findings, left < COMMIT_LEAST ? FINDING_NO_COMMIT : FINDING_STRICT_OVERCOMMIT,
              units_bytes(left).chars);
}

void check_libunwind(const char *library, struct findings *findings) {
  void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  if (!handle)
    finding_add(findings, FINDING_NO_LIBUNWIND, library);
  else
    dlclose(handle);
}

static void check_shim(struct findings *findings) {
  char path[PATH_MAX], words[FINDING_WORDS_BYTES];
  struct fault fault;
  if (preload_find(path, &fault) == 0) return;
  snprintf(words, sizeof words, "libration.so: %s", fault.words);
  finding_add_words(findings, FINDING_NO_SHIM, words);
}

/* To the loader lines are as good as blanks, and `#` begins a comment. */
static void check_preload_file(const char *root, struct findings *findings) {
  char text[4096];
  if (read_under(root, "/etc/ld.so.preload", text, sizeof text) != 0) return;
  for (char *at = text; *at; at++) {
    if (*at == '#') memset(at, ' ', strcspn(at, "\n"));
    if (*at == '\n' || *at == '\t') *at = ' ';
  }
  check_preload(text, 0, findings);
}

/* Root may read any process's memory. */
void check_ptrace(const char *root, bool is_root, struct findings *findings) {
  char text[16];
  if (is_root || read_under(root, "/proc/sys/kernel/yama/ptrace_scope", text, sizeof text) != 0) return;
  text[strcspn(text, "\n")] = 0;
  if (strcmp(text, "0") != 0) finding_add(findings, FINDING_PTRACE_SCOPE, text);
}

static void check_sandbox(struct findings *findings) {
  struct proc_sandbox sandbox;
  if (procfs_sandbox((uint32_t)getpid(), &sandbox) == 0 && sandbox.seccomp)
    finding_add(findings, FINDING_SECCOMP_INHERITED, NULL);
}

/* What does not begin with two numbers is not taken for old. */
static bool is_before(const char *version, unsigned major, unsigned minor) {
  unsigned has_major, has_minor;
  if (sscanf(version, "%u.%u", &has_major, &has_minor) != 2) return false;
  return has_major < major || (has_major == major && has_minor < minor);
}

static int read_under(const char *root, const char *name, char *ret_text, size_t size) {
  char path[PATH_MAX];
  if ((size_t)snprintf(path, sizeof path, "%s%s", root, name) >= sizeof path) return -ENAMETOOLONG;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t count = read(fd, ret_text, size - 1);
  int error = count < 0 ? -errno : 0;
  close(fd);
  if (!error) ret_text[count] = 0;
  return error;
}

static bool read_kilobytes(const char *text, const char *name, uint64_t *ret_bytes) {
  const char *at = strstr(text, name);
  uint64_t kilobytes;
  if (!at || sscanf(at + strlen(name), "%" SCNu64, &kilobytes) != 1) return false;
  *ret_bytes = kilobytes * 1024;
  return true;
}
