/*
 * look.c: the table of looks, and the options of them all.
 */
#include "report/look.h"

#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "report/looks.h"
#include "select.h"
#include "view/process_view.h"

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
};

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
    {"follow", FOLLOW_KEY, NULL, 0, "events: as they come, samples among them, until the process ends", 2},
    {"by", BY_KEY, "ORDER", 0, "sites: by " SITE_ORDERS, 2},
    {"calltree", CALLTREE_KEY, NULL, 0, "sites: as a tree, from main inward", 2},
    {"callers", CALLERS_KEY, NULL, 0, "sites: as a tree, from who allocates outward", 2},
    {"focus", FOCUS_KEY, "REGEX", 0, "sites: those that have a function, file or module of this kind", 2},
    {"ignore", IGNORE_KEY, "REGEX", 0, "sites: those that have none", 2},
    {"raw", RAW_KEY, NULL, 0, "sites: estimates as they are, not scaled to the exact totals", 2},
    {"most", MOST_KEY, "N", 0, "show so many rows (0: all; 20)", 2},
    {"frames", FRAMES_KEY, "N", 0, "show so many frames of a stack (0: all; 12)", 2},
    {"sysroot", SYSROOT_KEY, "DIR", 0, "where the process's files lie", 2},
    {"debug-dir", DEBUG_DIR_KEY, "DIR", 0, "where debug files lie, beside /usr/lib/debug", 2},
    {"suppressions", SUPPRESSIONS_KEY, "FILE", 0, "leaks: not those of FILE, which is as LeakSanitizer's", 2},
    {"exit-code", EXIT_CODE_KEY, NULL, 0, "leaks: status 1 if there are any", 2},
    {"last", LAST_KEY, "TIME", 0, "timeline: only the end of it, so long (a number with ms, s, m or h)", 2},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state);
const struct argp look_argp = {.options = options, .parser = parse};

static const struct {
  int key;
  look *show;
} looks[] = {{EVENTS_KEY, look_events},   {THREADS_KEY, look_threads}, {SITES_KEY, look_sites},
             {LARGEST_KEY, look_largest}, {LEAKS_KEY, look_leaks},     {TIMELINE_KEY, look_timeline},
             {SIZES_KEY, look_sizes}};

static look *chosen; /* NULL: the page */
static bool is_following;
static const char *behind_largest; /* the argument that stands there; NULL: none */
static struct wishes wishes = {.most = WISHES_SITES, .most_frames = WISHES_FRAMES};

int look_show(struct emitter *emitter, struct process *process, int *ret_status, struct fault *ret_fault) {
  emitter_begin_list(emitter, "processes");
  int error = 0;
  if (is_following && chosen == look_events) chosen = look_follow;
  if (chosen)
    error = chosen(emitter, process, &wishes, ret_status, ret_fault);
  else
    process_view_page(emitter, process, &selected);
  emitter_end(emitter);
  if (error) emitter_discard(emitter);
  frame_filter_free(&wishes.filter);
  return error;
}

static error_t choose(int key) {
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    if (looks[i].key != key) continue;
    if (chosen && chosen != looks[i].show) {
      complain("report",
               "shows one thing at a time; give one of --events, --threads, --sites, --largest, --leaks, "
               "--timeline, --sizes");
      return COMMAND_COMPLAINED;
    }
    chosen = looks[i].show;
    return 0;
  }
  return ARGP_ERR_UNKNOWN;
}

bool look_takes_number(const char *argument) {
  uint64_t number;
  size_t digits = argument && argument == behind_largest ? text_read_decimal(argument, &number) : 0;
  if (digits == 0 || argument[digits] != 0 || number > UINT32_MAX) return false;
  wishes.most = (uint32_t)number;
  return true;
}

static error_t take_number(const char *option, const char *argument, uint32_t *ret_number) {
  uint64_t number;
  size_t digits = text_read_decimal(argument, &number);
  if (digits == 0 || argument[digits] != 0 || number > UINT32_MAX) {
    complain(option, "`%s`: a number expected", argument);
    return COMMAND_COMPLAINED;
  }
  *ret_number = (uint32_t)number;
  return 0;
}

static error_t take_order(const char *argument) {
  if (site_order_of(argument, &wishes.order) == 0) return 0;
  complain("--by", "`%s`: expected " SITE_ORDERS, argument);
  return COMMAND_COMPLAINED;
}

static error_t take_last(const char *argument) {
  struct fault fault;
  if (duration_read(argument, &wishes.last_ns, &fault) == 0) return choose(TIMELINE_KEY);
  complain("--last", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t take_filter(const char *option, int error, const struct fault *fault) {
  if (!error) return 0;
  complain(option, "%s", fault->words);
  return COMMAND_COMPLAINED;
}

/* What belongs to sites chooses them. */
static error_t parse_site_option(int key, char *argument) {
  struct fault fault;
  switch (key) {
  case BY_KEY:
    return take_order(argument);
  case CALLTREE_KEY:
    wishes.shape = SITES_AS_CALL_TREE;
    return choose(SITES_KEY);
  case CALLERS_KEY:
    wishes.shape = SITES_AS_CALLERS;
    return choose(SITES_KEY);
  case FOCUS_KEY:
    return take_filter("--focus", frame_filter_focus(&wishes.filter, argument, &fault), &fault);
  case IGNORE_KEY:
    return take_filter("--ignore", frame_filter_ignore(&wishes.filter, argument, &fault), &fault);
  case RAW_KEY:
    wishes.is_raw = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  switch (key) {
  case LARGEST_KEY:
    behind_largest = argument ? NULL : state->argv[state->next];
    if (argument && take_number("--largest", argument, &wishes.most) != 0) return COMMAND_COMPLAINED;
    return choose(key);
  case MOST_KEY:
    return take_number("--most", argument, &wishes.most);
  case FRAMES_KEY:
    return take_number("--frames", argument, &wishes.most_frames);
  case SYSROOT_KEY:
    wishes.sysroot = argument;
    return 0;
  case DEBUG_DIR_KEY:
    wishes.debug_dir = argument;
    return 0;
  case SUPPRESSIONS_KEY:
    wishes.suppressions = argument;
    return choose(LEAKS_KEY);
  case EXIT_CODE_KEY:
    wishes.tells_leaks_by_status = true;
    return choose(LEAKS_KEY);
  case LAST_KEY:
    return take_last(argument);
  case FOLLOW_KEY:
    is_following = true;
    return choose(EVENTS_KEY);
  case EVENTS_KEY:
  case THREADS_KEY:
  case SITES_KEY:
  case LEAKS_KEY:
  case TIMELINE_KEY:
  case SIZES_KEY:
    return choose(key);
  default:
    return parse_site_option(key, argument);
  }
}
