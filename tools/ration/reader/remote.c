/*
 * remote.c: one call.
 */
#include "reader/remote.h"

#include <errno.h>
#include <sys/uio.h>

int remote_read(uint32_t pid, uint64_t address, void *ret_bytes, size_t count) {
  struct iovec local = {.iov_base = ret_bytes, .iov_len = count};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
  ssize_t got = process_vm_readv((pid_t)pid, &local, 1, &remote, 1, 0);
  if (got == (ssize_t)count) return 0;
  return got < 0 ? -errno : -EFAULT;
}
