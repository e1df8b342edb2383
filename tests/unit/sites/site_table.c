/*
 * Tests of sites/site_table.c: what is scaled to the books, what is not, and the order.
 */
#include "sites/site_table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define A 2
#define B 3

static struct snapshot snapshot;
static struct site_facts facts[4];
static struct site_list sites = {.site = facts};
static struct site_table table;
static struct selection everything = {.depth = UINT32_MAX};

static void category(uint32_t id, const char *name, uint64_t live, uint64_t total) {
  struct category_figures *row = &snapshot.categories[id];
  snapshot.category_count = id;
  strcpy(row->name, name);
  row->parent = id > 1;
  row->depth = id > 1;
  row->own.live_bytes = live;
  row->own.allocated_bytes = total;
}

/* So many samples of blocks that are small against a mean of 1,000 bytes. */
static struct estimate estimate(uint64_t samples) {
  return (struct estimate){.samples = samples,
                           .blocks = 10.0 * samples,
                           .bytes = 1000.0 * samples,
                           .variance = 1e6 * (double)samples};
}

static void site(uint32_t of, uint64_t live, uint64_t total) {
  facts[sites.count] = (struct site_facts){
      .category = of, .live = estimate(live), .total = estimate(total), .row = (uint32_t)sites.count + 1};
  sites.count++;
}

static void make(enum site_order order, bool is_raw, struct selection *selection) {
  struct site_wishes wishes = {.order = order, .is_raw = is_raw, .selection = selection};
  cr_assert_eq(site_table_make(&sites, &snapshot, &wishes, &table), 0);
}

/* A has 30 samples that live, where the books say 33,000 bytes; B has 5. */
static void set_up(void) {
  category(1, "total", 0, 0);
  category(A, "a", 33000, 110000);
  category(B, "b", 7000, 45000);
  site(A, 20, 60);
  site(A, 10, 40);
  site(B, 5, 50);
}

Test(site_table, scales_a_category_to_its_books, .init = set_up) {
  make(SITES_BY_LIVE, false, &everything);
  cr_assert_eq(table.count, 3);
  cr_expect_eq(table.row[0].facts, &facts[0]);
  cr_expect_float_eq(table.row[0].live_bytes, 22000, 0.1);
  cr_expect_float_eq(table.row[0].live_blocks, 220, 0.1);
  cr_expect_float_eq(table.row[1].live_bytes, 11000, 0.1);
  cr_expect_float_eq(table.row[0].total_bytes, 66000, 0.1);
  cr_expect(table.row[0].is_scaled);
  cr_expect_float_eq(table.row[0].live.low / 1.1, interval_of(20000, 2e7).low, 0.1);
  site_table_free(&table);
}

Test(site_table, leaves_few_samples_as_they_are, .init = set_up) {
  make(SITES_BY_LIVE, false, &everything);
  cr_expect_eq(table.row[2].facts, &facts[2]);
  cr_expect_eq(table.row[2].live_bytes, 5000);
  cr_expect_not(table.row[2].is_scaled);
  cr_expect_float_eq(table.unattributed_bytes, 2000, 0.1);
  cr_expect_float_eq(table.row[2].total_bytes, 45000, 0.1, "of all blocks there were 50");
  cr_expect_eq(table.live_bytes, 40000);
  cr_expect_eq(table.samples, 150);
  site_table_free(&table);
}

/* Sampling was off for most of the time. */
Test(site_table, does_not_scale_what_does_not_fit_the_books, .init = set_up) {
  snapshot.categories[A].own.live_bytes = 900000;
  make(SITES_BY_LIVE, false, &everything);
  cr_expect_eq(table.row[0].live_bytes, 20000);
  cr_expect_not(table.row[0].is_scaled);
  cr_expect_float_eq(table.unattributed_bytes, 870000 + 2000, 0.1);
  site_table_free(&table);
}

Test(site_table, scales_nothing_where_that_is_wished, .init = set_up) {
  make(SITES_BY_LIVE, true, &everything);
  cr_expect_eq(table.row[0].live_bytes, 20000);
  cr_expect_eq(table.row[0].total_bytes, 60000);
  site_table_free(&table);
}

Test(site_table, is_of_the_selected_categories, .init = set_up) {
  struct selection only_b = {.depth = UINT32_MAX, .category = "b"};
  make(SITES_BY_LIVE, false, &only_b);
  cr_assert_eq(table.count, 1);
  cr_expect_eq(table.row[0].facts, &facts[2]);
  cr_expect_eq(table.live_bytes, 7000);
  site_table_free(&table);
}

Test(site_table, has_the_first_in_order_first, .init = set_up) {
  facts[0].at_process_peak_bytes = 1;
  facts[1].at_process_peak_bytes = 3;
  facts[2].at_process_peak_bytes = 2;
  facts[2].temporary_blocks = 9;
  facts[1].lifetimes[7] = 1;
  facts[0].lifetimes[3] = 1000;
  const struct {
    const char *word;
    const struct site_facts *first;
  } cases[] = {{"live", &facts[0]},      {"total", &facts[0]}, {"peak", &facts[1]},
               {"temporary", &facts[2]}, {"count", &facts[0]}, {"lifetime", &facts[1]}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum site_order order;
    cr_assert_eq(site_order_of(cases[i].word, &order), 0);
    make(order, false, &everything);
    cr_expect_eq(table.row[0].facts, cases[i].first, "%s", cases[i].word);
    site_table_free(&table);
  }
  enum site_order order;
  cr_expect_lt(site_order_of("size", &order), 0);
}
