/*
 * rule_file.c: a rule file: checked, turned into an option string, and that read by the shim, which must understand all of it.
 */
#include <stdlib.h>

#include "common/fit.h"
#include "common/shim.h"
#include "config/budget_check.h"
#include "config/option_string.h"
#include "config/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void note(size_t at, const char *words, void *context) {
  if (!words[0]) abort();
  (void)rule_file_line(context, at);
}

static void check(struct rule_file *file) {
  struct budget_list budgets;
  struct fault fault = {""};
  size_t at;
  for (size_t i = 0; i < file->rule_count; i++) rule_file_covering(file, &file->rules[i]);
  if (budget_list_read(file->string, &budgets, &fault) != 0) abort();
  bool is_right = budget_check(&budgets, true, &at, &fault) == 0;
  if (!is_right) fit_fault(&fault);
  if (!is_right && rule_file_line(file, at) == 0) abort();
  budget_check_note(&budgets, note, file);
  for (size_t i = 0; i < budgets.count; i++) {
    budget_entry_amount(&budgets.entries[i]);
    budget_list_policy(&budgets, budgets.entries[i].path);
  }
  budget_list_free(&budgets);
  if (option_string_check_room(file->string, &fault) != 0)
    fit_fault(&fault);
  else if (is_right)
    shim_takes(file->string);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct rule_file file;
  struct rule_fault fault = {.line = 0};
  if (rule_file_parse((struct stretch){(const char *)bytes, size}, &file, &fault) != 0) {
    fit_fault(&fault.fault);
    return 0;
  }
  check(&file);
  rule_file_free(&file);
  return 0;
}
