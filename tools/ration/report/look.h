/*
 * look.h: the looks at a process that `ration report` has beside its page: events, sites, ... each by an option.
 *
 * One table of them; a look is a file of its own in this folder.
 */
#ifndef RATION_TOOL_REPORT_LOOK_H
#define RATION_TOOL_REPORT_LOOK_H

#include <argp.h>

#include "subject/subject.h"
#include "view/emitter.h"

/* Options of report: which look, and what belongs to it. */
extern const struct argp look_argp;

/*
 * `--largest 5 PID`: is it the number of blocks that stands behind --largest, and no process? It is then taken for that.
 * By its place among the arguments of the command, and so to be asked with the very same pointer.
 */
bool look_takes_number(const char *argument);

/*
 * Reads what the chosen look needs, and emits it. Of a subject of several processes, as text a look is at the first, and
 * the page has a table of the others below it; JSON has all of them. Returns 0, with the exit status in *ret_status; or
 * what it could not read, with words.
 */
int look_show(struct emitter *emitter, const struct subject *subject, int *ret_status,
              struct fault *ret_fault);

#endif
