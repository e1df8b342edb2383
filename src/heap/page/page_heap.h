/*
 * page_heap.h: the page heap as its users see it: blocks of any size and alignment from a thread's stock, whose they are,
 * and how they go back.
 *
 * Small blocks, up to 64 KiB, lie in heap pages (heap_page.h); larger ones are spans (spans.h), which grow in place as
 * far as their span goes, and else are moved by the system's hand, without copying, where it can.
 *
 * A block's usable size is that of its class, or whole pages of the system; it is constant while the block lives, and all
 * of it is the program's.
 */
#ifndef RATION_HEAP_PAGE_PAGE_HEAP_H
#define RATION_HEAP_PAGE_PAGE_HEAP_H

#include "heap/page/misuse.h"
#include "heap/page/stock.h"

/* Alignments up to this are to be had. */
#define PAGE_HEAP_ALIGNMENT_MOST REGION_ALIGNMENT

/* Once. Returns 0, or what region_prepare returns. `bytes_most`: a power of two; is_hardened: see harden.h. */
int page_heap_prepare(size_t bytes_most, int is_hardened);

/* The page, or span, of a block that is the heap's; NULL: it is not. */
static inline struct heap_page *page_heap_find(const void *address) {
  struct heap_page *page = region_row(address);
  return page && page->kind == SLOT_PART ? &region.rows[page->first] : page;
}

static inline size_t page_heap_usable(const struct heap_page *page) {
  return page->kind == SLOT_LARGE ? page->large_bytes : page->usable;
}

/* Is this where a block of the page, or span, begins, and one that may ever have been given out? */
static inline int page_heap_is_block(const struct heap_page *page, const void *address) {
  uint64_t offset = (uint64_t)((const char *)address - region_memory_of(page));
  if (page->kind != SLOT_PAGE) return page->kind == SLOT_LARGE && !offset;
  return heap_page_may_have_block(page, offset);
}

/* Is something wrong with a block that is to be given back? */
static inline enum misuse page_heap_check(const struct heap_page *page, const void *address) {
  if (!page_heap_is_block(page, address)) return MISUSE_WILD_FREE;
  int is_freed = page->kind == SLOT_PAGE && heap_page_is_freed(page, address);
  return is_freed ? MISUSE_DOUBLE_FREE : MISUSE_NONE;
}

/* Does somebody hold the block that begins at this address? Of a page in use this is true at some moment of the look. */
static inline int page_heap_is_held(const struct heap_page *page, const void *address) {
  return page_heap_check(page, address) == MISUSE_NONE;
}

/* The usable size that a block of so many bytes comes with; 0: too large, or too large an alignment. */
size_t page_heap_usable_of(size_t bytes, size_t alignment);

/* A block for the category; alignment: a power of two, or 0. NULL: no memory, or too large an alignment. is_zeroed: all of
   its bytes are zero. */
void *page_heap_take(struct stock *stock, uint32_t category, size_t bytes, size_t alignment, int is_zeroed);

/* Takes it back. `stock` is the calling thread's; NULL: it has none. */
void page_heap_give(struct stock *stock, struct heap_page *page, void *block);

/* What the stock keeps back of blocks that were given goes to their pages, as when its owner ends; and its free pages to the
   system, all that can. */
void page_heap_end(struct stock *stock);
void page_heap_trim(struct stock *stock);

/* A block of a page stays where it is for as long as it is of the right class, or not much too large. */
static inline int page_heap_has_fit(const struct heap_page *page, size_t bytes) {
  return bytes <= page->usable &&
         (bytes >= page->usable / 2 || size_class_of(bytes + page->bytes - page->usable) == page->class);
}

/* Would the page's, or span's, block stay where it is, if it were resized? Then its usable size is *ret_usable. */
int page_heap_may_resize(const struct heap_page *page, size_t bytes, size_t *ret_usable);

/* Resizes it where it is; 0: it cannot, and is as it was. */
int page_heap_resize(struct heap_page *page, size_t bytes);

/* The same by a block, of the same category, that has what the old one has had; a large one may be the same. NULL: no memory,
   and the old one is as it was. `stock` is the calling thread's. */
void *page_heap_move(struct stock *stock, struct heap_page *page, void *block, size_t bytes);

/* Calls `visit` with each page and span that is not free, and how many blocks of it are given out: at rest exact, but for
   those in the outboxes of other stocks than the calling thread's, `own`, which may be NULL. */
void page_heap_visit(const struct stock *own,
                     void (*visit)(void *context, const struct heap_page *page, uint64_t blocks),
                     void *context);

/* At rest: every page, span and list is as its header says. */
int page_heap_is_valid(void);

#endif
