/*
 * world_system.c: systems, kept in the order in which they run.
 */
#include "kit/world_store.h"

#include <errno.h>
#include <string.h>

static size_t place_of(const struct ration_world *world, const char *name) {
  size_t i = 0;
  while (i < world->system_count && strcmp(world->systems[i].name, name) != 0) i++;
  return i;
}

static int grow(struct ration_world *world) {
  if (world->system_count == world->settings.systems) return -ENOSPC;
  if (world->system_count < world->system_capacity) return 0;
  size_t count = world->system_capacity ? 2 * world->system_capacity : 8;
  void *grown =
      ration_memory_reallocate(world->memory, world->systems, world->system_capacity * sizeof *world->systems,
                               count * sizeof *world->systems, sizeof(void *));
  if (!grown) return -errno;
  world->systems = (struct ration_world_system *)grown;
  world->system_capacity = count;
  return 0;
}

int ration_world_system_add(struct ration_world *world, const struct ration_world_system *system) {
  if (!world || !world->pools || !system || !system->name || !system->run) return -EINVAL;
  if (world->is_running) return -EBUSY;
  if (place_of(world, system->name) < world->system_count) return -EEXIST;
  int error = grow(world);
  if (error) return error;
  size_t place = world->system_count;
  while (place && world->systems[place - 1].order > system->order) place--;
  memmove(world->systems + place + 1, world->systems + place,
          (world->system_count - place) * sizeof *world->systems);
  world->systems[place] = *system;
  world->system_count++;
  return 0;
}

int ration_world_system_remove(struct ration_world *world, const char *name) {
  if (!world || !world->pools || !name) return -EINVAL;
  if (world->is_running) return -EBUSY;
  size_t place = place_of(world, name);
  if (place == world->system_count) return -ENOENT;
  world->system_count--;
  memmove(world->systems + place, world->systems + place + 1,
          (world->system_count - place) * sizeof *world->systems);
  return 0;
}

int ration_world_run(struct ration_world *world, double seconds) {
  if (!world || !world->pools) return -EINVAL;
  if (world->is_running) return -EBUSY;
  world->is_running = 1;
  int result = 0;
  for (size_t i = 0; i < world->system_count && !result; i++) {
    const struct ration_world_system *system = &world->systems[i];
    uint32_t iterating = world->iterating;
    result = system->run(world, seconds, system->context);
    if (!result && world->iterating != iterating) result = -EBUSY;
  }
  world->is_running = 0;
  return result;
}

void world_systems_done(struct ration_world *world) {
  if (world->systems)
    ration_memory_release(world->memory, world->systems, world->system_capacity * sizeof *world->systems,
                          sizeof(void *));
}
