/*
 * heap_page.c: see heap_page.h.
 */
#include "heap/page/heap_page.h"

#include "base/hash.h"
#include "heap/page/harden.h"
#include "heap/page/misuse.h"
#include "heap/page/region.h"
#include "heap/page/remote.h"

#define CARVE_BYTES      4096u
#define CARVE_BYTES_LATE 16384u /* in a page of which so many were carved */

_Static_assert(CARVE_BYTES / SIZE_CLASS_STEP <= HARDEN_ORDER_MOST, "so many at a time");

uint64_t heap_page_lists_lost = 0;

static void notice_nothing(enum misuse misuse, const struct heap_page *page, const void *block) {
  (void)misuse, (void)page, (void)block;
}

misuse_noticer *misuse_notice = notice_nothing;

static size_t span_bytes(const struct heap_page *page) {
  return SLOT_BYTES << page->order;
}

void heap_page_make(struct heap_page *page, struct stock *stock, uint32_t category, uint32_t class) {
  uint32_t slot = region_slot(page), bytes = size_class_bytes(class);
  page->bytes = bytes;
  page->divisor = heap_page_divisor(bytes);
  page->mask_too = hash_word(region.secret + slot);
  page->mask = ~page->mask_too;
  page->free = NULL;
  page->left = page->carved = page->tells_at = 0;
  page->capacity = (uint16_t)(span_bytes(page) / bytes);
  page->usable = bytes - harden.canary;
  page->rotation = (uint32_t)(slot * UINT32_C(0x9e3779b1) >> 16) % page->capacity;
  store_relaxed(&page->carved_from, page->rotation * bytes); /* nobody else has a block of it */
  store_relaxed(&page->carved_bytes, 0);                     /* likewise */
  page->category = (uint8_t)category;
  page->class = (uint8_t) class;
  store_relaxed(&page->owner, (uint64_t)(uintptr_t)stock); /* nobody else has a block of it */
  page->is_listed = page->is_retired = 0;
  store_relaxed(&page->marked, 0);  /* likewise */
  store_relaxed(&page->delayed, 0); /* likewise */
  store_relaxed(&page->remote, 0);  /* nobody else has a block of it */
  heap_page_set_kind(page, SLOT_PAGE);
  for (uint32_t i = 1; i < 1u << page->order; i++)
    page[i].first = slot, heap_page_set_kind(&page[i], SLOT_PART);
}

static void *block_at(const struct heap_page *page, uint32_t number) {
  return region_memory_of(page) + (size_t)number * page->bytes;
}

/* How many blocks reach from one's start so many bytes, or a little more. */
static uint32_t count_of(const struct heap_page *page, uint32_t bytes) {
  return heap_page_index(page, bytes + page->bytes - 1);
}

/* Those that begin in the same 4 KiB, so that a page of the system is touched when it is needed; of a page that has proved to
   be in use, 16 KiB. From the one that was carved first to the page's end, and then from there back to its start. */
struct carving {
  uint32_t first, count;
};

static struct carving next_carving(const struct heap_page *page) {
  uint32_t bytes = page->bytes, end = page->rotation + page->carved;
  uint32_t step = page->carved * bytes >= CARVE_BYTES_LATE && !harden.is_on ? CARVE_BYTES_LATE : CARVE_BYTES;
  if (end < page->capacity) {
    uint32_t count = count_of(page, step - end * bytes % step), left = page->capacity - end;
    return (struct carving){end, count < left ? count : left};
  }
  uint32_t start = (uint32_t)page->capacity - page->carved;
  if (!start) return (struct carving){0, 0};
  uint32_t first = count_of(page, (start - 1) * bytes / step * step);
  return (struct carving){first, start - first};
}

static struct free_block *free_behind(const struct free_block *block, uint32_t bytes) {
  return (struct free_block *)((uintptr_t)block + bytes);
}

/* In the order of addresses, so that the next block is the one behind: about 6 instructions a block. */
static void carve_run(struct heap_page *page, struct carving carving) {
  struct free_block *first = block_at(page, carving.first), *block = first;
  uint32_t bytes = page->bytes;
  uint64_t mask = page->mask;
  for (; --carving.count; block = free_behind(block, bytes)) {
    block->link = (uint64_t)(uintptr_t)free_behind(block, bytes) ^ mask;
    block->mark = (uint64_t)(uintptr_t)block ^ ~mask;
  }
  block->link = heap_page_hide(page, page->free);
  block->mark = heap_page_mark(page, block);
  page->free = first;
}

/* In none. */
static SLOW_PATH void carve_at_random(struct heap_page *page, struct carving carving) {
  uint8_t order[HARDEN_ORDER_MOST];
  harden_order(page, carving.count, order);
  for (uint32_t i = carving.count; i-- > 0;) {
    struct free_block *block = block_at(page, carving.first + order[i]);
    block->link = heap_page_hide(page, page->free);
    block->mark = heap_page_mark(page, block);
    page->free = block;
  }
}

/* What others see of it never has less than it had: see heap_page_may_have_block. */
static void note_carved(struct heap_page *page, struct carving carving) {
  page->carved = (uint16_t)(page->carved + carving.count);
  store_relaxed(&page->carved_bytes, page->carved * page->bytes); /* more */
  if (carving.first * page->bytes < page->carved_from)
    store_release(&page->carved_from, carving.first * page->bytes); /* pairs with heap_page_may_have_block */
}

int heap_page_carve(struct heap_page *page) {
  struct carving carving = next_carving(page);
  if (!carving.count) return 0;
  if (UNLIKELY(harden.is_on))
    carve_at_random(page, carving);
  else
    carve_run(page, carving);
  note_carved(page, carving);
  return 1;
}

/* used = carved: none of those is ever empty again. */
void *heap_page_give_up(struct heap_page *page) {
  const void *block = page->free;
  add_relaxed(&heap_page_lists_lost, 1); /* a count */
  page->free = NULL;
  page->left = (uint16_t)(page->carved - page->tells_at);
  misuse_notice(MISUSE_LATE_WRITE, page, block);
  return NULL;
}

/* ---- checks -------------------------------------------------------------------------------------------- */

/* How many blocks hang together from here; UINT32_MAX: a link leads elsewhere, or in a circle. */
static uint32_t count_list(const struct heap_page *page, const struct free_block *block) {
  uint32_t count = 0;
  for (; block; count++) {
    uint64_t offset = (uint64_t)((const char *)block - region_memory_of(page));
    if (!heap_page_has_block(page, offset)) return UINT32_MAX;
    if (count > page->capacity) return UINT32_MAX;
    if (!heap_page_is_freed(page, block)) return UINT32_MAX;
    block = heap_page_reveal(page->mask, block->link);
  }
  return count;
}

int heap_page_is_valid(const struct heap_page *page) {
  uint64_t remote = load_relaxed(&page->remote);
  uint32_t free = count_list(page, page->free), away = count_list(page, remote_first(page, remote));
  if (page->kind != SLOT_PAGE || page->bytes != size_class_bytes(page->class)) return 0;
  if (page->carved > page->capacity || heap_page_used(page) > page->carved) return 0;
  if (free == UINT32_MAX || away != remote_count(remote)) return 0;
  if (away + load_relaxed(&page->delayed) > heap_page_used(page)) return 0; /* at rest */
  return free + heap_page_used(page) == page->carved;
}
