/*
 * samples.c: tests of src/model/samples.c.
 */
#include "model/samples.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"
#include "model/fresh_segment.h"

static struct segment segment;

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

static int put(uint64_t number) {
  struct ration_segment_sample sample = sample_at(address_of(number));
  return samples_put(&segment, &sample);
}

static void expect_there(uint64_t number) {
  struct ration_segment_sample found, expected = sample_at(address_of(number));
  cr_assert_eq(samples_find(&segment, address_of(number), &found), 0, "%lu", (unsigned long)number);
  cr_assert_arr_eq((const char *)&found, (const char *)&expected, sizeof found);
}

static void take(uint64_t number) {
  struct ration_segment_sample taken, expected = sample_at(address_of(number));
  cr_assert_eq(samples_take(&segment, address_of(number), &taken), 0, "%lu", (unsigned long)number);
  cr_assert_arr_eq((const char *)&taken, (const char *)&expected, sizeof taken);
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
  cr_assert_eq(samples_take(&segment, address_of(1), &sample), -ENOENT);
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
  cr_assert_eq(segment.sample_levels, 1, "48 KiB");
  for (uint64_t round = 0; round < 100000; round++) {
    take(round);
    cr_assert_eq(put(round + 400), 0);
  }
  cr_assert_leq(segment.sample_levels, 2, "%u", segment.sample_levels);
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
  return NULL;
}

Test(samples, threads_do_not_disturb_one_another) {
  pthread_t threads[THREADS];
  segment = fresh_segment(SEGMENT_SLABS_MOST);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_gt(visit_all(), 0);
}
