/*
 * growth.c: a category's course at even moments, and the median of its slopes.
 */
#include "reader/growth.h"

#include <gsl/gsl_statistics_double.h>

#define HOUR_NS   3.6e12
#define RATE_MOST 9e18 /* whatever a hostile segment says, a rate is of 63 bits */
#define PAIRS     (GROWTH_MOMENTS * (GROWTH_MOMENTS - 1) / 2)

const struct growth_window growth_windows[GROWTH_WINDOWS] = {{"5m", UINT64_C(300000000000)},
                                                             {"6h", UINT64_C(21600000000000)}};

/* Of the window: what held at each of its moments, from the first one on of which that is known. */
struct moments {
  const struct timeline_point *point[GROWTH_MOMENTS];
  size_t first;
  double step_ns;
};

struct course {
  double bytes[GROWTH_MOMENTS];
};

static bool take_moments(const struct timeline *timeline, uint64_t end_ns, uint64_t window_ns,
                         struct moments *ret_moments);
static struct course course_of(const struct moments *moments, uint32_t id);
static double slope(const struct moments *moments, const struct course *course);
static void put_window(const struct moments *moments, struct snapshot *snapshot,
                       struct category_growth *growth);
static int64_t rounded(double rate);

bool growth_of(const struct timeline *timeline, uint32_t id, uint64_t end_ns, uint64_t window_ns,
               double *ret_bytes_per_hour) {
  struct moments moments;
  if (!take_moments(timeline, end_ns, window_ns, &moments)) return false;
  struct course course = course_of(&moments, id);
  *ret_bytes_per_hour = slope(&moments, &course);
  return true;
}

/* The last moment is the end, the first one lies a window before it. */
static bool take_moments(const struct timeline *timeline, uint64_t end_ns, uint64_t window_ns,
                         struct moments *ret_moments) {
  struct moments moments = {.first = GROWTH_MOMENTS, .step_ns = (double)window_ns / (GROWTH_MOMENTS - 1)};
  size_t next = 0;
  if (timeline->count == 0 || window_ns == 0) return false;
  for (size_t i = 0; i < GROWTH_MOMENTS; i++) {
    uint64_t age_ns = window_ns / (GROWTH_MOMENTS - 1) * (GROWTH_MOMENTS - 1 - i);
    if (age_ns > end_ns) continue;
    while (next < timeline->count &&
           (i + 1 == GROWTH_MOMENTS || timeline->points[next].at_ns <= end_ns - age_ns))
      next++;
    if (next == 0) continue;
    moments.point[i] = &timeline->points[next - 1];
    if (moments.first > i) moments.first = i;
  }
  *ret_moments = moments;
  return moments.first <= GROWTH_MOMENTS / 2;
}

static struct course course_of(const struct moments *moments, uint32_t id) {
  struct course course;
  for (size_t i = moments->first; i < GROWTH_MOMENTS; i++)
    course.bytes[i] = (double)moments->point[i]->charged[id];
  return course;
}

static void add(struct course *sum, const struct course *more, size_t first) {
  for (size_t i = first; i < GROWTH_MOMENTS; i++) sum->bytes[i] += more->bytes[i];
}

static double slope(const struct moments *moments, const struct course *course) {
  double slopes[PAIRS];
  size_t count = 0, changes = 0;
  for (size_t i = moments->first; i < GROWTH_MOMENTS; i++)
    for (size_t j = i + 1; j < GROWTH_MOMENTS; j++) {
      slopes[count] = (course->bytes[j] - course->bytes[i]) / (double)(j - i);
      changes += slopes[count++] != 0;
    }
  return changes ? gsl_stats_median(slopes, 1, count) / moments->step_ns * HOUR_NS : 0;
}

void growth_put(const struct timeline *timeline, uint64_t end_ns, struct snapshot *snapshot) {
  struct moments moments;
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
    snapshot->growth.is_known[i] =
        snapshot->category_count > 0 && take_moments(timeline, end_ns, growth_windows[i].ns, &moments);
    if (snapshot->growth.is_known[i]) put_window(&moments, snapshot, snapshot->growth.of[i]);
  }
}

uint64_t growth_end(const struct process *process) {
  uint64_t started_at = process->snapshot.facts.started_at;
  return process->until_at > started_at ? process->until_at - started_at : 0;
}

void growth_take(struct process *process) {
  struct snapshot *snapshot = &process->snapshot;
  struct timeline timeline;
  struct fault fault;
  if (growth_end(process) < growth_windows[0].ns / 2) return;
  if (timeline_read_path(process->path, process->is_memfd, snapshot->category_count, &timeline, &fault) != 0)
    return;
  growth_put(&timeline, growth_end(process), snapshot);
  timeline_free(&timeline);
}

/* Those below have higher ids than those above them; a median of sums is no sum of medians. */
static void put_window(const struct moments *moments, struct snapshot *snapshot,
                       struct category_growth *growth) {
  struct course below[RATION_CATEGORY_IDS] = {0}, sum = {{0}};
  bool has_below[RATION_CATEGORY_IDS] = {false};
  for (uint32_t id = snapshot->category_count; id > 0; id--) {
    uint32_t parent = snapshot->categories[id].parent;
    struct course own = course_of(moments, id);
    int64_t rate = rounded(slope(moments, &own));
    add(&sum, &own, moments->first);
    add(&below[id], &own, moments->first);
    growth[id] = (struct category_growth){rate, has_below[id] ? rounded(slope(moments, &below[id])) : rate};
    if (parent == 0 || parent >= id) continue;
    add(&below[parent], &below[id], moments->first);
    has_below[parent] = true;
  }
  growth[0] = (struct category_growth){rounded(slope(moments, &sum)), growth[RATION_CATEGORY_TOTAL].subtree};
}

static int64_t rounded(double rate) {
  if (!(rate > -RATE_MOST && rate < RATE_MOST)) return (int64_t)(rate > 0 ? RATE_MOST : -RATE_MOST);
  return (int64_t)(rate + (rate < 0 ? -0.5 : 0.5));
}
