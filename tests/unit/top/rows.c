/*
 * Tests of top/rows.c and top/order.c: which rows there are, in which order, and how they hang together.
 */
#include "top/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top/tracked_process.h"
#include "view/field.h"

static struct process *processes[2];
static struct tracked tracked[2], *list[2] = {&tracked[0], &tracked[1]};
static struct rows rows;
static struct rows_wishes wishes;
static uint32_t cache, pages, other, late;

static void look(uint64_t seconds) {
  for (size_t i = 0; i < 2; i++)
    cr_assert_eq(tracked_take(&tracked[i], processes[i], seconds * 1000000000), 0);
}

/* small 9: a 10; big 7: cache 1500 (pages 500, late 400), other 700, unused. */
static void set_up(void) {
  processes[0] = tracked_process(9, "small");
  tracked_process_add(processes[0], 1, "a", 10);
  processes[1] = tracked_process(7, "Big");
  cache = tracked_process_add(processes[1], 1, "cache", 600);
  pages = tracked_process_add(processes[1], cache, "cache/pages", 500);
  other = tracked_process_add(processes[1], 1, "other", 700);
  late = tracked_process_add(processes[1], cache, "cache/late", 400);
  tracked_process_add(processes[1], 1, "unused", 0);
  for (size_t i = 0; i < 2; i++) tracked[i] = (struct tracked){.nodes = NULL};
  rows = (struct rows){.row = NULL};
  wishes = (struct rows_wishes){.filter = ""};
  look(1);
}

static void tear_down(void) {
  rows_free(&rows);
  for (size_t i = 0; i < 2; i++) {
    tracked_free(&tracked[i]);
    free(processes[i]);
  }
}

/* Each row as its depth and name; `+`: folded. */
static void stand_as(const char *expected) {
  char text[512] = "";
  cr_assert_eq(rows_make(&rows, list, 2, &wishes), 0);
  for (size_t i = 0; i < rows.count; i++) {
    const struct row *row = &rows.row[i];
    const char *name = row->depth ? row_node(row)->name : row->tracked->program;
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%u:%s%s", used ? " " : "", row->depth, name,
             row->is_folded ? "+" : "");
  }
  cr_assert_str_eq(text, expected);
}

TestSuite(rows, .init = set_up, .fini = tear_down);

Test(rows, largest_first_each_below_its_own) {
  stand_as("0:Big 1:cache 2:cache/pages 2:cache/late 1:other 0:small 1:a");
}

Test(rows, rails_go_on_where_another_one_comes) {
  stand_as("0:Big 1:cache 2:cache/pages 2:cache/late 1:other 0:small 1:a");
  cr_assert_eq(rows.row[1].rails, 1u << 1);
  cr_assert_eq(rows.row[2].rails, 1u << 1 | 1u << 2);
  cr_assert_eq(rows.row[3].rails, 1u << 1);
  cr_assert_eq(rows.row[4].rails, 0);
  cr_assert_eq(rows_parent(&rows, 3), 1);
  cr_assert_eq(rows_parent(&rows, 4), 0);
  cr_assert_eq(rows_parent(&rows, 5), 5);
  cr_assert_eq(rows_find(&rows, &tracked[1], late), 3);
  cr_assert_eq(rows_find(&rows, &tracked[0], late), rows.count);
}

Test(rows, reversed_and_by_name) {
  wishes.order.is_reversed = true;
  stand_as("0:small 1:a 0:Big 1:other 1:cache 2:cache/late 2:cache/pages");
  wishes.order = (struct order){.by = ORDER_NAME};
  stand_as("0:Big 1:cache 2:cache/late 2:cache/pages 1:other 0:small 1:a");
}

Test(rows, what_has_no_budget_comes_last_in_either_direction) {
  tracked_process_limit(processes[1], other, 1000, RATION_LEVEL_NONE);
  tracked_process_limit(processes[0], 2, 100, RATION_LEVEL_NONE);
  look(2);
  wishes.order.by = ORDER_USED;
  stand_as("0:Big 1:other 1:cache 2:cache/late 2:cache/pages 0:small 1:a");
  wishes.order.is_reversed = true;
  stand_as("0:small 1:a 0:Big 1:other 1:cache 2:cache/pages 2:cache/late");
}

Test(rows, by_rates_and_growth) {
  tracked_process_grow(processes[0], 2, 100);
  tracked_process_grow(processes[1], late, -300);
  tracked_process_grow(processes[1], other, 5);
  look(2);
  wishes.order.by = ORDER_CHANGE;
  stand_as("0:small 1:a 0:Big 1:other 1:cache 2:cache/pages 2:cache/late");
  wishes.order.by = ORDER_FREES;
  stand_as("0:Big 1:cache 2:cache/late 2:cache/pages 1:other 0:small 1:a");
  tracked[1].nodes[pages].growth[1] = -5;
  tracked[1].nodes[late].growth[1] = -6;
  wishes.order.by = ORDER_GROWTH_6H;
  stand_as("0:Big 1:cache 2:cache/pages 2:cache/late 1:other 0:small 1:a");
}

Test(rows, every_order_is_one) {
  for (int by = 0; by < ORDERS; by++) {
    wishes.order.by = (enum order_by)by;
    cr_assert_eq(rows_make(&rows, list, 2, &wishes), 0);
    cr_assert_eq(rows.count, 7);
  }
}

Test(rows, folded_ones_hide_what_is_below) {
  tracked[1].nodes[cache].is_folded = true;
  stand_as("0:Big 1:cache+ 1:other 0:small 1:a");
  tracked[0].nodes[2].is_folded = true; /* nothing is below it */
  tracked[1].nodes[1].is_folded = true;
  stand_as("0:Big+ 0:small 1:a");
}

Test(rows, a_filter_shows_what_has_it_with_those_above_and_below) {
  tracked[1].nodes[1].is_folded = true;
  wishes.filter = "LATE";
  stand_as("0:Big 1:cache 2:cache/late");
  wishes.filter = "cache";
  stand_as("0:Big 1:cache 2:cache/pages 2:cache/late");
  wishes.filter = "big";
  stand_as("0:Big 1:cache 2:cache/pages 2:cache/late 1:other");
  wishes.filter = "9";
  stand_as("0:small 1:a");
  wishes.filter = "none of them";
  stand_as("");
}

Test(rows, the_ended_stand_last) {
  tracked_end(&tracked[1], 1);
  stand_as("0:small 1:a 0:Big 1:cache 2:cache/pages 2:cache/late 1:other");
}

Test(rows, a_passive_process_is_a_row_without_a_node) {
  tracked_free(&tracked[1]);
  processes[1]->snapshot.category_count = 0;
  look(2);
  stand_as("0:small 1:a 0:Big");
  cr_assert_null(row_node(&rows.row[2]));
}

/* What a hostile segment may say: the same name twice, a tree that is one long branch. */
Test(rows, names_and_depths_of_any_kind) {
  uint32_t parent = 2;
  for (int i = 0; i < 60; i++) {
    parent = tracked_process_add(processes[0], parent, "same", 1);
    processes[0]->snapshot.categories[parent].depth = 1;
  }
  look(2);
  cr_assert_eq(rows_make(&rows, list, 2, &wishes), 0);
  cr_assert_eq(rows.count, 67);
  cr_assert_eq(rows.row[66].depth, 61);
}
