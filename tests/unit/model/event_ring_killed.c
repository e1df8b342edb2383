/*
 * event_ring_killed.c: writers that are killed in the middle of an event: at a test point, not by luck.
 *
 * A ticket that nobody claimed costs itself. A slot that was claimed costs its event, and one of each further lap.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/test_point.h"
#include "model/event_ring_file.h"

#define KILLED  16 /* processes */
#define WRITERS 4  /* threads that go on */
#define ROUNDS  (UINT64_C(3) * SEGMENT_EVENTS)

static struct segment segment;
static struct segment_file file;
static struct event_cursor cursor;
static struct event_batch batch;
static const char *deadly;   /* the test point */
static uint64_t puts_before; /* that a writer survives */

static void put_many(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    struct event event = event_ring_event(i);
    event_ring_put(&segment, &event);
  }
}

static void die_there(const char *point) {
  if (strcmp(point, deadly) == 0 && puts_before-- == 0) kill(getpid(), SIGKILL);
}

/* A process that is killed where it comes to this test point for the last time. */
static pid_t start_writer(const char *point, uint64_t survived) {
  pid_t child = fork();
  cr_assert(child >= 0);
  if (child > 0) return child;
  deadly = point;
  puts_before = survived;
  test_point_hook = die_there;
  put_many(UINT64_MAX);
  _exit(1);
}

static void check_killed(pid_t child) {
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %#x", (unsigned)status);
}

static void set_up(void) {
  file = event_ring_file(&segment);
  cursor = event_cursor_at_start(RATION_TABLE_EVENTS);
}

static void read_batch(void) {
  struct fault fault;
  uint64_t before = cursor.next;
  event_batch_free(&batch);
  cr_assert_eq(event_cursor_read(&cursor, &file, &batch, &fault), 0, "%s", fault.words);
  cr_assert(event_ring_is_complete(&batch, before, cursor.next) && event_cursor_is_valid(&cursor));
  for (size_t i = 0; i < batch.count; i++) cr_assert(event_ring_is_intact(&batch.event[i]));
}

/* Ten events, one that never comes, and five more. */
static void check_wait(const char *point) {
  set_up();
  put_many(10);
  check_killed(start_writer(point, 0));
  read_batch();
  cr_assert(batch.count == 10 && cursor.next == 10 && cursor.missed == 0);
  put_many(5);
  read_batch();
  cr_assert(batch.count == 0 && batch.gap_count == 0, "it may still come");
  cursor.marked_at_ns -= EVENT_CURSOR_PATIENCE; /* as if so much time had passed */
  read_batch();
  cr_assert(batch.count == 5 && cursor.next == 16);
  cr_assert(batch.gap_count == 1 && batch.gap[0].first == 10 && batch.gap[0].last == 10);
}

/* A reader that keeps up gets all the rest of further laps. */
static void check_laps(uint64_t lost) {
  uint64_t delivered = cursor.delivered;
  cursor.patience_ns = 0;
  for (int quarter = 0; quarter < 12; quarter++) {
    put_many(SEGMENT_EVENTS / 4);
    read_batch();
    for (size_t i = 0; i < batch.gap_count; i++) {
      cr_assert_eq(batch.gap[i].first % SEGMENT_EVENTS, 10);
      cr_assert_eq(batch.gap[i].last, batch.gap[i].first);
    }
  }
  cr_assert_eq(cursor.delivered - delivered, ROUNDS - lost);
  cr_assert_eq(cursor.missed, 1 + lost);
  cr_assert_eq(cursor.lost, lost);
  cr_assert_eq(segment.process->events_lost, lost);
  cr_assert_eq(segment.process->events_next, 16 + ROUNDS);
}

Test(event_ring_killed, before_the_claim_costs_one_event) {
  check_wait("event_ring:ticket");
  cr_assert_eq(segment.events[10].sequence, 0);
  check_laps(0);
}

Test(event_ring_killed, after_the_claim_costs_one_event_a_lap) {
  check_wait("event_ring:claimed");
  cr_assert_eq(segment.events[10].sequence, 2 * 10 + 1);
  cr_assert_eq(segment.events[10].at, 0);
  check_laps(3);
}

Test(event_ring_killed, before_the_last_store_costs_one_event_a_lap) {
  check_wait("event_ring:written");
  cr_assert_eq(segment.events[10].sequence, 2 * 10 + 1);
  cr_assert_eq(segment.events[10].bytes, event_ring_event(0).bytes);
  check_laps(3);
}

static void *write_rounds(void *context) {
  put_many(ROUNDS);
  return context;
}

/* Sixteen at once, each in a slot of its own: a slot in which one died takes no other. */
Test(event_ring_killed, wedge_nobody, .timeout = 120) {
  static const char *const points[] = {"event_ring:claimed", "event_ring:written"};
  pid_t killed[KILLED];
  pthread_t threads[WRITERS];
  set_up();
  for (uint64_t i = 0; i < KILLED; i++) killed[i] = start_writer(points[i % 2], 300 * i);
  for (size_t i = 0; i < KILLED; i++) check_killed(killed[i]);
  read_batch();
  for (size_t i = 0; i < WRITERS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, write_rounds, NULL), 0);
  for (int i = 0; i < 20; i++) read_batch();
  for (size_t i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
  cursor.patience_ns = 0;
  read_batch();

  const struct ration_segment_process *process = segment.process;
  uint64_t dead_slots = 0;
  for (size_t i = 0; i < SEGMENT_EVENTS; i++) dead_slots += segment.events[i].sequence % 2;
  cr_assert_eq(dead_slots, KILLED);
  cr_assert_eq(cursor.next, process->events_next);
  cr_assert_eq(cursor.lost, process->events_lost);
  cr_assert_geq(process->events_lost, KILLED * (WRITERS * ROUNDS / SEGMENT_EVENTS));
  cr_assert_geq(cursor.delivered, SEGMENT_EVENTS / 2);
}
