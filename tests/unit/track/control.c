/*
 * Tests of track/control.c: requests from outside, good and hostile.
 */
#include "track/control.h"

#include <pthread.h>
#include <string.h>

#include "track/heartbeat.h"
#include "track/tracked.h"

static void ask(const char *text) {
  uint64_t writing = segment.control->asked | 1;
  segment.control->asked = writing;
  strcpy(segment.control->text, text);
  segment.control->asked = writing + 1;
}

static void check_answer(uint32_t result, const char *why) {
  cr_assert_eq(segment.control->answered, segment.control->asked);
  cr_assert_eq(segment.control->result, result);
  cr_assert_str_eq(segment.control->why, why);
}

Test(control, takes_a_request_up_at_a_heartbeat, .init = tracked_start) {
  void *block = tracked_malloc(100);
  ask("memory=1");
  tracked_beat_next();
  tracked_free(tracked_malloc(100));
  check_answer(RATION_ANSWER_TAKEN, "");
  cr_assert_eq(settings.memory, 1);
  cr_assert_eq(segment.process->memory, 1);
  ask("memory=0");
  tracked_free(tracked_malloc(100));
  cr_assert_eq(settings.memory, 1, "not before the next");
  tracked_beat_next();
  tracked_free(block);
  tracked_free(tracked_malloc(100));
  check_answer(RATION_ANSWER_TAKEN, "");
  cr_assert_eq(segment.process->memory, 0);
}

Test(control, takes_a_request_up_where_the_program_polls, .init = tracked_start) {
  cr_assert_not(control_is_asked());
  ask("memory=1");
  cr_assert(control_is_asked());
  heartbeat_when_polled();
  check_answer(RATION_ANSWER_TAKEN, "");
  cr_assert_eq(settings.memory, 1);
  cr_assert_not(control_is_asked());
}

Test(control, refuses_all_where_part_is_wrong, .init = tracked_start) {
  ask("memory=1,memory=2");
  control_take_up();
  check_answer(RATION_ANSWER_REFUSED, "memory=2: 0 or 1 expected");
  ask("memory=1,keep=1");
  control_take_up();
  check_answer(RATION_ANSWER_REFUSED, "keep=1: cannot be changed while the program runs");
  cr_assert_eq(settings.memory, 0);
  cr_assert_eq(settings.keep, 0);
}

Test(control, survives_a_text_without_an_end, .init = tracked_start) {
  memset(segment.control->text, 'x', sizeof segment.control->text);
  memset(segment.control->why, 'y', sizeof segment.control->why);
  segment.control->asked = 2;
  control_take_up();
  cr_assert_eq(segment.control->answered, 2);
  cr_assert_eq(segment.control->result, RATION_ANSWER_REFUSED);
  cr_assert(memchr(segment.control->why, 0, sizeof segment.control->why));
}

/* A writer has begun, and may have died. */
Test(control, leaves_alone_what_is_being_written, .init = tracked_start) {
  strcpy(segment.control->text, "memory=1");
  segment.control->asked = 1;
  control_take_up();
  cr_assert_eq(segment.control->answered, 0);
  cr_assert_eq(settings.memory, 0);
  ask("memory=1");
  control_take_up();
  check_answer(RATION_ANSWER_TAKEN, "");
  cr_assert_eq(segment.control->asked, 2);
}

static void *write_on(void *is_done) {
  for (int i = 0; i < 20000; i++) {
    uint64_t writing = load_relaxed(&segment.control->asked) | 1;
    const char *text = i % 2 ? "memory=0,memory=0,memory=0,memory=0" : "memory=1";
    store_relaxed(&segment.control->asked, writing);
    fence_full();
    for (size_t at = 0; at <= strlen(text); at++) store_relaxed(&segment.control->text[at], text[at]);
    store_release(&segment.control->asked, writing + 1);
  }
  store_relaxed((int *)is_done, 1);
  return NULL;
}

/* Half of one request and half of another would be refused. */
Test(control, takes_up_whole_requests_alone, .init = tracked_start) {
  static int is_done;
  pthread_t writer;
  cr_assert_eq(pthread_create(&writer, NULL, write_on, &is_done), 0);
  while (!load_relaxed(&is_done)) {
    control_take_up();
    cr_assert_neq(segment.control->result, RATION_ANSWER_REFUSED, "%s", segment.control->why);
  }
  pthread_join(writer, NULL);
  control_take_up();
  check_answer(RATION_ANSWER_TAKEN, "");
  cr_assert_eq(settings.memory, 0);
}
