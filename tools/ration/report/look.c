/*
 * look.c: the table of looks, and the options of them all.
 */
#include "report/look.h"

#include <errno.h>
#include <stdio.h>

#include "argument.h"
#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "report/fitting.h"
#include "report/html.h"
#include "report/looks.h"
#include "report/processes.h"
#include "select.h"
#include "view/progress.h"

enum {
  EVENTS_KEY = 'e',
  THREADS_KEY = 't',
  SITES_KEY = 's',
  LARGEST_KEY = 0x200,
  LEAKS_KEY,
  BY_KEY,
  CALLTREE_KEY,
  CALLERS_KEY,
  FOCUS_KEY,
  IGNORE_KEY,
  RAW_KEY,
  MOST_KEY,
  FRAMES_KEY,
  SYSROOT_KEY,
  DEBUG_DIR_KEY,
  SUPPRESSIONS_KEY,
  EXIT_CODE_KEY,
  FOLLOW_KEY,
  LAST_KEY,
  TIMELINE_KEY,
  SIZES_KEY,
  POOLS_KEY,
  HEAP_KEY,
  HTML_KEY,
};

#define OF_SAMPLES "sites, largest, leaks, html: "
#define OF_STACKS  "sites, largest, leaks, heap: "
#define OF_FRAMES  "sites, largest, leaks, heap, html: "

static const struct argp_option options[] = {
    {"events", EVENTS_KEY, NULL, 0,
     "show what happened: pressure, breaches, refusals, handlers, threads, ...", 1},
    {"threads", THREADS_KEY, NULL, 0, "show who allocates: what each thread has allocated and freed", 1},
    {"sites", SITES_KEY, NULL, 0, "show which call stacks the bytes come from", 1},
    {"largest", LARGEST_KEY, "N", OPTION_ARG_OPTIONAL, "show the largest live blocks (of those sampled; 20)",
     1},
    {"leaks", LEAKS_KEY, NULL, 0, "show what lives (at the end: leaked), reachable or not", 1},
    {"timeline", TIMELINE_KEY, NULL, 0, "plot what was charged in the course of time", 1},
    {"sizes", SIZES_KEY, NULL, 0, "show how large blocks are, by category (as far as samples tell)", 1},
    {"pools", POOLS_KEY, NULL, 0, "show the program's object pools: used, reserved, peak, hits", 1},
    {"heap", HEAP_KEY, NULL, 0,
     "show what the page heap holds: by category, by size of block, and free; and misuse of blocks", 1},
    {"html", HTML_KEY, "FILE", 0, "write a web page with all of it to FILE: flame graph, timeline, sites", 1},
    {"follow", FOLLOW_KEY, NULL, 0,
     "events: as they come, samples among them, until the process ends; a file of --output grows with them",
     2},
    {"by", BY_KEY, SITE_ORDER_LIST, 0, "sites: what they are ordered by (live)", 2},
    {"calltree", CALLTREE_KEY, NULL, 0, "sites: as a tree, from main inward", 2},
    {"callers", CALLERS_KEY, NULL, 0, "sites: as a tree, from who allocates outward", 2},
    {"focus", FOCUS_KEY, "REGEX", 0, OF_FRAMES "those with a function, file or module of this kind", 2},
    {"ignore", IGNORE_KEY, "REGEX", 0, OF_FRAMES "those that have none", 2},
    {"raw", RAW_KEY, NULL, 0, OF_SAMPLES "estimates as they are, not scaled to exact totals", 2},
    {"most", MOST_KEY, "N", 0, OF_STACKS "show so many rows (0: all; 20)", 2},
    {"frames", FRAMES_KEY, "N", 0, OF_STACKS "show so many frames of a stack (0: all; 12)", 2},
    {"sysroot", SYSROOT_KEY, "DIR", 0, OF_FRAMES "where the process's files lie", 2},
    {"debug-dir", DEBUG_DIR_KEY, "DIR", 0, OF_FRAMES "where debug files lie, beside /usr/lib/debug", 2},
    {"suppressions", SUPPRESSIONS_KEY, "FILE", 0, "leaks: not those of FILE, which is as LeakSanitizer's", 2},
    {"exit-code", EXIT_CODE_KEY, NULL, 0, "leaks: status 1 if there are any", 2},
    {"last", LAST_KEY, "TIME", 0, "timeline: only the end of it, so long (a number with ms, s, m or h)", 2},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state);
