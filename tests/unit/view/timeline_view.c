/*
 * Tests of view/timeline_view.c, timeline_plot.c and chart.c: a timeline to the letter, and in JSON.
 */
#include "view/timeline_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/chart.h"
#include "view/escape.h"
#include "view/shown.h"

#define KIB UINT64_C(1024)

static struct process process;
static struct timeline_point points[64];
static struct timeline timeline;
static struct timeline_extent extent;
static struct selection selection;

/* Eight seconds, of which the first has nothing. */
static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  segment.process.started_at = FAKE_STARTED_AT;
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 8 * FAKE_SECOND);
  extent = (struct timeline_extent){.columns = 46};
  selection = selection_all;
  memset(points, 0, sizeof points);
  points[0] = (struct timeline_point){.at_ns = FAKE_SECOND, .charged = {[2] = KIB, [4] = 3 * KIB}};
  points[1] = (struct timeline_point){.at_ns = 2 * FAKE_SECOND, .charged = {[2] = KIB, [4] = 1 * KIB}};
  points[2] = (struct timeline_point){.at_ns = 5 * FAKE_SECOND, .charged = {[4] = 90000}};
  points[3] = (struct timeline_point){.at_ns = 6 * FAKE_SECOND, .charged = {[4] = 60000}};
  timeline = (struct timeline){.points = points, .count = 4, .is_kept = true};
}

static char *show(bool is_json) {
  struct shown shown;
  timeline_view(shown_begin(&shown, is_json), &process, &timeline, extent, &selection);
  return shown_end(&shown);
}

static void check(const char *expected) {
  shown_is(show(false), expected);
}

static void check_json(const char *expected) {
  json_t *root = shown_root(show(true));
  char *found = json_dumps(json_object_get(root, "timeline"), JSON_COMPACT | JSON_REAL_PRECISION(9));
  cr_expect_str_eq(found, expected);
  free(found);
  json_decref(root);
}

Test(timeline_view, is_a_plot_of_the_sum_and_a_line_for_each, .init = set_up) {
  check("  CATEGORY       MOST\n"
        "  total      87.9 KiB ┤              ████\n"
        "                      │              ████\n"
        "                      │              █████████\n"
        "             43.9 KiB ┤              █████████\n"
        "                      │              █████████\n"
        "                      │  ▂▂▂▂▁▁▁▁▁▁▁▁█████████\n"
        "                  0 B └┬────┬─────┬─────┬─────\n"
        "                       0 s  2 s   4 s   6 s\n"
        "  lib/a.so   87.9 KiB    ▁▁▁▁▁▁▁▁▁▁▁▁████▅▅▅▅▅\n"
        "  other       1.0 KiB    █████████████\n"
        "\n"
        "  4 points; each column is the most within 347.8 ms, each row has its own scale\n");
}

Test(timeline_view, shows_the_end_of_it_alone, .init = set_up) {
  extent.last_ns = 4 * FAKE_SECOND;
  check("  CATEGORY       MOST\n"
        "  total      87.9 KiB ┤     ███████\n"
        "                      │     ███████\n"
        "                      │     ██████████████████\n"
        "             43.9 KiB ┤     ██████████████████\n"
        "                      │     ██████████████████\n"
        "                      │▁▁▁▁▁██████████████████\n"
        "                  0 B └┬────┬─────┬─────┬─────\n"
        "                       4 s  5 s   6 s   7 s\n"
        "  lib/a.so   87.9 KiB  ▁▁▁▁▁███████▅▅▅▅▅▅▅▅▅▅▅\n"
        "  other       1.0 KiB  ██████\n"
        "\n"
        "  3 points; each column is the most within 173.9 ms, each row has its own scale\n");
}

