/*
 * Tests of reader/budget_rows.c and category_named.c: what one look at a budget says, also of a segment that has none,
 * or that lies.
 */
#include "reader/budget_rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/category_named.h"
#include "reader/fake_segment.h"

#define CATEGORY 4 /* lib/a.so, whose charge is live bytes and credit */
#define USED     (FAKE_A_LIVE + FAKE_A_CREDIT)

struct budgeted {
  struct fake_segment segment;
  struct ration_segment_budget budgets[RATION_CATEGORY_IDS];
};

static struct budgeted made, *const budgeted = &made;
static struct budget_rows rows;
static struct fault fault;

static void setup(void) {
  *budgeted = (struct budgeted){.budgets = {{0}}};
  fake_segment_fill(&budgeted->segment);
  struct ration_segment_header *header = &budgeted->segment.header;
  header->segment_bytes = sizeof *budgeted;
  header->tables[FAKE_TABLES] =
      (struct ration_segment_table){RATION_TABLE_BUDGETS, sizeof(struct ration_segment_budget),
                                    offsetof(struct budgeted, budgets), RATION_CATEGORY_IDS};
  budgeted->budgets[CATEGORY] = (struct ration_segment_budget){.limit_bytes = 100000,
                                                               .reserve_bytes = 10000,
                                                               .level_bytes = {54000, 72000, 81000, 85500},
                                                               .fall_bytes = 1800,
                                                               .policy = RATION_POLICY_REFUSE,
                                                               .level = RATION_LEVEL_LOW,
                                                               .worst_bytes = 70000};
}

/* As reader/segment_file.c would open it. */
static int look(uint32_t category, struct budget_row *ret_row) {
  rows.file = fake_segment_file(budgeted, sizeof *budgeted);
  cr_assert_eq(layout_read(&rows.file, &rows.layout, &fault), 0, "%s", fault.words);
  int error = budget_rows_read(&rows, category, ret_row);
  budget_rows_close(&rows);
  return error;
}

Test(budget_rows, say_what_is_used_and_how_much_is_wanted) {
  setup();
  struct budget_row row;
  cr_assert_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(row.limit_bytes, 100000);
  cr_expect_eq(row.reserve_bytes, 10000);
  cr_expect_eq(row.used_bytes, USED);
  cr_expect_eq(row.worst_bytes, 70000);
  cr_expect_eq(row.policy, RATION_POLICY_REFUSE);
  cr_expect_eq(row.level, RATION_LEVEL_LOW);
  cr_expect_eq(budget_row_wanted(&row), USED - (54000 - 1800) + 1);
}

Test(budget_rows, count_what_is_accounted_for) {
  setup();
  struct budget_row row;
  budgeted->budgets[CATEGORY].accounted_bytes = 12000;
  cr_assert_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(row.used_bytes, USED + 12000);
  cr_expect_eq(row.worst_bytes, USED + 12000);
}

Test(budget_rows, have_the_simulated_level_where_there_is_one) {
  setup();
  struct budget_row row;
  budgeted->budgets[CATEGORY].simulated = 1 + RATION_LEVEL_CRITICAL;
  cr_assert_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(row.level, RATION_LEVEL_CRITICAL);
  cr_expect_eq(budget_row_wanted(&row), 0); /* less is used than where critical begins */
  budgeted->budgets[CATEGORY].simulated = 1 + RATION_LEVEL_NONE;
  cr_assert_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(row.level, RATION_LEVEL_NONE);
  cr_expect_eq(budget_row_wanted(&row), 0);
}

Test(budget_rows, have_no_level_without_a_budget) {
  setup();
  struct budget_row row;
  budgeted->budgets[CATEGORY].limit_bytes = 0;
  cr_assert_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(row.level, RATION_LEVEL_NONE);
  cr_expect_eq(row.used_bytes, USED);
  budgeted->segment.header.tables[FAKE_TABLES] = (struct ration_segment_table){0};
  cr_assert_eq(look(CATEGORY, &row), 0); /* of version 1.1 */
  cr_expect_eq(row.limit_bytes, 0);
  cr_expect_eq(row.used_bytes, USED);
}

Test(budget_rows, are_not_believed) {
  setup();
  struct budget_row row;
  cr_expect_eq(look(0, &row), -ENOENT);
  cr_expect_eq(look(5, &row), -ENOENT);
  cr_expect_eq(look(RATION_CATEGORY_IDS, &row), -ENOENT);
  cr_expect_eq(look(UINT32_MAX, &row), -ENOENT);
  budgeted->budgets[CATEGORY].level = RATION_LEVELS;
  cr_expect_eq(look(CATEGORY, &row), -EBADMSG);
  budgeted->budgets[CATEGORY].level = RATION_LEVEL_CRITICAL;
  budgeted->budgets[CATEGORY].fall_bytes = UINT64_MAX;
  cr_expect_eq(look(CATEGORY, &row), 0);
  cr_expect_eq(budget_row_wanted(&row), USED + 1);
  budgeted->segment.header.category_row[CATEGORY] = 5000;
  cr_expect_eq(look(CATEGORY, &row), -ERANGE);
}

Test(budget_rows, say_how_the_process_stands) {
  setup();
  uint32_t state;
  budgeted->segment.header.state = RATION_STATE_REPLACED;
  rows.file = fake_segment_file(budgeted, sizeof *budgeted);
  cr_assert_eq(budget_rows_state(&rows, &state), 0);
  cr_expect_eq(state, RATION_STATE_REPLACED);
  budget_rows_close(&rows);
}

Test(budget_rows, belong_to_a_category_by_its_whole_name) {
  setup();
  struct snapshot *snapshot = calloc(1, sizeof *snapshot);
  struct segment_file file = fake_segment_file(budgeted, sizeof *budgeted);
  cr_assert_eq(snapshot_read(&file, snapshot, &fault), 0, "%s", fault.words);
  cr_expect_eq(category_named(snapshot, "lib/a.so", 8), 4);
  cr_expect_eq(category_named(snapshot, "lib/a.so", 3), 3);
  cr_expect_eq(category_named(snapshot, "lib/a.so", 7), 0);
  cr_expect_eq(category_named(snapshot, "", 0), 0);
  segment_file_close(&file);
  free(snapshot);
}
