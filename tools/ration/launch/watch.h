/*
 * watch.h: the segments of one session: found as they are made, read and removed as their processes end.
 *
 * inotify tells of new segments, a pidfd of each owner's end. A process that exec'd has several images: the
 * earlier ones are read and removed as the next appears. Where descriptors run out, owners are looked up in
 * /proc instead; where inotify's queue overflows, the folders are searched. What belongs to others is left
 * alone.
 */
#ifndef RATION_TOOL_LAUNCH_WATCH_H
#define RATION_TOOL_LAUNCH_WATCH_H

#include "reader/process.h"

struct watch;

/*
 * Told of each process that has ended, and, by watch_finish(), of those that have not; of each image once.
 * The last image of a process is the one that it ended in; of the earlier ones it is told as they are
 * replaced.
 */
typedef void (*watch_visitor)(const struct process *process, bool is_last_image, void *context);

/* Watches for the session of this process. Returns 0 or -errno. */
int watch_new(uint64_t own_start, watch_visitor visit, void *context, struct watch **ret_watch);
void watch_free(struct watch *watch);

/* Does what there is to do until `descriptor` can be read. Returns 0 or -errno. */
int watch_until(struct watch *watch, int descriptor);

/* Takes up what happened meanwhile, searches the folders once more, and visits those that still run. */
void watch_finish(struct watch *watch);

#endif
