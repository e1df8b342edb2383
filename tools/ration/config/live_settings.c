/*
 * live_settings.c: nothing is changed where part of it is wrong.
 */
#include "config/live_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/budget_check.h"
#include "config/option_string.h"
#include "reader/category_named.h"

int live_settings_add(struct live_settings *settings, const char *setting, struct fault *ret_fault) {
  char *string = NULL;
  int error = option_string_translate(setting, &string, ret_fault);
  if (error) return error;
  if (strchr(string, ',') || !option_string_is_live(string)) {
    free(string);
    return fault_set(ret_fault, -EINVAL,
                     "`%.100s`: cannot be changed while the program runs; `memory`, `sample` and budgets can",
                     setting);
  }
  char *joined = option_string_join(settings->string, string);
  free(string);
  if (!joined) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  free(settings->string);
  settings->string = joined;
  return 0;
}

/* The process may have budgets that these are shares of. */
int live_settings_check(struct live_settings *settings, struct fault *ret_fault) {
  size_t at;
  int error = budget_list_read(settings->string, &settings->budgets, ret_fault);
  return error ? error : budget_check(&settings->budgets, false, &at, ret_fault);
}

int live_settings_find(const struct live_settings *settings, const struct snapshot *snapshot,
                       struct fault *ret_fault) {
  for (size_t i = 0; i < settings->budgets.count; i++) {
    struct stretch path = settings->budgets.entries[i].path;
    if (category_named(snapshot, path.bytes, path.count)) continue;
    return fault_set(ret_fault, -ERANGE, "no category `%.*s`; `ration report` names those that there are",
                     STRETCH_SHOWN(path));
  }
  return 0;
}

void live_settings_free(struct live_settings *settings) {
  budget_list_free(&settings->budgets);
  free(settings->string);
  *settings = (struct live_settings){.string = NULL};
}
