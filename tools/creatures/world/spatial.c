/*
 * spatial.c: a counting sort: how many are in each cell, where each cell begins, and each to its place. It is stable:
 * those of a cell lie in the order of the store.
 *
 * starts[] serves all three steps, so that no other array of cells is in the cache: after the count, starts[c + 2] is how
 * many are in c; after the sums, starts[c + 1] is where c begins; after the last step, where it ends, which is where
 * c + 1 begins.
 */
#include "world/spatial.h"

#include <errno.h>
#include <string.h>

static void *allocate(const struct spatial *spatial, size_t count, size_t size);
static void release(const struct spatial *spatial, void *array, size_t count, size_t size);
static void refuse(const struct spatial *spatial, size_t count);
static void count_cells(const struct spatial *spatial, size_t count);
static void sum_up(const struct spatial *spatial);
static void scatter(const struct spatial *spatial, size_t count);

int spatial_init(struct spatial *spatial, struct ration_memory *memory, struct ration_limits *limits,
                 const struct terrain *terrain, size_t capacity) {
  struct ration_limit_figures figures;
  int error = ration_limits_stats(limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, &figures);
  if (error) return error;
  size_t most = figures.limit.maximum;
  struct spatial made = {.capacity = capacity < most ? capacity : most,
                         .cells = terrain_cells(terrain),
                         .memory = memory,
                         .limits = limits};
  size_t entries = made.capacity + SPATIAL_PADDING;
  made.starts = (uint32_t *)allocate(&made, made.cells + 2, sizeof *made.starts);
  made.x = (float *)allocate(&made, entries, sizeof *made.x);
  made.y = (float *)allocate(&made, entries, sizeof *made.y);
  made.who = (uint32_t *)allocate(&made, entries, sizeof *made.who);
  made.flags = (uint32_t *)allocate(&made, entries, sizeof *made.flags);
  made.reach = (float *)allocate(&made, entries, sizeof *made.reach);
  made.notes = (struct spatial_note *)allocate(&made, entries, sizeof *made.notes);
  if (made.starts && made.x && made.y && made.who && made.flags && made.reach && made.notes) {
    *spatial = made;
    return 0;
  }
  spatial_done(&made);
  return -ENOMEM;
}

void spatial_done(struct spatial *spatial) {
  size_t entries = spatial->capacity + SPATIAL_PADDING;
  release(spatial, spatial->starts, spatial->cells + 2, sizeof *spatial->starts);
  release(spatial, spatial->x, entries, sizeof *spatial->x);
  release(spatial, spatial->y, entries, sizeof *spatial->y);
  release(spatial, spatial->who, entries, sizeof *spatial->who);
  release(spatial, spatial->flags, entries, sizeof *spatial->flags);
  release(spatial, spatial->reach, entries, sizeof *spatial->reach);
  release(spatial, spatial->notes, entries, sizeof *spatial->notes);
  *spatial = (struct spatial){.count = 0};
}

void spatial_index(struct spatial *spatial, size_t count) {
  if (count > spatial->capacity) {
    refuse(spatial, count - spatial->capacity);
    count = spatial->capacity;
  }
  spatial->count = count;
  count_cells(spatial, count);
  sum_up(spatial);
  scatter(spatial, count);
}

static void *allocate(const struct spatial *spatial, size_t count, size_t size) {
  void *array = ration_memory_allocate_array(spatial->memory, count, size, 64);
  if (array) memset(array, 0, count * size);
  return array;
}

static void release(const struct spatial *spatial, void *array, size_t count, size_t size) {
  ration_memory_release(spatial->memory, array, count * size, 64);
}

static void refuse(const struct spatial *spatial, size_t count) {
  while (count--) ration_limits_add(spatial->limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, SIZE_MAX);
}

static void count_cells(const struct spatial *spatial, size_t count) {
  uint32_t *counts = spatial->starts + 2;
  memset(spatial->starts, 0, (spatial->cells + 2) * sizeof *spatial->starts);
  for (size_t i = 0; i < count; i++) counts[spatial->notes[i].cell]++;
}

static void sum_up(const struct spatial *spatial) {
  uint32_t sum = 0;
  for (size_t cell = 2; cell < spatial->cells + 2; cell++)
    spatial->starts[cell] = sum += spatial->starts[cell];
}

static void scatter(const struct spatial *spatial, size_t count) {
  uint32_t *places = spatial->starts + 1;
  for (size_t i = 0; i < count; i++) {
    const struct spatial_note *note = &spatial->notes[i];
    uint32_t place = places[note->cell]++;
    spatial->x[place] = note->x;
    spatial->y[place] = note->y;
    spatial->reach[place] = note->reach;
    spatial->flags[place] = note->flags;
    spatial->who[place] = (uint32_t)i;
  }
}
