/*
 * timeline.c: what a recorded process had charged in the course of time. For a plot its segment's own points are enough
 * where it was recorded to its end. Where it was not, the finest of them are missing, and the moments of the recording take
 * their place; and who asks when something was first so takes them all, since the finest reach back a few minutes.
 *
 * However long it is, there are not many points: where they become too many every other one is left out, and those that
 * follow are taken as far apart. Who asks when something was first so gets of those that would be left out beside one another
 * the one with the most, so that what was so for a moment alone is not missed.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader/facts.h"
#include "reader/growth.h"
#include "recording/replay.h"
#include "subject/subject.h"

#define POINTS_MOST 4000

struct course {
  uint32_t image; /* in the recording */
  uint64_t started_at;
  uint64_t stride; /* of so many moments one is a point */
  uint64_t moments;
  bool wants_peaks; /* of `stride` moments that one is a point which has the most; else the first */
  struct timeline timeline;
};

static int replay_into(const struct process *process, bool wants_peaks, struct timeline *timeline,
                       struct fault *ret_fault);
static int read_own(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault);
static bool has_finest(const struct process *process);
static int take_moment(void *context, const struct replay *replay, struct fault *ret_fault);
static void add_point(struct course *course, const struct timeline_point *point);
static void thin_out(struct course *course);
static const struct timeline_point *larger(const struct timeline_point *one,
                                           const struct timeline_point *other);
static int read_charges(const struct replay_image *image, struct timeline_point *point);
static int merge(struct timeline *into, const struct timeline *from);

int subject_timeline(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault) {
  int error = read_own(process, ret_timeline, ret_fault);
  if (error || !process->recorded || has_finest(process)) return error;
  return replay_into(process, false, ret_timeline, ret_fault);
}

int subject_course(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault) {
  int error = read_own(process, ret_timeline, ret_fault);
  return error || !process->recorded ? error : replay_into(process, true, ret_timeline, ret_fault);
}

static int read_own(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault) {
  return timeline_read_path(process->path, process->is_memfd, process->snapshot.category_count, ret_timeline,
                            ret_fault);
}

int subject_take_growth(struct process *process, struct fault *ret_fault) {
  struct timeline timeline;
  uint64_t end_ns = growth_end(process);
  if (!process->recorded) return growth_read(process, ret_fault);
  if (end_ns < growth_windows[0].ns / 2) return 0;
  int error = subject_timeline(process, &timeline, ret_fault);
  if (error) return error;
  growth_put(&timeline, end_ns, &process->snapshot);
  timeline_free(&timeline);
  return 0;
}

/* Whether the recording has them, or the process never had any. */
static bool has_finest(const struct process *process) {
  return process->recorded->replay->images[process->recorded->image].has_ended;
}

/* A timeline that is not kept stays without. On an error there is none any more. */
static int replay_into(const struct process *process, bool wants_peaks, struct timeline *timeline,
                       struct fault *ret_fault) {
  if (!timeline->is_kept) return 0;
  const struct recorded *recorded = process->recorded;
  struct course course = {.image = recorded->image,
                          .started_at = process->snapshot.facts.started_at,
                          .stride = 1,
                          .wants_peaks = wants_peaks};
  struct replay_visitor visitor = {.moment = take_moment, .context = &course};
  struct replay *replay = NULL;
  course.timeline.points = malloc(POINTS_MOST * sizeof *course.timeline.points);
  int error = course.timeline.points
                  ? replay_read(recorded->path, recorded->image, &visitor, &replay, ret_fault)
                  : -ENOMEM;
  if (!error) error = merge(timeline, &course.timeline);
  if (error == -ENOMEM) fault_set(ret_fault, error, "not enough memory to read its timeline");
  replay_close(replay);
  timeline_free(&course.timeline);
  if (error) timeline_free(timeline);
  return error;
}

/* Where nothing has changed the point before holds. */
static int take_moment(void *context, const struct replay *replay, struct fault *ret_fault) {
  struct course *course = context;
  struct timeline *timeline = &course->timeline;
  (void)ret_fault;
  if (course->image >= replay->count || !replay->images[course->image].has_changed) return 0;
  bool begins = course->moments++ % course->stride == 0 || timeline->count == 0;
  struct timeline_point point;
  if (!begins && !course->wants_peaks) return 0;
  if (read_charges(&replay->images[course->image], &point) != 0) return 0; /* no segment yet */
  point.at_ns = replay->last.at > course->started_at ? replay->last.at - course->started_at : 1;
  if (begins)
    add_point(course, &point);
  else if (larger(&timeline->points[timeline->count - 1], &point) == &point)
    timeline->points[timeline->count - 1] = point;
  return 0;
}

static void add_point(struct course *course, const struct timeline_point *point) {
  struct timeline *timeline = &course->timeline;
  if (timeline->count == POINTS_MOST) thin_out(course);
  timeline->points[timeline->count++] = *point;
}

static void thin_out(struct course *course) {
  struct timeline *timeline = &course->timeline;
  for (size_t i = 0; i < timeline->count / 2; i++) {
    const struct timeline_point *first = &timeline->points[2 * i];
    timeline->points[i] = course->wants_peaks ? *larger(first, first + 1) : *first;
  }
  timeline->count /= 2;
  course->stride *= 2;
}

/* Of all categories together; the first of equal ones. */
static const struct timeline_point *larger(const struct timeline_point *one,
                                           const struct timeline_point *other) {
  uint64_t sum_of_one = 0, sum_of_other = 0;
  for (size_t id = 1; id < RATION_CATEGORY_IDS; id++) {
    sum_of_one += one->charged[id];
    sum_of_other += other->charged[id];
  }
  return sum_of_other > sum_of_one ? other : one;
}

static int read_charges(const struct replay_image *image, struct timeline_point *point) {
  struct segment_file file = image_file(&image->image);
  struct layout layout;
  struct fault fault;
  int error = layout_read(&file, &layout, &fault);
  *point = (struct timeline_point){.at_ns = 0};
  for (uint32_t id = 1; id < RATION_CATEGORY_IDS && !error && layout.header.category_row[id]; id++) {
    struct ration_segment_category row;
    error = layout_copy_row(&file, &layout.tables[RATION_TABLE_CATEGORIES], layout.header.category_row[id],
                            &row, sizeof row);
    if (!error) point->charged[id] = RATION_CHARGE_BYTES(row.own_charged);
  }
  return error;
}

/* Both are in order. */
static int merge(struct timeline *into, const struct timeline *from) {
  size_t count = into->count + from->count, a = 0, b = 0;
  struct timeline_point *points = malloc((count + 1) * sizeof *points);
  if (!points) return -ENOMEM;
  for (count = 0; a < into->count || b < from->count;) {
    bool is_own = b == from->count || (a < into->count && into->points[a].at_ns <= from->points[b].at_ns);
    const struct timeline_point *next = is_own ? &into->points[a++] : &from->points[b++];
    if (count == 0 || points[count - 1].at_ns < next->at_ns) points[count++] = *next;
  }
  free(into->points);
  into->points = points;
  into->count = count;
  return 0;
}
