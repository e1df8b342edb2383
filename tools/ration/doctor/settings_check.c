/*
 * settings_check.c: what RATION_OPTIONS asks for, as `run` and the shim would take it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob_list.h"
#include "base/text.h"
#include "config/option_string.h"
#include "config/setting.h"
#include "doctor/checks.h"

static void read_settings(const char *string, const char *program, struct findings *findings);
static bool find_last(const char *string, const char *option, char *ret_value, size_t size);
static void check_programs(const char *string, const char *program, struct findings *findings);

void check_settings(const char *options, const char *path, struct findings *findings) {
  char real[PATH_MAX], words[FINDING_WORDS_BYTES];
  char *string;
  struct fault fault;
  if (!options || !*options) return;
  if (option_string_translate(options, &string, &fault) != 0) {
    snprintf(words, sizeof words, "`ration run` refuses RATION_OPTIONS: %s; mend it, or unset it",
             fault.words);
    finding_add_words(findings, FINDING_BAD_SETTINGS, words);
    return;
  }
  const char *program = path ? text_file_name(realpath(path, real) ? real : path) : NULL;
  read_settings(string, program, findings);
  free(string);
}

/* What the shim cannot take it leaves out. */
bool settings_follow_forks(const char *options) {
  char value[16];
  return !options || !find_last(options, "follow", value, sizeof value) ||
         (strcmp(value, "exec") != 0 && strcmp(value, "none") != 0);
}

static void read_settings(const char *string, const char *program, struct findings *findings) {
  char value[256];
  if (program) check_programs(string, program, findings);
  bool has_no_samples =
      find_last(string, "sample", value, sizeof value) && (!strcmp(value, "0") || !strcmp(value, "off"));
  if (has_no_samples) finding_add(findings, FINDING_NO_STACKS, "sample");
  bool has_no_unwinding = find_last(string, "unwind", value, sizeof value) && !strcmp(value, "off");
  if (has_no_unwinding) finding_add(findings, FINDING_NO_STACKS, "unwind");
}

/* The later one wins. One whose value is too long is not found. */
static bool find_last(const char *string, const char *option, char *ret_value, size_t size) {
  struct stretch rest = stretch_of(string), text;
  bool is_found = false;
  while ((text = setting_next(&rest)).count) {
    struct setting setting;
    struct fault fault;
    if (setting_cut(text, &setting, &fault) != 0 || !stretch_is(setting.name, option)) continue;
    is_found = setting.value.count < size;
    if (is_found) snprintf(ret_value, size, "%.*s", (int)setting.value.count, setting.value.bytes);
  }
  return is_found;
}

/* By the file name of what is executed, which of a script is its interpreter. */
static void check_programs(const char *string, const char *program, struct findings *findings) {
  char globs[8192], what[FINDING_WORDS_BYTES];
  const char *by = NULL;
  if (find_last(string, "only", globs, sizeof globs) && !glob_list_fits(globs, program)) by = "only";
  if (find_last(string, "not", globs, sizeof globs) && glob_list_fits(globs, program)) by = "not";
  if (!by) return;
  snprintf(what, sizeof what, "%.200s, by `%s`", program, by);
  finding_add(findings, FINDING_KEPT_OUT, what);
}
