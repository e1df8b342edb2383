/*
 * slab.c: taking slabs and handing them back, without a lock.
 *
 * The stack's head is one word: a counter that every change raises, and the number of the topmost slab. Slabs
 * are never unmapped, so the link of one that was just taken may be read; the swap that would use it fails.
 */
#include "track/slab.h"

#include "base/atomics.h"
#include "base/compiler.h"
#include "base/test_point.h"
#include "heap/heap.h"
#include "model/category.h"
#include "model/sample_rows.h"
#include "model/tally.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/thread_end.h"
#include "os/thread_stack.h"
#include "track/caller.h"
#include "track/charging.h"
#include "track/happening.h"
#include "track/heartbeat.h"
#include "track/measuring.h"
#include "track/pressure.h"
#include "track/process.h"
#include "track/scope.h"

#define FREES_OF_A_CONSUMER 8

static uint64_t stack; /* counter << 32 | slab; slab 0: empty */

static uint32_t take_returned(void) {
  uint64_t top = load_acquire(&stack); /* pairs with put_back */
  while ((uint32_t)top) {
    uint32_t below =
        load_relaxed(&segment.slabs[(uint32_t)top].u.head.next); /* stale only if the swap fails */
    if (cas_acq_rel(&stack, &top, ((top >> 32) + 1) << 32 | below))
      return (uint32_t)top; /* pairs with put_back */
  }
  return 0;
}

static void put_back(uint32_t slab) {
  uint64_t top = load_relaxed(&stack); /* only a guess: the swap checks it */
  do {
    store_relaxed(&segment.slabs[slab].u.head.next, (uint32_t)top);
  } while (!cas_acq_rel(&stack, &top, ((top >> 32) + 1) << 32 | slab)); /* pairs with take_returned */
}

/* One that was never used. Where its pages cannot be had, no further one is tried. */
static uint32_t take_fresh(void) {
  uint32_t *count = &segment.header->slab_count;
  uint32_t slab = load_relaxed(count); /* only a guess: the swap checks it */
  do {
    if (slab >= load_relaxed(&segment.slab_limit)) return 0; /* a limit that only falls */
    struct ration_segment_slab *memory = &segment.slabs[slab];
    if (process_open_record(slab) < 0 || segment_make_present(&segment, memory, sizeof *memory) < 0) {
      store_relaxed(&segment.slab_limit, 0);
      return 0;
    }
    store_relaxed(&memory->u.tally[RATION_TAG_SAMPLED].credit,
                  RATION_SLAB_SAMPLED_CREDIT); /* the same, whoever stores it; its owner reads it */
    TEST_POINT("slab:present");
  } while (
      !cas_acq_rel(count, &slab, slab + 1)); /* pairs with process_visit_records, spent_ns, sum_unsettled */
  return slab;
}

struct slab_counts slab_counts(uint32_t slab) {
  struct slab_counts counts = {0};
  uint32_t categories = category_count(&segment);
  for (uint32_t id = 1; id <= categories; id++) {
    const struct ration_segment_tally *tally = segment_tally(&segment, slab, id);
    counts.allocations += load_relaxed(&tally->allocations); /* the calling thread's, as the rest */
    counts.frees += load_relaxed(&tally->frees);
    counts.allocated_bytes += load_relaxed(&tally->allocated_bytes);
  }
  return counts;
}

/*
 * What the slab has counted so far is not the new owner's. A reader that sees the new owner may still see what stood
 * here before, and looks again whether the owner was the same.
 */
static void hand_over(uint32_t slab, uint32_t thread_id) {
  struct ration_segment_slab_head *head = &segment.slabs[slab].u.head;
  struct slab_counts counts = slab_counts(slab);
  union {
    char chars[PROCESS_THREAD_NAME_BYTES];
    uint64_t words[2];
  } name = {.words = {0}};
  _Static_assert(sizeof name.chars == RATION_THREAD_NAME_BYTES, "the kernel's names fit");
  process_thread_name(name.chars);
  TEST_POINT("slab:summed");
  store_relaxed(&head->allocations_before, counts.allocations);
  store_relaxed(&head->frees_before, counts.frees);
  store_relaxed(&head->allocated_bytes_before, counts.allocated_bytes);
  TEST_POINT("slab:noted");
  for (int i = 0; i < 2; i++) store_relaxed(&head->name[i], name.words[i]);
  store_release(&head->owner, thread_id); /* pairs with segment_file_copy, the reader's */
  TEST_POINT("slab:owned");
  happening_note_thread(RATION_EVENT_THREAD_START, slab);
}

