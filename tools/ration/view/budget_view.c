/*
 * budget_view.c: the fields of a budget, that which came nearest to its limit first.
 */
#include "view/budget_view.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/moment.h"
#include "view/pressure_words.h"

#define SHOWN_MOST 20 /* in text, so that it stays one screen */

struct budget_record {
  const char *category;
  const char *policy;
  const char *level;
  const char *simulated_level; /* NULL: none */
  const char *outside_level;   /* NULL: none */
  char level_words[32];        /* both */
  const char *level_cell;      /* these */
  char threshold_words[20];    /* "60/80/90/95" */
  const char *thresholds;      /* these */
  struct budget_facts facts;
  uint64_t level_ns;                 /* at this level by now */
  uint64_t levels_ns[RATION_LEVELS]; /* in all */
  uint64_t worst_at_ns;
};

struct budget_page {
  size_t count;
  struct budget_record records[RATION_CATEGORY_IDS];
};

#define BUDGET(member) .offset = offsetof(struct budget_record, member)
#define FACTS(member)  .name = #member, BUDGET(facts.member)

static const struct field limit = {FACTS(limit_bytes), .kind = FIELD_BYTES, .heading = "OF LIMIT"};
static const struct field used = {FACTS(used_bytes), .kind = FIELD_BYTES, .heading = "USED", .has_bar = true,
                                  .bar_of = &limit};
static const struct field name = {
    .name = "category", .kind = FIELD_NAME, BUDGET(category), .heading = "BUDGET"};
static const struct field level_cell = {
    .kind = FIELD_NAME, BUDGET(level_cell), .heading = "LEVEL", .tint = TINT_WORD};
static const struct field levels[] = {
    {.name = "level", .kind = FIELD_NAME, BUDGET(level)},
    {.name = "simulated_level", .kind = FIELD_NAME, BUDGET(simulated_level)},
    {.name = "outside_level", .kind = FIELD_NAME, BUDGET(outside_level)},
    {.name = "level_seconds", .kind = FIELD_LENGTH, BUDGET(level_ns)},
};
static const struct field times[] = {
    {.name = "none_seconds", .kind = FIELD_LENGTH, BUDGET(levels_ns[RATION_LEVEL_NONE]), .heading = "NONE"},
    {.name = "low_seconds", .kind = FIELD_LENGTH, BUDGET(levels_ns[RATION_LEVEL_LOW]), .heading = "LOW"},
    {.name = "medium_seconds",
     .kind = FIELD_LENGTH,
     BUDGET(levels_ns[RATION_LEVEL_MEDIUM]),
     .heading = "MEDIUM"},
    {.name = "high_seconds", .kind = FIELD_LENGTH, BUDGET(levels_ns[RATION_LEVEL_HIGH]), .heading = "HIGH"},
    {.name = "critical_seconds",
     .kind = FIELD_LENGTH,
     BUDGET(levels_ns[RATION_LEVEL_CRITICAL]),
     .heading = "CRITICAL"},
};
static const struct field time_name = {.kind = FIELD_NAME, BUDGET(category), .heading = "TIME AT LEVEL"};
static const struct field reserve = {FACTS(reserve_bytes), .kind = FIELD_BYTES};
static const struct field policy = {
    .name = "policy", .kind = FIELD_NAME, BUDGET(policy), .heading = "POLICY"};
static const struct field thresholds = {.name = "thresholds", .kind = FIELD_NAME, BUDGET(thresholds)};
#define REFUSED 1
static const struct field outcome[] = {
    {FACTS(breaches), .kind = FIELD_COUNT, .heading = "BREACHES"},
    [REFUSED] = {FACTS(refused), .kind = FIELD_COUNT, .heading = "REFUSED"},
    {FACTS(worst_bytes), .kind = FIELD_BYTES, .heading = "WORST"},
    {.name = "worst_at_seconds", .kind = FIELD_LENGTH, BUDGET(worst_at_ns), .heading = "AFTER"},
};

/* JSON, in its order: what conditions can be about is this, too, as far as it is numbers. */
static const struct {
  const struct field *fields;
  size_t count;
} figure_tables[] = {{&name, 1}, {&limit, 1},      {&reserve, 1},   {&policy, 1},     {&thresholds, 1},
                     {&used, 1}, {FIELDS(levels)}, {FIELDS(times)}, {FIELDS(outcome)}};
static_assert(sizeof times / sizeof *times == RATION_LEVELS, "each level has its time");

static void fill_page(struct budget_page *page, const struct process *process,
                      const struct selection *selection);
static struct budget_record record_of(const struct process *process, const struct budget_facts *facts);
static void say_level(struct budget_record *record);
static void say_thresholds(struct budget_record *record);
static int compare_fullness(const void *a, const void *b);
static double share_of(uint64_t bytes, const struct budget_facts *facts);
static void emit_object(struct emitter *emitter, const struct budget_record *record);
static void emit_row(struct emitter *emitter, const struct budget_record *record);
static void emit_times(struct emitter *emitter, const struct budget_page *page);
static bool has_pressed(const struct budget_record *record);

