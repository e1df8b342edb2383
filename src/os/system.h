/*
 * system.h: system calls, as the kernel has them: 0 or more, else -errno. They go past libc's own functions
 * of these names, which the program or another preloaded library may have put something in front of, which
 * allocate or are cancellation points. errno is left as syscall(2) sets it: callers in malloc restore it.
 */
#ifndef RATION_OS_SYSTEM_H
#define RATION_OS_SYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Every argument travels as a long: syscall(2) is variadic, and an int would leave the upper half of its word to
 * chance.
 */
#define SYSTEM(name, ...) system_result(SYSTEM_CALL(SYS_##name, __VA_ARGS__, 0, 0, 0, 0, 0))
#define SYSTEM_CALL(number, a, b, c, d, e, f, ...)                                                           \
  syscall((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline long system_result(long result) {
  return result == -1 ? -errno : result;
}

static inline int system_open(const char *path, int flags, int mode) {
  return (int)SYSTEM(openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

static inline void system_close(int descriptor) {
  SYSTEM(close, descriptor);
}

/* Reads what a small file of /proc holds from an offset on, NUL-terminated. Returns the bytes read, or -errno. */
static inline long system_read_file_from(const char *path, uint64_t offset, char *ret_bytes, size_t room) {
  int descriptor = (int)SYSTEM(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor < 0) return descriptor;
  long bytes = SYSTEM(pread64, descriptor, ret_bytes, room - 1, offset);
  system_close(descriptor);
  if (bytes >= 0) ret_bytes[bytes] = '\0';
  return bytes;
}

static inline long system_read_file(const char *path, char *ret_bytes, size_t room) {
  return system_read_file_from(path, 0, ret_bytes, room);
}

#endif
