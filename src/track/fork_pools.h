/*
 * fork_pools.h: the object pools of a forked child: those of its parent, as they were told of before the fork.
 */
#ifndef RATION_TRACK_FORK_POOLS_H
#define RATION_TRACK_FORK_POOLS_H

#include "model/segment.h"

/* Before fork, and after it in the parent. */
void fork_pools_prepare(void);
void fork_pools_parent(void);

/* In a child, whose categories are there. Where nothing was noted, as its parent's table has them now. */
void fork_pools_open(struct segment *child, const struct segment *parents);

#endif
