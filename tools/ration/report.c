/*
 * report.c: `ration report [PID|FILE]`: the tables of one process, alive or dead; with --events, what happened in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "reader/wanted.h"
#include "select.h"
#include "view/process_view.h"

extern const struct argp report_argp;
int report_command(struct emitter *emitter);
static int view(struct emitter *emitter, struct process *process, struct fault *ret_fault);
static error_t parse(int key, char *argument, struct argp_state *state);
static int check_category(const struct snapshot *snapshot, struct fault *ret_fault);
static int status_of(int error);

static const struct argp_child children[] = {{.argp = &select_argp}, {0}};
#define EVENTS_KEY 'e'
static const struct argp_option options[] = {
    {"events", EVENTS_KEY, NULL, 0, "show what happened to budgets: pressure, breaches, refusals, handlers",
     1},
    {0},
};
const struct argp report_argp = {
    .options = options, .parser = parse, .args_doc = "[PID|FILE]", .children = children};

static const char *wanted; /* NULL: the user's newest segment */
static bool wants_events;

int report_command(struct emitter *emitter) {
  struct process *process = malloc(sizeof *process);
  struct fault fault = {"not enough memory"};
  int error = process ? wanted_read(wanted, process, &fault) : -ENOMEM;
  if (!error) error = check_category(&process->snapshot, &fault);
  if (!error) error = view(emitter, process, &fault);
  if (error) complain(wanted ? wanted : "report", "%s", fault.words);
  free(process);
  return error ? status_of(error) : STATUS_DONE;
}

/* Events are read after what they speak of. */
static int view(struct emitter *emitter, struct process *process, struct fault *ret_fault) {
  struct event_list events = {0};
  int error = wants_events ? event_list_read_path(process->path, process->is_memfd, &events, ret_fault) : 0;
  if (error) return error;
  process_take_resident(process);
  emitter_begin_list(emitter, "processes");
  if (wants_events) {
    process_view_events(emitter, process, &events, &selected);
  } else {
    process_view_page(emitter, process, &selected);
  }
  emitter_end(emitter);
  event_list_free(&events);
  return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == EVENTS_KEY) {
    wants_events = true;
    return 0;
  }
  if (key != ARGP_KEY_ARG || wanted) return ARGP_ERR_UNKNOWN;
  wanted = argument;
  return 0;
}

/* A passive process has none: its page says why. */
static int check_category(const struct snapshot *snapshot, struct fault *ret_fault) {
  if (!selected.category || snapshot->passive || selection_root(&selected, snapshot) != 0) return 0;
  return fault_set(ret_fault, -ERANGE, "no category `%.128s`; a report without --category names all",
                   selected.category);
}

static int status_of(int error) {
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}
