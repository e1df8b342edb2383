/*
 * metric_source.c: of the books what is a category's own, so that sums over categories are right.
 */
#include "export/metric_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "reader/slack_sums.h"

#define LABEL_BYTES 48
#define OTHERS      "(others)" /* no category's name: that has no brackets */

static void take_figures(struct metric_source *source, const struct process *process);
static void add_labels(struct metric_source *source, const struct snapshot *snapshot,
                       const struct metric_place *place);
static size_t add_category(struct metric_source *source, const char *name);
static void fill_rows(struct metric_source *source, const struct snapshot *snapshot, uint32_t most,
                      const struct slack_sums *slack);
static bool has_row(const struct snapshot *snapshot, uint32_t id);
static void add_to_row(struct metric_row *row, const struct snapshot *snapshot, uint32_t id,
                       const struct slack_sums *slack);
static void fill_budgets(struct metric_source *source, const struct snapshot *snapshot);

int metric_source_fill(struct metric_source *source, const struct process *process, uint32_t most_rows,
                       const struct metric_place *place, struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  struct slack_sums slack = {{0}};
  take_figures(source, process);
  int error = source->has_slack ? slack_sums_read(process->path, process->is_memfd, snapshot->category_count,
                                                  &slack, ret_fault)
                                : 0;
  if (error) return error;
  source->words.used = 0;
  source->words.is_lossy = false;
  add_labels(source, snapshot, place);
  fill_rows(source, snapshot, most_rows, &slack);
  fill_budgets(source, snapshot);
  return source->words.is_lossy ? fault_set(ret_fault, -ENOMEM, "not enough memory") : 0;
}

const char *metric_source_labels(const struct metric_source *source) {
  return source->words.bytes;
}

const char *metric_source_label(const struct metric_source *source, size_t label_at) {
  return source->words.bytes + label_at;
}

static void take_figures(struct metric_source *source, const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  source->losses = snapshot->losses;
  source->has_slack = snapshot->facts.site_count > 1;
  source->has_held = snapshot->holdings.counted_at > 0;
  source->peak_bytes = snapshot->total.peak_bytes;
  source->error_bound_bytes = process->error_bound_bytes;
  source->threads = process->threads;
  source->uptime_seconds = process->uptime_seconds;
  source->has_resident = process->has_resident;
  source->resident = process->resident;
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) source->has_growth[i] = snapshot->growth.is_known[i];
}

static void add_labels(struct metric_source *source, const struct snapshot *snapshot,
                       const struct metric_place *place) {
  char pid[LABEL_BYTES], session[LABEL_BYTES] = "";
  struct label labels[5] = {{"pid", pid}, {"program", snapshot->program}, {"session", session}};
  size_t count = 3;
  snprintf(pid, sizeof pid, "%" PRIu32, snapshot->name.pid);
  if (snapshot->session_start)
    snprintf(session, sizeof session, "%" PRIu32 ".%" PRIu64, snapshot->session_pid, snapshot->session_start);
  if (place && place->cgroup[0]) labels[count++] = (struct label){"cgroup", place->cgroup};
  if (place && place->pod[0]) labels[count++] = (struct label){"pod", place->pod};
  metric_labels(&source->words, labels, count);
}

static size_t add_category(struct metric_source *source, const char *name) {
  size_t at = source->words.used;
  metric_labels(&source->words, &(struct label){"category", name}, 1);
  return at;
}

/* By id, which never changes: a category keeps its row as long as the process lives. */
static void fill_rows(struct metric_source *source, const struct snapshot *snapshot, uint32_t most,
                      const struct slack_sums *slack) {
  size_t rows = 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) rows += has_row(snapshot, id);
  size_t own_rows = most && rows > most ? most - 1 : rows;
  source->row_count = 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (!has_row(snapshot, id)) continue;
    bool is_own = source->row_count < own_rows;
    bool begins = is_own || source->row_count == own_rows;
    struct metric_row *row = &source->rows[begins ? source->row_count : own_rows];
    if (begins) {
      *row = (struct metric_row){.label_at =
                                     add_category(source, is_own ? snapshot->categories[id].name : OTHERS)};
      source->row_count++;
    }
    add_to_row(row, snapshot, id, slack);
  }
}

/* The root has a row of its own where it has blocks of its own, as everywhere. */
static bool has_row(const struct snapshot *snapshot, uint32_t id) {
  const struct figures *own = &snapshot->categories[id].own;
  return id != RATION_CATEGORY_TOTAL || own->allocations > 0 || own->live_bytes > 0 || own->refused > 0;
}

/* Peaks of several are added up, too: an upper bound. */
static void add_to_row(struct metric_row *row, const struct snapshot *snapshot, uint32_t id,
                       const struct slack_sums *slack) {
  const struct figures *own = &snapshot->categories[id].own;
  row->own.live_bytes += own->live_bytes;
  row->own.live_blocks += own->live_blocks;
  row->own.peak_bytes += own->peak_bytes;
  row->own.allocations += own->allocations;
  row->own.frees += own->frees;
  row->own.refused += own->refused;
  row->held_bytes += snapshot->holdings.category[id].held_bytes;
  row->slack_bytes += slack->bytes[id];
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) row->growth[i] += (double)snapshot->growth.of[i][id].own;
}

static void fill_budgets(struct metric_source *source, const struct snapshot *snapshot) {
  source->budget_count = snapshot->budgets.count;
  for (uint32_t i = 0; i < snapshot->budgets.count; i++) {
    const struct budget_facts *facts = &snapshot->budgets.budget[i];
    source->budgets[i] =
        (struct metric_budget){.label_at = add_category(source, snapshot->categories[facts->category].name),
                               .limit_bytes = facts->limit_bytes,
                               .level = facts->level};
  }
}
