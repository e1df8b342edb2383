/*
 * report.c: `ration report [PID|FILE]`: the tables of one process, alive or dead, or of those of a recording; or, by an
 * option, another look at it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "opening.h"
#include "report/look.h"
#include "select.h"
#include "subject/subject.h"
#include "view/process_view.h"

extern const struct argp report_argp;
int report_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int check_category(const struct snapshot *snapshot, struct fault *ret_fault);
static int status_of(int error);

static const struct argp_child children[] = {{.argp = &look_argp}, {.argp = &select_argp}, {0}};
const struct argp report_argp = {.parser = parse, .args_doc = "[PID|FILE|FILE:PID]", .children = children};

static const char *wanted; /* NULL: the user's newest segment */

static int open_wanted(struct subject *ret_subject, struct fault *ret_fault);

int report_command(struct emitter *emitter) {
  struct subject subject = {0};
  struct fault fault;
  int status = STATUS_DONE;
  int error = open_wanted(&subject, &fault);
  if (!error) error = check_category(&subject.processes[0]->snapshot, &fault);
  if (!error) {
    process_take_resident(subject.processes[0]);
    process_count_pages(subject.processes[0]);
    for (size_t i = 0; !error && i < subject.count; i++)
      error = subject_take_growth(subject.processes[i], &fault);
    if (!error) error = look_show(emitter, &subject, &status, &fault);
  }
  if (error) complain(wanted ? wanted : "report", "%s", fault.words);
  subject_close(&subject);
  return error ? status_of(error) : status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  if (wanted && look_takes_number(argument)) return 0;
  if (wanted && !look_takes_number(wanted)) return ARGP_ERR_UNKNOWN;
  wanted = argument;
  return 0;
}

/* A number behind --largest that is no tracked process's is that of blocks. */
static int open_wanted(struct subject *ret_subject, struct fault *ret_fault) {
  int error = opening_subject(wanted, ret_subject, ret_fault);
  if ((error != -ENOENT && error != -ERANGE) || !look_takes_number(wanted)) return error;
  wanted = NULL;
  return opening_subject(NULL, ret_subject, ret_fault);
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
