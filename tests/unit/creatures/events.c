/*
 * events.c: tests of world/events.h.
 */
#include "world/events.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/failing_memory.h"

static void init_limits(struct ration_limits *limits, size_t most) {
  cr_assert_eq(ration_limits_init(limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  cr_assert_eq(ration_limits_set(limits, RATION_LIMIT_EVENTS, most), 0);
}

static void push(struct events *events, uint64_t subject, enum event_kind kind) {
  const struct event event = {.subject = subject, .kind = kind, .value = 0.5f};
  events_push(events, &event);
}

Test(events, come_in_the_order_in_which_they_happened) {
  struct ration_limits limits;
  struct events events;
  struct event event = {.subject = 99};
  init_limits(&limits, 10);
  cr_assert_eq(events_init(&events, NULL, &limits), 0);
  cr_expect_eq(events_take(&events, &event), -ENOENT);
  cr_expect_eq(event.subject, 99);
  for (uint64_t i = 0; i < 7; i++) push(&events, i, i % 2 ? EVENT_ATE : EVENT_MET);
  for (uint64_t i = 0; i < 7; i++) {
    cr_assert_eq(events_take(&events, &event), 0);
    cr_expect_eq(event.subject, i);
    cr_expect_eq(event.value, 0.5f);
  }
  cr_expect_eq(events_take(&events, &event), -ENOENT);
  cr_expect_eq(events.counts[EVENT_MET], 4);
  cr_expect_eq(events.counts[EVENT_ATE], 3);
  events_done(&events);
  ration_limits_done(&limits);
}

Test(events, drop_the_oldest_at_the_limit_and_count_it) {
  struct ration_limits limits;
  struct ration_limit_figures figures;
  struct events events;
  struct event event;
  init_limits(&limits, 5);
  cr_assert_eq(events_init(&events, NULL, &limits), 0);
  for (uint64_t i = 0; i < 12; i++) push(&events, i, EVENT_BORN);
  cr_assert_eq(ration_limits_stats(&limits, RATION_LIMIT_EVENTS, &figures), 0);
  cr_expect_eq(figures.dropped, 7);
  cr_expect_eq(events.counts[EVENT_BORN], 12);
  for (uint64_t i = 7; i < 12; i++) {
    cr_assert_eq(events_take(&events, &event), 0);
    cr_expect_eq(event.subject, i);
  }
  cr_expect_eq(events_take(&events, &event), -ENOENT);
  events_done(&events);
  ration_limits_done(&limits);
}

Test(events, need_memory_once) {
  struct ration_limits limits;
  struct failing_memory memory;
  struct events events;
  init_limits(&limits, 5);
  failing_memory_init(&memory, 0);
  cr_expect_eq(events_init(&events, &memory.memory, &limits), -ENOMEM);
  failing_memory_init(&memory, 1);
  cr_assert_eq(events_init(&events, &memory.memory, &limits), 0);
  for (uint64_t i = 0; i < 12; i++) push(&events, i, EVENT_BORN);
  cr_expect_eq(memory.blocks, 1);
  events_done(&events);
  events_done(&events);
  cr_expect_eq(memory.blocks, 0);
  ration_limits_done(&limits);
}
