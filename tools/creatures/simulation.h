/*
 * simulation.h: the world and all that lives in it, and what happens in a frame (README.md has the order of its steps).
 */
#ifndef CREATURES_SIMULATION_H
#define CREATURES_SIMULATION_H

#include <ration/kit/limits.h>

#include "memory/memory.h"
#include "store/creatures.h"
#include "workers.h"
#include "world/events.h"
#include "world/paths.h"
#include "world/plants.h"
#include "world/spatial.h"
#include "world/terrain.h"

#define FRAMES_A_SECOND 60u
#define FRAME_SECONDS   (1.0f / FRAMES_A_SECOND)

/* Work done so far; all are 64-bit. What systems count in all threads is added up after the steps that run so. */
struct counters {
  alignas(64) uint64_t moved;
  uint64_t sensed, sensed_others, decided, recalls, recalled_memories;
  uint64_t eaten, fights, flights, meetings, courtships, births, deaths, starved, births_refused;
  uint64_t remembered, learned, opens_put_off;
  uint64_t bytes_touched; /* by systems: read and written */
};

struct camera {
  float x, y;
};

struct simulation;

/* What the warm record has of the genes. */
typedef void (*simulation_bear)(const struct simulation *simulation, const struct cold *cold,
                                struct warm *ret_warm);

struct simulation {
  struct memory_root memory;
  struct ration_limits limits;
  struct creatures creatures;
  struct terrain terrain;
  struct plants plants;
  struct spatial spatial;
  struct paths paths;
  struct events events;
  struct workers *workers;
  struct media *media;   /* media/media.h */
  struct relief *relief; /* pressure/relief.h */
  struct camera camera;
  struct counters counters;
  struct counters *shares; /* of each worker, in the step that runs */
  simulation_bear bear;    /* of systems/, for rooms that do not see it */
  size_t expected;         /* creatures at the start, also of a world that was loaded */
  uint64_t seed;
  uint32_t frame;
  uint32_t level;            /* of pressure on creatures in this frame: RATION_LEVEL_* */
  uint32_t rendering_level;  /* ... and on textures */
  double management_seconds; /* spent on births, deaths, handlers and the arena's flips */
};

struct simulation_settings {
  size_t creatures; /* at the start */
  uint64_t seed;
  uint64_t budget; /* bytes */
  unsigned threads;
  const char *limits; /* NAME=N,...; NULL */
  const char *script; /* a file; NULL: real pressure */
  const char *load;   /* a file; NULL: a new world */
};

/* 0, or -errno and in *ret_wrong one line that says what to do. */
int simulation_init(struct simulation *simulation, const struct simulation_settings *settings,
                    const char **ret_wrong);
void simulation_done(struct simulation *simulation);

void simulation_step(struct simulation *simulation);

/* Of the hot and warm state of all creatures, in the order of their ids. */
uint64_t simulation_checksum(const struct simulation *simulation);

#endif
