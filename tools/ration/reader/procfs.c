/*
 * procfs.c: reading /proc, where everything may vanish between two looks.
 */
#include "reader/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomics.h"
#include "base/text.h"

static int read_small(uint32_t pid, const char *name, char *ret_text, size_t size);

int procfs_stat(uint32_t pid, struct proc_stat *ret_stat) {
  char text[1024];
  int error = read_small(pid, "stat", text, sizeof text);
  return error ? error : procfs_parse_stat(text, ret_stat);
}

int procfs_resident_pages(uint32_t pid, uint64_t *ret_pages) {
  char text[256];
  int error = read_small(pid, "statm", text, sizeof text);
  if (error) return error;
  return sscanf(text, "%*u %" SCNu64, ret_pages) == 1 ? 0 : -EBADMSG;
}

int procfs_signals(uint32_t pid, struct proc_signals *ret_signals) {
  char text[8192];
  int error = read_small(pid, "status", text, sizeof text);
  return error ? error : procfs_parse_signals(text, ret_signals);
}

int procfs_sandbox(uint32_t pid, struct proc_sandbox *ret_sandbox) {
  char text[8192];
  int error = read_small(pid, "status", text, sizeof text);
  return error ? error : procfs_parse_sandbox(text, ret_sandbox);
}

int procfs_leader(uint32_t tid, uint32_t *ret_pid) {
  char text[8192];
  int error = read_small(tid, "status", text, sizeof text);
  return error ? error : procfs_parse_leader(text, ret_pid);
}

