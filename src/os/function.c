/*
 * function.c: the sorted table of a module's functions, and the entry of each in its unwind information.
 */
#include "os/function.h"

#include "os/unwind_table.h"

struct function {
  int32_t start; /* from the table's header */
  int32_t entry; /* likewise */
};

/* An entry as all compilers write it: where the code starts, from here, and its length, 4 bytes each. */
struct entry {
  uint32_t length;
  uint32_t common;
  int32_t start;
  uint32_t bytes;
};

static uintptr_t at_distance(uintptr_t from, int32_t distance) {
  return from + (uintptr_t)(intptr_t)distance;
}

/* The last function that starts at or before the address; NULL: there is none. */
static const struct function *last_before(const struct unwind_table *table, uintptr_t address) {
  const struct function *functions = (const struct function *)table->entries;
  intptr_t distance = (intptr_t)(address - table->header);
  uint32_t low = 0, high = table->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (functions[middle].start <= distance)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? &functions[low - 1] : NULL;
}

static int is_in_area(const struct unwind_table *table, uintptr_t address, size_t bytes) {
  return address >= table->area.start && bytes <= table->area.bytes &&
         address - table->area.start <= table->area.bytes - bytes;
}

/* A call may be its function's last instruction: then the address after it is another's. */
int function_is_same(uintptr_t a, uintptr_t b) {
  struct unwind_table table;
  if (unwind_table_find(a - 1, &table) < 0) return 0;
  const struct function *function = last_before(&table, a - 1);
  if (!function) return 0;
  uintptr_t start = at_distance(table.header, function->start);
  uintptr_t place = at_distance(table.header, function->entry);
  if (!is_in_area(&table, place, sizeof(struct entry))) return 0;
  const struct entry *entry = (const struct entry *)place;
  int is_understood = at_distance((uintptr_t)&entry->start, entry->start) == start;
  return is_understood && a - 1 - start < entry->bytes && b - 1 - start < entry->bytes;
}
