/*
 * main.c: the dispatcher: finds the subcommand, parses its options, writes its output, and sees that it has arrived.
 */
#include <errno.h>
#include <fcntl.h>
#include <ration/ration.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "complain.h"
#include "view/output.h"
#include "view/pager.h"
#include "view/terminal.h"

/* What the dispatcher itself takes for a command. */
struct request {
  const struct command *command;
  const char *output; /* NULL: stdout, or stderr for a command that starts a program */
  bool is_json;
  bool has_no_pager; /* none is wanted */
  int argument;      /* index of the last that is no option */
  int rejected;      /* index of the one that was being parsed when parsing failed */
};

static error_t parse_top(int key, char *argument, struct argp_state *state);
static error_t parse_shared(int key, char *argument, struct argp_state *state);
static char *list_commands(int key, const char *text, void *input);
static int dispatch(const struct command *command, int argc, char **argv);
static int parse_request(struct request *request, int argc, char **argv);
static int run_emitting(const struct request *request);
static FILE *standard_output(const struct request *request);
static bool takes_colour(const struct request *request);
static bool may_page(const struct request *request, struct emitter *emitter);
static int write_out(const struct request *request, struct emitter *emitter, int status);
static int write_on(struct emitter *emitter, FILE *followed);
static int write_file(const char *path, struct emitter *emitter, int status);
static int fail_output(const struct request *request, int error, int status);
static void keep_standard_descriptors(void);
static int check_stdout_of_starter(int status);
static void check_stdout(void);

#define HELP_KEY    'h'
#define VERSION_KEY 'V'
#define PAGER_KEY   1000

static const struct argp_option top_options[] = {
    {"help", HELP_KEY, NULL, 0, "show this and leave", -1},
    {"version", VERSION_KEY, NULL, 0, "show the version and leave", -1},
    {0},
};
static const struct argp top_argp = {
    .options = top_options,
    .parser = parse_top,
    .args_doc = "COMMAND [ARGUMENT...]",
    .doc = "Gives every part of a process its share of memory.\vCommands:\n",
    .help_filter = list_commands,
};

static const struct argp_option shared_options[] = {
    {"no-pager", PAGER_KEY, NULL, 0, "long text to a terminal as it is, not through a pager", 1},
    {"json", 'j', NULL, 0, "JSON instead of text", 1},
    {"output", 'o', "FILE", 0, "write to FILE", 1},
    {"help", HELP_KEY, NULL, 0, "show this and leave", -1},
    {0},
};
static bool is_stdout_given_up; /* and said to be */

/* One that reports to stderr, since a program has stdout, is read by nobody page by page; one that reports nothing has
 * the last of them alone. */
static const struct argp_option *const starter_options = &shared_options[1];
static const struct argp_option *const help_option = &shared_options[3];

/* Errors are said here, in one line; argp's own --help is silent then, so it is here too. */
#define PARSING (ARGP_IN_ORDER | ARGP_NO_ERRS | ARGP_NO_HELP)

int main(int argc, char **argv) {
  keep_standard_descriptors();
  atexit(check_stdout);
  int first = 0;
  argv[0] = (char[]){"ration"};
  if (argp_parse(&top_argp, argc, argv, PARSING, NULL, &first) != 0 || first == 0) {
    complain(argc > 1 ? argv[1] : "ration", "no command; `ration --help` lists them");
    return STATUS_USAGE;
  }
  const struct command *command = command_find(argv[first]);
  if (!command) {
    complain(argv[first], "no such command; `ration --help` lists them");
    return STATUS_USAGE;
  }
  return dispatch(command, argc - first, argv + first);
}

struct argp command_compose(const struct command *command, struct argp_child children[2]) {
  if (!command) return top_argp;
  children[0] = (struct argp_child){.argp = command->argp};
  children[1] = (struct argp_child){0};
  const struct argp_option *options = command->flags & COMMAND_EMITS ? shared_options : help_option;
  if (command->flags & COMMAND_STARTS) options = starter_options;
  return (struct argp){.options = options, .parser = parse_shared, .children = children};
}

void command_help(const struct command *command, FILE *to) {
  struct argp_child children[2];
  struct argp argp = command_compose(command, children);
  char name[64] = "ration";
  if (command) snprintf(name, sizeof name, "ration %s", command->name);
  output_ignore_signals();
  argp_help(&argp, to, ARGP_HELP_STD_HELP, name);
}

static error_t parse_top(int key, char *argument, struct argp_state *state) {
  (void)argument;
  if (key == HELP_KEY) {
    command_help(NULL, stdout);
    exit(STATUS_DONE);
  }
  if (key == VERSION_KEY) {
    puts("ration " RATION_VERSION);
    exit(STATUS_DONE);
  }
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  *(int *)state->input = state->next - 1;
  state->next = state->argc; /* the rest is the command's */
  return 0;
}

