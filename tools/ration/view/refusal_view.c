/*
 * refusal_view.c: the fields of a refusal, whoever was refused most often first.
 */
#include "view/refusal_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/moment.h"

#define SHOWN_MOST 5 /* in text */

struct refusal_record {
  const char *category; /* NULL: of all that found no row of their own */
  const char *budget;   /* NULL: refused by `fail`, or of those */
  const char *module;   /* NULL: not known */
  char asker[REFUSAL_ASKER_BYTES];
  const char *asker_cell; /* this */
  const char *category_cell;
  const char *budget_cell;
  uint64_t last_at_ns;
  struct refusal_facts facts;
};

#define REFUSAL(member) .offset = offsetof(struct refusal_record, member)
#define FACTS(member)   .name = #member, REFUSAL(facts.member)

static const struct field names[] = {
    {.name = "category", .kind = FIELD_NAME, REFUSAL(category)},
    {.name = "budget", .kind = FIELD_NAME, REFUSAL(budget)},
    {.name = "module", .kind = FIELD_NAME, REFUSAL(module)},
    {FACTS(offset), .kind = FIELD_COUNT},
};
static const struct field name_cells[] = {
    {.kind = FIELD_NAME, REFUSAL(category_cell), .heading = "REFUSED TO"},
    {.kind = FIELD_NAME, REFUSAL(budget_cell), .heading = "BY BUDGET"},
    {.kind = FIELD_NAME, REFUSAL(asker_cell), .heading = "ASKER"},
};
static const struct field figures[] = {
    {FACTS(requests), .kind = FIELD_COUNT, .heading = "REQUESTS"},
    {FACTS(bytes), .kind = FIELD_BYTES, .heading = "BYTES"},
    {.name = "last_at_seconds", .kind = FIELD_LENGTH, REFUSAL(last_at_ns), .heading = "LAST AFTER"},
};

static size_t select_refusals(const struct process *process, const struct selection *selection,
                              struct refusal_record ret_records[]);
static struct refusal_record record_of(const struct process *process, const struct refusal_facts *facts);
static int compare_requests(const void *a, const void *b);
static void emit_row(struct emitter *emitter, struct refusal_record *record);

void refusal_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection) {
  struct refusal_record records[REFUSAL_LIST_MOST];
  size_t count = select_refusals(process, selection, records);
  if (count > 0) emitter_end_line(emitter);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "refusals");
  for (size_t i = 0; i < count; i++) {
    records[i].module = records[i].facts.module[0] ? records[i].facts.module : NULL; /* where it lies now */
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(names), &records[i]);
    emitter_fields(emitter, FIELDS(figures), &records[i]);
    emitter_end(emitter);
    if (i < SHOWN_MOST) emit_row(emitter, &records[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (count > SHOWN_MOST) {
    char line[96];
    snprintf(line, sizeof line, "and %zu more, each refused less often", count - SHOWN_MOST);
    emitter_text_line(emitter, "  ", line);
  }
}

void refusal_view_asker(const struct refusal_facts *facts, char ret_words[REFUSAL_ASKER_BYTES]) {
  ret_words[0] = 0;
  if (facts && facts->module[0])
    snprintf(ret_words, REFUSAL_ASKER_BYTES, "%s+0x%" PRIx64, facts->module, facts->offset);
}

static size_t select_refusals(const struct process *process, const struct selection *selection,
                              struct refusal_record ret_records[]) {
  const struct snapshot *snapshot = &process->snapshot;
  uint32_t root = selection_root(selection, snapshot);
  size_t count = 0;
  for (uint32_t i = 0; i < snapshot->refusals.count; i++) {
    const struct refusal_facts *facts = &snapshot->refusals.refusal[i];
    uint32_t category = facts->category ? facts->category : RATION_CATEGORY_TOTAL;
    if (selection_is_below(snapshot, category, root)) ret_records[count++] = record_of(process, facts);
  }
  qsort(ret_records, count, sizeof *ret_records, compare_requests);
  return count;
}

static struct refusal_record record_of(const struct process *process, const struct refusal_facts *facts) {
  const struct category_figures *categories = process->snapshot.categories;
  struct refusal_record record = {.category = facts->category ? categories[facts->category].name : NULL,
                                  .budget = facts->budget ? categories[facts->budget].name : NULL,
                                  .last_at_ns = moment_since_start(process, facts->last_at),
                                  .facts = *facts};
  refusal_view_asker(facts, record.asker);
  return record;
}

static int compare_requests(const void *a, const void *b) {
  const struct refusal_facts *left = &((const struct refusal_record *)a)->facts;
  const struct refusal_facts *right = &((const struct refusal_record *)b)->facts;
  if (left->requests != right->requests) return left->requests < right->requests ? 1 : -1;
  return left->bytes < right->bytes ? 1 : left->bytes > right->bytes ? -1 : 0;
}

static void emit_row(struct emitter *emitter, struct refusal_record *record) {
  record->category_cell = record->category ? record->category : "all others";
  record->budget_cell = record->budget ? record->budget : record->category ? "(fail)" : "";
  record->asker_cell = record->asker[0] ? record->asker : record->category ? "not known" : "";
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(name_cells), record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(figures), record);
}
