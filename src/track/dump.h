/*
 * dump.h: copies of the segment, for `ration report FILE`: what one wants to have after the process was killed.
 *
 * A copy lies beside the segment, under its name with `.dump.K` behind it, K from 1; at most 100 in the life of a
 * process. In-malloc: a file is made, filled and closed; no allocation.
 */
#ifndef RATION_TRACK_DUMP_H
#define RATION_TRACK_DUMP_H

#include <stddef.h>
#include <stdint.h>

#include "track/charging.h"

/* Where the category's property `dump` says so: at a breach; at a new peak, or a growth. */
void dump_at_breach(uint32_t category);
void dump_at_growth(uint32_t category);

/* Now. */
void dump_once(void);

/* To a file of that name, which is not there yet; its path goes to ret_path. Returns 0 or -errno: no file is left. */
int dump_write(const char *folder, const char *name, char *ret_path, size_t room);

/*
 * policy=abort: a copy, a line that names it, SIGABRT. Returns in a handler of that signal, and to threads for which such
 * a handler waits: they are refused.
 */
void dump_and_abort(struct demand demand, uint32_t budget);

#endif
