/*
 * paged.c: see paged.h.
 */
#include "track/paged.h"

#include <errno.h>
#include <string.h>

#include "base/test_point.h"
#include "os/memory.h"
#include "track/charging.h"
#include "track/misuse.h"
#include "track/process.h"
#include "track/slab.h"
#include "track/track.h"

/* A request as the page heap knows it. */
struct wish {
  size_t requested; /* as the program said it */
  size_t bytes;
  size_t alignment; /* 0: none in particular */
  int is_zeroed;
};

static int wish_of(struct request request, struct wish *ret_wish);
static void *allocate_quickly(struct wish wish, struct asker asker, uint32_t category);
static void end_sample(void *block);
static void free_not_ready(struct heap_page *page, void *block);

/* ---- allocation ---------------------------------------------------------------------------------------- */

void *paged_allocate(struct request request, struct asker asker, int *ret_refused) {
  struct wish wish;
  *ret_refused = 0;
  if (!wish_of(request, &wish)) return NULL;
  uint64_t usable = page_heap_usable_of(wish.bytes, wish.alignment);
  if (!usable) return NULL;
  int kept_errno = errno;
  struct demand demand = {.category = caller_category(asker, wish.requested, thread.record),
                          .bytes = usable,
                          .requested = wish.requested,
                          .asker = asker};
  void *block = allocate_quickly(wish, asker, demand.category);
  if (LIKELY(block != NULL)) return block;
  int result = charging_take(demand);
  *ret_refused = result == -EDQUOT;
  /* A handler may have forked: then this is the child, with a slab of its own or none. */
  TEST_POINT("paged:charged");
  if (result == 0 && thread.stock)
    block = page_heap_take(thread.stock, demand.category, wish.bytes, wish.alignment, wish.is_zeroed);
  TEST_POINT("paged:given");
  if (block) {
    tally_count_allocation(&thread.record->tallies[demand.category], usable, wish.requested);
    heartbeat_count_down(thread.record, usable);
    if (UNLIKELY(heartbeat_is_due(thread.record)))
      heartbeat(block, &(struct birth){.requested = wish.requested, .asker = asker});
  } else if (result == 0) {
    charging_settle(demand, 0);
  }
  errno = kept_errno;
  return block;
}

static void *allocate_quickly(struct wish wish, struct asker asker, uint32_t category) {
  struct record *record = thread.record;
  struct ration_segment_tally *tallies =
      load_relaxed(&record->tallies); /* NULL: a handler has forked, see paged.h */
  if (!tallies || wish.alignment || wish.bytes > SIZE_CLASSED_MOST || heap_is_hardened()) return NULL;
  uint32_t class = size_class_of(wish.bytes);
  void *block = paged_may_take(thread.stock->pages[category][class], size_class_bytes(class), wish.requested,
                               &tallies[category], record);
  if (UNLIKELY(!block)) return NULL;
  if (wish.is_zeroed) memset(block, 0, size_class_bytes(class));
  if (UNLIKELY(heartbeat_is_due(record)))
    heartbeat(block, &(struct birth){.requested = wish.requested, .asker = asker});
  return block;
}

/* A handler may have forked: then this is the child, with a slab of its own or none. */
void *paged_may_take_charged(size_t requested, uint32_t category) {
  uint32_t class = size_class_of(requested);
  uint64_t usable = size_class_bytes(class);
  const struct heap_page *page = thread.stock->pages[category][class];
  struct demand demand = {.category = category, .bytes = usable, .requested = requested};
  if (!page || !page->free) return NULL;
  int kept_errno = errno, is_charged = charging_may_take(demand);
  void *block = is_charged && thread.stock ? stock_take(thread.stock, category, class) : NULL;
  struct ration_segment_tally *tallies = thread.record->tallies;
  if (LIKELY(block != NULL)) {
    if (LIKELY(tallies != NULL)) tally_count_allocation(&tallies[category], usable, requested);
    heartbeat_count_down(thread.record, usable);
  } else if (is_charged) {
    charging_settle(demand, 0);
  }
  errno = kept_errno;
  return block;
}

/* What is asked for oddly, and what nobody can have, is left to the system heap: it says so as the program expects. */
static int wish_of(struct request request, struct wish *ret_wish) {
  struct wish wish = {.alignment = request.alignment, .is_zeroed = request.kind == REQUEST_CALLOC};
  if (__builtin_mul_overflow(request.size, request.count, &wish.bytes)) return 0;
  wish.requested = wish.bytes;
  switch (request.kind) {
  case REQUEST_MALLOC:
  case REQUEST_CALLOC:
  case REQUEST_REALLOC:
  case REQUEST_REALLOCARRAY:
    break;
  case REQUEST_POSIX_MEMALIGN:
    if (wish.alignment % sizeof(void *)) return 0;
    __attribute__((fallthrough));
  case REQUEST_MEMALIGN:
  case REQUEST_ALIGNED_ALLOC:
    if (wish.alignment == 0 || (wish.alignment & (wish.alignment - 1))) return 0;
    break;
  case REQUEST_PVALLOC:
    wish.bytes = (wish.bytes + memory_page_bytes() - 1) & ~(memory_page_bytes() - 1);
    if (wish.bytes < request.size) return 0;
    __attribute__((fallthrough));
  case REQUEST_VALLOC:
    wish.alignment = memory_page_bytes();
    break;
  }
  if (wish.alignment <= SIZE_CLASS_STEP) wish.alignment = 0;
  *ret_wish = wish;
  return 1;
}

/* ---- realloc ------------------------------------------------------------------------------------------- */

