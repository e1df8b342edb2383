/*
 * simulation.c: makes the world part by part, and takes a frame's steps in order.
 */
#include "simulation.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "creature/chance.h"
#include "media/media.h"
#include "memory/limits.h"
#include "pressure/relief.h"
#include "save/load.h"
#include "systems/systems.h"

#define CAMERA_FRAMES  7200u /* once round */
#define CAMERA_RADIUS  0.25f /* of the world */
#define ROOM_LEAST     16u   /* creatures */
#define ARRANGE_FRAMES 512u  /* while which few creatures come far */
#define COUNTERS       (offsetof(struct counters, bytes_touched) / sizeof(uint64_t) + 1)

static int init_all(struct simulation *simulation, const struct simulation_settings *settings,
                    struct load *load, size_t room, const char **ret_wrong);
static int init_memory(struct simulation *simulation, const struct simulation_settings *settings,
                       const struct load *load, const char **ret_wrong);
static int init_world(struct simulation *simulation, size_t room);
static int init_rest(struct simulation *simulation, const struct simulation_settings *settings,
                     const char **ret_wrong);
static int populate(struct simulation *simulation);
static void say_too_small(uint64_t budget, size_t creatures, const char **ret_wrong);
static void arrange(struct simulation *simulation);
static void move_camera(struct simulation *simulation);
static void gather(struct simulation *simulation);
static void end_frame(struct simulation *simulation);
static uint64_t hash_words(uint64_t hash, const void *record, size_t size);
static double now(void);

static char wrong[256];

int simulation_init(struct simulation *simulation, const struct simulation_settings *settings,
                    const char **ret_wrong) {
  struct load *load = NULL;
  memset(simulation, 0, sizeof *simulation);
  int error = settings->load ? load_open(&load, settings->load, ret_wrong) : 0;
  if (error) return error;
  /* With room for all at once, so that no frame asks for it; in a tight budget, where that leaves none for the rest, for
     fewer: then it is asked for when it is needed. */
  size_t room = load ? load_settings(load)->creatures : settings->creatures;
  do {
    error = init_all(simulation, settings, load, room, ret_wrong);
    room /= 2;
  } while (error == -ENOMEM && room >= ROOM_LEAST);
  if (load) load_close(load);
  return error;
}

static int init_all(struct simulation *simulation, const struct simulation_settings *settings,
                    struct load *load, size_t room, const char **ret_wrong) {
  *simulation = (struct simulation){.seed = settings->seed, .expected = settings->creatures};
  say_too_small(settings->budget, load ? load_settings(load)->creatures : settings->creatures, ret_wrong);
  int error = init_memory(simulation, settings, load, ret_wrong);
  if (!error) error = init_world(simulation, room);
  if (!error) error = init_rest(simulation, settings, ret_wrong);
  if (!error) error = load ? load_into(load, simulation, ret_wrong) : populate(simulation);
  if (error) simulation_done(simulation);
  return error;
}

void simulation_done(struct simulation *simulation) {
  relief_stop(simulation);
  media_stop(simulation);
  if (simulation->shares)
    ration_memory_release(memory_of(&simulation->memory, RATION_ALLOCATOR_COMPONENTS), simulation->shares,
                          workers_count(simulation->workers) * sizeof *simulation->shares,
                          alignof(struct counters));
  if (simulation->workers) workers_stop(simulation->workers);
  creatures_done(&simulation->creatures);
  events_done(&simulation->events);
  paths_done(&simulation->paths);
  spatial_done(&simulation->spatial);
  plants_done(&simulation->plants);
  terrain_done(&simulation->terrain);
  ration_limits_done(&simulation->limits);
  memory_done(&simulation->memory);
  memset(simulation, 0, sizeof *simulation);
}

void simulation_step(struct simulation *simulation) {
  move_camera(simulation);
  systems_walk(simulation);
  if (simulation->frame % ARRANGE_FRAMES == 0) arrange(simulation);
  spatial_index(&simulation->spatial, creatures_count(&simulation->creatures));
  systems_sense(simulation);
  systems_think(simulation);
  gather(simulation);
  systems_act(simulation);
  plants_grow(&simulation->plants, simulation->frame);
  systems_remember(simulation);
  double began = now();
  systems_succeed(simulation);
  simulation->management_seconds += now() - began;
  media_show(simulation);
  end_frame(simulation);
}

uint64_t simulation_checksum(const struct simulation *simulation) {
  const struct creatures *creatures = &simulation->creatures;
  uint64_t sum = chance_mix(creatures_count(creatures));
  /* A sum of what depends on the id: the same as in the order of the ids, in whichever order they are stored. */
  for (size_t i = 0; i < creatures_count(creatures); i++) {
    struct warm warm;
    uint64_t hash =
        hash_words(creatures_id_at(creatures, i), &creatures_hot(creatures)[i], sizeof(struct hot));
    if (!creatures_read_warm(creatures, i, &warm)) hash = hash_words(hash, &warm, sizeof warm);
    sum += chance_mix(hash);
  }
  return sum;
}

/* ---- init ------------------------------------------------------------------------------------------------------ */

/* Memory, and the limits, by which all else is sized. */
static int init_memory(struct simulation *simulation, const struct simulation_settings *settings,
                       const struct load *load, const char **ret_wrong) {
  int error = memory_init(&simulation->memory, settings->budget);
  if (error) return error;
  if (load) {
    simulation->seed = load_settings(load)->seed;
    simulation->expected = load_settings(load)->creatures;
  }
  const char *wrong_limits = NULL;
  error = limits_fill(&simulation->limits, memory_of(&simulation->memory, RATION_ALLOCATOR_WORLD),
                      simulation->expected, load ? NULL : settings->limits, &wrong_limits);
  if (error && error != -ENOMEM) *ret_wrong = wrong_limits;
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS && load && !error; i++)
    error = ration_limits_set(&simulation->limits, i, load_settings(load)->limits[i]);
  return error;
}

