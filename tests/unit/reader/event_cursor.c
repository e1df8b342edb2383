/*
 * Tests of reader/event_cursor.c: what is delivered, what is waited for and how long, what is reported as missed; and
 * rings that cannot be. (How it fares with writers at work: tests/unit/model/event_ring_stress.c.)
 *
 * The ring has 32 slots and has come round: of 45 tickets it holds 11, 13 to 19, 21 to 41 and 44. 42 is just being
 * written, and 12, 20 and 43 were lost. What is not there is waited for while there are at most 4 from it to the newest.
 */
#include "reader/event_cursor.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/fake_segment.h"

#define SLOTS 32

static struct {
  struct fake_segment segment;
  struct ration_segment_event slots[SLOTS];
} fake;
static struct fake_segment *const segment = &fake.segment;
static struct ration_segment_table *const table = &fake.segment.header.tables[FAKE_TABLES + 3];
static struct event_cursor cursor;
static struct event_batch batch;
static struct fault fault;

static void put(uint64_t ticket) {
  fake.slots[ticket % SLOTS] =
      (struct ration_segment_event){.sequence = 2 * ticket + 2, .what = RATION_EVENT_MARK, .at = ticket};
  if (segment->process.events_next <= ticket) segment->process.events_next = ticket + 1;
}

static void set_up(void) {
  fake_segment_fill(segment);
  fake_segment_add_tables(segment);
  fake_segment_add_budgets(segment);
  segment->header.segment_bytes = sizeof fake;
  table->offset = sizeof fake.segment;
  table->rows = SLOTS;
  for (uint64_t ticket = 11; ticket < 45; ticket++) put(ticket);
  put(11);
  fake.slots[20].sequence = 0;
  fake.slots[42 % SLOTS].sequence = 2 * 42 + 1;
  segment->process.events_lost = 3;
  cursor = event_cursor_at_start(RATION_TABLE_EVENTS);
}

static void tear_down(void) {
  event_batch_free(&batch);
}

static int read_segment(void) {
  event_batch_free(&batch);
  struct segment_file file = fake_segment_file(&fake, sizeof fake);
  int error = event_cursor_read(&cursor, &file, &batch, &fault);
  segment_file_close(&file);
  return error;
}

/* First and last of stretches, ended by UINT64_MAX. */
#define THESE(...) ((const uint64_t[]){__VA_ARGS__, UINT64_MAX})
#define NONE       ((const uint64_t[]){UINT64_MAX})

/* What one reading delivers, and reports as missed. */
static void check_reading(const uint64_t events[], const uint64_t gaps[]) {
  size_t i = 0;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  for (; *events != UINT64_MAX; events += 2) {
    for (uint64_t ticket = events[0]; ticket <= events[1]; ticket++, i++) {
      cr_assert(i < batch.count && batch.event[i].ticket == ticket, "event %zu", i);
      cr_assert_eq(batch.event[i].at, ticket);
    }
  }
  cr_assert_eq(batch.count, i, "%zu", batch.count);
  for (i = 0; *gaps != UINT64_MAX; gaps += 2, i++) {
    cr_assert(i < batch.gap_count && batch.gap[i].first == gaps[0] && batch.gap[i].last == gaps[1], "gap %zu",
              i);
  }
  cr_assert_eq(batch.gap_count, i, "%zu", batch.gap_count);
  cr_assert(event_cursor_is_valid(&cursor));
}

static void check_first_reading(void) {
  check_reading(THESE(11, 11, 13, 19, 21, 41), THESE(0, 10, 12, 12, 20, 20));
}

/* As if so much time had passed since the last reading. */
static void let_pass(uint64_t ns) {
  cursor.marked_at_ns -= ns;
}

Test(event_cursor, waits_for_what_is_being_written, .init = set_up, .fini = tear_down) {
  check_first_reading();
  check_reading(NONE, NONE);
  put(42);
  check_reading(THESE(42, 42), NONE);
  put(45);
  check_reading(NONE, NONE);
  put(43);
  check_reading(THESE(43, 45), NONE);
  cr_assert_eq(cursor.next, 46);
  cr_assert_eq(cursor.delivered, 33);
  cr_assert_eq(cursor.missed, 13);
  cr_assert_eq(cursor.lost, 3);
}

