/*
 * site_view.c: fields of a site; columns of the figure that it is ranked by; stacks below the rows.
 */
#include "view/site_view.h"

#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "view/call_tree_view.h"
#include "view/progress.h"
#include "view/units.h"

#define STACK_INDENT 8

struct site_record {
  const char *category;
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t total_bytes;
  uint64_t total_blocks;
  uint64_t peak_bytes;
  uint64_t at_process_peak_bytes;
  uint64_t at_category_peak_bytes;
  uint64_t average_bytes;
  uint64_t largest_bytes;
  uint64_t slack_bytes;
  uint64_t temporary_blocks;
  uint64_t reallocations;
  uint64_t low_bytes;
  uint64_t high_bytes;
  uint64_t total_low_bytes;
  uint64_t total_high_bytes;
  uint64_t samples;
  uint64_t live_samples;
  uint64_t lifetime_ns; /* on average */
  double share;
  const char *interval; /* of the rank, if that is total_bytes; else of live_bytes */
};

#define SITE(member) .offset = offsetof(struct site_record, member)

static const struct field fields_all[] = {
    {.name = "category", .kind = FIELD_NAME, SITE(category)},
    {.name = "live_bytes", .kind = FIELD_BYTES, SITE(live_bytes)},
    {.name = "live_blocks", .kind = FIELD_COUNT, SITE(live_blocks)},
    {.name = "total_bytes", .kind = FIELD_BYTES, SITE(total_bytes)},
    {.name = "total_blocks", .kind = FIELD_COUNT, SITE(total_blocks)},
    {.name = "peak_bytes", .kind = FIELD_BYTES, SITE(peak_bytes)},
    {.name = "at_process_peak_bytes", .kind = FIELD_BYTES, SITE(at_process_peak_bytes)},
    {.name = "at_category_peak_bytes", .kind = FIELD_BYTES, SITE(at_category_peak_bytes)},
    {.name = "average_bytes", .kind = FIELD_BYTES, SITE(average_bytes)},
    {.name = "largest_bytes", .kind = FIELD_BYTES, SITE(largest_bytes)},
    {.name = "slack_bytes", .kind = FIELD_BYTES, SITE(slack_bytes)},
    {.name = "share", .kind = FIELD_SHARE, SITE(share)},
    {.name = "temporary_blocks", .kind = FIELD_COUNT, SITE(temporary_blocks)},
    {.name = "reallocations", .kind = FIELD_COUNT, SITE(reallocations)},
    {.name = "interval_low_bytes", .kind = FIELD_BYTES, SITE(low_bytes)},
    {.name = "interval_high_bytes", .kind = FIELD_BYTES, SITE(high_bytes)},
    {.name = "total_interval_low_bytes", .kind = FIELD_BYTES, SITE(total_low_bytes)},
    {.name = "total_interval_high_bytes", .kind = FIELD_BYTES, SITE(total_high_bytes)},
    {.name = "samples", .kind = FIELD_COUNT, SITE(samples)},
    {.name = "live_samples", .kind = FIELD_COUNT, SITE(live_samples)},
    {.name = "mean_lifetime_seconds", .kind = FIELD_LENGTH, SITE(lifetime_ns)},
};

