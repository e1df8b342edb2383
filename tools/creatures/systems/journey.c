/*
 * journey.c: see journey.h. The steps of a path are walked by systems/live.c.
 */
#include "systems/journey.h"

#include "systems/ecology.h"
#include "systems/reckon.h"

#define PATH_FROM (2.5f * CELL_UNITS) /* units: so far off, whose path has ended needs the next part of it */

static int is_on_its_way(const struct hot *hot, const struct warm *warm);
static void go_by_path(struct simulation *simulation, const struct hot *hot, struct warm *warm);

void journey_begin(struct simulation *simulation, const struct hot *hot, struct warm *warm) {
  struct movement *movement = &warm->movement;
  if (movement->pace <= 0 || is_on_its_way(hot, warm)) return;
  movement->goal = warm->decision.place;
  movement->waypoint = warm->decision.place;
  movement->has_goal = 1;
  movement->path = 0;
  movement->path_serial = 0;
  movement->step = 0;
  if (warm->decision.action == ACTION_SEEK_FOOD) go_by_path(simulation, hot, warm);
}

/* A path that has ended far from the goal was too long to be found at once, or was dropped. */
static int is_on_its_way(const struct hot *hot, const struct warm *warm) {
  const struct movement *movement = &warm->movement;
  const struct vec3 *place = &warm->decision.place;
  if (!movement->has_goal) return 0;
  float moved2 = reckon_distance2(movement->goal.x, movement->goal.y, place->x, place->y);
  if (moved2 > GOAL_MOVED_BY * GOAL_MOVED_BY) return 0;
  if (warm->decision.action != ACTION_SEEK_FOOD || movement->path) return 1;
  return reckon_distance2(hot->position.x, hot->position.y, place->x, place->y) < PATH_FROM * PATH_FROM;
}

/* Where there is no way, it believes no more that there is food. */
static void go_by_path(struct simulation *simulation, const struct hot *hot, struct warm *warm) {
  struct movement *movement = &warm->movement;
  uint32_t from = hot->spatial_hash, serial;
  uint32_t to = terrain_cell(&simulation->terrain, movement->goal.x, movement->goal.y);
  if (from == to) return;
  uint32_t slot = paths_find(&simulation->paths, from, to, &serial);
  const struct path *path = slot ? paths_get(&simulation->paths, slot, serial) : NULL;
  if (!path || !path->count) {
    movement->has_goal = 0;
    warm->sensory.food_age = LONG_AGO;
    return;
  }
  movement->path = slot;
  movement->path_serial = serial;
  if (path->steps[0] != to) movement->waypoint = terrain_middle(&simulation->terrain, path->steps[0]);
}
