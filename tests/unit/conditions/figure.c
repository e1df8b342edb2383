/*
 * Tests of conditions/figure.c: each figure by its name, and what it is of a process.
 */
#include "conditions/figure.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "view/budget_view.h"
#include "view/category_view.h"
#include "view/shown.h"

static struct process *process;
static struct leak_count *leaks;
static struct fault fault;

/* total (1), cache (2) with a budget, cache/a (3). */
static void set_up(void) {
  process = calloc(1, sizeof *process);
  leaks = calloc(1, sizeof *leaks);
  struct snapshot *snapshot = &process->snapshot;
  snapshot->category_count = 3;
  strcpy(snapshot->categories[1].name, "total");
  strcpy(snapshot->categories[2].name, "cache");
  strcpy(snapshot->categories[3].name, "cache/a");
  snapshot->categories[2].parent = 1;
  snapshot->categories[3].parent = 2;
  snapshot->categories[2].own = (struct figures){.live_bytes = 100, .allocations = 7};
  snapshot->categories[2].subtree = (struct figures){.live_bytes = 150, .refused = 3};
  snapshot->categories[1].own.live_bytes = 5;
  snapshot->total = (struct figures){.live_bytes = 155, .peak_bytes = 1000};
  snapshot->budgets.count = 1;
  snapshot->budgets.budget[0] = (struct budget_facts){
      .category = 2, .policy = RATION_POLICY_NOTIFY, .limit_bytes = 4096, .breaches = 2, .worst_bytes = 5000};
  snapshot->budgets.budget[0].level_ns[RATION_LEVEL_HIGH] = 3000000000;
  *leaks = (struct leak_count){.is_known = true};
  leaks->own[2] = 4;
  leaks->subtree[1] = leaks->subtree[2] = 9;
}

static void tear_down(void) {
  free(process);
  free(leaks);
}

static int value_of(const char *name, const char *category, uint64_t *ret_value) {
  struct figure figure;
  struct observation observation = {.process = process, .leaks = leaks};
  cr_assert_eq(figure_find(stretch_of(name), &figure, &fault), 0, "%s", name);
  return figure_value(&figure, &observation, category, ret_value);
}

static void is(const char *category, const char *name, uint64_t expected) {
  uint64_t value = 0;
  cr_assert_eq(value_of(name, category, &value), 0, "%s.%s", category, name);
  cr_expect_eq(value, expected, "%s.%s", category, name);
}

Test(figure, of_categories, .init = set_up, .fini = tear_down) {
  is("cache", "live", 100);
  is("cache", "allocations", 7);
  is("cache", "subtree_live", 150);
  is("cache", "subtree_refused", 3);
}

Test(figure, of_total_are_those_of_the_process, .init = set_up, .fini = tear_down) {
  is("total", "live", 155);
  is("total", "peak", 1000);
}

Test(figure, of_budgets, .init = set_up, .fini = tear_down) {
  uint64_t value;
  is("cache", "limit", 4096);
  is("cache", "breaches", 2);
  is("cache", "worst", 5000);
  is("cache", "high_seconds", 3000000000);
  is("cache", "refused", 0); /* the category's */
  cr_expect_eq(value_of("breaches", "total", &value), -ENODATA);
}

Test(figure, growth, .init = set_up, .fini = tear_down) {
  uint64_t value;
  struct growth_table *growth = &process->snapshot.growth;
  cr_expect_eq(value_of("growth_5m_per_hour", "cache", &value), -EDOM);
  growth->is_known[0] = true;
  growth->of[0][0] = (struct category_growth){.own = 77, .subtree = 78};
  growth->of[0][2] = (struct category_growth){.own = -5, .subtree = 6};
  is("cache", "growth_5m_per_hour", (uint64_t)-5);
  is("cache", "subtree_growth_5m_per_hour", 6);
  is("total", "growth_5m_per_hour", 77);
  is("total", "subtree_growth_5m_per_hour", 78);
  cr_expect_eq(value_of("growth_6h_per_hour", "total", &value), -EDOM);
}

Test(figure, of_samples, .init = set_up, .fini = tear_down) {
  uint64_t value;
  is("cache", "leaks", 4);
  is("cache", "subtree_leaks", 9);
  is("total", "leaks", 9);
  leaks->is_known = false;
  cr_expect_eq(value_of("leaks", "total", &value), -ENODATA);
}

Test(figure, of_accounts, .init = set_up, .fini = tear_down) {
  is("total", "accounted", 0);
  process->snapshot.accounts[1].live_bytes = 5;
  process->snapshot.accounts[2].live_bytes = 70;
  process->snapshot.accounts[3].live_bytes = 800;
  is("cache", "accounted", 70);
  is("cache", "subtree_accounted", 870);
  is("cache/a", "subtree_accounted", 800);
  is("total", "accounted", 875);
}

/* Over the system heap nothing was ever counted. */
Test(figure, of_the_page_heap, .init = set_up, .fini = tear_down) {
  uint64_t value;
  struct holding_table *holdings = &process->snapshot.holdings;
  cr_expect_eq(value_of("held", "total", &value), -EDOM);
  holdings->counted_at = 1;
  holdings->category[1].held_bytes = 5;
  holdings->category[2].held_bytes = 70;
  holdings->category[3].held_bytes = 800;
  is("cache", "held", 70);
  is("cache", "subtree_held", 870);
  is("total", "held", 875);
  is("total", "subtree_held", 875);
}

