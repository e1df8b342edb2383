/*
 * setting.c: what a name means: an option, a property behind the last dot, else a category and its budget.
 */
#include "config/setting.h"

#include <errno.h>

#include "base/budget_text.h"

static bool is_budget(struct stretch value);
static int refuse_name(struct stretch text, struct fault *ret_fault);

struct stretch setting_next(struct stretch *rest) {
  while (rest->bytes) {
    struct stretch text = stretch_next(rest, ',');
    if (text.count) return text; /* else as in ",keep=1", from "$RATION_OPTIONS,keep=1" */
  }
  return (struct stretch){.bytes = NULL, .count = 0};
}

int setting_cut(struct stretch text, struct setting *ret_setting, struct fault *ret_fault) {
  const char *equals = memchr(text.bytes, '=', text.count);
  if (!equals) {
    return fault_set(ret_fault, -EINVAL, "`%.*s` is no setting; expected NAME=VALUE", STRETCH_SHOWN(text));
  }
  size_t count = (size_t)(equals - text.bytes);
  struct setting setting = {.name = {text.bytes, count}, .value = stretch_from(text, count + 1)};
  setting.option = option_find(options_table, setting.name);
  const char *dot = memrchr(text.bytes, '.', count);
  if (!setting.option && dot) {
    setting.category = (struct stretch){.bytes = text.bytes, .count = (size_t)(dot - text.bytes)};
    setting.option = option_find(properties_table, stretch_from(setting.name, setting.category.count + 1));
  }
  if (!setting.option && is_budget(setting.value)) {
    setting.category = setting.name;
    setting.option = &properties_table[PROPERTY_BUDGET];
  }
  if (!setting.option) return refuse_name(text, ret_fault);
  *ret_setting = setting;
  return 0;
}

static bool is_budget(struct stretch value) {
  char text[64];
  if (value.count >= sizeof text) return false;
  memcpy(text, value.bytes, value.count);
  text[value.count] = 0;
  return budget_is_meant(text);
}

static int refuse_name(struct stretch text, struct fault *ret_fault) {
  char options[OPTION_NAMES_BYTES], properties[OPTION_NAMES_BYTES];
  option_list_names(options_table, options);
  option_list_names(properties_table, properties);
  return fault_set(ret_fault, -EINVAL,
                   "`%.*s` is no option; there are %s; CATEGORY=BUDGET; and CATEGORY.PROPERTY: %s",
                   STRETCH_SHOWN(text), options, properties);
}