/* The column of the rank comes first, with a bar. */
static const struct field column_rank[] = {
    [SITES_BY_LIVE] = {.kind = FIELD_BYTES, SITE(live_bytes), .heading = "LIVE", .has_bar = true},
    [SITES_BY_TOTAL] = {.kind = FIELD_BYTES, SITE(total_bytes), .heading = "TOTAL", .has_bar = true},
    [SITES_BY_PEAK] = {.kind = FIELD_BYTES,
                       SITE(at_process_peak_bytes),
                       .heading = "AT PEAK",
                       .has_bar = true},
    [SITES_BY_TEMPORARY] = {.kind = FIELD_COUNT,
                            SITE(temporary_blocks),
                            .heading = "TEMPORARY",
                            .has_bar = true},
    [SITES_BY_COUNT] = {.kind = FIELD_COUNT, SITE(total_blocks), .heading = "BLOCKS", .has_bar = true},
    [SITES_BY_LIFETIME] = {.kind = FIELD_LENGTH, SITE(lifetime_ns), .heading = "LIFETIME"},
};
static const struct field column_share = {.kind = FIELD_SHARE, SITE(share), .heading = "SHARE"};
static const struct field column_interval = {.kind = FIELD_NAME, SITE(interval), .heading = "95 % BETWEEN"};
static const struct field column_live = {.kind = FIELD_BYTES, SITE(live_bytes), .heading = "LIVE"};
static const struct field columns_rest[] = {
    {.kind = FIELD_BYTES, SITE(at_process_peak_bytes), .heading = "AT PEAK"},
    {.kind = FIELD_BYTES, SITE(total_bytes), .heading = "TOTAL"},
    {.kind = FIELD_COUNT, SITE(total_blocks), .heading = "BLOCKS"},
    {.kind = FIELD_BYTES, SITE(average_bytes), .heading = "AVERAGE"},
    {.kind = FIELD_NAME, SITE(category), .heading = "CATEGORY"},
};

struct lifetime_record {
  double up_to_seconds; /* negative: no end */
  uint64_t blocks;
};
static const struct field lifetime_fields[] = {
    {.name = "up_to_seconds", .kind = FIELD_REAL, .offset = offsetof(struct lifetime_record, up_to_seconds)},
    {.name = "blocks", .kind = FIELD_COUNT, .offset = offsetof(struct lifetime_record, blocks)},
};

struct frame_record {
  const char *function;
  const char *file;
  uint64_t line;
  const char *module;
  uint64_t offset;
};
#define FRAME(member) .offset = offsetof(struct frame_record, member), .name = #member
static const struct field frame_fields[] = {
    {FRAME(function), .kind = FIELD_NAME}, {FRAME(file), .kind = FIELD_NAME},
    {FRAME(line), .kind = FIELD_COUNT},    {FRAME(module), .kind = FIELD_NAME},
    {FRAME(offset), .kind = FIELD_COUNT},
};

void site_view_interval(struct interval interval, char ret_words[SITE_INTERVAL_BYTES]) {
  snprintf(ret_words, SITE_INTERVAL_BYTES, "%s – %s", units_bytes(whole_of(interval.low)).chars,
           units_bytes(whole_of(interval.high)).chars);
}

static struct site_record record_of(const struct process *process, const struct site_report *report,
                                    const struct site_row *row, char interval[SITE_INTERVAL_BYTES]) {
  const struct site_facts *facts = row->facts;
  const struct site_table *table = report->table;
  site_view_interval(table->order == SITES_BY_TOTAL ? row->total : row->live, interval);
  return (struct site_record){
      .category = process->snapshot.categories[facts->category].name,
      .live_bytes = whole_of(row->live_bytes),
      .live_blocks = whole_of(row->live_blocks),
      .total_bytes = whole_of(row->total_bytes),
      .total_blocks = whole_of(row->total_blocks),
      .peak_bytes = whole_of(facts->peak_bytes),
      .at_process_peak_bytes = whole_of(facts->at_process_peak_bytes),
      .at_category_peak_bytes = whole_of(facts->at_category_peak_bytes),
      .average_bytes = facts->total.blocks > 0 ? whole_of(facts->total.bytes / facts->total.blocks) : 0,
      .largest_bytes = facts->largest_bytes,
      .slack_bytes = whole_of(facts->slack_bytes),
      .temporary_blocks = whole_of(facts->temporary_blocks),
      .reallocations = whole_of(facts->reallocations),
      .low_bytes = whole_of(row->live.low),
      .high_bytes = whole_of(row->live.high),
      .total_low_bytes = whole_of(row->total.low),
      .total_high_bytes = whole_of(row->total.high),
      .samples = facts->total.samples,
      .live_samples = facts->live.samples,
      .share = table->rank_sum > 0 ? row->rank / table->rank_sum : 0,
      .lifetime_ns = whole_of(site_row_lifetime(row) * 1e9),
      .interval = interval,
  };
}