static int init_world(struct simulation *simulation, size_t room) {
  struct ration_memory *world = memory_of(&simulation->memory, RATION_ALLOCATOR_WORLD);
  struct ration_limits *limits = &simulation->limits;
  size_t expected = simulation->expected;
  int error = terrain_init(&simulation->terrain, world, simulation->seed, expected);
  if (!error)
    error = plants_init(&simulation->plants, &simulation->memory, &simulation->terrain, simulation->seed,
                        expected);
  if (!error)
    error = spatial_init(&simulation->spatial, memory_of(&simulation->memory, RATION_ALLOCATOR_COMPONENTS),
                         limits, &simulation->terrain, limits_maximum(limits, RATION_LIMIT_ACTIVE_CREATURES));
  if (!error) error = paths_init(&simulation->paths, world, limits, &simulation->terrain);
  if (!error) error = events_init(&simulation->events, world, limits);
  size_t most = limits_maximum(limits, RATION_LIMIT_ACTIVE_CREATURES);
  if (!error)
    error = creatures_init(&simulation->creatures, &simulation->memory, limits, room < most ? room : most);
  return error;
}

static int init_rest(struct simulation *simulation, const struct simulation_settings *settings,
                     const char **ret_wrong) {
  struct ration_memory *components = memory_of(&simulation->memory, RATION_ALLOCATOR_COMPONENTS);
  int error = workers_start(&simulation->workers, settings->threads);
  if (error == -EAGAIN) *ret_wrong = "--threads: the system starts no more; give fewer";
  if (error) return error;
  simulation->bear = succeed_bear;
  simulation->shares = ration_memory_allocate_array(components, settings->threads, sizeof *simulation->shares,
                                                    alignof(struct counters));
  if (!simulation->shares) return -errno;
  memset(simulation->shares, 0, settings->threads * sizeof *simulation->shares);
  error = media_start(simulation);
  const char *wrong_script = NULL;
  if (!error) {
    error = relief_start(simulation, settings->script, &wrong_script);
    if (error) *ret_wrong = wrong_script;
  }
  move_camera(simulation);
  return error;
}

/* As many as the limit lets in. Where the budget is at its end before, those that are there give up what they can spare,
   as under pressure: the more, the fewer that let in the last time. */
static int populate(struct simulation *simulation) {
  int level = RATION_LEVEL_MEDIUM, error = 0;
  for (size_t i = 0, last = 0; i < simulation->expected && !error;) {
    error = succeed_settle(simulation);
    i += !error;
    if (error != -ENOMEM) continue;
    int is_stuck = i - last <= i / 64;
    if (is_stuck && level == RATION_LEVEL_CRITICAL) break;
    level = is_stuck ? level + 1 : RATION_LEVEL_HIGH;
    last = i;
    error = 0;
    RATION_CRITICAL {
      (void)relief_shed_creatures(simulation, level, RELIEF_ALL);
    }
  }
  return error == -ENOSPC ? 0 : error;
}

static void say_too_small(uint64_t budget, size_t creatures, const char **ret_wrong) {
  snprintf(wrong, sizeof wrong, "--budget: %llu bytes are too few for %zu creatures: give more",
           (unsigned long long)budget, creatures);
  *ret_wrong = wrong;
}

/* ---- a frame --------------------------------------------------------------------------------------------------- */

/* By cell. Nobody keeps a position from the frame before but in a percept, and all sense anew now. Where the hash has not
   room for all it is left: it would refuse some twice. */
static void arrange(struct simulation *simulation) {
  struct spatial *spatial = &simulation->spatial;
  struct creatures *creatures = &simulation->creatures;
  size_t count = creatures_count(creatures);
  if (count > spatial->capacity) return;
  spatial_index(spatial, count);
  creatures_arrange(creatures, spatial->who, count);
  for (size_t i = 0; i < count; i++) {
    const struct warm *warm = creatures_warm(creatures)[i];
    spatial_note(spatial, i, &creatures_hot(creatures)[i], warm ? &warm->movement : NULL);
  }
}

/* Slowly round the middle. */
static void move_camera(struct simulation *simulation) {
  float units = simulation->terrain.units;
  float angle = (float)(simulation->frame % CAMERA_FRAMES) * (6.2831853f / CAMERA_FRAMES);
  simulation->camera = (struct camera){.x = units * (0.5f + CAMERA_RADIUS * cosf(angle)),
                                       .y = units * (0.5f + CAMERA_RADIUS * sinf(angle))};
}

static void gather(struct simulation *simulation) {
  uint64_t *sums = (uint64_t *)(void *)&simulation->counters;
  for (unsigned worker = 0; worker < workers_count(simulation->workers); worker++) {
    uint64_t *share = (uint64_t *)(void *)&simulation->shares[worker];
    for (size_t i = 0; i < COUNTERS; i++) {
      sums[i] += share[i];
      share[i] = 0;
    }
  }
}

static void end_frame(struct simulation *simulation) {
  double began = now();
  relief_poll(simulation);
  (void)ration_frame_arena_flip(&simulation->memory.frames);
  simulation->frame++;
  simulation->management_seconds += now() - began;
}

static uint64_t hash_words(uint64_t hash, const void *record, size_t size) {
  const unsigned char *bytes = record;
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    hash = chance_mix(hash ^ word);
  }
  return hash;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
