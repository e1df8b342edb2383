/*
 * stacks.h: the call stack of the calling thread, as a site of the segment.
 */
#ifndef RATION_TRACK_STACKS_H
#define RATION_TRACK_STACKS_H

#include "model/sites.h"
#include "track/asker.h"
#include "track/thread.h"

/* At start, where memory is plentiful: more stacks are remembered. */
void stacks_prepare(void);

/* Sites of the segment are others' from now on: in a forked child, which has a segment of its own. */
void stacks_forget(void);

/*
 * The site of the stack from the asker outward, for this category; what cannot be found out of the stack is counted.
 * `room` is the calling thread's alone. Returns 0; -ENOSPC: no room for a further site; -EINTR: a signal handler has taken
 * the room meanwhile. In-malloc.
 *
 * Budget, where the stack was met before: some 10 instructions a frame that stands as it did at the thread's last
 * sample, 60 for one that does not, and 100 besides. No lock, no system call; see os/unwind.h for code that was not met
 * before.
 */
int stacks_site(struct asker asker, uint32_t category, struct stack_room *room, struct site_birth birth,
                uint32_t *ret_site);

#endif