static void emit_lifetimes(struct emitter *emitter, const struct site_facts *facts) {
  double edge = (double)RATION_LIFETIME_FIRST / 1e9;
  emitter_begin_list(emitter, "lifetimes");
  for (size_t i = 0; i < RATION_LIFETIMES; i++, edge *= RATION_LIFETIME_FACTOR) {
    struct lifetime_record record = {.up_to_seconds = i + 1 < RATION_LIFETIMES ? edge : -1,
                                     .blocks = whole_of(facts->lifetimes[i])};
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(lifetime_fields), &record);
    emitter_end(emitter);
  }
  emitter_end(emitter);
}

void site_view_frames(struct emitter *emitter, const struct stack *stack) {
  emitter_begin_list(emitter, "frames");
  for (size_t i = 0; i < stack->count; i++) site_view_frame(emitter, &stack->frame[i]);
  emitter_end(emitter);
}

void site_view_frame(struct emitter *emitter, const struct stack_frame *frame) {
  struct frame_record record = {.function = frame->function,
                                .file = frame->file,
                                .line = frame->line,
                                .module = frame->module,
                                .offset = frame->offset};
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(frame_fields), &record);
  emitter_truth(emitter, "inlined", frame->is_inlined);
  emitter_end(emitter);
}

void site_view_stack(struct emitter *emitter, const struct stack *stack, uint32_t most) {
  char words[STACK_FRAME_BYTES];
  size_t shown = most && stack->count > most ? most : stack->count;
  for (size_t i = 0; i < shown; i++) {
    stack_frame_words(&stack->frame[i], words);
    emitter_row_note(emitter, STACK_INDENT, words);
  }
  if (shown < stack->count) {
    snprintf(words, sizeof words, "… %zu more", stack->count - shown);
    emitter_row_note(emitter, STACK_INDENT, words);
  }
  if (stack->count == 0) emitter_row_note(emitter, STACK_INDENT, "(no stack was taken)");
}

void site_view_entry(struct emitter *emitter, const struct field *fields, size_t count, const void *record,
                     const struct stack *stack, uint32_t most) {
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, fields, count, record);
  site_view_frames(emitter, stack);
  emitter_end(emitter);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, fields, count, record);
  site_view_stack(emitter, stack, most);
}

static void emit_figures(struct emitter *emitter, const struct site_record *record,
                         const struct site_row *row) {
  emitter_fields(emitter, FIELDS(fields_all), record);
  emitter_truth(emitter, "scaled", row->is_scaled);
  emitter_truth(emitter, "truncated", (row->facts->flags & RATION_SITE_TRUNCATED) != 0);
  emitter_truth(emitter, "incomplete", (row->facts->flags & RATION_SITE_INCOMPLETE) != 0);
}

void site_view_figures(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct site_row *row) {
  char interval[SITE_INTERVAL_BYTES];
  struct site_record record = record_of(process, report, row, interval);
  emit_figures(emitter, &record, row);
}

static void emit_object(struct emitter *emitter, const struct site_record *record, const struct site_row *row,
                        const struct stack *stack) {
  emitter_begin_object(emitter, NULL);
  emit_figures(emitter, record, row);
  emit_lifetimes(emitter, row->facts);
  site_view_frames(emitter, stack);
  emitter_end(emitter);
}

static void emit_row(struct emitter *emitter, const struct site_record *record, const struct site_row *row,
                     const struct stack *stack, const struct site_report *report) {
  enum site_order order = report->table->order;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, &column_rank[order], 1, record);
  emitter_cells(emitter, ROW_PLAIN, &column_share, 1, record);
  if (order == SITES_BY_TOTAL) emitter_cells(emitter, ROW_PLAIN, &column_interval, 1, record);
  if (order != SITES_BY_LIVE) emitter_cells(emitter, ROW_PLAIN, &column_live, 1, record);
  if (order != SITES_BY_TOTAL) emitter_cells(emitter, ROW_PLAIN, &column_interval, 1, record);
  for (size_t i = 0; i < sizeof columns_rest / sizeof *columns_rest; i++) {
    if (columns_rest[i].offset != column_rank[order].offset)
      emitter_cells(emitter, ROW_PLAIN, &columns_rest[i], 1, record);
  }
  site_view_stack(emitter, stack, report->most_frames);
  if (row->facts->flags & RATION_SITE_TRUNCATED)
    emitter_row_note(emitter, STACK_INDENT, "(cut: the frames further out are not kept)");
  if (row->facts->flags & RATION_SITE_INCOMPLETE)
    emitter_row_note(emitter, STACK_INDENT, "(the way further out was lost)");
}

