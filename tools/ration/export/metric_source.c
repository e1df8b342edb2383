/*
 * metric_source.c: of the books what is a category's own, so that sums over categories are right.
 */
#include "export/metric_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metric.h"
#include "reader/sample_list.h"
#include "reader/site_list.h"
#include "subject/subject.h"

#define LABEL_BYTES 48
#define OTHERS      "(others)" /* no category's name: that has no brackets */

static int fill(struct metric_source *source, struct process *process, uint32_t most_rows,
                const struct metric_place *place, struct fault *ret_fault);
static char *labels_of(const struct snapshot *snapshot, const struct metric_place *place);
static char *category_label(const char *name);
static int fill_rows(struct metric_source *source, const struct snapshot *snapshot, uint32_t most,
                     const double *slack);
static bool has_row(const struct snapshot *snapshot, uint32_t id);
static void add_to_row(struct metric_row *row, const struct snapshot *snapshot, uint32_t id,
                       const double *slack);
static int fill_budgets(struct metric_source *source, const struct snapshot *snapshot);
static int sum_slack(const struct process *process, double ret_slack[RATION_CATEGORY_IDS],
                     struct fault *ret_fault);
static int compare(const void *a, const void *b);
static void free_source(struct metric_source *source);

int metric_sources_add(struct metric_sources *sources, struct process *process,
                       const struct metric_place *place, struct fault *ret_fault) {
  if (sources->count == sources->room) {
    size_t room = sources->room ? 2 * sources->room : 16;
    struct metric_source *more = realloc(sources->source, room * sizeof *more);
    if (!more) return fault_set(ret_fault, -ENOMEM, "not enough memory");
    sources->source = more;
    sources->room = room;
  }
  struct metric_source source = {0};
  int error = fill(&source, process, sources->most_rows, place, ret_fault);
  if (error)
    free_source(&source);
  else
    sources->source[sources->count++] = source;
  return error;
}

void metric_sources_part_twins(struct metric_sources *sources, metric_twin_teller *tell) {
  size_t kept = 0;
  if (sources->count == 0) return;
  qsort(sources->source, sources->count, sizeof *sources->source, compare);
  for (size_t i = 0; i < sources->count; i++) {
    struct metric_source *source = &sources->source[i];
    const struct metric_source *next = i + 1 < sources->count ? source + 1 : NULL;
    if (next && strcmp(source->labels, next->labels) == 0) {
      if (tell) tell(source, next);
      free_source(source);
    } else {
      sources->source[kept++] = *source;
    }
  }
  sources->count = kept;
}

void metric_sources_free(struct metric_sources *sources) {
  for (size_t i = 0; i < sources->count; i++) free_source(&sources->source[i]);
  free(sources->source);
  *sources = (struct metric_sources){0};
}

static int fill(struct metric_source *source, struct process *process, uint32_t most_rows,
                const struct metric_place *place, struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  double slack[RATION_CATEGORY_IDS] = {0};
  *source = (struct metric_source){.pid = snapshot->name.pid,
                                   .pid_namespace = snapshot->name.pid_namespace,
                                   .started_at_ns = snapshot->started_at_ns,
                                   .losses = snapshot->losses,
                                   .has_slack = snapshot->facts.site_count > 1,
                                   .has_held = snapshot->holdings.counted_at > 0,
                                   .peak_bytes = snapshot->total.peak_bytes,
                                   .error_bound_bytes = process->error_bound_bytes,
                                   .threads = process->threads,
                                   .uptime_seconds = process->uptime_seconds,
                                   .has_resident = process->has_resident,
                                   .resident = process->resident};
  memcpy(source->program, snapshot->program, sizeof source->program);
  int error = subject_take_growth(process, ret_fault);
  if (!error && source->has_slack) error = sum_slack(process, slack, ret_fault);
  if (error) return error;
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) source->has_growth[i] = snapshot->growth.is_known[i];
  source->labels = labels_of(snapshot, place);
  if (!source->labels || fill_rows(source, snapshot, most_rows, slack) != 0 ||
      fill_budgets(source, snapshot) != 0)
    return fault_set(ret_fault, -ENOMEM, "not enough memory");
  return 0;
}

static char *labels_of(const struct snapshot *snapshot, const struct metric_place *place) {
  char pid[LABEL_BYTES], session[LABEL_BYTES] = "";
  struct label labels[5] = {{"pid", pid}, {"program", snapshot->program}, {"session", session}};
  size_t count = 3;
  snprintf(pid, sizeof pid, "%" PRIu32, snapshot->name.pid);
  if (snapshot->session_start)
    snprintf(session, sizeof session, "%" PRIu32 ".%" PRIu64, snapshot->session_pid, snapshot->session_start);
  if (place && place->cgroup[0]) labels[count++] = (struct label){"cgroup", place->cgroup};
  if (place && place->pod[0]) labels[count++] = (struct label){"pod", place->pod};
  return metric_labels(labels, count);
}

