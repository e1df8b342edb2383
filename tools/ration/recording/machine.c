/*
 * machine.c: see machine.h.
 */
#include "recording/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/hash.h"

uint64_t machine_boot(void) {
  char text[64];
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t count = read(fd, text, sizeof text);
  close(fd);
  return count > 0 ? hash_bytes(text, (size_t)count) : 0;
}
