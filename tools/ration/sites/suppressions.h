/*
 * suppressions.h: leaks that are known and not to be told: a file as LeakSanitizer has it.
 *
 * A line `leak:PATTERN`; blank lines, and those that begin with #, mean nothing. A leak is suppressed if a frame's
 * function, file or module fits: PATTERN somewhere in it; `*` in it stands for any bytes, `^` at its start and `$` at its
 * end for the ends. (github.com/google/sanitizers/wiki/AddressSanitizerLeakSanitizer)
 */
#ifndef RATION_TOOL_SITES_SUPPRESSIONS_H
#define RATION_TOOL_SITES_SUPPRESSIONS_H

#include "sites/stack.h"

struct suppressions {
  size_t count;
  char **pattern; /* allocated, as each of them */
};

/*
 * Returns 0, with a list that is to be freed; -ENOENT or another -errno: the file cannot be read; -EINVAL: a line is
 * none of these; -ENOMEM; with words.
 */
int suppressions_read(const char *path, struct suppressions *ret_suppressions, struct fault *ret_fault);
void suppressions_free(struct suppressions *suppressions);

bool suppressions_fit(const struct suppressions *suppressions, const struct stack *stack);

#endif