const struct argp look_argp = {.options = options, .parser = parse};

static const struct {
  int key;
  enum looks as;
  look *show;
} looks[] = {{EVENTS_KEY, LOOK_EVENTS, look_events}, {THREADS_KEY, LOOK_THREADS, look_threads},
             {SITES_KEY, LOOK_SITES, look_sites},    {LARGEST_KEY, LOOK_LARGEST, look_largest},
             {LEAKS_KEY, LOOK_LEAKS, look_leaks},    {TIMELINE_KEY, LOOK_TIMELINE, look_timeline},
             {SIZES_KEY, LOOK_SIZES, look_sizes},    {POOLS_KEY, LOOK_POOLS, look_pools},
             {HEAP_KEY, LOOK_HEAP, look_heap},       {HTML_KEY, LOOK_HTML, NULL}};

static enum looks chosen = LOOK_PAGE;
static bool is_following;
static const char *behind_largest; /* the argument that stands there; NULL: none */
static struct wishes wishes = {.most = WISHES_SITES, .most_frames = WISHES_FRAMES};

/* As text a look is at one process: FILE:PID names another. */
static int show_each(struct emitter *emitter, const struct subject *subject, look *show, int *ret_status,
                     struct fault *ret_fault) {
  size_t count = emitter_is_json(emitter) ? subject->count : 1;
  int error = 0;
  struct progress progress = {.is_on = false};
  if (count > 1) progress_begin(&progress, "reading its processes", count);
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; i < count && !error; i++) {
    error = show(emitter, subject->processes[i], &wishes, ret_status, ret_fault);
    progress_step(&progress, i + 1);
  }
  emitter_end(emitter);
  progress_end(&progress);
  return error;
}

static look *function_of(enum looks wanted) {
  if (is_following && wanted == LOOK_EVENTS) return look_follow;
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
    if (looks[i].as == wanted) return looks[i].show;
  return NULL;
}

/* Nothing of it is emitted here: it is a file of its own. */
static int show_web_page(struct emitter *emitter, const struct subject *subject, struct fault *ret_fault) {
  if (emitter_is_json(emitter))
    return fault_set(ret_fault, -ERANGE, "--html writes a web page; leave out --json");
  return html_write(subject, &wishes, ret_fault);
}

/* JSON has the page's lists beside those of a look, so there the selection counts in any case. */
int look_show(struct emitter *emitter, const struct subject *subject, int *ret_status,
              struct fault *ret_fault) {
  look *show = function_of(chosen);
  bool has_selection = !emitter_is_json(emitter) || chosen == LOOK_HTML;
  int error = has_selection ? fitting_check_selection(chosen, &selected, ret_fault) : 0;
  if (!error && chosen == LOOK_HTML)
    error = show_web_page(emitter, subject, ret_fault);
  else if (!error && show)
    error = show_each(emitter, subject, show, ret_status, ret_fault);
  else if (!error)
    error = processes_show(emitter, subject, ret_fault);
  if (error) emitter_discard(emitter);
  frame_filter_free(&wishes.filter);
  return error;
}

static error_t choose(int key) {
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    if (looks[i].key != key) continue;
    if (chosen != LOOK_PAGE && chosen != looks[i].as) {
      complain("report",
               "shows one thing at a time; give one of --events, --threads, --sites, --largest, --leaks, "
               "--timeline, --sizes, --pools, --heap, --html");
      return COMMAND_COMPLAINED;
    }
    chosen = looks[i].as;
    return 0;
  }
  return ARGP_ERR_UNKNOWN;
}

