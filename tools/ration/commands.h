/*
 * commands.h: the subcommands of ration, and what the dispatcher does for each before and after.
 */
#ifndef RATION_TOOL_COMMANDS_H
#define RATION_TOOL_COMMANDS_H

#include <argp.h>

#include "view/emitter.h"

/* The dispatcher takes --json and --output FILE, hands the command an emitter, and writes it out at the end.
 */
#define COMMAND_EMITS 1

/* The same, but to stderr, since stdout is the started program's; own failures have statuses of their own. */
#define COMMAND_STARTS 2

struct command {
  const char *name;
  int (*function)(struct emitter *emitter); /* returns the exit status */
  unsigned flags;
  const struct argp *argp; /* its own options and arguments; called before `function` */
  const char *summary;
};

extern const struct command commands[]; /* ends with one without a name */

/* NULL: no such command. */
const struct command *command_find(const char *name);

/*
 * A command's argp below the dispatcher's own: the options of both, the command's arguments and words. It points to
 * `children`. NULL: that of ration itself.
 */
struct argp command_compose(const struct command *command, struct argp_child children[2]);

/* Prints how the command is used; NULL: how ration is. */
void command_help(const struct command *command, FILE *to);

/* An argument parser that has said itself what is wrong returns this. */
#define COMMAND_COMPLAINED ECANCELED

#endif
