/*
 * unsized.c: a sorted array. Sorted in place by heap sort: a hostile file can bring a million of them in any order, and
 * there is no stack to spare for a recursion.
 */
#include "os/unsized.h"

#include <errno.h>

#include "os/memory.h"

static int grow(struct unsized *unsized);
static void sink(struct unsized_symbol *symbols, size_t at, size_t count);

int unsized_add(struct unsized *unsized, uintptr_t start, uintptr_t end, uint32_t name) {
  if ((unsized->count + 1) * sizeof *unsized->symbols > unsized->mapped_bytes && grow(unsized) < 0)
    return -ENOMEM;
  unsized->symbols[unsized->count++] = (struct unsized_symbol){.start = start, .end = end, .name = name};
  return 0;
}

static int grow(struct unsized *unsized) {
  size_t bytes = unsized->mapped_bytes;
  size_t new_bytes = bytes ? 2 * bytes : 4 * memory_page_bytes();
  void *symbols = bytes ? memory_grow(unsized->symbols, bytes, new_bytes) : memory_map(new_bytes);
  if (!symbols) return -ENOMEM;
  unsized->symbols = symbols;
  unsized->mapped_bytes = new_bytes;
  return 0;
}

void unsized_sort(struct unsized *unsized) {
  struct unsized_symbol *symbols = unsized->symbols;
  for (size_t at = unsized->count / 2; at-- > 0;) sink(symbols, at, unsized->count);
  for (size_t left = unsized->count; left > 1;) {
    struct unsized_symbol greatest = symbols[0];
    symbols[0] = symbols[--left];
    symbols[left] = greatest;
    sink(symbols, 0, left);
  }
}

/* Lets the symbol at `at` sink into the heap below it, whose parents start no lower than their children. */
static void sink(struct unsized_symbol *symbols, size_t at, size_t count) {
  struct unsized_symbol sinking = symbols[at];
  for (size_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && symbols[child + 1].start > symbols[child].start) child++;
    if (symbols[child].start <= sinking.start) break;
    symbols[at] = symbols[child];
  }
  symbols[at] = sinking;
}

/* Only the last one before `start` is told; those before that one end at its own start. */
void unsized_meet(struct unsized *unsized, uintptr_t start) {
  size_t low = 0, high = unsized->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (unsized->symbols[middle].start < start)
      low = middle + 1;
    else
      high = middle;
  }
  if (low && unsized->symbols[low - 1].end > start) unsized->symbols[low - 1].end = start;
}

void unsized_settle(struct unsized *unsized) {
  for (size_t at = unsized->count; at-- > 1;) {
    struct unsized_symbol *before = &unsized->symbols[at - 1], *after = &unsized->symbols[at];
    uintptr_t end = before->start == after->start ? after->end : after->start;
    if (before->end > end) before->end = end;
  }
}

void unsized_free(struct unsized *unsized) {
  if (unsized->mapped_bytes) memory_unmap(unsized->symbols, unsized->mapped_bytes);
  *unsized = (struct unsized){0};
}
