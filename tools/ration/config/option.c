/*
 * option.c: the table of options and properties.
 */
#include "config/option.h"

#include <errno.h>

#include "config/value.h"

#define SWITCH                                                                                               \
  { "0", "1" }

const struct option_spec options_table[] = {
    {"keep", "leave the segment after exit", value_write_word, SWITCH, false, false},
    {"verbose", "the shim may print a line on stderr", value_write_word, SWITCH, false, false},
    {"follow", "which children are tracked", value_write_word, {"all", "exec", "none"}, false, false},
    {"only", "which programs are tracked", value_write_programs, {NULL}, true, false},
    {"not", "which programs are not", value_write_programs, {NULL}, true, false},
    {"transparent", "libraries looked through to the asker", value_write_libraries, {NULL}, true, true},
    {"wrapper", "functions looked through to the asker", value_write_functions, {NULL}, true, true},
    {"inherit", "category in which a thread starts", value_write_word, {"creator", "none"}, false, false},
    {"mmap", "account for anonymous mappings", value_write_word, SWITCH, false, false},
    {"memory", "explain the resident memory", value_write_word, SWITCH, false, false},
    {"unwind", "how callers are found", value_write_word, {"libunwind", "fp", "off"}, false, false},
    {.name = "outside"},
    {.name = "accounts"},
    {.name = "sample"},
    {.name = "report"},
    {.name = "report-signal"},
    {.name = "heap"},
    {.name = "harden"},
    {.name = "decay"},
    {0},
};

const struct option_spec properties_table[] = {
    {"match", "rules: lib:GLOB, fn:GLOB, thread:GLOB, size:>=SIZE", value_write_rules, {NULL}, true, false},
    {.name = "budget"},
    {.name = "policy"},
    {.name = "thresholds"},
    {.name = "reserve"},
    {.name = "grace"},
    {.name = "dump"},
    {.name = "fail"},
    {0},
};

const struct option_spec *option_find(const struct option_spec table[], struct stretch name) {
  for (const struct option_spec *option = table; option->name; option++) {
    if (stretch_is(name, option->name)) return option;
  }
  return NULL;
}

int option_check_version(const struct option_spec *option, struct fault *ret_fault) {
  if (option->write) return 0;
  return fault_set(ret_fault, -EINVAL,
                   "`%s` is not in this version yet, which docs/names.md names for a later one; leave it out",
                   option->name);
}

void option_list_names(const struct option_spec table[], char ret_names[OPTION_NAMES_BYTES]) {
  size_t used = 0;
  ret_names[0] = 0;
  for (const struct option_spec *option = table; option->name; option++) {
    if (!option->write || used >= OPTION_NAMES_BYTES) continue;
    int added = snprintf(ret_names + used, OPTION_NAMES_BYTES - used, "%s%s", used ? ", " : "", option->name);
    used += (size_t)added;
  }
}
