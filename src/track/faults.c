/*
 * faults.c: see faults.h.
 */
#include "track/faults.h"

static uint64_t counts[PAGE_HEAP_FREED + 1];

void faults_note(enum page_heap_fault fault, const void *address) {
  (void)address;
  add_relaxed(&counts[fault], 1); /* a sum */
}
