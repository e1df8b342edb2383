/*
 * places.h: places in a program that ask for memory, and which category each must be charged to.
 *
 *   PROGRAM PLACE[:BYTES]=CATEGORY...
 *
 * Each place is gone through three times, since the first time a call site is not known yet. Each time the books of the
 * whole process must have grown by what the place has got, to the byte and to the block, and those of the category by
 * the same: so no other category has got anything. Prints the names of the places, with the shim and without.
 */
#ifndef PLACES_H
#define PLACES_H

#include <malloc.h>

#include "victim.h"

/* Of a place that does not know what is asked for on its behalf; it must be something, at least once. */
#define NOT_KNOWN UINT64_MAX

struct place {
  const char *name;
  uint64_t (*get)(size_t bytes); /* returns the usable bytes of what it has got, and kept */
};

/* What a place returns that has got this block. */
static inline uint64_t kept(void *block) {
  CHECK(block != NULL);
  return malloc_usable_size(block);
}

static inline void say_where(const struct ration_figures *before, const char *name) {
  for (ration_category_id id = 1; id <= 255 && SHIM(ration_category_path)(id); id++) {
    struct ration_figures now = books_by_id(id);
    if (now.allocations == before[id].allocations) continue;
    dprintf(1, "%s: %llu blocks, %llu bytes to %s\n", name,
            (unsigned long long)(now.allocations - before[id].allocations),
            (unsigned long long)(now.allocated_bytes - before[id].allocated_bytes),
            SHIM(ration_category_path)(id));
  }
}

/* Returns how many blocks that were. */
static inline uint64_t check_place(const struct place *place, size_t bytes, const char *category) {
  static struct ration_figures before[256];
  if (!is_tracked()) {
    place->get(bytes);
    return 1;
  }
  ration_category_id id = SHIM(ration_category)(category);
  for (ration_category_id i = 1; i <= 255 && SHIM(ration_category_path)(i); i++) before[i] = books_by_id(i);
  uint64_t got = place->get(bytes);
  struct ration_figures total = books_by_id(RATION_TOTAL), own = books_by_id(id);
  uint64_t blocks = total.subtree_allocations - before[RATION_TOTAL].subtree_allocations;
  if (own.allocations - before[id].allocations != blocks) say_where(before, place->name);
  CHECK_EQUAL(own.allocations - before[id].allocations, blocks);
  CHECK_EQUAL(own.frees - before[id].frees, total.subtree_frees - before[RATION_TOTAL].subtree_frees);
  CHECK_EQUAL(own.live_bytes - before[id].live_bytes,
              total.subtree_live_bytes - before[RATION_TOTAL].subtree_live_bytes);
  CHECK_EQUAL(own.requested_bytes - before[id].requested_bytes,
              total.subtree_requested_bytes - before[RATION_TOTAL].subtree_requested_bytes);
  if (got != NOT_KNOWN) CHECK_EQUAL(own.live_bytes - before[id].live_bytes, got);
  return blocks;
}

static inline const struct place *find_place(const struct place *place, const char *name, size_t length) {
  while (place->name && (strlen(place->name) != length || strncmp(place->name, name, length) != 0)) place++;
  if (!place->name) dprintf(1, "no such place: %s\n", name);
  CHECK(place->name != NULL);
  return place;
}

/* The last one of the places has no name. */
static inline int go_through(const struct place *places, int count, char **arguments) {
  static const size_t sizes[] = {100, 3000, 200000};
  for (int i = 1; i < count; i++) {
    char *equals = strchr(arguments[i], '=');
    size_t length = strcspn(arguments[i], ":="), bytes = 0;
    uint64_t blocks = 0;
    if (arguments[i][length] == ':') bytes = strtoull(arguments[i] + length + 1, NULL, 10);
    CHECK(equals != NULL);
    for (int pass = 0; pass < 3; pass++)
      blocks +=
          check_place(find_place(places, arguments[i], length), bytes ? bytes : sizes[pass], equals + 1);
    CHECK(blocks > 0);
  }
  for (int i = 1; i < count; i++) dprintf(1, "%s\n", arguments[i]);
  return 0;
}

#endif