static error_t parse_shared(int key, char *argument, struct argp_state *state) {
  struct request *request = state->input;
  if (key == 'j') {
    request->is_json = true;
  } else if (key == 'o') {
    request->output = argument;
  } else if (key == PAGER_KEY) {
    request->has_no_pager = true;
  } else if (key == HELP_KEY) {
    command_help(request->command, stdout);
    exit(STATUS_DONE);
  } else if (key == ARGP_KEY_ERROR) { /* of an option argp stands behind it, of what nobody took before it */
    request->rejected = state->next == request->argument ? state->next : state->next - 1;
  } else if (key == ARGP_KEY_ARG) {
    request->argument = state->next - 1;
    return ARGP_ERR_UNKNOWN;
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static char *list_commands(int key, const char *text, void *input) {
  (void)input;
  if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text; /* argp frees only what differs */
  char *list = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&list, &size);
  if (!stream) return NULL;
  fputs(text, stream);
  for (const struct command *command = commands; command->name; command++) {
    fprintf(stream, "  %-11s %s\n", command->name, command->summary);
  }
  fputs("\n`ration help COMMAND` explains one.", stream);
  fclose(stream);
  return list;
}

static int dispatch(const struct command *command, int argc, char **argv) {
  struct request request = {.command = command};
  int status = parse_request(&request, argc, argv);
  if (status) return status;
  status = command->flags & COMMAND_EMITS ? run_emitting(&request) : command->function(NULL);
  return command->flags & COMMAND_STARTS ? check_stdout_of_starter(status) : status;
}

/* Returns 0 or the exit status. */
static int parse_request(struct request *request, int argc, char **argv) {
  const struct command *command = request->command;
  struct argp_child children[2];
  struct argp argp = command_compose(command, children);
  char name[64];
  snprintf(name, sizeof name, "ration %s", command->name);
  argv[0] = name;
  error_t error = argp_parse(&argp, argc, argv, PARSING, NULL, request);
  if (error && error != COMMAND_COMPLAINED) {
    int at = request->rejected < argc ? request->rejected : argc - 1;
    complain(command->name, "`%s` is not understood, or lacks its value; see `%s --help`", argv[at], name);
  }
  return error ? STATUS_USAGE : 0;
}

/* A file that cannot be written is told before the command does anything; it is written when all is made. */
static int run_emitting(const struct request *request) {
  int error = request->output ? output_probe(request->output) : 0;
  struct emitter *emitter = error ? NULL : emitter_new(request->is_json);
  if (!emitter) return fail_output(request, error ? -error : ENOMEM, 0);
  emitter_follow_to(emitter, request->output);
  if (takes_colour(request)) emitter_colour(emitter);
  int status = request->command->function(emitter);
  output_ignore_signals();
  error = write_out(request, emitter, status);
  if (error) status = fail_output(request, -error, status);
  emitter_free(emitter);
  return status;
}

static FILE *standard_output(const struct request *request) {
  return request->command->flags & COMMAND_STARTS ? stderr : stdout;
}

static bool takes_colour(const struct request *request) {
  if (request->output) return terminal_at_takes_colour(request->output);
  return terminal_takes_colour(standard_output(request));
}

/* What is more than the screen holds, if it goes there. */
static bool may_page(const struct request *request, struct emitter *emitter) {
  if (request->has_no_pager || request->output || request->command->flags & COMMAND_STARTS) return false;
  return terminal_is_there(stdout) && emitter_lines(emitter) >= terminal_lines();
}

/* A pager that cannot be started is none. Returns 0 or -errno, as the next two do. */
static int write_out(const struct request *request, struct emitter *emitter, int status) {
  const char *pager = may_page(request, emitter) ? pager_command() : NULL;
  int error;
  if (pager && pager_show(pager, emitter, &error)) return error;
  if (!request->output) return emitter_finish(emitter, standard_output(request));
  FILE *followed = emitter_take_followed(emitter);
  return followed ? write_on(emitter, followed) : write_file(request->output, emitter, status);
}

static int write_on(struct emitter *emitter, FILE *followed) {
  int error = emitter_finish(emitter, followed);
  if (fclose(followed) != 0 && !error) error = -errno;
  return error;
}

/* A command that has failed and says nothing leaves the file as it was; of one that succeeds, nothing is what it says. */
static int write_file(const char *path, struct emitter *emitter, int status) {
  struct output output;
  int error = output_begin(&output);
  if (error) return error;
  error = emitter_finish(emitter, output.to);
  bool is_wanted = !error && (ftell(output.to) > 0 || status == STATUS_DONE);
  int of_output = output_end(&output, path, is_wanted);
  return error ? error : of_output;
}

/* The status is still the started program's own, where that was a failure. */
static int fail_output(const struct request *request, int error, int status) {
  if (!request->output) is_stdout_given_up = true;
  bool is_starter = request->command->flags & COMMAND_STARTS;
  const char *name = request->output ? request->output : is_starter ? "stderr" : "stdout";
  complain(name, "cannot be written: %s; name another file with --output", strerror(error));
  if (status) return status;
  return is_starter ? STATUS_FAILED : STATUS_MISSING;
}

/*
 * A descriptor below 3 that is closed would be taken by the next file opened, and then be written to. What is to go to a
 * stdout that is not there is lost, which writing says; on stderr there is nobody to say it to.
 */
static void keep_standard_descriptors(void) {
  for (int fd = 0; fd < 3; fd++) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (open("/dev/null", mode | O_CLOEXEC) != fd) _exit(STATUS_FAILED);
  }
}

/* What it says there besides its report, as `check --tap`: it fails then, as with the report. */
static int check_stdout_of_starter(int status) {
  output_ignore_signals();
  if (is_stdout_given_up || (fflush(stdout) == 0 && !ferror(stdout))) return status;
  complain("stdout", "cannot be written: %s", strerror(errno));
  is_stdout_given_up = true;
  return status ? status : STATUS_FAILED;
}

static void check_stdout(void) {
  output_ignore_signals();
  if (is_stdout_given_up || (fflush(stdout) == 0 && !ferror(stdout))) return;
  complain("stdout", "cannot be written: %s", strerror(errno));
  _exit(STATUS_MISSING);
}
