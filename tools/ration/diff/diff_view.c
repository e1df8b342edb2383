/*
 * diff_view.c: the heads of two processes, their categories, their sites.
 */
#include "diff/diff_view.h"

#include <stdio.h>

#include "diff/site_diff_view.h"
#include "view/category_view.h"
#include "view/process_view.h"

struct category_record {
  const char *name;
  const char *change;
  const char *share;   /* of what it was */
  const char *nothing; /* always NULL */
  uint64_t before;
  uint64_t after;
  int64_t difference;
};

#define CATEGORY(member) .offset = offsetof(struct category_record, member)

static const struct field name_field = {.name = "name", .kind = FIELD_NAME, CATEGORY(name)};
static const struct field change_field = {
    .name = "change", .kind = FIELD_NAME, CATEGORY(change), .heading = "IS"};
static const struct field name_cell = {.kind = FIELD_NAME, CATEGORY(name), .heading = "CATEGORY"};
static const struct field share_cell = {.kind = FIELD_NAME, CATEGORY(share), .heading = "BY"};
static const struct field no_before = {.name = "before", .kind = FIELD_NAME, CATEGORY(nothing)};
static const struct field no_after = {.name = "after", .kind = FIELD_NAME, CATEGORY(nothing)};
static const struct field live_bytes = {.name = "live_bytes", .kind = FIELD_BYTES, CATEGORY(before)};

/* By the kind of the measure: bytes or blocks. */
static const struct field columns_of_bytes[] = {
    {.kind = FIELD_BYTES, CATEGORY(before), .heading = "BEFORE"},
    {.kind = FIELD_BYTES, CATEGORY(after), .heading = "AFTER"},
    {.name = "difference", .kind = FIELD_GROWTH, CATEGORY(difference), .heading = "CHANGE"},
};
static const struct field columns_of_blocks[] = {
    {.kind = FIELD_COUNT, CATEGORY(before), .heading = "BEFORE"},
    {.kind = FIELD_COUNT, CATEGORY(after), .heading = "AFTER"},
    {.name = "difference", .kind = FIELD_MORE, CATEGORY(difference), .heading = "CHANGE"},
};

struct head_record {
  uint64_t since_ns; /* FIELD_NEVER: not asked for, as the next */
  uint64_t age_ns;
};
static const struct field head_fields[] = {
    {.name = "since_seconds", .kind = FIELD_LENGTH, .offset = offsetof(struct head_record, since_ns)},
    {.name = "age_seconds", .kind = FIELD_LENGTH, .offset = offsetof(struct head_record, age_ns)},
};

static void emit_heads(struct emitter *emitter, const struct diff_report *report);
static void emit_categories(struct emitter *emitter, const struct diff_report *report);
static void emit_object(struct emitter *emitter, const struct category_change *change,
                        const struct diff_report *report);
static void emit_side(struct emitter *emitter, const char *key, const struct field *nothing,
                      const struct category_side *side, bool is_live_only);
static void emit_row(struct emitter *emitter, const struct category_change *change,
                     const struct diff_report *report, enum row_kind kind);
static struct category_record record_of(const struct category_change *change);
static const struct field *columns_of(const struct diff_report *report);

#define COLUMNS (sizeof columns_of_bytes / sizeof *columns_of_bytes)

int diff_view_pair(struct emitter *emitter, const struct diff_report *report, const char *remark) {
  emitter_begin_object(emitter, NULL);
  emit_heads(emitter, report);
  emit_categories(emitter, report);
  int error = site_diff_view(emitter, report);
  if (remark) emitter_remark(emitter, "remark", "  ", remark);
  emitter_end(emitter);
  return error;
}

void diff_view_unmatched(struct emitter *emitter, const struct pair *pair, const char *remark) {
  struct category_record none = {.nothing = NULL};
  const struct process *process = pair->before ? pair->before : pair->after;
  const char *phrase = remark ? "%s" : pair->before ? "only before: %s" : "only after: %s";
  emitter_begin_object(emitter, NULL);
  emitter_begin_object(emitter, pair->before ? "before" : "after");
  process_view_identity(emitter, process, phrase);
  emitter_end(emitter);
  emitter_fields(emitter, pair->before ? &no_after : &no_before, 1, &none);
  if (remark) emitter_remark(emitter, "remark", "  ", remark);
  emitter_end(emitter);
}

