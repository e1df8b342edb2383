/*
 * frame_filter.h: which sites are looked at: --focus and --ignore, regular expressions of functions, files and modules.
 */
#ifndef RATION_TOOL_SITES_FRAME_FILTER_H
#define RATION_TOOL_SITES_FRAME_FILTER_H

#include <regex.h>

#include "sites/stack.h"

struct frame_filter {
  bool has_focus;
  bool has_ignore;
  regex_t focus;  /* a frame must fit */
  regex_t ignore; /* none may */
};

/* POSIX extended (regex(7)). Returns 0, or -EINVAL: it is none; with words. */
int frame_filter_focus(struct frame_filter *filter, const char *expression, struct fault *ret_fault);
int frame_filter_ignore(struct frame_filter *filter, const char *expression, struct fault *ret_fault);
void frame_filter_free(struct frame_filter *filter);

bool frame_filter_passes(const struct frame_filter *filter, const struct stack *stack);

#endif
