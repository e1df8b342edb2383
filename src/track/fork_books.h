/*
 * fork_books.h: what a forked child's books start from.
 *
 * A child has a copy of its parent's heap, and needs the books as they stood at that moment; but the segment
 * is shared, and the parent goes on writing it. So the forking thread sums the books into private memory,
 * which fork copies: exact where no other thread has counted anything since, which the child can see, as it
 * still has the parent's segment, nor the thread itself, as a handler of fork may have that was there before ours; else
 * what was moved by then is the bound of its error. After a raw clone, where no handler ran, the child counts its blocks
 * anew, from its copy of the tag map.
 */
#ifndef RATION_TRACK_FORK_BOOKS_H
#define RATION_TRACK_FORK_BOOKS_H

#include "model/segment.h"

/* The handlers of fork(2). In-malloc rules hold: no allocation, no lock. */
void fork_books_prepare(void);
void fork_books_parent(void);
void fork_books_child(void);

/*
 * Opens the child's books in its fresh segment, with its parent's categories under their ids. Returns 0, or
 * -ENOMEM: there is no room for all of them, and the segment is of no use.
 */
int fork_books_open(struct segment *child, const struct segment *parents);

#endif
