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

#include "reader/places.h"
#include "reader/process.h"

struct session_watch;

/*
 * Told of each process that has ended, and, by session_watch_finish(), of those that have not; of each image once.
 * The last image of a process is the one that it ended in; of the earlier ones it is told as they are
 * replaced.
 */
typedef void (*session_watch_visitor)(const struct process *process, bool is_last_image, void *context);

/* Watches for the session of this process. `visit` may be NULL. Returns 0 or -errno. */
int session_watch_new(uint64_t own_start, session_watch_visitor visit, void *context,
                      struct session_watch **ret_watch);
void session_watch_free(struct session_watch *watch);

/*
 * Who wants to see segments while they live. It is told of each as its file appears, before anybody knows whose it is;
 * and once more when its image is over (another one follows, or the process has ended), or when the watch finishes, before
 * the watch itself reads and removes it; this may also be one that it was not told of. Figures of resident memory are its
 * own business then.
 */
struct session_follower {
  void (*appear)(const struct place *place, void *context);
  void (*end)(const struct place *place, bool is_last_image, void *context);
  uint64_t (*tick)(uint64_t now,
                   void *context); /* returns when it is to be called next: CLOCK_MONOTONIC, as `now` */
  bool
      is_guest; /* the session is another's: what was there before counts, and nothing is visited or removed */
  bool is_done; /* a guest's: it wants nothing more, and nobody is to wait for it */
  void *context;
};

/* `follower` must live as long as the watch. A guest is told of what is there at once. */
void session_watch_follow(struct session_watch *watch, const struct session_follower *follower);

/* Does what there is to do until `descriptor` can be read, or a guest is done. Returns 0 or -errno. */
int session_watch_until(struct session_watch *watch, int descriptor);

/* Takes up what happened meanwhile, searches the folders once more, and visits those that still run. */
void session_watch_finish(struct session_watch *watch);

#endif
