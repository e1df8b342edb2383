/*
 * paths.h: ways round the water from cell to cell, kept for whoever goes the same way again. At most the limit; one more
 * drops the oldest. A path is a pure function of its ends, so that a dropped one is found the same again. That there is no
 * way is kept likewise.
 *
 * A step leads to one of the 8 cells round it, which is dry; one across a corner only where the two cells beside it are
 * dry, too, so that the straight line between the middles of the two is all dry.
 */
#ifndef CREATURES_WORLD_PATHS_H
#define CREATURES_WORLD_PATHS_H

#include <ration/kit/limits.h>
#include <ration/kit/memory.h>

#include "world/terrain.h"

#define PATH_STEPS 32u /* of one path, at most: the rest is found when these are walked */
#define PATH_SEARCH                                                                                          \
  512u /* cells that a search looks round from; where it is not there by then, there is no way */

struct path_search;

struct path {
  uint32_t serial;            /* 0: none */
  uint32_t from, to;          /* cells */
  uint32_t count;             /* 0: there is no way */
  uint32_t steps[PATH_STEPS]; /* cells, the first after `from`; the last is `to`, where all of it has room */
};

struct paths {
  struct path *slots; /* [capacity], as a ring: the oldest goes */
  uint32_t *table;    /* by hash of the ends: slot plus 1 */
  size_t table_size;
  uint32_t capacity, count, next, serial;
  const struct terrain *terrain;
  struct ration_memory *memory;
  struct ration_limits *limits;
  struct path_search *search;                /* world/path_search.h */
  uint64_t found, reused, dropped, hopeless; /* so far */
};

int paths_init(struct paths *paths, struct ration_memory *memory, struct ration_limits *limits,
               const struct terrain *terrain);
void paths_done(struct paths *paths);

/* The slot of the path, plus 1, and its serial; 0: there is no way. Where the two are the same cell, it is its one step. */
uint32_t paths_find(struct paths *paths, uint32_t from, uint32_t to, uint32_t *ret_serial);

/* NULL: it was dropped. */
const struct path *paths_get(const struct paths *paths, uint32_t slot, uint32_t serial);

/* 1 if ring and table belong together, and all cells are in the world: of what was read from a file, and for tests. */
int paths_are_valid(const struct paths *paths);

#endif
