/*
 * diff.c: `ration diff A B`: what two processes have differently, or one before and after; `ration diff --since 10m PID`:
 * what it has had come and go since then.
 */
#include <errno.h>
#include <stdlib.h>

#include "argument.h"
#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "diff/comparison.h"
#include "diff/gone.h"
#include "opening.h"
#include "select.h"
#include "view/progress.h"

enum { BY_KEY = 0x100, FAIL_IF_KEY, SINCE_KEY, MOST_KEY, FRAMES_KEY, SYSROOT_KEY, DEBUG_DIR_KEY };

extern const struct argp diff_argp;
int diff_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t take_subject(const char *argument);
static error_t take_order(const char *argument);
static error_t add_condition(const char *text);
static error_t take_since(const char *argument);
static error_t check_request(void);
static error_t check_since(void);
static int open_both(struct subject both[2]);
static int check_category(const struct subject both[2]);
static bool has_category(const struct subject *subject);
static int compare(struct comparison *comparison, struct subject both[2]);
static int take_growth(const struct subject both[2]);
static int compare_since(struct comparison *comparison, const struct subject *subject);

static const struct argp_option options[] = {
    {"by", BY_KEY, MEASURE_LIST, 0, "what to compare by (live; peak and count: categories alone)", 1},
    {"fail-if", FAIL_IF_KEY, "CONDITION", 0,
     "status 1 if it is so, like 'cache.live>+10%', '<-4M', '>5M'; may be given again", 1},
    {"since", SINCE_KEY, "TIME", 0,
     "compare a process with itself so long ago (a number with ms, s, m or h); categories alone", 1},
    {"most", MOST_KEY, "N", 0, "show so many rows of a table (0: all; 20)", 2},
    {"frames", FRAMES_KEY, "N", 0, "show so many frames of a stack (0: all; 12)", 2},
    {"sysroot", SYSROOT_KEY, "DIR", 0, "where the process's files lie", 2},
    {"debug-dir", DEBUG_DIR_KEY, "DIR", 0, "where debug files lie, beside /usr/lib/debug", 2},
    {0},
};
static const struct argp_child children[] = {{.argp = &select_rows_argp}, {0}};
const struct argp diff_argp = {
    .options = options, .parser = parse, .args_doc = "PID|FILE PID|FILE", .children = children};

#define SHOWN_MOST   20
#define SHOWN_FRAMES 12

static struct diff_wishes wishes = {.most = SHOWN_MOST, .most_frames = SHOWN_FRAMES, .selection = &selected};
static struct change_list conditions;
static const char *wanted[2];
static size_t wanted_count;
static bool is_ordered; /* --by was given */

