/*
 * A preload that stands in front of much of libc, and allocates in each function of it, as such libraries do that keep a log or
 * redirect paths. A shim that calls these by name has its own requests, and may wait for itself.
 *
 * link: -shared -fPIC
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static void use_heap(void) {
  char *text = strdup("a line for the log");
  if (text) text = realloc(text, 1000);
  free(text);
}

char *getenv(const char *name) {
  size_t length = strlen(name);
  use_heap();
  for (char **entry = environ; entry && *entry; entry++)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  return NULL;
}

char *secure_getenv(const char *name) {
  return getenv(name);
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = va_arg(arguments, int);
  va_end(arguments);
  use_heap();
  return (int)syscall(SYS_openat, -100, path, flags, mode);
}

int close(int descriptor) {
  use_heap();
  return (int)syscall(SYS_close, descriptor);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  use_heap();
  return syscall(SYS_read, descriptor, bytes, count);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  use_heap();
  return syscall(SYS_write, descriptor, bytes, count);
}

void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset) {
  use_heap();
  return (void *)syscall(SYS_mmap, address, bytes, protection, flags, descriptor, offset);
}

int munmap(void *address, size_t bytes) {
  use_heap();
  return (int)syscall(SYS_munmap, address, bytes);
}

int ftruncate(int descriptor, off_t bytes) {
  use_heap();
  return (int)syscall(SYS_ftruncate, descriptor, bytes);
}

pid_t getpid(void) {
  use_heap();
  return (pid_t)syscall(SYS_getpid);
}

int sigaction(int number, const struct sigaction *action, struct sigaction *ret_action) {
  use_heap();
  int (*next)(int, const void *, void *) = (int (*)(int, const void *, void *))dlsym(RTLD_NEXT, "sigaction");
  return next(number, action, ret_action);
}