/* Any byte may stand in it; the last is a newline of the kernel's. */
int procfs_thread_name(uint32_t pid, uint32_t tid, char *ret_name, size_t size) {
  char file[48], text[64];
  snprintf(file, sizeof file, "task/%" PRIu32 "/comm", tid);
  int error = read_small(pid, file, text, sizeof text);
  if (error) return error;
  size_t length = strlen(text);
  if (length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
  snprintf(ret_name, size, "%s", text);
  return 0;
}

/* Its first line is the program's name, in which newlines are escaped. */
int procfs_parse_signals(const char *text, struct proc_signals *ret_signals) {
  struct proc_signals signals;
  const char *ignored = strstr(text, "\nSigIgn:"), *caught = strstr(text, "\nSigCgt:");
  bool is_right = ignored && caught && sscanf(ignored, "\nSigIgn: %" SCNx64, &signals.ignored) == 1 &&
                  sscanf(caught, "\nSigCgt: %" SCNx64, &signals.caught) == 1;
  if (!is_right) return -EBADMSG;
  *ret_signals = signals;
  return 0;
}

/* A kernel without seccomp has no line of it. */
int procfs_parse_sandbox(const char *text, struct proc_sandbox *ret_sandbox) {
  struct proc_sandbox sandbox = {0};
  const char *privileges = strstr(text, "\nNoNewPrivs:"), *mode = strstr(text, "\nSeccomp:");
  const char *filters = strstr(text, "\nSeccomp_filters:");
  bool is_right = privileges &&
                  sscanf(privileges, "\nNoNewPrivs: %" SCNu32, &sandbox.no_new_privileges) == 1 &&
                  (!mode || sscanf(mode, "\nSeccomp: %" SCNu32, &sandbox.seccomp) == 1) &&
                  (!filters || sscanf(filters, "\nSeccomp_filters: %" SCNu32, &sandbox.filters) == 1);
  if (!is_right) return -EBADMSG;
  *ret_sandbox = sandbox;
  return 0;
}

int procfs_parse_leader(const char *text, uint32_t *ret_pid) {
  uint32_t pid;
  const char *group = strstr(text, "\nTgid:");
  if (!group || sscanf(group, "\nTgid: %" SCNu32, &pid) != 1) return -EBADMSG;
  *ret_pid = pid;
  return 0;
}

/* Most often the folder says it; that of a process which may not be looked into is root's. */
bool procfs_has_user(uint32_t pid, uint32_t user) {
  char path[64], text[8192];
  struct stat stat_buffer;
  snprintf(path, sizeof path, "/proc/%" PRIu32, pid);
  if (stat(path, &stat_buffer) == 0 && stat_buffer.st_uid == user) return true;
  return read_small(pid, "status", text, sizeof text) == 0 && procfs_parse_user(text, user);
}

bool procfs_parse_user(const char *text, uint32_t user) {
  uint32_t users[4];
  const char *line = strstr(text, "\nUid:");
  int count = line ? sscanf(line, "\nUid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &users[0], &users[1],
                            &users[2], &users[3])
                   : 0;
  for (int i = 0; i < count; i++)
    if (users[i] == user) return true;
  return false;
}

/* The text of a small file, NUL-terminated. Returns 0, -ESRCH: no such process, or another -errno. */
static int read_small(uint32_t pid, const char *name, char *ret_text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? -ESRCH : -errno;
  ssize_t count = read(fd, ret_text, size - 1);
  int error = count < 0 ? -errno : 0;
  close(fd);
  if (error) return error;
  ret_text[count] = 0;
  return 0;
}

/* A leader that ended before its threads looks like a dead process, but has more than one. */
bool procfs_is_dead(const struct proc_stat *stat) {
  return stat->state == 'X' || (stat->state == 'Z' && stat->threads <= 1);
}

/* Places of fields in a /proc/PID/stat, by proc(5); from STATE on they are words between spaces. */
enum {
  STATE = 3,
  PARENT = 4,
  THREADS = 20,
  START_TICKS = 22,
  CODE = 26,
  STACK = 28,
  ARGUMENTS = 48,
  ENVIRONMENT = 50,
  ENVIRONMENT_END = 51,
  FIELDS
};

/*
 * The second field is the program's name in parentheses, in which any byte may stand: the last ')' ends it. Those that say
 * where the image lies came with Linux 3.5.
 */
int procfs_parse_stat(const char *text, struct proc_stat *ret_stat) {
  const char *end = strrchr(text, ')');
  if (!end) return -EBADMSG;
  uint64_t field[FIELDS] = {0};
  const char *at = end + 1 + strspn(end + 1, " ");
  char state = *at;
  int number = STATE;
  while (number + 1 < FIELDS && (at = strchr(at, ' '))) {
    at += strspn(at, " ");
    if (text_read_decimal(at, &field[number + 1]) == 0 && *at != '-') break; /* some are less than 0 */
    number++;
  }
  if (number < START_TICKS || field[PARENT] > UINT32_MAX || field[THREADS] > UINT32_MAX) return -EBADMSG;
  *ret_stat = (struct proc_stat){.start_ticks = field[START_TICKS],
                                 .parent = (uint32_t)field[PARENT],
                                 .threads = (uint32_t)field[THREADS],
                                 .state = state,
                                 .image = {.code = field[CODE],
                                           .stack = field[STACK],
                                           .arguments = field[ARGUMENTS],
                                           .environment = field[ENVIRONMENT],
                                           .environment_end = field[ENVIRONMENT_END]}};
  return 0;
}

int procfs_own_folder(char ret_folder[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", ret_folder, PATH_MAX - 1);
  if (length < 0) return -errno;
  ret_folder[length] = 0;
  char *slash = strrchr(ret_folder, '/');
  if (!slash) return -ENOENT;
  *slash = 0;
  return 0;
}

int procfs_own_pid_namespace(uint64_t *ret_inode) {
  static uint64_t known; /* 0: not yet */
  struct stat stat_buffer;
  *ret_inode = load_relaxed(&known); /* one word, and the same by whoever asks */
  if (*ret_inode) return 0;
  if (stat("/proc/self/ns/pid", &stat_buffer) != 0) return -errno;
  *ret_inode = stat_buffer.st_ino;
  store_relaxed(&known, *ret_inode);
  return 0;
}

int procfs_maps_file(uint32_t pid, const char *name, bool *ret_is_mapped) {
  char path[1];
  int error = procfs_mapped_path(pid, name, path, sizeof path);
  if (error && error != -ENOENT) return error;
  *ret_is_mapped = !error;
  return 0;
}

int procfs_mapped_path(uint32_t pid, const char *name, char *ret_path, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/maps", pid);
  FILE *maps = fopen(path, "re");
  if (!maps) return errno == ENOENT ? -ESRCH : -errno;

  char *line = NULL;
  size_t room = 0;
  const char *found = NULL;
  errno = 0;
  while (!found && getline(&line, &room, maps) >= 0) found = strstr(line, name);
  int error = found ? 0 : errno ? -errno : -ENOENT;
  if (found) {
    line[strcspn(line, "\n")] = 0;
    snprintf(ret_path, size, "%s", strchr(line, '/') ? strchr(line, '/') : line);
  }
  free(line);
  fclose(maps);
  return error;
}
