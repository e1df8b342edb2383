/*
 * heap.h: the boundary behind which blocks come from. Layers above ask four things and know nothing else:
 * give me a block, whose is this block, take it back, resize it.
 *
 *   system  the next allocator in link order (os/next.h) gives the blocks, the tag map remembers their categories, and
 *           nothing is added to a block
 *   page    a heap of the shim's own (heap/page/page_heap.h), where a block's category is its page's
 *
 * Where blocks come from the page heap, those that it cannot give are the system heap's, and whose a block is, its address
 * says. All of this is inlined into the fast path.
 */
#ifndef RATION_HEAP_HEAP_H
#define RATION_HEAP_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "heap/page/harden.h"
#include "heap/page/page_heap.h"
#include "heap/tag_map.h"
#include "os/next.h"

/* Prepares the heap over the next allocator. Returns 0 or -ENOMEM. */
int heap_prepare(void);

/* The page heap besides, whose empty pages go back to the system after so long. Returns 0, -ENOMEM or -EPERM: see
   region_prepare. */
int heap_prepare_pages(uint64_t decay_ms, int is_hardened);

/* It is there. */
static inline int heap_is_paged(void) {
  return region.start != NULL; /* settled at start, by one thread */
}

/* It is there, and new blocks come from it: until it is left, for good. */
extern uint32_t heap_is_left INTERNAL;
static inline int heap_gives_pages(void) {
  return heap_is_paged() &&
         !load_relaxed(&heap_is_left); /* who does not know yet gets some more blocks there */
}

/* A thread with this stock gets its blocks from there. */
static inline int heap_serves(const struct stock *stock) {
  return stock && !load_relaxed(&heap_is_left); /* likewise */
}

/* Its blocks have more checks, and no fast path. */
static inline int heap_is_hardened(void) {
  return harden.is_on != 0; /* likewise */
}

/* Address space that it takes: the tag map's table and a few leaves. */
uint64_t heap_reservation(void);

/* At a heartbeat: what has become free of the page heap goes back to the system in time. `own` is the calling thread's stock,
   or NULL. At once: all that can. Yields whether something did. */
void heap_tend(struct stock *own);
int heap_trim(struct stock *own);

/* Once the page heap is left: the address space that it has never used goes back. */
void heap_shrink(void);

/* Round fork. `own` is the calling thread's stock, NULL: it has none. In a child of a raw clone the last one alone is called;
   in others, too. */
void heap_before_fork(void);
void heap_after_fork(void);
void heap_after_fork_in_child(const struct stock *own);
void heap_adopt_child(const struct stock *own);

/*
 * Over glibc all that is asked can be answered in a few instructions; over other allocators it takes a call.
 * The hot path has a version for each, and the flavour is a constant in it.
 */
enum heap_flavour { HEAP_LIBC, HEAP_OTHER };
#define HEAP_LIBC_SHIFT 4

/* glibc's blocks, with sizes that can be read: the hot path may take the short version. */
static inline int heap_is_libc(void) {
  return load_relaxed(&next.has_chunk_sizes); /* settled once, by a block that may be another thread's */
}

/*
 * Whose is it? The place of the tag of the block that starts at `address`; NULL or a tag of 0: not ours. A
 * block's holder writes its category there, and 0 before it gives the block back.
 */
ALWAYS_INLINE unsigned char *heap_tag(const void *address, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? tag_place_at(address, HEAP_LIBC_SHIFT) : tag_place(address);
}

/* The same for a block that the heap has given a moment ago. */
ALWAYS_INLINE unsigned char *heap_tag_of_given(const void *block, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? tag_place_given(block, HEAP_LIBC_SHIFT) : tag_place(block);
}

/*
 * Whose is the block that starts at `address`, of whichever heap: its category, RATION_TAG_SAMPLED, or 0: not ours. Its
 * holder says so from then on; 0: it is about to be given back. Yields 0 where there is no memory to remember it. What is
 * said of a block of the page heap, whose category never changes, is whether it is a sample.
 */
uint32_t heap_whose(const void *address);
int heap_set_whose(void *block, uint32_t whose);

/* Of a block of the page heap: is it a sample? */
ALWAYS_INLINE int heap_is_marked(const struct heap_page *page, const void *block) {
  if (LIKELY(!heap_page_has_marks(page)) || LIKELY(!heap_page_may_be_marked(page, block))) return 0;
  const unsigned char *tag = tag_place(block);
  return tag && load_relaxed(tag) != 0; /* see tag_map.h */
}

/* Is there memory to remember of this block that it is a sample? Then there always is. */
int heap_may_mark(const void *block);

/* The usable size of a block of the system heap. */
static inline size_t heap_system_usable(void *block) {
  return heap_is_libc() ? next_chunk_usable(block) : next.usable(block);
}

/* The same of either heap. */
static inline size_t heap_usable(void *block) {
  const struct heap_page *page = page_heap_find(block);
  return page ? page_heap_usable(page) : heap_system_usable(block);
}

/* The same where the flavour is known, and after heap_may_size has said yes: no to glibc's mapped chunks,
   which are too large for the fast path anyway, and whose sizes are read otherwise. */
ALWAYS_INLINE int heap_may_size(const void *block, enum heap_flavour flavour) {
  return flavour != HEAP_LIBC || !next_chunk_is_mapped(block);
}

ALWAYS_INLINE size_t heap_usable_as(void *block, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? next_chunk_plain_usable(block) : next.usable(block);
}

#endif
