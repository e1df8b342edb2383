/*
 * Tests of view/process_view.c: the page and the rows of a process, to the letter, and their JSON.
 */
#include "view/process_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/shown.h"

static struct process process;

/* The process of the fake segment, ended. */
static void set_up_from(void (*add)(struct fake_segment *segment)) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  if (add) add(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process.snapshot.name.pid = 4711;
  process.snapshot.parent = 12;
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 1840000000);
}

static void set_up(void) {
  set_up_from(NULL);
}

/* With rules and an account. */
static void set_up_tables(void) {
  set_up_from(fake_segment_add_tables);
}

typedef void (*shower)(struct emitter *emitter, const struct process *process);

static struct selection selection = {.depth = UINT32_MAX};

static void show_page(struct emitter *emitter, const struct process *shown) {
  process_view_page(emitter, shown, &selection);
}

static void show_child(struct emitter *emitter, const struct process *shown) {
  process_view_child(emitter, shown, &selection);
}

static char *show(shower view, bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_table(emitter);
  if (view == show_page) emitter_end_table(emitter); /* it opens its own */
  emitter_begin_list(emitter, "processes");
  view(emitter, &process);
  emitter_end(emitter);
  emitter_end_table(emitter);
  return shown_end(&shown);
}

static void check_page(const char *expected) {
  shown_is(show(show_page, false), expected);
}

static void check_page_has(const char *words) {
  shown_has(show(show_page, false), words);
}

/* What the thread of slab 1 has done in 1.84 s. */
#define RATES "  543 allocations and 217 frees a second, 53.1 KiB a second\n"

Test(process_view, is_a_page, .init = set_up) {
  check_page("victim  pid 4711  exited 0 after 1.84 s  system heap over libc.so.6\n"
             "\n"
             "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED\n"
             "  lib/a.so  58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
             "  other        500 B     500 B  ▏                            5   0.0 %\n"
             "  total     59.1 KiB  88.4 KiB                           1,005  39.8 %\n"
             "\n" RATES "  every block counted, error 0 B\n");
}

Test(process_view, says_how_a_process_stands, .init = set_up) {
  process_set_ended(&process, SIGKILL, process.snapshot.started_at_ns + 1000000000);
  check_page_has("victim  pid 4711  killed by signal 9 (SIGKILL) after 1.00 s  system");
  process.state = PROCESS_RUNNING;
  process.signal = -1;
  check_page_has("victim  pid 4711  running for 1.00 s  system");
  process.state = PROCESS_GONE;
  process.uptime_seconds = -1;
  check_page_has("victim  pid 4711  gone  system");
}

Test(process_view, names_the_heap_and_why_it_is_not_the_other, .init = set_up) {
  process.snapshot.heap = RATION_HEAP_PAGE;
  process.snapshot.losses.wild_frees = 1;
  check_page_has("  page heap over libc.so.6\n");
  check_page_has("\n  1 free of an address at which no block begins: left alone, and wrong\n" RATES);
  process.snapshot.losses.wild_frees = 0;
  process.snapshot.heap = RATION_HEAP_SYSTEM;
  process.snapshot.heap_refusal = RATION_HEAP_LIMITED;
  check_page_has(
      "\n  blocks come from the system heap, not from the page heap: the process may map only so much "
      "(RLIMIT_AS, RLIMIT_DATA)\n" RATES);
  json_t *root, *shown = shown_process(show(show_page, true), &root);
  cr_expect_str_eq(json_string_value(json_object_get(shown, "heap")), "system");
  cr_expect_str_eq(json_string_value(json_object_get(shown, "heap_refusal")), "limited");
  json_decref(root);
}

