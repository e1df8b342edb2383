/*
 * help.c: `ration help [COMMAND]`.
 */
#include <stdio.h>

#include "commands.h"
#include "complain.h"

extern const struct argp help_argp;
int help_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);

const struct argp help_argp = {.parser = parse, .args_doc = "[COMMAND]"};

static const char *wanted; /* NULL: ration itself */

int help_command(struct emitter *emitter) {
  (void)emitter; /* help is not a report */
  const struct command *command = wanted ? command_find(wanted) : NULL;
  if (wanted && !command) {
    complain(wanted, "no such command; `ration --help` lists them");
    return STATUS_USAGE;
  }
  command_help(command, stdout);
  return STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key != ARGP_KEY_ARG || wanted) return ARGP_ERR_UNKNOWN;
  wanted = argument;
  return 0;
}
