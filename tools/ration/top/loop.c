/*
 * loop.c: waits for whatever comes first: a key, a signal, an answer about sites, the next look.
 */
#include "top/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "reader/monotonic.h"
#include "top/budget_request.h"
#include "top/drawing.h"
#include "top/keys.h"
#include "top/screen.h"
#include "top/signals.h"

#define LOOK_EVERY_NS  UINT64_C(1000000000)
#define SITES_EVERY_NS UINT64_C(5000000000)
#define CLOCK_BYTES    16

struct loop {
  struct board *board;
  struct site_reader *reader;
  int signals;
  bool is_over;
  uint64_t asked_ns; /* CLOCK_MONOTONIC: the last question about sites */
  struct site_question question;
  bool is_waiting; /* for its answer */
  char clock[CLOCK_BYTES];
};

static void go(struct loop *loop);
static void look(struct loop *loop);
static void ask_for_sites(struct loop *loop);
static void wait_for_something(struct loop *loop);
static void take_signals(struct loop *loop);
static void take_answer(struct loop *loop);
static void take_keys(struct loop *loop);
static void take_typed(struct loop *loop, unsigned key, bool is_key);
static void act(struct loop *loop, enum action action);
static int change_rows(struct board *board, enum action action);
static void move_to(struct board *board, enum action action);
static void freeze(struct loop *loop);
static void set_budget(struct loop *loop, const char *typed);
static void note(struct board *board, int error);

int loop_run(struct board *board, struct fault *ret_fault) {
  struct loop loop = {.board = board};
  int error = screen_begin(ret_fault);
  if (error) return error;
  loop.signals = signals_begin();
  error = loop.signals < 0 ? loop.signals : site_reader_begin(&loop.reader);
  if (!error) go(&loop);
  screen_end();
  if (loop.signals >= 0) close(loop.signals);
  site_reader_end(loop.reader);
  return error ? fault_set(ret_fault, error, "cannot begin: %s", strerror(-error)) : 0;
}

static void go(struct loop *loop) {
  look(loop);
  while (!loop->is_over) {
    struct board *board = loop->board;
    if (!board->is_frozen && monotonic_ns() - board->scene.looked_ns >= LOOK_EVERY_NS) look(loop);
    ask_for_sites(loop);
    drawing_show(board, loop->clock);
    wait_for_something(loop);
    take_signals(loop);
    take_answer(loop);
    take_keys(loop);
  }
}

static void look(struct loop *loop) {
  time_t now = time(NULL);
  struct tm local;
  if (localtime_r(&now, &local)) strftime(loop->clock, sizeof loop->clock, "%H:%M:%S", &local);
  int error = scene_look(&loop->board->scene, monotonic_ns());
  int of_rows = board_update(loop->board);
  note(loop->board, error ? error : of_rows);
}

/* Of another row at once, of the same one now and then. */
static void ask_for_sites(struct loop *loop) {
  struct board *board = loop->board;
  struct site_question question;
  if (board->hides_sites || !board_question(board, &question)) return;
  bool is_same = loop->asked_ns && site_question_is_same(&question, &loop->question);
  bool is_due = !loop->is_waiting && !board->is_frozen && monotonic_ns() - loop->asked_ns >= SITES_EVERY_NS &&
                board_row(board)->tracked->is_alive;
  if (is_same && !is_due) return;
  site_reader_ask(loop->reader, &question);
  loop->question = question;
  loop->asked_ns = monotonic_ns();
  loop->is_waiting = true;
}

static void wait_for_something(struct loop *loop) {
  const struct scene *scene = &loop->board->scene;
  struct pollfd ends[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                          {.fd = loop->signals, .events = POLLIN},
                          {.fd = site_reader_fd(loop->reader), .events = POLLIN}};
  uint64_t passed = monotonic_ns() - scene->looked_ns;
  uint64_t left = passed < LOOK_EVERY_NS ? LOOK_EVERY_NS - passed : 0;
  int timeout = loop->board->is_frozen ? -1 : (int)((left + 999999) / 1000000);
  int count = poll(ends, sizeof ends / sizeof *ends, timeout);
  if (count > 0 && ends[0].revents & (POLLHUP | POLLERR | POLLNVAL)) loop->is_over = true;
}

static void take_signals(struct loop *loop) {
  for (int signal; (signal = signals_next(loop->signals));) {
    if (signal == SIGWINCH) {
      screen_resize();
      screen_redraw();
    } else if (signal == SIGCONT) {
      screen_resume();
    } else if (signal == SIGTSTP) {
      screen_suspend();
      signals_stop();
      screen_resume();
    } else {
      loop->is_over = true;
    }
  }
}

