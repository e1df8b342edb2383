/*
 * option_string.c: cutting a string into settings, and checking each by the table.
 */
#include "config/option_string.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/category_set.h"
#include "config/option.h"

/* A setting, cut up: CATEGORY.PROPERTY=VALUE, or OPTION=VALUE without a category. */
struct setting {
  struct stretch name, category, value;
  const struct option_spec *option;
};

/* What a string's rules will take in the segment. */
struct room {
  struct category_set categories;
  size_t rules, text_bytes;
};

static int write_setting(struct stretch text, FILE *to, struct fault *ret_fault);
static int cut(struct stretch text, struct setting *ret_setting, struct fault *ret_fault);
static int refuse_name(struct stretch text, struct fault *ret_fault);
static int measure(const char *string, struct room *ret_room, struct fault *ret_fault);
static bool is_replaced(struct stretch rest, const struct setting *setting);
static void add_rules(struct room *room, struct stretch globs);

int option_string_translate(const char *text, char **ret_string, struct fault *ret_fault) {
  char *string = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&string, &size);
  if (!to) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  struct stretch rest = stretch_of(text);
  int error = 0;
  while (rest.bytes && !error) {
    struct stretch setting = stretch_next(&rest, ',');
    if (setting.count == 0) continue; /* as in ",keep=1", from "$RATION_OPTIONS,keep=1" */
    if (ftello(to) > 0) fputc(',', to);
    error = write_setting(setting, to, ret_fault);
  }
  if (fclose(to) != 0 && !error) error = fault_set(ret_fault, -ENOMEM, "not enough memory");
  if (error) {
    free(string);
  } else {
    *ret_string = string;
  }
  return error;
}

char *option_string_join(const char *old, const char *more) {
  char *joined;
  const char *separator = old && *old && *more ? "," : "";
  return asprintf(&joined, "%s%s%s", old ? old : "", separator, more) < 0 ? NULL : joined;
}

static int write_setting(struct stretch text, FILE *to, struct fault *ret_fault) {
  struct setting setting;
  int error = cut(text, &setting, ret_fault);
  if (!error) error = option_check_version(setting.option, ret_fault);
  if (!error && setting.category.bytes) error = category_check(setting.category, ret_fault);
  if (error) return error;
  fprintf(to, "%.*s=", (int)setting.name.count, setting.name.bytes);
  return setting.option->write(setting.option, setting.value, '|', to, ret_fault);
}

/* The whole name is an option, or what follows its last dot a property. */
static int cut(struct stretch text, struct setting *ret_setting, struct fault *ret_fault) {
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
  if (!setting.option) return refuse_name(text, ret_fault);
  *ret_setting = setting;
  return 0;
}

static int refuse_name(struct stretch text, struct fault *ret_fault) {
  char options[OPTION_NAMES_BYTES], properties[OPTION_NAMES_BYTES];
  option_list_names(options_table, options);
  option_list_names(properties_table, properties);
  return fault_set(ret_fault, -EINVAL,
                   "`%.*s` is no option; there are %s, and CATEGORY.%s (budgets are not in this version yet)",
                   STRETCH_SHOWN(text), options, properties);
}

/* ---- room ------------------------------------------------------------------------------------------------ */

int option_string_check_room(const char *string, struct fault *ret_fault) {
  struct room room = {0};
  size_t length = strlen(string);
  if (length > OPTION_STRING_MOST) {
    return fault_set(
        ret_fault, -EINVAL,
        "the settings make a string of %zu bytes; expected at most %zu, the most that the kernel passes on",
        length, OPTION_STRING_MOST);
  }
  int error = measure(string, &room, ret_fault);
  if (!error && room.rules > OPTION_RULES_MOST) {
    error = fault_set(ret_fault, -EINVAL, "%zu globs in all `match` lists; expected at most %d", room.rules,
                      OPTION_RULES_MOST);
  }
  if (!error && room.text_bytes > OPTION_RULE_TEXT_BYTES) {
    error = fault_set(ret_fault, -EINVAL, "%zu bytes of globs in all `match` lists; expected at most %d",
                      room.text_bytes, OPTION_RULE_TEXT_BYTES);
  }
  category_set_free(&room.categories);
  return error;
}

static int measure(const char *string, struct room *ret_room, struct fault *ret_fault) {
  struct stretch rest = stretch_of(string);
  int error = 0;
  while (rest.bytes && !error) {
    struct stretch text = stretch_next(&rest, ',');
    struct setting setting;
    if (text.count == 0) continue;
    error = cut(text, &setting, ret_fault);
    if (error || !setting.category.bytes) continue;
    error = category_set_add(&ret_room->categories, setting.category, ret_fault);
    if (!is_replaced(rest, &setting)) add_rules(ret_room, setting.value);
  }
  return error;
}

/* A later list of the same category takes the place of this one. */
static bool is_replaced(struct stretch rest, const struct setting *setting) {
  while (rest.bytes) {
    struct stretch text = stretch_next(&rest, ',');
    if (text.count > setting->name.count && text.bytes[setting->name.count] == '=' &&
        memcmp(text.bytes, setting->name.bytes, setting->name.count) == 0)
      return true;
  }
  return false;
}

static void add_rules(struct room *room, struct stretch globs) {
  while (globs.bytes) {
    struct stretch glob = stretch_next(&globs, '|');
    room->rules++;
    room->text_bytes += glob.count;
  }
}
