/*
 * path_search.h: the shortest way between two cells, by A*. Costs are whole numbers, and of cells that promise the same the
 * one with the lower number is looked at first: so it is the same way each time.
 */
#ifndef CREATURES_WORLD_PATH_SEARCH_H
#define CREATURES_WORLD_PATH_SEARCH_H

#include "world/paths.h"

struct path_node {
  uint32_t round; /* of the search in which it was met; else the rest means nothing */
  uint16_t cost;  /* of the way here, from the start */
  uint8_t from;   /* the direction of the last step */
  uint8_t is_done;
};

#define PATH_HEAP (PATH_SEARCH * 8 + 1)

struct path_search {
  struct path_node *nodes; /* by cell */
  const struct terrain *terrain;
  struct ration_memory *memory;
  size_t cells;
  uint32_t round, count;
  uint64_t
      heap[PATH_HEAP]; /* of cells to look at: the promised cost of the whole way, the rest of it, the cell */
};

/* NULL: ENOMEM. */
struct path_search *path_search_make(struct ration_memory *memory, const struct terrain *terrain);
void path_search_free(struct path_search *search);

/* Count and steps of the path; count 0: there is no way, or none that is found soon. */
void path_search_run(struct path_search *search, struct path *path);

#endif
