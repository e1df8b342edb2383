/*
 * memory_view.c: "live 1.6 - untouched 0.2 + ... = RSS 10.4 MiB (0.1 s before exit)": every figure in the unit of the
 * last, so that the line can be added up.
 */
#include "view/memory_view.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct memory_record {
  struct resident resident;
  const char *no_slack;
  const char *missing;
  double age_seconds;
};

#define MEMORY(member)   .offset = offsetof(struct memory_record, member)
#define RESIDENT(member) .kind = FIELD_BYTES, .name = #member, MEMORY(resident.member)

static const struct field fields_before[] = {{RESIDENT(live_bytes)}, {RESIDENT(untouched_bytes)}};
static const struct field field_slack = {RESIDENT(slack_bytes)};
static const struct field field_no_slack = {.name = "slack_bytes", .kind = FIELD_NAME, MEMORY(no_slack)};
static const struct field fields_after[] = {
    {RESIDENT(shim_bytes)},
    {RESIDENT(mapping_bytes)},
    {RESIDENT(stack_bytes)},
    {RESIDENT(file_bytes)},
    {.name = "unexplained_bytes", .kind = FIELD_BALANCE, MEMORY(resident.unexplained_bytes)},
    {RESIDENT(rss_bytes)},
    {.name = "age_seconds", .kind = FIELD_SECONDS, MEMORY(age_seconds)},
};
static const struct field field_missing = {.name = "memory_missing", .kind = FIELD_NAME, MEMORY(missing)};

/* What stands on the line, in the order of the equation. */
struct term {
  const char *sign;
  const char *name;
  int64_t bytes;
};
#define TERMS_MOST 8

static void emit_object(struct emitter *emitter, const struct memory_record *record);
static const char *since_of(const struct process *process);
static void emit_line(struct emitter *emitter, const struct memory_record *record, bool is_alive,
                      const char *since);
static size_t list_terms(const struct resident *resident, struct term ret_terms[TERMS_MOST]);
static void add_bytes(struct text *text, int64_t bytes, const char *unit);
static const char *unit_of(uint64_t bytes);
static double bytes_in(const char *unit);

void memory_view_line(struct emitter *emitter, const struct process *process) {
  const char *words = process->resident_fault.words;
  struct memory_record record = {.resident = process->resident,
                                 .age_seconds = process->resident_age_seconds,
                                 .missing = !process->has_resident && words[0] ? words : NULL};
  emitter_fields(emitter, &field_missing, 1, &record);
  if (record.missing) emitter_text_line(emitter, "  ", words);
  if (!process->has_resident) return;
  emit_object(emitter, &record);
  emit_line(emitter, &record, process_is_alive(process), since_of(process));
}

static void emit_object(struct emitter *emitter, const struct memory_record *record) {
  emitter_begin_object(emitter, "memory");
  emitter_fields(emitter, FIELDS(fields_before), record);
  emitter_fields(emitter, record->resident.is_joined ? &field_no_slack : &field_slack, 1, record);
  emitter_fields(emitter, FIELDS(fields_after), record);
  emitter_end(emitter);
}

static const char *since_of(const struct process *process) {
  if (process_is_alive(process)) return "ago";
  return process->state == PROCESS_RUNNING ? "before the recording ended" : "before exit";
}

static void emit_line(struct emitter *emitter, const struct memory_record *record, bool is_alive,
                      const char *since) {
  char line[512];
  struct text text = text_in(line, sizeof line);
  struct term terms[TERMS_MOST];
  const char *unit = unit_of(record->resident.rss_bytes);
  size_t count = list_terms(&record->resident, terms);
  for (size_t i = 0; i < count; i++) {
    text_add(&text, terms[i].sign);
    text_add(&text, terms[i].name);
    add_bytes(&text, terms[i].bytes, unit);
  }
  text_add(&text, " = RSS");
  add_bytes(&text, (int64_t)record->resident.rss_bytes, unit);
  text_add(&text, " ");
  text_add(&text, unit);
  char age[64] = "";
  if (!is_alive || record->age_seconds >= 0.05)
    snprintf(age, sizeof age, " (%.1f s %s)", record->age_seconds, since);
  text_add(&text, age);
  emitter_text_line(emitter, "  ", line);
}

static size_t list_terms(const struct resident *resident, struct term ret_terms[TERMS_MOST]) {
  size_t count = 0;
  int64_t unexplained = resident->unexplained_bytes;
  ret_terms[count++] = (struct term){"", "live", (int64_t)resident->live_bytes};
  ret_terms[count++] = (struct term){" − ", "untouched", (int64_t)resident->untouched_bytes};
  if (!resident->is_joined)
    ret_terms[count++] = (struct term){" + ", "slack", (int64_t)resident->slack_bytes};
  ret_terms[count++] = (struct term){" + ", "shim", (int64_t)resident->shim_bytes};
  ret_terms[count++] = (struct term){" + ", resident->is_joined ? "slack and mappings" : "mappings",
                                     (int64_t)resident->mapping_bytes};
  ret_terms[count++] = (struct term){" + ", "stacks", (int64_t)resident->stack_bytes};
  ret_terms[count++] = (struct term){" + ", "files", (int64_t)resident->file_bytes};
  if (unexplained != 0) {
    ret_terms[count++] = (struct term){unexplained < 0 ? " − " : " + ", "unexplained",
                                       unexplained < 0 ? -unexplained : unexplained};
  }
  return count;
}

static void add_bytes(struct text *text, int64_t bytes, const char *unit) {
  char number[48];
  snprintf(number, sizeof number, " %.1f", (double)bytes / bytes_in(unit));
  text_add(text, number);
}

/* As units_bytes() has it, but never bytes alone: no process is so small. */
static const char *unit_of(uint64_t bytes) {
  const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (unit + 1 < sizeof units / sizeof *units && (double)bytes / bytes_in(units[unit]) >= 999.95) unit++;
  return units[unit];
}

static double bytes_in(const char *unit) {
  switch (unit[0]) {
  case 'K':
    return 1024.0;
  case 'M':
    return 1024.0 * 1024;
  case 'G':
    return 1024.0 * 1024 * 1024;
  default:
    return 1024.0 * 1024 * 1024 * 1024;
  }
}
