/*
 * world.h: a whole small world, for tests of what stands outside of it.
 */
#ifndef RATION_TESTS_CREATURES_WORLD_H
#define RATION_TESTS_CREATURES_WORLD_H

#include "simulation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline void world_begin(struct simulation *simulation, size_t creatures, const char *script,
                               const char *load) {
  const struct simulation_settings settings = {.creatures = creatures,
                                               .seed = 5,
                                               .budget = UINT64_C(256) << 20,
                                               .threads = 1,
                                               .script = script,
                                               .load = load};
  const char *wrong = "";
  cr_assert_eq(simulation_init(simulation, &settings, &wrong), 0, "%s", wrong);
}

static inline void world_run(struct simulation *simulation, uint32_t frames) {
  for (uint32_t i = 0; i < frames; i++) simulation_step(simulation);
}

/* A file's name of this process's own; in ret_name. */
static inline void world_file(char ret_name[64], const char *what) {
  snprintf(ret_name, 64, "/tmp/creatures-%s-%ld", what, (long)getpid());
}

#endif
