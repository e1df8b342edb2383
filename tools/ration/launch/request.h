/*
 * request.h: what a user wants to be started, and with which settings: the command line of all that start a program.
 */
#ifndef RATION_TOOL_LAUNCH_REQUEST_H
#define RATION_TOOL_LAUNCH_REQUEST_H

#include <argp.h>

#include "config/rule_file.h"

/*
 * A child of the command's own parser: --config, --set, and the first argument with all that follow it. The command
 * itself sees to it that there is one.
 */
extern const struct argp request_argp;

/* What it was given. */
struct request {
  char **arguments;   /* CMD, and what is its own; NULL: none */
  const char *config; /* NULL: no rule file */
  char *settings;     /* of all --set, as an option string; NULL: none */
  char *inherited;    /* RATION_OPTIONS, as the shim is to get it; NULL: none */
};
extern struct request requested;

/*
 * The settings of the file, of the environment and of the command line, the later ones win; checked together. `who`: the
 * command, for complaints. Returns the exit status; where it is 0 the caller frees *ret_options.
 */
int request_options(const struct request *request, const char *who, char **ret_options);

#endif
