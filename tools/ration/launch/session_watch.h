/*
 * session_watch.h: the segments of one session: found as they are made, read and removed as their processes end.
 *
 * inotify tells of new segments, a pidfd of each owner's end. A process that exec'd has several images: the
 * earlier ones are read and removed as the next appears. Where descriptors run out, owners are looked up in
 * /proc instead; where inotify's queue overflows, the folders are searched. What belongs to others is left
 * alone.
 */
#ifndef RATION_TOOL_LAUNCH_SESSION_WATCH_H
#define RATION_TOOL_LAUNCH_SESSION_WATCH_H

#include "reader/process.h"

struct session_watch;

/*
 * Told of each process that has ended, and, by session_watch_finish(), of those that have not; of each image once.
 * The last image of a process is the one that it ended in; of the earlier ones it is told as they are
 * replaced.
 */
typedef void (*session_watch_visitor)(const struct process *process, bool is_last_image, void *context);

/* Watches for the session of this process. Returns 0 or -errno. */
int session_watch_new(uint64_t own_start, session_watch_visitor visit, void *context,
                      struct session_watch **ret_watch);
void session_watch_free(struct session_watch *watch);

/* Does what there is to do until `descriptor` can be read. Returns 0 or -errno. */
int session_watch_until(struct session_watch *watch, int descriptor);

/* Takes up what happened meanwhile, searches the folders once more, and visits those that still run. */
void session_watch_finish(struct session_watch *watch);

#endif