Test(process_view, shows_accounts_apart_and_names_rules_that_never_matched, .init = set_up_tables) {
  check_page("victim  pid 4711  exited 0 after 1.84 s  system heap over libc.so.6\n"
             "\n"
             "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED\n"
             "  lib/a.so  58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
             "  other        500 B     500 B  ▏                            5   0.0 %\n"
             "  total     59.1 KiB  88.4 KiB                           1,005  39.8 %\n"
             "\n"
             "  ACCOUNT      LIVE     PEAK\n"
             "  lib/a.so  4.0 KiB  8.0 KiB  █████████████████\n"
             "\n"
             "  no block matched: lib: fn:json_*\n" RATES "  every block counted, error 0 B\n");
}

/* Rules of one category stand on one line, wherever they are in the list; a line has an end. */
Test(process_view, names_rules_by_category, .init = set_up_tables) {
  struct rule_list *rules = &process.snapshot.rules;
  rules->rule[2] = (struct rule_facts){.category = 4, .text_at = rules->rule[1].text_at};
  rules->rule[3] = (struct rule_facts){.category = 3, .text_at = rules->rule[0].text_at};
  rules->count = 4;
  check_page_has(
      "\n  no block matched: lib: fn:json_*, lib:a.so*\n  no block matched: lib/a.so: fn:json_*\n");
  for (uint32_t i = 0; i < 200; i++) rules->rule[i] = rules->rule[1];
  rules->count = 200;
  char *text = show(show_page, false);
  size_t named = 0;
  for (const char *at = text; (at = strstr(at, "fn:json_*")); at++) named++;
  cr_assert_eq(named, 200, "%zu", named);
  free(text);
}

Test(process_view, says_what_rules_could_not_see, .init = set_up_tables) {
  process.snapshot.facts.late_modules = 2;
  process.snapshot.facts.unread_modules = 1;
  process.snapshot.facts.unwind = RATION_UNWIND_TABLES;
  process.snapshot.losses.callers_lost = 3;
  check_page_has(
      "\n  fn: rules saw only the dynamic symbols of 2 modules loaded later\n"
      "  fn: rules saw only the dynamic symbols of 1 module whose file could not be read\n"
      "  callers were found without libunwind, which knows some functions more; install libunwind8\n" RATES
      "  every block counted, error 0 B; 3 blocks of wrappers whose caller was not found\n");
  process.snapshot.rules.count = 1;
  check_page_has(
      "\n  wrappers were found only by the dynamic symbols of 2 modules loaded later\n"
      "  wrappers were found only by the dynamic symbols of 1 module whose file could not be read\n");
  process.snapshot.facts.unwind_asked = RATION_UNWIND_FP;
  char *text = show(show_page, false);
  cr_assert(!strstr(text, "fn:") && !strstr(text, "frame pointers"), "%s", text);
  free(text);
}

/* lib/a.so (4) gets lib/a.so/x (5) and lib/a.so/x/y (6). */
static void set_up_tree(void) {
  set_up_from(NULL);
  struct category_figures *categories = process.snapshot.categories;
  for (uint16_t id = 5; id <= 6; id++) {
    categories[id] = (struct category_figures){.parent = (uint16_t)(id - 1), .depth = (uint8_t)(id - 2)};
    categories[id].own = categories[id].subtree =
        (struct figures){.live_bytes = 1000, .live_blocks = 1, .peak_bytes = 2000, .allocations = 2};
  }
  strcpy(categories[5].name, "lib/a.so/x");
  strcpy(categories[6].name, "lib/a.so/x/y");
  categories[5].subtree = (struct figures){.live_bytes = 2000, .peak_bytes = 2500, .allocations = 4};
  process.snapshot.category_count = 6;
}

static void check_table(struct selection wanted, const char *expected) {
  selection = wanted;
  char *text = show(show_page, false);
  cr_assert(strstr(text, expected), "expected:\n%sgot:\n%s", expected, text);
  free(text);
}

