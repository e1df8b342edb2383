/*
 * drawing.c: see drawing.h.
 *
 *   ration top  2 processes, 9 threads  148.3 MiB live  ...            14:03:22   the title
 *    NAME                     LIVE  USED BUDGET     LEVEL   ALLOCS/s LAST MINUTE
 *    sqlite3 4711        148.3 MiB  74 % ███████░░░ low        1,204 ▁▂▃▅▆▇▇███
 *    ├─cache             148.0 MiB ...                                             rows
 *   ── cache in sqlite3 (pid 4711) ───────────────────────────────────────────     the sites of the selected row
 *   Enter fold  < sort  / filter ...                                               the last line
 */
#include "top/drawing.h"

#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "top/columns.h"
#include "top/glyphs.h"
#include "top/keys.h"
#include "top/screen.h"
#include "view/pressure_words.h"
#include "view/process_words.h"
#include "view/units.h"

#define SITES_FROM_LINES 14 /* of the terminal: on fewer there are only rows */
#define SITES_LEAST      8
#define NAME_LEAST       8 /* columns that the name of a process has before its pid */
#define AROUND_ROWS      3 /* lines of title, headings and keys */

static void draw_title(const struct board *board, const struct columns *columns, const char *clock);
static void draw_headings(const struct board *board, const struct columns *columns);
static void draw_rows(const struct board *board, const struct columns *columns, size_t lines);
static void draw_row(const struct board *board, const struct columns *columns, size_t at, unsigned line);
static enum column find_words(const struct board *board, const struct row *row,
                              char ret_words[BOARD_NAME_BYTES]);
static void draw_name(const struct row *row, struct screen_place place, bool is_selected);
static void draw_cell(const struct row *row, struct placed_column placed, unsigned line, bool is_selected);
static void draw_bar(const struct row *row, struct screen_place place);
static void draw_nothing(const struct board *board);
static void draw_last_line(const struct board *board);
static void draw_prompt(const struct board *board);
static void draw_keys(unsigned line);
static enum ink ink_of_level(const struct node *node);

void drawing_show(struct board *board, const char *clock) {
  struct columns columns;
  unsigned lines = screen_lines();
  unsigned part = board->hides_sites || lines < SITES_FROM_LINES ? 0 : lines / 3;
  if (part > 0 && part < SITES_LEAST) part = SITES_LEAST;
  size_t seen = lines > AROUND_ROWS + part ? lines - AROUND_ROWS - part : 0;
  screen_clear();
  board_see(board, seen);
  columns_lay_out(screen_columns(), board->name_width, &columns);
  draw_title(board, &columns, clock);
  if (board->shows_help) {
    help_drawing(board);
  } else {
    draw_headings(board, &columns);
    draw_rows(board, &columns, seen);
    if (part > 0) site_drawing(board, (struct drawing_part){(unsigned)seen + 2, part});
  }
  draw_last_line(board);
  screen_show();
}

/* ---- the title ------------------------------------------------------------------------------------------- */

/* What all processes come to that have not ended. */
struct sums {
  size_t processes, threads, pressed;
  uint32_t level; /* the highest */
  uint64_t live_bytes;
  double change, allocations;
};

static struct sums sum_up(const struct scene *scene) {
  struct sums sums = {.processes = 0};
  for (size_t i = 0; i < scene->count; i++) {
    const struct tracked *tracked = scene->tracked[i];
    const struct node *root = tracked_root(tracked);
    uint32_t level = tracked_level(tracked);
    if (!tracked->is_alive) continue;
    sums.processes++;
    sums.threads += tracked->threads;
    if (level > sums.level) sums.level = level;
    sums.pressed += level > RATION_LEVEL_NONE;
    if (!root) continue;
    sums.live_bytes += root->live_bytes;
    sums.change += root->change_bytes_per_second;
    sums.allocations += root->allocations_per_second;
  }
  return sums;
}

/* Those that the line has no room for are left away, from the end. */
static void draw_part(unsigned *column, unsigned end, const char *text, enum ink ink) {
  unsigned width = screen_width(text);
  if (*column + width + 2 > end) {
    *column = end;
    return;
  }
  screen_put((struct screen_place){0, *column, width}, text, ink, false);
  *column += width + 2;
}

