/*
 * Tests of subject/history.c: the events of a recorded process are all there, though the ring had long lost the first; and
 * it is replayed for them only where it has.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "recording/made.h"
#include "subject/subject.h"

static struct fake_segment segment;
static struct recording_writer *writer;
static struct subject subject;
static struct fault fault;

static void set_up(void) {
  made_set_up();
  writer = made_begin();
}

static void tear_down(void) {
  subject_close(&subject);
  made_tear_down();
}

/* A segment without events. */
static void begin(void) {
  made_fill(&segment, 100, 0, 0);
  memset(segment.events, 0, sizeof segment.events);
  segment.process.events_next = segment.process.events_lost = 0;
}

static void add_another(void) {
  static struct fake_segment another;
  made_fill(&another, 200, 0, 1);
  made_add(writer, &another);
}

static void moment(uint64_t seconds) {
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + seconds * FAKE_SECOND), 0);
}

static const struct process *open_it(void) {
  cr_assert_eq(recording_close(writer), 0);
  writer = NULL;
  cr_assert_eq(subject_open(made_path, &subject, &fault), 0, "%s", fault.words);
  return subject.processes[0];
}

#define EVENTS 500 /* the ring has 8 slots */

static void put_event(uint64_t ticket) {
  segment.events[ticket % FAKE_EVENTS] = (struct ration_segment_event){
      .sequence = 2 * ticket + 2, .what = RATION_EVENT_MARK, .at = FAKE_STARTED_AT + ticket};
  segment.process.events_next = ticket + 1;
}

Test(history, events_are_those_of_the_whole_recording, .init = set_up, .fini = tear_down) {
  static struct fake_segment before;
  struct event_list events;
  begin();
  made_add(writer, &segment);
  add_another();
  begin();
  for (uint64_t ticket = 0; ticket < EVENTS; ticket += 5) {
    before = segment;
    for (uint64_t i = 0; i < 5; i++) put_event(ticket + i);
    recording_patch(writer, 0, 0, &before, &segment, sizeof segment);
    moment(ticket);
  }
  const struct process *process = open_it();
  cr_assert_eq(subject_events(process, &events, &fault), 0, "%s", fault.words);
  cr_expect_eq(events.count, EVENTS);
  cr_expect_eq(events.lost, 0);
  cr_expect_eq(events.overwritten, 0);
  for (size_t i = 0; i < events.count; i++) cr_assert_eq(events.event[i].ticket, i);
  cr_expect_eq(events.modules.count, FAKE_MODULES);
  event_list_free(&events);
}

/* So that a thousand processes do not take a thousand replays. */
Test(history, events_that_the_ring_still_has_take_no_replay, .init = set_up, .fini = tear_down) {
  struct event_list events;
  begin();
  for (uint64_t ticket = 0; ticket < FAKE_EVENTS; ticket++) put_event(ticket);
  made_add(writer, &segment);
  moment(1);
  const struct process *process = open_it();
  cr_assert_eq(unlink(made_path), 0);
  cr_assert_eq(subject_events(process, &events, &fault), 0, "%s", fault.words);
  cr_expect_eq(events.count, FAKE_EVENTS);
  cr_expect_eq(events.overwritten, 0);
  cr_expect_eq(events.modules.count, FAKE_MODULES);
  event_list_free(&events);
}

/* Its image is one that nothing has been written of. */
Test(history, one_that_has_become_another_meanwhile_is_refused, .init = set_up, .fini = tear_down) {
  struct event_list events;
  struct place_name name = {.pid = 100, .start_ticks = 1};
  uint32_t image;
  begin();
  segment.process.events_next = 100;
  made_add(writer, &segment);
  moment(1);
  const struct process *process = open_it();
  for (uint64_t bytes = 4096; bytes <= 4097; bytes++) {
    writer = made_begin();
    cr_assert_eq(recording_add_image(writer, &name, bytes, &image), 0);
    moment(1);
    cr_assert_eq(recording_close(writer), 0);
    writer = NULL;
    cr_expect_eq(subject_events(process, &events, &fault), -EBADMSG);
    cr_expect_not_null(strstr(fault.words, "become another recording"), "%s", fault.words);
  }
}

/* Ten at once are more than the ring has room for. */
Test(history, events_that_no_moment_saw_are_counted, .init = set_up, .fini = tear_down) {
  static struct fake_segment before;
  struct event_list events, of_ring;
  begin();
  made_add(writer, &segment);
  moment(0);
  before = segment;
  for (uint64_t ticket = 0; ticket < FAKE_EVENTS + 2; ticket++) put_event(ticket);
  recording_patch(writer, 0, 0, &before, &segment, sizeof segment);
  moment(1);
  const struct process *process = open_it();
  cr_assert_eq(subject_events(process, &events, &fault), 0, "%s", fault.words);
  cr_assert_eq(event_list_read_path(process->path, true, &of_ring, &fault), 0);
  cr_expect_eq(events.count, FAKE_EVENTS);
  cr_expect_eq(events.overwritten, 2);
  cr_expect_eq(of_ring.overwritten, 2);
  event_list_free(&events);
  event_list_free(&of_ring);
}
