/*
 * reading.h: the sites of a process, put in order, and what it takes to name their frames: what several looks need.
 */
#ifndef RATION_TOOL_REPORT_READING_H
#define RATION_TOOL_REPORT_READING_H

#include "report/wishes.h"

struct reading {
  struct site_list sites;
  struct site_table table;
  struct symbols *symbols;
  struct site_report report; /* points to these */
};

/* Returns 0, or what could not be read, with words. *ret_reading must stay where it is until reading_close. */
int reading_open(const struct process *process, const struct wishes *wishes, struct reading *ret_reading,
                 struct fault *ret_fault);
void reading_close(struct reading *reading);

#endif
