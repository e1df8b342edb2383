/*
 * change.h: what `diff --fail-if` takes: CATEGORY.FIGURE, > or <, and a change (`+10%`, `-4M`) or a value (`5M`).
 *
 * `cache.live>+10%` is met, and the diff fails, where the figure is more than 10 % above what it was before;
 * `cache.live<-4M` where it is more than 4 MiB below; `cache.live>5M` where it is above 5 MiB now.
 */
#ifndef RATION_TOOL_CONDITIONS_CHANGE_H
#define RATION_TOOL_CONDITIONS_CHANGE_H

#include "conditions/figure.h"

enum change_kind {
  CHANGE_TO,       /* a value */
  CHANGE_BY,       /* a difference */
  CHANGE_BY_SHARE, /* of what it was */
};

struct change_condition {
  char *text; /* as it was given */
  char *category;
  struct figure figure;
  enum change_kind kind;
  bool is_above;  /* >, else < */
  bool is_fall;   /* the difference or share has a minus */
  uint64_t value; /* of a share in millionths */
};

struct change_list {
  size_t count;
  struct change_condition *change; /* allocated, as its texts */
};

/* Adds one. Returns 0; -EINVAL: it is none; -ENOMEM; with words. */
int change_add(struct change_list *list, const char *text, struct fault *ret_fault);
void change_list_free(struct change_list *list);

/* Whether one of them is about leaks. */
bool change_list_needs_leaks(const struct change_list *list);

/* Whether one of them is about how fast something grows. */
bool change_list_needs_growth(const struct change_list *list);

/* Whether it fails. From nothing to something is above any share. */
bool change_is_met(const struct change_condition *change, uint64_t before, uint64_t after);

#endif
