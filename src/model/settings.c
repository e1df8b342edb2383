/*
 * settings.c: NAME=VALUE parted by commas, globs parted by '|', '\' takes the meaning from ',' '|' '\'.
 */
#include "model/settings.h"

#include "base/decay_text.h"
#include "base/glob_list.h"
#include "base/report_text.h"
#include "base/sample_text.h"
#include "base/text.h"

#ifndef RATION_HEAP_DEFAULT /* make HEAP=page */
#define RATION_HEAP_DEFAULT RATION_HEAP_SYSTEM
#endif

/* What an option's reader may need beside its value. */
struct reading {
  struct settings *settings;
  const char *program;
  int is_live; /* the program runs */
};

/* Each returns NULL, or what was expected. */
typedef const char *reader(struct reading reading, const char *value);
static reader read_keep, read_verbose, read_follow, read_only, read_not, read_transparent, read_wrapper,
    read_inherit, read_mmap, read_memory, read_unwind, read_accounts, read_outside, read_trim, read_sample,
    read_report, read_report_signal, read_heap, read_decay, read_harden;

enum when { AT_START, ALWAYS, WHILE_RUNNING };

static const struct option {
  const char *name;
  reader *read;
  enum when when; /* it may be set */
} options_table[] = {
    {"keep", read_keep, AT_START},
    {"verbose", read_verbose, AT_START},
    {"follow", read_follow, AT_START},
    {"only", read_only, AT_START},
    {"not", read_not, AT_START},
    {"transparent", read_transparent, AT_START},
    {"wrapper", read_wrapper, AT_START},
    {"inherit", read_inherit, AT_START},
    {"mmap", read_mmap, AT_START},
    {"memory", read_memory, ALWAYS},
    {"unwind", read_unwind, AT_START},
    {"accounts", read_accounts, AT_START},
    {"outside", read_outside, AT_START},
    {"trim", read_trim, WHILE_RUNNING},
    {"sample", read_sample, ALWAYS},
    {"report", read_report, AT_START},
    {"report-signal", read_report_signal, AT_START},
    {"heap", read_heap, AT_START},
    {"decay", read_decay, AT_START},
    {"harden", read_harden, AT_START},
};

static const struct option *find_option(const char *name);
static char *next_setting(char **options);
static const char *read_setting(struct reading reading, char *setting);
static const char *read_property(struct reading reading, char *name, const char *value);
static const char *read_budget(struct reading reading, const char *name, const char *value);

void settings_read(char *options, const char *program, struct rules *rules, struct budget_specs *budgets,
                   struct settings *ret_settings) {
  rules_clear(rules);
  budgets->count = 0;
  *ret_settings = (struct settings){.fits_only = 1,
                                    .transparent = SETTINGS_TRANSPARENT,
                                    .wrapper = "",
                                    .inherit_creator = 1,
                                    .unwind = RATION_UNWIND_LIBUNWIND,
                                    .heap = RATION_HEAP_DEFAULT,
                                    .decay_ms = DECAY_DEFAULT_MS,
                                    .sample_is_on = 1,
                                    .sample_mean = SETTINGS_SAMPLE_MEAN,
                                    .rules = rules,
                                    .budgets = budgets};
  struct reading reading = {.settings = ret_settings, .program = program};
  char *setting;
  while (options && (setting = next_setting(&options))) {
    const char *why = read_setting(reading, setting);
    if (why) settings_ignore(ret_settings, setting, why);
  }
}

/* The next one that is not empty, cut out at its comma, its escapes kept: they are taken out where it is used. */
static char *next_setting(char **options) {
  while (**options) {
    char *setting = *options;
    size_t at = 0;
    while (setting[at] && setting[at] != ',') at += setting[at] == '\\' && setting[at + 1] ? 2 : 1;
    *options = setting + at + (setting[at] == ',');
    setting[at] = '\0';
    if (at) return setting;
  }
  return NULL;
}

void settings_ignore(struct settings *settings, const char *setting, const char *why) {
  struct text text = {.bytes = settings->ignored_text, .room = sizeof settings->ignored_text};
  text.used = text_length(settings->ignored_text);
  if (settings->ignored++) text_add(&text, "\n");
  text_add(&text, setting);
  text_add(&text, ": ");
  text_add(&text, why);
}