int diff_command(struct emitter *emitter) {
  struct subject both[2] = {{0}, {0}};
  struct comparison comparison = {.emitter = emitter, .wishes = &wishes, .judgement.conditions = &conditions};
  int status = open_both(both);
  if (!status) status = check_category(both);
  if (!status) {
    emitter_begin_list(emitter, "processes");
    status = wishes.since_ns ? compare_since(&comparison, &both[0]) : compare(&comparison, both);
    emitter_end(emitter);
  }
  if (status) emitter_discard(emitter);
  for (size_t i = 0; i < wanted_count && !status; i++) opening_remark(wanted[i], &both[i]);
  if (!status) status = comparison_finish(&comparison);
  comparison_free(&comparison);
  subject_close(&both[0]);
  if (wanted_count > 1) subject_close(&both[1]);
  change_list_free(&conditions);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  switch (key) {
  case ARGP_KEY_ARG:
    return take_subject(argument);
  case BY_KEY:
    return take_order(argument);
  case FAIL_IF_KEY:
    return add_condition(argument);
  case SINCE_KEY:
    return take_since(argument);
  case MOST_KEY:
    return argument_number("--most", argument, &wishes.most);
  case FRAMES_KEY:
    return argument_number("--frames", argument, &wishes.most_frames);
  case SYSROOT_KEY:
    return argument_folder("--sysroot", argument, &wishes.places.sysroot);
  case DEBUG_DIR_KEY:
    return argument_folder("--debug-dir", argument, &wishes.places.debug_dir);
  case ARGP_KEY_END:
    return check_request();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t take_subject(const char *argument) {
  if (wanted_count == 2) return ARGP_ERR_UNKNOWN;
  wanted[wanted_count++] = argument;
  return 0;
}

static error_t take_order(const char *argument) {
  is_ordered = true;
  if (measure_of(argument, &wishes.measure) == 0) return 0;
  complain("--by", "`%s`: expected " MEASURES, argument);
  return COMMAND_COMPLAINED;
}

static error_t add_condition(const char *text) {
  struct fault fault;
  if (change_add(&conditions, text, &fault) == 0) return 0;
  complain("--fail-if", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t take_since(const char *argument) {
  struct fault fault;
  if (duration_read(argument, &wishes.since_ns, &fault) == 0) return 0;
  complain("--since", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t check_request(void) {
  size_t needed = wishes.since_ns ? 1 : 2;
  if (wanted_count < needed) {
    complain("diff", wishes.since_ns
                         ? "no process; name its pid"
                         : "two processes expected: each a pid, a segment's file or a recording; or "
                           "--since TIME and one");
    return COMMAND_COMPLAINED;
  }
  if (wanted_count > needed) {
    complain("diff", "--since compares one process with itself; leave out `%s`", wanted[1]);
    return COMMAND_COMPLAINED;
  }
  return wishes.since_ns ? check_since() : 0;
}

/* A timeline has live bytes alone. */
static error_t check_since(void) {
  if (is_ordered && wishes.measure != MEASURE_LIVE) {
    complain("--by", "only live bytes are known of a moment gone by; leave it out with --since");
    return COMMAND_COMPLAINED;
  }
  for (size_t i = 0; i < conditions.count; i++) {
    struct stretch figure = figure_name(&conditions.change[i].figure);
    if (stretch_is(figure, "live") || stretch_is(figure, "subtree_live")) continue;
    complain("--fail-if", "`%s`: only live and subtree_live are known of a moment gone by",
             conditions.change[i].text);
    return COMMAND_COMPLAINED;
  }
  return 0;
}

/* Returns the exit status, as all below do. */
static int open_both(struct subject both[2]) {
  for (size_t i = 0; i < wanted_count; i++) {
    struct fault fault;
    int error = opening_subject(wanted[i], &both[i], &fault);
    if (!error) continue;
    complain(wanted[i], "%s", fault.words);
    return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
  }
  return STATUS_DONE;
}

static int check_category(const struct subject both[2]) {
  if (!selected.category || has_category(&both[0]) || has_category(&both[1])) return STATUS_DONE;
  complain("--category", "no process has a category `%.128s`; a diff without --category names all",
           selected.category);
  return STATUS_USAGE;
}

static bool has_category(const struct subject *subject) {
  for (size_t i = 0; i < subject->count; i++)
    if (selection_root(&selected, &subject->processes[i]->snapshot) != 0) return true;
  return false;
}

static int compare(struct comparison *comparison, struct subject both[2]) {
  struct pairing pairing;
  if (pairing_make(&both[0], &both[1], &pairing) != 0) {
    complain("diff", "not enough memory");
    return STATUS_MISSING;
  }
  int status = STATUS_DONE;
  for (size_t i = 0; i < 2; i++) {
    gone_forget(&both[i]);
    for (size_t k = 0; k < both[i].count; k++) process_count_pages(both[i].processes[k]);
  }
  if (change_list_needs_growth(&conditions)) status = take_growth(both);
  struct progress progress = {.is_on = false};
  if (pairing.count > 1) progress_begin(&progress, "comparing processes", pairing.count);
  for (size_t i = 0; i < pairing.count && !status; i++) {
    status = comparison_take(comparison, &pairing.pair[i], wanted[0], wanted[1]);
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  pairing_free(&pairing);
  return status;
}

/* Returns the exit status. */
static int take_growth(const struct subject both[2]) {
  struct fault fault;
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < both[i].count; k++)
      if (subject_take_growth(both[i].processes[k], &fault) != 0) {
        complain(wanted[i], "%s", fault.words);
        return STATUS_MISSING;
      }
  return STATUS_DONE;
}

static int compare_since(struct comparison *comparison, const struct subject *subject) {
  int status = STATUS_DONE;
  for (size_t i = 0; i < subject->count && !status; i++)
    status = comparison_take_since(comparison, subject->processes[i], wanted[0]);
  if (status || subject->count == 0 || comparison->passed_over < subject->count) return status;
  const struct snapshot *last = &subject->processes[subject->count - 1]->snapshot;
  if (subject->count == 1)
    complain(wanted[0], "%s", comparison->why.words);
  else
    complain(wanted[0], "none of its %zu processes has a timeline: %.63s (pid %u) %s", subject->count,
             last->program, last->name.pid, comparison->why.words);
  return STATUS_MISSING;
}
