/*
 * Tests of view/budget_view.c, handler_view.c, refusal_view.c and moment.c: the tables of budgets, to the letter, and
 * their JSON.
 */
#include "view/budget_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/process_view.h"
#include "view/shown.h"

static struct process process;
static struct selection selection = {.depth = UINT32_MAX};

/* The process of the fake segment, which ended two seconds after its start. */
static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  segment.process.rules_count = 0;
  segment.accounts[4] = (struct ration_segment_account){0};
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process.snapshot.name.pid = 4711;
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_list(emitter, "processes");
  process_view_page(emitter, &process, &selection);
  emitter_end(emitter);
  return shown_end(&shown);
}

static void check_page_has(const char *words) {
  shown_has(show(false), words);
}

static void check_page_lacks(const char *words) {
  shown_lacks(show(false), words);
}

Test(budget_view, is_one_screen, .init = set_up) {
  shown_is(show(false), "victim  pid 4711  exited 0 after 2.00 s  system heap over libc.so.6\n"
                        "\n"
                        "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED  REFUSED\n"
                        "  lib/a.so  58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %        3\n"
                        "  other        500 B     500 B  ▏                            5   0.0 %        0\n"
                        "  total     59.1 KiB  88.4 KiB                           1,005  39.8 %        3\n"
                        "\n"
                        "  BUDGET        USED                     OF LIMIT  LEVEL     POLICY  BREACHES  "
                        "REFUSED     WORST   AFTER\n"
                        "  lib/a.so  62.6 KiB  █████████████▋     78.1 KiB  critical  refuse         0      "
                        "  3  77.1 KiB  1.50 s\n"
                        "  total     63.1 KiB  █                   1.0 MiB  none      notify         1      "
                        "  0  87.9 KiB  1.00 s\n"
                        "\n"
                        "  TIME AT LEVEL      NONE       LOW  MEDIUM      HIGH  CRITICAL\n"
                        "  lib/a.so       500.0 ms  250.0 ms    0 ns  125.0 ms    1.12 s\n"
                        "\n"
                        "  HANDLER   PRIORITY  FROM      DISPATCH     CALLS   WANTED   CLAIMED    FREED    "
                        "CHANGE    TIME  LONGEST\n"
                        "  total           -1  critical  synchronous      0      0 B       0 B      0 B     "
                        "  0 B    0 ns     0 ns\n"
                        "  lib/a.so        10  low       deferred         2  8.0 MiB  64.0 MiB  3.0 MiB  "
                        "-2.0 MiB  2.5 ms   1.5 ms\n"
                        "\n"
                        "  REFUSED TO  BY BUDGET  ASKER        REQUESTS     BYTES  LAST AFTER\n"
                        "  lib/a.so    lib/a.so   a.so+0x1234         3  12.0 KiB      1.50 s\n"
                        "  all others                                 2     200 B    500.0 ms\n"
                        "\n"
                        "  500 allocations and 200 frees a second, 48.8 KiB a second\n"
                        "  every block counted, error 0 B; 1 event lost\n");
}

Test(budget_view, has_no_table_of_nothing, .init = set_up) {
  process.snapshot.budgets.count = process.snapshot.handlers.count = process.snapshot.refusals.count = 0;
  check_page_has("     3\n\n  500 allocations");
  process.snapshot.categories[1].subtree.refused = 0;
  check_page_lacks("REFUSED");
}

Test(budget_view, tells_a_level_that_is_not_its_own, .init = set_up) {
  process.snapshot.budgets.budget[1].taken_for = RATION_LEVEL_LOW;
  check_page_has("  low (simulated)  refuse  ");
  process.snapshot.budgets.budget[0].outside = RATION_LEVEL_HIGH;
  check_page_has("  high (outside)   notify  ");
}

Test(budget_view, shows_twenty_in_text, .init = set_up) {
  struct budget_table *budgets = &process.snapshot.budgets;
  for (; budgets->count < 22; budgets->count++) budgets->budget[budgets->count] = budgets->budget[0];
  check_page_has("  and 2 more, which came less near to their limits\n");
  struct refusal_list *refusals = &process.snapshot.refusals;
  for (; refusals->count < 6; refusals->count++) refusals->refusal[refusals->count] = refusals->refusal[0];
  check_page_has("  and 1 more, each refused less often\n");
}

Test(budget_view, is_of_one_category, .init = set_up) {
  selection.category = "other";
  check_page_lacks("BUDGET");
  check_page_lacks("HANDLER");
  check_page_lacks("REFUSED TO");
  selection.category = "lib";
  check_page_has("\n  lib/a.so  62.6 KiB  ");
  check_page_lacks("\n  total     63.1");
  check_page_lacks("all others");
}

Test(budget_view, says_that_a_handler_has_not_returned, .init = set_up) {
  process.snapshot.handlers.handler[1].running_since_at = FAKE_STARTED_AT + FAKE_SECOND;
  check_page_has("\n  a handler of lib/a.so was called 1.00 s before the end, and had not returned\n");
  process.state = PROCESS_RUNNING;
  check_page_has("\n  a handler of lib/a.so was called 1.00 s ago, and has not returned\n");
}

Test(budget_view, says_that_faults_were_injected, .init = set_up) {
  process.snapshot.facts.faults_injected = 1;
  process.snapshot.refusals.refusal[1].budget = 0;
  process.snapshot.refusals.refusal[1].module[0] = 0;
  check_page_has("\n  1 request refused by `fail`\n");
  check_page_has("\n  lib/a.so    (fail)     not known         3  ");
}