Test(process_view, folds_what_lies_deeper, .init = set_up_tree) {
  check_table((struct selection){.depth = 3},
              "  CATEGORY        LIVE      PEAK                     ALLOCATIONS   FREED\n"
              "  lib/a.so    58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
              "  lib/a.so/x   2.0 KiB   2.4 KiB  ▌                            4   0.0 %\n"
              "  other          500 B     500 B  ▏                            5   0.0 %\n"
              "  total       59.1 KiB  88.4 KiB                           1,005  39.8 %\n");
  check_table((struct selection){.depth = 1},
              "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED\n"
              "  lib       58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
              "  other        500 B     500 B  ▏                            5   0.0 %\n"
              "  total     59.1 KiB  88.4 KiB                           1,005  39.8 %\n");
}

Test(process_view, is_a_tree, .init = set_up_tree) {
  check_table((struct selection){.depth = UINT32_MAX, .is_tree = true},
              "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED\n"
              "  lib       58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
              "    a.so    58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
              "      x      2.0 KiB   2.4 KiB  ▌                            4   0.0 %\n"
              "        y    1.0 KiB   2.0 KiB  ▍                            2   0.0 %\n"
              "  other        500 B     500 B  ▏                            5   0.0 %\n"
              "  total     59.1 KiB  88.4 KiB                           1,005  39.8 %\n");
  check_table((struct selection){.depth = 2, .is_tree = true, .category = "lib"},
              "  CATEGORY      LIVE      PEAK                     ALLOCATIONS   FREED\n"
              "  lib/a.so  58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %\n"
              "  lib       58.6 KiB  87.9 KiB                           1,000  40.0 %\n");
}

Test(process_view, is_of_one_category, .init = set_up_tree) {
  check_table((struct selection){.depth = UINT32_MAX, .category = "lib/a.so/x"},
              "  CATEGORY              LIVE     PEAK                     ALLOCATIONS  FREED\n"
              "  lib/a.so/x itself  1.0 KiB  2.0 KiB  █████████████████            2  0.0 %\n"
              "  lib/a.so/x/y       1.0 KiB  2.0 KiB  █████████████████            2  0.0 %\n"
              "  lib/a.so/x         2.0 KiB  2.4 KiB                               4  0.0 %\n");
  check_table((struct selection){.depth = 1, .category = "lib/a.so/x"},
              "  CATEGORY       LIVE     PEAK                     ALLOCATIONS  FREED\n"
              "  lib/a.so/x  2.0 KiB  2.4 KiB                               4  0.0 %\n");
  check_table((struct selection){.depth = UINT32_MAX, .category = "other"},
              "  CATEGORY   LIVE   PEAK                     ALLOCATIONS  FREED\n"
              "  other     500 B  500 B                               5  0.0 %\n");
}

Test(process_view, says_what_was_lost, .init = set_up) {
  process.snapshot.losses = (struct losses){.foreign_frees = 3,
                                            .untracked_blocks = 1,
                                            .categories_lost = 2,
                                            .scopes_lost = 1,
                                            .samples_lost = 5,
                                            .sites_lost = 4,
                                            .stacks_truncated = 9,
                                            .settings_ignored = 3};
  strcpy(process.snapshot.ignored, "keep=2: 0 or 1 expected\nkep=1: no such option");
  process.error_bound_bytes = 8192;
  process.snapshot.inherited_error_bytes = 16;
  check_page_has(
      "\n  1 block not counted, error 8.0 KiB; inherited over fork with an error of up to 16 B; "
      "3 foreign frees; 2 look-ups of a category ended at `other`; 1 scope not opened; 5 samples lost, "
      "4 of them for want of room for a site\n"
      "  setting ignored: keep=2: 0 or 1 expected\n"
      "  setting ignored: kep=1: no such option\n"
      "  settings ignored: and 1 more, for which there was no room\n");
}

Test(process_view, of_a_passive_process_says_why, .init = set_up) {
  process.snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  check_page(
      "victim  pid 4711  exited 0 after 1.84 s  system heap over libc.so.6\n"
      "\n"
      "  not tracked: the program brings its own malloc, so its calls do not reach ration; use a build "
      "of it without one\n");
  process.snapshot.passive = 99;
  check_page_has("for a reason that a newer ration knows");
}

