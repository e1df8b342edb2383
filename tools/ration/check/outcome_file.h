/*
 * outcome_file.h: the outcome of a `ration check` in the formats that CI servers and test harnesses read.
 *
 * JUnit: one suite with a test case for each condition; a broken one is a failure, one about what no process has an
 * error. It keeps to the schema of Ant's junitreport as to that of Jenkins' xUnit plugin. TAP: version 13, a line for
 * each condition. (llg.cubic.org/docs/junit, testanything.org)
 */
#ifndef RATION_TOOL_CHECK_OUTCOME_FILE_H
#define RATION_TOOL_CHECK_OUTCOME_FILE_H

#include <stdio.h>

#include "check/verdict.h"

struct check_facts {
  const char *command;
  uint64_t started_ns; /* since the epoch */
  double seconds;      /* until it ended */
};

/* What cannot be written is told by the file's error. */
void outcome_file_junit(FILE *to, const struct verdict_list *list, const struct check_facts *facts);
void outcome_file_tap(FILE *to, const struct verdict_list *list);

#endif