Test(figure, of_a_category_that_is_not_there, .init = set_up, .fini = tear_down) {
  uint64_t value;
  cr_expect_eq(value_of("live", "cach", &value), -ENOENT);
  process->snapshot.category_count = 0;
  cr_expect_eq(value_of("live", "total", &value), -ENOENT);
}

/* Each by its own name, and no two of one name: a condition would mean one of them. */
Test(figure, each_is_found_by_its_name) {
  struct figure figure, found;
  size_t count = 0;
  while (figure_at(count, &figure)) {
    struct stretch name = figure_name(&figure);
    cr_assert_eq(figure_find(name, &found, &fault), 0);
    cr_expect_str_eq(found.name, figure.name);
    cr_expect_eq(found.source, figure.source, "%s", figure.name);
    count++;
  }
  cr_expect_gt(count, 30);
}

/* Whether conditions know each number of the object, and how many those are. */
static size_t conditions_know(const json_t *object, enum figure_source source) {
  size_t numbers = 0;
  const char *key;
  const json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    bool is_word = json_is_string(value) || strstr(key, "level") == key + strlen(key) - strlen("level");
    struct figure figure;
    size_t i = 0;
    while (figure_at(i, &figure) && (strcmp(figure.name, key) != 0)) i++;
    if (is_word) continue;
    cr_expect_str_eq(figure.name, key, "JSON has %s, conditions have not", key);
    cr_expect(figure.source == source || strcmp(key, "refused") == 0, "%s", key);
    numbers++;
  }
  return numbers;
}

static size_t count_of(enum figure_source source) {
  struct figure figure;
  size_t count = 0;
  for (size_t i = 0; figure_at(i, &figure); i++) count += figure.source == source;
  return count;
}

/* Of a category and its budget JSON has what conditions can be about, and nothing else, whatever is added to either. */
Test(figure, are_what_json_has, .init = set_up, .fini = tear_down) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, true);
  category_view_table(emitter, &process->snapshot, &selection_all);
  budget_view_tables(emitter, process, &selection_all);
  json_t *root = shown_root(shown_end(&shown));
  const json_t *category = json_array_get(json_object_get(root, "categories"), 0);
  const json_t *budget = json_array_get(json_object_get(root, "budgets"), 0);
  cr_assert(category && budget);
  cr_expect_eq(conditions_know(category, FIGURE_OF_CATEGORY), count_of(FIGURE_OF_CATEGORY));
  cr_expect_eq(conditions_know(json_object_get(root, "total"), FIGURE_OF_CATEGORY),
               count_of(FIGURE_OF_CATEGORY));
  cr_expect_eq(conditions_know(budget, FIGURE_OF_BUDGET), count_of(FIGURE_OF_BUDGET) + 1, "refused");
  json_decref(root);
}

Test(figure, a_wrong_name_is_answered_with_the_right_ones) {
  struct figure figure;
  cr_assert_eq(figure_find(stretch_of("peek"), &figure, &fault), -EINVAL);
  cr_expect(strstr(fault.words, "`peek`"));
  cr_expect(strstr(fault.words, " peak,"));
  cr_expect(strstr(fault.words, " leaks,"));
  cr_expect(strstr(fault.words, " accounted, held, and most with subtree_ before them"), "cut: %s",
            fault.words);
  cr_expect_eq(figure_find(stretch_of("live_bytes"), &figure, &fault), -EINVAL);
  cr_expect_eq(figure_find(stretch_of(""), &figure, &fault), -EINVAL);
}

static void reads(enum field_kind kind, const char *text, uint64_t expected) {
  uint64_t value = 0;
  cr_assert_eq(figure_read_value(kind, stretch_of(text), &value, &fault), 0, "%s", text);
  cr_expect_eq(value, expected, "%s", text);
}

static void refuses(enum field_kind kind, const char *text) {
  uint64_t value = 77;
  cr_assert_eq(figure_read_value(kind, stretch_of(text), &value, &fault), -EINVAL, "%s", text);
  cr_expect_eq(value, 77, "%s", text);
}

Test(figure, values) {
  reads(FIELD_BYTES, "512M", UINT64_C(512) << 20);
  reads(FIELD_BYTES, "0", 0);
  reads(FIELD_BYTES, "18446744073709551615", UINT64_MAX);
  cr_expect_gt(figure_compare(FIELD_BYTES, UINT64_MAX, 1), 0);
  cr_expect_lt(figure_compare(FIELD_RATE, UINT64_MAX, 1), 0);
  reads(FIELD_COUNT, "1000", 1000);
  reads(FIELD_RATE, "4K", 4096);
  reads(FIELD_RATE, "-4K", (uint64_t)-4096);
  reads(FIELD_LENGTH, "0", 0);
  reads(FIELD_LENGTH, "10s", UINT64_C(10000000000));
}

Test(figure, values_that_are_none) {
  refuses(FIELD_BYTES, "512MB");
  refuses(FIELD_BYTES, "-1");
  refuses(FIELD_BYTES, "");
  refuses(FIELD_BYTES, "18446744073709551616");
  refuses(FIELD_RATE, "--1");
  refuses(FIELD_RATE, "-");
  refuses(FIELD_RATE, "9223372036854775808");
  refuses(FIELD_COUNT, "1K");
  refuses(FIELD_LENGTH, "10");
  refuses(FIELD_LENGTH, "0000000000000000000000000000000000000000000000000000000000000000000000000000001s");
}
