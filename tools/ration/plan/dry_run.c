/*
 * dry_run.c: trials (plan/trial.h), shown.
 */
#include "plan/dry_run.h"

#include <sys/sysinfo.h>

#include "plan/trial.h"
#include "reader/budget_rows.h"
#include "reader/category_named.h"
#include "view/pressure_words.h"

/* One budget, flat, for the fields below. */
struct trial_record {
  const char *category;
  const char *budget; /* as the file has it */
  const char *policy;
  const char *level;
  const char *outcome;
  const char *none; /* in the place of a number that is not known */
  uint64_t limit_bytes, peak_bytes, peak_error_bytes, over_bytes;
  double first_at_seconds;
};

/* What the budgets are of, and what they are tried on. */
struct dry_run {
  const struct checked_file *file;
  const struct process *process;
  const struct observed *observed;
};

#define TRIAL(member) .offset = offsetof(struct trial_record, member)

static const struct field name_fields[] = {
    {.name = "category", .kind = FIELD_NAME, TRIAL(category), .heading = "CATEGORY"},
    {.name = "budget", .kind = FIELD_NAME, TRIAL(budget), .heading = "BUDGET"},
};
static const struct field known_fields[] = {
    {.name = "limit_bytes", .kind = FIELD_BYTES, TRIAL(limit_bytes), .heading = "LIMIT"},
    {.name = "peak_bytes", .kind = FIELD_BYTES, TRIAL(peak_bytes), .heading = "PEAK"},
    {.name = "peak_error_bytes", .kind = FIELD_BYTES, TRIAL(peak_error_bytes)},
    {.name = "over_bytes", .kind = FIELD_BYTES, TRIAL(over_bytes), .heading = "OVER", .zero_phrase = "-"},
};
static const struct field unknown_fields[] = {
    {.name = "limit_bytes", .kind = FIELD_NAME, TRIAL(none), .heading = "LIMIT", .null_phrase = "?"},
    {.name = "peak_bytes", .kind = FIELD_BYTES, TRIAL(peak_bytes), .heading = "PEAK"},
    {.name = "peak_error_bytes", .kind = FIELD_BYTES, TRIAL(peak_error_bytes)},
    {.name = "over_bytes", .kind = FIELD_NAME, TRIAL(none), .heading = "OVER", .null_phrase = "?"},
};
static const struct field result_fields[] = {
    {.name = "level", .kind = FIELD_NAME, TRIAL(level), .heading = "LEVEL", .tint = TINT_WORD},
    {.name = "outcome", .kind = FIELD_NAME, TRIAL(outcome), .heading = "OUTCOME", .tint = TINT_WORD},
    {.name = "policy", .kind = FIELD_NAME, TRIAL(policy)},
    {.name = "first_at_seconds",
     .kind = FIELD_SECONDS,
     TRIAL(first_at_seconds),
     .heading = "FIRST AFTER",
     .null_phrase = "-"},
};

static void show(struct emitter *emitter, const struct trial_record *record, bool is_known);
static bool try(const struct dry_run *run, const struct budget_entry *entry, uint32_t category,
                struct trial_record *record);
static void see_all(const struct dry_run *run, uint32_t category, struct trial *trial);

static uint64_t ram_bytes(void) {
  struct sysinfo info;
  return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}

void dry_run_show(struct emitter *emitter, const struct checked_file *file, const struct process *process,
                  const struct observed *observed) {
  struct dry_run run = {file, process, observed};
  emitter_begin_list(emitter, "budgets");
  emitter_begin_table(emitter);
  for (size_t i = 0; i < file->budgets.count; i++) {
    const struct budget_entry *entry = &file->budgets.entries[i];
    if (!budget_entry_has_limit(entry)) continue;
    char path[RATION_CATEGORY_NAME_BYTES], budget[BUDGET_VALUE_BYTES];
    snprintf(path, sizeof path, "%.*s", (int)entry->path.count, entry->path.bytes);
    struct stretch text = entry->text[PROPERTY_BUDGET];
    snprintf(budget, sizeof budget, "%.*s", (int)text.count, text.bytes);
    uint32_t category = category_named(&process->snapshot, entry->path.bytes, entry->path.count);
    struct trial_record record = {.category = path, .budget = budget};
    show(emitter, &record, try(&run, entry, category, &record));
  }
  emitter_end_table(emitter);
  emitter_end(emitter);
}

/* Returns whether it is known what the budget comes to. */
static bool try(const struct dry_run *run, const struct budget_entry *entry, uint32_t category,
                struct trial_record *record) {
  static const char *const policies[] = {
      [RATION_POLICY_NOTIFY] = "notify", [RATION_POLICY_REFUSE] = "refuse", [RATION_POLICY_ABORT] = "abort"};
  struct trial trial = {.first_at_seconds = TRIAL_TIME_UNKNOWN};
  bool is_known = trial_begin(&run->file->budgets, entry, ram_bytes(), &trial);
  record->peak_bytes = run->observed->peak_bytes[category]; /* of 0, no category: nothing */
  record->peak_error_bytes = run->observed->error_bytes[category];
  record->first_at_seconds = TRIAL_TIME_UNKNOWN;
  record->outcome = category ? "unknown" : "unused";
  if (!is_known) return false;
  see_all(run, category, &trial);
  record->limit_bytes = trial.limit_bytes;
  record->over_bytes = trial.over_bytes;
  record->policy = policies[trial.policy];
  record->level = pressure_words_level(trial.level);
  record->first_at_seconds = trial.first_at_seconds;
  if (category) record->outcome = trial_outcome_word(&trial);
  return true;
}

/* A peak between two points of the timeline is seen as well, but not when it was. */
static void see_all(const struct dry_run *run, uint32_t category, struct trial *trial) {
  uint64_t error = run->observed->error_bytes[category];
  const struct timeline *timeline = &run->observed->timeline;
  for (size_t i = 0; i < timeline->count; i++) {
    const struct timeline_point *point = &timeline->points[i];
    trial_see(trial, (double)point->at_ns / 1e9, observed_at(run->process, point, category), error);
  }
  trial_see(trial, TRIAL_TIME_UNKNOWN, run->observed->peak_bytes[category], error);
}

static void show(struct emitter *emitter, const struct trial_record *record, bool is_known) {
  const struct field *numbers = is_known ? known_fields : unknown_fields;
  size_t count = sizeof known_fields / sizeof *known_fields;
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(name_fields), record);
  emitter_fields(emitter, numbers, count, record);
  emitter_fields(emitter, FIELDS(result_fields), record);
  emitter_end(emitter);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(name_fields), record);
  emitter_cells(emitter, ROW_PLAIN, numbers, count, record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(result_fields), record);
}
