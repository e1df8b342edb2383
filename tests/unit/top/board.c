/*
 * Tests of top/board.c and top/prompt.c: what is selected stays so; moving, folding, filtering, typing.
 */
#include "top/board.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top/tracked_process.h"

static struct board board;
static struct process *process;
static uint32_t cache, pages, other;

/* A process of the scene, as one that was found is. */
static struct tracked *add(const struct process *from) {
  struct scene *scene = &board.scene;
  struct tracked *tracked = calloc(1, sizeof *tracked);
  scene->tracked = realloc(scene->tracked, (scene->count + 1) * sizeof *scene->tracked);
  cr_assert_eq(tracked_take(tracked, from, 1), 0);
  return scene->tracked[scene->count++] = tracked;
}

static void set_up(void) {
  board = (struct board){.seen = 10};
  cr_assert_eq(scene_begin(&board.scene), 0);
  process = tracked_process(7, "server");
  cache = tracked_process_add(process, 1, "cache", 600);
  pages = tracked_process_add(process, cache, "cache/pages", 500);
  other = tracked_process_add(process, 1, "other", 700);
  add(process);
  cr_assert_eq(board_update(&board), 0);
}

static void tear_down(void) {
  board_free(&board);
  free(process);
}

static void is_at(const char *expected) {
  char name[BOARD_NAME_BYTES] = "";
  if (board_row(&board)) board_name(board_row(&board), name);
  cr_assert_str_eq(name, expected);
}

TestSuite(board, .init = set_up, .fini = tear_down);

Test(board, moves_as_far_as_there_are_rows) {
  is_at("server");
  board_move(&board, -1);
  is_at("server");
  board_move(&board, 2);
  is_at("pages");
  board_move(&board, 100);
  is_at("other");
  board_move(&board, -100);
  is_at("server");
}

Test(board, the_selected_row_stays_where_it_goes) {
  board_move(&board, 2);
  tracked_process_grow(process, other, 5000);
  cr_assert_eq(tracked_take(board.scene.tracked[0], process, 2), 0);
  cr_assert_eq(board_update(&board), 0);
  cr_assert_eq(board.selected, 3);
  is_at("pages");
  cr_assert_eq(board_reverse(&board), 0);
  is_at("pages");
  for (int i = 0; i < ORDERS; i++) cr_assert_eq(board_order(&board, 1), 0);
  cr_assert_eq(board.order.by, ORDER_LIVE);
  cr_assert_eq(board_order(&board, -1), 0);
  cr_assert_eq(board.order.by, ORDER_NAME);
  is_at("pages");
}

Test(board, folds_unfolds_and_goes_up) {
  board_move(&board, 2);
  cr_assert_eq(board_fold(&board, BOARD_FOLD), 0);
  is_at("cache");
  cr_assert_eq(board_fold(&board, BOARD_FOLD), 0);
  cr_assert_eq(board.rows.count, 3);
  is_at("cache");
  cr_assert_eq(board_fold(&board, BOARD_TOGGLE), 0);
  cr_assert_eq(board.rows.count, 4);
  cr_assert_eq(board_fold(&board, BOARD_UNFOLD), 0);
  cr_assert_eq(board.rows.count, 4);
  cr_assert_eq(board_fold_all(&board), 0);
  cr_assert_eq(board.rows.count, 1);
  is_at("server");
  cr_assert_eq(board_fold_all(&board), 0);
  cr_assert_eq(board.rows.count, 4);
}

Test(board, a_filter_that_nothing_fits_leaves_no_row) {
  board_move(&board, 3);
  cr_assert_eq(board_filter(&board, "pages"), 0);
  is_at("pages");
  cr_assert_eq(board_filter(&board, "nothing"), 0);
  cr_assert_null(board_row(&board));
  board_move(&board, 1);
  cr_assert_eq(board_fold(&board, BOARD_TOGGLE), 0);
  struct site_question question;
  cr_assert_not(board_question(&board, &question));
  board_type_budget(&board);
  cr_assert_eq(board.prompt.what, PROMPT_NOTHING);
  cr_assert_eq(board_filter(&board, ""), 0);
  is_at("pages");
}

Test(board, the_selected_row_is_in_sight) {
  board_see(&board, 2);
  board_move(&board, 3);
  cr_assert_eq(board.first, 2);
  board_move(&board, -3);
  cr_assert_eq(board.first, 0);
  board_move(&board, 3);
  board_see(&board, 10);
  cr_assert_eq(board.first, 0);
}

