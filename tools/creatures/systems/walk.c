/*
 * walk.c: move and live in one pass, by stretches whose lanes stay in the cache between the two: a frame of many creatures
 * is as long as the memory that it goes through.
 */
#include "systems/systems.h"

static void walk(void *context, size_t first, size_t last, unsigned worker);

void systems_walk(struct simulation *simulation) {
  workers_run(simulation->workers, creatures_count(&simulation->creatures), walk, simulation);
  positions_clear_tail(&simulation->creatures.positions);
}

static void walk(void *context, size_t first, size_t last, unsigned worker) {
  for (size_t i = first; i < last; i += WALK_STRETCH) {
    size_t end = last - i > WALK_STRETCH ? i + WALK_STRETCH : last;
    move_range(context, i, end, worker);
    live_range(context, i, end, worker);
  }
}