static const struct option *find_option(const char *name) {
  for (size_t i = 0; i < sizeof options_table / sizeof *options_table; i++)
    if (text_is_equal(name, options_table[i].name)) return &options_table[i];
  return NULL;
}

/* The setting is whole again where it is not understood. A category's path is kept, so it stays cut off. */
static const char *read_setting(struct reading reading, char *setting) {
  char *equals = setting;
  while (*equals && *equals != '=') equals++;
  if (!*equals) return "NAME=VALUE expected";
  *equals = '\0';
  const struct option *option = find_option(setting);
  int is_too_early = option && option->when == WHILE_RUNNING && !reading.is_live;
  const char *why = is_too_early ? "only while a program runs, by `ration set`"
                    : option     ? option->read(reading, equals + 1)
                                 : read_property(reading, setting, equals + 1);
  if (why) *equals = '=';
  return why;
}

/* CATEGORY.PROPERTY: the property stands behind the last dot. Else it is a category, and the value its budget. */
static const char *read_property(struct reading reading, char *name, const char *value) {
  char *dot = NULL;
  for (char *at = name; *at; at++)
    if (*at == '.') dot = at;
  int is_match = dot && text_is_equal(dot, ".match") && reading.settings->rules;
  if (!is_match && (!dot || !budget_specs_has(dot + 1))) return read_budget(reading, name, value);
  *dot = '\0';
  const char *why = is_match ? rules_add(reading.settings->rules, name, value)
                             : budget_specs_say(reading.settings->budgets, name, dot + 1, value);
  if (why) *dot = '.';
  return why;
}

static const char *read_budget(struct reading reading, const char *name, const char *value) {
  if (!budget_is_meant(value)) return "no such option";
  return budget_specs_say(reading.settings->budgets, name, "budget", value);
}

/* ---- while the program runs ---------------------------------------------------------------------------- */

/* Budgets can be changed, rules cannot. */
static int is_live(char *setting) {
  char *equals = setting, *dot = NULL;
  for (; *equals && *equals != '='; equals++)
    if (*equals == '.') dot = equals;
  char kept = *equals;
  *equals = '\0';
  const struct option *option = find_option(setting);
  int is_rule = dot && text_is_equal(dot, ".match");
  *equals = kept;
  return option ? option->when != AT_START : !is_rule;
}

const char *settings_change(struct settings *settings, char *options, struct budget_specs *ret_budgets,
                            const char **ret_setting) {
  struct settings changed = *settings;
  struct reading reading = {.settings = &changed, .program = "", .is_live = 1};
  ret_budgets->count = 0;
  changed.budgets = ret_budgets;
  char *setting;
  while ((setting = next_setting(&options))) {
    const char *why =
        is_live(setting) ? read_setting(reading, setting) : "cannot be changed while the program runs";
    if (!why) continue;
    *ret_setting = setting;
    return why;
  }
  changed.budgets = settings->budgets;
  *settings = changed;
  return NULL;
}

/* ---- the options --------------------------------------------------------------------------------------- */

static const char *read_switch(int *ret_is_on, const char *value) {
  if (!text_is_equal(value, "0") && !text_is_equal(value, "1")) return "0 or 1 expected";
  *ret_is_on = value[0] == '1';
  return NULL;
}

static const char *read_keep(struct reading reading, const char *value) {
  return read_switch(&reading.settings->keep, value);
}

static const char *read_verbose(struct reading reading, const char *value) {
  return read_switch(&reading.settings->verbose, value);
}

static const char *read_mmap(struct reading reading, const char *value) {
  return read_switch(&reading.settings->mmap, value);
}

static const char *read_accounts(struct reading reading, const char *value) {
  return read_switch(&reading.settings->accounts, value);
}

static const char *read_memory(struct reading reading, const char *value) {
  reading.settings->has_memory = 1;
  return read_switch(&reading.settings->memory, value);
}

