/*
 * site_diff_view.c: the fields of a site on both sides.
 */
#include "diff/site_diff_view.h"

#include <stdio.h>

#include "base/whole.h"
#include "view/site_view.h"

struct site_record {
  const char *category;
  const char *change;
  uint64_t before;
  uint64_t after;
  int64_t difference;
  const char *interval_before;
  const char *interval_after;
};

#define SITE(member) .offset = offsetof(struct site_record, member)

static const struct field site_fields[] = {
    {.name = "category", .kind = FIELD_NAME, SITE(category)},
    {.name = "change", .kind = FIELD_NAME, SITE(change)},
    {.name = "difference", .kind = FIELD_GROWTH, SITE(difference)},
};
static const struct field site_columns[] = {
    {.kind = FIELD_GROWTH, SITE(difference), .heading = "CHANGE"},
    {.kind = FIELD_BYTES, SITE(before), .heading = "BEFORE"},
    {.kind = FIELD_NAME, SITE(interval_before), .heading = "95 % BETWEEN"},
    {.kind = FIELD_BYTES, SITE(after), .heading = "AFTER"},
    {.kind = FIELD_NAME, SITE(interval_after), .heading = "95 % BETWEEN"},
    {.kind = FIELD_NAME, SITE(change), .heading = "IS"},
    {.kind = FIELD_NAME, SITE(category), .heading = "CATEGORY"},
};

struct side_record {
  uint64_t bytes;
  uint64_t low_bytes;
  uint64_t high_bytes;
  uint64_t samples;
};

#define SIDE(member) .offset = offsetof(struct side_record, member)

static const struct field side_fields[] = {
    {.name = "bytes", .kind = FIELD_BYTES, SIDE(bytes)},
    {.name = "interval_low_bytes", .kind = FIELD_BYTES, SIDE(low_bytes)},
    {.name = "interval_high_bytes", .kind = FIELD_BYTES, SIDE(high_bytes)},
    {.name = "samples", .kind = FIELD_COUNT, SIDE(samples)},
};

static int take_site(struct emitter *emitter, const struct diff_report *report,
                     const struct site_change *change, bool has_room);
static void emit_object(struct emitter *emitter, const struct site_change *change,
                        const struct site_record *record, const struct stack *stack);
static void emit_side(struct emitter *emitter, const char *key, const struct site_side *side);
static void emit_row(struct emitter *emitter, const struct site_record *record, const struct stack *stack,
                     uint32_t most_frames);
static void emit_closing(struct emitter *emitter, const struct diff_report *report, size_t shown);
static bool has_changed(const struct site_change *change);

int site_diff_view(struct emitter *emitter, const struct diff_report *report) {
  size_t shown = 0;
  int error = 0;
  emitter_begin_list(emitter, "sites");
  if (report->sites) {
    emitter_end_line(emitter);
    emitter_begin_table(emitter);
    for (size_t i = 0; i < report->sites->count && !error; i++) {
      const struct site_change *change = &report->sites->site[i];
      bool has_room = has_changed(change) && (report->most == 0 || shown < report->most);
      error = take_site(emitter, report, change, has_room);
      shown += has_room;
    }
    emitter_end_table(emitter);
  }
  emitter_end(emitter);
  if (report->sites) emit_closing(emitter, report, shown);
  return error;
}

/* In text where there is room. */
static int take_site(struct emitter *emitter, const struct diff_report *report,
                     const struct site_change *change, bool has_room) {
  if (!has_room && !emitter_is_json(emitter)) return 0;
  const struct sampled *of = change->after.facts ? report->after : report->before;
  const struct site_facts *facts = change->after.facts ? change->after.facts : change->before.facts;
  char interval_before[SITE_INTERVAL_BYTES], interval_after[SITE_INTERVAL_BYTES];
  struct stack stack;
  int error = stack_of(of->symbols, of->sites, facts, &stack);
  if (error) return error;
  site_view_interval(change->before.interval, interval_before);
  site_view_interval(change->after.interval, interval_after);
  uint64_t before = whole_of(change->before.bytes), after = whole_of(change->after.bytes);
  struct site_record record = {.category = change->category,
                               .change = change_word(change->change),
                               .before = before,
                               .after = after,
                               .difference = (int64_t)(after - before),
                               .interval_before = interval_before,
                               .interval_after = interval_after};
  emit_object(emitter, change, &record, &stack);
  if (has_room) emit_row(emitter, &record, &stack, report->most_frames);
  stack_free(&stack);
  return 0;
}

static void emit_object(struct emitter *emitter, const struct site_change *change,
                        const struct site_record *record, const struct stack *stack) {
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(site_fields), record);
  emit_side(emitter, "before", &change->before);
  emit_side(emitter, "after", &change->after);
  site_view_frames(emitter, stack);
  emitter_end(emitter);
}

static void emit_side(struct emitter *emitter, const char *key, const struct site_side *side) {
  struct side_record record = {.bytes = whole_of(side->bytes),
                               .low_bytes = whole_of(side->interval.low),
                               .high_bytes = whole_of(side->interval.high),
                               .samples = side->samples};
  emitter_begin_object(emitter, key);
  emitter_fields(emitter, FIELDS(side_fields), &record);
  emitter_end(emitter);
}

static void emit_row(struct emitter *emitter, const struct site_record *record, const struct stack *stack,
                     uint32_t most_frames) {
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(site_columns), record);
  site_view_stack(emitter, stack, most_frames);
}

static void emit_closing(struct emitter *emitter, const struct diff_report *report, size_t shown) {
  size_t changed = 0, unclear = 0;
  char line[192];
  for (size_t i = 0; i < report->sites->count; i++) {
    changed += has_changed(&report->sites->site[i]);
    unclear += report->sites->site[i].change == CHANGE_UNCLEAR;
  }
  if (shown > 0) emitter_end_line(emitter);
  if (changed == 0) emitter_text_line(emitter, "  ", "no site has changed, as far as samples tell");
  if (changed > shown) {
    snprintf(line, sizeof line, "and %zu more, which changed by less", changed - shown);
    emitter_text_line(emitter, "  ", line);
  }
  if (unclear > 0) {
    snprintf(line, sizeof line, "%zu may have changed or not: their 95 %% intervals meet", unclear);
    emitter_text_line(emitter, "  ", line);
  }
  snprintf(line, sizeof line, "%s samples before, %s after",
           units_count(report->before->table->samples).chars,
           units_count(report->after->table->samples).chars);
  emitter_text_line(emitter, "  ", line);
}

static bool has_changed(const struct site_change *change) {
  return change->change != CHANGE_NONE && change->change != CHANGE_UNCLEAR;
}
