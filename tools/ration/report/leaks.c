/*
 * leaks.c: report --leaks: what lives, and by whom it was allocated. At the end of a process, all of it was never freed:
 * whether the program could still reach it is not looked at, and said so.
 */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "complain.h"
#include "reader/sample_list.h"
#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "sites/suppressions.h"
#include "view/process_view.h"
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

struct sums {
  uint64_t leaked_bytes;
  uint64_t leaked_blocks;
  uint64_t leaked_requested_bytes;
  uint64_t suppressed_bytes;
  uint64_t suppressed_blocks;
};

#define SUM(member) .offset = offsetof(struct sums, member), .name = #member

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

struct leaks {
  const struct reading *reading;
  const struct suppressions *suppressions;
  const double *requested; /* what the live samples of each site stand for, by its place in the list */
  struct sums *sums;
};

static uint64_t rounded(double value) {
  return value > 0 ? (uint64_t)(value + 0.5) : 0;
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

/* Scaled as its bytes are. */
static double requested_of(const struct leaks *leaks, const struct site_row *row) {
  double scale = row->facts->live.bytes > 0 ? row->live_bytes / row->facts->live.bytes : 0;
  return scale * leaks->requested[row->facts - leaks->reading->sites.site];
}

/* Returns whether it was shown in text. */
static bool take_site(struct emitter *emitter, const struct process *process, const struct leaks *leaks,
                      const struct site_row *row, bool has_room) {
  const struct reading *reading = leaks->reading;
  struct stack stack;
  if (row->facts->live.samples == 0 || stack_of(reading->symbols, &reading->sites, row->facts, &stack) < 0)
    return false;
  char interval[SITE_INTERVAL_BYTES];
  site_view_interval(row->live, interval);
  struct leak_record record = {.category = process->snapshot.categories[row->facts->category].name,
                               .bytes = rounded(row->live_bytes),
                               .blocks = rounded(row->live_blocks),
                               .requested_bytes = rounded(requested_of(leaks, row)),
                               .low_bytes = rounded(row->live.low),
                               .high_bytes = rounded(row->live.high),
                               .interval = interval};
  bool is_told = false;
  if (suppressions_fit(leaks->suppressions, &stack)) {
    leaks->sums->suppressed_blocks += record.blocks;
    leaks->sums->suppressed_bytes += record.bytes;
  } else if (frame_filter_passes(reading->report.filter, &stack)) {
    leaks->sums->leaked_blocks += record.blocks;
    leaks->sums->leaked_bytes += record.bytes;
    leaks->sums->leaked_requested_bytes += record.requested_bytes;
    emit_leak(emitter, &record, &stack, &reading->report, has_room);
    is_told = has_room;
  }
  stack_free(&stack);
  return is_told;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct leaks *leaks = context;
  const struct site_report *report = &leaks->reading->report;
  bool has_ended = process->state != PROCESS_RUNNING;
  uint32_t shown = 0;
  (void)selection; /* the table is of the selected ones */
  struct progress progress;
  progress_begin(&progress, SITE_VIEW_PROGRESS, report->table->count);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "leaks");
  for (size_t i = 0; i < report->table->count; i++) {
    bool has_room = report->most == 0 || shown < report->most;
    if (take_site(emitter, process, leaks, &report->table->row[i], has_room)) shown++;
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
  bool is_all_known = report->table->live_bytes == 0 || report->table->unattributed_bytes == 0;
  emitter_part(emitter, is_all_known ? &sum_blocks : &sum_blocks_of_samples, 1, leaks->sums);
  emitter_part(emitter, FIELDS(sum_fields), leaks->sums);
  emitter_fields(emitter, &sum_requested_field, 1, leaks->sums);
  emitter_end_line(emitter);
  emitter_text_line(emitter, "  ",
                    has_ended ? "all that lived at the end, whether the program could still reach it or not"
                    : process->is_copy  ? "all that lived when the copy was made"
                    : process->recorded ? "all that lived when the recording ended"
                                        : "all that lives now: the program runs, and may yet free it");
  site_view_coverage(emitter, report);
}

/* Returns 0, with a sum for each site, allocated, or -ENOMEM. */
static int sum_requests(const struct sample_list *samples, const struct site_list *sites,
                        double **ret_requested) {
  double *requested = calloc(sites->count + 1, sizeof *requested);
  if (!requested) return -ENOMEM;
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample_facts *sample = &samples->sample[i];
    uint32_t number = sample->site < sites->row_count ? sites->number_of_row[sample->site] : 0;
    if (number) requested[number - 1] += sample->blocks * (double)sample->requested_bytes;
  }
  *ret_requested = requested;
  return 0;
}

static int show_leaks(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                      const struct sample_list *samples, struct leaks *leaks, struct fault *ret_fault) {
  struct reading reading;
  double *requested;
  int error = reading_open(process, wishes, &reading, ret_fault);
  if (error) return error;
  error = sum_requests(samples, &reading.sites, &requested);
  if (!error) {
    leaks->reading = &reading;
    leaks->requested = requested;
    process_view_instead(emitter, process, &selected, show, leaks);
    free(requested);
  } else {
    fault_set(ret_fault, error, "not enough memory to read its samples");
  }
  reading_close(&reading);
  return error;
}

/* Samples before sites: the site of each is there by then. */
int look_leaks(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
               struct fault *ret_fault) {
  struct suppressions suppressions = {0};
  struct sample_list samples = {0};
  struct sums sums = {0};
  int error = wishes->suppressions ? suppressions_read(wishes->suppressions, &suppressions, ret_fault) : 0;
  if (error == -EINVAL) error = -ERANGE; /* wrong input, and no segment that is none: see report.c */
  if (!error) error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (!error)
    error = show_leaks(emitter, process, wishes, &samples,
                       &(struct leaks){.suppressions = &suppressions, .sums = &sums}, ret_fault);
  sample_list_free(&samples);
  suppressions_free(&suppressions);
  if (!error && wishes->tells_leaks_by_status && sums.leaked_blocks > 0) *ret_status = STATUS_BROKEN;
  return error;
}
