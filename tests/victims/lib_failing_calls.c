/*
 * A preload in front of libc's syscall(2), by which the shim makes its system calls, and of the few functions of libc that fail
 * it: the one that is asked for fails, all others are made. What the loader, libc and the program call by other ways is not
 * touched. The calls of all processes together are numbered, in a file of zeroes, 64 bytes long, that FAULT_COUNT names; in
 * FAULT_LOG there is a line for each call that failed, or, with FAULT_AT=0, for each that could.
 *
 *   FAULT_AT=N    the N-th one fails      FAULT_FROM=N    that and all behind it
 *
 * It fails as the kernel may have it fail (call_table), those of which no failure is known are not counted.
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

static const struct fallible {
  long number;
  int error;
  const char *name;
} call_table[] = {
    {SYS_mmap, ENOMEM, "mmap"},
    {SYS_mremap, ENOMEM, "mremap"},
    {SYS_munmap, ENOMEM, "munmap"},
    {SYS_mprotect, ENOMEM, "mprotect"},
    {SYS_madvise, EINVAL, "madvise"},
    {SYS_ftruncate, ENOSPC, "ftruncate"},
    {SYS_fallocate, ENOSPC, "fallocate"},
    {SYS_memfd_create, EMFILE, "memfd_create"},
    {SYS_openat, EMFILE, "openat"},
    {SYS_fcntl, EMFILE, "fcntl"},
    {SYS_fstat, EIO, "fstat"},
    {SYS_newfstatat, EACCES, "newfstatat"},
    {SYS_getdents64, EIO, "getdents64"},
    {SYS_pread64, EIO, "pread64"},
    {SYS_pwrite64, ENOSPC, "pwrite64"},
    {SYS_readlinkat, EACCES, "readlinkat"},
    {SYS_getcwd, ENOENT, "getcwd"},
    {SYS_renameat2, EACCES, "renameat2"},
    {SYS_unlinkat, EACCES, "unlinkat"},
    {SYS_prctl, EINVAL, "prctl"},
    {SYS_prlimit64, EPERM, "prlimit64"},
    {SYS_kill, EPERM, "kill"},
    {SYS_tgkill, EAGAIN, "tgkill"},
    {SYS_getrandom, EAGAIN, "getrandom"},
    {SYS_sysinfo, ENOSYS, "sysinfo"},
    {SYS_rt_sigaction, EINVAL, "rt_sigaction"},
    {KEY_CREATE, EAGAIN, "pthread_key_create"},
    {REGISTER_ATFORK, ENOMEM, "pthread_atfork"},
};

static int *counter; /* shared by all processes */
static long fails_at = -1, fails_from = -1;
static const char *log_path;

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
  log_path = setting("FAULT_LOG");
  long descriptor = path ? call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC, 0, 0, 0) : -1;
  static int none;
  counter = &none;
  if (descriptor < 0) return;
  long memory = call(SYS_mmap, 0, 64, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  call(SYS_close, descriptor, 0, 0, 0, 0, 0);
  if (memory > 0) counter = (int *)memory;
}

static void note(int number, const char *name) {
  char line[64];
  int length = snprintf(line, sizeof line, "%d %s\n", number, name);
  long log =
      call(SYS_openat, AT_FDCWD, (long)log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600, 0, 0);
  if (log < 0) return;
  call(SYS_write, log, (long)line, length, 0, 0, 0);
  call(SYS_close, log, 0, 0, 0, 0, 0);
}

/* The error with which this call is to fail; 0: none. */
static int fault(long number) {
  const struct fallible *found = NULL;
  for (size_t i = 0; !found && i < sizeof call_table / sizeof *call_table; i++)
    if (call_table[i].number == number) found = &call_table[i];
  if (!found) return 0;
  if (!counter) start();
  int now = __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
  int fails = now == fails_at || (fails_from > 0 && now >= fails_from);
  if (fails || fails_at == 0) note(now, found->name);
  return fails ? found->error : 0;
}

long syscall(long number, ...) {
  va_list arguments;
  long words[6];
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) words[i] = va_arg(arguments, long);
  va_end(arguments);
  int error = fault(number);
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
  int error = fault(KEY_CREATE);
  return error ? error : next(key, destroy);
}

int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library) {
  int (*next)(void (*)(void), void (*)(void), void (*)(void), void *) =
      (int (*)(void (*)(void), void (*)(void), void (*)(void), void *))dlsym(RTLD_NEXT, "__register_atfork");
  int error = fault(REGISTER_ATFORK);
  return error ? error : next(prepare, parent, child, library);
}
