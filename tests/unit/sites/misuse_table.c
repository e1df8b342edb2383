/*
 * Tests of sites/misuse_table.c: what counts as one misuse, how often it happened, and the order.
 */
#include "sites/misuse_table.h"

#include <criterion/criterion.h>

static struct event_facts facts[8];
static struct event_list events;
static struct site_facts site_facts[2] = {{.category = 4, .row = 1}, {.category = 4, .row = 3}};
static uint32_t numbers[] = {0, 1, 1, 2};
static struct site_list sites;
static struct misuse_table table;

/* Rows 1 and 2 of the segment are of one site. */
static void set_up(void) {
  events = (struct event_list){.event = facts};
  sites = (struct site_list){.count = 2, .site = site_facts, .number_of_row = numbers, .row_count = 4};
}

static void tear_down(void) {
  misuse_table_free(&table);
}

static void happen(uint64_t misuse, uint8_t category, uint64_t site, uint64_t bytes) {
  facts[events.count] = (struct event_facts){.kind = RATION_EVENT_MISUSE,
                                             .ticket = events.count,
                                             .category = category,
                                             .limit = misuse,
                                             .detail = site,
                                             .bytes = bytes};
  events.count++;
}

static void check(size_t number, uint64_t misuse, uint64_t times, const struct site_facts *site,
                  uint64_t last_bytes) {
  cr_assert_lt(number, table.count);
  const struct misuse_row *row = &table.row[number];
  cr_expect_eq(row->misuse, misuse);
  cr_expect_eq(row->times, times, "%zu: %lu", number, (unsigned long)row->times);
  cr_expect_eq(row->site, site);
  cr_expect_eq(row->last->bytes, last_bytes);
}

Test(misuse_table, the_most_frequent_comes_first, .init = set_up, .fini = tear_down) {
  happen(RATION_MISUSE_OVERRUN, 4, 1, 10);
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 1, 20);
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 1, 30);
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 3, 40);
  cr_assert_eq(misuse_table_make(&events, &sites, &table), 0);
  cr_expect_eq(table.count, 3);
  cr_expect_eq(table.events, 4);
  check(0, RATION_MISUSE_DOUBLE_FREE, 2, &site_facts[0], 30);
  check(1, RATION_MISUSE_DOUBLE_FREE, 1, &site_facts[1], 40);
  check(2, RATION_MISUSE_OVERRUN, 1, &site_facts[0], 10);
}

Test(misuse_table, rows_of_one_site_are_one, .init = set_up, .fini = tear_down) {
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 1, 10);
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 2, 20);
  cr_assert_eq(misuse_table_make(&events, &sites, &table), 0);
  cr_expect_eq(table.count, 1);
  check(0, RATION_MISUSE_DOUBLE_FREE, 2, &site_facts[0], 20);
}

Test(misuse_table, categories_are_told_apart, .init = set_up, .fini = tear_down) {
  happen(RATION_MISUSE_WILD_FREE, 2, 1, 0);
  happen(RATION_MISUSE_WILD_FREE, 3, 1, 0);
  cr_assert_eq(misuse_table_make(&events, &sites, &table), 0);
  cr_expect_eq(table.count, 2);
  cr_expect_eq(table.row[0].category, 3);
  cr_expect_eq(table.row[1].category, 2);
}

Test(misuse_table, a_site_that_is_not_there_is_none, .init = set_up, .fini = tear_down) {
  happen(RATION_MISUSE_OVERRUN, 4, 0, 1);
  happen(RATION_MISUSE_OVERRUN, 4, 4, 2);
  happen(RATION_MISUSE_OVERRUN, 4, UINT64_C(1) << 32 | 1, 3);
  happen(RATION_MISUSE_OVERRUN, 4, UINT64_MAX, 4);
  cr_assert_eq(misuse_table_make(&events, &sites, &table), 0);
  cr_expect_eq(table.count, 1);
  check(0, RATION_MISUSE_OVERRUN, 4, NULL, 4);
}

Test(misuse_table, other_events_are_none, .init = set_up, .fini = tear_down) {
  happen(RATION_MISUSE_OVERRUN, 4, 1, 1);
  facts[0].kind = RATION_EVENT_MARK;
  cr_expect_eq(misuse_table_events(&events), 0);
  cr_assert_eq(misuse_table_make(&events, NULL, &table), 0);
  cr_expect_eq(table.count, 0);
  cr_expect_eq(table.events, 0);
}
