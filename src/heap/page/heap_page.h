/*
 * heap_page.h: a page of the page heap: blocks of one size class, one category and one stock, side by side in one slot
 * of the region, or in eight, where they are large.
 *
 * Nothing is stored per block: its size, category and owner are its page's, in a row of the region's table. The first
 * cache line is read and written by the owner's thread alone, who takes and gives blocks without a locked instruction; in
 * the second is what each free has to know, and where other threads' frees go (remote.h).
 *
 *   carved <= capacity;   blocks on the free list + used = carved
 *   the carved ones lie side by side: carved_bytes = carved * bytes, from carved_from on
 *   used = blocks that the program holds, those that are delayed, and those freed by other threads that are on their way
 *          to `remote`, or still there
 *   used = left + tells_at, modulo 2^16: so one decrement frees a block, and says whether the page has to be looked at
 *
 * A link of a free list is kept in the first word of the block, hidden by the region's secret and the block's page: an
 * overrun or a write after free does not make an address of it, but one that lies in no page, which is noticed when it
 * would be used. The second word of a free block is its own mark, so that a block freed twice is noticed.
 */
#ifndef RATION_HEAP_PAGE_HEAP_PAGE_H
#define RATION_HEAP_PAGE_HEAP_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "heap/page/size_class.h"

#define SLOT_BITS  16
#define SLOT_BYTES ((size_t)1 << SLOT_BITS)

#define HEAP_PAGE_WIDE_ORDER 3                     /* of pages with large blocks: 8 slots */
#define HEAP_PAGE_SMALL_MOST ((uint32_t)(8 << 10)) /* the largest block in one slot */
#define HEAP_PAGE_TELLS_NOT  UINT16_MAX
#define HEAP_PAGE_BYTES_MOST (SLOT_BYTES << HEAP_PAGE_WIDE_ORDER)

enum slot_kind {
  SLOT_NONE, /* never used, or inside of a span */
  SLOT_FREE, /* the first of a free span */
  SLOT_PAGE, /* the first of a heap page */
  SLOT_PART, /* a further one of a heap page: `first` says of which */
  SLOT_LARGE /* the first of a span that is one block */
};

struct heap_page {
  /* The owner's, in use; the lock's of spans.c, while the span is free. */
  struct free_block *free; /* the first free block, or NULL */
  uint64_t mask;           /* what links are hidden by; of a large block: its bytes that may not be zero */
  uint16_t left;           /* blocks to be given until the owner has to look at the page: see stock_told */
  uint16_t tells_at; /* when used falls to this, the page is empty, or full no more; HEAP_PAGE_TELLS_NOT */
  uint16_t carved;
  uint16_t capacity;
  uint32_t next,
      previous; /* in the stock's list of its kind, which goes round; of a free span: in that of its order */
  uint32_t rotation;  /* block that was carved first: not all pages begin at the same lines of the cache */
  uint8_t is_listed;  /* in its stock's list */
  uint8_t is_retired; /* in its stock's list of pages that were empty */
  uint16_t delayed;   /* blocks that were given back, and wait in whosever stock: see harden.h */
  uint32_t dirty;     /* of a free span: slots from its start that may not be zero */
  uint32_t freed_at;  /* ms; of a dirty one, or a page that is retired: these are in lists by age */
  uint32_t dirty_next, dirty_previous;
  uint64_t marked; /* which blocks may be marked: see heap_page_may_be_marked; written by who marks one */

  /* Everybody's: who frees a block reads it; but for the first it is written when the page is made. */
  uint64_t remote __attribute__((aligned(64))); /* see remote.h */
  uint64_t divisor;                             /* 2^64 / bytes, rounded up: see heap_page_has_block */
  uint64_t mask_too;                            /* ~mask */
  uint64_t large_bytes;                         /* of a span that is one block: usable ones */
  uint64_t owner;        /* address of the stock, 0: none; from bit 48 on, how many blocks are marked */
  uint32_t bytes;        /* of a block */
  uint32_t carved_bytes; /* see heap_page_has_block */
  uint32_t inbox_next;   /* see remote.h */
  union {
    uint32_t first;       /* of a part: the slot of its page */
    uint32_t carved_from; /* of a page */
  };
  uint8_t category, class;
  uint8_t kind;    /* enum slot_kind */
  uint8_t order;   /* of the span: 2^order slots */
  uint32_t usable; /* bytes of a block that are the program's: all, but for a canary (harden.h) */
} __attribute__((aligned(128)));

