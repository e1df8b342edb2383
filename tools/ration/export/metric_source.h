/*
 * metric_source.h: what metrics say of processes: taken from each as it is read, so that a process, of which there is far
 * more, need not be kept.
 */
#ifndef RATION_TOOL_EXPORT_METRIC_SOURCE_H
#define RATION_TOOL_EXPORT_METRIC_SOURCE_H

#include "reader/process.h"

/* A category. Those for which there is no row more share the last one. */
struct metric_row {
  char *label; /* allocated: its name, as metrics have it */
  struct figures own;
  uint64_t held_bytes;
  double slack_bytes;            /* of live blocks */
  double growth[GROWTH_WINDOWS]; /* bytes an hour */
};

struct metric_budget {
  char *label;
  uint64_t limit_bytes;
  uint32_t level;
};

/* One process. */
struct metric_source {
  uint32_t pid;
  uint64_t pid_namespace;
  uint64_t started_at_ns;
  char program[RATION_PROGRAM_BYTES];
  char *labels; /* that all of its samples have; allocated */
  struct metric_row *rows;
  size_t row_count;
  struct metric_budget *budgets;
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

struct metric_sources {
  struct metric_source *source;
  size_t count, room;
  uint32_t most_rows; /* of a process; 0: one for each category */
};

/*
 * Adds what the process has by now. `place`: labels more; NULL: none. Returns 0, or what could not be read, with words;
 * then there is nothing of it.
 */
int metric_sources_add(struct metric_sources *sources, struct process *process,
                       const struct metric_place *place, struct fault *ret_fault);

/*
 * Of those with the same labels, as a pid may come again, or be that of two in different pid namespaces, there is room for
 * the one that was started last; the others are told to `tell` (NULL: to nobody), and left out.
 */
typedef void metric_twin_teller(const struct metric_source *left_out, const struct metric_source *later);
void metric_sources_part_twins(struct metric_sources *sources, metric_twin_teller *tell);

void metric_sources_free(struct metric_sources *sources);

#endif
