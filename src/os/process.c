/*
 * process.c: identity from /proc, the auxiliary vector and the environment.
 */
#include "os/process.h"

#include <elf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "base/text.h"
#include "os/system.h"

extern char **environ;

/*
 * /proc/PID/stat: "PID (NAME) STATE PPID ...", where NAME may hold blanks and ')': fields are counted from
 * the last ')' (proc(5)). Field 4 is the parent, field 22 the start time.
 */
static int read_stat(const char *path, uint32_t *ret_parent, uint64_t *ret_start_ticks) {
  char stat[512]; /* field 22 comes within the first 300 bytes */
  if (system_read_file(path, stat, sizeof stat) <= 0) return -ENOENT;
  const char *at = NULL;
  for (const char *c = stat; *c; c++)
    if (*c == ')') at = c;
  if (!at) return -ENOENT;
  uint64_t parent = 0, start = 0;
  int field = 2;
  for (; *at && field < 22; at++) {
    if (*at != ' ') continue;
    field++;
    if (field == 4) text_read_decimal(at + 1, &parent);
    if (field == 22) text_read_decimal(at + 1, &start);
  }
  if (field != 22) return -ENOENT;
  *ret_parent = (uint32_t)parent;
  *ret_start_ticks = start;
  return 0;
}

int process_look_up(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_start_ticks) {
  char path[64];
  struct text text = text_in(path, sizeof path);
  text_add(&text, "/proc/");
  text_add_decimal(&text, pid);
  text_add(&text, "/stat");
  return read_stat(path, ret_parent, ret_start_ticks);
}

/* /proc shows the processes of our own pid namespace, under the numbers that they have there. */
static int has_own_proc(void) {
  char link[32];
  uint64_t pid = 0;
  long bytes = SYSTEM(readlinkat, AT_FDCWD, "/proc/self", link, sizeof link - 1);
  if (bytes <= 0) return 0;
  link[bytes] = '\0';
  return text_read_decimal(link, &pid) && pid == process_id();
}

enum process_life process_life(uint32_t pid, uint64_t start_ticks) {
  uint32_t parent;
  uint64_t start_now;
  if (SYSTEM(kill, pid, 0) == -ESRCH) return PROCESS_IS_GONE;
  if (!has_own_proc() || process_look_up(pid, &parent, &start_now) < 0) return PROCESS_IS_UNKNOWN;
  return start_now == start_ticks ? PROCESS_LIVES : PROCESS_IS_GONE;
}

static uint64_t pid_namespace(void) {
  char link[64];
  long bytes = SYSTEM(readlinkat, AT_FDCWD, "/proc/self/ns/pid", link, sizeof link - 1);
  if (bytes <= 0) return 0;
  link[bytes] = '\0';
  uint64_t inode = 0;
  for (const char *at = link; *at; at++)
    if (*at == '[') text_read_decimal(at + 1, &inode);
  return inode;
}

size_t process_folder(char *ret_path, size_t room) {
  long bytes = SYSTEM(getcwd, ret_path, room);
  return bytes > 1 && ret_path[0] == '/' ? (size_t)bytes - 1 : 0;
}

size_t process_executable(char *ret_path, size_t room) {
  long bytes = SYSTEM(readlinkat, AT_FDCWD, "/proc/self/exe", ret_path, room - 1);
  if (bytes <= 0) {
    const char *path = (const char *)getauxval(AT_EXECFN);
    struct text text = text_in(ret_path, room);
    text_add(&text, path ? path : "");
    return text.used;
  }
  ret_path[bytes] = '\0';
  return (size_t)bytes;
}

void process_identify(struct process_identity *ret_identity) {
  char path[4096];
  process_executable(path, sizeof path);
  struct text text = text_in(ret_identity->program, sizeof ret_identity->program);
  text_add(&text, text_file_name(path));
  process_identify_child(ret_identity);
}

/* By /proc/self throughout: in a new pid namespace the numbers of an older /proc are not ours. */
void process_identify_child(struct process_identity *identity) {
  uint32_t parent;
  identity->pid = process_id();
  identity->parent = process_parent_id();
  identity->user = (uint32_t)SYSTEM(getuid, 0);
  identity->pid_namespace = pid_namespace();
  if (read_stat("/proc/self/stat", &parent, &identity->start_ticks) < 0) identity->start_ticks = 0;
}

uint32_t process_id(void) {
  return (uint32_t)SYSTEM(getpid, 0);
}

uint32_t process_parent_id(void) {
  return (uint32_t)SYSTEM(getppid, 0);
}

uint32_t process_thread_id(void) {
  return (uint32_t)SYSTEM(gettid, 0);
}

void process_thread_name(char ret_name[PROCESS_THREAD_NAME_BYTES]) {
  if (SYSTEM(prctl, PR_GET_NAME, ret_name) < 0) ret_name[0] = '\0';
}

uint64_t process_time_ns(void) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Past libc's, which programs that play with time replace. */
uint64_t process_monotonic_ns(void) {
  struct timespec now = {0, 0};
  SYSTEM(clock_gettime, CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

_Noreturn void process_abort(void) {
  struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
  } by_default = {NULL, 0, NULL, 0};
  uint64_t none = 0;
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
  SYSTEM(tgkill, process_id(), process_thread_id(), SIGABRT);
  SYSTEM(rt_sigaction, SIGABRT, &by_default, NULL, sizeof by_default.mask); /* its handler has returned */
  SYSTEM(tgkill, process_id(), process_thread_id(), SIGABRT);
  for (;;) SYSTEM(exit_group, 128 + SIGABRT);
}

/* The first half of AT_RANDOM guards libc's stacks; of both together nothing is to be had out of their sum. */
uint64_t process_secret(void) {
  uint64_t secret = 0, halves[2];
  if (SYSTEM(getrandom, &secret, sizeof secret, GRND_NONBLOCK) == (long)sizeof secret) return secret;
  const void *bytes = (const void *)getauxval(AT_RANDOM);
  if (bytes) memcpy(halves, bytes, sizeof halves);
  return bytes ? hash_word(halves[0]) + hash_word(halves[1] ^ UINT64_C(0x9e3779b97f4a7c15)) : 0;
}

int process_has_environment(void) {
  return environ != NULL;
}

int process_is_privileged(void) {
  return getauxval(AT_SECURE) != 0;
}

const char *process_variable(const char *name) {
  if (!environ || process_is_privileged()) return NULL;
  size_t length = text_length(name);
  for (char **variable = environ; *variable; variable++) {
    size_t i = 0;
    while (i < length && (*variable)[i] == name[i]) i++;
    if (i == length && (*variable)[i] == '=') return *variable + length + 1;
  }
  return NULL;
}
