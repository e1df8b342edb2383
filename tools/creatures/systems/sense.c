/*
 * sense.c: what each creature has round it in this frame: the nearest plant with food, the nearest other creature, how many
 * others, and how many of them fight.
 *
 * First in the order of the spatial hash, not of the store, and into what belongs to the entries: then those that one looks
 * at have just been looked at by the one before, and nothing else is read. Then each creature fetches what its entry has.
 *
 * A cell and the two beside it are one run of entries, and there are three such runs round a cell. Of each the first 4
 * entries are compared at once, however few they are: they are mostly all, and so no branch depends on how many there are.
 */
#include "systems/systems.h"

#include <math.h>
#include <string.h>

#define BYTES_ENTRY (13 * sizeof(uint32_t) + sizeof(struct plant_place)) /* entry, cells, plant */
#define BYTES_LOOK  (4 * sizeof(uint32_t))
#define BYTES_FETCH (3 * sizeof(struct percept) + sizeof(uint32_t))

typedef float float4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));

/* Who senses. */
struct eye {
  float x, y, reach;
  uint32_t me;
};

/* What is known so far, in each of 4 lanes apart. */
struct found {
  float4 nearest;            /* distance squared */
  int4 who, crowd, fighters; /* fighters: times FLAG_IN_COMBAT */
};

static void sense_entries(void *context, size_t first, size_t last, unsigned worker);
static void fetch_range(void *context, size_t first, size_t last, unsigned worker);
static inline const struct plant_place *plant_of(const struct simulation *simulation, size_t entry);
static size_t sense(const struct simulation *simulation, const struct eye *eye, struct percept *percept);
static void sense_plant(const struct plants *plants, const struct eye *eye, uint32_t cell,
                        struct percept *percept);
static size_t sense_others(const struct spatial *spatial, const struct eye *eye, uint32_t cell, uint32_t side,
                           struct percept *percept);

void systems_sense(struct simulation *simulation) {
  workers_run(simulation->workers, simulation->spatial.count, sense_entries, simulation);
  workers_run(simulation->workers, creatures_count(&simulation->creatures), fetch_range, simulation);
}

static void sense_entries(void *context, size_t first, size_t last, unsigned worker) {
  const struct simulation *simulation = (const struct simulation *)context;
  const struct spatial *spatial = &simulation->spatial;
  size_t looked_at = 0;
  for (size_t i = first; i < last; i++) {
    __builtin_prefetch(plant_of(simulation, i + SPATIAL_PADDING));
    const struct eye eye = {spatial->x[i], spatial->y[i], spatial->reach[i], spatial->who[i]};
    looked_at += sense(simulation, &eye, &spatial->percepts[i]);
  }
  simulation->shares[worker].bytes_touched += (last - first) * BYTES_ENTRY + looked_at * BYTES_LOOK;
}

/* Those that the limit refused an entry are the last of the store: they sense now. */
static void fetch_range(void *context, size_t first, size_t last, unsigned worker) {
  const struct simulation *simulation = (const struct simulation *)context;
  const struct spatial *spatial = &simulation->spatial;
  struct hot *hots = creatures_hot(&simulation->creatures);
  struct warm *const *warms = creatures_warm(&simulation->creatures);
  size_t others = 0;
  for (size_t i = first; i < last; i++) {
    if (i < spatial->count) {
      hots[i].percept = spatial->percepts[spatial->entry_of[i]];
    } else {
      const struct eye eye = {hots[i].position.x, hots[i].position.y,
                              spatial_reach(warms[i] ? &warms[i]->movement : NULL), (uint32_t)i};
      sense(simulation, &eye, &hots[i].percept);
    }
    others += hots[i].percept.crowd;
  }
  struct counters *share = &simulation->shares[worker];
  share->sensed += last - first;
  share->sensed_others += others;
  share->bytes_touched += (last - first) * BYTES_FETCH;
}

/* Plants lie in the order of the cells, but the nearest may be two rows off: it is fetched ahead. */
static inline const struct plant_place *plant_of(const struct simulation *simulation, size_t entry) {
  const struct spatial *spatial = &simulation->spatial;
  const struct plants *plants = &simulation->plants;
  uint32_t plant = plants->nearest[terrain_cell(&simulation->terrain, spatial->x[entry], spatial->y[entry])];
  return &plants->places[plant != NOTHING ? plant : 0];
}