int slab_is_ready(void) {
  struct record *record = thread.record;
  if (!record->tallies) return 0;
  thread.is_as_summed = 0;
  if (UNLIKELY(!caller_is_up_to_date(record)) && !measuring_cancel(record)) {
    if (UNLIKELY(process_state_now() != PROCESS_TRACKING)) { /* a forked child: see process_wipe */
      record->tallies = NULL;
      return 0;
    }
    caller_bring_up_to_date(record);
    charging_return_credit(RATION_CATEGORY_TOTAL); /* see budgets_change: it may be from before a budget */
  }
  return 1;
}

int slab_ready(void) {
  if (slab_is_ready()) return 1;
  if (thread.state == THREAD_DEAD || process_has_forked()) return 0;
  uint64_t started = clock_ns();
  uint32_t slab = take_returned();
  if (!slab) slab = take_fresh();
  if (!slab) return 0;
  TEST_POINT("slab:taken");
  struct record *record = process_record(slab);
  record->slab = slab;
  record->thread = process_thread_id();
  record->shelf = (struct sample_shelf){0}; /* where fork has not wiped it, of another segment */
  hand_over(slab, record->thread);
  heartbeat_start(record);
  if (rules_have(&rules, RATION_RULE_THREAD))
    caller_forget_thread(record); /* a thread of another name had it */
  record->tallies = segment.slabs[slab].u.tally;
  if (process_has_forked()) { /* a signal handler, meanwhile: it is the parent's */
    record->tallies = NULL;
    return 0;
  }
  if (!thread.stock && heap_gives_pages()) thread.stock = stock_begin();
  caller_bring_up_to_date(record);
  thread.state = THREAD_OWNER;
  thread_go_inside();
  thread_end_watch();
  thread_come_out(record);
  thread_note_exception(thread.scope, thread.has_asker);
  add_owned(&segment.slabs[slab].u.head.managed_ns, clock_ns() - started);
  return 1;
}

int slab_ready_for_free(void) {
  if (slab_is_ready()) return 1;
  return thread.state == THREAD_FRESH && ++thread.idle_frees >= FREES_OF_A_CONSUMER && slab_ready();
}

void slab_thread_ended(void) {
  struct record *record = thread.record;
  thread_stack_forget();
  scope_close_all();
  thread.record = &record_none;
  thread.state = THREAD_DEAD;
  struct stock *stock = thread.stock;
  thread.stock = NULL; /* first: a signal handler that frees meanwhile has none */
  if (stock) page_heap_end(stock);
  if (!record->tallies || process_state_now() != PROCESS_TRACKING)
    return; /* a forked child that has not counted anything yet */
  TEST_POINT("slab:ending");
  uint32_t categories = category_count(&segment);
  for (uint32_t id = 1; id <= categories; id++) {
    struct charge_outcome outcome = {0};
    if (record->tallies[id].allowance) tally_close(&segment, id, &record->tallies[id], &outcome);
    if (outcome.is_due) pressure_follow(id, 0);
  }
  record->tallies = NULL;
  caller_suspend(record);
  sample_rows_clear(&segment, &record->shelf);
  happening_note_thread(RATION_EVENT_THREAD_END, record->slab);
  store_relaxed(&segment.slabs[record->slab].u.head.owner, 0); /* put_back orders it before the next owner */
  TEST_POINT("slab:nobodys");
  put_back(record->slab);
}

void slab_forget_all(void) {
  store_relaxed(&stack, 0); /* one thread runs: nothing to order */
}
