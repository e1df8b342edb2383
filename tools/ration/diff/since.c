/*
 * since.c: the nearest point, and figures made of it.
 */
#include "diff/since.h"

#include <errno.h>

#include "subject/subject.h"
#include "view/process_words.h"

static int say_none(const struct process *process, bool is_kept, struct fault *ret_fault);
static const struct timeline_point *find_nearest(const struct timeline *timeline, uint64_t at_ns);
static void put_point(const struct timeline_point *point, struct snapshot *snapshot);
static uint64_t distance(uint64_t a, uint64_t b);

int since_read(const struct process *process, uint64_t ago_ns, struct process *ret_before,
               uint64_t *ret_age_ns, struct fault *ret_fault) {
  struct timeline timeline;
  int error = subject_timeline(process, &timeline, ret_fault);
  if (error) return error;
  if (timeline.count == 0) {
    timeline_free(&timeline);
    return say_none(process, timeline.is_kept, ret_fault);
  }
  uint64_t started_at = process->snapshot.facts.started_at;
  uint64_t now_ns = process->until_at > started_at ? process->until_at - started_at : 0;
  const struct timeline_point *point = find_nearest(&timeline, now_ns > ago_ns ? now_ns - ago_ns : 0);
  *ret_before = *process;
  put_point(point, &ret_before->snapshot);
  *ret_age_ns = now_ns > point->at_ns ? now_ns - point->at_ns : 0;
  timeline_free(&timeline);
  return 0;
}

static int say_none(const struct process *process, bool is_kept, struct fault *ret_fault) {
  uint32_t passive = process->snapshot.passive;
  if (passive)
    return fault_set(ret_fault, -ENODATA, "has no timeline, for it is passive: %s",
                     process_words_passive_reason(passive));
  const char *why = !is_kept                    ? ": its segment is too small for one"
                    : process_is_alive(process) ? " yet; try again in a moment"
                                                : ": it ended before its first point";
  return fault_set(ret_fault, -ENODATA, "has no timeline%s", why);
}

static const struct timeline_point *find_nearest(const struct timeline *timeline, uint64_t at_ns) {
  const struct timeline_point *nearest = &timeline->points[0];
  for (size_t i = 1; i < timeline->count; i++) {
    const struct timeline_point *point = &timeline->points[i];
    if (distance(point->at_ns, at_ns) < distance(nearest->at_ns, at_ns)) nearest = point;
  }
  return nearest;
}

/* Those below have higher ids than those above them. */
static void put_point(const struct timeline_point *point, struct snapshot *snapshot) {
  uint64_t sum = 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    struct category_figures *category = &snapshot->categories[id];
    category->own = (struct figures){.live_bytes = point->charged[id]};
    category->subtree = category->own;
    sum += point->charged[id];
  }
  for (uint32_t id = snapshot->category_count; id > 0; id--) {
    uint32_t parent = snapshot->categories[id].parent;
    if (parent > 0 && parent < id)
      snapshot->categories[parent].subtree.live_bytes += snapshot->categories[id].subtree.live_bytes;
  }
  snapshot->total = (struct figures){.live_bytes = sum};
}

static uint64_t distance(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}
