/*
 * happening.c: see happening.h.
 *
 * Categories are noted in the order of their ids, each by whoever raises the number of those that have been.
 */
#include "track/happening.h"

#include <errno.h>

#include "base/atomics.h"
#include "os/clock.h"
#include "os/process.h"
#include "track/process.h"

static uint32_t noted_categories = RATION_CATEGORY_OTHER;

void happening_note(struct event event) {
  int kept_errno = errno;
  if (!event.at) event.at = clock_ns();
  if (!event.thread) event.thread = thread_segment_id();
  if (!event.thread) event.thread = process_thread_id();
  event_ring_put(&segment, &event);
  errno = kept_errno;
}

void happening_note_thread(uint8_t kind, uint32_t slab) {
  const struct ration_segment_slab_head *head = &segment.slabs[slab].u.head;
  happening_note((struct event){.kind = kind,
                                .thread = load_relaxed(&head->owner), /* the caller's own, as its name */
                                .limit = load_relaxed(&head->name[0]),
                                .freed = load_relaxed(&head->name[1]),
                                .detail = slab});
}

void happening_begin_categories(uint32_t last) {
  store_relaxed(&noted_categories, last); /* one thread opens the segment */
}

void happening_note_categories(void) {
  uint32_t last = load_relaxed(&noted_categories); /* the swap checks it */
  while (segment_category(&segment, last + 1)) {
    if (!cas_relaxed(&noted_categories, &last, last + 1)) continue; /* a number: the row is published */
    last++;
    happening_note((struct event){.kind = RATION_EVENT_CATEGORY, .category = (uint8_t)last});
  }
}
