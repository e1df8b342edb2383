/*
 * killed_life.h: the life of a process that comes to every test point of the shim, and a ledger of what it holds, which is
 * in memory that outlives it.
 */
#ifndef RATION_TESTS_TRACK_KILLED_LIFE_H
#define RATION_TESTS_TRACK_KILLED_LIFE_H

#include <stdint.h>
#include <sys/types.h>

#include "model/segment.h"

/* What one process holds, by category, once the operation that it is in has ended. */
struct ledger {
  pid_t pid;
  uint32_t is_ready; /* its segment is there */
  uint32_t is_libc;  /* its blocks are glibc's: else it does not come to all test points */
  uint64_t bytes[RATION_CATEGORY_IDS];
  uint64_t blocks[RATION_CATEGORY_IDS];
  uint64_t sampled_bytes[RATION_CATEGORY_IDS];
  uint64_t moving_bytes; /* the most by which that operation changes them */
  uint32_t is_moving;
};

#define KILLED_TIGHT (UINT64_C(256) << 10) /* budget of `tight`, which refuses */

/* The parent's, and that of the child that it forks. */
struct ledgers {
  struct ledger of_parent, of_child;
};

/* Two of its categories, which have the same in each point of the timeline. */
#define KILLED_NEAR "near"
#define KILLED_FAR  "far"

/* Where a process comes to `point` for the (1 + survived)th time. */
struct death {
  const char *point;
  const char *heap;
  unsigned survived;
};

/* Lives in `folder` until it ends, or is killed. */
_Noreturn void killed_live(struct ledgers *ledgers, const char *folder, struct death death);

#endif