static void draw_title(const struct board *board, const struct columns *columns, const char *clock) {
  struct sums sums = sum_up(&board->scene);
  unsigned column = 1, width = screen_columns(), clock_width = screen_width(clock);
  unsigned end = width > clock_width + 1 ? width - clock_width - 1 : 0;
  const char *missing = columns_missing(columns, board->order.by);
  char text[160], count[COLUMN_TEXT_BYTES];
  draw_part(&column, end, "ration top", INK_STRONG);
  if (board->is_frozen) draw_part(&column, end, " FROZEN ", INK_ALARM);
  if (missing) {
    const char *mark = glyphs_order(screen_is_ascii(), board->order.is_reversed);
    snprintf(text, sizeof text, "by %s%s", missing, mark);
    draw_part(&column, end, text, INK_STRONG);
  }
  if (sums.pressed > 0) {
    snprintf(text, sizeof text, "%zu under pressure (%s)", sums.pressed, pressure_words_level(sums.level));
    draw_part(&column, end, text, (enum ink)(INK_OK + sums.level));
  }
  snprintf(text, sizeof text, "%s live", units_bytes(sums.live_bytes).chars);
  draw_part(&column, end, text, INK_PLAIN);
  snprintf(text, sizeof text, "%zu process%s, %zu thread%s", sums.processes, sums.processes == 1 ? "" : "es",
           sums.threads, sums.threads == 1 ? "" : "s");
  draw_part(&column, end, text, INK_PLAIN);
  column_count(sums.allocations, count);
  snprintf(text, sizeof text, "%s allocs/s", count);
  draw_part(&column, end, text, INK_PLAIN);
  snprintf(text, sizeof text, "%s/s", units_growth(whole_signed_of(sums.change)).chars);
  draw_part(&column, end, text, INK_PLAIN);
  screen_put((struct screen_place){0, end, clock_width}, clock, INK_STRONG, false);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static void draw_headings(const struct board *board, const struct columns *columns) {
  screen_blank((struct screen_place){1, 0, screen_columns()}, INK_HEAD, false);
  for (size_t i = 0; i < columns->count; i++) {
    struct placed_column placed = columns->placed[i];
    const char *mark = glyphs_order(screen_is_ascii(), board->order.is_reversed);
    bool is_order = column_is_of(placed.column, board->order.by);
    char text[COLUMN_TEXT_BYTES];
    snprintf(text, sizeof text, "%s%s", column_heading(placed.column), is_order ? mark : "");
    unsigned width = screen_width(text);
    unsigned shift = column_is_right(placed.column) && width < placed.width ? placed.width - width : 0;
    screen_put((struct screen_place){1, placed.at + shift, placed.width - shift}, text, INK_HEAD, false);
  }
}

static void draw_rows(const struct board *board, const struct columns *columns, size_t lines) {
  if (board->rows.count == 0) draw_nothing(board);
  for (size_t i = 0; i < lines && board->first + i < board->rows.count; i++)
    draw_row(board, columns, board->first + i, (unsigned)i + 2);
}

static void draw_row(const struct board *board, const struct columns *columns, size_t at, unsigned line) {
  const struct row *row = &board->rows.row[at];
  bool is_selected = at == board->selected;
  char words[BOARD_NAME_BYTES];
  unsigned width = screen_columns();
  enum column words_from = find_words(board, row, words);
  if (is_selected) screen_blank((struct screen_place){line, 0, width}, INK_PLAIN, true);
  for (size_t i = 0; i < columns->count; i++) {
    struct placed_column placed = columns->placed[i];
    if (words[0] && placed.column >= words_from) {
      screen_put((struct screen_place){line, placed.at, width - placed.at}, words, INK_PLAIN, is_selected);
      return;
    }
    if (placed.column == COLUMN_NAME) {
      draw_name(row, (struct screen_place){line, placed.at, placed.width}, is_selected);
    } else {
      draw_cell(row, placed, line, is_selected);
    }
  }
}

/* Of a process that has ended, or is not tracked, words take the place of columns that would say nothing. */
static enum column find_words(const struct board *board, const struct row *row,
                              char ret_words[BOARD_NAME_BYTES]) {
  const char *reason = process_words_passive_reason(row->tracked->passive);
  ret_words[0] = 0;
  if (row->depth > 0) return COLUMN_NAME;
  board_end(row, board->scene.looked_ns, ret_words);
  if (!ret_words[0] && reason) snprintf(ret_words, BOARD_NAME_BYTES, "%s", reason);
  return reason ? COLUMN_LIVE : COLUMN_BAR;
}

static void draw_name(const struct row *row, struct screen_place place, bool is_selected) {
  char rails[GLYPHS_RAILS_BYTES], name[BOARD_NAME_BYTES], state[BOARD_NAME_BYTES];
  bool is_process = row->depth == 0, is_alive = row->tracked->is_alive;
  glyphs_rails(screen_is_ascii(), row, rails);
  board_name(row, name);
  board_state(row, state);
  unsigned used = screen_put(place, rails, INK_FAINT, is_selected);
  place.column += used;
  place.width -= used;
  unsigned whole = place.width, behind = is_process ? screen_width(state) + 1 : 0;
  if (whole > behind + NAME_LEAST) place.width -= behind;
  used = screen_put(place, name, !is_alive ? INK_FAINT : is_process ? INK_STRONG : INK_PLAIN, is_selected);
  if (!is_process || used + 1 >= whole) return;
  place.column += used + 1;
  place.width = whole - used - 1;
  screen_put(place, state, is_alive ? INK_FAINT : INK_PLAIN, is_selected);
}

static void draw_cell(const struct row *row, struct placed_column placed, unsigned line, bool is_selected) {
  const struct node *node = row_node(row);
  struct screen_place place = {line, placed.at, placed.width};
  char text[COLUMN_TEXT_BYTES], course[GLYPHS_BYTES];
  enum ink ink = row->tracked->is_alive ? INK_PLAIN : INK_FAINT;
  if (!node) return;
  if (placed.column == COLUMN_BAR) {
    draw_bar(row, place);
    return;
  }
  if (placed.column == COLUMN_COURSE) {
    glyphs_course(screen_is_ascii(), &node->course, placed.width, course);
    screen_put(place, course, row->tracked->is_alive ? INK_COURSE : INK_FAINT, false);
    return;
  }
  column_text(placed.column, node, text);
  if (placed.column == COLUMN_LEVEL || placed.column == COLUMN_USED) ink = ink_of_level(node);
  unsigned width = screen_width(text);
  if (column_is_right(placed.column) && width < placed.width) {
    place.column += placed.width - width;
    place.width = width;
  }
  screen_put(place, text, ink, is_selected);
}

/* Of a budget how full it is; else what part of the process a category is, fainter and without an end. */
static void draw_bar(const struct row *row, struct screen_place place) {
  const struct node *node = row_node(row), *root = tracked_root(row->tracked);
  struct glyph_bar bar;
  bool has_budget = node->limit_bytes > 0;
  uint64_t value = has_budget ? node->used_bytes : node->live_bytes,
           whole = has_budget ? node->limit_bytes : root->live_bytes;
  if (!has_budget && row->depth == 0) whole = 0;
  glyphs_bar(screen_is_ascii(), whole ? (double)value / (double)whole : 0, place.width, &bar);
  screen_blank(place, INK_PLAIN, false);
  screen_put(place, bar.full, has_budget ? ink_of_level(node) : INK_SHARE, false);
  place.column += bar.full_columns;
  place.width -= bar.full_columns < place.width ? bar.full_columns : place.width;
  if (has_budget) screen_put(place, bar.left, INK_FAINT, false);
}

static enum ink ink_of_level(const struct node *node) {
  return (enum ink)(INK_OK + node->level);
}

static void draw_nothing(const struct board *board) {
  char words[BOARD_MESSAGE_BYTES];
  board_nothing(board, words);
  unsigned width = screen_width(words), columns = screen_columns();
  unsigned column = width < columns ? (columns - width) / 2 : 0;
  screen_put((struct screen_place){4, column, columns - column}, words, INK_PLAIN, false);
}

/* ---- the last line --------------------------------------------------------------------------------------- */

static void draw_last_line(const struct board *board) {
  unsigned line = screen_lines() - 1;
  struct screen_place place = {line, 1, screen_columns() - 1};
  if (board->prompt.what != PROMPT_NOTHING) {
    draw_prompt(board);
  } else if (board->message[0]) {
    screen_put(place, board->message, board->is_alarm ? INK_HIGH : INK_STRONG, false);
  } else if (board->filter[0]) {
    char text[PROMPT_BYTES + 64];
    snprintf(text, sizeof text, "filter: %s   (Esc shows all)", board->filter);
    screen_put(place, text, INK_STRONG, false);
  } else {
    draw_keys(line);
  }
}

/* The end of what is typed is what is looked at. */
static void draw_prompt(const struct board *board) {
  char label[BOARD_NAME_BYTES + 32] = "filter: ";
  unsigned line = screen_lines() - 1, columns = screen_columns();
  if (board->prompt.what == PROMPT_BUDGET)
    snprintf(label, sizeof label, "budget of %s: ", board->target_name);
  unsigned used = screen_put((struct screen_place){line, 1, columns * 2 / 3}, label, INK_STRONG, false) + 1;
  const char *text = board->prompt.text;
  while (*text && used + screen_width(text) >= columns) text++;
  while (((unsigned char)*text & 0xc0) == 0x80) text++;
  used += screen_put((struct screen_place){line, used, columns - used}, text, INK_PLAIN, false);
  screen_cursor(line, used);
}

static void draw_keys(unsigned line) {
  unsigned column = 1;
  for (const struct key_words *words = key_words; words->keys; words++) {
    if (!words->brief) continue;
    char key[16];
    size_t length = strcspn(words->keys, ", ");
    if (words->keys[length] == ' ' || length == 0) length = strlen(words->keys);
    snprintf(key, sizeof key, "%.*s", (int)length, words->keys);
    unsigned width = screen_width(key) + 1 + screen_width(words->brief);
    if (column + width > screen_columns()) return;
    column += screen_put((struct screen_place){line, column, width}, key, INK_KEY, false) + 1;
    column += screen_put((struct screen_place){line, column, width}, words->brief, INK_PLAIN, false) + 2;
  }
}
