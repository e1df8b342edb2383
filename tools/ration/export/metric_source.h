/*
 * metric_source.h: what metrics say of one process: taken from it as it is read, and made into text before the next one is, so
 * that there is room for one.
 */
#ifndef RATION_TOOL_EXPORT_METRIC_SOURCE_H
#define RATION_TOOL_EXPORT_METRIC_SOURCE_H

#include "export/metric.h"
#include "reader/process.h"

/* A category. Those for which there is no row more share the last one. */
struct metric_row {
  size_t label_at; /* in the words: its name, as metrics have it */
  struct figures own;
  uint64_t held_bytes;
  double slack_bytes;            /* of live blocks */
  double growth[GROWTH_WINDOWS]; /* bytes an hour */
};

struct metric_budget {
  size_t label_at;
  uint64_t limit_bytes;
  uint32_t level;
};

struct metric_source {
  struct metric_text words; /* labels, each with its end; first those that all of its samples have */
  struct metric_row rows[RATION_CATEGORY_IDS];
  size_t row_count;
  struct metric_budget budgets[RATION_CATEGORY_IDS];
  size_t budget_count;
  struct losses losses;
  bool has_slack;                  /* samples are taken: else nobody knows */
  bool has_held;                   /* its pages are counted */
  bool has_growth[GROWTH_WINDOWS]; /* it is as old */
  uint64_t peak_bytes;
  uint64_t error_bound_bytes;
  uint32_t threads;
  double uptime_seconds; /* < 0: not known */
  bool has_resident;
  struct resident resident;
};

/* What says where a process runs; each empty: not known, or in none. */
#define METRIC_CGROUP_BYTES 1024
#define METRIC_POD_BYTES    64
struct metric_place {
  char cgroup[METRIC_CGROUP_BYTES];
  char pod[METRIC_POD_BYTES];
};

/*
 * Takes what the process has by now, and what its snapshot says of its growth. `place`: labels more; NULL: none. `most_rows`: 0: one
 * for each category. Words of the one before are overwritten. Returns 0, or what could not be read, with words.
 */
int metric_source_fill(struct metric_source *source, const struct process *process, uint32_t most_rows,
                       const struct metric_place *place, struct fault *ret_fault);

/* Labels of the process, and of a row or a budget. */
const char *metric_source_labels(const struct metric_source *source);
const char *metric_source_label(const struct metric_source *source, size_t label_at);

#endif
