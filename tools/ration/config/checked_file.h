/*
 * checked_file.h: a rule file whose budgets are right by themselves: what `config` prints and `plan --dry-run` tries.
 */
#ifndef RATION_TOOL_CONFIG_CHECKED_FILE_H
#define RATION_TOOL_CONFIG_CHECKED_FILE_H

#include "config/budget_list.h"
#include "config/rule_file.h"

struct checked_file {
  struct rule_file file;
  struct budget_list budgets; /* points into the file's string */
};

/* Returns the exit status: STATUS_DONE, or one of those whose reason has been said. */
int checked_file_read(const char *path, struct checked_file *ret_file);
void checked_file_free(struct checked_file *file);

#endif
