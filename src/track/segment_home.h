/*
 * segment_home.h: where this process's segment lives: its name, its folder, its beginning and its end.
 */
#ifndef RATION_TRACK_SEGMENT_HOME_H
#define RATION_TRACK_SEGMENT_HOME_H

#include "model/segment.h"
#include "model/settings.h"
#include "os/process.h"

/*
 * Notes what the environment says of folders and session, once: the program may change its environment later,
 * and its forked children's segments belong where its own is.
 */
void segment_home_prepare(void);

/*
 * Makes a segment with at most `slabs` slabs: in the first folder that takes it, else a memfd, else private
 * memory that no reader sees. Fills in the header but for magic; an earlier image of the same process (exec)
 * is marked as replaced, or removed where nobody will read it. Returns 0 or -ENOMEM.
 */
int segment_home_open(const struct process_identity *identity, const struct settings *settings,
                      uint32_t slabs, struct segment *ret_segment);

/* Gives up the file of a segment that was just opened, for private memory. Returns 0 or -ENOMEM. */
int segment_home_retreat(const struct process_identity *identity, const struct settings *settings,
                         uint32_t slabs, struct segment *ret_segment);

/* Drops the parent's segment, which this forked child has inherited as a mapping. */
void segment_home_leave_parents(const struct segment *parents);

/* A normal exit: marks it, and removes the file unless it is kept or a `ration run` that lives will read it.
 */
void segment_home_close(struct segment *segment);

/* The path of the segment; "" where it has none. */
const char *segment_home_path(void);

/*
 * Is this process a child, rather than the root of its tree? A child is one that has an ancestor with a
 * segment or, under `ration run`, one whose parent is not that `ration run`. For `follow=none`.
 */
int segment_home_is_child(const struct process_identity *identity);

#endif
