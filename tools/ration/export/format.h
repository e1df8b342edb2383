/*
 * format.h: the formats that `ration export` writes, a file each. Help, errors and checks are made from their one table.
 */
#ifndef RATION_TOOL_EXPORT_FORMAT_H
#define RATION_TOOL_EXPORT_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "export/wishes.h"
#include "subject/subject.h"

/* Writes all that the subject has. Returns 0; -ERANGE: the format has no room for this; another -errno; with words. What
 * becomes of `to` is its caller's care. */
typedef int export_function(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                            struct fault *ret_fault);

/* What a format takes notice of. */
#define EXPORT_TAKES_STACKS 1u /* --raw, --focus, --ignore, --sysroot, --debug-dir */
#define EXPORT_TAKES_ORDER  2u /* --by */
#define EXPORT_TAKES_ROWS   4u /* --rows */
#define EXPORT_TAKES_BLOCKS 8u /* --largest, --suppressions */

struct export_format {
  const char *name;
  export_function *write;
  unsigned takes;
  bool is_binary;      /* nothing for a terminal */
  bool is_of_samples;  /* without samples it is empty */
  const char *summary; /* of a line */
};

/* The names of all, as help and completion have them. */
#define EXPORT_FORMAT_NAMES "pprof|folded|speedscope|json|csv|massif|openmetrics"

extern const struct export_format export_formats[]; /* ends with one without a name */

/* NULL: there is none of that name. */
const struct export_format *export_format_find(const char *name);

/* "pprof, folded, ...": those that take all of these. */
#define EXPORT_FORMAT_LIST_BYTES 128
void export_format_list(unsigned takes, char ret_list[EXPORT_FORMAT_LIST_BYTES]);

export_function export_pprof, export_folded, export_speedscope, export_json, export_csv, export_massif,
    export_openmetrics;

#endif
