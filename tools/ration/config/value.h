/*
 * value.h: the kinds of values that settings take; each an option_writer (option.h).
 *
 * Globs come parted by `,` (in a rule file) or `|` (in an option string) and leave parted by `|`; a backslash takes
 * the meaning from the byte behind it, for the list as for the glob, so it stays where it is.
 */
#ifndef RATION_TOOL_CONFIG_VALUE_H
#define RATION_TOOL_CONFIG_VALUE_H

#include "config/option.h"

option_writer value_write_word;                              /* one of the option's words */
option_writer value_write_sample;                            /* what base/sample_text.h has */
option_writer value_write_report, value_write_report_signal; /* what base/report_text.h has */
option_writer value_write_decay;                             /* what base/decay_text.h has */
option_writer value_write_programs;                          /* globs of file names */
option_writer value_write_libraries; /* globs of sonames, file names or, with a '/', paths */
option_writer value_write_functions; /* globs of symbols, or of C++ names (cxx_name.h) */
option_writer value_write_rules;     /* the same and more, each behind its kind: lib: fn: thread: size: */

#endif
