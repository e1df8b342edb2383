/*
 * openmetrics.h: the books of any number of processes as metrics.
 *
 * Of a process its samples are made as it is read, while its figures are at hand: a process, of which there is far more, need not
 * be kept. Families, to each of which all processes have samples, are put together at the end.
 */
#ifndef RATION_TOOL_EXPORT_OPENMETRICS_H
#define RATION_TOOL_EXPORT_OPENMETRICS_H

#include "export/metric.h"
#include "export/metric_source.h"

#define OPENMETRICS_FAMILIES 19

/* One process: where its samples lie in the text. */
struct openmetrics_part {
  uint32_t pid;
  uint64_t pid_namespace;
  uint64_t started_at_ns;
  size_t program_at; /* each ends with a NUL */
  size_t labels_at;
  size_t samples_at[OPENMETRICS_FAMILIES + 1]; /* the last: their end */
};

/* All zero: of no process. */
struct openmetrics {
  uint32_t most_rows; /* of a process; 0: one for each category */
  struct metric_text text;
  struct openmetrics_part *part;
  size_t count, room;
  struct metric_source source; /* room for one */
};

/*
 * Adds what the process has by now, with the growth that its snapshot has. `place`: labels more; NULL: none. Returns 0, or what
 * could not be read, with words; then there is nothing of it.
 */
int openmetrics_add(struct openmetrics *metrics, const struct process *process,
                    const struct metric_place *place, struct fault *ret_fault);

/*
 * Of those with the same labels, as a pid may come again, or be that of two in different pid namespaces, there is room for
 * the one that was started last; the others are told to `tell` (NULL: to nobody), and left out.
 */
typedef void openmetrics_twin_teller(const char *program, const struct openmetrics_part *left_out,
                                     const struct openmetrics_part *later);
void openmetrics_part_twins(struct openmetrics *metrics, openmetrics_twin_teller *tell);

/* All families, with a head each. What is to follow them, and metric_end(), is the caller's. */
void openmetrics_write(const struct openmetrics *metrics, enum metric_dialect dialect,
                       struct metric_text *to);

/* Of no process again: what was allocated is used for the next ones. */
void openmetrics_clear(struct openmetrics *metrics);
void openmetrics_free(struct openmetrics *metrics);

#endif
