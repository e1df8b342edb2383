/*
 * opening.h: what a user names is opened, and on a terminal that is told where it takes long: a recording may be large.
 */
#ifndef RATION_TOOL_OPENING_H
#define RATION_TOOL_OPENING_H

#include "subject/subject.h"

/* As subject_open(). */
int opening_subject(const char *wanted, struct subject *ret_subject, struct fault *ret_fault);

/*
 * Of a recording that is not whole, a line on stderr that says so: what is made of it is right as far as it goes. `report`
 * needs none, since its page has it.
 */
void opening_note(const char *wanted, const struct subject *subject);

#endif
