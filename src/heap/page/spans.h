/*
 * spans.h: which slots are free: a binary buddy system over the region (Knowlton, "A fast storage allocator",
 * Communications of the ACM 8, 1965).
 *
 * A span is 2^order slots, and begins at a multiple of its own size; so it has every alignment up to that. Address space
 * that is rounded up costs nothing until it is touched, and lets a block grow where it is. What is managed doubles
 * whenever no span is large enough: then the upper half is one free span.
 *
 * Memory. Of a span only what is used is open (openings.h). A free span remembers how many slots from its start may hold what
 * was written, is `dirty`, until they go back to the system: after the decay, at once by spans_purge, or when it has no more
 * for a new span. A span that is not dirty is zero.
 *
 * One lock, of this file alone: held for some dozen instructions and a madvise, by spans_tend and spans_purge for one each
 * dirty span, and never while anything else is called.
 * Nobody waits for it for ever: who cannot have it, as its holder was stopped, or the caller is a handler of a signal that
 * came to the holder, does without: takes are refused, and what is given back waits on a stack for the next holder.
 */
#ifndef RATION_HEAP_PAGE_SPANS_H
#define RATION_HEAP_PAGE_SPANS_H

#include "heap/page/region.h"

/* Did this come to be so, by a clock of ms that wraps, so long ago? AGE_ANY: whenever it was. */
#define AGE_ANY UINT64_MAX
static inline int is_older(uint32_t since_ms, uint64_t now_ms, uint64_t age_ms) {
  int32_t age = (int32_t)((uint32_t)now_ms - since_ms);
  return age_ms == AGE_ANY || (age >= 0 && (uint32_t)age >= age_ms);
}

#define SPANS_ORDER_MOST 22 /* REGION_BYTES_MOST */

struct span_figures {
  uint64_t managed, free, dirty; /* bytes; of free ones, those that may be in memory */
  uint64_t purged;               /* bytes that went back to the system, so far */
  uint64_t refused;              /* takes */
};

/* Once, after region_prepare. */
void spans_prepare(void);

/* How long a span stays dirty, in milliseconds; 0: goes back to the system at once. */
void spans_set_decay(uint64_t ms);
uint64_t spans_decay_ms(void);

/* A span, of which the row of the first slot is kept as zero or as it was but for its span; NULL: none. *ret_dirty: so many
   bytes from its start may not be zero. */
struct heap_page *spans_take(uint32_t order, uint64_t *ret_dirty);

/* The same, of which only so many slots can be touched, and then some more. Returns 0; -ENOMEM; -EAGAIN: not now. */
struct heap_page *spans_take_part(uint32_t order, uint32_t slots, uint64_t *ret_dirty);
int spans_open(const struct heap_page *span, uint32_t slots);

/* A span that somebody has becomes one of a higher order, where what it takes for that is free. 0: it is not, and the span as
   it was. *ret_dirty: so many bytes from its start may not be zero, but for what it had; 0: none. */
int spans_may_extend(struct heap_page *span, uint32_t order, uint64_t *ret_dirty);

/* What a span that somebody has holds from one byte on goes back; it is zero from the other one on. Returns 0 or -errno: some
   of it stays. Both are multiples of the system's page. */
int spans_empty(const struct heap_page *span, uint64_t from, uint64_t to);

/* Whose first so many bytes may not be zero. The rows of parts are nobody's already. */
void spans_give(struct heap_page *span, uint64_t dirty_bytes);

/* Gives the system back what has been dirty for longer than the decay; all: whatever is dirty. Yields bytes. */
uint64_t spans_tend(uint64_t now_ms);
uint64_t spans_purge(void);

/* Gives back the address space that was never used, once no more is to be taken. */
void spans_shrink(void);

struct span_figures spans_figures(void);

/* Slots that are managed: each span up to there begins where the one before it ends; the first at slot 1. */
uint32_t spans_managed(void);

/* Round fork. In a child of which `before` could not be called, or had no luck, no span is handed out any more where another
   thread was at them. */
void spans_before_fork(void);
void spans_after_fork(int is_child);

/* For checks, at rest: free spans do not overlap, buddies are joined, the figures are right. */
int spans_are_valid(void);

#endif
