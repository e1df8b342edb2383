/*
 * option.h: the one table of what can be set: names, values, and how a value is checked. docs/names.md, "Settings".
 *
 * `ration config`, `run --config`, `run --set` and the help read it. A name that a later version will have stands in
 * it without a check, so that it is refused as what it is; giving it one is all that its version has to do here.
 */
#ifndef RATION_TOOL_CONFIG_OPTION_H
#define RATION_TOOL_CONFIG_OPTION_H

#include <stdio.h>

#include "config/stretch.h"
#include "reader/fault.h"

struct option_spec;

/*
 * Checks a value whose parts, where it has several, are parted by `part`, and writes it as it stands in the option
 * string. Returns 0, or -EINVAL with words that name what was given and what was expected.
 */
typedef int option_writer(const struct option_spec *option, struct stretch value, char part, FILE *to,
                          struct fault *ret_fault);

struct option_spec {
  const char *name;
  const char *summary; /* for the help */
  option_writer *write;
  const char *words[4]; /* its values; none: globs */
  bool is_list;         /* several lines of one section add up */
  bool may_be_empty;    /* an empty list means none */
  bool is_live;         /* may be changed while the program runs */
};

/* Each ends with one without a name. Properties belong to a category: CATEGORY.match. */
extern const struct option_spec options_table[];
extern const struct option_spec properties_table[];

/* Their places in the table. */
enum property {
  PROPERTY_MATCH,
  PROPERTY_BUDGET,
  PROPERTY_POLICY,
  PROPERTY_THRESHOLDS,
  PROPERTY_RESERVE,
  PROPERTY_GRACE,
  PROPERTY_DUMP,
  PROPERTY_FAIL,
  PROPERTY_COUNT
};

/* NULL: none of that name in the table. */
const struct option_spec *option_find(const struct option_spec table[], struct stretch name);

/* The names that this version has, parted by ", ". */
#define OPTION_NAMES_BYTES 256
void option_list_names(const struct option_spec table[], char ret_names[OPTION_NAMES_BYTES]);

#endif
