/*
 * sweep.h: removing what dead processes left, so that nobody's /dev/shm fills up.
 */
#ifndef RATION_TRACK_SWEEP_H
#define RATION_TRACK_SWEEP_H

#include "os/process.h"

/* Of a program whose children end by _exit, which leaves their segments, one child in so many sweeps: each takes more away. */
#define SWEEP_EACH 4

/*
 * At a start, and in some forked children: of the segments in `folder` whose owner is gone, of this user and this pid
 * namespace, those beyond the 64 newest are removed, at most 8; never one with `keep`, nor one whose `ration run` may still
 * live. Where there are very many, each start looks at some of them.
 */
void sweep(const char *folder, const struct process_identity *identity);

#endif
