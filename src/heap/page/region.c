/*
 * region.c: see region.h.
 */
#include "heap/page/region.h"

#include <errno.h>

#include "base/hash.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/range.h"

#define STEP_LEAST ((uint64_t)64 << 10)
#define STEP_MOST  ((uint64_t)32 << 20)
#define GUARD      ((size_t)64 << 10)

struct region region = {.start = NULL};

static int reserve(size_t bytes);

int region_prepare(size_t bytes_most) {
  if (memory_map_limit() != UINT64_MAX) return -EPERM;
  for (size_t bytes = bytes_most; bytes >= REGION_BYTES_LEAST; bytes /= 2)
    if (reserve(bytes) == 0) return 0;
  return -ENOMEM;
}

static int reserve(size_t bytes) {
  size_t table = bytes / SLOT_BYTES * sizeof(struct heap_page) + 2 * GUARD;
  char *memory = memory_reserve_closed(bytes + REGION_ALIGNMENT);
  char *rows = memory ? memory_reserve_closed(table) : NULL;
  if (!rows) {
    if (memory) memory_unmap(memory, bytes + REGION_ALIGNMENT);
    return -ENOMEM;
  }
  region.start = memory + (0 - (uintptr_t)memory) % REGION_ALIGNMENT;
  region.rows = (struct heap_page *)(void *)(rows + GUARD);
  region.bytes = bytes;
  region.secret = hash_word(process_secret());
  range_remove(memory); /* it is not the shim's own */
  range_add(memory, bytes + REGION_ALIGNMENT, RANGE_HEAP, 0);
  memory_keep_small(region.start, bytes); /* else a page's first block may cost 2 MiB */
  region.has_huge = (uint32_t)memory_may_be_huge();
  memory_keep_small(rows, table);
  int result = region_open_rows(1);
  if (result < 0) {
    memory_unmap(rows, table);
    memory_unmap(memory, bytes + REGION_ALIGNMENT);
  }
  return result;
}

/* An eighth more than is open, so that many small steps do not become many system calls. */
static uint64_t step_end(uint64_t open, uint64_t end, uint64_t most) {
  uint64_t step = open / 8;
  step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
  if (end < open + step) end = open + step;
  end = (end + STEP_LEAST - 1) / STEP_LEAST * STEP_LEAST;
  return end < most ? end : most;
}

int region_open_rows(uint32_t end) {
  uint64_t bytes = (uint64_t)end * sizeof(struct heap_page);
  if (bytes <= region.rows_open) return 0;
  bytes = step_end(region.rows_open, bytes, region.bytes / SLOT_BYTES * sizeof(struct heap_page));
  int result = memory_open((char *)region.rows + region.rows_open, bytes - region.rows_open);
  if (result == 0) region.rows_open = bytes;
  return result;
}

int region_open(uint32_t end_slot) {
  uint64_t end = (uint64_t)end_slot << SLOT_BITS, open = region.open; /* written under the lock alone */
  if (end <= open) return 0;
  if (end > region.bytes) return -ENOMEM;
  end = step_end(open, end, region.bytes);
  uint64_t begin =
      open ? open : SLOT_BYTES - memory_page_bytes(); /* what lies before the first block can be read */
  if (region_open_rows((uint32_t)(end >> SLOT_BITS)) < 0) return -ENOMEM;
  if (memory_open(region.start + begin, end - begin) < 0) return -ENOMEM;
  store_relaxed(&region.open, end); /* see region_row */
  return 0;
}