_Static_assert(sizeof(struct heap_page) == 128, "a row is two cache lines");
_Static_assert(offsetof(struct heap_page, remote) == 64, "the owner's is the first");

/* Relaxed: who asks for another's row has the lock of spans.c, and looks for spans that are free, which none becomes and
   ceases to be but under it. */
static inline enum slot_kind heap_page_kind(const struct heap_page *page) {
  return (enum slot_kind)load_relaxed(&page->kind);
}

static inline void heap_page_set_kind(struct heap_page *page, enum slot_kind kind) {
  store_relaxed(&page->kind, (uint8_t)kind);
}

struct stock;
#define HEAP_PAGE_MARK_ONE (UINT64_C(1) << 48)

/* The stock whose page it is. */
static inline struct stock *heap_page_owner(const struct heap_page *page) {
  uint64_t owner = load_relaxed(&page->owner); /* constant, while somebody holds a block */
  return (struct stock *)(uintptr_t)(owner % HEAP_PAGE_MARK_ONE);
}

/*
 * Blocks of the page may be marked, by whoever holds them; which ones, the marker knows. What is asked on each free is
 * whether there are any: one comparison answers that with whose the page is.
 */
static inline int heap_page_has_marks(const struct heap_page *page) {
  return load_relaxed(&page->owner) >=
         HEAP_PAGE_MARK_ONE; /* who holds a block sees what it was marked with */
}

/*
 * And which ones they may be: of 48 bits each block has one, which is set while a block with that bit is marked, and until
 * none is. So who frees another block of such a page seldom has to ask the marker. In the same word is their number.
 */
#define HEAP_PAGE_MARK_BITS 48

ALWAYS_INLINE uint64_t heap_page_mark_bit(const void *block) {
  uint32_t hash = (uint32_t)((uintptr_t)block / SIZE_CLASS_STEP) * UINT32_C(0x9e3779b1);
  return UINT64_C(1) << ((uint64_t)hash * HEAP_PAGE_MARK_BITS >> 32);
}

ALWAYS_INLINE int heap_page_may_be_marked(const struct heap_page *page, const void *block) {
  return (load_relaxed(&page->marked) & heap_page_mark_bit(block)) != 0; /* as above */
}

/* Rare: once for each sample. */
static inline void heap_page_count_mark(struct heap_page *page, const void *block, int is_marked) {
  const uint64_t one = UINT64_C(1) << HEAP_PAGE_MARK_BITS;
  uint64_t before = load_relaxed(&page->marked), after; /* only a guess: the swap checks it */
  do {
    after = is_marked ? (before | heap_page_mark_bit(block)) + one : before - one;
    if (after < one) after = 0;
  } while (!cas_relaxed(&page->marked, &before, after));
  add_relaxed(&page->owner, is_marked ? HEAP_PAGE_MARK_ONE : 0 - HEAP_PAGE_MARK_ONE); /* a count */
}

/* Blocks that are not on the list. */
static inline uint32_t heap_page_used(const struct heap_page *page) {
  return (uint16_t)(load_relaxed(&page->left) +
                    load_relaxed(&page->tells_at)); /* the owner's; to others a figure */
}

static inline void heap_page_tell_at(struct heap_page *page, uint32_t used) {
  page->left = (uint16_t)(page->left + page->tells_at - used);
  page->tells_at = (uint16_t)used;
}

struct free_block {
  uint64_t link; /* the next one's address, hidden */
  uint64_t mark; /* the block's own address, hidden otherwise */
};
_Static_assert(sizeof(struct free_block) == SIZE_CLASS_STEP, "the smallest block holds it");

/* A link has been overwritten: what is on the list is lost, and counted so. Returns NULL. */
SLOW_PATH void *heap_page_give_up(struct heap_page *page);
extern uint64_t heap_page_lists_lost INTERNAL;

/* As the owner does it, by `mask`, which is ~mask_too. */
ALWAYS_INLINE uint64_t heap_page_hide(const struct heap_page *page, const void *behind) {
  return (uint64_t)(uintptr_t)behind ^ ~page->mask_too;
}

ALWAYS_INLINE void *heap_page_reveal(uint64_t mask, uint64_t link) {
  return (void *)(uintptr_t)(link ^ mask);
}

