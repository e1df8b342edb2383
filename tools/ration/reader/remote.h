/*
 * remote.h: bytes of another process's memory, by process_vm_readv(2), which stops nobody.
 *
 * To read a page that was never touched gives the process one, which some kernels count as resident (Linux 6.18 does): where
 * such may be, what is there is looked up first, in /proc/PID/pagemap.
 */
#ifndef RATION_TOOL_READER_REMOTE_H
#define RATION_TOOL_READER_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All `count` bytes. Returns 0; -EPERM: may not be read; -ESRCH: no such process; -EFAULT: not all are there. */
int remote_read(uint32_t pid, uint64_t address, void *ret_bytes, size_t count);

/* The same, at most REMOTE_SPARSE_MOST, of what may never have been touched: that is zero, and stays as it is. */
#define REMOTE_SPARSE_MOST ((size_t)64 << 10)
int remote_read_sparse(uint32_t pid, uint64_t address, void *ret_bytes, size_t count);

/* Is anything in the page of this address, in memory or swapped out? True where that cannot be told. */
bool remote_has(uint32_t pid, uint64_t address);

#endif