Test(budget_view, of_a_copy_says_so, .init = set_up) {
  process.copy = 2;
  process.is_copy = true;
  process.state = PROCESS_RUNNING;
  process.exit_status = -1;
  process.uptime_seconds = -1;
  check_page_has("victim  pid 4711  running  system heap");
  check_page_has("\n  a copy that the process made of its books: this is how they stood then; ");
}

/* A child of fork has budgets of its parent's; a hostile segment has moments of any kind. */
Test(budget_view, counts_no_time_below_zero, .init = set_up) {
  struct budget_facts *budget = &process.snapshot.budgets.budget[1];
  budget->worst_at = FAKE_STARTED_AT - 1;
  budget->level_since_at = UINT64_MAX;
  check_page_has("77.1 KiB    0 ns\n");
  check_page_has("  125.0 ms  125.0 ms\n");
  budget->worst_at = 0;
  budget->level_since_at = 1;
  check_page_has("77.1 KiB\n");
  check_page_has("  125.0 ms    2.12 s\n");
}

Test(budget_view, escapes_hostile_names, .init = set_up) {
  strcpy(process.snapshot.categories[4].name, "\x1b[2J");
  strcpy(process.snapshot.refusals.refusal[1].module, "\xff\n");
  process.snapshot.handlers.handler[1].running_since_at = 1;
  check_page_has("\n  \\x1b[2J  62.6 KiB");
  check_page_has("  \\xff\\x0a+0x1234  ");
  check_page_has("a handler of \\x1b[2J was called");
}

static const json_t *load(json_t **ret_root) {
  return shown_process(show(true), ret_root);
}

static const json_t *row(const json_t *object, const char *list, size_t number) {
  const json_t *found = json_array_get(json_object_get(object, list), number);
  cr_assert(json_is_object(found), "%s", list);
  return found;
}

static void check_text(const json_t *object, const char *key, const char *expected) {
  const json_t *value = json_object_get(object, key);
  cr_assert(value, "%s", key);
  if (!expected) cr_assert(json_is_null(value), "%s", key);
  if (expected) cr_assert_str_eq(json_string_value(value), expected, "%s", key);
}

Test(budget_view, has_budgets_in_json, .init = set_up) {
  json_t *root;
  const json_t *object = load(&root), *budget = row(object, "budgets", 0);
  check_text(budget, "category", "lib/a.so");
  check_text(budget, "policy", "refuse");
  check_text(budget, "level", "critical");
  check_text(budget, "simulated_level", NULL);
  check_text(budget, "outside_level", NULL);
  static const struct {
    const char *name;
    double value;
  } figures[] = {{"limit_bytes", 80000},   {"reserve_bytes", 5000}, {"used_bytes", 64096},
                 {"level_seconds", 1},     {"none_seconds", 0.5},   {"low_seconds", 0.25},
                 {"medium_seconds", 0},    {"high_seconds", 0.125}, {"critical_seconds", 1.125},
                 {"breaches", 0},          {"refused", 3},          {"worst_bytes", 79000},
                 {"worst_at_seconds", 1.5}};
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    shown_number_is(budget, figures[i].name, figures[i].value);
  cr_assert_eq(json_array_size(json_object_get(object, "budgets")), 2);
  shown_number_is(json_object_get(object, "total"), "refused", 3);
  shown_number_is(json_object_get(object, "total"), "subtree_refused", 3);
  shown_number_is(json_object_get(object, "losses"), "events_lost", 1);
  shown_number_is(object, "faults_injected", 0);
  check_text(object, "copy", NULL);
  json_decref(root);
}

Test(budget_view, has_handlers_and_refusals_in_json, .init = set_up) {
  process.copy = 2;
  process.is_copy = true;
  json_t *root;
  const json_t *object = load(&root), *handler = row(object, "handlers", 1);
  check_text(row(object, "handlers", 0), "state", "gone");
  check_text(handler, "category", "lib/a.so");
  check_text(handler, "lowest_level", "low");
  check_text(handler, "dispatch", "deferred");
  check_text(handler, "state", "registered");
  check_text(handler, "running_seconds", NULL);
  shown_number_is(handler, "priority", 10);
  shown_number_is(handler, "calls", 2);
  shown_number_is(handler, "wanted_bytes", 8 << 20);
  shown_number_is(handler, "claimed_bytes", 64 << 20);
  shown_number_is(handler, "freed_bytes", 3 << 20);
  shown_number_is(handler, "category_change_bytes", -(2 << 20));
  shown_number_is(handler, "seconds", 0.0025);
  shown_number_is(handler, "longest_seconds", 0.0015);
  const json_t *refusal = row(object, "refusals", 0);
  check_text(refusal, "category", "lib/a.so");
  check_text(refusal, "budget", "lib/a.so");
  check_text(refusal, "module", "a.so");
  shown_number_is(refusal, "offset", 0x1234);
  shown_number_is(refusal, "requests", 3);
  shown_number_is(refusal, "bytes", 12288);
  shown_number_is(refusal, "last_at_seconds", 1.5);
  check_text(row(object, "refusals", 1), "category", NULL);
  check_text(row(object, "refusals", 1), "module", NULL);
  shown_number_is(object, "copy", 2);
  json_decref(root);
}