Test(board, many_processes_are_folded_when_they_are_met) {
  for (uint32_t pid = 100; pid < 110; pid++) {
    process->snapshot.name.pid = pid;
    add(process);
  }
  board.selected_id = 0;
  for (size_t i = 0; i < board.scene.count; i++) board.scene.tracked[i]->is_met = false;
  cr_assert_eq(board_update(&board), 0);
  cr_assert_eq(board.rows.count, 11);
  cr_assert(board_row(&board)->is_folded);
}

Test(board, a_budget_is_of_the_row_that_was_selected_then) {
  board_move(&board, 2);
  board_type_budget(&board);
  cr_assert_eq(board.prompt.what, PROMPT_BUDGET);
  board_move(&board, -2);
  cr_assert_str_eq(board.target.category, "cache/pages");
  cr_assert_str_eq(board.target_name, "cache/pages in server (pid 7)");
}

Test(board, there_is_no_budget_of_what_has_ended_or_is_not_tracked) {
  tracked_end(board.scene.tracked[0], 2);
  board_type_budget(&board);
  cr_assert_eq(board.prompt.what, PROMPT_NOTHING);
  cr_assert(board.is_alarm);
  board.scene.tracked[0]->passive = 1;
  board_type_budget(&board);
  cr_assert(strstr(board.message, "not tracked"));
}

Test(board, names_are_escaped_and_set_in_by_what_is_above) {
  snprintf(board.scene.tracked[0]->program, 16,
           "\033[31m\xff"
           "é\n");
  is_at("\\x1b[31m\\xffé\\x0a");
  board_move(&board, 1);
  char name[BOARD_NAME_BYTES];
  free(board.scene.tracked[0]->nodes[cache].name);
  board.scene.tracked[0]->nodes[cache].name = strdup("\033]0;title\a");
  board_full_name(board_row(&board), name);
  cr_assert_str_eq(name, "\\x1b]0;title\\x07 in \\x1b[31m\\xffé\\x0a (pid 7)");
  board_move(&board, 1);
  is_at("cache/pages");
}

Test(board, states_are_said_where_they_are_not_plain) {
  char state[BOARD_NAME_BYTES], end[BOARD_NAME_BYTES];
  struct tracked *tracked = board.scene.tracked[0];
  board_state(board_row(&board), state);
  board_end(board_row(&board), 5, end);
  cr_assert_str_eq(state, "7");
  cr_assert_str_eq(end, "");
  tracked->state = PROCESS_STOPPED;
  board_state(board_row(&board), state);
  cr_assert_str_eq(state, "7 stopped");
  tracked_end(tracked, UINT64_C(1000000000));
  board_state(board_row(&board), state);
  board_end(board_row(&board), UINT64_C(4000000000), end);
  cr_assert_str_eq(state, "7");
  cr_assert_str_eq(end, "ended 3 s ago");
  tracked->state = PROCESS_KILLED;
  board_end(board_row(&board), 5, end);
  cr_assert_str_eq(end, "killed 0 s ago");
}

Test(board, lines_are_typed) {
  struct prompt prompt;
  prompt_open(&prompt, PROMPT_FILTER, "one");
  const unsigned typed[] = {' ', 't', 0xe9, 0x4e2d, 0x1f600, 7};
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
    cr_assert_eq(prompt_take(&prompt, PROMPT_CHARACTER, typed[i]), PROMPT_GOES_ON);
  cr_assert_str_eq(prompt.text, "one té中😀");
  prompt_take(&prompt, PROMPT_BACKSPACE, 0);
  prompt_take(&prompt, PROMPT_BACKSPACE, 0);
  cr_assert_str_eq(prompt.text, "one té");
  prompt_take(&prompt, PROMPT_CHARACTER, 'W' & 0x1f);
  cr_assert_str_eq(prompt.text, "one ");
  prompt_take(&prompt, PROMPT_CHARACTER, 'U' & 0x1f);
  prompt_take(&prompt, PROMPT_BACKSPACE, 0);
  cr_assert_str_eq(prompt.text, "");
  for (int i = 0; i < 2 * PROMPT_BYTES; i++) prompt_take(&prompt, PROMPT_CHARACTER, 0x4e2d);
  cr_assert_eq(strlen(prompt.text) % 3, 0);
  cr_assert_lt(strlen(prompt.text), PROMPT_BYTES);
  cr_assert_eq(prompt_take(&prompt, PROMPT_ENTER, 0), PROMPT_TAKEN);
  cr_assert_eq(prompt_take(&prompt, PROMPT_ESCAPE, 0), PROMPT_GIVEN_UP);
}
