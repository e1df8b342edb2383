/*
 * samples.c: tests of src/model/samples.c.
 */
#include "model/samples.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "base/random.h"
#include "model/fresh_segment.h"
#include "model/sample_rows.h"

static struct segment segment;
static __thread struct sample_shelf shelf; /* where there is none, the shared one is used */
static __thread int has_shelf;

static struct ration_segment_sample sample_at(uint64_t address) {
  return (struct ration_segment_sample){.address = address,
                                        .usable = address % 5000 + 1,
                                        .at = address * 3,
                                        .weight = address * 7,
                                        .position = (uint32_t)address,
                                        .slack = 3,
                                        .site = (uint32_t)(address % 100 + 1),
                                        .thread = 77};
}

static uint64_t stride = 48;

static uint64_t address_of(uint64_t number) {
  return UINT64_C(0x7f0000000000) + number * stride;
}

static struct sample_shelf *own_shelf(void) {
  return has_shelf ? &shelf : &segment.shared_shelf;
}

static int put(uint64_t number) {
  struct ration_segment_sample sample = sample_at(address_of(number));
  return samples_put(&segment, own_shelf(), &sample);
}

static void expect_there(uint64_t number) {
  struct ration_segment_sample found, expected = sample_at(address_of(number));
  cr_assert_eq(samples_find(&segment, address_of(number), &found), 0, "%lu", (unsigned long)number);
  cr_assert_arr_eq((const char *)&found, (const char *)&expected, sizeof found);
}

static void take(uint64_t number) {
  struct ration_segment_sample taken, expected = sample_at(address_of(number));
  cr_assert_eq(samples_take(&segment, own_shelf(), address_of(number), &taken), 0, "%lu",
               (unsigned long)number);
  cr_assert_arr_eq((const char *)&taken, (const char *)&expected, sizeof taken);
}

/* Of the shared shelf, and of those that were passed on; each once. */
static uint64_t free_rows(void) {
  static char is_seen[SEGMENT_SAMPLES_MOST];
  uint64_t count = 0;
  memset(is_seen, 0, sizeof is_seen);
  sample_rows_clear(&segment, &segment.shared_shelf);
  for (uint32_t chain = SHELF_ROW(segment.shelved); chain; chain = segment.samples[chain].site) {
    for (uint32_t row = chain; row; row = segment.samples[row].position) {
      cr_assert(!is_seen[row], "row %u", row);
      cr_assert_eq(segment.samples[row].address, 0);
      is_seen[row] = 1;
      count++;
    }
  }
  return count;
}

static uint64_t visited;
static void count(void *context, const struct ration_segment_sample *sample) {
  cr_assert_eq(context, &visited);
  cr_assert_eq(sample->usable, sample->address % 5000 + 1);
  visited++;
}

static uint64_t visit_all(void) {
  visited = 0;
  samples_visit(&segment, count, &visited);
  return visited;
}

Test(samples, come_and_go) {
  struct ration_segment_sample sample;
  segment = fresh_segment(1);
  cr_assert_eq(samples_find(&segment, address_of(1), &sample), -ENOENT);
  cr_assert_eq(samples_take(&segment, own_shelf(), address_of(1), &sample), -ENOENT);
  cr_assert_eq(put(1), 0);
  cr_assert_eq(put(2), 0);
  expect_there(1);
  expect_there(2);
  cr_assert_eq(visit_all(), 2);
  take(1);
  cr_assert_eq(samples_find(&segment, address_of(1), &sample), -ENOENT);
  expect_there(2);
  cr_assert_eq(visit_all(), 1);
}

/* 1 Mi at least, however far apart they lie; and what finds no place is told so, and nobody else suffers. */
static void hold_a_million(uint64_t bytes_apart) {
  const uint64_t million = UINT64_C(1) << 20;
  stride = bytes_apart;
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  for (uint64_t i = 0; i < million; i++) cr_assert_eq(put(i), 0, "sample %lu", (unsigned long)i);
  for (uint64_t i = 0; i < million; i++) expect_there(i);
  cr_assert_eq(visit_all(), million);
  uint64_t more = million;
  while (put(more) == 0) more++;
  cr_assert_gt(more, million);
  for (uint64_t i = 0; i < more; i++) take(i);
  cr_assert_eq(visit_all(), 0);
}

Test(samples, a_full_segment_holds_a_million) {
  hold_a_million(48);
}

Test(samples, a_full_segment_holds_a_million_far_apart) {
  hold_a_million(2097152);
}

Test(samples, a_few_take_little_room) {
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  for (uint64_t i = 0; i < 400; i++) cr_assert_eq(put(i), 0);
  cr_assert_eq(segment.sample_levels, 1, "4 KiB");
  uint64_t rows = segment.process->sample_count;
  for (uint64_t round = 0; round < 100000; round++) {
    take(round);
    cr_assert_eq(put(round + 400), 0);
  }
  cr_assert_leq(segment.sample_levels, 2, "%u", segment.sample_levels);
  cr_assert_eq(segment.process->sample_count, rows, "rows are used again");
}

