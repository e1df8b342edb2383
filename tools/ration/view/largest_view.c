/*
 * largest_view.c: a row for each block, the largest first.
 */
#include "view/largest_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "sites/stack.h"
#include "view/moment.h"
#include "view/progress.h"

struct block_record {
  uint64_t bytes;
  const char *category;
  uint64_t age_ns;
  const char *address;
};

#define BLOCK(member) .offset = offsetof(struct block_record, member)

static const struct field block_fields[] = {
    {.name = "bytes", .kind = FIELD_BYTES, BLOCK(bytes), .heading = "BYTES", .has_bar = true},
    {.name = "age_seconds", .kind = FIELD_LENGTH, BLOCK(age_ns), .heading = "AGE"},
    {.name = "address", .kind = FIELD_NAME, BLOCK(address), .heading = "ADDRESS"},
    {.name = "category", .kind = FIELD_NAME, BLOCK(category), .heading = "CATEGORY"},
};

static int compare_samples(const void *a, const void *b);
static bool emit_block(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct sample_facts *sample,
                       const struct site_facts *site);

/* Of a process whose end nobody knows, ages reach up to the last sample. */
void largest_view_prepare(struct process *process, struct sample_list *samples,
                          const struct site_list *sites) {
  if (samples->count) qsort(samples->sample, samples->count, sizeof *samples->sample, compare_samples);
  for (size_t i = 0; i < samples->count; i++) process_note_moment(process, samples->sample[i].at);
  for (size_t i = 0; i < sites->count; i++) process_note_moment(process, sites->site[i].last_at);
}

void largest_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const struct site_report *report,
                        const struct sample_list *samples) {
  const struct snapshot *snapshot = &process->snapshot;
  uint32_t root = selection_root(selection, snapshot), shown = 0;
  struct progress progress;
  bool has_end = report->most > 0 && report->most < samples->count;
  progress_begin(&progress, SITE_VIEW_PROGRESS, has_end ? report->most : samples->count);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "largest");
  for (size_t i = 0; i < samples->count && (report->most == 0 || shown < report->most); i++) {
    const struct sample_facts *sample = &samples->sample[i];
    const struct site_facts *site = site_list_of_row(report->sites, sample->site);
    if (!site || !selection_is_below(snapshot, site->category, root)) continue;
    if (emit_block(emitter, process, report, sample, site)) shown++;
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
}

static int compare_samples(const void *a, const void *b) {
  const struct sample_facts *left = a, *right = b;
  if (left->usable_bytes != right->usable_bytes) return left->usable_bytes > right->usable_bytes ? -1 : 1;
  return left->at < right->at ? -1 : left->at > right->at;
}

/* Whether it was shown. */
static bool emit_block(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct sample_facts *sample,
                       const struct site_facts *site) {
  char address[24];
  struct stack stack;
  if (stack_of(report->symbols, report->sites, site, &stack) < 0) return false;
  snprintf(address, sizeof address, "0x%llx", (unsigned long long)sample->address);
  bool passes = frame_filter_passes(report->filter, &stack);
  struct block_record record = {.bytes = sample->usable_bytes,
                                .category = process->snapshot.categories[site->category].name,
                                .age_ns = moment_until_end(process, sample->at),
                                .address = address};
  if (passes) site_view_entry(emitter, FIELDS(block_fields), &record, &stack, report->most_frames);
  stack_free(&stack);
  return passes;
}
