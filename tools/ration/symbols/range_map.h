/*
 * range_map.h: which of many ranges of addresses an address is in.
 *
 * Ranges may overlap, as those of broken files do: the one with the highest rank has the address, and of equals the
 * one that was added last. First all are added, then the map is settled, then it answers.
 */
#ifndef RATION_TOOL_SYMBOLS_RANGE_MAP_H
#define RATION_TOOL_SYMBOLS_RANGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range_map_range;
struct range_map_piece;

/* All zero: an empty one. */
struct range_map {
  struct range_map_range *ranges; /* until it is settled */
  size_t range_count, range_room;
  struct range_map_piece *pieces; /* disjoint, ascending, each up to the next */
  size_t piece_count;
};

/* From low up to, and without, high; nothing where that is empty. `value` is below UINT32_MAX. Returns 0 or -ENOMEM. */
int range_map_add(struct range_map *map, uint64_t low, uint64_t high, uint64_t rank, uint32_t value);

/* Returns 0 or -ENOMEM. In O(n log n), whatever the ranges are. */
int range_map_settle(struct range_map *map);

/* Is the address in a range? Its value goes to *ret_value. */
bool range_map_find(const struct range_map *map, uint64_t address, uint32_t *ret_value);

void range_map_free(struct range_map *map);

#endif
