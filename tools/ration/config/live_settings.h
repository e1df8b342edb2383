/*
 * live_settings.h: settings for a program that runs: checked one by one, and together, before it is asked for any.
 */
#ifndef RATION_TOOL_CONFIG_LIVE_SETTINGS_H
#define RATION_TOOL_CONFIG_LIVE_SETTINGS_H

#include "config/budget_list.h"
#include "reader/snapshot.h"

struct live_settings {
  char *string;               /* joined; NULL: none yet */
  struct budget_list budgets; /* that it speaks of; points into it */
};

/* Adds one, NAME=VALUE. Returns 0; -EINVAL: it is wrong, or cannot be changed; -ENOMEM; with words. */
int live_settings_add(struct live_settings *settings, const char *setting, struct fault *ret_fault);

/* When all are there: their budgets, as far as they tell by themselves. Returns 0, -EINVAL or -ENOMEM, with words. */
int live_settings_check(struct live_settings *settings, struct fault *ret_fault);

/*
 * Of settings that were checked: does the process have their categories? It would make one of any name: a misspelt one
 * would hold nothing, and nobody would notice. Returns 0, or -ERANGE with words.
 */
int live_settings_find(const struct live_settings *settings, const struct snapshot *snapshot,
                       struct fault *ret_fault);

void live_settings_free(struct live_settings *settings);

#endif