Test(process_view, escapes_hostile_names, .init = set_up) {
  strcpy(process.snapshot.program, "a\x1b[2J");
  strcpy(process.snapshot.categories[4].name, "\xff\n");
  check_page_has("a\\x1b[2J  pid");
  check_page_has("  \\xff\\x0a  58.6 KiB");
}

Test(process_view, is_a_row_among_children, .init = set_up) {
  shown_is(show(show_child, false),
           "  CHILD       LIVE      PEAK                     ALLOCATIONS   FREED   PID  STATE\n"
           "  victim  59.1 KiB  88.4 KiB  █████████████████        1,005  39.8 %  4711  exited\n");
}

static const json_t *find(const json_t *list, const char *name) {
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    if (strcmp(json_string_value(json_object_get(entry, "name")), name) == 0) return entry;
  }
  return NULL;
}

static json_int_t number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_integer(value), "%s", key);
  return json_integer_value(value);
}

Test(process_view, is_the_same_object_of_json_everywhere, .init = set_up) {
  char *page = show(show_page, true);
  char *child = show(show_child, true);
  cr_assert_str_eq(page, child);
  free(page);
  free(child);
}

Test(process_view, has_all_figures_in_json, .init = set_up) {
  json_t *root;
  const json_t *object = shown_process(show(show_page, true), &root);
  static const char *const keys[] = {"pid",        "parent",     "session",
                                     "program",    "state",      "exit_status",
                                     "signal",     "started_at", "uptime_seconds",
                                     "threads",    "heap",       "error_bound_bytes",
                                     "allocator",  "passive",    "inherited_error_bytes",
                                     "categories", "losses",     "total"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    cr_assert(json_object_get(object, keys[i]), "%s", keys[i]);
  const json_t *total = json_object_get(object, "total");
  cr_assert_eq(number(total, "live_bytes"), FAKE_A_LIVE + FAKE_OTHER_LIVE);
  cr_assert_eq(number(total, "subtree_live_bytes"), FAKE_A_LIVE + FAKE_OTHER_LIVE);
  const json_t *lib = find(json_object_get(object, "categories"), "lib");
  cr_assert_eq(number(lib, "allocations"), 0, "not a row of the text, but there");
  cr_assert_eq(number(lib, "subtree_live_blocks"), FAKE_A_ALLOCATIONS - FAKE_A_FREES);
  cr_assert_null(find(json_object_get(object, "categories"), "total"));
  cr_assert_eq(number(json_object_get(object, "losses"), "foreign_frees"), 0);
  cr_assert_eq(json_array_size(json_object_get(json_object_get(object, "losses"), "settings_ignored")), 0);
  json_decref(root);
}

Test(process_view, has_growth_in_json_as_far_as_it_is_known, .init = set_up) {
  process.snapshot.growth.is_known[0] = true;
  process.snapshot.growth.of[0][0] = (struct category_growth){.own = 3600, .subtree = 3600};
  process.snapshot.growth.of[0][2] = (struct category_growth){.own = -7200, .subtree = 36};
  json_t *root;
  const json_t *object = shown_process(show(show_page, true), &root);
  const json_t *total = json_object_get(object, "total");
  const json_t *row = find(json_object_get(object, "categories"), process.snapshot.categories[2].name);
  cr_expect_eq(json_integer_value(json_object_get(total, "growth_5m_bytes_per_hour")), 3600);
  cr_expect_eq(json_integer_value(json_object_get(row, "growth_5m_bytes_per_hour")), -7200);
  cr_expect_eq(json_integer_value(json_object_get(row, "subtree_growth_5m_bytes_per_hour")), 36);
  cr_expect(json_is_null(json_object_get(row, "growth_6h_bytes_per_hour")));
  cr_expect(json_is_null(json_object_get(total, "subtree_growth_6h_bytes_per_hour")));
  json_decref(root);
}

Test(process_view, has_columns_of_growth_once_it_is_known, .init = set_up_tree) {
  struct growth_table *growth = &process.snapshot.growth;
  growth->is_known[0] = true;
  growth->of[0][0] = (struct category_growth){.own = 2048, .subtree = 3072};
  growth->of[0][4] = (struct category_growth){.own = -7168, .subtree = 4096};
  growth->of[0][5] = (struct category_growth){.own = 1024, .subtree = 5120};
  check_table((struct selection){.depth = 3},
              "  CATEGORY        LIVE      PEAK                     ALLOCATIONS   FREED   GROWTH 5m\n"
              "  lib/a.so    58.6 KiB  87.9 KiB  █████████████████        1,000  40.0 %  -7.0 KiB/h\n"
              "  lib/a.so/x   2.0 KiB   2.4 KiB  ▌                            4   0.0 %  +5.0 KiB/h\n"
              "  other          500 B     500 B  ▏                            5   0.0 %       0 B/h\n"
              "  total       59.1 KiB  88.4 KiB                           1,005  39.8 %  +2.0 KiB/h\n");
  growth->is_known[1] = true;
  growth->of[1][5].subtree = -1024;
  check_table(
      (struct selection){.depth = UINT32_MAX, .is_tree = true, .category = "lib/a.so/x"},
      "  CATEGORY         LIVE     PEAK                     ALLOCATIONS  FREED   GROWTH 5m   GROWTH 6h\n"
      "  lib/a.so/x/y  1.0 KiB  2.0 KiB  █████████████████            2  0.0 %       0 B/h       0 B/h\n"
      "  lib/a.so/x    2.0 KiB  2.4 KiB                               4  0.0 %  +5.0 KiB/h  -1.0 KiB/h\n");
}

static void set_up_resident(void) {
  set_up();
  process.has_resident = true;
  process.resident_age_seconds = 0.14;
  process.resident = (struct resident){.live_bytes = 1677722,
                                       .untouched_bytes = 209715,
                                       .slack_bytes = 943718,
                                       .shim_bytes = 629146,
                                       .mapping_bytes = 2726298,
                                       .stack_bytes = 104858,
                                       .file_bytes = 5033165,
                                       .rss_bytes = 10905192};
}

Test(process_view, ends_with_what_the_kernel_says, .init = set_up_resident) {
  check_page_has(
      "\n  live 1.6 − untouched 0.2 + slack 0.9 + shim 0.6 + mappings 2.6 + stacks 0.1 + files 4.8 = RSS "
      "10.4 MiB (0.1 s before exit)\n  every block counted");
  process.state = PROCESS_RUNNING;
  process.resident.unexplained_bytes = -419430;
  check_page_has("files 4.8 − unexplained 0.4 = RSS 10.4 MiB (0.1 s ago)\n");
  process.resident.unexplained_bytes = 419430;
  process.resident_age_seconds = 0;
  check_page_has("files 4.8 + unexplained 0.4 = RSS 10.4 MiB\n");
  process.resident.is_joined = true;
  check_page_has("live 1.6 − untouched 0.2 + shim 0.6 + slack and mappings 2.6 + stacks");
  process.resident.rss_bytes = 200 << 10;
  check_page_has("live 1638.4 −");
  check_page_has("= RSS 200.0 KiB\n");
}

Test(process_view, says_why_the_kernel_said_nothing, .init = set_up) {
  strcpy(process.resident_fault.words, "no memory figures: it would not");
  check_page_has("\n  no memory figures: it would not\n  every block counted");
}

Test(process_view, has_resident_memory_in_json, .init = set_up_resident) {
  process.resident.unexplained_bytes = -4096;
  for (int joined = 0; joined < 2; joined++) {
    process.resident.is_joined = joined;
    json_t *root;
    const json_t *object = shown_process(show(show_page, true), &root);
    const json_t *memory = json_object_get(object, "memory");
    cr_assert_eq(number(memory, "live_bytes"), 1677722);
    cr_assert_eq(number(memory, "unexplained_bytes"), -4096);
    cr_assert_eq(number(memory, "rss_bytes"), 10905192);
    cr_assert(joined ? json_is_null(json_object_get(memory, "slack_bytes"))
                     : number(memory, "slack_bytes") == 943718);
    cr_assert(json_is_null(json_object_get(object, "memory_missing")));
    json_decref(root);
  }
}

static json_t *categories_of(struct selection wanted, json_t **ret_root) {
  selection = wanted;
  const json_t *object = shown_process(show(show_page, true), ret_root);
  cr_assert_eq(number(json_object_get(object, "total"), "live_bytes"), FAKE_A_LIVE + FAKE_OTHER_LIVE,
               "total is the process's, whatever is selected");
  return json_object_get(object, "categories");
}

Test(process_view, selects_in_json_too, .init = set_up_tree) {
  json_t *root;
  json_t *list = categories_of((struct selection){.depth = 3}, &root);
  cr_assert_eq(json_array_size(list), 4);
  cr_assert_eq(number(find(list, "lib/a.so/x"), "live_bytes"), 2000, "its own, and what is folded into it");
  cr_assert_eq(number(find(list, "lib/a.so/x"), "peak_bytes"), 2500, "of both together, not a sum of peaks");
  json_decref(root);
  list = categories_of((struct selection){.depth = UINT32_MAX, .category = "lib/a.so"}, &root);
  cr_assert_eq(json_array_size(list), 3);
  cr_assert_null(find(list, "other"));
  json_decref(root);
  list = categories_of((struct selection){.depth = UINT32_MAX, .is_tree = true}, &root);
  cr_assert_str_eq(json_string_value(json_object_get(json_array_get(list, 3), "name")), "lib/a.so/x/y");
  cr_assert_eq(number(find(list, "lib"), "live_bytes"), 0, "its own figures are still its own");
  json_decref(root);
  list = categories_of((struct selection){.depth = UINT32_MAX, .category = "no such"}, &root);
  cr_assert_eq(json_array_size(list), 0);
  json_decref(root);
}

Test(process_view, has_rules_and_accounts_in_json, .init = set_up_tables) {
  json_t *root;
  const json_t *object = shown_process(show(show_page, true), &root);
  const json_t *unmatched = json_object_get(object, "rules_unmatched");
  cr_assert_eq(json_array_size(unmatched), 1);
  const json_t *rule = json_array_get(unmatched, 0);
  cr_assert_str_eq(json_string_value(json_object_get(rule, "category")), "lib");
  cr_assert_str_eq(json_string_value(json_object_get(rule, "rule")), FAKE_RULE);
  const json_t *account = find(json_object_get(object, "accounts"), "lib/a.so");
  cr_assert_eq(number(account, "live_bytes"), FAKE_ACCOUNT_LIVE);
  cr_assert_eq(number(account, "peak_bytes"), FAKE_ACCOUNT_PEAK);
  cr_assert_eq(number(object, "late_modules"), 0);
  cr_assert_eq(number(object, "unread_modules"), 0);
  cr_assert_str_eq(json_string_value(json_object_get(object, "unwind")), "libunwind");
  cr_assert_eq(number(json_object_get(object, "losses"), "callers_lost"), 0);
  json_decref(root);
}

Test(process_view, sums_the_rest_up, .init = set_up) {
  struct process_rest rest = {0};
  process_rest_add(&rest, &process.snapshot);
  process_rest_add(&rest, &process.snapshot);
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, false);
  emitter_begin_table(emitter);
  process_view_child(emitter, &process, &selection_all);
  process_view_rest(emitter, &rest);
  emitter_end_table(emitter);
  shown_has(shown_end(&shown), "\n  2 more  118.2 KiB  176.8 KiB                           2,010  39.8 %\n");
}
