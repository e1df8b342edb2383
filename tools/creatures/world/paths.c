/*
 * paths.c: the cache: a ring of slots, and a table of them by their ends, with linear probing.
 *
 * Ring: the slots in use are the `count` before `next`, the oldest first. Table: table_size >= 2 x capacity; from a path's
 * home on, all places up to its own are in use.
 */
#include "world/paths.h"

#include <errno.h>
#include <string.h>

#include "creature/chance.h"
#include "world/path_search.h"

static int is_path(const struct path *path, uint32_t cells);
static size_t home(const struct paths *paths, uint32_t from, uint32_t to);
static size_t find_place(const struct paths *paths, uint32_t from, uint32_t to);
static void make_room(struct paths *paths);
static void drop_oldest(struct paths *paths);
static uint32_t add(struct paths *paths, size_t place, uint32_t from, uint32_t to);

int paths_init(struct paths *paths, struct ration_memory *memory, struct ration_limits *limits,
               const struct terrain *terrain) {
  struct ration_limit_figures figures;
  int error = ration_limits_stats(limits, RATION_LIMIT_CACHED_PATHS, &figures);
  if (error) return error;
  if (figures.limit.maximum > UINT32_MAX / 4) return -EOVERFLOW;
  struct paths made = {.capacity = (uint32_t)figures.limit.maximum,
                       .table_size = 4,
                       .terrain = terrain,
                       .memory = memory,
                       .limits = limits};
  while (made.table_size < 2 * (size_t)made.capacity) made.table_size *= 2;
  made.slots = (struct path *)ration_memory_allocate_array(memory, made.capacity, sizeof *made.slots, 64);
  made.table = (uint32_t *)ration_memory_allocate_array(memory, made.table_size, sizeof *made.table, 64);
  made.search = path_search_make(memory, terrain);
  if (!made.slots || !made.table || !made.search) {
    paths_done(&made);
    return -ENOMEM;
  }
  memset(made.slots, 0, made.capacity * sizeof *made.slots);
  memset(made.table, 0, made.table_size * sizeof *made.table);
  *paths = made;
  return 0;
}

void paths_done(struct paths *paths) {
  ration_memory_release(paths->memory, paths->slots, paths->capacity * sizeof *paths->slots, 64);
  ration_memory_release(paths->memory, paths->table, paths->table_size * sizeof *paths->table, 64);
  path_search_free(paths->search);
  *paths = (struct paths){.capacity = 0};
}

uint32_t paths_find(struct paths *paths, uint32_t from, uint32_t to, uint32_t *ret_serial) {
  size_t place = find_place(paths, from, to);
  uint32_t slot = paths->table[place];
  if (slot) {
    paths->reused++;
  } else {
    make_room(paths);
    slot = add(paths, find_place(paths, from, to), from, to);
  }
  const struct path *path = &paths->slots[slot - 1];
  if (!path->count) {
    paths->hopeless++;
    return 0;
  }
  *ret_serial = path->serial;
  return slot;
}

const struct path *paths_get(const struct paths *paths, uint32_t slot, uint32_t serial) {
  if (!slot || slot > paths->capacity) return NULL;
  const struct path *path = &paths->slots[slot - 1];
  return path->serial == serial && serial ? path : NULL;
}

/* ---- the ring -------------------------------------------------------------------------------------------- */

static void make_room(struct paths *paths) {
  int drop = ration_limits_add(paths->limits, RATION_LIMIT_CACHED_PATHS, paths->count);
  for (; drop > 0; drop--) drop_oldest(paths);
  if (paths->count == paths->capacity) drop_oldest(paths); /* where the limit has been raised since */
}

static uint32_t add(struct paths *paths, size_t place, uint32_t from, uint32_t to) {
  uint32_t slot = paths->next;
  struct path *path = &paths->slots[slot];
  if (!++paths->serial) paths->serial++;
  *path = (struct path){.serial = paths->serial, .from = from, .to = to};
  path_search_run(paths->search, path);
  if (path->count) paths->found++;
  paths->table[place] = slot + 1;
  paths->next = slot + 1 < paths->capacity ? slot + 1 : 0;
  paths->count++;
  return slot + 1;
}

/* Those that lie behind it in the table close up, so that each is still to be found from its home on. */
static void drop_oldest(struct paths *paths) {
  uint32_t slot =
      paths->next >= paths->count ? paths->next - paths->count : paths->next + paths->capacity - paths->count;
  size_t mask = paths->table_size - 1,
         gap = find_place(paths, paths->slots[slot].from, paths->slots[slot].to);
  for (size_t place = (gap + 1) & mask; paths->table[place]; place = (place + 1) & mask) {
    const struct path *path = &paths->slots[paths->table[place] - 1];
    size_t length = (place - home(paths, path->from, path->to)) & mask;
    if (length < ((place - gap) & mask)) continue;
    paths->table[gap] = paths->table[place];
    gap = place;
  }
  paths->table[gap] = 0;
  paths->slots[slot].serial = 0;
  paths->count--;
  paths->dropped++;
}

/* ---- the table ------------------------------------------------------------------------------------------- */

static size_t home(const struct paths *paths, uint32_t from, uint32_t to) {
  return (size_t)chance_mix((uint64_t)from << 32 | to) & (paths->table_size - 1);
}

/* Where the path of these ends is, or would be. */
static size_t find_place(const struct paths *paths, uint32_t from, uint32_t to) {
  size_t place = home(paths, from, to);
  while (paths->table[place]) {
    const struct path *path = &paths->slots[paths->table[place] - 1];
    if (path->from == from && path->to == to) break;
    place = (place + 1) & (paths->table_size - 1);
  }
  return place;
}

/* ---- of any contents ------------------------------------------------------------------------------------------- */

/* As many places in use as slots, and each slot of the ring found where it is. With that few in use, a search ends. */
int paths_are_valid(const struct paths *paths) {
  size_t used = 0;
  if (paths->count > paths->capacity || paths->next >= paths->capacity) return 0;
  for (uint32_t slot = 0; slot < paths->capacity; slot++)
    if (!is_path(&paths->slots[slot], terrain_cells(paths->terrain))) return 0;
  for (size_t place = 0; place < paths->table_size; place++) {
    if (paths->table[place] > paths->capacity) return 0;
    used += paths->table[place] != 0;
  }
  if (used != paths->count) return 0;
  for (uint32_t nth = 1; nth <= paths->count; nth++) {
    uint32_t slot = paths->next >= nth ? paths->next - nth : paths->next + paths->capacity - nth;
    const struct path *path = &paths->slots[slot];
    if (!path->serial || paths->table[find_place(paths, path->from, path->to)] != slot + 1) return 0;
  }
  return 1;
}

static int is_path(const struct path *path, uint32_t cells) {
  if (!path->serial) return path->count <= PATH_STEPS;
  if (path->count > PATH_STEPS || path->from >= cells || path->to >= cells) return 0;
  for (uint32_t i = 0; i < path->count; i++)
    if (path->steps[i] >= cells) return 0;
  return 1;
}
