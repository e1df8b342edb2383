/*
 * Tests of view/site_view.c: sites to the letter, their stacks, what they are ranked by, and how far they can be trusted.
 */
#include "view/site_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"

static struct process process;
static struct module_facts modules[] = {{0}, {.path = "/gone/app"}, {.path = "/gone/libpng.so.16"}};
static uint64_t of_parse[] = {UINT64_C(1) << 48 | 0x1234, UINT64_C(2) << 48 | 0x20, 0x7f0000001000};
static uint64_t of_draw[] = {UINT64_C(1) << 48 | 0x4321};
static struct site_facts facts[2];
static struct site_list sites;
static struct site_row rows[2];
static struct site_table table;
static struct frame_filter filter;
static struct site_report report;

static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  facts[0] = (struct site_facts){.category = 4,
                                 .frame_count = 3,
                                 .frames = of_parse,
                                 .live = {4, 30.4, 3000, 10},
                                 .total = {10, 100, 10000, 20},
                                 .peak_bytes = 5000,
                                 .at_process_peak_bytes = 4000,
                                 .at_category_peak_bytes = 4500,
                                 .slack_bytes = 80,
                                 .temporary_blocks = 12,
                                 .reallocations = 7,
                                 .lifetimes = {[1] = 70},
                                 .largest_bytes = 400};
  facts[1] = (struct site_facts){.category = 2,
                                 .flags = RATION_SITE_TRUNCATED | RATION_SITE_INCOMPLETE,
                                 .frame_count = 1,
                                 .frames = of_draw,
                                 .live = {1, 1, 1000, 0},
                                 .total = {2, 2, 2000, 0}};
  sites = (struct site_list){.count = 2,
                             .site = facts,
                             .modules = {.count = 3, .module = modules},
                             .facts = {.sample_mean = 64 << 10}};
  rows[0] = (struct site_row){&facts[0], 3100, 31, 10000, 100, {1500, 5500}, {8192, 12288}, true, 3100};
  rows[1] = (struct site_row){&facts[1], 1000, 1, 2000, 2, {1000, 1000}, {2000, 2000}, false, 1000};
  table = (struct site_table){.count = 2,
                              .row = rows,
                              .rank_sum = 4100,
                              .total_bytes = 15000,
                              .estimated_total_bytes = 12000,
                              .samples = 12};
  filter = (struct frame_filter){0};
  report = (struct site_report){.sites = &sites,
                                .table = &table,
                                .symbols = symbols_open(&(struct symbol_places){0}),
                                .filter = &filter,
                                .most = 20,
                                .most_frames = 2};
}

static void tear_down(void) {
  symbols_close(report.symbols);
}

static char *show(bool is_json) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  struct emitter *emitter = emitter_new(is_json);
  site_view_table(emitter, &process, &report);
  cr_assert_eq(emitter_finish(emitter, to), 0);
  emitter_free(emitter);
  fclose(to);
  return text;
}

static void check(const char *expected) {
  char *text = show(false);
  cr_expect_str_eq(text, expected);
  free(text);
}

static void check_has(const char *words, bool has) {
  char *text = show(false);
  cr_expect_eq(strstr(text, words) != NULL, has, "%s is %sin:\n%s", words, has ? "not " : "", text);
  free(text);
}

#define LINE "  12 samples, one every 64.0 KiB on average; they stand for 80.0 % of the bytes allocated; "

Test(site_view, is_a_table_with_stacks, .init = set_up, .fini = tear_down) {
  check(
      "     LIVE                      SHARE  95 % BETWEEN       AT PEAK    TOTAL  BLOCKS  AVERAGE  CATEGORY\n"
      "  3.0 KiB  █████████████████  75.6 %  1.5 KiB – 5.4 KiB  3.9 KiB  9.8 KiB     100    100 B  lib/a.so\n"
      "        app+0x1234\n"
      "        libpng.so.16+0x20\n"
      "        … 1 more\n"
      "  1.0 KiB  █████▌             24.4 %  1.0 KiB – 1.0 KiB      0 B  2.0 KiB       2  1.0 KiB  other\n"
      "        app+0x4321\n"
      "        (cut: the frames further out are not kept)\n"
      "        (the way further out was lost)\n"
      "\n" LINE "0 lost, 0 stacks cut at 128 frames\n");
}

