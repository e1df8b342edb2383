/*
 * segment_home.h: where this process's segment lives: its file, its beginning and its end.
 */
#ifndef RATION_TRACK_SEGMENT_HOME_H
#define RATION_TRACK_SEGMENT_HOME_H

#include "model/segment.h"
#include "model/settings.h"
#include "os/process.h"

/*
 * Makes a segment with at most `slabs` slabs: in the first folder of the session that takes it, else a memfd, else
 * private memory that no reader sees. Fills in the header but for magic; an earlier image of the same process
 * (exec) is marked as replaced, or removed where nobody will read it. Returns 0 or -ENOMEM.
 */
int segment_home_open(const struct process_identity *identity, const struct settings *settings,
                      uint32_t slabs, struct segment *ret_segment);

/* Gives up the file of a segment that was just opened, for private memory. Returns 0 or -ENOMEM. */
int segment_home_retreat(const struct process_identity *identity, const struct settings *settings,
                         uint32_t slabs, struct segment *ret_segment);

/* In a forked child: what it writes into its parent's segment stays its own. Returns 0 or -errno. */
int segment_home_part(void);

/*
 * To be called before a forked child opens its own, and after. Of the parent's segment, which it has inherited as
 * a mapping, the categories stay: the program may hold their names.
 */
void segment_home_move_out(void);
void segment_home_leave_parents(const struct segment *parents);

/* At the start of an image: what earlier processes left goes, within bounds (sweep.h). */
void segment_home_sweep(const struct process_identity *identity);

/*
 * A normal exit: marks it, and removes the file unless it is kept, or the process belongs to a session, whose
 * `ration run` removes it. At most one system call: the program may have shut itself into a sandbox.
 */
void segment_home_close(struct segment *segment);

/* The path of the segment; "" where it has none. */
const char *segment_home_path(void);

#endif
