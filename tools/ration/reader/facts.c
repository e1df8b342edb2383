/*
 * facts.c: one row, copied at once. Its numbers change one by one, and none depends on another.
 */
#include "reader/facts.h"

#include <string.h>

int facts_read(const struct segment_file *file, const struct layout *layout, struct facts *ret_facts) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_PROCESS];
  struct ration_segment_process row = {0};
  int error = table->rows > 0 ? layout_copy_row(file, table, 0, &row, sizeof row) : 0;
  if (error) return error;
  struct facts facts = {.is_memory_on = row.memory == 1,
                        .unwind = row.unwind,
                        .unwind_asked = row.unwind_asked,
                        .range_count = row.range_count,
                        .rules_count = row.rules_count,
                        .late_modules = row.late_modules,
                        .unread_modules = row.unread_modules,
                        .callers_lost = row.callers_lost,
                        .accounts_lost = row.accounts_lost,
                        .ranges_lost = row.ranges_lost,
                        .started_at = row.started_at,
                        .events_next = row.events_next,
                        .events_lost = row.events_lost,
                        .faults_injected = row.faults_injected,
                        .copied_at = row.copied_at,
                        .stream_next = row.stream_next,
                        .stream_lost = row.stream_lost,
                        .sample_mean = row.sample_mean,
                        .sample_share = row.sample_share,
                        .site_count = row.site_count,
                        .frame_count = row.frame_count,
                        .sample_count = row.sample_count,
                        .module_count = row.module_count,
                        .modules_lost = row.modules_lost,
                        .stacks_truncated = row.stacks_truncated,
                        .sizes_lost = row.sizes_lost,
                        .start_ns = row.start_ns,
                        .measured_calls = row.measured_calls,
                        .measured_ns = (int64_t)row.measured_ns,
                        .lists_lost = row.lists_lost,
                        .double_frees = row.double_frees,
                        .wild_frees = row.wild_frees,
                        .late_writes = row.late_writes,
                        .overruns = row.overruns,
                        .page_region = row.page_region,
                        .page_region_bytes = row.page_region_bytes,
                        .page_rows = row.page_rows};
  memcpy(facts.samples_lost, row.samples_lost, sizeof facts.samples_lost);
  memcpy(facts.stacks_ended, row.stacks_ended, sizeof facts.stacks_ended);
  *ret_facts = facts;
  return 0;
}