/* The number of the word; -1: it is none of them. */
static int word_number(const char *const *words, int count, const char *value) {
  for (int i = 0; i < count; i++)
    if (words[i] && text_is_equal(value, words[i])) return i;
  return -1;
}

static const char *read_follow(struct reading reading, const char *value) {
  static const char *const words[] = {[FOLLOW_ALL] = "all", [FOLLOW_EXEC] = "exec", [FOLLOW_NONE] = "none"};
  int word = word_number(words, 3, value);
  if (word < 0) return "all, exec or none expected";
  reading.settings->follow = (enum follow)word;
  return NULL;
}

static const char *read_trim(struct reading reading, const char *value) {
  if (!text_is_equal(value, "1")) return "1 expected";
  reading.settings->trim = 1;
  return NULL;
}

static const char *read_outside(struct reading reading, const char *value) {
  static const char *const words[] = {
      [OUTSIDE_OFF] = "off", [OUTSIDE_CGROUP] = "cgroup", [OUTSIDE_PSI] = "psi"};
  int word = word_number(words, 3, value);
  if (word < 0) return "cgroup, psi or off expected";
  reading.settings->outside = (uint32_t)word;
  return NULL;
}

static const char *read_sample(struct reading reading, const char *value) {
  struct settings *settings = reading.settings;
  struct sample_setting sample = {.mean = settings->sample_mean, .share = settings->sample_share};
  if (sample_read(value, &sample) < 0) return SAMPLE_EXPECTED;
  settings->sample_is_on = sample.is_on;
  settings->sample_mean = sample.mean;
  settings->sample_share = sample.share;
  return NULL;
}

static const char *read_report(struct reading reading, const char *value) {
  if (!*value) return REPORT_EXPECTED;
  reading.settings->report = value;
  return NULL;
}

static const char *read_report_signal(struct reading reading, const char *value) {
  int number = report_signal_number(value);
  if (!number) return REPORT_SIGNAL_EXPECTED;
  reading.settings->report_signal = number;
  return NULL;
}

static const char *read_inherit(struct reading reading, const char *value) {
  static const char *const words[] = {[0] = "none", [1] = "creator"};
  int word = word_number(words, 2, value);
  if (word < 0) return "creator or none expected";
  reading.settings->inherit_creator = word;
  return NULL;
}

static const char *read_unwind(struct reading reading, const char *value) {
  static const char *const words[] = {
      [RATION_UNWIND_LIBUNWIND] = "libunwind", [RATION_UNWIND_FP] = "fp", [RATION_UNWIND_OFF] = "off"};

  int word = word_number(words, sizeof words / sizeof *words, value);
  if (word < 0) return "libunwind, fp or off expected";
  reading.settings->unwind = (uint32_t)word;
  return NULL;
}

static const char *read_heap(struct reading reading, const char *value) {
  static const char *const words[] = {[RATION_HEAP_SYSTEM] = "system", [RATION_HEAP_PAGE] = "page"};
  int word = word_number(words, sizeof words / sizeof *words, value);
  if (word < 0) return "system or page expected";
  reading.settings->heap = (uint32_t)word;
  return NULL;
}

static const char *read_harden(struct reading reading, const char *value) {
  return read_switch(&reading.settings->harden, value);
}

static const char *read_decay(struct reading reading, const char *value) {
  return decay_read(value, &reading.settings->decay_ms) < 0 ? DECAY_EXPECTED : NULL;
}

static const char *read_only(struct reading reading, const char *value) {
  if (!*value) return "globs of program names expected";
  reading.settings->fits_only = glob_list_fits(value, reading.program);
  return NULL;
}

static const char *read_not(struct reading reading, const char *value) {
  if (!*value) return "globs of program names expected";
  reading.settings->fits_not = glob_list_fits(value, reading.program);
  return NULL;
}

/* "none" is a list as well: of a library that does not exist. An empty one says the same. */
static const char *read_transparent(struct reading reading, const char *value) {
  reading.settings->transparent = value;
  return NULL;
}

static const char *read_wrapper(struct reading reading, const char *value) {
  reading.settings->wrapper = value;
  return NULL;
}