void budget_view_tables(struct emitter *emitter, const struct process *process,
                        const struct selection *selection) {
  struct budget_page page = {0};
  fill_page(&page, process, selection);
  if (page.count > 0) emitter_end_line(emitter);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "budgets");
  for (size_t i = 0; i < page.count; i++) {
    emit_object(emitter, &page.records[i]);
    if (i < SHOWN_MOST) emit_row(emitter, &page.records[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (page.count > SHOWN_MOST) {
    char line[96];
    snprintf(line, sizeof line, "and %zu more, which came less near to their limits",
             page.count - SHOWN_MOST);
    emitter_text_line(emitter, "  ", line);
  }
  emit_times(emitter, &page);
}

/* `refused` is the category's: a budget's own would be another number of the same name. */
const struct field *budget_view_figure(size_t number) {
  for (size_t i = 0; i < sizeof figure_tables / sizeof *figure_tables; i++)
    for (size_t at = 0; at < figure_tables[i].count; at++) {
      const struct field *field = &figure_tables[i].fields[at];
      if (!field_is_number(field) || field == &outcome[REFUSED]) continue;
      if (number-- == 0) return field;
    }
  return NULL;
}

int budget_view_value(const struct field *figure, const struct process *process, uint32_t category,
                      uint64_t *ret_value) {
  const struct budget_table *budgets = &process->snapshot.budgets;
  for (uint32_t i = 0; i < budgets->count; i++) {
    if (budgets->budget[i].category != category) continue;
    struct budget_record record = record_of(process, &budgets->budget[i]);
    if (field_is_null(figure, &record)) return -EDOM;
    *ret_value = field_number(figure, &record);
    return 0;
  }
  return -ENODATA;
}

static void fill_page(struct budget_page *page, const struct process *process,
                      const struct selection *selection) {
  const struct snapshot *snapshot = &process->snapshot;
  uint32_t root = selection_root(selection, snapshot);
  for (uint32_t i = 0; i < snapshot->budgets.count; i++) {
    const struct budget_facts *facts = &snapshot->budgets.budget[i];
    if (selection_is_below(snapshot, facts->category, root))
      page->records[page->count++] = record_of(process, facts);
  }
  qsort(page->records, page->count, sizeof *page->records, compare_fullness);
  for (size_t i = 0; i < page->count; i++) {
    page->records[i].level_cell = page->records[i].level_words;
    page->records[i].thresholds = page->records[i].threshold_words;
  }
}

static struct budget_record record_of(const struct process *process, const struct budget_facts *facts) {
  bool is_simulated = facts->taken_for != facts->level;
  struct budget_record record = {
      .category = process->snapshot.categories[facts->category].name,
      .policy = pressure_words_policy(facts->policy),
      .level = pressure_words_level(facts->level),
      .simulated_level = is_simulated ? pressure_words_level(facts->taken_for) : NULL,
      .outside_level = facts->outside ? pressure_words_level(facts->outside) : NULL,
      .facts = *facts,
      .level_ns = moment_until_end(process, facts->level_since_at),
      .worst_at_ns = moment_since_start(process, facts->worst_at)};
  say_level(&record);
  say_thresholds(&record);
  for (size_t i = 0; i < RATION_LEVELS; i++) record.levels_ns[i] = facts->level_ns[i];
  record.levels_ns[facts->level] += record.level_ns;
  return record;
}

/* The level that the program sees, and where it comes from if it is not the budget's own. */
static void say_level(struct budget_record *record) {
  const struct budget_facts *facts = &record->facts;
  uint32_t level = facts->outside > facts->taken_for ? facts->outside : facts->taken_for;
  const char *from = level > facts->taken_for ? " (outside)" : record->simulated_level ? " (simulated)" : "";
  snprintf(record->level_words, sizeof record->level_words, "%s%s", pressure_words_level(level), from);
}

/* As settings have them. */
static void say_thresholds(struct budget_record *record) {
  uint32_t percent = record->facts.thresholds;
  snprintf(record->threshold_words, sizeof record->threshold_words, "%u/%u/%u/%u", percent & 0xff,
           percent >> 8 & 0xff, percent >> 16 & 0xff, percent >> 24);
}

/* Equal ones in the order of their categories, which stand in that of their creation. */
static int compare_fullness(const void *a, const void *b) {
  const struct budget_facts *left = &((const struct budget_record *)a)->facts;
  const struct budget_facts *right = &((const struct budget_record *)b)->facts;
  double left_share = share_of(left->worst_bytes, left), right_share = share_of(right->worst_bytes, right);
  if (left_share != right_share) return left_share < right_share ? 1 : -1;
  return left->category < right->category ? -1 : left->category > right->category;
}

static double share_of(uint64_t bytes, const struct budget_facts *facts) {
  return (double)bytes / (double)facts->limit_bytes;
}

static void emit_object(struct emitter *emitter, const struct budget_record *record) {
  emitter_begin_object(emitter, NULL);
  for (size_t i = 0; i < sizeof figure_tables / sizeof *figure_tables; i++)
    emitter_fields(emitter, figure_tables[i].fields, figure_tables[i].count, record);
  emitter_end(emitter);
}

static void emit_row(struct emitter *emitter, const struct budget_record *record) {
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, &name, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &used, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &limit, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &level_cell, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &policy, 1, record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(outcome), record);
}

/* Of those in the table above that were ever under pressure. */
static void emit_times(struct emitter *emitter, const struct budget_page *page) {
  bool is_first = true;
  emitter_begin_table(emitter);
  for (size_t i = 0; i < page->count && i < SHOWN_MOST; i++) {
    if (!has_pressed(&page->records[i])) continue;
    if (is_first) emitter_end_line(emitter);
    is_first = false;
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, &time_name, 1, &page->records[i]);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(times), &page->records[i]);
  }
  emitter_end_table(emitter);
}

static bool has_pressed(const struct budget_record *record) {
  if (record->facts.level != RATION_LEVEL_NONE) return true;
  for (size_t i = RATION_LEVEL_LOW; i < RATION_LEVELS; i++)
    if (record->levels_ns[i] > 0) return true;
  return false;
}
