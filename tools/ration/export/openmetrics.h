/*
 * openmetrics.h: the books of any number of processes as metrics.
 */
#ifndef RATION_TOOL_EXPORT_OPENMETRICS_H
#define RATION_TOOL_EXPORT_OPENMETRICS_H

#include <stdio.h>

#include "export/metric.h"
#include "export/metric_source.h"

/* All families, with a head each. What is to follow them, and metric_end(), is the caller's. */
void openmetrics_write(FILE *to, const struct metric_sources *sources, enum metric_dialect dialect);

#endif
