/*
 * range_map.c: a sweep over the ranges by their starts, with those that the sweep is in on a heap, highest rank first.
 */
#include "symbols/range_map.h"

#include <errno.h>
#include <stdlib.h>

#define NO_VALUE UINT32_MAX

struct range_map_range {
  uint64_t low, high, rank;
  uint32_t value, order;
};

struct range_map_piece {
  uint64_t start;
  uint32_t value; /* NO_VALUE: in no range */
};

/* The ranges that the sweep has come to; those that it has left go when they come to the top. */
struct heap {
  const struct range_map_range **ranges;
  size_t count;
};

static int compare_starts(const void *one, const void *other);
static void sweep(struct range_map *map, struct heap *heap);
static void add_piece(struct range_map *map, uint64_t start, uint32_t value);
static void push(struct heap *heap, const struct range_map_range *range);
static void pop(struct heap *heap);

int range_map_add(struct range_map *map, uint64_t low, uint64_t high, uint64_t rank, uint32_t value) {
  if (low >= high) return 0;
  if (map->range_count == map->range_room) {
    size_t room = map->range_room ? map->range_room * 2 : 16;
    struct range_map_range *ranges = reallocarray(map->ranges, room, sizeof *ranges);
    if (!ranges) return -ENOMEM;
    map->ranges = ranges;
    map->range_room = room;
  }
  uint32_t order = (uint32_t)map->range_count;
  map->ranges[map->range_count++] = (struct range_map_range){low, high, rank, value, order};
  return 0;
}

int range_map_settle(struct range_map *map) {
  if (map->range_count == 0) return 0;
  struct heap heap = {.ranges = calloc(map->range_count, sizeof(void *))};
  map->pieces =
      calloc(map->range_count * 2, sizeof *map->pieces); /* one begins where a range begins or ends */
  int error = heap.ranges && map->pieces ? 0 : -ENOMEM;
  if (!error) {
    qsort(map->ranges, map->range_count, sizeof *map->ranges, compare_starts);
    sweep(map, &heap);
  }
  free(heap.ranges);
  free(map->ranges);
  map->ranges = NULL;
  map->range_count = map->range_room = 0;
  return error;
}

bool range_map_find(const struct range_map *map, uint64_t address, uint32_t *ret_value) {
  size_t from = 0, to = map->piece_count;
  while (from < to) {
    size_t middle = from + (to - from) / 2;
    if (map->pieces[middle].start <= address) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  if (from == 0 || map->pieces[from - 1].value == NO_VALUE) return false;
  *ret_value = map->pieces[from - 1].value;
  return true;
}

void range_map_free(struct range_map *map) {
  free(map->ranges);
  free(map->pieces);
  *map = (struct range_map){0};
}

static int compare_starts(const void *one, const void *other) {
  const struct range_map_range *a = one, *b = other;
  if (a->low != b->low) return a->low < b->low ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

/* Each turn takes up a range, or goes to the end of the one on top, which then leaves. */
static void sweep(struct range_map *map, struct heap *heap) {
  const struct range_map_range *next = map->ranges, *end = map->ranges + map->range_count;
  uint64_t at = next->low;
  while (next < end || heap->count > 0) {
    while (next < end && next->low <= at) push(heap, next++);
    while (heap->count > 0 && heap->ranges[0]->high <= at) pop(heap);
    if (heap->count > 0) {
      const struct range_map_range *top = heap->ranges[0];
      add_piece(map, at, top->value);
      at = next < end && next->low < top->high ? next->low : top->high;
    } else {
      add_piece(map, at, NO_VALUE);
      if (next < end) at = next->low;
    }
  }
}

static void add_piece(struct range_map *map, uint64_t start, uint32_t value) {
  if (map->piece_count > 0 && map->pieces[map->piece_count - 1].value == value) return;
  map->pieces[map->piece_count++] = (struct range_map_piece){start, value};
}

static bool is_higher(const struct range_map_range *one, const struct range_map_range *other) {
  return one->rank != other->rank ? one->rank > other->rank : one->order > other->order;
}

static void push(struct heap *heap, const struct range_map_range *range) {
  size_t at = heap->count++;
  for (; at > 0 && is_higher(range, heap->ranges[(at - 1) / 2]); at = (at - 1) / 2) {
    heap->ranges[at] = heap->ranges[(at - 1) / 2];
  }
  heap->ranges[at] = range;
}

static void pop(struct heap *heap) {
  const struct range_map_range *last = heap->ranges[--heap->count];
  size_t at = 0;
  for (size_t child = 1; child < heap->count; child = at * 2 + 1) {
    if (child + 1 < heap->count && is_higher(heap->ranges[child + 1], heap->ranges[child])) child++;
    if (!is_higher(heap->ranges[child], last)) break;
    heap->ranges[at] = heap->ranges[child];
    at = child;
  }
  heap->ranges[at] = last;
}