static void take_answer(struct loop *loop) {
  struct site_answer answer;
  if (!site_reader_take(loop->reader, &answer)) return;
  loop->is_waiting = !site_question_is_same(&answer.question, &loop->question);
  site_answer_free(&loop->board->sites);
  loop->board->sites = answer;
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

static void take_keys(struct loop *loop) {
  struct board *board = loop->board;
  unsigned key;
  bool is_key;
  while (!loop->is_over && screen_key(&key, &is_key)) {
    enum action action = keys_action(key, is_key);
    if (action == ACTION_RESIZE) continue;
    if (board->prompt.what != PROMPT_NOTHING) {
      take_typed(loop, key, is_key);
    } else if (board->shows_help) {
      board->shows_help = false;
    } else {
      board->message[0] = 0;
      act(loop, action);
    }
  }
}

/* A filter holds while it is typed. */
static void take_typed(struct loop *loop, unsigned key, bool is_key) {
  struct board *board = loop->board;
  enum action action = keys_action(key, is_key);
  bool is_enter = action == ACTION_TOGGLE && key != ' ';
  bool is_back = keys_is_backspace(key, is_key);
  enum prompt_key kind = is_enter                  ? PROMPT_ENTER
                         : action == ACTION_ESCAPE ? PROMPT_ESCAPE
                         : is_back                 ? PROMPT_BACKSPACE
                                                   : PROMPT_CHARACTER;
  if (is_key && kind == PROMPT_CHARACTER) return;
  enum prompt_for what = board->prompt.what;
  enum prompt_end end = prompt_take(&board->prompt, kind, key);
  if (end != PROMPT_GOES_ON) board->prompt.what = PROMPT_NOTHING;
  if (what == PROMPT_FILTER)
    note(board, board_filter(board, end == PROMPT_GIVEN_UP ? "" : board->prompt.text));
  if (what == PROMPT_BUDGET && end == PROMPT_TAKEN) set_budget(loop, board->prompt.text);
}

static void act(struct loop *loop, enum action action) {
  struct board *board = loop->board;
  switch (action) {
  case ACTION_FILTER:
    prompt_open(&board->prompt, PROMPT_FILTER, board->filter);
    break;
  case ACTION_BUDGET:
    board_type_budget(board);
    break;
  case ACTION_SITES:
    board->hides_sites = !board->hides_sites;
    break;
  case ACTION_FREEZE:
    freeze(loop);
    break;
  case ACTION_REDRAW:
    screen_redraw();
    break;
  case ACTION_HELP:
    board->shows_help = true;
    break;
  case ACTION_QUIT:
    loop->is_over = true;
    break;
  default:
    note(board, change_rows(board, action));
    move_to(board, action);
    break;
  }
}

static int change_rows(struct board *board, enum action action) {
  switch (action) {
  case ACTION_TOGGLE:
    return board_fold(board, BOARD_TOGGLE);
  case ACTION_FOLD:
    return board_fold(board, BOARD_FOLD);
  case ACTION_UNFOLD:
    return board_fold(board, BOARD_UNFOLD);
  case ACTION_FOLD_ALL:
    return board_fold_all(board);
  case ACTION_ORDER_BEFORE:
    return board_order(board, -1);
  case ACTION_ORDER_NEXT:
    return board_order(board, 1);
  case ACTION_REVERSE:
    return board_reverse(board);
  case ACTION_ESCAPE:
    return board_filter(board, "");
  default:
    return 0;
  }
}

static void move_to(struct board *board, enum action action) {
  long page = board->seen > 1 ? (long)board->seen - 1 : 1, all = (long)board->rows.count;
  const struct {
    enum action action;
    long by;
  } moves[] = {{ACTION_UP, -1},          {ACTION_DOWN, 1},     {ACTION_PAGE_UP, -page},
               {ACTION_PAGE_DOWN, page}, {ACTION_FIRST, -all}, {ACTION_LAST, all}};
  for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
    if (moves[i].action == action) board_move(board, moves[i].by);
}

/* What there was while nobody looked, the timelines know. */
static void freeze(struct loop *loop) {
  struct board *board = loop->board;
  board->is_frozen = !board->is_frozen;
  if (board->is_frozen) return;
  scene_forget_courses(&board->scene);
  look(loop);
}

/* It may take a second until it answers. */
static void set_budget(struct loop *loop, const char *typed) {
  struct board *board = loop->board;
  char words[BUDGET_REQUEST_BYTES];
  struct fault fault;
  board_say(board, false, "asking %s", board->target_name);
  drawing_show(board, loop->clock);
  int error = budget_request(&board->target, typed, words, &fault);
  board_say(board, error != 0, "%s", error ? fault.words : words);
  if (!error && !board->is_frozen) look(loop);
}

static void note(struct board *board, int error) {
  if (error) board_say(board, true, "not enough memory: figures are missing");
}
