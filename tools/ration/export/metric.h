/*
 * metric.h: lines of OpenMetrics: a family's head, and its samples with their labels; or the same in the text format that
 * was before it, which node_exporter reads.
 */
#ifndef RATION_TOOL_EXPORT_METRIC_H
#define RATION_TOOL_EXPORT_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric_dialect { METRIC_OPEN, METRIC_TEXT };

struct metric {
  const char *name; /* of a counter without `_total` */
  const char *type; /* "gauge", "counter" */
  const char *unit; /* what the name ends in; NULL: none */
  const char *help;
};

/* Text that grows; all zero: none. What is added while there is no memory is lost, and then it says so. */
struct metric_text {
  char *bytes; /* allocated */
  size_t used, room;
  bool is_lossy;
};

void metric_text_free(struct metric_text *text);

/* Room for so many bytes in all, and no more. */
void metric_text_reserve(struct metric_text *text, size_t bytes);

void metric_text_add(struct metric_text *text, const char *bytes, size_t count);

/* HELP, TYPE and UNIT; in the older format a counter has `_total` there, too, and there are no units. */
void metric_begin(struct metric_text *to, const struct metric *metric, enum metric_dialect dialect);

/* What ends it all; nothing in the older format. */
void metric_end(struct metric_text *to, enum metric_dialect dialect);

struct label {
  const char *name;
  const char *value; /* any bytes */
};

/* Adds `pid="1",program="sh"` with its NUL: many samples have the same. A value is cut at so many bytes. */
#define METRIC_LABEL_BYTES 2048
void metric_labels(struct metric_text *to, const struct label *labels, size_t count);

/* A line, with these labels and behind them some more (each NULL: none); whole numbers are whole. */
void metric_sample(struct metric_text *to, const struct metric *metric, const char *labels, const char *more,
                   uint64_t value);
void metric_sample_real(struct metric_text *to, const struct metric *metric, const char *labels,
                        const char *more, double value);

#endif
