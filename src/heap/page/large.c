/*
 * large.c: see large.h.
 */
#include "heap/page/large.h"

#include <errno.h>
#include <string.h>

#include "heap/page/spans.h"
#include "os/limits.h"
#include "os/memory.h"

#define HUGE_LEAST ((size_t)4 << 20) /* two huge pages */
#define MOVE_BYTES ((size_t)8 << 20)

static size_t bytes_most = REGION_BYTES_MOST;

/* What is opened is not held against what the machine has (mmap(2), MAP_NORESERVE), as an allocation of its own is. */
void large_prepare(void) {
  uint64_t ram = limits_ram();
  if (ram && ram < bytes_most) bytes_most = ram;
}

static uint32_t slots_of(size_t bytes) {
  return (uint32_t)((bytes + SLOT_BYTES - 1) >> SLOT_BITS);
}

static uint32_t order_of(size_t bytes) {
  uint32_t slots = slots_of(bytes);
  return slots > 1 ? 32 - (uint32_t)__builtin_clz(slots - 1) : 0;
}

size_t large_usable(size_t bytes) {
  size_t page = memory_page_bytes();
  if (bytes > bytes_most) return 0;
  return (bytes + !bytes + page - 1) / page * page;
}

static int may_be_huge(const struct heap_page *span) {
  return region.has_huge && SLOT_BYTES << span->order >= HUGE_LEAST;
}

/* A span has the alignment of its size. */
void *large_take(uint32_t category, size_t bytes, size_t alignment, int is_zeroed) {
  uint64_t dirty;
  size_t usable = large_usable(bytes);
  if (!usable) return NULL;
  uint32_t order = order_of(usable > alignment ? usable : alignment);
  struct heap_page *span = spans_take_part(order, slots_of(usable), &dirty);
  if (!span) return NULL;
  char *block = region_memory_of(span);
  if (may_be_huge(span)) memory_allow_huge(block, SLOT_BYTES << span->order);
  if (is_zeroed && dirty) memset(block, 0, usable < dirty ? usable : dirty);
  span->category = (uint8_t)category;
  span->large_bytes = usable;
  heap_page_set_kind(span, SLOT_LARGE);
  span->mask = dirty;
  return block;
}

static void give(struct heap_page *span, uint64_t dirty) {
  if (may_be_huge(span)) memory_keep_small(region_memory_of(span), SLOT_BYTES << span->order);
  span->large_bytes = 0;
  spans_give(span, dirty);
}

static uint64_t dirty_bytes(const struct heap_page *span) {
  return span->large_bytes > span->mask ? span->large_bytes : span->mask;
}

void large_give(struct heap_page *span) {
  give(span, dirty_bytes(span));
}

int large_has_room(const struct heap_page *span, size_t bytes) {
  size_t usable = large_usable(bytes);
  return usable && usable <= SLOT_BYTES << span->order;
}

int large_resize(struct heap_page *span, size_t bytes) {
  size_t usable = large_usable(bytes);
  if (!large_has_room(span, bytes)) return 0;
  uint64_t dirty = dirty_bytes(span);
  if (usable > span->large_bytes && spans_open(span, slots_of(usable)) < 0) return 0;
  if (usable < span->large_bytes && spans_empty(span, usable, dirty) == 0) dirty = usable;
  span->mask = dirty;
  span->large_bytes = usable;
  return 1;
}

/* Piece by piece, and what was copied goes back at once, so that the two never take up both. The system could move the pages
   themselves (mremap(2)), but where the program has parted the mapping, by mprotect or madvise, that may fail half way. */
static void copy_and_empty(char *from, char *to, size_t bytes) {
  for (size_t done = 0; done < bytes; done += MOVE_BYTES) {
    size_t piece = bytes - done < MOVE_BYTES ? bytes - done : MOVE_BYTES;
    memcpy(to + done, from + done, piece);
    if (piece == MOVE_BYTES) memory_empty(from + done, piece); /* else it stays for who has the span next */
  }
}

/* Where it is, if what lies behind it is free. */
static int may_extend(struct heap_page *span, size_t bytes) {
  uint64_t dirty;
  size_t usable = large_usable(bytes);
  if (!usable || order_of(usable) <= span->order || !spans_may_extend(span, order_of(usable), &dirty))
    return 0;
  if (dirty > span->mask) span->mask = dirty;
  if (may_be_huge(span)) memory_allow_huge(region_memory_of(span), SLOT_BYTES << span->order);
  return large_resize(span, bytes);
}

void *large_move(struct heap_page *span, size_t bytes) {
  if (may_extend(span, bytes)) return region_memory_of(span);
  void *moved = large_take(span->category, bytes, 0, 0);
  if (!moved) return NULL;
  const struct heap_page *to = region_row(moved);
  copy_and_empty(region_memory_of(span), moved,
                 span->large_bytes < to->large_bytes ? span->large_bytes : to->large_bytes);
  large_give(span);
  return moved;
}
