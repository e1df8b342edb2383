/*
 * kept.h: what is kept of each process from one scrape to the next, so that it need not be looked for again.
 */
#ifndef RATION_TOOL_SERVE_KEPT_H
#define RATION_TOOL_SERVE_KEPT_H

#include "reader/process.h"

/* One process: of this image. */
struct kept;

/* All of them; all zero: none. */
struct kept_book {
  struct kept *first;
};

/* What is kept of this one, nothing at first. NULL: no memory for that. */
struct kept *kept_find(struct kept_book *book, const struct place_name *name);

/* For process_read_books(). */
struct process_kept *kept_process(struct kept *kept);

/*
 * Puts into the snapshot how fast its categories grow, of each its own bytes alone: as it was when that was last taken, but a
 * thirtieth of a window ago, or a few, within which it does not change by much. Returns 0, or what growth_read() returns.
 */
int kept_put_growth(struct kept *kept, struct process *process, struct fault *ret_fault);

/* Forgets those that nobody has found since this was done last. */
void kept_drop_unfound(struct kept_book *book);

void kept_free(struct kept_book *book);

#endif
