/*
 * event_ring.c: taking a ticket, claiming its slot, writing it.
 *
 *   here                                    a reader
 *     sequence = 2t + 1    by swap            load sequence (B)
 *     fence                                   copy words
 *     words                                   fence
 *     (A) sequence = 2t + 2                   load sequence again
 * A pairs with B. Where a reader sees a word of a later lap, the fences let it see that lap's sequence, too.
 */
#include "model/event_ring.h"

#include <ration/segment.h>

#define PAGE_EVENTS (SEGMENT_PAGE / sizeof(struct ration_segment_event))
_Static_assert(SEGMENT_EVENTS / PAGE_EVENTS == 64, "one bit for each page of the ring");

/* Two threads may make the same page present: it is the same to the kernel. */
static int is_present(struct segment *segment, uint64_t slot) {
  uint64_t bit = UINT64_C(1) << slot / PAGE_EVENTS;
  if (load_acquire(&segment->event_pages) & bit) return 1; /* pairs with is_present */
  if (segment_make_present(segment, &segment->events[slot], sizeof *segment->events) < 0) return 0;
  uint64_t pages = load_relaxed(&segment->event_pages);              /* only a guess: the swap checks it */
  while (!cas_acq_rel(&segment->event_pages, &pages, pages | bit)) { /* pairs with is_present */
  }
  return 1;
}

/* Words that a reader may copy at any moment: each is stored whole. */
static void write_words(struct ration_segment_event *slot, const struct event *event) {
  store_relaxed(&slot->at, event->at);
  store_relaxed(&slot->what, (uint64_t)event->kind | (uint64_t)event->level << 8 |
                                 (uint64_t)event->old_level << 16 | (uint64_t)event->category << 24 |
                                 (uint64_t)event->budget << 32);
  store_relaxed(&slot->who, (uint64_t)event->thread | (uint64_t)(uint32_t)event->priority << 32);
  store_relaxed(&slot->bytes, event->bytes);
  store_relaxed(&slot->limit, event->limit);
  store_relaxed(&slot->freed, event->freed);
  store_relaxed(&slot->detail, event->detail);
}

static int claim(struct ration_segment_event *slot, uint64_t ticket) {
  uint64_t sequence = load_relaxed(&slot->sequence); /* the swap checks it */
  if (sequence % 2 != 0 || sequence > 2 * ticket) return 0;
  return cas_relaxed(&slot->sequence, &sequence, 2 * ticket + 1); /* the fence orders it before the words */
}

void event_ring_put(struct segment *segment, const struct event *event) {
  uint64_t ticket = add_relaxed(&segment->process->events_next, 1); /* a number of one's own */
  struct ration_segment_event *slot = &segment->events[ticket % SEGMENT_EVENTS];
  if (!is_present(segment, ticket % SEGMENT_EVENTS) || !claim(slot, ticket)) {
    add_relaxed(&segment->process->events_lost, 1); /* a sum */
    return;
  }
  fence_full(); /* pairs with segment_file_copy, the reader's */
  write_words(slot, event);
  store_release(&slot->sequence, 2 * ticket + 2); /* A, pairs with segment_file_copy */
}
