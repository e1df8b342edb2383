/*
 * path_search.c: A*, and its heap. A cell is in the heap once for each time that a shorter way to it was found; all but the
 * first to come out are passed over.
 *
 * Heap: heap[i] >= heap[(i - 1) / 2]. No two entries are equal: of a cell each has a lower cost than the one before it.
 */
#include "world/path_search.h"

#include <errno.h>
#include <string.h>

#define STRAIGHT 10u /* the cost of a step */
#define ACROSS   14u

/* Of the 8 directions; the last four are across a corner. */
static const int8_t steps_x[8] = {1, -1, 0, 0, 1, -1, 1, -1}, steps_y[8] = {0, 0, 1, -1, 1, -1, -1, 1};

_Static_assert(PATH_SEARCH *ACROSS <= UINT16_MAX, "a cost fits in a node");

static void look_round(struct path_search *search, uint32_t cell, uint32_t to);
static void meet(struct path_search *search, uint32_t cell, uint32_t cost, unsigned direction, uint32_t to);
static void walk_back(const struct path_search *search, struct path *path);
static void push(struct path_search *search, uint64_t entry);
static uint64_t pop(struct path_search *search);

struct path_search *path_search_make(struct ration_memory *memory, const struct terrain *terrain) {
  size_t cells = terrain_cells(terrain);
  struct path_search *search =
      (struct path_search *)ration_memory_allocate(memory, sizeof *search, _Alignof(struct path_search));
  if (!search) return NULL;
  *search = (struct path_search){.terrain = terrain, .memory = memory, .cells = cells};
  search->nodes = (struct path_node *)ration_memory_allocate_array(memory, cells, sizeof *search->nodes, 64);
  if (search->nodes) {
    memset(search->nodes, 0, cells * sizeof *search->nodes);
    return search;
  }
  path_search_free(search);
  errno = ENOMEM;
  return NULL;
}

void path_search_free(struct path_search *search) {
  if (!search) return;
  ration_memory_release(search->memory, search->nodes, search->cells * sizeof *search->nodes, 64);
  ration_memory_release(search->memory, search, sizeof *search, _Alignof(struct path_search));
}

void path_search_run(struct path_search *search, struct path *path) {
  path->count = 0;
  if (!terrain_is_dry(search->terrain, path->to) || !terrain_is_dry(search->terrain, path->from)) return;
  if (!++search->round) { /* all rounds are used up: begin anew */
    memset(search->nodes, 0, search->cells * sizeof *search->nodes);
    search->round = 1;
  }
  search->count = 0;
  meet(search, path->from, 0, 0, path->to);
  for (uint32_t looked = 0; search->count && looked < PATH_SEARCH;) {
    uint32_t cell = (uint32_t)pop(search);
    if (search->nodes[cell].is_done) continue;
    if (cell == path->to) {
      walk_back(search, path);
      return;
    }
    look_round(search, cell, path->to);
    looked++;
  }
}

/* The entry of a cell: what the whole way over it costs at least, what of that is the rest, and which it is. */
static uint64_t promise(const struct path_search *search, uint32_t cell, uint32_t cost, uint32_t to) {
  uint32_t side = search->terrain->side;
  uint32_t x = cell % side, y = cell / side, to_x = to % side, to_y = to / side;
  uint32_t far_x = x < to_x ? to_x - x : x - to_x, far_y = y < to_y ? to_y - y : y - to_y;
  uint32_t rest = far_x < far_y ? far_x * (ACROSS - STRAIGHT) + far_y * STRAIGHT
                                : far_y * (ACROSS - STRAIGHT) + far_x * STRAIGHT;
  return (uint64_t)(cost + rest) << 48 | (uint64_t)rest << 32 | cell;
}

static int is_open(const struct path_search *search, uint32_t x, uint32_t y) {
  uint32_t side = search->terrain->side;
  return x < side && y < side && terrain_is_dry(search->terrain, y * side + x);
}

static void look_round(struct path_search *search, uint32_t cell, uint32_t to) {
  uint32_t side = search->terrain->side, x = cell % side, y = cell / side;
  search->nodes[cell].is_done = 1;
  for (unsigned i = 0; i < 8; i++) {
    uint32_t next_x = x + (uint32_t)steps_x[i], next_y = y + (uint32_t)steps_y[i];
    if (!is_open(search, next_x, next_y)) continue;
    if (i >= 4 && !(is_open(search, next_x, y) && is_open(search, x, next_y))) continue;
    meet(search, next_y * side + next_x, search->nodes[cell].cost + (i < 4 ? STRAIGHT : ACROSS), i, to);
  }
}

static void meet(struct path_search *search, uint32_t cell, uint32_t cost, unsigned direction, uint32_t to) {
  struct path_node *node = &search->nodes[cell];
  if (node->round == search->round && (node->is_done || node->cost <= cost)) return;
  *node = (struct path_node){.round = search->round, .cost = (uint16_t)cost, .from = (uint8_t)direction};
  push(search, promise(search, cell, cost, to));
}

static uint32_t step_back(const struct path_search *search, uint32_t cell) {
  unsigned direction = search->nodes[cell].from;
  return cell - (uint32_t)(steps_y[direction] * (int32_t)search->terrain->side + steps_x[direction]);
}

/* Of a path that is too long its first steps are kept. */
static void walk_back(const struct path_search *search, struct path *path) {
  uint32_t length = 0;
  for (uint32_t cell = path->to; cell != path->from; cell = step_back(search, cell)) length++;
  path->count = length < PATH_STEPS ? length : PATH_STEPS;
  for (uint32_t cell = path->to, left = length; left; cell = step_back(search, cell))
    if (--left < PATH_STEPS) path->steps[left] = cell;
  if (!length) path->steps[path->count++] = path->to;
}

/* ---- the heap -------------------------------------------------------------------------------------------- */

static void push(struct path_search *search, uint64_t entry) {
  uint32_t place = search->count++;
  for (; place && search->heap[(place - 1) / 2] > entry; place = (place - 1) / 2)
    search->heap[place] = search->heap[(place - 1) / 2];
  search->heap[place] = entry;
}

static uint64_t pop(struct path_search *search) {
  uint64_t least = search->heap[0], last = search->heap[--search->count];
  uint32_t place = 0;
  for (uint32_t child = 1; child < search->count; child = 2 * place + 1) {
    if (child + 1 < search->count && search->heap[child + 1] < search->heap[child]) child++;
    if (search->heap[child] >= last) break;
    search->heap[place] = search->heap[child];
    place = child;
  }
  search->heap[place] = last;
  return least;
}