Test(timeline_view, folds_selects_and_shows_the_tree, .init = set_up) {
  selection.depth = 1;
  check("  CATEGORY       MOST\n"
        "  total      87.9 KiB ┤              ████\n"
        "                      │              ████\n"
        "                      │              █████████\n"
        "             43.9 KiB ┤              █████████\n"
        "                      │              █████████\n"
        "                      │  ▂▂▂▂▁▁▁▁▁▁▁▁█████████\n"
        "                  0 B └┬────┬─────┬─────┬─────\n"
        "                       0 s  2 s   4 s   6 s\n"
        "  lib        87.9 KiB    ▁▁▁▁▁▁▁▁▁▁▁▁████▅▅▅▅▅\n"
        "  other       1.0 KiB    █████████████\n"
        "\n"
        "  4 points; each column is the most within 347.8 ms, each row has its own scale\n");
  selection = selection_all;
  selection.category = "lib";
  check("  CATEGORY       MOST\n"
        "  lib        87.9 KiB ┤              ████\n"
        "                      │              ████\n"
        "                      │              █████████\n"
        "             43.9 KiB ┤              █████████\n"
        "                      │              █████████\n"
        "                      │  ▂▂▂▂▁▁▁▁▁▁▁▁█████████\n"
        "                  0 B └┬────┬─────┬─────┬─────\n"
        "                       0 s  2 s   4 s   6 s\n"
        "  lib/a.so   87.9 KiB    ▁▁▁▁▁▁▁▁▁▁▁▁████▅▅▅▅▅\n"
        "\n"
        "  4 points; each column is the most within 347.8 ms, each row has its own scale\n");
  selection = selection_all;
  selection.is_tree = true;
  check("  CATEGORY       MOST\n"
        "  total      87.9 KiB ┤              ████\n"
        "                      │              ████\n"
        "                      │              █████████\n"
        "             43.9 KiB ┤              █████████\n"
        "                      │              █████████\n"
        "                      │  ▂▂▂▂▁▁▁▁▁▁▁▁█████████\n"
        "                  0 B └┬────┬─────┬─────┬─────\n"
        "                       0 s  2 s   4 s   6 s\n"
        "  lib        87.9 KiB    ▁▁▁▁▁▁▁▁▁▁▁▁████▅▅▅▅▅\n"
        "    a.so     87.9 KiB    ▁▁▁▁▁▁▁▁▁▁▁▁████▅▅▅▅▅\n"
        "  other       1.0 KiB    █████████████\n"
        "\n"
        "  4 points; each column is the most within 347.8 ms, each row has its own scale\n");
}

Test(timeline_view, has_all_points_in_json, .init = set_up) {
  check_json("[{\"seconds\":1.0,\"live_bytes\":4096,\"categories\":{\"other\":1024,\"lib/"
             "a.so\":3072}},{\"seconds\":2.0,\"live_bytes\":2048,\"categories\":{\"other\":1024,\"lib/"
             "a.so\":1024}},{\"seconds\":5.0,\"live_bytes\":90000,\"categories\":{\"lib/"
             "a.so\":90000}},{\"seconds\":6.0,\"live_bytes\":60000,\"categories\":{\"lib/a.so\":60000}}]");
  selection.depth = 1;
  extent.last_ns = 3 * FAKE_SECOND;
  check_json("[{\"seconds\":5.0,\"live_bytes\":90000,\"categories\":{\"lib\":90000}},{\"seconds\":6.0,\"live_"
             "bytes\":60000,\"categories\":{\"lib\":60000}}]");
  selection = selection_all;
  selection.category = "other";
  extent.last_ns = 6 * FAKE_SECOND;
  check_json("[{\"seconds\":2.0,\"live_bytes\":2048,\"categories\":{\"other\":1024}},{\"seconds\":5.0,\"live_"
             "bytes\":90000,\"categories\":{}},{\"seconds\":6.0,\"live_bytes\":60000,\"categories\":{}}]");
}

/* Of each category its own, so that their order is that of their ids, backwards. */
static void add_categories(uint32_t count) {
  for (uint32_t id = 5; id < 5 + count; id++) {
    struct category_figures *category = &process.snapshot.categories[id];
    snprintf(category->name, sizeof category->name, "rendering/some/thing/number-%u", id);
    category->parent = 1;
    category->depth = 1;
    points[0].charged[id] = id * KIB;
    points[3].charged[id] = id * KIB;
  }
  process.snapshot.category_count = 4 + count;
}

