/*
 * event_ring_stress.c: 16 writers and 4 readers on one ring, by way of a file, as a program and the command have it.
 *
 * Every event that is read is whole, and every ticket is read or reported as missed, by every reader.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/test_point.h"
#include "model/event_ring_file.h"

#define WRITERS 16
#define READERS 4
#define SECONDS 2
#define LONG    60 /* seconds, with scripts/check --long */
#define WRITER_BITS                                                                                          \
  40 /* `at` of an event: how many the writer has put before, and above these bits, who it is */

typedef void put_function(struct segment *segment, const struct event *event);

static struct segment segment;
static struct segment_file file;
static put_function *put;
static uint32_t must_end; /* writers */
static uint32_t is_rest;  /* nobody writes any more */

struct writer {
  pthread_t thread;
  uint64_t number;
  uint64_t puts;
};

struct reader {
  pthread_t thread;
  struct event_cursor cursor;
  int pause_us;       /* between two readings */
  int is_interrupted; /* is put away between two readings, and taken up again by another file */
  uint64_t torn;
  uint64_t astray; /* an event twice, or not in its order */
  uint64_t incomplete;
  uint64_t failed;
  uint64_t least[WRITERS]; /* of what is to come from each */
};

static void pause_for(int microseconds) {
  nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000L}, NULL);
}

/* Now and then a writer is held where it is, while others go round. */
static void hold(const char *point) {
  static _Thread_local uint64_t times;
  if (point && hash_word(times++ ^ (uintptr_t)&times) % 4096 == 0) pause_for(1000);
}

static void put_sample(struct segment *to, const struct event *event) {
  struct sample_event sample = event_ring_sample(event->at);
  event_ring_put_sample(to, &sample);
}

static void *write_events(void *context) {
  struct writer *writer = context;
  while (!load_relaxed(&must_end)) {
    struct event event = event_ring_event(writer->number << WRITER_BITS | writer->puts);
    put(&segment, &event);
    writer->puts++;
    if (writer->puts % 64 == 0) sched_yield();
  }
  return NULL;
}

static void check_event(struct reader *reader, const struct event_facts *event) {
  uint64_t writer = event->at >> WRITER_BITS, number = event->at & ((UINT64_C(1) << WRITER_BITS) - 1);
  if (writer >= WRITERS || !event_ring_is_intact(event)) {
    reader->torn++;
    return;
  }
  if (number < reader->least[writer]) reader->astray++;
  reader->least[writer] = number + 1;
}

static void read_events(struct reader *reader) {
  struct event_batch batch;
  struct fault fault;
  struct event_cursor before = reader->cursor, cursor = before;
  struct segment_file again = file;
  if (reader->is_interrupted) again.fd = dup(file.fd);
  if (event_cursor_read(&cursor, &again, &batch, &fault) < 0) {
    reader->failed++;
    return;
  }
  for (size_t i = 0; i < batch.count; i++) check_event(reader, &batch.event[i]);
  if (!event_ring_is_complete(&batch, before.next, cursor.next)) reader->incomplete++;
  event_batch_free(&batch);
  if (reader->is_interrupted) close(again.fd);
  reader->cursor = cursor;
}

static void *follow(void *context) {
  struct reader *reader = context;
  uint32_t is_last;
  do {
    is_last = load_acquire(&is_rest); /* pairs with run */
    if (is_last) reader->cursor.patience_ns = 0;
    read_events(reader);
    if (reader->pause_us) pause_for(reader->pause_us);
  } while (!is_last);
  return NULL;
}

static void check_reader(const struct reader *reader, uint64_t taken, uint64_t lost) {
  const struct event_cursor *cursor = &reader->cursor;
  cr_expect_eq(reader->torn, 0, "%lu", (unsigned long)reader->torn);
  cr_expect_eq(reader->astray, 0, "%lu", (unsigned long)reader->astray);
  cr_expect_eq(reader->incomplete, 0, "%lu", (unsigned long)reader->incomplete);
  cr_expect_eq(reader->failed, 0, "%lu", (unsigned long)reader->failed);
  cr_expect_eq(cursor->delivered + cursor->missed, taken, "%lu + %lu of %lu",
               (unsigned long)cursor->delivered, (unsigned long)cursor->missed, (unsigned long)taken);
  cr_expect(event_cursor_is_valid(cursor));
  cr_expect_eq(cursor->lost, lost);
  cr_expect_gt(cursor->delivered, 0);
}

static void run(uint32_t table, put_function *by) {
  struct writer writers[WRITERS] = {{.number = 0}};
  struct reader readers[READERS] = {
      {.pause_us = 0}, {.pause_us = 300}, {.pause_us = 5000}, {.pause_us = 100}};
  const char *is_long = getenv("RATION_LONG");
  uint64_t written = 0;
  readers[1].is_interrupted = 1;
  file = event_ring_file(&segment);
  put = by;
  test_point_hook = hold;
  for (size_t i = 0; i < READERS; i++) readers[i].cursor = event_cursor_at_start(table);
  readers[3].cursor.patience_ns = 0;
  for (size_t i = 0; i < READERS; i++)
    cr_assert_eq(pthread_create(&readers[i].thread, NULL, follow, &readers[i]), 0);
  for (size_t i = 0; i < WRITERS; i++) {
    writers[i].number = i;
    cr_assert_eq(pthread_create(&writers[i].thread, NULL, write_events, &writers[i]), 0);
  }
  nanosleep(&(struct timespec){.tv_sec = is_long ? LONG : SECONDS}, NULL);
  store_relaxed(&must_end, 1);
  for (size_t i = 0; i < WRITERS; i++) {
    pthread_join(writers[i].thread, NULL);
    written += writers[i].puts;
  }
  store_release(&is_rest, 1); /* pairs with follow */
  for (size_t i = 0; i < READERS; i++) pthread_join(readers[i].thread, NULL);

  const struct ration_segment_process *process = segment.process;
  bool is_stream = table == RATION_TABLE_STREAM;
  cr_assert_eq(is_stream ? process->stream_next : process->events_next, written);
  for (size_t i = 0; i < READERS; i++)
    check_reader(&readers[i], written, is_stream ? process->stream_lost : process->events_lost);
}

Test(event_ring_stress, of_events, .timeout = 300) {
  run(RATION_TABLE_EVENTS, event_ring_put);
}

Test(event_ring_stress, of_samples, .timeout = 300) {
  run(RATION_TABLE_STREAM, put_sample);
}