Test(site_view, ranks_by_what_is_asked, .init = set_up, .fini = tear_down) {
  static const struct {
    enum site_order order;
    const char *heading;
    const char *cell;
  } cases[] = {{SITES_BY_TOTAL, "\n    TOTAL  ", "  9.8 KiB  █"},
               {SITES_BY_PEAK, "  AT PEAK  ", "  3.9 KiB  █"},
               {SITES_BY_TEMPORARY, "  TEMPORARY  ", "         12  █"},
               {SITES_BY_COUNT, "  BLOCKS  ", "     100  █"},
               {SITES_BY_LIFETIME, "  LIFETIME  ", "  31.6 µs  75.6 %"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    table.order = cases[i].order;
    check_has(cases[i].heading + (cases[i].heading[0] == '\n'), true);
    check_has(cases[i].cell, true);
    char *text = show(false);
    cr_expect_null(strstr(strstr(text, "LIVE") + 1, "LIVE"), "once");
    free(text);
  }
}

/* The interval stands behind what it is of: what the rows are ranked by, where that has one; else what lives. */
Test(site_view, has_the_interval_of_what_is_asked, .init = set_up, .fini = tear_down) {
  check_has("  95 % BETWEEN       AT PEAK  ", true);
  check_has("  1.5 KiB – 5.4 KiB  3.9 KiB  ", true);
  table.order = SITES_BY_TOTAL;
  check_has("  95 % BETWEEN           LIVE  ", true);
  check_has("  8.0 KiB – 12.0 KiB  3.0 KiB  ", true);
  table.order = SITES_BY_COUNT;
  check_has("     LIVE  95 % BETWEEN  ", true);
  check_has("  3.0 KiB  1.5 KiB – 5.4 KiB  ", true);
}

/* A row that has nothing of what is asked for is none in text; JSON has it. */
Test(site_view, leaves_out_what_has_nothing_to_say, .init = set_up, .fini = tear_down) {
  table.order = SITES_BY_TEMPORARY;
  rows[1].rank = 0;
  check_has("app+0x4321", false);
  rows[1].rank = 5;
  check_has("app+0x4321", true);
  report.most = 1;
  check_has("app+0x4321", false);
  char *text = show(true);
  cr_expect_not_null(strstr(text, "17185")); /* 0x4321 */
  free(text);
}

Test(site_view, filters_stacks, .init = set_up, .fini = tear_down) {
  struct fault fault;
  cr_assert_eq(frame_filter_focus(&filter, "png", &fault), 0);
  check_has("app+0x1234", true);
  check_has("app+0x4321", false);
  cr_assert_eq(frame_filter_ignore(&filter, "png", &fault), 0);
  check(LINE "0 lost, 0 stacks cut at 128 frames\n");
  frame_filter_free(&filter);
}

Test(site_view, is_a_tree_where_that_is_asked, .init = set_up, .fini = tear_down) {
  report.shape = SITES_AS_CALL_TREE;
  check("  75.6 %     3.0 KiB  - 0x7f0000001000\n"
        "  75.6 %     3.0 KiB    libpng.so.16+0x20\n"
        "  75.6 %     3.0 KiB    app+0x1234\n"
        "  24.4 %     1.0 KiB  - app+0x4321\n"
        "\n" LINE "0 lost, 0 stacks cut at 128 frames\n");
  report.shape = SITES_AS_CALLERS;
  check("  75.6 %     3.0 KiB  - app+0x1234\n"
        "  75.6 %     3.0 KiB    libpng.so.16+0x20\n"
        "  75.6 %     3.0 KiB    0x7f0000001000\n"
        "  24.4 %     1.0 KiB  - app+0x4321\n"
        "\n" LINE "0 lost, 0 stacks cut at 128 frames\n");
}

Test(site_view, has_every_field_in_json, .init = set_up, .fini = tear_down) {
  static const char *const names[] = {"category",
                                      "live_bytes",
                                      "live_blocks",
                                      "total_bytes",
                                      "total_blocks",
                                      "peak_bytes",
                                      "at_process_peak_bytes",
                                      "at_category_peak_bytes",
                                      "average_bytes",
                                      "largest_bytes",
                                      "slack_bytes",
                                      "share",
                                      "lifetimes",
                                      "temporary_blocks",
                                      "reallocations",
                                      "interval_low_bytes",
                                      "frames",
                                      "truncated",
                                      "incomplete",
                                      "interval_high_bytes",
                                      "scaled",
                                      "samples",
                                      "live_samples",
                                      "mean_lifetime_seconds",
                                      "total_interval_low_bytes",
                                      "total_interval_high_bytes"};
  static const char *const of_frame[] = {"function", "file", "line", "module", "offset", "inlined"};
  char *text = show(true);
  json_t *root = json_loads(text, 0, NULL), *site = json_array_get(json_object_get(root, "sites"), 0);
  cr_assert_eq(json_array_size(json_object_get(root, "sites")), 2);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    cr_expect_not_null(json_object_get(site, names[i]), "%s", names[i]);
  cr_expect_eq(json_object_size(site), sizeof names / sizeof *names);
  json_t *frames = json_object_get(site, "frames");
  cr_assert_eq(json_array_size(frames), 3, "all, whatever text shows");
  for (size_t i = 0; i < sizeof of_frame / sizeof *of_frame; i++)
    cr_expect_not_null(json_object_get(json_array_get(frames, 0), of_frame[i]), "%s", of_frame[i]);
  cr_expect_eq(json_integer_value(json_object_get(site, "interval_low_bytes")), 1500);
  cr_expect_eq(json_integer_value(json_object_get(site, "total_interval_high_bytes")), 12288);
  cr_expect(json_is_true(json_object_get(site, "scaled")));
  cr_expect(json_is_true(json_object_get(json_array_get(json_object_get(root, "sites"), 1), "truncated")));
  cr_expect_eq(json_array_size(json_object_get(site, "lifetimes")), RATION_LIFETIMES);
  json_decref(root);
  free(text);
}

Test(site_view, says_what_was_lost_and_why, .init = set_up, .fini = tear_down) {
  table.unattributed_bytes = 13200;
  sites.facts.stacks_truncated = 1;
  sites.facts.modules_lost = 2;
  for (size_t i = 0; i < RATION_SAMPLE_LOSSES; i++) sites.facts.samples_lost[i] = i + 1;
  for (size_t i = 0; i < RATION_STACK_ENDS; i++) sites.facts.stacks_ended[i] = i + 1;
  check_has("\n" LINE "6 lost, 1 stack cut at 128 frames\n"
            "  12.9 KiB unattributed: they live in categories with too few samples to tell by whom\n"
            "  1 sample found no room\n"
            "  2 samples of further sites found no room\n"
            "  3 samples of signal handlers came while another was taken\n"
            "  2 modules found no room: frames without names\n"
            "  1 stack ended in code without unwind information\n"
            "  2 stacks led astray\n"
            "  3 stacks ended where nobody could be asked\n",
            true);
  report.is_raw = true;
  check_has("unattributed", false);
}

Test(site_view, says_that_every_block_is_a_sample_or_none, .init = set_up, .fini = tear_down) {
  sites.facts.sample_mean = 1;
  check_has("\n  12 samples: every block; they stand for 80.0 % of the bytes allocated; 0 lost,", true);
  sites.facts.sample_mean = 0;
  table.count = 0;
  table.samples = 0;
  check("  no samples; none are taken (sample=off); 0 lost, 0 stacks cut at 128 frames\n");
}