/* How many entries were compared. */
static size_t sense(const struct simulation *simulation, const struct eye *eye, struct percept *percept) {
  uint32_t cell = terrain_cell(&simulation->terrain, eye->x, eye->y);
  sense_plant(&simulation->plants, eye, cell, percept);
  return sense_others(&simulation->spatial, eye, cell, simulation->terrain.side, percept);
}

static void sense_plant(const struct plants *plants, const struct eye *eye, uint32_t cell,
                        struct percept *percept) {
  uint32_t plant = plants->nearest[cell];
  percept->plant = NOTHING;
  percept->plant_distance = 0;
  if (plant == NOTHING) return;
  float x = plants->places[plant].x - eye->x, y = plants->places[plant].y - eye->y;
  float distance = x * x + y * y;
  if (distance > eye->reach * eye->reach) return;
  percept->plant = plant;
  percept->plant_distance = sqrtf(distance);
}

/* ---- others ---------------------------------------------------------------------------------------------- */

static inline float4 load_floats(const float *from) {
  float4 loaded;
  memcpy(&loaded, from, sizeof loaded);
  return loaded;
}

static inline int4 load_words(const uint32_t *from) {
  int4 loaded;
  memcpy(&loaded, from, sizeof loaded);
  return loaded;
}

/* 4 entries, of which those from `last` on are none. */
static inline void look_at_4(const struct spatial *spatial, const struct eye *eye, uint32_t entry,
                             uint32_t last, struct found *found) {
  float4 x = load_floats(spatial->x + entry) - eye->x;
  float4 y = load_floats(spatial->y + entry) - eye->y;
  int4 who = load_words(spatial->who + entry), flags = load_words(spatial->flags + entry);
  float4 distance = x * x + y * y;
  int4 is_entry = (int4){0, 1, 2, 3} < (int32_t)(last - entry);
  int4 within = is_entry & (who != (int32_t)eye->me) & (distance <= eye->reach * eye->reach);
  int4 is_first = (distance == found->nearest) & (who < found->who);
  int4 nearer = within & ((distance < found->nearest) | is_first);
  found->nearest = (float4)((nearer & (int4)distance) | (~nearer & (int4)found->nearest));
  found->who = (nearer & who) | (~nearer & found->who);
  found->crowd -= within;
  found->fighters += within & flags & (int32_t)FLAG_IN_COMBAT;
}

/* Distances that are not negative are in the same order as their bits are: of the 4 lanes the least word is the nearest, and
   of two that are as near the one that is first in the store. */
static inline uint64_t word_of(const struct found *found, int lane) {
  int4 bits = (int4)found->nearest;
  return (uint64_t)(uint32_t)bits[lane] << 32 | (uint32_t)found->who[lane];
}

static inline uint64_t least(uint64_t word, uint64_t other) {
  return word < other ? word : other;
}

static uint16_t sum_up(int4 lanes) {
  uint32_t sum = (uint32_t)(lanes[0] + lanes[1] + lanes[2] + lanes[3]);
  return (uint16_t)(sum < UINT16_MAX ? sum : UINT16_MAX);
}

static void tell(const struct found *found, struct percept *percept) {
  uint64_t nearest =
      least(least(word_of(found, 0), word_of(found, 1)), least(word_of(found, 2), word_of(found, 3)));
  union {
    uint32_t bits;
    float value;
  } distance = {(uint32_t)(nearest >> 32)};
  percept->neighbour = (uint32_t)nearest;
  percept->neighbour_distance = percept->neighbour == NOTHING ? 0 : sqrtf(distance.value);
  percept->crowd = sum_up(found->crowd);
  percept->fighters = sum_up(found->fighters / FLAG_IN_COMBAT);
}

/* How many entries were compared. At the end of a row a run goes on in the next one, where all are too far to be sensed. */
static size_t sense_others(const struct spatial *spatial, const struct eye *eye, uint32_t cell, uint32_t side,
                           struct percept *percept) {
  const float4 far = {INFINITY, INFINITY, INFINITY, INFINITY};
  struct found found = {.nearest = far, .who = {-1, -1, -1, -1}};
  uint32_t cells = (uint32_t)spatial->cells, looked_at = 0;
  uint32_t top = cell >= side ? cell - side : cell, bottom = cell + side < cells ? cell + side : cell;
  for (uint32_t row = top; row <= bottom; row += side) {
    uint32_t entry = spatial->starts[row ? row - 1 : 0],
             last = spatial->starts[row + 2 < cells ? row + 2 : cells];
    looked_at += last - entry;
    do {
      look_at_4(spatial, eye, entry, last, &found);
      entry += 4;
    } while (entry < last);
  }
  tell(&found, percept);
  return looked_at;
}
