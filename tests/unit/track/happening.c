/*
 * happening.c: tests of src/track/happening.c.
 */
#include "track/happening.h"

#include <errno.h>

#include "os/clock.h"
#include "os/process.h"
#include "track/tracked.h"

static uint64_t seen; /* tickets before this one */

static const struct ration_segment_event *next_event(void) {
  cr_assert_lt(seen, segment.process->events_next);
  return &segment.events[seen++];
}

static void start(void) {
  tracked_start();
  seen = segment.process->events_next;
}

Test(happening, has_its_moment_and_its_thread) {
  start();
  uint64_t before = clock_ns();
  happening_note((struct event){.kind = RATION_EVENT_FORK, .detail = 12});
  const struct ration_segment_event *event = next_event();
  cr_expect_eq(event->what, RATION_EVENT_FORK);
  cr_expect_eq(event->detail, 12);
  cr_expect_eq(event->who, process_thread_id(), "it has no slab");
  cr_expect(event->at >= before && event->at <= clock_ns());
  happening_note((struct event){.kind = RATION_EVENT_FORK, .at = 5, .thread = 7});
  event = next_event();
  cr_expect_eq(event->at, 5);
  cr_expect_eq(event->who, 7);
}

Test(happening, is_a_category_once) {
  start();
  happening_note_categories();
  cr_expect_eq(seen, segment.process->events_next, "total and other are always there");
  uint32_t a = tracked_category("a/b"), b = tracked_category("c");
  happening_note_categories();
  happening_note_categories();
  for (uint32_t id = a - 1; id <= b; id++)
    cr_expect_eq(next_event()->what, RATION_EVENT_CATEGORY | (uint64_t)id << 24, "a, a/b and c");
  cr_expect_eq(seen, segment.process->events_next);
}

Test(happening, of_a_module_is_its_category, .init = start) {
  tracked_free(tracked_malloc(1));
  cr_expect_eq(next_event()->what, RATION_EVENT_THREAD_START);
  cr_expect_eq(next_event()->what & 0xff, RATION_EVENT_CATEGORY, "bin");
  uint64_t own = next_event()->what;
  cr_expect_eq(own, RATION_EVENT_CATEGORY | (uint64_t)tracked_own() << 24);
}

static int no_memory(void *memory, size_t bytes) {
  errno = ENOMEM;
  return memory && bytes ? -ENOMEM : 0;
}

Test(happening, keeps_errno, .init = start) {
  segment.make_present = no_memory;
  errno = 77;
  for (int i = 0; i < 100; i++) happening_note((struct event){.kind = RATION_EVENT_FORK});
  cr_expect_eq(errno, 77);
  cr_expect_gt(segment.process->events_lost, 0);
}
