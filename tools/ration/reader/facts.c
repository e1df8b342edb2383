/*
 * facts.c: one row, copied at once. Its numbers change one by one, and none depends on another.
 */
#include "reader/facts.h"

int facts_read(const struct segment_file *file, const struct layout *layout, struct facts *ret_facts) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_PROCESS];
  struct ration_segment_process row = {0};
  int error = table->rows > 0 ? layout_copy_row(file, table, 0, &row, sizeof row) : 0;
  if (error) return error;
  *ret_facts = (struct facts){.is_memory_on = row.memory == 1,
                              .unwind = row.unwind,
                              .unwind_asked = row.unwind_asked,
                              .range_count = row.range_count,
                              .rules_count = row.rules_count,
                              .late_modules = row.late_modules,
                              .unread_modules = row.unread_modules,
                              .stacks_failed = row.stacks_failed,
                              .accounts_lost = row.accounts_lost,
                              .ranges_lost = row.ranges_lost,
                              .started_at = row.started_at,
                              .events_next = row.events_next,
                              .events_lost = row.events_lost,
                              .faults_injected = row.faults_injected};
  return 0;
}