/* What does not fit a tree. */
static int check_tree(struct fault *ret_fault) {
  if (wishes.shape == SITES_AS_LIST) return 0;
  if (wishes.order == SITES_BY_LIFETIME)
    return fault_set(ret_fault, -ERANGE, "lifetimes do not add up along a tree; leave out --by lifetime");
  if (wishes.most != WISHES_SITES || wishes.most_frames != WISHES_FRAMES)
    return fault_set(ret_fault, -ERANGE, "a tree is shown whole; leave out --most and --frames");
  return 0;
}

/* When all options are there. */
static error_t find_fitting(void) {
  struct fault fault;
  int error = fitting_find(chosen, &chosen, &fault);
  if (!error) error = check_tree(&fault);
  if (!error) return 0;
  complain("report", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

bool look_takes_number(const char *argument) {
  uint64_t number;
  size_t digits = argument && argument == behind_largest ? text_read_decimal(argument, &number) : 0;
  if (digits == 0 || argument[digits] != 0 || number > UINT32_MAX) return false;
  wishes.most = (uint32_t)number;
  return true;
}

static error_t take_order(const char *argument) {
  if (site_order_of(argument, &wishes.order) == 0) return 0;
  complain("--by", "`%s`: expected " SITE_ORDERS, argument);
  return COMMAND_COMPLAINED;
}

static error_t take_last(const char *argument) {
  struct fault fault;
  if (duration_read(argument, &wishes.last_ns, &fault) == 0) return 0;
  complain("--last", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t take_filter(const char *option, int error, const struct fault *fault) {
  if (!error) return 0;
  complain(option, "%s", fault->words);
  return COMMAND_COMPLAINED;
}

static error_t take_shape(enum site_shape shape) {
  if (wishes.shape == SITES_AS_LIST || wishes.shape == shape) {
    wishes.shape = shape;
    return 0;
  }
  complain("report", "shows one tree at a time; give --calltree or --callers");
  return COMMAND_COMPLAINED;
}

static error_t parse_site_option(int key, char *argument) {
  struct fault fault;
  switch (key) {
  case BY_KEY:
    return take_order(argument);
  case CALLTREE_KEY:
    return take_shape(SITES_AS_CALL_TREE);
  case CALLERS_KEY:
    return take_shape(SITES_AS_CALLERS);
  case FOCUS_KEY:
    return take_filter("--focus", frame_filter_focus(&wishes.filter, argument, &fault), &fault);
  case IGNORE_KEY:
    return take_filter("--ignore", frame_filter_ignore(&wishes.filter, argument, &fault), &fault);
  case RAW_KEY:
    wishes.is_raw = true;
    return 0;
  case SYSROOT_KEY:
    return argument_folder("--sysroot", argument, &wishes.sysroot);
  case DEBUG_DIR_KEY:
    return argument_folder("--debug-dir", argument, &wishes.debug_dir);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void note(int key) {
  char name[32];
  for (const struct argp_option *option = options; option->name; option++) {
    if (option->key != key) continue;
    snprintf(name, sizeof name, "--%s", option->name);
    fitting_note(name);
  }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  note(key);
  switch (key) {
  case LARGEST_KEY:
    behind_largest = argument ? NULL : state->argv[state->next];
    if (argument && argument_number("--largest", argument, &wishes.most) != 0) return COMMAND_COMPLAINED;
    return choose(key);
  case MOST_KEY:
    return argument_number("--most", argument, &wishes.most);
  case FRAMES_KEY:
    return argument_number("--frames", argument, &wishes.most_frames);
  case SUPPRESSIONS_KEY:
    wishes.suppressions = argument;
    return 0;
  case EXIT_CODE_KEY:
    wishes.tells_leaks_by_status = true;
    return 0;
  case LAST_KEY:
    return take_last(argument);
  case HTML_KEY:
    wishes.html = argument;
    return choose(key);
  case FOLLOW_KEY:
    is_following = true;
    return 0;
  case ARGP_KEY_END:
    return find_fitting();
  case EVENTS_KEY:
  case THREADS_KEY:
  case SITES_KEY:
  case LEAKS_KEY:
  case TIMELINE_KEY:
  case SIZES_KEY:
  case POOLS_KEY:
  case HEAP_KEY:
    return choose(key);
  default:
    return parse_site_option(key, argument);
  }
}
