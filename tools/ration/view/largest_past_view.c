/*
 * largest_past_view.c: a row for each block, with the time in which it was one of the five largest.
 */
#include "view/largest_past_view.h"

#include "sites/stack.h"
#include "view/moment.h"

struct past_record {
  uint64_t bytes;
  const char *category;
  uint64_t allocated_ns; /* since the start, as the next two */
  uint64_t first_ns;
  uint64_t last_ns;
  uint64_t moments;
};

#define PAST(member) .offset = offsetof(struct past_record, member)

static const struct field past_fields[] = {
    {.name = "bytes", .kind = FIELD_BYTES, PAST(bytes), .heading = "LARGEST", .has_bar = true},
    {.name = "allocated_at_seconds", .kind = FIELD_SINCE, PAST(allocated_ns), .heading = "CAME AFTER"},
    {.name = "first_at_seconds", .kind = FIELD_SINCE, PAST(first_ns), .heading = "FROM"},
    {.name = "last_at_seconds", .kind = FIELD_SINCE, PAST(last_ns), .heading = "UNTIL"},
    {.name = "moments", .kind = FIELD_COUNT, PAST(moments), .heading = "MOMENTS"},
    {.name = "category", .kind = FIELD_NAME, PAST(category), .heading = "CATEGORY"},
};

static bool emit_block(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct largest_block *block);

void largest_past_view_table(struct emitter *emitter, const struct process *process,
                             const struct selection *selection, const struct site_report *report,
                             const struct largest_list *list) {
  const struct snapshot *snapshot = &process->snapshot;
  uint32_t root = selection_root(selection, snapshot), shown = 0, most = report->most;
  bool is_whole = most == 0 || emitter_is_json(emitter);
  if (list->count == 0) return;
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "largest_before");
  for (size_t i = 0; i < list->count && (is_whole || shown < most); i++) {
    const struct largest_block *block = &list->block[i];
    bool is_there = block->category > 0 && block->category <= snapshot->category_count;
    if (!is_there || !selection_is_below(snapshot, block->category, root)) continue;
    if (emit_block(emitter, process, report, block)) shown++;
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
}

/* Of one whose site came after the last look at sites there is no stack. */
static int stack_of_block(const struct site_report *report, const struct largest_block *block,
                          struct stack *ret_stack) {
  const struct site_facts *site = site_list_of_row(report->sites, block->site);
  *ret_stack = (struct stack){0};
  return site ? stack_of(report->symbols, report->sites, site, ret_stack) : 0;
}

/* Whether it was shown. */
static bool emit_block(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct largest_block *block) {
  struct past_record record = {.bytes = block->bytes,
                               .category = process->snapshot.categories[block->category].name,
                               .allocated_ns = moment_since_start(process, block->at),
                               .first_ns = moment_since_start(process, block->first_at),
                               .last_ns = moment_since_start(process, block->last_at),
                               .moments = block->moments};
  struct stack stack;
  if (stack_of_block(report, block, &stack) < 0) return false;
  bool passes = frame_filter_passes(report->filter, &stack);
  if (passes) site_view_entry(emitter, FIELDS(past_fields), &record, &stack, report->most_frames);
  stack_free(&stack);
  return passes;
}
