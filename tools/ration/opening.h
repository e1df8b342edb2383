/*
 * opening.h: what a user names is opened, and on a terminal that is told where it takes long: a recording may be large.
 */
#ifndef RATION_TOOL_OPENING_H
#define RATION_TOOL_OPENING_H

#include "subject/subject.h"

/* As subject_open(). */
int opening_subject(const char *wanted, struct subject *ret_subject, struct fault *ret_fault);

/*
 * What a reader had better know of it, and nothing that is made of its figures says: that a recording ends early, that
 * something was lost. On stderr, a line each.
 */
void opening_remark(const char *wanted, const struct subject *subject);

#endif
