/*
 * option_string.c: cutting a string into settings, and checking each by the table.
 */
#include "config/option_string.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/budget_value.h"
#include "config/category_set.h"
#include "config/setting.h"

/* What a string's rules will take in the segment. */
struct room {
  struct category_set categories;
  size_t rules, text_bytes;
};

static int write_setting(struct stretch text, FILE *to, struct fault *ret_fault);
static int write_value(struct stretch text, const struct setting *setting, FILE *to, struct fault *ret_fault);
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
  for (struct stretch setting; !error && (setting = setting_next(&rest)).bytes;) {
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
  int error = setting_cut(text, &setting, ret_fault);
  if (!error && setting.category.bytes) {
    bool is_rule = setting.option == &properties_table[PROPERTY_MATCH];
    error = is_rule ? category_check_ruled(setting.category, ret_fault)
                    : category_check(setting.category, ret_fault);
  }
  if (error) return error;
  fprintf(to, "%.*s=", (int)setting.name.count, setting.name.bytes);
  return write_value(text, &setting, to, ret_fault);
}

/* A budget is shown with its category, which may be all of its name. */
static int write_value(struct stretch text, const struct setting *setting, FILE *to,
                       struct fault *ret_fault) {
  const char *expected = NULL;
  if (setting->option->write == budget_value_write) {
    expected = budget_value_expected(setting->option, setting->value);
  }
  if (expected) return fault_set(ret_fault, -EINVAL, "`%.*s`: %s", STRETCH_SHOWN(text), expected);
  bool is_budget = setting->option == &properties_table[PROPERTY_BUDGET];
  int error = is_budget ? budget_value_check_of(setting->category, setting->value, ret_fault) : 0;
  if (error) return error; /* whatever a later setting says: the shim would ignore it, and say so */
  return setting->option->write(setting->option, setting->value, '|', to, ret_fault);
}

bool option_string_is_live(const char *string) {
  struct stretch rest = stretch_of(string);
  struct fault fault;
  for (struct stretch text; (text = setting_next(&rest)).bytes;) {
    struct setting setting;
    if (setting_cut(text, &setting, &fault) != 0 || !setting.option->is_live) return false;
  }
  return true;
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
  for (struct stretch text; !error && (text = setting_next(&rest)).bytes;) {
    struct setting setting;
    error = setting_cut(text, &setting, ret_fault);
    if (error || !setting.category.bytes) continue;
    error = category_set_add(&ret_room->categories, setting.category, ret_fault);
    bool is_rule = setting.option == &properties_table[PROPERTY_MATCH];
    if (is_rule && !is_replaced(rest, &setting)) add_rules(ret_room, setting.value);
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
