/*
 * found.h: the processes that a request names, as the subject of what is made of them.
 */
#ifndef RATION_TOOL_SERVE_FOUND_H
#define RATION_TOOL_SERVE_FOUND_H

#include "subject/subject.h"

/*
 * The process of that pid, where it lives: of several (a pid may come again, or be one of a container, too) one that lives,
 * and of these one that is ours by its pid namespace, and of these the one that was started last. Returns 0, -ENOENT,
 * or another -errno; with words. The subject is to be freed.
 */
int found_by_pid(uint32_t pid, struct subject *ret_subject, struct fault *ret_fault);

/* Those that live and have that program's name, which are at most so many. */
#define FOUND_MOST 100
int found_by_program(const char *program, struct subject *ret_subject, struct fault *ret_fault);

/* All that live. */
int found_all(struct subject *ret_subject, struct fault *ret_fault);

void found_free(struct subject *subject);

#endif
