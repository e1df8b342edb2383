/*
 * endpoint.h: the one table of what can be asked for.
 */
#ifndef RATION_TOOL_SERVE_ENDPOINT_H
#define RATION_TOOL_SERVE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/answer.h"

/* Who makes an answer: frames take their time to be named, so that figures do not wait for them. */
enum endpoint_lane { LANE_FIGURES, LANE_STACKS, LANE_COUNT };

struct endpoint {
  const char *path; /* `*` stands for a pid */
  answer_maker *make;
  enum endpoint_lane lane;
  bool is_open;   /* without the token: there is nothing of a process in it */
  bool is_of_api; /* errors are JSON */
};

/*
 * What %XX stands for, in its place; returns how long the text is then. What is no escape stays as it is, and so does that of
 * the byte 0, at which all who read the text would take it to end.
 */
size_t endpoint_unescape(char *text);

/* NULL: there is no such path. `ret_pid` is 0 where the path has none. */
const struct endpoint *endpoint_find(const char *path, uint32_t *ret_pid);

/* What follows ? in the URL, one by one. Returns 0, or -EINVAL, with words. */
int endpoint_take(struct question *question, const char *name, const char *value, struct fault *ret_fault);

/* Which format of metrics an Accept header would rather have; NULL: there is no such header. */
enum metric_dialect endpoint_dialect(const char *accept);

#endif
