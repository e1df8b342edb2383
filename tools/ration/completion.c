/*
 * completion.c: `ration completion SHELL`: what a shell reads to complete ration's commands, options and arguments.
 *
 * It is written from the table of commands and the parser of each, so that it has what they have.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "completion/outline.h"

extern const struct argp completion_argp;
int completion_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int make_outlines(struct outline *outlines);
static int add_outline(const struct command *command, struct outline *ret_outline);

static const struct {
  const char *name;
  outline_writer *write;
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

const struct argp completion_argp = {
    .parser = parse,
    .args_doc = "bash|zsh|fish",
    .doc = "Prints what a shell reads to complete commands, options and arguments."
           "\vbash: source <(ration completion bash)   zsh: source <(ration completion zsh)   "
           "fish: ration completion fish | source"};

static outline_writer *write_script; /* of the shell that is named */

int completion_command(struct emitter *emitter) {
  (void)emitter;            /* it is no report */
  signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error to tell, not a signal to die of */
  size_t count = 1;
  for (const struct command *command = commands; command->name; command++) count++;
  struct outline *outlines = calloc(count, sizeof *outlines);
  int error = outlines ? make_outlines(outlines) : -1;
  if (error) {
    complain("completion", "not enough memory");
  } else {
    write_script(outlines, count, stdout);
  }
  free(outlines);
  return error ? STATUS_MISSING : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == ARGP_KEY_END && !write_script) {
    complain("completion", "takes the name of a shell: bash, zsh or fish");
    return COMMAND_COMPLAINED;
  }
  if (key != ARGP_KEY_ARG || write_script) return ARGP_ERR_UNKNOWN;
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
    if (strcmp(argument, shells[i].name) == 0) write_script = shells[i].write;
  if (write_script) return 0;
  complain(argument, "no shell that is known here; expected bash, zsh or fish");
  return COMMAND_COMPLAINED;
}

/* That of ration itself first. */
static int make_outlines(struct outline *outlines) {
  int error = add_outline(NULL, outlines++);
  for (const struct command *command = commands; command->name && !error; command++)
    error = add_outline(command, outlines++);
  return error;
}

static int add_outline(const struct command *command, struct outline *ret_outline) {
  struct argp_child children[2];
  struct argp argp = command_compose(command, children);
  return outline_make(command ? command->name : NULL, command ? command->summary : "", &argp, ret_outline);
}
