/*
 * settings.c: the table of options, and what values each takes.
 *
 * Settings are parted by commas, globs by |, and \ takes the meaning from either and from itself.
 */
#include "launch/settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct option {
  const char *name;
  const char *words[4]; /* the values; none: globs */
};

static const struct option options[] = {
    {"keep", {"0", "1"}}, {"verbose", {"0", "1"}}, {"follow", {"all", "exec", "none"}},
    {"only", {NULL}},     {"not", {NULL}},
};

/* A stretch of the text that was given. */
struct stretch {
  const char *bytes;
  size_t count;
};

static struct stretch take_until(const char **at, char end);
static int check_setting(struct stretch setting, struct fault *ret_fault);
static const struct option *find_option(struct stretch name);
static bool is_equal(struct stretch stretch, const char *word);
static bool is_word_of(const struct option *option, struct stretch value);
static bool are_globs(struct stretch value);
static int unknown_option(struct stretch setting, struct fault *ret_fault);
static int wrong_value(const struct option *option, struct stretch setting, struct fault *ret_fault);

int settings_check(const char *text, struct fault *ret_fault) {
  while (*text) {
    struct stretch setting = take_until(&text, ',');
    if (setting.count == 0) continue; /* as in ",keep=1", from "$RATION_OPTIONS,keep=1" */
    int error = check_setting(setting, ret_fault);
    if (error) return error;
  }
  return 0;
}

static struct stretch take_until(const char **at, char end) {
  struct stretch stretch = {.bytes = *at};
  const char *next = *at;
  while (*next && *next != end) next += next[0] == '\\' && next[1] ? 2 : 1;
  stretch.count = (size_t)(next - stretch.bytes);
  *at = *next ? next + 1 : next;
  return stretch;
}

static int check_setting(struct stretch setting, struct fault *ret_fault) {
  const char *equals = memchr(setting.bytes, '=', setting.count);
  if (!equals) {
    return fault_set(ret_fault, -EINVAL, "`%.*s` is no setting; expected NAME=VALUE", (int)setting.count,
                     setting.bytes);
  }
  struct stretch name = {setting.bytes, (size_t)(equals - setting.bytes)};
  struct stretch value = {equals + 1, setting.count - name.count - 1};
  const struct option *option = find_option(name);
  if (!option) return unknown_option(setting, ret_fault);
  bool is_right = option->words[0] ? is_word_of(option, value) : are_globs(value);
  return is_right ? 0 : wrong_value(option, setting, ret_fault);
}

static const struct option *find_option(struct stretch name) {
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (is_equal(name, options[i].name)) return &options[i];
  }
  return NULL;
}

static bool is_equal(struct stretch stretch, const char *word) {
  return strlen(word) == stretch.count && memcmp(word, stretch.bytes, stretch.count) == 0;
}

static bool is_word_of(const struct option *option, struct stretch value) {
  for (size_t i = 0; i < 4 && option->words[i]; i++) {
    if (is_equal(value, option->words[i])) return true;
  }
  return false;
}

/* At least one, and none empty. */
static bool are_globs(struct stretch value) {
  size_t count = 0;
  for (size_t i = 0; i < value.count; i++) {
    if (value.bytes[i] == '|') {
      if (count == 0) return false;
      count = 0;
      continue;
    }
    if (value.bytes[i] == '\\') i++;
    count++;
  }
  return count > 0;
}

static int unknown_option(struct stretch setting, struct fault *ret_fault) {
  char known[128] = "";
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", options[i].name);
  }
  return fault_set(ret_fault, -EINVAL, "`%.*s` is no option; there are %s", (int)setting.count, setting.bytes,
                   known);
}

static int wrong_value(const struct option *option, struct stretch setting, struct fault *ret_fault) {
  char expected[128] = "globs parted by |";
  if (option->words[0]) expected[0] = 0;
  for (size_t i = 0; i < 4 && option->words[i]; i++) {
    size_t used = strlen(expected);
    snprintf(expected + used, sizeof expected - used, "%s%s", i ? ", " : "one of ", option->words[i]);
  }
  return fault_set(ret_fault, -EINVAL, "`%.*s`: expected %s", (int)setting.count, setting.bytes, expected);
}
