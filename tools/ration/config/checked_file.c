/*
 * checked_file.c: reading, and saying what is wrong and where.
 */
#include "config/checked_file.h"

#include <errno.h>

#include "complain.h"
#include "config/budget_check.h"

static int check(const char *path, const struct checked_file *file);

int checked_file_read(const char *path, struct checked_file *ret_file) {
  struct checked_file file = {.budgets = {NULL, 0}};
  struct rule_fault fault;
  int error = rule_file_read(path, &file.file, &fault);
  if (error) {
    complain(fault.place, "%s", fault.fault.words);
    return error == -EINVAL ? STATUS_USAGE : STATUS_MISSING;
  }
  int status = STATUS_MISSING;
  if (budget_list_read(file.file.string, &file.budgets, &fault.fault) == 0) {
    status = check(path, &file);
  } else {
    complain(path, "%s", fault.fault.words);
  }
  if (status) {
    checked_file_free(&file);
  } else {
    *ret_file = file;
  }
  return status;
}

static int check(const char *path, const struct checked_file *file) {
  struct fault fault;
  size_t at;
  if (budget_check(&file->budgets, true, &at, &fault) == 0) return STATUS_DONE;
  complain_at(path, rule_file_line(&file->file, at), fault.words);
  return STATUS_USAGE;
}

void checked_file_free(struct checked_file *file) {
  budget_list_free(&file->budgets);
  rule_file_free(&file->file);
}
