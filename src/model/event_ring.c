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

#include "base/compiler.h"
#include "base/test_point.h"

/* What a slot holds beside its sequence. */
struct words {
  uint64_t at;
  uint64_t what;
  uint64_t who;
  uint64_t bytes;
  uint64_t limit;
  uint64_t freed;
  uint64_t detail;
};

/* A reader may copy them at any moment: each is stored whole. */
static inline void write_words(struct ration_segment_event *slot, struct words words) {
  store_relaxed(&slot->at, words.at);
  store_relaxed(&slot->what, words.what);
  store_relaxed(&slot->who, words.who);
  store_relaxed(&slot->bytes, words.bytes);
  store_relaxed(&slot->limit, words.limit);
  store_relaxed(&slot->freed, words.freed);
  store_relaxed(&slot->detail, words.detail);
}

static inline int claim(struct ration_segment_event *slot, uint64_t ticket) {
  uint64_t sequence = load_relaxed(&slot->sequence); /* the swap checks it */
  if (sequence % 2 != 0 || sequence > 2 * ticket) return 0;
  return cas_acq_rel(&slot->sequence, &sequence, 2 * ticket + 1); /* pairs with put, of the lap before */
}

/* One of the two rings. */
struct ring {
  struct ration_segment_event *slots;
  uint64_t mask;  /* slots - 1 */
  uint64_t *next; /* ticket */
  uint64_t *lost;
};

/* Inlined: whoever is a sample writes two of them. The slot after the next is sent for, since nobody has had it lately. */
ALWAYS_INLINE void put(struct segment *segment, struct ring ring, struct words words) {
  uint64_t ticket = add_relaxed(ring.next, 1); /* a number of one's own */
  struct ration_segment_event *slot = &ring.slots[ticket & ring.mask];
  TEST_POINT("event_ring:ticket");
  __builtin_prefetch(&ring.slots[(ticket + 2) & ring.mask], 1);
  if (segment_make_row_present(segment, slot, sizeof *slot) < 0 || !claim(slot, ticket)) {
    add_relaxed(ring.lost, 1); /* a sum */
    return;
  }
  fence_release(); /* pairs with segment_file_copy, the reader's */
  TEST_POINT("event_ring:claimed");
  write_words(slot, words);
  TEST_POINT("event_ring:written");
  store_release(&slot->sequence, 2 * ticket + 2); /* A, pairs with segment_file_copy */
}

void event_ring_put(struct segment *segment, const struct event *event) {
  struct ration_segment_process *process = segment->process;
  put(segment,
      (struct ring){segment->events, SEGMENT_EVENTS - 1, &process->events_next, &process->events_lost},
      (struct words){.at = event->at,
                     .what = (uint64_t)event->kind | (uint64_t)event->level << 8 |
                             (uint64_t)event->old_level << 16 | (uint64_t)event->category << 24 |
                             (uint64_t)event->budget << 32,
                     .who = (uint64_t)event->thread | (uint64_t)(uint32_t)event->priority << 32,
                     .bytes = event->bytes,
                     .limit = event->limit,
                     .freed = event->freed,
                     .detail = event->detail});
}

void event_ring_put_sample(struct segment *segment, const struct sample_event *event) {
  struct ration_segment_process *process = segment->process;
  put(segment,
      (struct ring){segment->stream, segment->stream_mask, &process->stream_next, &process->stream_lost},
      (struct words){.at = event->at,
                     .what = (uint64_t)event->kind | (uint64_t)event->category << 24,
                     .who = event->thread,
                     .bytes = event->usable,
                     .limit = event->weight_or_lived,
                     .freed = event->address,
                     .detail = event->site});
}
