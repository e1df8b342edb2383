/*
 * options.c: the table of options, and their values.
 */
#include "options.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/limits.h"

#define SECONDS_MOST 10000000.0 /* frames are counted in 32 bits */
#define BUDGET_MOST  (UINT64_C(1) << 46)

enum key {
  KEY_CREATURES = 256,
  KEY_SECONDS,
  KEY_SEED,
  KEY_THREADS,
  KEY_BUDGET,
  KEY_LIMITS,
  KEY_SCRIPT,
  KEY_SAVE,
  KEY_LOAD,
  KEY_VIEW
};

struct parsing {
  struct options *options;
  const char *shaping; /* an option that says what a new world is like; NULL: none was given */
  int rejected;        /* index of the word at which it ended */
};

static error_t parse_one(int key, char *value, struct argp_state *state);
static int shape_world(struct parsing *parsing, int key, const char *value);
static error_t take_word(struct options *options, int key, const char *value);
static int parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t *ret_number);
static int parse_seconds(const char *text, uint64_t *ret_frames);
static int parse_budget(const char *text, uint64_t *ret_bytes);
static int check_limits(const struct options *options);

static const struct argp_option table[] = {
    {"creatures", KEY_CREATURES, "N", 0, "how many live at the start (1000)", 1},
    {"seconds", KEY_SECONDS, "S", 0, "simulated time, in frames of 1/60 s (10)", 1},
    {"seed", KEY_SEED, "N", 0, "of the world: the same again with the same number (1)", 1},
    {"threads", KEY_THREADS, "N", 0, "that work together (1)", 1},
    {"budget", KEY_BUDGET, "SIZE", 0, "memory for all of it: bytes, or K, M, G, T (4G)", 2},
    {"limits", KEY_LIMITS, "NAME=N,...", 0, "other limits than those of the table", 2},
    {"pressure-script", KEY_SCRIPT, "FILE", 0, "take levels of pressure from FILE: FRAME LEVEL a line", 2},
    {"save", KEY_SAVE, "FILE", 0, "write the world to FILE at the end", 3},
    {"load", KEY_LOAD, "FILE", 0, "go on with the world of FILE: its creatures, seed, limits", 3},
    {"json", 'j', NULL, 0, "the result as JSON", 4},
    {"view", KEY_VIEW, NULL, 0, "show it in the terminal, in real time", 4},
    {"help", 'h', NULL, 0, "show this and leave", -1},
    {0},
};

static const struct argp parser = {
    .options = table,
    .parser = parse_one,
    .doc = "Simulates a world of creatures that live on ration, and says how fast and in how much memory.",
};

int options_parse(struct options *ret_options, int argc, char **argv) {
  struct options options = {
      .settings = {.creatures = 1000, .seed = 1, .budget = UINT64_C(4) << 30, .threads = 1},
      .frames = 10 * FRAMES_A_SECOND};
  struct parsing parsing = {.options = &options, .rejected = argc - 1};
  error_t error = argp_parse(&parser, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS, NULL, &parsing);
  if (error == EINVAL || error == ENOMEM || error == ARGP_ERR_UNKNOWN)
    return options_complain(STATUS_WRONG, "%s: no such option, or it lacks its value; see --help",
                            argv[parsing.rejected]);
  if (error) return error;
  if (options.settings.load && parsing.shaping)
    return options_complain(STATUS_WRONG, "%s: the world of --load has its own: leave it out",
                            parsing.shaping);
  if (options.is_json && options.is_view)
    return options_complain(STATUS_WRONG, "--json and --view do not go together: leave one out");
  if (options.is_view && !isatty(STDOUT_FILENO))
    return options_complain(STATUS_WRONG, "--view: stdout is no terminal");
  int status = check_limits(&options);
  if (!status) *ret_options = options;
  return status;
}

