/*
 * board.c: see board.h.
 */
#include "top/board.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "view/escape.h"
#include "view/process_words.h"
#include "view/units.h"

#define RAIL_COLUMNS 3
#define FOLDED_FROM  5 /* processes: so many are folded when they are met */

static void fold_new(struct board *board);
static void find_selected(struct board *board);
static void select_row(struct board *board, size_t at);
static void keep_in_sight(struct board *board);
static void measure_names(struct board *board);
static bool is_of(const struct tracked *tracked, const struct place_name *name);

int board_update(struct board *board) {
  struct rows_wishes wishes = {.order = board->order, .filter = board->filter};
  fold_new(board);
  int error = rows_make(&board->rows, board->scene.tracked, board->scene.count, &wishes);
  if (error) rows_free(&board->rows); /* they may be of processes that have gone */
  find_selected(board);
  measure_names(board);
  return error;
}

void board_free(struct board *board) {
  rows_free(&board->rows);
  site_answer_free(&board->sites);
  scene_end(&board->scene);
}

const struct row *board_row(const struct board *board) {
  return board->selected < board->rows.count ? &board->rows.row[board->selected] : NULL;
}

/* Those that were named are what the user wants to see. */
static void fold_new(struct board *board) {
  struct scene *scene = &board->scene;
  bool is_first = board->selected_id == 0 && scene->count > 0;
  if (is_first) board->is_folded = scene->wishes.named_count == 0 && scene->count >= FOLDED_FROM;
  for (size_t i = 0; i < scene->count; i++) {
    struct node *root = tracked_root(scene->tracked[i]);
    bool is_new = root && !scene->tracked[i]->is_met;
    if (is_new) root->is_folded = board->is_folded;
    scene->tracked[i]->is_met = true;
  }
}

static bool is_of(const struct tracked *tracked, const struct place_name *name) {
  return tracked->name.pid == name->pid && tracked->name.start_ticks == name->start_ticks &&
         tracked->name.pid_namespace == name->pid_namespace && tracked->name.image == name->image;
}

/* Where it has gone, the one that stands in its place is. */
static void find_selected(struct board *board) {
  for (size_t i = 0; i < board->rows.count && board->selected_id; i++) {
    const struct row *row = &board->rows.row[i];
    if (row->id != board->selected_id || !is_of(row->tracked, &board->selected_name)) continue;
    select_row(board, i);
    return;
  }
  select_row(board, board->selected);
}

static void select_row(struct board *board, size_t at) {
  if (at >= board->rows.count) at = board->rows.count ? board->rows.count - 1 : 0;
  board->selected = at;
  if (board->rows.count) {
    board->selected_name = board->rows.row[at].tracked->name;
    board->selected_id = board->rows.row[at].id;
  }
  keep_in_sight(board);
}

static void keep_in_sight(struct board *board) {
  size_t last = board->rows.count > board->seen ? board->rows.count - board->seen : 0;
  if (board->first > last) board->first = last;
  if (board->selected < board->first) board->first = board->selected;
  if (board->seen && board->selected >= board->first + board->seen)
    board->first = board->selected + 1 - board->seen;
}

static void measure_names(struct board *board) {
  board->name_width = 0;
  for (size_t i = 0; i < board->rows.count; i++) {
    const struct row *row = &board->rows.row[i];
    char name[BOARD_NAME_BYTES], state[BOARD_NAME_BYTES];
    board_name(row, name);
    size_t width = escape_columns(name) + RAIL_COLUMNS * row->depth;
    board_state(row, state);
    if (row->depth == 0) width += escape_columns(state) + 3;
    if (width > board->name_width) board->name_width = (unsigned)width;
  }
}

/* ---- what the user does ---------------------------------------------------------------------------------- */

void board_move(struct board *board, long by) {
  size_t back = by < 0 ? (size_t)-by : 0;
  if (board->rows.count == 0) return;
  size_t last = board->rows.count - 1;
  if (by < 0) {
    select_row(board, back < board->selected ? board->selected - back : 0);
  } else {
    select_row(board, (size_t)by < last - board->selected ? board->selected + (size_t)by : last);
  }
}

void board_see(struct board *board, size_t rows) {
  board->seen = rows;
  keep_in_sight(board);
}

int board_fold(struct board *board, enum board_fold how) {
  const struct row *row = board_row(board);
  struct node *node = row ? row_node(row) : NULL;
  if (!node) return 0;
  size_t next = board->selected + 1;
  bool is_open = next < board->rows.count && board->rows.row[next].depth > row->depth;
  if (how == BOARD_FOLD && !is_open) {
    select_row(board, rows_parent(&board->rows, board->selected));
    return 0;
  }
  if (!is_open && !row->is_folded) return 0;
  node->is_folded = how == BOARD_TOGGLE ? is_open : how == BOARD_FOLD;
  return board_update(board);
}

