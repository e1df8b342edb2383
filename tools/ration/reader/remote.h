/*
 * remote.h: bytes of another process's memory, by process_vm_readv(2), which stops nobody.
 */
#ifndef RATION_TOOL_READER_REMOTE_H
#define RATION_TOOL_READER_REMOTE_H

#include <stddef.h>
#include <stdint.h>

/* All `count` bytes. Returns 0; -EPERM: may not be read; -ESRCH: no such process; -EFAULT: not all are there. */
int remote_read(uint32_t pid, uint64_t address, void *ret_bytes, size_t count);

#endif