int options_complain(int status, const char *format, ...) {
  char line[PATH_MAX + 256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  for (char *next = line; *next; next++)
    if (iscntrl((unsigned char)*next)) *next = '?'; /* of a name that it quotes: it is to stay one line */
  fprintf(stderr, "creatures: %s\n", line);
  return status;
}

int options_read_size(const char *text, uint64_t *ret_bytes) {
  static const char units[] = "KMGT";
  char *end = NULL;
  if (*text < '0' || *text > '9') return -EINVAL;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  if (errno) return -ERANGE;
  const char *unit = *end ? strchr(units, *end) : NULL;
  if (*end && (!unit || end[1])) return -EINVAL;
  unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
  if (number << shift >> shift != number) return -ERANGE;
  *ret_bytes = number << shift;
  return 0;
}

/* Returns 0, ARGP_ERR_UNKNOWN, or a status: what is wrong has been said then. */
static error_t parse_one(int key, char *value, struct argp_state *state) {
  struct parsing *parsing = state->input;
  struct options *options = parsing->options;
  struct simulation_settings *settings = &options->settings;
  uint64_t number = 0;
  int status = 0;
  switch (key) {
  case KEY_CREATURES:
  case KEY_SEED:
  case KEY_LIMITS:
    return shape_world(parsing, key, value);
  case KEY_THREADS:
    status = parse_number("--threads", value, 1, WORKERS_MOST, &number);
    settings->threads = (unsigned)number;
    return status;
  case KEY_SECONDS:
    return parse_seconds(value, &options->frames);
  case KEY_BUDGET:
    return parse_budget(value, &settings->budget);
  case 'h':
    argp_help(&parser, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, state->name);
    exit(fflush(stdout)
             ? options_complain(STATUS_UNABLE, "stdout: the help did not arrive: %s", strerror(errno))
             : 0);
  case ARGP_KEY_ERROR:
    if (state->next > 0 && state->next <= state->argc) parsing->rejected = state->next - 1;
    return 0;
  case ARGP_KEY_ARG:
    return options_complain(STATUS_WRONG, "%s: takes no arguments; see --help", value);
  default:
    return take_word(options, key, value);
  }
}

/* A world that is loaded has these of its own. */
static int shape_world(struct parsing *parsing, int key, const char *value) {
  struct simulation_settings *settings = &parsing->options->settings;
  uint64_t number = 0;
  parsing->shaping = key == KEY_CREATURES ? "--creatures" : key == KEY_SEED ? "--seed" : "--limits";
  if (key == KEY_SEED) return parse_number("--seed", value, 0, UINT64_MAX, &settings->seed);
  if (key == KEY_LIMITS) {
    settings->limits = value;
    return 0;
  }
  int status = parse_number("--creatures", value, 1, LIMITS_CREATURES_MOST, &number);
  settings->creatures = number;
  return status;
}

/* Those whose values are taken as they are, or that have none. */
static error_t take_word(struct options *options, int key, const char *value) {
  switch (key) {
  case KEY_SCRIPT:
    options->settings.script = value;
    return 0;
  case KEY_SAVE:
    options->save = value;
    return 0;
  case KEY_LOAD:
    options->settings.load = value;
    return 0;
  case 'j':
    options->is_json = 1;
    return 0;
  case KEY_VIEW:
    options->is_view = 1;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static int parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t *ret_number) {
  char *end = NULL;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  int is_number = *text >= '0' && *text <= '9' && !*end;
  if (!is_number || errno || number < least || number > most)
    return options_complain(STATUS_WRONG, "%s: `%s` is no number from %llu to %llu", option, text,
                            (unsigned long long)least, (unsigned long long)most);
  *ret_number = number;
  return 0;
}

/* Whole frames: a part of one is run, too. */
static int parse_seconds(const char *text, uint64_t *ret_frames) {
  char *end = NULL;
  double seconds = strtod(text, &end);
  int is_number = (*text == '.' || (*text >= '0' && *text <= '9')) && !*end && !strpbrk(text, "xX");
  if (!is_number || !(seconds >= 0 && seconds <= SECONDS_MOST))
    return options_complain(STATUS_WRONG, "--seconds: `%s` is no number from 0 to %.0f", text, SECONDS_MOST);
  *ret_frames = (uint64_t)ceil(seconds * FRAMES_A_SECOND - 1e-6);
  return 0;
}

static int parse_budget(const char *text, uint64_t *ret_bytes) {
  uint64_t bytes = 0;
  int error = options_read_size(text, &bytes);
  if (error == -EINVAL)
    return options_complain(STATUS_WRONG, "--budget: `%s` is no size: bytes, or K, M, G, T behind a number",
                            text);
  if (error || bytes > BUDGET_MOST || bytes == 0)
    return options_complain(STATUS_WRONG, "--budget: `%s` is not from 1 to 64T", text);
  *ret_bytes = bytes;
  return 0;
}

/* By a table that nothing uses: before anything starts. */
static int check_limits(const struct options *options) {
  struct ration_limits limits;
  const char *wrong = "";
  int error = limits_fill(&limits, NULL, options->settings.creatures, options->settings.limits, &wrong);
  if (error) return options_complain(STATUS_WRONG, "%s", wrong);
  ration_limits_done(&limits);
  return 0;
}
