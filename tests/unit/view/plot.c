/*
 * Tests of view/plot.c and view/time_axis.c: columns, marks and labels, to the letter; and view/terminal.c.
 */
#include "view/plot.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/terminal.h"
#include "view/time_axis.h"

#define SECOND UINT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static void check_plot(const uint64_t *values, size_t count, struct plot_line line, const char *expected) {
  char drawn[PLOT_BYTES(32)];
  plot_draw(values, count, line, drawn);
  cr_expect_str_eq(drawn, expected);
}

Test(plot, is_eighths_of_a_line) {
  static const uint64_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  check_plot(values, 9, (struct plot_line){0, 1, 8}, " ▁▂▃▄▅▆▇█");
  check_plot(values, 9, (struct plot_line){0, 1, 0}, "");
  check_plot((uint64_t[]){1, 999, 2000, 0}, 4, (struct plot_line){0, 1, 1000}, "▁██");
  check_plot((uint64_t[]){UINT64_MAX, UINT64_MAX / 2}, 2, (struct plot_line){0, 1, UINT64_MAX}, "█▄");
}

Test(plot, is_parted_into_lines_without_blanks_at_their_ends) {
  static const uint64_t values[] = {0, 1, 8, 9, 15, 16, 12, 0};
  check_plot(values, 8, (struct plot_line){0, 2, 16}, "   ▁▇█▄");
  check_plot(values, 8, (struct plot_line){1, 2, 16}, " ▁█████");
  check_plot(values, 2, (struct plot_line){0, 2, 16}, "");
}

static void check_axis(struct time_axis axis, const char *line, const char *labels) {
  char drawn_line[TIME_AXIS_BYTES(64)], drawn_labels[TIME_AXIS_BYTES(64)];
  time_axis_draw(&axis, drawn_line, drawn_labels);
  cr_expect_str_eq(drawn_line, line);
  cr_expect_str_eq(drawn_labels, labels);
}

Test(time_axis, has_marks_at_round_times) {
  check_axis((struct time_axis){0, 10 * SECOND, 30}, "┬─────┬─────┬─────┬─────┬─────",
             "0 s   2 s   4 s   6 s   8 s");
  check_axis((struct time_axis){0, SECOND / 2, 30}, "┬───────────┬───────────┬─────",
             "0.0 s       0.2 s       0.4 s");
  check_axis((struct time_axis){0, 3 * HOUR, 30}, "┬─────────┬─────────┬─────────",
             "0 h       1 h       2 h");
  check_axis((struct time_axis){0, 50 * MINUTE, 30}, "┬────────┬────────┬───────────",
             "0 min    15 min   30 min");
  check_axis((struct time_axis){0, 72 * HOUR, 24}, "┬───────┬───────┬───────", "0 d     1 d     2 d");
}

/* From somewhere in between; a label that would not fit has no mark. */
Test(time_axis, begins_anywhere) {
  check_axis((struct time_axis){7 * SECOND / 2, 15 * SECOND / 2, 24}, "───┬─────┬─────┬─────┬──",
             "   4 s   5 s   6 s   7 s");
  check_axis((struct time_axis){SECOND, SECOND + 1, 10}, "┬─────────", "1.000 s");
  check_axis((struct time_axis){SECOND + 1, SECOND + 2, 10}, "──────────", "");
}

Test(time_axis, takes_any_time) {
  static const struct time_axis axes[] = {{0, UINT64_MAX, 40},
                                          {UINT64_MAX - 1, UINT64_MAX, 40},
                                          {UINT64_MAX - HOUR, UINT64_MAX, 1},
                                          {0, 1, 1},
                                          {UINT64_MAX / 2, UINT64_MAX, 240}};
  for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
    char line[TIME_AXIS_BYTES(240)], labels[TIME_AXIS_BYTES(240)];
    time_axis_draw(&axes[i], line, labels);
    cr_expect_eq(strlen(line), 3 * axes[i].columns);
    cr_expect_leq(strlen(labels), axes[i].columns);
    cr_expect_eq(time_axis_column(&axes[i], axes[i].from_ns), 0);
    cr_expect_eq(time_axis_column(&axes[i], UINT64_MAX), axes[i].columns - 1);
  }
}

Test(terminal, is_as_wide_as_the_environment_says) {
  static const struct {
    const char *said;
    unsigned columns;
  } cases[] = {{"100", 100}, {"40", 40}, {"39", 40}, {"1", 40}, {"9999", 240}, {"99999999999999999999", 80}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    setenv("COLUMNS", cases[i].said, 1);
    cr_expect(terminal_columns() == cases[i].columns || (cases[i].columns == 80 && isatty(1)), "%s",
              cases[i].said);
  }
}
