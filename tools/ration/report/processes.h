/*
 * processes.h: the page of a subject: of the process that it is, or of the first one with a table of the others.
 */
#ifndef RATION_TOOL_REPORT_PROCESSES_H
#define RATION_TOOL_REPORT_PROCESSES_H

#include "subject/subject.h"
#include "view/emitter.h"

/* Returns 0 or -ENOMEM, with words. */
int processes_show(struct emitter *emitter, const struct subject *subject, struct fault *ret_fault);

#endif
