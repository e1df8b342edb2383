/*
 * metric.h: lines of OpenMetrics: a family's head, and its samples with their labels.
 */
#ifndef RATION_TOOL_EXPORT_METRIC_H
#define RATION_TOOL_EXPORT_METRIC_H

#include <stdint.h>
#include <stdio.h>

struct metric {
  const char *name; /* of a counter without `_total` */
  const char *type; /* "gauge", "counter" */
  const char *unit; /* what the name ends in; NULL: none */
  const char *help;
};

/* HELP, TYPE and UNIT. */
void metric_begin(FILE *to, const struct metric *metric);

struct label {
  const char *name;
  const char *value; /* any bytes */
};

/* A line; whole numbers are whole. */
void metric_sample(FILE *to, const struct metric *metric, const struct label *labels, size_t count,
                   uint64_t value);
void metric_sample_real(FILE *to, const struct metric *metric, const struct label *labels, size_t count,
                        double value);

#endif
