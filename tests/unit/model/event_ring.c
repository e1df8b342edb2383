/*
 * event_ring.c: tests of src/model/event_ring.c: tickets, laps, slots that are taken, and readers who are lapped.
 */
#include "model/event_ring.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "model/fresh_segment.h"

/* As ration/segment.h says it is to be read. Returns whether the copy is whole. */
static int read_slot(const struct segment *segment, uint64_t slot, struct ration_segment_event *ret_event) {
  const struct ration_segment_event *from = &segment->events[slot];
  struct ration_segment_event copy = {.sequence =
                                          load_acquire(&from->sequence)}; /* pairs with event_ring_put */
  copy.at = load_relaxed(&from->at);
  copy.what = load_relaxed(&from->what);
  copy.who = load_relaxed(&from->who);
  copy.bytes = load_relaxed(&from->bytes);
  copy.limit = load_relaxed(&from->limit);
  copy.freed = load_relaxed(&from->freed);
  copy.detail = load_relaxed(&from->detail);
  fence_full(); /* pairs with event_ring_put */
  *ret_event = copy;
  return copy.sequence && copy.sequence % 2 == 0 && load_relaxed(&from->sequence) == copy.sequence;
}

Test(event_ring, keeps_every_field) {
  struct segment segment = fresh_segment(2);
  struct event event = {.at = 1,
                        .kind = RATION_EVENT_HANDLER,
                        .level = 4,
                        .old_level = 3,
                        .category = 252,
                        .budget = 251,
                        .thread = UINT32_MAX,
                        .priority = INT32_MIN,
                        .bytes = UINT64_MAX,
                        .limit = 5,
                        .freed = 6,
                        .detail = 7};
  struct ration_segment_event found;
  event_ring_put(&segment, &event);
  cr_assert(read_slot(&segment, 0, &found));
  cr_expect_eq(found.sequence, 2);
  cr_expect_eq(found.at, 1);
  cr_expect_eq(found.what, UINT64_C(0xfbfc030404), "%lx", (unsigned long)found.what);
  cr_expect_eq(found.who, UINT64_C(0x80000000ffffffff), "%lx", (unsigned long)found.who);
  cr_expect_eq(found.bytes, UINT64_MAX);
  cr_expect(found.limit == 5 && found.freed == 6 && found.detail == 7);
  cr_expect_eq(segment.process->events_next, 1);
  cr_expect_eq(segment.process->events_lost, 0);
}

Test(event_ring, overwrites_the_oldest) {
  struct segment segment = fresh_segment(2);
  struct ration_segment_event found;
  for (uint64_t i = 0; i < 3 * SEGMENT_EVENTS + 5; i++) event_ring_put(&segment, &(struct event){.at = i});
  for (uint64_t slot = 0; slot < SEGMENT_EVENTS; slot++) {
    uint64_t ticket = slot + (slot < 5 ? 3 : 2) * (uint64_t)SEGMENT_EVENTS;
    cr_assert(read_slot(&segment, slot, &found));
    cr_assert_eq(found.sequence, 2 * ticket + 2);
    cr_assert_eq(found.at, ticket);
  }
  cr_expect_eq(segment.process->events_lost, 0);
}

Test(event_ring, leaves_a_slot_that_is_taken_to_who_has_it) {
  struct segment segment = fresh_segment(2);
  struct ration_segment_event found;
  segment.events[0].sequence = 1; /* a writer that stopped in its middle */
  event_ring_put(&segment, &(struct event){.at = 1});
  cr_expect_eq(segment.events[0].sequence, 1);
  cr_expect_eq(segment.process->events_lost, 1);
  segment.events[1].sequence = 2 * (1 + SEGMENT_EVENTS) + 2; /* of a later lap: ours comes too late */
  segment.events[1].at = 99;
  event_ring_put(&segment, &(struct event){.at = 2});
  cr_expect_eq(segment.events[1].at, 99);
  cr_expect_eq(segment.process->events_lost, 2);
  event_ring_put(&segment, &(struct event){.at = 3});
  cr_expect(read_slot(&segment, 2, &found));
  cr_expect_eq(found.at, 3);
}

static int no_memory(void *memory, size_t bytes) {
  return memory && bytes ? -ENOMEM : 0;
}

Test(event_ring, counts_what_it_has_no_page_for) {
  struct segment segment = fresh_segment(2);
  segment.make_present = no_memory;
  event_ring_put(&segment, &(struct event){.at = 1});
  cr_expect_eq(segment.process->events_lost, 1);
  cr_expect_eq(segment.events[0].sequence, 0);
  segment.make_present = NULL;
  event_ring_put(&segment, &(struct event){.at = 2});
  cr_expect_eq(segment.process->events_lost, 1);
  cr_expect_eq(segment.events[1].at, 2);
}

#define WRITERS 4
#define ROUNDS  60000 /* at least, and until the reader has seen as many slots */

static struct segment shared;
static uint64_t seen;
static uint64_t written;
static uint32_t writers_left;

/* Every word of an event tells the others. */
static void *write_many(void *start) {
  uint64_t i = 0;
  for (; i < ROUNDS || load_relaxed(&seen) < ROUNDS; i++) {
    uint64_t value = (uint64_t)(uintptr_t)start << 32 | i;
    event_ring_put(&shared, &(struct event){.at = value,
                                            .bytes = value,
                                            .limit = value,
                                            .freed = value,
                                            .detail = value,
                                            .thread = (uint32_t)i,
                                            .priority = (int32_t)(uintptr_t)start});
  }
  add_relaxed(&written, i);
  add_relaxed(&writers_left, UINT32_MAX);
  return NULL;
}

static int is_torn(const struct ration_segment_event *event) {
  return event->bytes != event->at || event->limit != event->at || event->freed != event->at ||
         event->detail != event->at || event->who != ((event->at >> 32) << 32 | (event->at & UINT32_MAX));
}

/* A ring as small as a reader's attention: it is lapped all the time. */
Test(event_ring, gives_readers_no_torn_slot, .timeout = 120) {
  pthread_t threads[WRITERS];
  struct ration_segment_event found;
  uint64_t torn = 0, sequences[8] = {0};
  shared = fresh_segment(2);
  writers_left = WRITERS;
  for (uintptr_t i = 0; i < WRITERS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, write_many, (void *)(i + 1)), 0);
  do {
    for (uint64_t slot = 0; slot < 8; slot++) {
      if (!read_slot(&shared, slot, &found)) continue;
      add_owned(&seen, 1);
      torn += is_torn(&found) || (found.sequence / 2 - 1) % SEGMENT_EVENTS != slot;
      torn += found.sequence < sequences[slot];
      sequences[slot] = found.sequence;
    }
  } while (load_relaxed(&writers_left));
  for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(torn, 0, "%lu of %lu", (unsigned long)torn, (unsigned long)seen);
  cr_expect_eq(shared.process->events_next, written);
  for (uint64_t slot = 0; slot < SEGMENT_EVENTS; slot++) {
    cr_assert(read_slot(&shared, slot, &found) && !is_torn(&found), "slot %lu", (unsigned long)slot);
    /* Whoever was held up in its slot kept later ones out of it, and those were counted. */
    int is_late = found.sequence + 4 * SEGMENT_EVENTS < 2 * written;
    cr_assert(!is_late || shared.process->events_lost > 0, "slot %lu", (unsigned long)slot);
  }
}
