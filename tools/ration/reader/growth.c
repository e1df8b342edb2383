/*
 * growth.c: the difference of two points. Between points nothing much was charged, so the last one holds until the end.
 */
#include "reader/growth.h"

#define HOUR_NS   3.6e12
#define RATE_MOST 9e18 /* whatever a hostile segment says, a rate is of 63 bits */

const struct growth_window growth_windows[GROWTH_WINDOWS] = {{"5m", UINT64_C(300000000000)},
                                                             {"6h", UINT64_C(21600000000000)}};

static void put_window(const struct timeline *timeline, uint64_t end_ns, size_t window,
                       struct snapshot *snapshot);
static int64_t rounded(double rate);

bool growth_of(const struct timeline *timeline, uint32_t id, uint64_t end_ns, uint64_t window_ns,
               double *ret_bytes_per_hour) {
  if (timeline->count == 0 || end_ns < window_ns) return false;
  const struct timeline_point *last = &timeline->points[timeline->count - 1], *then = NULL;
  for (size_t i = 0; i < timeline->count && timeline->points[i].at_ns <= end_ns - window_ns; i++)
    then = &timeline->points[i];
  if (!then || then->at_ns >= end_ns) return false;
  double gained = (double)last->charged[id] - (double)then->charged[id];
  *ret_bytes_per_hour = gained / (double)(end_ns - then->at_ns) * HOUR_NS;
  return true;
}

void growth_put(const struct timeline *timeline, uint64_t end_ns, struct snapshot *snapshot) {
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) put_window(timeline, end_ns, i, snapshot);
}

uint64_t growth_end(const struct process *process) {
  uint64_t started_at = process->snapshot.facts.started_at;
  return process->until_at > started_at ? process->until_at - started_at : 0;
}

void growth_take(struct process *process) {
  struct snapshot *snapshot = &process->snapshot;
  struct timeline timeline;
  struct fault fault;
  if (growth_end(process) < growth_windows[0].ns) return;
  if (timeline_read_path(process->path, process->is_memfd, snapshot->category_count, &timeline, &fault) != 0)
    return;
  growth_put(&timeline, growth_end(process), snapshot);
  timeline_free(&timeline);
}

/* Those below have higher ids than those above them. */
static void put_window(const struct timeline *timeline, uint64_t end_ns, size_t window,
                       struct snapshot *snapshot) {
  double own, subtree[RATION_CATEGORY_IDS] = {0}, sum = 0;
  struct category_growth *growth = snapshot->growth.of[window];
  snapshot->growth.is_known[window] = false;
  for (uint32_t id = snapshot->category_count; id > 0; id--) {
    uint32_t parent = snapshot->categories[id].parent;
    if (!growth_of(timeline, id, end_ns, growth_windows[window].ns, &own)) return;
    sum += own;
    subtree[id] += own;
    if (parent > 0 && parent < id) subtree[parent] += subtree[id];
    growth[id] = (struct category_growth){rounded(own), rounded(subtree[id])};
  }
  if (snapshot->category_count == 0) return;
  growth[0] = (struct category_growth){rounded(sum), growth[RATION_CATEGORY_TOTAL].subtree};
  snapshot->growth.is_known[window] = true;
}

static int64_t rounded(double rate) {
  if (!(rate > -RATE_MOST && rate < RATE_MOST)) return (int64_t)(rate > 0 ? RATE_MOST : -RATE_MOST);
  return (int64_t)(rate + (rate < 0 ? -0.5 : 0.5));
}