Test(timeline_view, sums_up_all_but_the_ten_largest, .init = set_up) {
  add_categories(20);
  check("  CATEGORY           MOST\n"
        "  total         348.6 KiB ┤              █████\n"
        "                          │  ███         █████\n"
        "                          │  ███         █████\n"
        "                174.3 KiB ┤  ███         █████\n"
        "                          │  ███      ▄▄▄█████\n"
        "                          │  ███▁▁▁▁▁▁████████\n"
        "                      0 B └┬──────────┬───────\n"
        "                           0 s        5 s\n"
        "  lib/a.so       87.9 KiB    ▁▁▁▁▁▁▁▁▁████▅▅▅▅\n"
        "  …g/number-24   24.0 KiB    ███         █████\n"
        "  …g/number-23   23.0 KiB    ███         █████\n"
        "  …g/number-22   22.0 KiB    ███         █████\n"
        "  …g/number-21   21.0 KiB    ███         █████\n"
        "  …g/number-20   20.0 KiB    ███         █████\n"
        "  …g/number-19   19.0 KiB    ███         █████\n"
        "  …g/number-18   18.0 KiB    ███         █████\n"
        "  …g/number-17   17.0 KiB    ███         █████\n"
        "  …g/number-16   16.0 KiB    ███         █████\n"
        "  12 others     111.0 KiB    ███▁▁▁▁▁▁▁  █████\n"
        "\n"
        "  4 points; each column is the most within 421.0 ms, each row has its own scale\n");
}

Test(timeline_view, says_where_there_is_no_timeline, .init = set_up) {
  timeline.count = 0;
  check("  no timeline yet: no point has come\n");
  check_json("[]");
  timeline.is_kept = false;
  check("  no timeline: the segment of this process is a small one\n");
}

/* No line is wider than it may be, whatever the points and names are. */
Test(timeline_view, fits_the_terminal, .init = set_up) {
  add_categories(30);
  memset(process.snapshot.categories[9].name, 0xff, RATION_CATEGORY_NAME_BYTES - 1);
  strcpy(process.snapshot.categories[10].name,
         "größe/größe/größe/größe/größe/größe/größe/größe/größe/größe/größe");
  strcpy(process.snapshot.categories[11].name, "地形/地形/地形/地形/地形/地形/地形/地形");
  for (uint32_t id = 1; id < 20; id++) points[3].charged[id] = (UINT64_C(1) << 47) - id;
  points[3].at_ns = UINT64_MAX - 5;
  for (extent.columns = TERMINAL_COLUMNS_LEAST; extent.columns <= TERMINAL_COLUMNS_MOST; extent.columns++) {
    char *text = show(false), *rest = text, *line = strtok_r(text, "\n", &rest);
    for (; line; line = strtok_r(NULL, "\n", &rest)) {
      bool is_of_plot = !strstr(line, " point");
      if (is_of_plot) cr_assert_leq(escape_columns(line), extent.columns, "%s", line);
      cr_assert(!*line || line[strlen(line) - 1] != ' ', "%s|", line);
    }
    free(text);
  }
}

static void check_columns(const struct chart_row *row, size_t count, const uint64_t *expected) {
  for (size_t i = 0; i < count; i++) cr_expect_eq(row->columns[i], expected[i], "column %zu", i);
}

Test(chart, has_the_most_of_each_stretch, .init = set_up) {
  struct chart_row row = {.has = {[2] = true, [4] = true}};
  struct time_axis axis = {.to_ns = 8 * FAKE_SECOND, .columns = 8};
  chart_fill(&row, &timeline, &axis);
  check_columns(&row, 8, (uint64_t[]){0, 4 * KIB, 2 * KIB, 2 * KIB, 2 * KIB, 90000, 60000, 60000});
  cr_expect_eq(row.most, 90000);
  axis.columns = 4;
  chart_fill(&row, &timeline, &axis);
  check_columns(&row, 4, (uint64_t[]){4 * KIB, 2 * KIB, 90000, 60000});
  axis = (struct time_axis){.from_ns = 4 * FAKE_SECOND, .to_ns = 5 * FAKE_SECOND, .columns = 2};
  chart_fill(&row, &timeline, &axis);
  check_columns(&row, 2, (uint64_t[]){2 * KIB, 2 * KIB});
  cr_expect_eq(row.most, 2 * KIB);
  cr_expect_eq(chart_first(&timeline, &axis), 1);
}