ALWAYS_INLINE uint64_t heap_page_mark(const struct heap_page *page, const void *block) {
  return (uint64_t)(uintptr_t)block ^ page->mask_too;
}

/* A block's start is a multiple of its size from that of any other. Lemire, Kaser, Kurz, "Faster remainder by direct
   computation", Software: Practice and Experience 49 (2019): offset < 2^19, bytes < 2^17. */
ALWAYS_INLINE int heap_page_is_start(const struct heap_page *page, uint32_t from, uint32_t bytes,
                                     uint32_t offset) {
  uint32_t into = offset - from;
  return into < bytes && into * page->divisor < page->divisor;
}

/* For the owner: a block that was ever on the list begins there. */
ALWAYS_INLINE int heap_page_has_block(const struct heap_page *page, uint64_t offset) {
  return heap_page_is_start(page, page->carved_from, page->carved_bytes, (uint32_t)offset);
}

/* For anybody: of a block that somebody holds this is true. */
static inline int heap_page_may_have_block(const struct heap_page *page, uint64_t offset) {
  uint32_t from = load_acquire(&page->carved_from);                        /* pairs with note_carved */
  return heap_page_is_start(page, from, load_relaxed(&page->carved_bytes), /* more, if it is another now */
                            (uint32_t)offset);
}

/* The number of the block in which such an offset lies. */
static inline uint32_t heap_page_index(const struct heap_page *page, uint64_t offset) {
  return (uint32_t)((unsigned __int128)offset * page->divisor >> 64);
}

static inline uint64_t heap_page_divisor(uint32_t bytes) {
  return UINT64_MAX / bytes + 1;
}

/* A link that leads out of the page, or nowhere. */
ALWAYS_INLINE int heap_page_is_astray(const void *block, const void *behind) {
  return ((uint64_t)(uintptr_t)block ^ (uint64_t)(uintptr_t)behind) >= HEAP_PAGE_BYTES_MOST;
}

/* The next block that the owner will take, and what is on the list then. No block: heap_page_take says why. */
struct heap_page_next {
  struct free_block *block;
  void *then;
};

ALWAYS_INLINE struct heap_page_next heap_page_next(const struct heap_page *page) {
  struct heap_page_next head = {.block = page->free};
  if (UNLIKELY(!head.block)) return head;
  head.then = heap_page_reveal(page->mask, head.block->link);
  __asm__(""
          : "+r"(head.then)); /* gcc keeps link and mask for its being NULL, in registers that are not free */
  if (UNLIKELY(heap_page_is_astray(head.block, head.then)) && head.then) head.block = NULL;
  return head;
}

/* Takes it. Its first word is what it was on the list, the second is zero. */
ALWAYS_INLINE void *heap_page_take_next(struct heap_page *page, struct heap_page_next head) {
  page->free = head.then;
  page->left++;
  head.block->mark = 0;
  return head.block;
}

/* A block, for the owner; NULL: none is on the list. */
ALWAYS_INLINE void *heap_page_take(struct heap_page *page) {
  struct heap_page_next head = heap_page_next(page);
  if (LIKELY(head.block != NULL)) return heap_page_take_next(page, head);
  return page->free ? heap_page_give_up(page) : NULL;
}

/* Was freed before, by all appearance: what the program holds has this word once in 2^64. */
ALWAYS_INLINE int heap_page_is_freed(const struct heap_page *page, const struct free_block *block) {
  return block->mark == heap_page_mark(page, block);
}

/* A block back, for the owner; `mark` is heap_page_mark of it. Yields 1 where it has to look at the page: stock_told. */
ALWAYS_INLINE int heap_page_give(struct heap_page *page, void *address, uint64_t mark) {
  struct free_block *block = address;
  block->link = (uint64_t)(uintptr_t)page->free ^ page->mask;
  block->mark = mark;
  page->free = block;
  return --page->left == 0;
}

/* A new page, in a span that is nobody's. */
void heap_page_make(struct heap_page *page, struct stock *stock, uint32_t category, uint32_t class);

/* Puts further blocks on the list, those of 4 KiB at a time, later of 16. 0: all are carved. */
int heap_page_carve(struct heap_page *page);

/* For checks: the formulas above hold, and each link leads to a block of the page. O(blocks). */
int heap_page_is_valid(const struct heap_page *page);

#endif
