/*
 * facts.c: the row is copied until it says the same twice, a few times: its heap figures belong together.
 */
#include "reader/facts.h"

#include <string.h>

#define TRIES 4

static int copy_row(const struct segment_file *file, const struct layout *layout,
                    struct ration_segment_process *ret_row);

int facts_read(const struct segment_file *file, const struct layout *layout, struct facts *ret_facts) {
  struct ration_segment_process row = {0}, again = {0};
  if (layout->tables[RATION_TABLE_PROCESS].rows == 0) {
    *ret_facts = (struct facts){0};
    return 0;
  }
  int error = copy_row(file, layout, &row);
  bool is_same = false;
  for (int try = 0; try < TRIES && !error && !is_same; try++) {
    error = copy_row(file, layout, &again);
    is_same = memcmp(&row, &again, sizeof row) == 0;
    row = again;
  }
  if (error) return error;
  /* Without a time they are just being written. */
  bool has_heap = row.has_heap_bytes == 1 && row.heap_at_ns > 0;
  *ret_facts = (struct facts){.is_memory_on = row.memory == 1,
                              .has_heap_bytes = has_heap,
                              .heap_bytes = has_heap ? row.heap_bytes : 0,
                              .heap_live_bytes = has_heap ? row.heap_live_bytes : 0,
                              .heap_at_ns = has_heap ? row.heap_at_ns : 0,
                              .unwind = row.unwind,
                              .unwind_asked = row.unwind_asked,
                              .range_count = row.range_count,
                              .rules_count = row.rules_count,
                              .late_modules = row.late_modules,
                              .stacks_failed = row.stacks_failed,
                              .accounts_lost = row.accounts_lost,
                              .ranges_lost = row.ranges_lost};
  return 0;
}

static int copy_row(const struct segment_file *file, const struct layout *layout,
                    struct ration_segment_process *ret_row) {
  return layout_copy_row(file, &layout->tables[RATION_TABLE_PROCESS], 0, ret_row, sizeof *ret_row);
}
