/*
 * fork_books.c: summing before fork, comparing after, recounting where nothing was summed. What accounts hold cannot
 * be counted anew, nor what pools said: there the child takes what its parent's say at its first operation.
 */
#include "track/fork_books.h"

#include "base/test_point.h"
#include "heap/heap.h"
#include "model/books.h"
#include "model/category.h"
#include "model/samples.h"
#include "model/sites.h"
#include "model/tally.h"
#include "track/accounts.h"
#include "track/caller.h"
#include "track/fork_pools.h"
#include "track/fork_samples.h"
#include "track/process.h"

/* One forking thread at a time sums here; another one's child recounts. */
static struct books summed[RATION_CATEGORY_IDS];
static struct account_figures accounts[RATION_CATEGORY_IDS];
static uint32_t is_taken;
/* What all slabs but the forking thread's hold; where no thread counts, charges or gives back, it stays the same. */
struct standing {
  uint64_t counts, credit;
};
static uint32_t forker; /* its slab; 0: it has none */
static struct standing others;
static uint64_t error_bytes;
static uint64_t
    unsettled_bytes; /* of threads that were in the midst of a charge when the books were summed */
/* This is a child that has counted nothing yet: its books start from `summed`. */
static int is_inherited;

static void note_standing(void);

/* Such a thread has charged what it does not hold yet, and may get no further before the child looks what has moved. */
static uint64_t sum_unsettled(void) {
  uint64_t sum = 0;
  uint32_t slabs =
      load_acquire(&segment.header->slab_count); /* pairs with take_fresh: its pages are present */
  for (uint32_t slab = 1; slab < slabs; slab++)
    sum += RATION_SLAB_UNSETTLED(
        load_relaxed(&segment.slabs[slab].u.head.next)); /* others change it, at any moment */
  return sum;
}

void fork_books_prepare(void) {
  uint32_t nobody = 0;
  if (process_state_now() != PROCESS_TRACKING)
    return; /* a child that has counted nothing hands on what it has */
  thread.has_books = 0;
  if (!cas_acq_rel(&is_taken, &nobody, 1)) return; /* pairs with fork_books_parent */
  uint32_t last = category_count(&segment);
  note_standing();
  for (uint32_t id = 1; id <= last; id++) summed[id] = books_sum(&segment, id);
  for (uint32_t id = last + 1; id < RATION_CATEGORY_IDS; id++) summed[id] = (struct books){0};
  unsettled_bytes = sum_unsettled();
  TEST_POINT("fork_books:summed");
  account_note_all(&segment, accounts);
  fork_pools_prepare();
  fork_samples_prepare();
  thread.has_books = 1;
}

static struct standing standing_of_others(const struct segment *parents) {
  struct standing sum = {0, 0};
  uint32_t slabs = load_relaxed(&parents->header->slab_count), last = category_count(parents);
  for (uint32_t slab = 0; slab < slabs; slab++) {
    if (slab == forker && forker != 0) continue;
    for (uint32_t id = 1; id <= last; id++) {
      const struct ration_segment_tally *tally = segment_tally(parents, slab, id);
      sum.counts +=
          load_relaxed(&tally->allocations) + load_relaxed(&tally->frees); /* sums, as books.c has them */
      sum.credit += load_relaxed(&tally->credit);
    }
  }
  return sum;
}

/* From here on the forking thread is told of what it does itself: its next operation is in the slow path. */
static void note_standing(void) {
  forker = thread.record->tallies ? thread.record->slab : 0;
  others = standing_of_others(&segment);
  caller_keep_slow(thread.record);
  thread.is_as_summed = 1;
}

void fork_books_parent(void) {
  if (process_state_now() != PROCESS_TRACKING) return;
  if (thread.has_books) {
    fork_samples_parent();
    fork_pools_parent();
    store_release(&is_taken, 0); /* pairs with fork_books_prepare */
  }
  thread.has_books = 0;
}

/* Nobody has counted anything between then and the fork. What the forking thread has counted by now, it has in the parent. */
static int is_exact(const struct segment *parents) {
  struct standing now = standing_of_others(parents);
  return thread.is_as_summed && now.counts == others.counts && now.credit == others.credit;
}

