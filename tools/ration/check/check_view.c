/*
 * check_view.c: the fields of a verdict.
 */
#include "check/check_view.h"

#include <stdio.h>

struct verdict_record {
  const char *text;
  const char *category;
  const char *figure;
  const char *bound; /* "max" or "min" */
  const char *outcome;
  const char *program; /* NULL: not known, as the next two */
  int pid;
  const char *unknown; /* the value, where it is not known: always NULL */
  uint64_t value;
  uint64_t limit;
  uint64_t processes;
  uint64_t broken;
};

#define VERDICT(member) .offset = offsetof(struct verdict_record, member)

static const struct field name_fields[] = {
    {.name = "category", .kind = FIELD_NAME, VERDICT(category)},
    {.name = "figure", .kind = FIELD_NAME, VERDICT(figure)},
    {.name = "bound", .kind = FIELD_NAME, VERDICT(bound)},
};
static const struct field process_fields[] = {
    {.name = "pid", .kind = FIELD_STATUS, VERDICT(pid), .heading = "PID"},
    {.name = "program", .kind = FIELD_NAME, VERDICT(program), .heading = "PROGRAM"},
};
static const struct field count_fields[] = {
    {.name = "processes_checked", .kind = FIELD_COUNT, VERDICT(processes)},
    {.name = "processes_broken", .kind = FIELD_COUNT, VERDICT(broken)},
};
static const struct field unknown_value = {
    .name = "value", .kind = FIELD_NAME, VERDICT(unknown), .heading = "VALUE"};
static const struct field text_cell = {.kind = FIELD_NAME, VERDICT(text), .heading = "CONDITION"};
static const struct field outcome_cell = {.kind = FIELD_NAME, VERDICT(outcome), .heading = "IS"};

static struct verdict_record record_of(const struct verdict *verdict, const char *name, const char *figure);
static void emit_object(struct emitter *emitter, const struct verdict *verdict,
                        const struct verdict_record *record);
static void emit_row(struct emitter *emitter, const struct verdict *verdict,
                     const struct verdict_record *record);
static struct field value_field(const struct verdict *verdict);

void check_view(struct emitter *emitter, const struct verdict_list *list) {
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "conditions");
  for (size_t i = 0; i < list->conditions->count; i++) {
    const struct verdict *verdict = &list->verdict[i];
    char name[VERDICT_BYTES], figure[64];
    struct stretch its = figure_name(&verdict->condition->figure);
    verdict_name(verdict, name);
    snprintf(figure, sizeof figure, "%.*s", (int)its.count, its.bytes);
    struct verdict_record record = record_of(verdict, name, figure);
    emit_object(emitter, verdict, &record);
    emit_row(emitter, verdict, &record);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
}

static struct verdict_record record_of(const struct verdict *verdict, const char *name, const char *figure) {
  static const char *const outcomes[] = {
      [VERDICT_MET] = "met", [VERDICT_BROKEN] = "broken", [VERDICT_UNKNOWN] = "unknown"};
  bool is_known = verdict->processes > 0;
  return (struct verdict_record){.text = name,
                                 .category = verdict->condition->category,
                                 .figure = figure,
                                 .bound = verdict->condition->is_least ? "min" : "max",
                                 .outcome = outcomes[verdict_state(verdict)],
                                 .program = is_known ? verdict->program : NULL,
                                 .pid = is_known ? (int)verdict->pid : -1,
                                 .value = verdict->value,
                                 .limit = verdict->condition->limit,
                                 .processes = verdict->processes,
                                 .broken = verdict->broken};
}

static void emit_object(struct emitter *emitter, const struct verdict *verdict,
                        const struct verdict_record *record) {
  struct field value = value_field(verdict), limit = value;
  limit.name = "limit";
  limit.kind = verdict->condition->figure.kind;
  limit.offset = offsetof(struct verdict_record, limit);
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(name_fields), record);
  emitter_fields(emitter, &limit, 1, record);
  emitter_fields(emitter, &value, 1, record);
  emitter_truth(emitter, "is_met", verdict_state(verdict) == VERDICT_MET);
  emitter_fields(emitter, FIELDS(process_fields), record);
  emitter_fields(emitter, FIELDS(count_fields), record);
  emitter_end(emitter);
}

static void emit_row(struct emitter *emitter, const struct verdict *verdict,
                     const struct verdict_record *record) {
  struct field value = value_field(verdict);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, &text_cell, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &value, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &outcome_cell, 1, record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(process_fields), record);
}

/* Of the kind that its figure is. */
static struct field value_field(const struct verdict *verdict) {
  struct field field = unknown_value;
  if (verdict->processes == 0) return field;
  field.kind = verdict->condition->figure.kind;
  field.offset = offsetof(struct verdict_record, value);
  return field;
}
