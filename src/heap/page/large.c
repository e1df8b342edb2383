/*
 * large.c: see large.h.
 */
#include "heap/page/large.h"

#include <errno.h>
#include <string.h>

#include "heap/page/spans.h"
#include "os/memory.h"

#define HUGE_LEAST ((size_t)4 << 20)   /* two huge pages */
#define MOVE_LEAST ((size_t)256 << 10) /* below, copying is cheaper than having pages moved */

static uint32_t order_of(size_t bytes) {
  size_t slots = (bytes + SLOT_BYTES - 1) >> SLOT_BITS;
  return slots > 1 ? 64 - (uint32_t)__builtin_clzl(slots - 1) : 0;
}

size_t large_usable(size_t bytes) {
  size_t page = memory_page_bytes();
  if (bytes > REGION_BYTES_MOST) return 0;
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
  struct heap_page *span = spans_take(order_of(usable > alignment ? usable : alignment), &dirty);
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
  if (usable < span->large_bytes && memory_empty(region_memory_of(span) + usable, dirty - usable) == 0)
    dirty = usable;
  span->mask = dirty;
  span->large_bytes = usable;
  return 1;
}

void *large_move(struct heap_page *span, size_t bytes) {
  char *block = region_memory_of(span), *moved = large_take(span->category, bytes, 0, 0);
  if (!moved) return NULL;
  struct heap_page *to = region_row(moved);
  size_t held = span->large_bytes < to->large_bytes ? span->large_bytes : to->large_bytes;
  int result = held < MOVE_LEAST ? -EINVAL : memory_move_contents(block, held, moved);
  if (result == -ENOMEM) { /* the new span has a hole: it is nobody's from now on */
    heap_page_set_kind(to, SLOT_NONE);
    return NULL;
  }
  if (result == 0) {
    give(span, dirty_bytes(span) > held ? dirty_bytes(span) : 0);
  } else {
    memcpy(moved, block, held);
    large_give(span);
  }
  return moved;
}
