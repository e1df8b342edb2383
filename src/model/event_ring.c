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
#include <stddef.h>

#include "base/test_point.h"

static inline int claim(struct ration_segment_event *slot, uint64_t ticket) {
  uint64_t sequence = load_relaxed(&slot->sequence); /* the swap checks it */
  if (sequence % 2 != 0 || sequence > 2 * ticket) return 0;
  return cas_acq_rel(&slot->sequence, &sequence, 2 * ticket + 1); /* pairs with finish, of the lap before */
}

/* One of the two rings. */
struct ring {
  struct ration_segment_event *slots;
  uint64_t mask;  /* slots - 1 */
  uint64_t *next; /* ticket */
  uint64_t *lost;
};

/* A slot to be written: a reader may copy it at any moment, so each word is stored whole. NULL: the event is lost. */
static inline struct ration_segment_event *begin(struct segment *segment, struct ring ring,
                                                 uint64_t *ret_ticket) {
  uint64_t ticket = *ret_ticket = add_relaxed(ring.next, 1); /* a number of one's own */
  struct ration_segment_event *slot = &ring.slots[ticket & ring.mask];
  TEST_POINT("event_ring:ticket");
  __builtin_prefetch(&ring.slots[(ticket + 2) & ring.mask], 1); /* nobody has had it lately */
  if (segment_make_row_present(segment, slot, sizeof *slot) < 0 || !claim(slot, ticket)) {
    add_relaxed(ring.lost, 1); /* a sum */
    return NULL;
  }
  fence_release(); /* pairs with segment_file_copy, the reader's */
  TEST_POINT("event_ring:claimed");
  return slot;
}

/* A, pairs with segment_file_copy, event_slots_copy, claim (of the next lap). */
static inline void finish(struct ration_segment_event *slot, uint64_t ticket) {
  TEST_POINT("event_ring:written");
  store_release(&slot->sequence, 2 * ticket + 2); /* A, pairs with segment_file_copy */
}

void event_ring_put(struct segment *segment, const struct event *event) {
  struct ration_segment_process *process = segment->process;
  struct ring ring = {segment->events, SEGMENT_EVENTS - 1, &process->events_next, &process->events_lost};
  uint64_t ticket;
  struct ration_segment_event *slot = begin(segment, ring, &ticket);
  if (!slot) return;
  store_relaxed(&slot->at, event->at);
  store_relaxed(&slot->what, (uint64_t)event->kind | (uint64_t)event->level << 8 |
                                 (uint64_t)event->old_level << 16 | (uint64_t)event->category << 24 |
                                 (uint64_t)event->budget << 32);
  store_relaxed(&slot->who, (uint64_t)event->thread | (uint64_t)(uint32_t)event->priority << 32);
  store_relaxed(&slot->bytes, event->bytes);
  store_relaxed(&slot->limit, event->limit);
  store_relaxed(&slot->freed, event->freed);
  store_relaxed(&slot->detail, event->detail);
  finish(slot, ticket);
}

void event_ring_put_sample(struct segment *segment, const struct sample_event *event) {
  struct ration_segment_process *process = segment->process;
  struct ring ring = {segment->stream, segment->stream_mask, &process->stream_next, &process->stream_lost};
  uint64_t ticket;
  struct ration_segment_event *slot = begin(segment, ring, &ticket);
  if (!slot) return;
  store_relaxed(&slot->at, event->at);
  store_relaxed(&slot->what, (uint64_t)event->kind | (uint64_t)event->category << 24);
  store_relaxed(&slot->who, event->thread);
  store_relaxed(&slot->bytes, event->usable);
  store_relaxed(&slot->limit, event->weight_or_lived);
  store_relaxed(&slot->freed, event->address);
  store_relaxed(&slot->detail, event->site);
  finish(slot, ticket);
}