/* Whether it was shown; what memory does not reach for is left out. */
static bool emit_site(struct emitter *emitter, const struct process *process,
                      const struct site_report *report, const struct site_row *row, bool is_in_text,
                      struct call_node *tree) {
  char interval[SITE_INTERVAL_BYTES];
  struct stack stack;
  if (stack_of(report->symbols, report->sites, row->facts, &stack) < 0) return false;
  bool passes = frame_filter_passes(report->filter, &stack);
  if (passes) {
    struct site_record record = record_of(process, report, row, interval);
    emit_object(emitter, &record, row, &stack);
    if (report->shape != SITES_AS_LIST)
      call_tree_add(tree, &stack, report->shape == SITES_AS_CALLERS, row->rank);
    else if (is_in_text)
      emit_row(emitter, &record, row, &stack, report);
  }
  stack_free(&stack);
  return passes;
}

void site_view_table(struct emitter *emitter, const struct process *process,
                     const struct site_report *report) {
  const struct site_table *table = report->table;
  struct call_node tree = {0};
  bool needs_all = emitter_is_json(emitter) || report->shape != SITES_AS_LIST;
  uint32_t shown = 0;
  struct progress progress;
  bool has_end = report->most > 0 && report->most < table->count && !needs_all;
  progress_begin(&progress, SITE_VIEW_PROGRESS, has_end ? report->most : table->count);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "sites");
  for (size_t i = 0; i < table->count; i++) {
    bool is_in_text = report->most == 0 || shown < report->most;
    if (!is_in_text && !needs_all) break;
    if (table->row[i].rank <= 0 && !needs_all) break; /* nothing to say of it in this order */
    if (emit_site(emitter, process, report, &table->row[i], is_in_text, &tree)) shown++;
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (report->shape != SITES_AS_LIST) call_tree_view(emitter, &tree, table->order);
  call_tree_free(&tree);
  if (shown > 0) emitter_end_line(emitter);
  site_view_coverage(emitter, report);
}

/* ---- how far it can be trusted ------------------------------------------------------------------------- */

struct coverage_record {
  uint64_t mean_bytes;
  uint64_t samples;
  double share; /* of the bytes allocated that samples stand for */
  uint64_t unattributed_bytes;
  uint64_t samples_lost;
  uint64_t samples_lost_no_room;
  uint64_t samples_lost_no_site;
  uint64_t samples_lost_nested;
  uint64_t modules_lost;
  uint64_t stacks_truncated;
  uint64_t stacks_unknown;
  uint64_t stacks_astray;
  uint64_t stacks_busy;
};

#define COVERAGE(member) .offset = offsetof(struct coverage_record, member), .name = #member

static const struct field coverage_samples = {COVERAGE(samples), .kind = FIELD_COUNT,
                                              .phrase = "  %s sample{s}", .zero_phrase = "  no samples"};
static const struct field coverage_mean = {COVERAGE(mean_bytes), .kind = FIELD_BYTES,
                                           .phrase = ", one every %s on average",
                                           .zero_phrase = "; none are taken (sample=off)"};
static const struct field coverage_all = {COVERAGE(mean_bytes), .kind = FIELD_BYTES,
                                          .phrase = ": every block"};
static const struct field coverage_share = {.name = "coverage",
                                            .kind = FIELD_SHARE,
                                            .offset = offsetof(struct coverage_record, share),
                                            .phrase = "; they stand for %s of the bytes allocated"};
