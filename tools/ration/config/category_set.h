/*
 * category_set.h: the categories that settings name, counted as the shim will count them: with those above them.
 */
#ifndef RATION_TOOL_CONFIG_CATEGORY_SET_H
#define RATION_TOOL_CONFIG_CATEGORY_SET_H

#include "config/stretch.h"
#include "reader/fault.h"

#define CATEGORY_SET_MOST 250 /* see ration_category() in ration.h */

struct category_set {
  char *path[CATEGORY_SET_MOST];
  size_t count;
};

/* Is this the path of a category, as ration.h has it? Returns 0, or -EINVAL with words. */
int category_check(struct stretch path, struct fault *ret_fault);

/* The same of one that rules can fill: neither the root nor `other` can be given blocks by a rule. */
int category_check_ruled(struct stretch path, struct fault *ret_fault);

/* Adds a checked path and those above it. Returns 0; -EINVAL with words: there are too many; -ENOMEM with words. */
int category_set_add(struct category_set *set, struct stretch path, struct fault *ret_fault);

void category_set_free(struct category_set *set);

#endif