Test(event_cursor, waits_no_longer_than_its_patience, .init = set_up, .fini = tear_down) {
  check_first_reading();
  let_pass(EVENT_CURSOR_PATIENCE / 2);
  check_reading(NONE, NONE);
  let_pass(EVENT_CURSOR_PATIENCE / 2);
  put(46);
  check_reading(THESE(44, 44), THESE(42, 43));
  let_pass(EVENT_CURSOR_PATIENCE / 2);
  check_reading(NONE, NONE);
  let_pass(EVENT_CURSOR_PATIENCE / 2);
  check_reading(THESE(46, 46), THESE(45, 45));
  put(45);
  check_reading(NONE, NONE);
}

Test(event_cursor, without_patience_waits_for_nothing, .init = set_up, .fini = tear_down) {
  cursor.patience_ns = 0;
  check_reading(THESE(11, 11, 13, 19, 21, 41, 44, 44), THESE(0, 10, 12, 12, 20, 20, 42, 43));
  segment->process.events_next = 47;
  check_reading(NONE, THESE(45, 46));
  check_reading(NONE, NONE);
}

Test(event_cursor, waits_for_an_eighth_of_a_lap_at_most, .init = set_up, .fini = tear_down) {
  put(45);
  check_reading(THESE(11, 11, 14, 19, 21, 41), THESE(0, 10, 12, 13, 20, 20));
  put(46);
  check_reading(NONE, THESE(42, 42));
  put(47);
  check_reading(THESE(44, 47), THESE(43, 43));
}

Test(event_cursor, does_not_wait_where_a_later_lap_has_come, .init = set_up, .fini = tear_down) {
  fake.slots[42 % SLOTS].sequence = 2 * (42 + SLOTS) + 1;
  fake.slots[43 % SLOTS].sequence = 2 * (43 + SLOTS) + 2;
  check_reading(THESE(13, 19, 21, 41, 44, 44), THESE(0, 12, 20, 20, 42, 43));
}

Test(event_cursor, reports_laps_at_once, .init = set_up, .fini = tear_down) {
  check_first_reading();
  for (uint64_t ticket = 1000; ticket < 1000 + SLOTS; ticket++) put(ticket);
  check_reading(THESE(1000, 1000 + SLOTS - 1), THESE(42, 999));
}

Test(event_cursor, goes_on_from_where_it_was_put_away, .init = set_up, .fini = tear_down) {
  check_first_reading();
  struct event_cursor other = cursor;
  put(42);
  put(43);
  check_reading(THESE(42, 44), NONE);
  cursor = other;
  check_reading(THESE(42, 44), NONE);
  put(45);
  check_reading(THESE(45, 45), NONE);
}

Test(event_cursor, follows_the_stream, .init = set_up, .fini = tear_down) {
  table->kind = RATION_TABLE_STREAM;
  segment->process.stream_next = 42;
  segment->process.stream_lost = 2;
  check_reading(NONE, NONE);
  cursor = event_cursor_at_start(RATION_TABLE_STREAM);
  check_first_reading();
  cr_assert_eq(cursor.lost, 2);
}

Test(event_cursor, of_an_older_segment_has_nothing, .init = set_up, .fini = tear_down) {
  *table = (struct ration_segment_table){.kind = 0};
  check_reading(NONE, NONE);
  fake_segment_fill(segment);
  check_reading(NONE, NONE);
}

/* Levels are of budgets' events alone, and so are 0 in others; a category is needed by most. */
Test(event_cursor, knows_every_kind, .init = set_up, .fini = tear_down) {
  const uint64_t levels = 1 << 8 | 2 << 16, wild = 200 << 8 | 201 << 16, of_total = UINT64_C(1) << 24;
  segment->process.events_next = 6;
  for (uint64_t kind = RATION_EVENT_PRESSURE; kind <= RATION_EVENT_MARK; kind++) {
    bool has_levels = kind <= RATION_EVENT_HANDLER, has_category = kind <= RATION_EVENT_CATEGORY;
    const uint64_t what[6] = {
        kind | levels | of_total, kind | wild | of_total, kind, kind | UINT64_C(253) << 24, 0, 99 | of_total};
    for (uint64_t i = 0; i < 6; i++)
      fake.slots[i] = (struct ration_segment_event){.sequence = 2 * i + 2, .what = what[i]};
    cursor = event_cursor_at_start(RATION_TABLE_EVENTS);
    cr_assert_eq(read_segment(), 0);
    cr_assert_eq(batch.count, (size_t)1 + !has_levels + !has_category, "kind %lu", (unsigned long)kind);
    cr_assert_eq(batch.event[0].level, has_levels ? 1 : 0);
    cr_assert_eq(batch.event[0].old_level, has_levels ? 2 : 0);
    cr_assert_eq(cursor.unknown, 6 - batch.count);
    cr_assert(cursor.missed == 0 && batch.gap_count == 0);
  }
}