/* Bytes allocated and freed since they were summed; freed = allocated - live. */
static uint64_t moved_since(const struct segment *parents) {
  uint64_t moved = 0;
  uint32_t last = category_count(parents);
  for (uint32_t id = 1; id <= last; id++) {
    struct books now = books_sum(parents, id);
    uint64_t allocated = now.allocated_bytes - summed[id].allocated_bytes;
    int64_t grown = (int64_t)(now.live_bytes - summed[id].live_bytes);
    int64_t freed =
        (int64_t)allocated - grown; /* below 0 while a thread is between its charge and its credit */
    moved += allocated + (uint64_t)(freed < 0 ? -freed : freed);
  }
  return moved;
}

void fork_books_child(void) {
  if (thread.has_books) {
    error_bytes = (is_exact(&segment) ? 0 : moved_since(&segment)) + unsettled_bytes;
    is_inherited = 1;
  }
  thread.has_books = 0; /* the child's first allocation may be another thread's */
  is_taken = 0;         /* another forking thread of the parent's may have held it */
  process_wipe();
}

static int copy_categories(struct segment *child, const struct segment *parents) {
  uint32_t last = category_count(parents);
  int result = 0;
  for (uint32_t id = RATION_CATEGORY_FIRST; id <= last && result == 0; id++)
    result = category_copy(child, segment_category(parents, id));
  return result;
}

/* Before there are budgets: what is there is there. */
static void open_change(struct segment *child, uint32_t id, struct tally_shared_change change) {
  struct charge_outcome outcome = {0};
  tally_shared(child, id, change, (struct charge_right){0}, &outcome);
}

static void open_summed(struct segment *child, uint32_t id) {
  struct tally_shared_change change = {.bytes = (int64_t)summed[id].live_bytes,
                                       .allocations = summed[id].allocations,
                                       .frees = summed[id].frees,
                                       .reallocations = summed[id].reallocations,
                                       .allocated_bytes = summed[id].allocated_bytes,
                                       .requested_bytes = summed[id].requested_bytes};
  add_relaxed(&segment_tally(child, 0, id)->refused, summed[id].refused); /* a sum */
  open_change(child, id, change);
}

static void recount_block(void *child, void *block, unsigned char category) {
  if (page_heap_find(block)) return; /* a sample, among those of its page */
  uint64_t usable = heap_usable(block);
  struct tally_shared_change change = {
      .bytes = (int64_t)usable, .allocations = 1, .allocated_bytes = usable, .requested_bytes = usable};
  uint32_t id = category;
  struct ration_segment_sample sample;
  if (id == RATION_TAG_SAMPLED && samples_find(child, (uint64_t)(uintptr_t)block, &sample) == 0)
    id = sites_category(child, sample.site);
  if (segment_category(child, id)) open_change(child, id, change);
}

static void recount_page(void *child, const struct heap_page *page, uint64_t blocks) {
  uint64_t bytes = blocks * page_heap_usable(page);
  struct tally_shared_change change = {
      .bytes = (int64_t)bytes, .allocations = blocks, .allocated_bytes = bytes, .requested_bytes = bytes};
  if (segment_category(child, page->category)) open_change(child, page->category, change);
}

int fork_books_open(struct segment *child, const struct segment *parents) {
  int result = copy_categories(child, parents);
  if (result < 0) return result;
  TEST_POINT("fork_books:categories");
  if (!is_inherited) { /* noted, perhaps in part, by another thread that forks */
    fork_samples_parent();
    fork_pools_parent();
  }
  fork_samples_open(child, parents, is_inherited && error_bytes == 0);
  TEST_POINT("fork_books:samples");
  if (is_inherited) {
    uint32_t last = category_count(child);
    for (uint32_t id = 1; id <= last; id++) open_summed(child, id);
    child->header->inherited_error_bytes = error_bytes;
  } else {
    tag_map_visit(recount_block, child);
    page_heap_visit(thread.stock, recount_page, child);
    account_note_all(parents, accounts);
  }
  TEST_POINT("fork_books:opened");
  accounts_open_child(child, accounts);
  fork_pools_open(child, parents);
  is_inherited = 0;
  return 0;
}
