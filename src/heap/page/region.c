/*
 * region.c: see region.h.
 */
#include "heap/page/region.h"

#include <errno.h>

#include "base/hash.h"
#include "heap/page/openings.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/range.h"

#define STEP_LEAST ((uint64_t)64 << 10)
#define STEP_MOST  ((uint64_t)32 << 20)
#define GUARD      ((size_t)64 << 10)

struct region region = {.start = NULL};

static struct {
  char *memory, *rows; /* as they were reserved */
  size_t memory_bytes, rows_bytes;
} reserved;

static int reserve(size_t bytes);
static void make_one(void);

int region_prepare(size_t bytes_most) {
  if (memory_map_limit() != UINT64_MAX) return -EPERM;
  for (size_t bytes = bytes_most; bytes >= REGION_BYTES_LEAST; bytes /= 2)
    if (reserve(bytes) == 0) return 0;
  return -ENOMEM;
}

static int reserve(size_t bytes) {
  size_t slots = bytes / SLOT_BYTES, bits = (OPENINGS_BYTES(slots) + GUARD - 1) / GUARD * GUARD;
  reserved.memory_bytes = bytes + REGION_ALIGNMENT;
  reserved.rows_bytes = GUARD + bits + GUARD + slots * sizeof(struct heap_page) + GUARD;
  reserved.memory = memory_reserve_closed(reserved.memory_bytes);
  reserved.rows = reserved.memory ? memory_reserve_closed(reserved.rows_bytes) : NULL;
  if (!reserved.rows) {
    region_unprepare();
    return -ENOMEM;
  }
  region.start = reserved.memory + (0 - (uintptr_t)reserved.memory) % REGION_ALIGNMENT;
  region.rows = (struct heap_page *)(void *)(reserved.rows + GUARD + bits + GUARD);
  region.bytes = bytes;
  region.secret = hash_word(process_secret());
  range_remove(reserved.memory); /* it is not the shim's own */
  range_add(reserved.memory, reserved.memory_bytes, RANGE_HEAP, 0);
  memory_keep_small(region.start, bytes); /* else a page's first block may cost 2 MiB */
  region.has_huge = (uint32_t)memory_may_be_huge();
  memory_keep_small(reserved.rows, reserved.rows_bytes);
  openings_prepare(reserved.rows + GUARD);
  make_one();
  int result = region_open_rows(1);
  if (result < 0) region_unprepare();
  return result;
}

void region_unprepare(void) {
  if (reserved.rows) memory_unmap(reserved.rows, reserved.rows_bytes);
  if (reserved.memory) memory_unmap(reserved.memory, reserved.memory_bytes);
  reserved.memory = reserved.rows = NULL;
  region = (struct region){.start = NULL};
}

/* The system makes one mapping of two that meet, but not where each was written to before they met. What is split off one
   that has been written to can always be joined again. */
static void make_one(void) {
  char *page = region.start + SLOT_BYTES - memory_page_bytes(); /* of slot 0 */
  if (memory_open(page, memory_page_bytes()) < 0) return;
  *(volatile char *)page = 0;
  memory_close(page, memory_page_bytes());
  memory_empty(page, memory_page_bytes());
}

/* An eighth more than is open, so that many small steps do not become many system calls. */
static uint64_t step_of(uint64_t open) {
  uint64_t step = open / 8;
  return step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
}

int region_open_rows(uint32_t end) {
  uint64_t bytes = (uint64_t)end * sizeof(struct heap_page), open = region.rows_open;
  uint64_t most = region.bytes / SLOT_BYTES * sizeof(struct heap_page);
  if (bytes <= open) return 0;
  if (bytes < open + step_of(open)) bytes = open + step_of(open);
  bytes = (bytes + STEP_LEAST - 1) / STEP_LEAST * STEP_LEAST;
  if (bytes > most) bytes = most;
  int result = memory_open((char *)region.rows + open, bytes - open);
  if (result == 0) region.rows_open = bytes;
  return result;
}

int region_open(uint32_t slot, uint32_t count) {
  uint64_t end = (uint64_t)(slot + count) << SLOT_BITS;
  if (end > region.bytes || region_open_rows(slot + count) < 0) return -ENOMEM;
  int result = openings_add(slot, count);
  if (result == 0 && end > region.open) store_relaxed(&region.open, end); /* see region_row */
  return result;
}

int region_open_ahead(uint32_t slot, uint32_t count, uint32_t most) {
  if (openings_has(slot, count)) return 0;
  uint32_t step = (uint32_t)(step_of((uint64_t)openings_figures().open << SLOT_BITS) >> SLOT_BITS);
  uint32_t ahead = step < count ? count : step > most ? most : step;
  return ahead > count && region_open(slot, ahead) == 0 ? 0 : region_open(slot, count);
}

/* What is noted of the two becomes less before it is so: see memory_unmap. */
void region_shrink(void) {
  char *memory = region.start + region.open, *memory_end = reserved.memory + reserved.memory_bytes;
  char *rows = (char *)region.rows + region.rows_open + GUARD,
       *rows_end = reserved.rows + reserved.rows_bytes;
  if (region.open >= region.bytes) return;
  region.bytes = region.open;
  reserved.memory_bytes = (size_t)(memory - reserved.memory);
  range_add(reserved.memory, reserved.memory_bytes, RANGE_HEAP, 0);
  memory_unmap(memory, (size_t)(memory_end - memory));
  if (rows >= rows_end) return;
  reserved.rows_bytes = (size_t)(rows - reserved.rows);
  range_add(reserved.rows, reserved.rows_bytes, RANGE_SHIM, 0);
  memory_unmap(rows, (size_t)(rows_end - rows));
}
