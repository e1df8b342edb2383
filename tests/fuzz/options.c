/*
 * options.c: an option string: RATION_OPTIONS as the shim finds it, the same checked by the tool, and as a change of a running
 * process. What the tool passes on, the shim understands.
 */
#include <stdlib.h>

#include "common/fit.h"
#include "common/scratch_file.h"
#include "common/shim.h"
#include "config/budget_check.h"
#include "config/live_settings.h"
#include "config/option_string.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Together: one by one they are right. */
static bool has_right_budgets(const char *string) {
  struct budget_list budgets;
  struct fault fault = {""};
  size_t at;
  if (budget_list_read(string, &budgets, &fault) != 0) abort();
  bool is_right = budget_check(&budgets, true, &at, &fault) == 0;
  if (!is_right) fit_fault(&fault);
  budget_list_free(&budgets);
  return is_right;
}

static void translate(const char *text) {
  struct fault fault = {""};
  char *string;
  if (option_string_translate(text, &string, &fault) != 0) {
    fit_fault(&fault);
    return;
  }
  option_string_is_live(string);
  if (option_string_check_room(string, &fault) == 0 && has_right_budgets(string)) shim_takes(string);
  free(string);
}

static void set_live(const char *text) {
  struct live_settings live = {.string = NULL};
  struct fault fault = {""};
  if (live_settings_add(&live, text, &fault) != 0 || live_settings_check(&live, &fault) != 0)
    fit_fault(&fault);
  else if (live.string)
    shim_changes(live.string);
  live_settings_free(&live);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  char *text = scratch_text(bytes, size);
  shim_reads(text);
  shim_changes(text);
  translate(text);
  set_live(text);
  free(text);
  return 0;
}
