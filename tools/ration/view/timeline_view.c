/*
 * timeline_view.c: the stretch of time that is shown, and its points in JSON. Text: timeline_plot.c.
 */
#include "view/timeline_view.h"

#include "view/escape.h"
#include "view/timeline_plot.h"

struct point_record {
  uint64_t at_ns;
  uint64_t live_bytes;
};

static const struct field point_fields[] = {
    {.name = "seconds", .kind = FIELD_SINCE, .offset = offsetof(struct point_record, at_ns)},
    {.name = "live_bytes", .kind = FIELD_BYTES, .offset = offsetof(struct point_record, live_bytes)},
};

static struct time_axis axis_of(const struct process *process, const struct timeline *timeline,
                                uint64_t last_ns);
static void emit_point(struct emitter *emitter, const struct snapshot *snapshot,
                       const struct timeline_point *point, const uint32_t *rows);

void timeline_view(struct emitter *emitter, const struct process *process, const struct timeline *timeline,
                   struct timeline_extent extent, const struct selection *selection) {
  const struct snapshot *snapshot = &process->snapshot;
  struct time_axis axis = axis_of(process, timeline, extent.last_ns);
  uint32_t rows[RATION_CATEGORY_IDS] = {0};
  for (uint32_t id = 1; id <= snapshot->category_count; id++)
    rows[id] = selection_row(selection, snapshot, id);
  emitter_begin_list(emitter, "timeline");
  for (size_t i = chart_first(timeline, &axis); i < timeline->count; i++)
    emit_point(emitter, snapshot, &timeline->points[i], rows);
  emitter_end(emitter);
  if (timeline->count > 0) {
    timeline_plot(emitter, process, timeline, &axis, extent.columns, selection);
  } else {
    emitter_text_line(emitter, "  ",
                      timeline->is_kept ? "no timeline yet: no point has come"
                                        : "no timeline: the segment of this process is a small one");
  }
}

/* Up to now, or to the end of the process. */
static struct time_axis axis_of(const struct process *process, const struct timeline *timeline,
                                uint64_t last_ns) {
  uint64_t start = process->snapshot.facts.started_at;
  uint64_t end = process->until_at > start ? process->until_at - start : 0;
  uint64_t newest = timeline->count ? timeline->points[timeline->count - 1].at_ns : 0;
  if (end <= newest) end = newest < UINT64_MAX ? newest + 1 : newest;
  return (struct time_axis){
      .from_ns = last_ns && last_ns < end ? end - last_ns : 0, .to_ns = end, .columns = 1};
}

/* Categories that had nothing are left out. */
static void emit_point(struct emitter *emitter, const struct snapshot *snapshot,
                       const struct timeline_point *point, const uint32_t *rows) {
  struct point_record record = {.at_ns = point->at_ns};
  uint64_t sums[RATION_CATEGORY_IDS] = {0};
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    record.live_bytes += point->charged[id];
    sums[rows[id]] += point->charged[id];
  }
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(point_fields), &record);
  emitter_begin_object(emitter, "categories");
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    char name[4 * RATION_CATEGORY_NAME_BYTES];
    if (sums[id] == 0) continue;
    escape(snapshot->categories[id].name, name, sizeof name);
    emitter_fields(emitter, &(struct field){.name = name, .kind = FIELD_BYTES}, 1, &sums[id]);
  }
  emitter_end(emitter);
  emitter_end(emitter);
}
