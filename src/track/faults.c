/*
 * faults.c: see faults.h.
 */
#include "track/faults.h"

#include <errno.h>

#include "track/process.h"

void faults_note(enum page_heap_fault fault, const void *address) {
  (void)address;
  if (!process_has_segment() || process_has_forked()) return;
  struct ration_segment_process *process = segment.process;
  add_relaxed(fault == PAGE_HEAP_FREED ? &process->double_frees : &process->wild_frees, 1); /* sums */
}