static const struct field coverage_lost[] = {
    {COVERAGE(samples_lost), .kind = FIELD_COUNT, .phrase = "; %s lost"},
    {COVERAGE(stacks_truncated), .kind = FIELD_COUNT, .phrase = ", %s stack{s} cut at 128 frames"},
};
/* A line each, where there is something to say. */
static const struct field coverage_unattributed = {
    COVERAGE(unattributed_bytes), .kind = FIELD_BYTES,
    .phrase = "  %s unattributed: they live in categories with too few samples to tell by whom"};
static const struct field coverage_reasons[] = {
    {COVERAGE(samples_lost_no_room), .kind = FIELD_COUNT, .phrase = "  %s sample{s} found no room"},
    {COVERAGE(samples_lost_no_site), .kind = FIELD_COUNT,
     .phrase = "  %s sample{s} of further sites found no room"},
    {COVERAGE(samples_lost_nested), .kind = FIELD_COUNT,
     .phrase = "  %s sample{s} of signal handlers came while another was taken"},
    {COVERAGE(modules_lost), .kind = FIELD_COUNT,
     .phrase = "  %s module{s} found no room: frames without names"},
    {COVERAGE(stacks_unknown), .kind = FIELD_COUNT,
     .phrase = "  %s stack{s} ended in code without unwind information"},
    {COVERAGE(stacks_astray), .kind = FIELD_COUNT, .phrase = "  %s stack{s} led astray"},
    {COVERAGE(stacks_busy), .kind = FIELD_COUNT, .phrase = "  %s stack{s} ended where nobody could be asked"},
};

static struct coverage_record coverage_of(const struct site_report *report) {
  const struct facts *facts = &report->sites->facts;
  const struct site_table *table = report->table;
  double allocated = (double)table->total_bytes;
  return (struct coverage_record){
      .mean_bytes = facts->sample_mean,
      .samples = table->samples,
      .share = allocated > 0 ? table->estimated_total_bytes / allocated : 0,
      .unattributed_bytes = whole_of(table->unattributed_bytes),
      .samples_lost = facts->samples_lost[RATION_SAMPLE_NO_ROOM] +
                      facts->samples_lost[RATION_SAMPLE_NO_SITE] + facts->samples_lost[RATION_SAMPLE_NESTED],
      .samples_lost_no_room = facts->samples_lost[RATION_SAMPLE_NO_ROOM],
      .samples_lost_no_site = facts->samples_lost[RATION_SAMPLE_NO_SITE],
      .samples_lost_nested = facts->samples_lost[RATION_SAMPLE_NESTED],
      .modules_lost = facts->modules_lost,
      .stacks_truncated = facts->stacks_truncated,
      .stacks_unknown = facts->stacks_ended[RATION_STACK_UNKNOWN],
      .stacks_astray = facts->stacks_ended[RATION_STACK_ASTRAY],
      .stacks_busy = facts->stacks_ended[RATION_STACK_BUSY],
  };
}

/* In text only where it is not 0. */
static void emit_reason(struct emitter *emitter, const struct field *field,
                        const struct coverage_record *record) {
  char text[FIELD_TEXT_BYTES];
  emitter_fields(emitter, field, 1, record);
  if (field_number(field, record) == 0) return;
  field_phrase(field, record, text);
  emitter_text_line(emitter, "", text);
}

void site_view_coverage(struct emitter *emitter, const struct site_report *report) {
  struct coverage_record record = coverage_of(report);
  emitter_begin_object(emitter, "sampling");
  emitter_part(emitter, &coverage_samples, 1, &record);
  emitter_part(emitter, record.mean_bytes == 1 ? &coverage_all : &coverage_mean, 1, &record);
  if (record.samples == 0) emitter_hide_text(emitter);
  emitter_part(emitter, &coverage_share, 1, &record);
  if (record.samples == 0) emitter_show_text(emitter);
  emitter_part(emitter, FIELDS(coverage_lost), &record);
  emitter_end_line(emitter);
  if (!report->is_raw) emit_reason(emitter, &coverage_unattributed, &record);
  for (size_t i = 0; i < sizeof coverage_reasons / sizeof *coverage_reasons; i++)
    emit_reason(emitter, &coverage_reasons[i], &record);
  emitter_end(emitter);
}
