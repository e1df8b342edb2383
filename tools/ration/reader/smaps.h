/*
 * smaps.h: the mappings of a process, and how much of each is resident: /proc/PID/smaps and pagemap.
 *
 * Reading smaps takes the process's mmap lock: it costs the process something, so it is done at most once a second,
 * and only under `memory=1`.
 */
#ifndef RATION_TOOL_READER_SMAPS_H
#define RATION_TOOL_READER_SMAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum mapping_kind {
  MAPPING_ANONYMOUS,
  MAPPING_HEAP,  /* what brk(2) has grown */
  MAPPING_STACK, /* the main thread's */
  MAPPING_FILE,  /* also the kernel's own pages */
  MAPPING_SHIM,  /* libration.so, and segments */
};

struct mapping {
  uint64_t start;
  uint64_t end;
  uint64_t resident_bytes;
  enum mapping_kind kind;
  uint64_t
      module; /* where the module starts whose data this follows without a gap: .bss, for a start; 0: none */
  bool is_after_shim; /* and that module is the shim */
};

struct smaps {
  struct mapping *mappings; /* by address */
  size_t count;
};

/* Returns 0; -EACCES or -EPERM: not ours to see; -ESRCH or -ENOENT: no such process; or another -errno. */
int smaps_read(uint32_t pid, struct smaps *ret_smaps);

/* The same from an open file; apart for the sake of its tests. -EBADMSG: not understood. */
int smaps_parse(FILE *from, struct smaps *ret_smaps);

void smaps_free(struct smaps *smaps);

/* One word a page of /proc/PID/pagemap. */
#define PAGEMAP_IS_PRESENT   (UINT64_C(1) << 63)
#define PAGEMAP_IS_SWAPPED   (UINT64_C(1) << 62)
#define PAGEMAP_IS_EXCLUSIVE (UINT64_C(1) << 56)

/* A descriptor of it, or -errno. */
int pagemap_open(uint32_t pid);

#endif
