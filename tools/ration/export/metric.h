/*
 * metric.h: lines of OpenMetrics: a family's head, and its samples with their labels; or the same in the text format that
 * was before it, which node_exporter reads.
 */
#ifndef RATION_TOOL_EXPORT_METRIC_H
#define RATION_TOOL_EXPORT_METRIC_H

#include <stdint.h>
#include <stdio.h>

enum metric_dialect { METRIC_OPEN, METRIC_TEXT };

struct metric {
  const char *name; /* of a counter without `_total` */
  const char *type; /* "gauge", "counter" */
  const char *unit; /* what the name ends in; NULL: none */
  const char *help;
};

/* HELP, TYPE and UNIT; in the older format a counter has `_total` there, too, and there are no units. */
void metric_begin(FILE *to, const struct metric *metric, enum metric_dialect dialect);

/* What ends it all; nothing in the older format. */
void metric_end(FILE *to, enum metric_dialect dialect);

struct label {
  const char *name;
  const char *value; /* any bytes */
};

/* `pid="1",program="sh"`, allocated: many samples have the same. A value is cut at so many bytes. NULL: no memory. */
#define METRIC_LABEL_BYTES 2048
char *metric_labels(const struct label *labels, size_t count);

/* A line, with these labels and behind them some more (each NULL: none); whole numbers are whole. */
void metric_sample(FILE *to, const struct metric *metric, const char *labels, const char *more,
                   uint64_t value);
void metric_sample_real(FILE *to, const struct metric *metric, const char *labels, const char *more,
                        double value);

#endif
