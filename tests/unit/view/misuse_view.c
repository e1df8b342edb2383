/*
 * Tests of view/misuse_view.c: misuses to the letter, their stacks, what lets them pass, and those without events.
 */
#include "view/misuse_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/shown.h"

static struct process process;
static struct selection selection;
static struct event_facts facts[8];
static struct event_list events;
static struct module_facts modules[] = {{0}, {.path = "/gone/app"}};
static uint64_t frames[] = {UINT64_C(1) << 48 | 0x1234, UINT64_C(1) << 48 | 0x20, UINT64_C(1) << 48 | 0x30};
static struct site_facts site = {.category = 4, .frame_count = 3, .frames = frames, .row = 1};
static uint32_t numbers[] = {0, 1};
static struct site_list sites;
static struct frame_filter filter;
static struct site_report of_sites;
static struct misuse_report report;

static void happen(uint64_t misuse, uint8_t category, uint64_t site_row, uint64_t bytes) {
  facts[events.count] = (struct event_facts){.kind = RATION_EVENT_MISUSE,
                                             .ticket = events.count,
                                             .at = FAKE_STARTED_AT + (events.count + 1) * FAKE_SECOND / 4,
                                             .category = category,
                                             .limit = misuse,
                                             .detail = site_row,
                                             .freed = 0x1000 + events.count,
                                             .bytes = bytes};
  events.count++;
}

static void set_up(void) {
  process = fake_process();
  selection = selection_all;
  process.snapshot.facts.started_at = FAKE_STARTED_AT;
  process.snapshot.losses = (struct losses){.double_frees = 2, .wild_frees = 1};
  events = (struct event_list){.event = facts};
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 1, 48);
  happen(RATION_MISUSE_WILD_FREE, 2, 0, 0);
  happen(RATION_MISUSE_DOUBLE_FREE, 4, 1, 2048);
  sites = (struct site_list){.count = 1,
                             .site = &site,
                             .number_of_row = numbers,
                             .row_count = 2,
                             .modules = {.count = 2, .module = modules}};
  filter = (struct frame_filter){0};
  of_sites = (struct site_report){.sites = &sites,
                                  .symbols = symbols_open(&(struct symbol_places){0}),
                                  .filter = &filter,
                                  .most = 20,
                                  .most_frames = 2};
  report = (struct misuse_report){.events = &events, .sites = &of_sites};
}

static void tear_down(void) {
  symbols_close(of_sites.symbols);
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  misuse_view_table(emitter, &process, &selection, &report);
  return shown_end(&shown);
}

#define HEAD  "\n  MISUSE            TIMES  CATEGORY  LAST AFTER  BLOCK    ADDRESS\n"
#define TWICE "  double free           2  lib/a.so  0.750000 s  2.0 KiB  0x1002\n"
#define WILD  "  free of no block      1  other     0.500000 s           0x1001\n"
#define STACK "        app+0x1234\n        app+0x20\n        … 1 more\n"
#define NONE  "        (no stack was taken)\n"

Test(misuse_view, is_a_table_with_stacks, .init = set_up, .fini = tear_down) {
  shown_is(show(false), HEAD TWICE STACK WILD NONE "\n");
}

Test(misuse_view, has_all_of_it_in_json, .init = set_up, .fini = tear_down) {
  of_sites.most = 1;
  json_t *root = shown_root(show(true));
  const json_t *misuses = json_object_get(root, "misuses"), *first = json_array_get(misuses, 0),
               *second = json_array_get(misuses, 1);
  cr_assert_eq(json_array_size(misuses), 2);
  cr_expect_str_eq(json_string_value(json_object_get(first, "misuse")), "double_free");
  cr_expect_str_eq(json_string_value(json_object_get(first, "category")), "lib/a.so");
  cr_expect_str_eq(json_string_value(json_object_get(first, "address")), "0x1002");
  shown_number_is(first, "times", 2);
  shown_number_is(first, "bytes", 2048);
  shown_number_is(first, "at_seconds", 0.75);
  cr_expect_eq(json_array_size(json_object_get(first, "frames")), 3);
  cr_expect_str_eq(json_string_value(json_object_get(second, "misuse")), "wild_free");
  shown_number_is(second, "bytes", 0);
  cr_expect_eq(json_array_size(json_object_get(second, "frames")), 0);
  json_decref(root);
}

Test(misuse_view, text_has_so_many, .init = set_up, .fini = tear_down) {
  of_sites.most = 1;
  shown_lacks(show(false), "free of no block");
  of_sites.most = 0;
  shown_has(show(false), "free of no block");
}

Test(misuse_view, is_of_the_selected_categories, .init = set_up, .fini = tear_down) {
  selection.category = "lib";
  shown_has(show(false), "double free");
  shown_lacks(show(false), "free of no block");
  selection.category = "no/such";
  shown_is(show(false), "");
}

Test(misuse_view, filters_stacks, .init = set_up, .fini = tear_down) {
  struct fault fault;
  cr_assert_eq(frame_filter_focus(&filter, "app", &fault), 0);
  shown_has(show(false), "double free");
  shown_lacks(show(false), "free of no block");
  frame_filter_free(&filter);
}

Test(misuse_view, says_whose_calls_those_of_a_write_are_not, .init = set_up, .fini = tear_down) {
  const char *const words =
      "  writes are noticed when the block is given back, or is to be used again: the calls need "
      "not be those of who wrote\n";
  shown_lacks(show(false), words);
  process.snapshot.losses.late_writes = 1;
  happen(RATION_MISUSE_LATE_WRITE, 4, 1, 48);
  shown_has(show(false), words);
  facts[events.count - 1].limit = RATION_MISUSE_OVERRUN;
  shown_has(show(false), words);
}

Test(misuse_view, says_what_has_no_event_any_more, .init = set_up, .fini = tear_down) {
  process.snapshot.losses.late_writes = 1;
  shown_has(show(false),
            "\n\n  1 more misuse was noticed, of which no event is there: only the newest are kept\n");
  process.snapshot.losses.overruns = 1200;
  report = (struct misuse_report){.events = NULL};
  shown_is(show(false),
           "  1,204 more misuses were noticed, of which no event is there: only the newest are kept\n");
  json_t *root = shown_root(show(true));
  cr_expect_eq(json_array_size(json_object_get(root, "misuses")), 0);
  cr_expect(json_is_array(json_object_get(root, "misuses")));
  json_decref(root);
}

Test(misuse_view, takes_whatever_an_event_says, .init = set_up, .fini = tear_down) {
  happen(77, 250, UINT64_MAX, UINT64_MAX);
  shown_has(show(false), "  one that a newer ration knows      1 ");
  json_t *root = shown_root(show(true));
  const json_t *last = json_array_get(json_object_get(root, "misuses"), 1);
  cr_expect(json_is_null(json_object_get(last, "misuse")));
  cr_expect(json_is_null(json_object_get(last, "category")));
  json_decref(root);
}
