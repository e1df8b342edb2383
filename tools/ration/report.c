/*
 * report.c: `ration report [PID|FILE]`: the table of one process, alive or dead.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "reader/newest.h"
#include "select.h"
#include "view/process_view.h"

extern const struct argp report_argp;
int report_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int read_wanted(struct process *ret_process, struct fault *ret_fault);
static int check_category(const struct snapshot *snapshot, struct fault *ret_fault);
static int status_of(int error);

static const struct argp_child children[] = {{.argp = &select_argp}, {0}};
const struct argp report_argp = {.parser = parse, .args_doc = "[PID|FILE]", .children = children};

static const char *wanted; /* NULL: the user's newest segment */

int report_command(struct emitter *emitter) {
  struct process *process = malloc(sizeof *process);
  struct fault fault = {"not enough memory"};
  int error = process ? read_wanted(process, &fault) : -ENOMEM;
  if (!error) error = check_category(&process->snapshot, &fault);
  if (error) {
    complain(wanted ? wanted : "report", "%s", fault.words);
  } else {
    emitter_begin_list(emitter, "processes");
    process_view_page(emitter, process, &selected);
    emitter_end(emitter);
  }
  free(process);
  return error ? status_of(error) : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key != ARGP_KEY_ARG || wanted) return ARGP_ERR_UNKNOWN;
  wanted = argument;
  return 0;
}

/* Digits alone are a pid; a file of such a name can be given as ./NAME. */
static int read_wanted(struct process *ret_process, struct fault *ret_fault) {
  if (!wanted) return newest_of_user(ret_process, ret_fault);
  if (wanted[0] == 0) return fault_set(ret_fault, -ERANGE, "empty; name a pid or a segment's file");
  if (wanted[strspn(wanted, "0123456789")] != 0) {
    return process_read(wanted, false, ret_process, ret_fault);
  }
  uint64_t pid;
  if (text_read_decimal(wanted, &pid) == 0 || pid == 0 || pid > INT32_MAX) {
    return fault_set(ret_fault, -ERANGE, "no pid; pids are 1 to %d", INT32_MAX);
  }
  return newest_of_pid((uint32_t)pid, ret_process, ret_fault);
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
