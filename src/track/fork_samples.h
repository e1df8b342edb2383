/*
 * fork_samples.h: the samples of a forked child. Its blocks are copies of its parent's, and so are their tags; what its
 * parent's table says of them afterwards is no more about them. So they are noted before the fork, in memory that is
 * copied, too.
 */
#ifndef RATION_TRACK_FORK_SAMPLES_H
#define RATION_TRACK_FORK_SAMPLES_H

#include "model/segment.h"

/* Before fork, and after it in the parent: takes time in proportion to the samples that live. */
void fork_samples_prepare(void);
void fork_samples_parent(void);

/*
 * In a child, whose categories are there: its modules, sites and samples. `is_exact`: no other thread of the parent has
 * allocated or freed since they were noted; else every tag is looked at, and a block whose sample is not known becomes
 * one of the category `other`.
 */
void fork_samples_open(struct segment *child, const struct segment *parents, int is_exact);

#endif
