/*
 * option.c: the table of options and properties.
 */
#include "config/option.h"

#include "config/budget_value.h"
#include "config/value.h"

#define SWITCH                                                                                               \
  { "0", "1" }

const struct option_spec options_table[] = {
    {.name = "keep", .summary = "leave the segment after exit", .write = value_write_word, .words = SWITCH},
    {.name = "verbose",
     .summary = "the shim may print a line on stderr",
     .write = value_write_word,
     .words = SWITCH},
    {.name = "follow",
     .summary = "which children are tracked",
     .write = value_write_word,
     .words = {"all", "exec", "none"}},
    {.name = "only", .summary = "which programs are tracked", .write = value_write_programs, .is_list = true},
    {.name = "not", .summary = "which programs are not", .write = value_write_programs, .is_list = true},
    {.name = "transparent",
     .summary = "libraries looked through to the asker",
     .write = value_write_libraries,
     .is_list = true,
     .may_be_empty = true},
    {.name = "wrapper",
     .summary = "functions looked through to the asker",
     .write = value_write_functions,
     .is_list = true,
     .may_be_empty = true},
    {.name = "inherit",
     .summary = "category in which a thread starts",
     .write = value_write_word,
     .words = {"creator", "none"}},
    {.name = "mmap", .summary = "account for anonymous mappings", .write = value_write_word, .words = SWITCH},
    {.name = "memory",
     .summary = "explain the resident memory",
     .write = value_write_word,
     .words = SWITCH,
     .is_live = true},
    {.name = "unwind",
     .summary = "how callers are found",
     .write = value_write_word,
     .words = {"libunwind", "fp", "off"}},
    {.name = "outside",
     .summary = "pressure from outside the process",
     .write = value_write_word,
     .words = {"cgroup", "psi", "off"}},
    {.name = "accounts",
     .summary = "reported memory counts against budgets",
     .write = value_write_word,
     .words = SWITCH},
    {.name = "sample",
     .summary = "mean bytes between samples: SIZE, auto:P%, on, off; 1 = every block",
     .write = value_write_sample,
     .is_live = true},
    {.name = "report",
     .summary = "a file that a copy of the segment is written to at exit; %p: the pid",
     .write = value_write_report},
    {.name = "report-signal",
     .summary = "a signal at which it is written, too",
     .write = value_write_report_signal},
    {.name = "heap",
     .summary = "where blocks come from",
     .write = value_write_word,
     .words = {"system", "page"}},
    {.name = "harden",
     .summary = "the page heap looks for more misuse of blocks",
     .write = value_write_word,
     .words = SWITCH},
    {.name = "decay",
     .summary = "ms until the page heap gives back what is free, or never",
     .write = value_write_decay},
    {0},
};

const struct option_spec properties_table[] = {
    [PROPERTY_MATCH] = {.name = "match",
                        .summary = "rules: lib:GLOB, fn:GLOB, thread:GLOB, size:>=SIZE",
                        .write = value_write_rules,
                        .is_list = true},
    [PROPERTY_BUDGET] = {.name = "budget",
                         .summary = "limit: SIZE, 40% (of the one above), ram:50%, cgroup:80%, none",
                         .write = budget_value_write,
                         .is_live = true},
    [PROPERTY_POLICY] = {.name = "policy",
                         .summary = "what happens at the limit",
                         .write = value_write_word,
                         .words = {"notify", "refuse", "abort"},
                         .is_live = true},
    [PROPERTY_THRESHOLDS] = {.name = "thresholds",
                             .summary = "where low/medium/high/critical begin: 60/80/90/95",
                             .write = budget_value_write,
                             .is_live = true},
    [PROPERTY_RESERVE] = {.name = "reserve",
                          .summary = "kept back for handlers and critical scopes: SIZE, 5%, none",
                          .write = budget_value_write,
                          .is_live = true},
    [PROPERTY_GRACE] = {.name = "grace",
                        .summary = "requests of at most SIZE may use the reserve",
                        .write = budget_value_write,
                        .is_live = true},
    [PROPERTY_DUMP] = {.name = "dump",
                       .summary = "when to copy the segment: breach, peak:+SIZE, grow:+SIZE, none",
                       .write = budget_value_write,
                       .is_live = true},
    [PROPERTY_FAIL] = {.name = "fail",
                       .summary = "requests refused for a test: every:N, share:P%, none",
                       .write = budget_value_write,
                       .is_live = true},
    [PROPERTY_COUNT] = {0},
};

const struct option_spec *option_find(const struct option_spec table[], struct stretch name) {
  for (const struct option_spec *option = table; option->name; option++) {
    if (stretch_is(name, option->name)) return option;
  }
  return NULL;
}

void option_list_names(const struct option_spec table[], char ret_names[OPTION_NAMES_BYTES]) {
  size_t used = 0;
  ret_names[0] = 0;
  for (const struct option_spec *option = table; option->name; option++) {
    if (used >= OPTION_NAMES_BYTES) break;
    int added = snprintf(ret_names + used, OPTION_NAMES_BYTES - used, "%s%s", used ? ", " : "", option->name);
    used += (size_t)added;
  }
}
