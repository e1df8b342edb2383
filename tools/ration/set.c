/*
 * set.c: `ration set PID|FILE NAME=VALUE...`: other settings for a running process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "config/option_string.h"
#include "reader/wanted.h"
#include "writer/control.h"

/* The answer, flat, for the fields below. */
struct set_record {
  const char *program;
  const char *settings;
  const char *answer; /* "taken", "pending" */
  const char *note;
  uint32_t pid;
};

#define SET(member) .offset = offsetof(struct set_record, member)

static const struct field set_fields[] = {
    {.name = "program", .kind = FIELD_NAME, SET(program), .phrase = "%s"},
    {.name = "pid", .kind = FIELD_ID, SET(pid), .phrase = " (pid %s)"},
    {.name = "settings", .kind = FIELD_NAME, SET(settings), .phrase = ": %s"},
    {.name = "answer", .kind = FIELD_NAME, SET(answer), .phrase = ": %s"},
    {.name = "note", .kind = FIELD_NAME, SET(note), .phrase = ": %s"},
};

extern const struct argp set_argp;
int set_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t add_setting(const char *setting);
static bool is_live(const char *setting);
static int ask(const struct process *process, struct emitter *emitter, struct fault *ret_fault);

const struct argp set_argp = {.parser = parse, .args_doc = "PID|FILE NAME=VALUE..."};

/* Those that may change while a program runs: the shim's table (src/model/settings.c) has the last word. */
static const char *const live[] = {"memory"};

static const char *wanted;
static char *settings; /* joined */

int set_command(struct emitter *emitter) {
  struct process *process = malloc(sizeof *process);
  struct fault fault = {"not enough memory"};
  int error = process ? wanted_read(wanted, process, &fault) : -ENOMEM;
  if (!error) error = ask(process, emitter, &fault);
  if (error) complain(wanted, "%s", fault.words);
  free(process);
  free(settings);
  if (!error) return STATUS_DONE;
  return error == -ERANGE || error == -E2BIG ? STATUS_USAGE : STATUS_MISSING;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  if (key == ARGP_KEY_ARG && state->arg_num == 0) {
    wanted = argument;
    return 0;
  }
  if (key == ARGP_KEY_ARG) return add_setting(argument);
  if (key == ARGP_KEY_END && state->arg_num < 2) {
    complain("set", "takes a pid or a segment's file, and settings NAME=VALUE; see `ration help set`");
    return COMMAND_COMPLAINED;
  }
  return ARGP_ERR_UNKNOWN;
}

/* Checked before anything is asked: nothing is changed where part of it is wrong. */
static error_t add_setting(const char *setting) {
  char *string = NULL;
  struct fault fault;
  int error = option_string_translate(setting, &string, &fault);
  if (!error && !is_live(string)) {
    error = fault_set(&fault, -EINVAL, "`%.100s`: cannot be changed while the program runs; `memory` can",
                      setting);
  }
  char *joined = error ? NULL : option_string_join(settings, string);
  free(string);
  if (error == -EINVAL) {
    complain("set", "%s", fault.words);
    return COMMAND_COMPLAINED;
  }
  if (!joined) return ENOMEM;
  free(settings);
  settings = joined;
  return 0;
}

/* One setting, of one of the options that may change. */
static bool is_live(const char *setting) {
  if (strchr(setting, ',')) return false;
  for (size_t i = 0; i < sizeof live / sizeof *live; i++) {
    size_t length = strlen(live[i]);
    if (strncmp(setting, live[i], length) == 0 && setting[length] == '=') return true;
  }
  return false;
}

static int ask(const struct process *process, struct emitter *emitter, struct fault *ret_fault) {
  struct control_answer answer;
  int error = control_ask(process, settings, &answer, ret_fault);
  if (error) return error;
  if (answer.result == CONTROL_REFUSED) {
    return fault_set(ret_fault, -EPERM, "refused: %.200s", answer.why);
  }
  bool is_taken = answer.result == CONTROL_TAKEN;
  struct set_record record = {
      .program = process->snapshot.program,
      .pid = process->snapshot.name.pid,
      .settings = settings,
      .answer = is_taken ? "taken" : "pending",
      .note = is_taken ? NULL : "it has not allocated since; it is taken up as soon as it does",
  };
  emitter_part(emitter, FIELDS(set_fields), &record);
  emitter_end_line(emitter);
  return 0;
}
