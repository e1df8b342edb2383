/*
 * growth.c: a category's course at even moments, and the median of its slopes.
 */
#include "reader/growth.h"

#include <gsl/gsl_statistics_double.h>
#include <string.h>

#include "reader/timeline_at.h"

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

/* The moments of a window, as a segment's timeline is asked for them. */
struct question {
  uint64_t end_ns;
  uint64_t window_ns;
  struct timeline_at at[GROWTH_MOMENTS];
  struct moments moments; /* the answer */
};

static bool take_moments(const struct timeline *timeline, uint64_t end_ns, uint64_t window_ns,
                         struct moments *ret_moments);
static int ask(const struct segment_file *file, const struct layout *layout, uint32_t categories,
               struct question *question, struct fault *ret_fault);
static struct course course_of(const struct moments *moments, uint32_t id);
static bool is_flat(const struct moments *moments, const struct course *course);
static double slope(const struct moments *moments, const struct course *course);
typedef void putter(const struct moments *moments, struct snapshot *snapshot, struct category_growth *growth);
static putter put_window, put_own;
static int read_windows(struct process *process, unsigned windows, putter *put, struct fault *ret_fault);
static int read_window(const struct segment_file *file, const struct layout *layout, size_t window,
                       putter *put, struct process *process, struct fault *ret_fault);
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

/* The same without all of the timeline. Those that are known are the last ones. */
static int ask(const struct segment_file *file, const struct layout *layout, uint32_t categories,
               struct question *question, struct fault *ret_fault) {
  struct moments *moments = &question->moments;
  const uint64_t step_ns = question->window_ns / (GROWTH_MOMENTS - 1);
  moments->step_ns = (double)question->window_ns / (GROWTH_MOMENTS - 1);
  moments->first = 0;
  while (step_ns * (GROWTH_MOMENTS - 1 - moments->first) > question->end_ns) moments->first++;
  for (size_t i = moments->first; i < GROWTH_MOMENTS; i++) {
    bool is_last = i + 1 == GROWTH_MOMENTS;
    question->at[i].moment_ns = is_last ? UINT64_MAX : question->end_ns - step_ns * (GROWTH_MOMENTS - 1 - i);
    moments->point[i] = &question->at[i].point;
  }
  int error = timeline_at_read(file, layout, categories, &question->at[moments->first],
                               GROWTH_MOMENTS - moments->first, ret_fault);
  while (!error && moments->first < GROWTH_MOMENTS && !question->at[moments->first].is_known)
    moments->first++;
  return error;
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
  size_t count = 0;
  if (is_flat(moments, course)) return 0;
  for (size_t apart = 1; moments->first + apart < GROWTH_MOMENTS; apart++)
    for (size_t i = moments->first; i + apart < GROWTH_MOMENTS; i++)
      slopes[count++] = (course->bytes[i + apart] - course->bytes[i]) / (double)apart;
  return gsl_stats_median(slopes, 1, count) / moments->step_ns * HOUR_NS;
}

/* As most are. */
static bool is_flat(const struct moments *moments, const struct course *course) {
  const double *bytes = course->bytes;
  for (size_t i = moments->first + 1; i < GROWTH_MOMENTS; i++)
    if (bytes[i] != bytes[i - 1]) return false;
  return true;
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

int growth_read(struct process *process, struct fault *ret_fault) {
  return read_windows(process, (1u << GROWTH_WINDOWS) - 1, put_window, ret_fault);
}

int growth_read_own(struct process *process, unsigned windows, struct fault *ret_fault) {
  return read_windows(process, windows, put_own, ret_fault);
}

static int read_windows(struct process *process, unsigned windows, putter *put, struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  if (growth_end(process) < growth_windows[0].ns / 2) return 0;
  int error = layout_open(process->path, process->is_memfd, &file, &layout, ret_fault);
  if (error) return error;
  for (size_t i = 0; i < GROWTH_WINDOWS && !error; i++)
    if (windows & 1u << i) error = read_window(&file, &layout, i, put, process, ret_fault);
  segment_file_close(&file);
  return error;
}

void growth_take(struct process *process) {
  struct fault fault;
  if (growth_read(process, &fault) != 0)
    memset(process->snapshot.growth.is_known, 0, sizeof process->snapshot.growth.is_known);
}

static int read_window(const struct segment_file *file, const struct layout *layout, size_t window,
                       putter *put, struct process *process, struct fault *ret_fault) {
  struct snapshot *snapshot = &process->snapshot;
  struct question question;
  question.end_ns = growth_end(process);
  question.window_ns = growth_windows[window].ns;
  snapshot->growth.is_known[window] = false;
  if (snapshot->category_count == 0 || question.end_ns < question.window_ns / 2) return 0;
  int error = ask(file, layout, snapshot->category_count, &question, ret_fault);
  bool is_known = !error && question.moments.first <= GROWTH_MOMENTS / 2;
  snapshot->growth.is_known[window] = is_known;
  if (is_known) put(&question.moments, snapshot, snapshot->growth.of[window]);
  return error;
}

static void put_own(const struct moments *moments, struct snapshot *snapshot,
                    struct category_growth *growth) {
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    struct course own = course_of(moments, id);
    growth[id].own = rounded(slope(moments, &own));
  }
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
