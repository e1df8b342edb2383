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

#include "base/test_point.h"

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

/* One of the two rings. */
struct ring {
  struct ration_segment_event *slots;
  uint64_t count;
  uint64_t *next; /* ticket */
  uint64_t *lost;
};

static void put(struct segment *segment, struct ring ring, const struct event *event) {
  uint64_t ticket = add_relaxed(ring.next, 1); /* a number of one's own */
  struct ration_segment_event *slot = &ring.slots[ticket % ring.count];
  TEST_POINT("event_ring:ticket");
  if (segment_make_present(segment, slot, sizeof *slot) < 0 || !claim(slot, ticket)) {
    add_relaxed(ring.lost, 1); /* a sum */
    return;
  }
  fence_release(); /* pairs with segment_file_copy, the reader's */
  TEST_POINT("event_ring:claimed");
  write_words(slot, event);
  TEST_POINT("event_ring:written");
  store_release(&slot->sequence, 2 * ticket + 2); /* A, pairs with segment_file_copy */
}

void event_ring_put(struct segment *segment, const struct event *event) {
  struct ration_segment_process *process = segment->process;
  put(segment, (struct ring){segment->events, SEGMENT_EVENTS, &process->events_next, &process->events_lost},
      event);
}

void event_ring_put_sample(struct segment *segment, const struct event *event) {
  struct ration_segment_process *process = segment->process;
  put(segment,
      (struct ring){segment->stream, segment_rows(segment, RATION_TABLE_STREAM), &process->stream_next,
                    &process->stream_lost},
      event);
}
