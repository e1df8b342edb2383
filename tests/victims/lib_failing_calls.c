/*
 * A preload in front of libc's syscall(2), by which the shim makes its system calls, and of the few functions of libc that fail
 * it: the one that is asked for fails, all others are made. What others call by it, or the loader and libc by other ways, is
 * not touched. The calls of all processes together are numbered, in a file of zeroes, 64 bytes long, that FAULT_COUNT names; in
 * FAULT_LOG there is a line for each call that failed, or, with FAULT_AT=0, for each that could.
 *
 *   FAULT_AT=N    the N-th one fails      FAULT_FROM=N    that and all behind it      FAULT_NAME=NAME,...  all of these
 *   FAULT_WAY=N   by the N-th error of those it may fail by, counted from 0 and round about; of several names that is the last
 *                 one's, the others fail by their first
 *
 * It fails as the kernel may have it fail (call_table), those of which no failure is known are not counted. A log of all that
 * could says of each how many ways there are.
 *
 * link: -shared -fPIC
 * machine: x86_64
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEY_CREATE = 10000, REGISTER_ATFORK };

/* The first is the one that comes to mind. */
static const struct fallible {
  long number;
  const char *name;
  int errors[8];
} call_table[] = {
    {SYS_mmap, "mmap", {ENOMEM, EPERM, EAGAIN, ENODEV, ENFILE, EACCES, ENOSYS}},
    {SYS_mremap, "mremap", {ENOMEM, EAGAIN, EFAULT, EPERM, ENOSYS}},
    {SYS_munmap, "munmap", {ENOMEM, EPERM, ENOSYS}},
    {SYS_mprotect, "mprotect", {ENOMEM, EACCES, EPERM, ENOSYS}},
    {SYS_madvise, "madvise", {EINVAL, ENOMEM, EAGAIN, EFAULT, EPERM, EINTR, ENOSYS}},
    {SYS_ftruncate, "ftruncate", {ENOSPC, EFBIG, EPERM, EINTR, EIO, ENOSYS}},
    {SYS_fallocate, "fallocate", {ENOSPC, EOPNOTSUPP, EINTR, EPERM, EIO, ENOSYS}},
    {SYS_memfd_create, "memfd_create", {EMFILE, ENFILE, ENOMEM, EPERM, EACCES, ENOSYS}},
    {SYS_openat, "openat", {EMFILE, ENFILE, EACCES, ENOSPC, EPERM, EINTR, ENOMEM, ENOSYS}},
    {SYS_fcntl, "fcntl", {EMFILE, EINVAL, EPERM, ENOSYS}},
    {SYS_fstat, "fstat", {EIO, ENOMEM, EPERM, ENOSYS}},
    {SYS_newfstatat, "newfstatat", {EACCES, ENOENT, ENOMEM, EPERM, ENOSYS}},
    {SYS_getdents64, "getdents64", {EIO, ENOENT, EPERM, ENOSYS}},
    {SYS_pread64, "pread64", {EIO, EINTR, EAGAIN, EPERM, ENOSYS}},
    {SYS_pwrite64, "pwrite64", {ENOSPC, EIO, EINTR, EPERM, ENOSYS}},
    {SYS_readlinkat, "readlinkat", {EACCES, ENOENT, EIO, EPERM, ENOSYS}},
    {SYS_getcwd, "getcwd", {ENOENT, ENOMEM, EPERM, ENOSYS}},
    {SYS_renameat2, "renameat2", {EACCES, ENOSPC, EINVAL, EPERM, ENOSYS}},
    {SYS_unlinkat, "unlinkat", {EACCES, EROFS, EPERM, ENOSYS}},
    {SYS_close, "close", {EINTR, EIO, EPERM, ENOSYS}},
    {SYS_futex, "futex", {EINTR, EAGAIN, EPERM, ENOSYS}},
    {SYS_rt_sigprocmask, "rt_sigprocmask", {EPERM, ENOSYS}},
    {SYS_prctl, "prctl", {EINVAL, EPERM, ENOSYS}},
    {SYS_prlimit64, "prlimit64", {EPERM, ENOSYS}},
    {SYS_kill, "kill", {EPERM, ENOSYS}},
    {SYS_tgkill, "tgkill", {EAGAIN, EPERM, ENOSYS}},
    {SYS_getrandom, "getrandom", {EAGAIN, EINTR, EPERM, ENOSYS}},
    {SYS_clock_gettime, "clock_gettime", {EINVAL, EPERM, ENOSYS}},
    {SYS_sysinfo, "sysinfo", {ENOSYS, EPERM}},
    {SYS_rt_sigaction, "rt_sigaction", {EINVAL, EPERM, ENOSYS}},
    {KEY_CREATE, "pthread_key_create", {EAGAIN, ENOMEM}},
    {REGISTER_ATFORK, "pthread_atfork", {ENOMEM}},
};

