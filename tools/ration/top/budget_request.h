/*
 * budget_request.h: a budget that the user of top types is checked as `ration set` checks it, and the process is asked for
 * it.
 */
#ifndef RATION_TOOL_TOP_BUDGET_REQUEST_H
#define RATION_TOOL_TOP_BUDGET_REQUEST_H

#include "reader/process.h"

#define BUDGET_REQUEST_BYTES 600

/* Whose budget it is: noted before it is typed, for meanwhile rows move. */
struct budget_target {
  char path[PATH_MAX]; /* of the segment */
  bool is_memfd;
  struct place_name name;
  char category[RATION_CATEGORY_NAME_BYTES];
};

/*
 * `typed`: words parted by blanks, each a budget, or PROPERTY=VALUE of the category. Returns 0, with what came of it;
 * -EINVAL: they are wrong; or what control_ask() returns, or -EPERM: the process refuses; with words.
 */
int budget_request(const struct budget_target *target, const char *typed,
                   char ret_words[BUDGET_REQUEST_BYTES], struct fault *ret_fault);

#endif
