/*
 * limits.h: how much memory the machine and the process's cgroup have, and how they stand.
 *
 * Of the cgroup hierarchy (cgroups(7)), version 2 and version 1, the tightest limit on the way from the process's group
 * to the root that can be seen. Each call opens, reads and closes files of /proc and /sys/fs/cgroup; in-malloc.
 */
#ifndef RATION_OS_LIMITS_H
#define RATION_OS_LIMITS_H

#include <stdint.h>

/* Bytes of memory; 0: not to be known, or, of the cgroup, no limit. */
uint64_t limits_ram(void);
uint64_t limits_cgroup(void);

struct limits_cgroup {
  uint64_t current; /* memory.current, of v1 memory.usage_in_bytes */
  uint64_t high;    /* memory.high, of v1 memory.soft_limit_in_bytes; 0: none */
  uint64_t limit;   /* memory.max, of v1 memory.limit_in_bytes; 0: none */
};

/* The group on the way up that is nearest to its limit. Returns 0; -ENOENT: no cgroup that counts memory. */
int limits_read_cgroup(struct limits_cgroup *ret_cgroup);

/* avg10 of memory's PSI, in hundredths of a percent: of the cgroup where it has it, else of the machine. */
struct limits_stalls {
  uint32_t some;
  uint32_t full;
};
int limits_read_stalls(struct limits_stalls *ret_stalls);

/* The same below another root than "" (for tests): files are read at ROOT/proc/self/cgroup and so on. */
void limits_set_root(const char *root);

#endif