static char *category_label(const char *name) {
  return metric_labels(&(struct label){"category", name}, 1);
}

/* By id, which never changes: a category keeps its row as long as the process lives. */
static int fill_rows(struct metric_source *source, const struct snapshot *snapshot, uint32_t most,
                     const double *slack) {
  size_t rows = 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) rows += has_row(snapshot, id);
  size_t own_rows = most && rows > most ? most - 1 : rows;
  source->rows = calloc(rows > own_rows ? own_rows + 1 : rows + 1, sizeof *source->rows);
  if (!source->rows) return -ENOMEM;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (!has_row(snapshot, id)) continue;
    bool is_own = source->row_count < own_rows;
    bool begins = is_own || source->row_count == own_rows;
    struct metric_row *row = &source->rows[begins ? source->row_count : own_rows];
    if (begins) {
      row->label = category_label(is_own ? snapshot->categories[id].name : OTHERS);
      if (!row->label) return -ENOMEM;
      source->row_count++;
    }
    add_to_row(row, snapshot, id, slack);
  }
  return 0;
}

/* The root has a row of its own where it has blocks of its own, as everywhere. */
static bool has_row(const struct snapshot *snapshot, uint32_t id) {
  const struct figures *own = &snapshot->categories[id].own;
  return id != RATION_CATEGORY_TOTAL || own->allocations > 0 || own->live_bytes > 0 || own->refused > 0;
}

/* Peaks of several are added up, too: an upper bound. */
static void add_to_row(struct metric_row *row, const struct snapshot *snapshot, uint32_t id,
                       const double *slack) {
  const struct figures *own = &snapshot->categories[id].own;
  row->own.live_bytes += own->live_bytes;
  row->own.live_blocks += own->live_blocks;
  row->own.peak_bytes += own->peak_bytes;
  row->own.allocations += own->allocations;
  row->own.frees += own->frees;
  row->own.refused += own->refused;
  row->held_bytes += snapshot->holdings.category[id].held_bytes;
  row->slack_bytes += slack[id];
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) row->growth[i] += (double)snapshot->growth.of[i][id].own;
}

static int fill_budgets(struct metric_source *source, const struct snapshot *snapshot) {
  source->budgets = calloc(snapshot->budgets.count + 1, sizeof *source->budgets);
  if (!source->budgets) return -ENOMEM;
  for (uint32_t i = 0; i < snapshot->budgets.count; i++) {
    const struct budget_facts *facts = &snapshot->budgets.budget[i];
    struct metric_budget *budget = &source->budgets[source->budget_count++];
    *budget = (struct metric_budget){.label = category_label(snapshot->categories[facts->category].name),
                                     .limit_bytes = facts->limit_bytes,
                                     .level = facts->level};
    if (!budget->label) return -ENOMEM;
  }
  return 0;
}

/* Samples before sites: the site of each is there by then. */
static int sum_slack(const struct process *process, double ret_slack[RATION_CATEGORY_IDS],
                     struct fault *ret_fault) {
  struct sample_list samples;
  struct site_list sites;
  int error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (error) return error;
  error = site_list_read_path(process->path, process->is_memfd, process->snapshot.category_count, &sites,
                              ret_fault);
  if (!error) {
    for (size_t i = 0; i < samples.count; i++) {
      const struct sample_facts *sample = &samples.sample[i];
      const struct site_facts *site = site_list_of_row(&sites, sample->site);
      if (site && sample->usable_bytes > sample->requested_bytes)
        ret_slack[site->category] +=
            sample->blocks * (double)(sample->usable_bytes - sample->requested_bytes);
    }
    site_list_free(&sites);
  }
  sample_list_free(&samples);
  return error;
}

/* Twins beside one another, the later behind. */
static int compare(const void *a, const void *b) {
  const struct metric_source *left = a, *right = b;
  int by_labels = strcmp(left->labels, right->labels);
  if (by_labels) return by_labels;
  return left->started_at_ns < right->started_at_ns ? -1 : left->started_at_ns > right->started_at_ns;
}

static void free_source(struct metric_source *source) {
  for (size_t i = 0; i < source->row_count; i++) free(source->rows[i].label);
  for (size_t i = 0; i < source->budget_count; i++) free(source->budgets[i].label);
  free(source->rows);
  free(source->budgets);
  free(source->labels);
}