const char *ration_version(void) __attribute__((weak));

static struct dl_find_object shim; /* where it lies */
static int *counter;               /* shared by all processes */
static long fails_at = -1, fails_from = -1, way;
static const char *fails_name, *log_path;

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static const char *setting(const char *name) {
  size_t length = strlen(name);
  for (char **entry = environ; entry && *entry; entry++)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  return NULL;
}

static long number_of(const char *text) {
  long number = 0;
  if (!text) return -1;
  for (; *text; text++) number = number * 10 + *text - '0';
  return number;
}

/* The shim calls before there are constructors. */
static void start(void) {
  const char *path = setting("FAULT_COUNT");
  fails_at = number_of(setting("FAULT_AT")), fails_from = number_of(setting("FAULT_FROM"));
  fails_name = setting("FAULT_NAME"), log_path = setting("FAULT_LOG");
  way = number_of(setting("FAULT_WAY"));
  if (way < 0) way = 0;
  _dl_find_object((void *)(uintptr_t)ration_version, &shim);
  long descriptor = path ? call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC, 0, 0, 0) : -1;
  static int none;
  counter = &none;
  if (descriptor < 0) return;
  long memory = call(SYS_mmap, 0, 64, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  call(SYS_close, descriptor, 0, 0, 0, 0, 0);
  if (memory > 0) counter = (int *)memory;
}

static int ways_of(const struct fallible *fallible) {
  int ways = 0;
  while (fallible->errors[ways] && ++ways < (int)(sizeof fallible->errors / sizeof *fallible->errors)) {
  }
  return ways;
}

static void note(int number, const struct fallible *fallible) {
  char line[64];
  int length = snprintf(line, sizeof line, "%d %s %d\n", number, fallible->name, ways_of(fallible));
  long log =
      call(SYS_openat, AT_FDCWD, (long)log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600, 0, 0);
  if (log < 0) return;
  call(SYS_write, log, (long)line, length, 0, 0, 0);
  call(SYS_close, log, 0, 0, 0, 0, 0);
}

/* What ends it in FAULT_NAME; NULL: it is not there. */
static const char *end_of(const char *name) {
  size_t length = strlen(name);
  for (const char *at = fails_name; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || !at[length])) return at + length;
  return NULL;
}

/* The error with which this call, which comes from that place, is to fail; 0: none. */
static int fault(long number, const void *place) {
  const struct fallible *found = NULL;
  for (size_t i = 0; !found && i < sizeof call_table / sizeof *call_table; i++)
    if (call_table[i].number == number) found = &call_table[i];
  if (!found) return 0;
  if (!counter) start();
  if (place < shim.dlfo_map_start || place >= shim.dlfo_map_end) return 0;
  int now = __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
  const char *end = end_of(found->name);
  int fails = now == fails_at || (fails_from > 0 && now >= fails_from) || end;
  if (fails || fails_at == 0) note(now, found);
  return !fails ? 0 : end && *end ? found->errors[0] : found->errors[way % ways_of(found)];
}

long syscall(long number, ...) {
  va_list arguments;
  long words[6];
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) words[i] = va_arg(arguments, long);
  va_end(arguments);
  int error = fault(number, __builtin_return_address(0));
  if (error && number == SYS_close)
    call(number, words[0], 0, 0, 0, 0, 0); /* it is closed, whatever it says */
  long result = error ? -error : call(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  if (result < 0 && result > -4096) {
    errno = (int)-result;
    return -1;
  }
  return result;
}

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *)) {
  int (*next)(pthread_key_t *, void (*)(void *)) =
      (int (*)(pthread_key_t *, void (*)(void *)))dlsym(RTLD_NEXT, "pthread_key_create");
  int error = fault(KEY_CREATE, __builtin_return_address(0));
  return error ? error : next(key, destroy);
}

int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library) {
  int (*next)(void (*)(void), void (*)(void), void (*)(void), void *) =
      (int (*)(void (*)(void), void (*)(void), void (*)(void), void *))dlsym(RTLD_NEXT, "__register_atfork");
  int error = fault(REGISTER_ATFORK, __builtin_return_address(0));
  return error ? error : next(prepare, parent, child, library);
}