static int refuse(void *memory, size_t bytes) {
  return memory && bytes ? -ENOMEM : 0;
}

Test(samples, without_memory_none_is_put) {
  segment = fresh_segment(1);
  segment.make_present = refuse;
  cr_assert_eq(put(1), -ENOSPC);
  struct ration_segment_sample sample;
  cr_assert_eq(samples_find(&segment, address_of(1), &sample), -ENOENT);
}

#define THREADS 8
#define EACH    3000

/* Each has addresses of its own, as blocks have holders. */
static void *churn(void *thread) {
  has_shelf = (uintptr_t)thread % 4 != 0;
  struct random random = {.seed = (uintptr_t)thread};
  static char is_there[THREADS][EACH];
  char *there = is_there[(uintptr_t)thread];
  for (int i = 0; i < 60000; i++) {
    uint64_t number = random_below(&random, EACH), at = number * THREADS + (uintptr_t)thread;
    if (there[number])
      take(at);
    else
      cr_assert_eq(put(at), 0);
    there[number] = !there[number];
    if (there[number]) expect_there(at);
  }
  sample_rows_clear(&segment, &shelf);
  return NULL;
}

Test(samples, threads_do_not_disturb_one_another) {
  pthread_t threads[THREADS];
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  uint64_t live = visit_all();
  cr_assert_gt(live, 0);
  cr_assert_eq(free_rows() + live, segment.process->sample_count - 1, "no row is lost, none is there twice");
}

/* What one thread puts another takes: rows go round. */
static void *take_all(void *unused) {
  (void)unused;
  has_shelf = 1;
  for (uint64_t i = 0; i < EACH; i++) take(i);
  sample_rows_clear(&segment, &shelf);
  return NULL;
}

Test(samples, rows_come_back_from_other_threads) {
  pthread_t thread;
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  has_shelf = 1;
  for (int round = 0; round < 10; round++) {
    for (uint64_t i = 0; i < EACH; i++) cr_assert_eq(put(i), 0);
    cr_assert_eq(pthread_create(&thread, NULL, take_all, NULL), 0);
    pthread_join(thread, NULL);
  }
  cr_assert_leq(segment.process->sample_count, EACH + 3 * SHELF);
  sample_rows_clear(&segment, &shelf);
  cr_assert_eq(free_rows(), segment.process->sample_count - 1);
}

/* However many rows there are on the shelf, taking and giving by turns finds them there: nothing is passed on. */
Test(samples, by_turns_a_row_is_at_hand) {
  uint32_t rows[3 * SHELF];
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  for (int held = 0; held < 3 * SHELF; held++)
    cr_assert_gt(rows[held] = sample_rows_take(&segment, &shelf), 0);
  for (int held = 3 * SHELF; held-- > 0;) {
    sample_rows_give(&segment, &shelf, rows[held]);
    cr_assert_leq(SHELF_COUNT(shelf.open), SHELF);
    struct sample_shelf before = shelf;
    for (int turn = 0; turn < 3; turn++) {
      cr_assert_eq(sample_rows_take(&segment, &shelf), rows[held], "%d held", held);
      sample_rows_give(&segment, &shelf, rows[held]);
    }
    cr_assert_eq(shelf.full, before.full, "%d held", held);
    cr_assert_eq(SHELF_COUNT(shelf.open), SHELF_COUNT(before.open));
  }
}

static struct sample_shelf interrupted;
static volatile sig_atomic_t interruptions;

/* As a handler that allocates and frees: what it takes it gives back, or not. */
static void interrupt(int signal) {
  (void)signal;
  uint32_t row = sample_rows_take(&segment, &interrupted), other = sample_rows_take(&segment, &interrupted);
  if (row) sample_rows_give(&segment, &interrupted, row);
  if (other) sample_rows_give(&segment, &interrupted, other);
  interruptions++;
}

Test(samples, a_signal_handler_may_come_at_any_moment) {
  enum { HELD = 200 };
  uint32_t held[HELD] = {0};
  struct random random = {.seed = 3};
  struct itimerval often = {{0, 50}, {0, 50}}, never = {0};
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  signal(SIGALRM, interrupt);
  setitimer(ITIMER_REAL, &often, NULL);
  for (uint64_t i = 0; i < 2000000 || (interruptions < 200 && i < 200000000); i++) {
    uint32_t *row = &held[random_below(&random, HELD)];
    if (*row) sample_rows_give(&segment, &interrupted, *row);
    *row = *row ? 0 : sample_rows_take(&segment, &interrupted);
  }
  setitimer(ITIMER_REAL, &never, NULL);
  cr_expect_gt(interruptions, 0);
  uint64_t in_hand = 0;
  for (int i = 0; i < HELD; i++) in_hand += held[i] != 0;
  sample_rows_clear(&segment, &interrupted);
  cr_expect_eq(free_rows() + in_hand, segment.process->sample_count - 1);
}