int board_fold_all(struct board *board) {
  const struct scene *scene = &board->scene;
  bool is_open = false;
  for (size_t i = 0; i < scene->count; i++) {
    const struct node *root = tracked_root(scene->tracked[i]);
    is_open |= root && !root->is_folded;
  }
  board->is_folded = is_open;
  for (size_t i = 0; i < scene->count; i++) {
    struct node *root = tracked_root(scene->tracked[i]);
    if (root) root->is_folded = is_open;
  }
  if (is_open && board->selected_id) board->selected_id = RATION_CATEGORY_TOTAL;
  return board_update(board);
}

int board_order(struct board *board, int step) {
  board->order.by = (enum order_by)(((int)board->order.by + step + ORDERS) % ORDERS);
  return board_update(board);
}

int board_reverse(struct board *board) {
  board->order.is_reversed = !board->order.is_reversed;
  return board_update(board);
}

int board_filter(struct board *board, const char *filter) {
  snprintf(board->filter, sizeof board->filter, "%s", filter);
  return board_update(board);
}

void board_say(struct board *board, bool is_alarm, const char *format, ...) {
  char words[BOARD_MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  escape_words(words, board->message, sizeof board->message);
  board->is_alarm = is_alarm;
}

void board_nothing(const struct board *board, char ret_words[BOARD_MESSAGE_BYTES]) {
  size_t unreadable = board->scene.unreadable;
  if (board->filter[0]) {
    snprintf(ret_words, BOARD_MESSAGE_BYTES, "no name has that text in it; Esc shows all");
  } else if (unreadable > 0) {
    snprintf(ret_words, BOARD_MESSAGE_BYTES, "nothing but %zu segment%s of other users; look as root",
             unreadable, unreadable == 1 ? "" : "s");
  } else {
    snprintf(ret_words, BOARD_MESSAGE_BYTES, "no tracked process runs; start one with `ration run -- CMD`");
  }
}

void board_type_budget(struct board *board) {
  const struct row *row = board_row(board);
  struct site_question question;
  if (!row) return;
  if (!board_question(board, &question)) {
    board_say(board, true, "no budget holds it: it is not tracked");
  } else if (!row->tracked->is_alive) {
    board_say(board, true, "it has ended; budgets are for running processes");
  } else {
    struct budget_target *target = &board->target;
    target->is_memfd = row->tracked->is_memfd;
    target->name = row->tracked->name;
    snprintf(target->path, sizeof target->path, "%s", row->tracked->path);
    snprintf(target->category, sizeof target->category, "%s", row_node(row)->name);
    board_full_name(row, board->target_name);
    prompt_open(&board->prompt, PROMPT_BUDGET, "");
  }
}

bool board_question(const struct board *board, struct site_question *ret_question) {
  const struct row *row = board_row(board);
  if (!row || row->tracked->passive || !row_node(row)) return false;
  struct site_question question = {
      .is_memfd = row->tracked->is_memfd, .name = row->tracked->name, .id = row->id};
  snprintf(question.path, sizeof question.path, "%s", row->tracked->path);
  *ret_question = question;
  return true;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

/* Of a path what it has beyond that of the row above it. */
void board_name(const struct row *row, char ret_name[BOARD_NAME_BYTES]) {
  const struct node *node = row_node(row);
  if (row->depth == 0 || !node) {
    escape(row->tracked->program, ret_name, BOARD_NAME_BYTES);
    return;
  }
  const char *above = row->depth > 1 ? row->tracked->nodes[node->parent].name : "", *name = node->name;
  size_t length = strlen(above);
  if (length > 0 && strncmp(name, above, length) == 0 && name[length] == '/') name += length + 1;
  escape(name, ret_name, BOARD_NAME_BYTES);
}

void board_full_name(const struct row *row, char ret_name[BOARD_NAME_BYTES]) {
  const struct node *node = row_node(row);
  char program[4 * RATION_PROGRAM_BYTES], category[4 * RATION_CATEGORY_NAME_BYTES];
  escape(row->tracked->program, program, sizeof program);
  escape(row->depth > 0 && node ? node->name : "", category, sizeof category);
  snprintf(ret_name, BOARD_NAME_BYTES, "%s%s%s (pid %u)", category, *category ? " in " : "", program,
           row->tracked->name.pid);
}

void board_state(const struct row *row, char ret_state[BOARD_NAME_BYTES]) {
  const struct tracked *tracked = row->tracked;
  bool is_plain = !tracked->is_alive || tracked->state == PROCESS_RUNNING;
  snprintf(ret_state, BOARD_NAME_BYTES, "%u%s%s", tracked->name.pid, is_plain ? "" : " ",
           is_plain ? "" : process_words_state(tracked->state));
}

void board_end(const struct row *row, uint64_t now_ns, char ret_words[BOARD_NAME_BYTES]) {
  const struct tracked *tracked = row->tracked;
  bool was_running = tracked->state == PROCESS_RUNNING || tracked->state == PROCESS_STOPPED;
  ret_words[0] = 0;
  if (tracked->is_alive) return;
  snprintf(ret_words, BOARD_NAME_BYTES, "%s %.0f s ago",
           was_running ? "ended" : process_words_state(tracked->state),
           now_ns > tracked->ended_ns ? (double)(now_ns - tracked->ended_ns) / 1e9 : 0);
}
