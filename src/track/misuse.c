/*
 * misuse.c: see misuse.h.
 */
#include "track/misuse.h"

#include <errno.h>

#include "base/compiler.h"
#include "heap/page/page_heap.h"
#include "model/event_ring.h"
#include "track/happening.h"
#include "track/process.h"
#include "track/sampling.h"

_Static_assert(MISUSE_DOUBLE_FREE == RATION_MISUSE_DOUBLE_FREE &&
                   MISUSE_WILD_FREE == RATION_MISUSE_WILD_FREE &&
                   MISUSE_LATE_WRITE == RATION_MISUSE_LATE_WRITE && MISUSE_OVERRUN == RATION_MISUSE_OVERRUN,
               "as readers have them");

static void note(enum misuse misuse, const struct heap_page *page, const void *address);

SLOW_PATH void misuse_note(enum misuse misuse, const struct heap_page *page, const void *address) {
  int kept_errno = errno;
  thread_begin_steps();
  if (process_has_segment() && !process_has_forked()) note(misuse, page, address);
  thread_end_steps();
  errno = kept_errno;
}

/* Sums, by enum misuse; that of late writes is lists_lost besides, where a link was hit. */
static uint64_t *count_of(enum misuse misuse) {
  struct ration_segment_process *process = segment.process;
  return misuse == MISUSE_DOUBLE_FREE  ? &process->double_frees
         : misuse == MISUSE_WILD_FREE  ? &process->wild_frees
         : misuse == MISUSE_LATE_WRITE ? &process->late_writes
                                       : &process->overruns;
}

/* Of an address at which no block begins it is not known what it may have been. */
static void note(enum misuse misuse, const struct heap_page *page, const void *address) {
  int is_block = misuse != MISUSE_WILD_FREE;
  uint32_t category = is_block ? page->category : RATION_CATEGORY_OTHER;
  add_relaxed(count_of(misuse), 1);
  happening_note((struct event){.kind = RATION_EVENT_MISUSE,
                                .category = (uint8_t)category,
                                .bytes = is_block ? page_heap_usable(page) : 0,
                                .limit = (uint64_t)misuse,
                                .freed = (uint64_t)(uintptr_t)address,
                                .detail = sampling_site(category)});
}