Test(event_cursor, believes_no_count, .init = set_up, .fini = tear_down) {
  segment->process.events_next = UINT64_MAX;
  segment->process.events_lost = UINT64_MAX;
  cursor.patience_ns = 0;
  check_reading(THESE(11, 11, 13, 19, 21, 41, 44, 44),
                THESE(0, 10, 12, 12, 20, 20, 42, 43, 45, UINT64_MAX - 1));
  segment->process.events_next = 5;
  check_reading(NONE, NONE);
}

static void check_random_reading(void) {
  uint64_t before = cursor.next, covered = 0;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_leq(batch.count, SLOTS);
  for (size_t i = 0; i < batch.count; i++) {
    cr_assert(batch.event[i].level < RATION_LEVELS && batch.event[i].old_level < RATION_LEVELS);
    cr_assert(batch.event[i].ticket >= before && batch.event[i].ticket < cursor.next);
    cr_assert(i == 0 || batch.event[i].ticket > batch.event[i - 1].ticket);
  }
  for (size_t i = 0; i < batch.gap_count; i++) {
    cr_assert(batch.gap[i].first >= before && batch.gap[i].last >= batch.gap[i].first);
    cr_assert(i == 0 || batch.gap[i].first > batch.gap[i - 1].last);
    covered += batch.gap[i].last - batch.gap[i].first + 1;
  }
  cr_assert(event_cursor_is_valid(&cursor) && before + batch.count + covered <= cursor.next);
}

Test(event_cursor, survives_random_rings, .init = set_up, .fini = tear_down) {
  srand(7);
  for (int round = 0; round < 2000; round++) {
    unsigned char *bytes = (unsigned char *)fake.slots;
    for (int i = 0; i < 8; i++) bytes[(size_t)rand() % sizeof fake.slots] = (unsigned char)rand();
    for (int i = 0; i < 4; i++)
      fake.slots[rand() % SLOTS].sequence = cursor.next * 2 + (uint64_t)(rand() % (4 * SLOTS));
    segment->process.events_next = rand() % 16 ? cursor.next + (uint64_t)(rand() % SLOTS) : (uint64_t)rand();
    if (rand() % 4 == 0) let_pass(EVENT_CURSOR_PATIENCE);
    if (rand() % 64 == 0) cursor = event_cursor_at_start(RATION_TABLE_EVENTS);
    check_random_reading();
  }
}

Test(event_cursor, is_as_it_was_after_a_failure, .init = set_up, .fini = tear_down) {
  struct event_cursor before = cursor;
  struct segment_file file = fake_segment_file(&fake, sizeof fake);
  cr_assert_eq(ftruncate(file.fd, sizeof fake - 64), 0);
  cr_assert_eq(event_cursor_read(&cursor, &file, &batch, &fault), -EBADMSG);
  cr_assert_str_eq(fault.words, "corrupted or shrinking: Numerical result out of range");
  cr_assert_eq(ftruncate(file.fd, offsetof(struct fake_segment, process)), 0);
  cr_assert_eq(event_cursor_read(&cursor, &file, &batch, &fault), -EBADMSG);
  cr_assert_eq(memcmp(&cursor, &before, sizeof cursor), 0);
  cr_assert_eq(batch.count, 0);
  segment_file_close(&file);
  check_first_reading();
}

Test(event_cursor, refuses_a_ring_beyond_all_bounds, .init = set_up) {
  struct segment_file file = fake_segment_file(&fake, sizeof fake);
  file.bytes = UINT64_C(1) << 40;
  cr_assert_eq(ftruncate(file.fd, (off_t)file.bytes), 0);
  segment->header.segment_bytes = file.bytes;
  table->rows = UINT64_C(1) << 30;
  cr_assert_eq(pwrite(file.fd, &segment->header, sizeof segment->header, 0), (ssize_t)sizeof segment->header);
  cr_assert_eq(event_cursor_read(&cursor, &file, &batch, &fault), -EBADMSG);
  cr_assert_str_eq(fault.words, "corrupted: a ring of 1073741824 events; nothing can be read");
  segment_file_close(&file);
}