static void emit_heads(struct emitter *emitter, const struct diff_report *report) {
  struct head_record record = {.since_ns = FIELD_NEVER, .age_ns = FIELD_NEVER};
  if (report->is_since) record = (struct head_record){report->since_ns, report->age_ns};
  if (report->is_since) emitter_hide_text(emitter);
  emitter_begin_object(emitter, "before");
  process_view_identity(emitter, report->pair.before, "before: %s");
  emitter_end(emitter);
  if (report->is_since) emitter_show_text(emitter);
  emitter_begin_object(emitter, "after");
  process_view_identity(emitter, report->pair.after, report->is_since ? "%s" : "after:  %s");
  emitter_end(emitter);
  emitter_fields(emitter, FIELDS(head_fields), &record);
  if (!report->is_since) return;
  char line[192];
  snprintf(line, sizeof line, "before is %s earlier, the point of its timeline that is nearest to %s",
           units_length(report->age_ns).chars, units_length(report->since_ns).chars);
  emitter_text_line(emitter, "", line);
}

/* Text has those that have changed. */
static void emit_categories(struct emitter *emitter, const struct diff_report *report) {
  const struct category_diff *diff = report->categories;
  size_t shown = 0, changed = 0, unclear = 0;
  emitter_end_line(emitter);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "categories");
  for (size_t i = 0; i < diff->count; i++) {
    const struct category_change *change = &diff->category[i];
    emit_object(emitter, change, report);
    unclear += change->change == CHANGE_UNCLEAR;
    if (change->change == CHANGE_NONE || change->change == CHANGE_UNCLEAR) continue;
    changed++;
    if (report->most && shown == report->most) continue;
    emit_row(emitter, change, report, ROW_PLAIN);
    shown++;
  }
  emitter_end(emitter);
  emit_row(emitter, &diff->total, report, ROW_SUM);
  emitter_end_table(emitter);
  emitter_begin_object(emitter, "total");
  emit_object(emitter, &diff->total, report);
  emitter_end(emitter);
  char line[128];
  if (changed > shown) {
    snprintf(line, sizeof line, "and %zu more, which changed by less", changed - shown);
    emitter_text_line(emitter, "  ", line);
  }
  if (unclear > 0) {
    snprintf(line, sizeof line, "%zu categor%s changed by less than is known of a moment gone by", unclear,
             unclear == 1 ? "y" : "ies");
    emitter_text_line(emitter, "  ", line);
  }
}

static void emit_object(struct emitter *emitter, const struct category_change *change,
                        const struct diff_report *report) {
  struct category_record record = record_of(change);
  bool is_row = change != &report->categories->total;
  if (is_row) emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, &name_field, 1, &record);
  emitter_fields(emitter, &change_field, 1, &record);
  emitter_fields(emitter, &columns_of(report)[COLUMNS - 1], 1, &record);
  emit_side(emitter, "before", &no_before, &change->before, report->is_since);
  emit_side(emitter, "after", &no_after, &change->after, report->is_since);
  if (is_row) emitter_end(emitter);
}

static void emit_side(struct emitter *emitter, const char *key, const struct field *nothing,
                      const struct category_side *side, bool is_live_only) {
  struct category_record record = {.before = side->figures.live_bytes};
  if (!side->is_there) {
    emitter_fields(emitter, nothing, 1, &record);
    return;
  }
  emitter_begin_object(emitter, key);
  if (is_live_only) {
    emitter_fields(emitter, &live_bytes, 1, &record);
  } else {
    category_view_figures(emitter, &side->figures);
  }
  emitter_end(emitter);
}

static void emit_row(struct emitter *emitter, const struct category_change *change,
                     const struct diff_report *report, enum row_kind kind) {
  struct category_record record = record_of(change);
  char share[48] = "";
  double before = (double)record.before, after = (double)record.after;
  if (record.before > 0 && record.before != record.after)
    snprintf(share, sizeof share, "%+.1f %%", (after - before) / before * 100);
  record.share = share;
  emitter_row(emitter);
  emitter_cells(emitter, kind, &name_cell, 1, &record);
  emitter_cells(emitter, kind, columns_of(report), COLUMNS, &record);
  emitter_cells(emitter, kind, &share_cell, 1, &record);
  emitter_cells(emitter, kind, &change_field, 1, &record);
}

static struct category_record record_of(const struct category_change *change) {
  return (struct category_record){.name = change->name,
                                  .change = change_word(change->change),
                                  .before = change->value_before,
                                  .after = change->value,
                                  .difference = (int64_t)(change->value - change->value_before)};
}

static const struct field *columns_of(const struct diff_report *report) {
  return report->categories->measure == MEASURE_COUNT ? columns_of_blocks : columns_of_bytes;
}
