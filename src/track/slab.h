/*
 * slab.h: which thread owns which slab.
 *
 * Slabs that were handed back wait on a stack; a new one is taken only when that is empty. A slab passes on
 * with its counts in place. A thread that finds none shares slab 0.
 */
#ifndef RATION_TRACK_SLAB_H
#define RATION_TRACK_SLAB_H

#include "track/thread.h"

/*
 * The calling thread owns a slab. As a by-product its record is up to date with the modules that are loaded,
 * and gets the fast path back if a dlclose has taken it away.
 */
int slab_is_ready(void);

/* The calling thread owns a slab, now or after this call. 0: it must share slab 0. */
int slab_ready(void);

/*
 * The same for a thread whose first operation is a free. Such a thread may be at its very end, past the
 * moment in which it could hand a slab back; so it gets one only after some frees, which tell a consumer.
 */
int slab_ready_for_free(void);

/* What the slab has counted since the beginning, over all categories. */
struct slab_counts {
  uint64_t allocations, frees, allocated_bytes;
};
struct slab_counts slab_counts(uint32_t slab);

/*
 * The calling thread ends (os/thread_end.h): its credit goes to the books, its slab to the next owner, its
 * scopes' memory to the system. What it still allocates and frees is counted in slab 0.
 */
void slab_thread_ended(void);

/* A new segment: no slab is owned, the stack is empty. */
void slab_forget_all(void);

#endif
