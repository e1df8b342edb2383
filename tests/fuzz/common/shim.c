/*
 * shim.c: settings, rules and budgets of a process that is none.
 */
#include "common/shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/settings.h"

static struct rules rules;
static struct budget_spec rows[2][BUDGET_SPECS_MOST];
static struct budget_specs budgets = {.room = BUDGET_SPECS_MOST, .spec = rows[0]},
                           changes = {.room = BUDGET_SPECS_MOST, .spec = rows[1]};
static struct settings settings;

/* Settings point into what they were read from. Names that rules may fit are asked for, too. */
static char *read_it(const char *options) {
  static const char *const names[] = {"", "libz.so.1", "main", "_ZN3app5Cache6insertEi", "worker-1", "a[b"};
  char *copy = strdup(options);
  if (!copy) abort();
  rules_clear(&rules);
  budgets.count = 0;
  settings_read(copy, "program", &rules, &budgets, &settings);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    rules_of_module(&rules, names[i], names[i]);
    rules_of_function(&rules, names[i]);
    rules_of_size(&rules, (uint64_t)1 << (7 * i), rules_of_thread(&rules, names[i]));
  }
  return copy;
}

void shim_reads(const char *options) {
  free(read_it(options));
}

void shim_takes(const char *options) {
  char *copy = read_it(options);
  if (settings.ignored > 0) {
    fprintf(stderr, "the shim ignores of `%s`:\n%s\n", options, settings.ignored_text);
    abort();
  }
  free(copy);
}

void shim_changes(const char *options) {
  const char *setting = NULL;
  char *first = read_it("sample=4096,a.budget=1M"), *copy = strdup(options);
  if (!copy) abort();
  changes.count = 0;
  const char *why = settings_change(&settings, copy, &changes, &setting);
  if (why && !setting) abort();
  free(copy);
  free(first);
}
