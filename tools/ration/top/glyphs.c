/*
 * glyphs.c: see glyphs.h.
 */
#include "top/glyphs.h"

#include <stdio.h>
#include <string.h>

/* U+2588 FULL BLOCK down to U+258F, and U+2581 up to U+2588: eighths of a cell, from the left and from below. */
static const char *const from_left[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
static const char *const from_below[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const from_below_ascii[] = {" ", "_", ".", "-", "+", "=", "*", "%", "#"};

struct line {
  char *text;
  size_t used;
  size_t bytes;
};

static void add(struct line *line, const char *glyph);

void glyphs_bar(bool is_ascii, double share, unsigned columns, struct glyph_bar *ret_bar) {
  struct line full = {ret_bar->full, 0, sizeof ret_bar->full},
              left = {ret_bar->left, 0, sizeof ret_bar->left};
  if (columns > GLYPHS_COLUMNS_MOST) columns = GLYPHS_COLUMNS_MOST;
  unsigned most = columns * 8, eighths = share >= 1 ? most : share > 0 ? (unsigned)(share * most + 0.5) : 0;
  if (share > 0 && eighths == 0) eighths = 1;
  if (is_ascii) eighths = (eighths + 7) / 8 * 8;
  ret_bar->full[0] = ret_bar->left[0] = 0;
  ret_bar->full_columns = (eighths + 7) / 8;
  for (unsigned i = 0; i < ret_bar->full_columns; i++, eighths -= eighths < 8 ? eighths : 8)
    add(&full, is_ascii ? "#" : from_left[eighths < 8 ? eighths : 8]);
  for (unsigned i = ret_bar->full_columns; i < columns; i++) add(&left, is_ascii ? "." : "░");
}

void glyphs_course(bool is_ascii, const struct course *course, unsigned columns,
                   char ret_line[GLYPHS_BYTES]) {
  unsigned char heights[COURSE_VALUES];
  struct line line = {ret_line, 0, GLYPHS_BYTES};
  if (columns > COURSE_VALUES) columns = COURSE_VALUES;
  size_t count = course_draw(course, columns, 8, heights);
  ret_line[0] = 0;
  for (size_t i = count; i < columns; i++) add(&line, " ");
  for (size_t i = 0; i < count; i++) add(&line, (is_ascii ? from_below_ascii : from_below)[heights[i]]);
}

/* A row without rows below it goes on with its line; one that is folded says so. */
void glyphs_rails(bool is_ascii, const struct row *row, char ret_rails[GLYPHS_RAILS_BYTES]) {
  struct line line = {ret_rails, 0, GLYPHS_RAILS_BYTES};
  uint32_t depth = row->depth < ROW_DEPTH_MOST ? row->depth : ROW_DEPTH_MOST;
  ret_rails[0] = 0;
  for (uint32_t at = 1; at < depth; at++) {
    bool goes_on = row->rails >> at & 1;
    add(&line, goes_on ? (is_ascii ? "|  " : "│  ") : "   ");
  }
  if (depth == 0) {
    add(&line, row->is_folded ? (is_ascii ? "+ " : "▸ ") : "");
    return;
  }
  bool goes_on = depth < ROW_DEPTH_MOST && (row->rails >> depth & 1);
  add(&line, goes_on ? (is_ascii ? "|" : "├") : (is_ascii ? "`" : "└"));
  add(&line, row->is_folded ? (is_ascii ? "+ " : "▸ ") : (is_ascii ? "- " : "─ "));
}

const char *glyphs_rule(bool is_ascii) {
  return is_ascii ? "-" : "─";
}

const char *glyphs_caller(bool is_ascii) {
  return is_ascii ? " < " : " ← ";
}

const char *glyphs_order(bool is_ascii, bool is_reversed) {
  if (is_ascii) return is_reversed ? "^" : "v";
  return is_reversed ? "▲" : "▼";
}

static void add(struct line *line, const char *glyph) {
  size_t length = strlen(glyph);
  if (line->used + length >= line->bytes) return;
  memcpy(line->text + line->used, glyph, length + 1);
  line->used += length;
}