/* Takes the difference out of the credit, or puts it back. 0: it does not reach, and nothing has changed. */
static int may_exchange(struct ration_segment_tally *tally, uint64_t old, uint64_t new) {
  return new > old ? tally_may_take(tally, new - old) : tally_may_give(tally, old - new);
}

static void *move(struct heap_page *page, struct heap_page *to, struct heap_page_next head, void *block) {
  void *moved = heap_page_take_next(to, head);
  memcpy(moved, block, page->bytes < to->bytes ? page->bytes : to->bytes);
  stock_give(thread.stock, page, block);
  return moved;
}

/* Where the block is to be: its page, or that of the other class with a block at hand, *ret_head; NULL: there is none. */
ALWAYS_INLINE struct heap_page *page_for(struct heap_page *page, size_t bytes, const struct stock *stock,
                                         struct heap_page_next *ret_head) {
  *ret_head = (struct heap_page_next){NULL, NULL};
  if (page_heap_has_fit(page, bytes)) return page;
  struct heap_page *to = stock->pages[page->category][size_class_of(bytes)];
  if (LIKELY(to != NULL)) *ret_head = heap_page_next(to);
  return LIKELY(ret_head->block != NULL) ? to : NULL;
}

void *paged_may_resize(void *block, size_t bytes, struct asker asker) {
  struct record *record = thread.record;
  struct ration_segment_tally *tallies = paged_tallies(record);
  const struct stock *stock = record->stock;
  if (UNLIKELY(!tallies) || UNLIKELY(bytes - 1 >= SIZE_CLASSED_MOST)) return NULL;
  struct heap_page *page = region_row_of(block);
  if (!paged_is_own(page, block, stock) || heap_page_is_freed(page, block)) return NULL;
  struct heap_page_next head;
  struct heap_page *to = page_for(page, bytes, stock, &head);
  struct ration_segment_tally *tally = &tallies[page->category];
  if (!to || !may_exchange(tally, page->bytes, to->bytes)) return NULL;
  if (head.block) block = move(page, to, head, block);
  add_owned(&tally->frees, 1);
  add_owned(&tally->reallocations, 1);
  tally_count_allocation(tally, to->bytes, bytes);
  heartbeat_count_down(record, to->bytes);
  if (UNLIKELY(heartbeat_is_due(record)))
    heartbeat(block, &(struct birth){.requested = bytes, .asker = asker, .is_resized = 1});
  return block;
}

/* ---- free ---------------------------------------------------------------------------------------------- */

/* Of a thread with tallies for this path, which none has where the heap is hardened. */
static int may_give(struct stock *stock, struct ration_segment_tally *tallies, struct heap_page *page,
                    void *block) {
  uint64_t offset = (uint64_t)((const char *)block - region_memory_of(page));
  if (page->kind != SLOT_PAGE || UNLIKELY(heap_is_marked(page, block))) return 0;
  if (UNLIKELY(!heap_page_has_block(page, offset)) || UNLIKELY(heap_page_is_freed(page, block))) return 0;
  uint32_t category = page->category, bytes = page->bytes;
  struct ration_segment_tally *tally = &tallies[category];
  int is_paid = tally_may_give(tally, bytes);
  add_owned(&tally->frees, 1);
  if (UNLIKELY(heap_page_owner(page) == stock))
    stock_give(stock, page, block);
  else
    stock_send(stock, page, block);
  if (UNLIKELY(!is_paid)) charging_give_slow(category, bytes);
  return 1;
}

int paged_may_give_any(void *block) {
  const struct record *record = thread.record;
  struct stock *stock = load_relaxed(&record->stock); /* first: see paged.h */
  fence_signal();                                     /* pairs with process_wipe */
  struct ration_segment_tally *tallies = paged_tallies(record);
  if (UNLIKELY(!tallies)) return 0;
  struct heap_page *page = page_heap_find(block);
  return LIKELY(page != NULL) && may_give(stock, tallies, page, block);
}

void paged_free(struct heap_page *page, void *block) {
  enum misuse misuse = page_heap_check(page, block);
  if (UNLIKELY(misuse != MISUSE_NONE)) {
    misuse_note(misuse, page, block);
    return;
  }
  struct ration_segment_tally *tallies = slab_is_ready() ? thread.record->tallies : NULL;
  if (UNLIKELY(!tallies)) {
    free_not_ready(page, block);
    return;
  }
  uint32_t category = page->category;
  uint64_t usable = page_heap_usable(page);
  struct ration_segment_tally *tally = &tallies[category];
  if (UNLIKELY(heap_is_marked(page, block))) end_sample(block);
  page_heap_give(thread.stock, page, block);
  TEST_POINT("paged:given_back");
  add_owned(&tally->frees, 1);
  TEST_POINT("paged:freed");
  charging_give(category, usable);
}

static void end_sample(void *block) {
  struct ration_segment_sample sample;
  sampling_lift(block, RATION_TAG_SAMPLED, &sample);
  heap_set_whose(block, 0);
  sampling_end(&sample);
}

/* See free_rare of slow.c. */
static SLOW_PATH void free_not_ready(struct heap_page *page, void *block) {
  int kept_errno = errno;
  int is_tracking = track_state() == PROCESS_TRACKING;
  int has_slab = is_tracking && !thread.inside && slab_ready_for_free();
  errno = kept_errno;
  if (has_slab) {
    paged_free(page, block);
    return;
  }
  uint32_t category = page->category;
  int64_t usable = (int64_t)page_heap_usable(page);
  if (is_tracking && heap_is_marked(page, block)) end_sample(block);
  page_heap_give(thread.stock, page, block);
  if (is_tracking) charging_give_shared(category, (struct tally_shared_change){.bytes = -usable, .frees = 1});
  errno = kept_errno;
}
