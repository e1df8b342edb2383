/*
 * openings.c: see openings.h.
 */
#include "heap/page/openings.h"

#include "heap/page/region.h"
#include "os/memory.h"

#define WORD_BITS 64u

static struct {
  uint64_t *words;
  uint64_t bytes_open; /* of the table, opened from the front */
  struct opening_figures figures;
} openings;

static int reach(uint32_t end);
static uint32_t run_end(uint32_t slot, uint32_t end);
static int open_run(uint32_t slot, uint32_t end);
static int close_run(uint32_t slot, uint32_t end);
static void set_run(uint32_t slot, uint32_t end, int is_open);

void openings_prepare(void *table) {
  openings.words = table;
}

static int is_open(uint32_t slot) {
  return slot / 8 < openings.bytes_open && (openings.words[slot / WORD_BITS] >> slot % WORD_BITS & 1);
}

int openings_add(uint32_t slot, uint32_t count) {
  uint32_t end = slot + count;
  int result = reach(end);
  for (uint32_t from = slot, to; result == 0 && from < end; from = to) {
    to = run_end(from, end);
    if (!is_open(from)) result = open_run(from, to);
  }
  return result;
}

int openings_remove(uint32_t slot, uint32_t count) {
  uint32_t end = slot + count;
  int result = reach(end);
  for (uint32_t from = slot, to; result == 0 && from < end; from = to) {
    to = run_end(from, end);
    if (is_open(from)) result = close_run(from, to);
  }
  return result;
}

int openings_has(uint32_t slot, uint32_t count) {
  return is_open(slot) && reach(slot + count) == 0 && run_end(slot, slot + count) == slot + count;
}

struct opening_figures openings_figures(void) {
  return openings.figures;
}

/* Opens the table as far as the bit of `end`. */
static int reach(uint32_t end) {
  if (end / 8 < openings.bytes_open) return 0;
  uint64_t page = memory_page_bytes(), bytes = (uint64_t)(end / 8 + page) / page * page;
  int result = memory_open((char *)openings.words + openings.bytes_open, bytes - openings.bytes_open);
  if (result == 0) openings.bytes_open = bytes;
  return result;
}

/* Where what is open, or closed, from this slot on ends: at `end` at the latest. */
static uint32_t run_end(uint32_t slot, uint32_t end) {
  uint64_t same = is_open(slot) ? ~UINT64_C(0) : 0;
  while (slot < end) {
    uint64_t others = (openings.words[slot / WORD_BITS] ^ same) >> slot % WORD_BITS;
    if (others) {
      uint32_t found = slot + (uint32_t)__builtin_ctzll(others);
      return found < end ? found : end;
    }
    slot += WORD_BITS - slot % WORD_BITS;
  }
  return end;
}

/* With the page before it. */
static int open_run(uint32_t slot, uint32_t end) {
  char *begin = region_memory(slot);
  if (!is_open(slot - 1)) begin -= memory_page_bytes();
  int result = memory_open(begin, (size_t)(region_memory(end) - begin));
  if (result == 0) set_run(slot, end, 1);
  return result;
}

/* Likewise; but its last page stays open where an open slot follows: that one goes back by itself. */
static int close_run(uint32_t slot, uint32_t end) {
  size_t page = memory_page_bytes();
  char *begin = region_memory(slot), *behind = region_memory(end);
  if (!is_open(slot - 1)) begin -= page;
  if (is_open(end)) {
    int result = memory_empty(behind - page, page);
    if (result < 0) return result;
    behind -= page;
  }
  int result = behind > begin ? memory_close_again(begin, (size_t)(behind - begin)) : 0;
  if (result == 0) set_run(slot, end, 0);
  return result;
}

static void set_run(uint32_t slot, uint32_t end, int now_open) {
  struct opening_figures *figures = &openings.figures;
  uint32_t neighbours = (uint32_t)is_open(slot - 1) + (uint32_t)is_open(end);
  figures->runs += now_open ? 1 - neighbours : neighbours - 1;
  figures->open += now_open ? end - slot : slot - end;
  for (uint32_t to; slot < end; slot = to) {
    to = (slot / WORD_BITS + 1) * WORD_BITS;
    if (to > end) to = end;
    uint64_t bits = ~UINT64_C(0) >> (WORD_BITS - (to - slot)) << slot % WORD_BITS;
    if (now_open)
      openings.words[slot / WORD_BITS] |= bits;
    else
      openings.words[slot / WORD_BITS] &= ~bits;
  }
}
