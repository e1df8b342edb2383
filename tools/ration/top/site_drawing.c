/*
 * site_drawing.c: below the rows: what the selected one is besides its columns, and its sites.
 */
#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "top/columns.h"
#include "top/drawing.h"
#include "top/glyphs.h"
#include "top/screen.h"
#include "view/field.h"

#define AROUND_SITES   3   /* lines: rule, figures, headings */
#define WIDE_COLUMNS   120 /* from which on there is room for intervals and categories */
#define NUMBER_WIDTH   11
#define CATEGORY_WIDTH 24

static void draw_rule(const struct board *board, unsigned line);
static void draw_figures(const struct row *row, unsigned line);
static void draw_headings(unsigned line);
static void draw_answer(const struct board *board, struct drawing_part part);
static void draw_site(const struct site_answer *answer, const struct site_line *site, unsigned line);
static bool is_answered(const struct board *board);
static void draw_words(unsigned line, const char *words);

void site_drawing(const struct board *board, struct drawing_part part) {
  const struct row *row = board_row(board);
  draw_rule(board, part.line);
  if (!row || !row_node(row)) return;
  draw_figures(row, part.line + 1);
  draw_headings(part.line + 2);
  draw_answer(board, part);
}

/* A line across, with the name of the row in it. */
static void draw_rule(const struct board *board, unsigned line) {
  const struct row *row = board_row(board);
  char name[BOARD_NAME_BYTES], title[BOARD_NAME_BYTES + 16];
  unsigned columns = screen_columns();
  for (unsigned column = 0; column < columns; column++)
    screen_put((struct screen_place){line, column, 1}, glyphs_rule(screen_is_ascii()), INK_FAINT, false);
  if (!row) return;
  board_full_name(row, name);
  snprintf(title, sizeof title, " %s ", name);
  screen_put((struct screen_place){line, 2, columns > 4 ? columns - 4 : 0}, title, INK_STRONG, false);
}

static const char *growth_words(int64_t growth, char ret_text[COLUMN_TEXT_BYTES]) {
  snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", growth == FIELD_UNKNOWN ? "-" : units_rate(growth).chars);
  return ret_text;
}

/* What narrow terminals have no columns for. */
static void draw_figures(const struct row *row, unsigned line) {
  const struct node *node = row_node(row);
  char budget[160] = "", short_time[COLUMN_TEXT_BYTES], long_time[COLUMN_TEXT_BYTES], text[512];
  if (node->limit_bytes)
    snprintf(budget, sizeof budget, "%s of %s  ", units_bytes(node->used_bytes).chars,
             units_bytes(node->limit_bytes).chars);
  snprintf(text, sizeof text, "%speak %s  %s block%s  growth %s in 5m, %s in 6h", budget,
           units_bytes(node->peak_bytes).chars, units_count(node->live_blocks).chars,
           node->live_blocks == 1 ? "" : "s", growth_words(node->growth[0], short_time),
           growth_words(node->growth[1], long_time));
  draw_words(line, text);
}

static bool is_wide(void) {
  return screen_columns() >= WIDE_COLUMNS;
}

/* Where the calls of a site begin. */
static unsigned calls_column(void) {
  return 2 + (is_wide() ? 4 : 2) * NUMBER_WIDTH + (is_wide() ? NUMBER_WIDTH + CATEGORY_WIDTH + 1 : 0);
}

static void put_right(unsigned line, unsigned end, const char *text, enum ink ink) {
  unsigned width = screen_width(text);
  screen_put((struct screen_place){line, end > width ? end - width : 0, width}, text, ink, false);
}

static void put_texts(unsigned line, const char *const texts[5], enum ink ink) {
  unsigned column = 1;
  for (size_t i = 0; i < 5; i++) {
    if (!texts[i]) continue;
    column += NUMBER_WIDTH;
    put_right(line, column, texts[i], ink);
  }
}

static void draw_headings(unsigned line) {
  bool has_more = is_wide();
  const char *const texts[5] = {"LIVE", "SHARE", has_more ? "AT LEAST" : NULL, has_more ? "AT MOST" : NULL,
                                has_more ? "BLOCKS" : NULL};
  unsigned column = calls_column();
  put_texts(line, texts, INK_FAINT);
  if (has_more)
    screen_put((struct screen_place){line, column - CATEGORY_WIDTH - 1, CATEGORY_WIDTH}, "CATEGORY",
               INK_FAINT, false);
  screen_put((struct screen_place){line, column, screen_columns()}, "ALLOCATED IN, CALLED BY", INK_FAINT,
             false);
}

static bool is_answered(const struct board *board) {
  struct site_question question;
  return board_question(board, &question) && site_question_is_same(&question, &board->sites.question);
}

static void draw_answer(const struct board *board, struct drawing_part part) {
  const struct site_answer *answer = &board->sites;
  unsigned line = part.line + AROUND_SITES, end = part.line + part.lines;
  char words[160] = "reading its sites";
  size_t tracked = 0;
  if (is_answered(board)) {
    words[0] = 0;
    if (answer->fault.words[0]) {
      snprintf(words, sizeof words, "%.150s", answer->fault.words);
    } else if (answer->count == 0) {
      snprintf(words, sizeof words, "%s",
               answer->sample_mean ? "none of what lives is a sample" : "no samples are taken (sample=off)");
    }
    for (; line < end && tracked < answer->count; tracked++, line++)
      draw_site(answer, &answer->line[tracked], line);
  }
  if (words[0] && line < end) draw_words(line, words);
}

static void draw_site(const struct site_answer *answer, const struct site_line *site, unsigned line) {
  struct words live = units_bytes(whole_of(site->live_bytes)), low = units_bytes(whole_of(site->live.low)),
               high = units_bytes(whole_of(site->live.high)),
               blocks = units_count(whole_of(site->live_blocks)),
               share = units_share(whole_of(site->live_bytes), whole_of(answer->live_bytes));
  bool has_more = is_wide();
  const char *const texts[5] = {live.chars, share.chars, has_more ? low.chars : NULL,
                                has_more ? high.chars : NULL, has_more ? blocks.chars : NULL};
  unsigned column = calls_column(), columns = screen_columns();
  put_texts(line, texts, INK_PLAIN);
  if (has_more)
    screen_put((struct screen_place){line, column - CATEGORY_WIDTH - 1, CATEGORY_WIDTH}, site->category,
               INK_PLAIN, false);
  enum ink ink = INK_STRONG;
  for (const char *next = site->calls; *next && column < columns;) {
    size_t length = strcspn(next, "\n");
    char name[SITE_CALLS_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)length, next);
    column += screen_put((struct screen_place){line, column, columns - column}, name, ink, false);
    next += length;
    if (*next) next++;
    ink = INK_PLAIN;
    if (!*next || column >= columns) return;
    column += screen_put((struct screen_place){line, column, columns - column},
                         glyphs_caller(screen_is_ascii()), INK_FAINT, false);
  }
}

static void draw_words(unsigned line, const char *words) {
  screen_put((struct screen_place){line, 2, screen_columns() - 2}, words, INK_PLAIN, false);
}
