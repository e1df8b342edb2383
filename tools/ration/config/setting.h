/*
 * setting.h: one setting of an option string, cut up: docs/names.md, "Settings".
 */
#ifndef RATION_TOOL_CONFIG_SETTING_H
#define RATION_TOOL_CONFIG_SETTING_H

#include "config/option.h"

/* OPTION=VALUE, CATEGORY.PROPERTY=VALUE, or CATEGORY=BUDGET. */
struct setting {
  struct stretch name;     /* what stands before the `=` */
  struct stretch category; /* no bytes: it is an option */
  struct stretch value;
  const struct option_spec *option; /* or property */
};

/* Returns 0, or -EINVAL with words: it is none of those. The value is not looked at. */
int setting_cut(struct stretch text, struct setting *ret_setting, struct fault *ret_fault);

/* The next setting of a string that is not empty; no bytes: there is none left. */
struct stretch setting_next(struct stretch *rest);

#endif
