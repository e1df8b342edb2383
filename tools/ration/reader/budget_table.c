/*
 * budget_table.c: a row is read word by word as the shim changes it; each word is whole, and none is needed to make
 * sense of another.
 */
#include "reader/budget_table.h"

#define LIMIT_MOST ((UINT64_C(1) << RATION_CHARGE_BYTES_BITS) - 1)

static bool is_sound(const struct ration_segment_budget *row);
static struct budget_facts facts_of(const struct ration_segment_budget *row, uint32_t category,
                                    uint64_t charge);

int budget_table_read(const struct segment_file *file, const struct layout *layout,
                      const struct ration_segment_category rows[], uint32_t categories,
                      struct budget_table *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_BUDGETS];
  ret_list->count = 0;
  struct ration_segment_budget budgets[RATION_CATEGORY_IDS];
  uint64_t count = categories + UINT64_C(1) < table->rows ? categories + UINT64_C(1) : table->rows;
  int error = layout_copy_rows(file, table, 0, count, budgets, sizeof *budgets);
  if (error) return error;
  for (uint32_t id = 1; id < count; id++)
    if (is_sound(&budgets[id]))
      ret_list->budget[ret_list->count++] = facts_of(&budgets[id], id, rows[id].subtree_charged);
  return 0;
}

/* Limit 0: no budget. */
static bool is_sound(const struct ration_segment_budget *row) {
  return row->limit_bytes > 0 && row->limit_bytes <= LIMIT_MOST && row->policy >= RATION_POLICY_NOTIFY &&
         row->policy <= RATION_POLICY_ABORT && row->level < RATION_LEVELS &&
         row->simulated <= RATION_LEVELS && row->outside_level < RATION_LEVELS;
}

/* What is used is read a moment before the worst, which is raised a moment after it. */
static struct budget_facts facts_of(const struct ration_segment_budget *row, uint32_t category,
                                    uint64_t charge) {
  uint64_t used = RATION_CHARGE_BYTES(charge);
  if (row->accounted_bytes <= LIMIT_MOST) used += row->accounted_bytes;
  struct budget_facts facts = {.category = category,
                               .policy = row->policy,
                               .level = row->level,
                               .taken_for = row->simulated ? row->simulated - 1 : row->level,
                               .outside = (uint32_t)row->outside_level,
                               .thresholds = row->thresholds,
                               .limit_bytes = row->limit_bytes,
                               .reserve_bytes = row->reserve_bytes,
                               .used_bytes = used,
                               .breaches = row->breaches,
                               .refused = row->refused,
                               .worst_bytes = row->worst_bytes > used ? row->worst_bytes : used,
                               .worst_at = row->worst_at,
                               .level_since_at = row->level_since_at};
  for (size_t i = 0; i < RATION_LEVELS; i++) facts.level_ns[i] = row->level_ns[i];
  return facts;
}
