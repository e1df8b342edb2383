/*
 * condition.h: `--max CATEGORY.FIGURE=VALUE`, `--min ...`: what must hold of each process that has the category.
 */
#ifndef RATION_TOOL_CONDITIONS_CONDITION_H
#define RATION_TOOL_CONDITIONS_CONDITION_H

#include "conditions/figure.h"

struct condition {
  char *text; /* as it was given */
  char *category;
  struct figure figure;
  bool is_least; /* the limit is the least that may be, else the most */
  uint64_t limit;
};

struct condition_list {
  size_t count;
  struct condition *condition; /* allocated, as its texts */
};

/* Adds one. Returns 0; -EINVAL: it is none; -ENOMEM; with words. */
int condition_add(struct condition_list *list, bool is_least, const char *text, struct fault *ret_fault);

/*
 * Adds those of a file: a line `--max CATEGORY.FIGURE=VALUE` or `--min ...`; blank lines, and what stands behind a # at the
 * start of a word, mean nothing. Returns the exit status, having said what is wrong.
 */
int condition_add_file(struct condition_list *list, const char *path);

void condition_list_free(struct condition_list *list);

/* Whether one of them is about leaks. */
bool condition_list_needs_leaks(const struct condition_list *list);

bool condition_is_met(const struct condition *condition, uint64_t value);

/*
 * Cuts "CATEGORY.FIGURE" at its last dot; with the figure found. Returns 0; -EINVAL: that is none; -ENOMEM; with words.
 */
int condition_cut(struct stretch text, char **ret_category, struct figure *ret_figure,
                  struct fault *ret_fault);

#endif
