/*
 * largest.c: report --largest: the largest blocks that live, of those that are samples.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader/sample_list.h"
#include "report/largest_past.h"
#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "view/moment.h"
#include "view/process_view.h"
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

struct largest {
  const struct reading *reading;
  const struct sample_list *samples;
  struct largest_list past;
};

static int compare_samples(const void *a, const void *b) {
  const struct sample_facts *left = a, *right = b;
  if (left->usable_bytes != right->usable_bytes) return left->usable_bytes > right->usable_bytes ? -1 : 1;
  return left->at < right->at ? -1 : left->at > right->at;
}

static const struct site_facts *site_of(const struct site_list *sites, const struct sample_facts *sample) {
  uint32_t number = sample->site < sites->row_count ? sites->number_of_row[sample->site] : 0;
  return number ? &sites->site[number - 1] : NULL;
}

/* Whether it was shown. */
static bool emit_block(struct emitter *emitter, const struct process *process, const struct reading *reading,
                       const struct sample_facts *sample) {
  const struct site_facts *site = site_of(&reading->sites, sample);
  char address[24];
  struct stack stack;
  if (!site || stack_of(reading->symbols, &reading->sites, site, &stack) < 0) return false;
  snprintf(address, sizeof address, "0x%llx", (unsigned long long)sample->address);
  bool passes = frame_filter_passes(reading->report.filter, &stack);
  struct block_record record = {.bytes = sample->usable_bytes,
                                .category = process->snapshot.categories[site->category].name,
                                .age_ns = moment_until_end(process, sample->at),
                                .address = address};
  if (passes) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(block_fields), &record);
    site_view_frames(emitter, &stack);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(block_fields), &record);
    site_view_stack(emitter, &stack, reading->report.most_frames);
  }
  stack_free(&stack);
  return passes;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct largest *largest = context;
  const struct snapshot *snapshot = &process->snapshot;
  const struct site_report *report = &largest->reading->report;
  uint32_t root = selection_root(selection, snapshot), shown = 0;
  struct progress progress;
  bool has_end = report->most > 0 && report->most < largest->samples->count;
  progress_begin(&progress, SITE_VIEW_PROGRESS, has_end ? report->most : largest->samples->count);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "largest");
  for (size_t i = 0; i < largest->samples->count && (report->most == 0 || shown < report->most); i++) {
    const struct sample_facts *sample = &largest->samples->sample[i];
    const struct site_facts *site = site_of(&largest->reading->sites, sample);
    if (!site || !selection_is_below(snapshot, site->category, root)) continue;
    if (emit_block(emitter, process, largest->reading, sample)) shown++;
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
  largest_past_show(emitter, process, largest->reading, &largest->past);
  site_view_coverage(emitter, report);
}

/* Of a process whose end nobody knows, ages reach up to the last sample. */
static void note_moments(struct process *process, const struct largest *largest) {
  const struct sample_list *samples = largest->samples;
  const struct site_list *sites = &largest->reading->sites;
  for (size_t i = 0; i < samples->count; i++) process_note_moment(process, samples->sample[i].at);
  for (size_t i = 0; i < sites->count; i++) process_note_moment(process, sites->site[i].last_at);
}

static int show_read(struct emitter *emitter, struct process *process, const struct reading *reading,
                     const struct sample_list *samples, struct fault *ret_fault) {
  struct largest largest = {.reading = reading, .samples = samples};
  int error = largest_list_read(process, &largest.past, ret_fault);
  if (error) return error;
  if (samples->count) qsort(samples->sample, samples->count, sizeof *samples->sample, compare_samples);
  note_moments(process, &largest);
  process_view_instead(emitter, process, &selected, show, &largest);
  largest_list_free(&largest.past);
  return 0;
}

/* Blocks before sites: the site of each is there by then. */
int look_largest(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                 int *ret_status, struct fault *ret_fault) {
  (void)ret_status;
  struct reading reading;
  struct sample_list samples;
  int error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (error) return error;
  error = reading_open(process, wishes, &reading, ret_fault);
  if (!error) {
    error = show_read(emitter, process, &reading, &samples, ret_fault);
    reading_close(&reading);
  }
  sample_list_free(&samples);
  return error;
}
