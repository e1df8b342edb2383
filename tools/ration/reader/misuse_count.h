/*
 * misuse_count.h: of what the page heap has noticed of misuse, how much the ring of events still tells of.
 *
 * The books count all of it; an event alone says where. Whoever shows the one can so say whether there is the other.
 */
#ifndef RATION_TOOL_READER_MISUSE_COUNT_H
#define RATION_TOOL_READER_MISUSE_COUNT_H

#include "reader/layout.h"

struct misuse_count {
  uint64_t events[RATION_MISUSE_OVERRUN + 1]; /* by RATION_MISUSE_* */
};

/*
 * All zero where there is no ring, or one that cannot be: who reads its events says so. Returns 0 or the -errno of
 * event_slots_copy().
 */
int misuse_count_read(const struct segment_file *file, const struct layout *layout,
                      struct misuse_count *ret_count);

#endif
