/*
 * leak_view.c: a row for each site, as the table has them in order.
 */
#include "view/leak_view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/whole.h"
#include "view/progress.h"

struct leak_record {
  const char *category;
  uint64_t bytes;
  uint64_t blocks;
  uint64_t requested_bytes;
  uint64_t low_bytes;
  uint64_t high_bytes;
  const char *interval;
};

#define LEAK(member) .offset = offsetof(struct leak_record, member)

static const struct field leak_fields[] = {
    {.name = "bytes", .kind = FIELD_BYTES, LEAK(bytes), .heading = "BYTES", .has_bar = true},
    {.name = "blocks", .kind = FIELD_COUNT, LEAK(blocks), .heading = "BLOCKS"},
    {.name = "category", .kind = FIELD_NAME, LEAK(category), .heading = "CATEGORY"},
};
static const struct field column_interval = {.kind = FIELD_NAME, LEAK(interval), .heading = "95 % BETWEEN"};

/* What no table shows. */
static const struct field hidden_fields[] = {
    {.name = "requested_bytes", .kind = FIELD_BYTES, LEAK(requested_bytes)},
    {.name = "interval_low_bytes", .kind = FIELD_BYTES, LEAK(low_bytes)},
    {.name = "interval_high_bytes", .kind = FIELD_BYTES, LEAK(high_bytes)},
};

#define SUM(member) .offset = offsetof(struct leak_sums, member), .name = #member

#define BLOCKS_PHRASE .kind = FIELD_COUNT, .phrase = "  %s block{s}"

static const struct field sum_blocks = {SUM(leaked_blocks), BLOCKS_PHRASE, .zero_phrase = "  nothing lives"};
static const struct field sum_blocks_of_samples = {SUM(leaked_blocks), BLOCKS_PHRASE,
                                                   .zero_phrase = "  nothing that a sample tells of lives"};
static const struct field sum_fields[] = {
    {SUM(leaked_bytes), .kind = FIELD_BYTES, .phrase = " of %s never freed", .zero_phrase = ""},
    {SUM(suppressed_blocks), .kind = FIELD_COUNT, .phrase = "; %s block{s} suppressed", .zero_phrase = ""},
    {SUM(suppressed_bytes), .kind = FIELD_BYTES, .phrase = " of %s", .zero_phrase = ""},
};

static const struct field sum_requested_field = {SUM(leaked_requested_bytes), .kind = FIELD_BYTES};

static bool take_site(struct emitter *emitter, const struct process *process, const struct leak_report *leaks,
                      const struct site_row *row, bool has_room, struct leak_sums *sums);
static double requested_of(const struct leak_report *leaks, const struct site_row *row);
static void emit_leak(struct emitter *emitter, const struct leak_record *record, const struct stack *stack,
                      const struct site_report *report, bool is_in_text);
static void emit_sums(struct emitter *emitter, const struct process *process, const struct site_table *table,
                      const struct leak_sums *sums);

int leak_view_requests(const struct sample_list *samples, const struct site_list *sites,
                       double **ret_requested) {
  double *requested = calloc(sites->count + 1, sizeof *requested);
  if (!requested) return -ENOMEM;
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample_facts *sample = &samples->sample[i];
    const struct site_facts *site = site_list_of_row(sites, sample->site);
    if (site) requested[site - sites->site] += sample->blocks * (double)sample->requested_bytes;
  }
  *ret_requested = requested;
  return 0;
}

void leak_view_table(struct emitter *emitter, const struct process *process, const struct leak_report *leaks,
                     struct leak_sums *ret_sums) {
  const struct site_report *report = leaks->sites;
  struct leak_sums sums = {0};
  uint32_t shown = 0;
  struct progress progress;
  progress_begin(&progress, SITE_VIEW_PROGRESS, report->table->count);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "leaks");
  for (size_t i = 0; i < report->table->count; i++) {
    bool has_room = report->most == 0 || shown < report->most;
    if (take_site(emitter, process, leaks, &report->table->row[i], has_room, &sums)) shown++;
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
  emit_sums(emitter, process, report->table, &sums);
  *ret_sums = sums;
}

/* Returns whether it was shown in text. */
static bool take_site(struct emitter *emitter, const struct process *process, const struct leak_report *leaks,
                      const struct site_row *row, bool has_room, struct leak_sums *sums) {
  const struct site_report *report = leaks->sites;
  struct stack stack;
  if (row->facts->live.samples == 0 || stack_of(report->symbols, report->sites, row->facts, &stack) < 0)
    return false;
  char interval[SITE_INTERVAL_BYTES];
  site_view_interval(row->live, interval);
  struct leak_record record = {.category = process->snapshot.categories[row->facts->category].name,
                               .bytes = whole_of(row->live_bytes),
                               .blocks = whole_of(row->live_blocks),
                               .requested_bytes = whole_of(requested_of(leaks, row)),
                               .low_bytes = whole_of(row->live.low),
                               .high_bytes = whole_of(row->live.high),
                               .interval = interval};
  bool is_told = false;
  if (suppressions_fit(leaks->suppressions, &stack)) {
    sums->suppressed_blocks += record.blocks;
    sums->suppressed_bytes += record.bytes;
  } else if (frame_filter_passes(report->filter, &stack)) {
    sums->leaked_blocks += record.blocks;
    sums->leaked_bytes += record.bytes;
    sums->leaked_requested_bytes += record.requested_bytes;
    emit_leak(emitter, &record, &stack, report, has_room);
    is_told = has_room;
  }
  stack_free(&stack);
  return is_told;
}

/* Scaled as its bytes are. */
static double requested_of(const struct leak_report *leaks, const struct site_row *row) {
  double scale = row->facts->live.bytes > 0 ? row->live_bytes / row->facts->live.bytes : 0;
  return scale * leaks->requested[row->facts - leaks->sites->sites->site];
}

static void emit_leak(struct emitter *emitter, const struct leak_record *record, const struct stack *stack,
                      const struct site_report *report, bool is_in_text) {
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(leak_fields), record);
  emitter_fields(emitter, FIELDS(hidden_fields), record);
  site_view_frames(emitter, stack);
  emitter_end(emitter);
  if (!is_in_text) return;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, &leak_fields[0], 1, record);
  emitter_cells(emitter, ROW_PLAIN, &column_interval, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &leak_fields[1], sizeof leak_fields / sizeof *leak_fields - 1, record);
  site_view_stack(emitter, stack, report->most_frames);
}

static void emit_sums(struct emitter *emitter, const struct process *process, const struct site_table *table,
                      const struct leak_sums *sums) {
  bool has_ended = process->state != PROCESS_RUNNING;
  bool is_all_known = table->live_bytes == 0 || table->unattributed_bytes == 0;
  emitter_part(emitter, is_all_known ? &sum_blocks : &sum_blocks_of_samples, 1, sums);
  emitter_part(emitter, FIELDS(sum_fields), sums);
  emitter_fields(emitter, &sum_requested_field, 1, sums);
  emitter_end_line(emitter);
  emitter_text_line(emitter, "  ",
                    has_ended ? "all that lived at the end, whether the program could still reach it or not"
                    : process->is_copy  ? "all that lived when the copy was made"
                    : process->recorded ? "all that lived when the recording ended"
                                        : "all that lives now: the program runs, and may yet free it");
}
