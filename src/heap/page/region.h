/*
 * region.h: the one stretch of address space in which the page heap's blocks lie, and the table of its slots.
 *
 * A slot is 64 KiB. The table, which has a row (heap_page.h) for each, is a mapping of its own with pages round it that
 * nobody may touch, so that no overrun of a block reaches it. Both are reserved once; the table is opened from the front, in
 * growing steps, slots as they come to be used (openings.h). An address is the heap's if its distance from the start is less
 * than that of the end of the last slot that was ever open: one subtraction and one comparison, whatever the address.
 *
 * Slot 0 is never opened: its number means "none", and its row is that of no page (all zero: it has no free block).
 */
#ifndef RATION_HEAP_PAGE_REGION_H
#define RATION_HEAP_PAGE_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "heap/page/heap_page.h"

#define REGION_BYTES_MOST  ((size_t)1 << 38)
#define REGION_BYTES_LEAST ((size_t)1 << 32)
#define REGION_ALIGNMENT   ((size_t)4 << 20)

struct region {
  char *start;
  uint64_t
      open; /* bytes from the start whose rows may be touched, and behind which no slot is open; only grows */
  struct heap_page *rows; /* by slot */
  uint64_t bytes;
  uint64_t secret; /* what links of free blocks are hidden by */
  uint64_t rows_open;
  uint32_t has_huge;            /* what is large enough may lie in huge pages */
} __attribute__((aligned(64))); /* read at every operation: alone in its cache line */

extern struct region region INTERNAL;

/*
 * Reserves it, as much as can be had up to `bytes_most`. Returns 0; -ENOMEM: not even the least is to be had; -EPERM: the
 * process may map only so much (RLIMIT_AS, RLIMIT_DATA), and a reservation would take that from the program.
 */
int region_prepare(size_t bytes_most);

/* Takes that back, before anything was opened. */
void region_unprepare(void);

/* Opens the rows of the slots before `end`; slots, with their rows. Under the lock of the spans. Returns 0 or -ENOMEM. */
int region_open_rows(uint32_t end);
int region_open(uint32_t slot, uint32_t count);

/* The same, and while it is at it some more of those up to `most`, so that many small steps do not become many system calls. */
int region_open_ahead(uint32_t slot, uint32_t count, uint32_t most);

/* Gives back the address space behind what has been open so far: no more is opened from then on. Under the lock of the spans. */
void region_shrink(void);

ALWAYS_INLINE uint64_t region_distance(const void *address) {
  return (uint64_t)((uintptr_t)address - (uintptr_t)region.start);
}

/* The address is the heap's. Who holds a block has it from somebody for whom its slot was open. */
ALWAYS_INLINE int region_holds(const void *address) {
  return region_distance(address) < load_relaxed(&region.open);
}

/* Row of the slot in which such an address lies. */
ALWAYS_INLINE struct heap_page *region_row_of(const void *address) {
  return region.rows + (region_distance(address) >> SLOT_BITS);
}

/* The same; NULL: it is not the heap's. */
ALWAYS_INLINE struct heap_page *region_row(const void *address) {
  return region_holds(address) ? region_row_of(address) : NULL;
}

/* How far into its slot such an address is: the region begins at a multiple of slots. */
ALWAYS_INLINE uint64_t region_offset(const void *address) {
  return (uintptr_t)address & (SLOT_BYTES - 1);
}
_Static_assert(REGION_ALIGNMENT % SLOT_BYTES == 0, "it does");

ALWAYS_INLINE uint32_t region_slot(const struct heap_page *page) {
  return (uint32_t)(page - region.rows);
}

ALWAYS_INLINE char *region_memory(uint32_t slot) {
  return region.start + ((uint64_t)slot << SLOT_BITS);
}

ALWAYS_INLINE char *region_memory_of(const struct heap_page *page) {
  return region_memory(region_slot(page));
}

#endif
