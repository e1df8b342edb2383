/*
 * sense.c: what each creature has round it in this frame: the nearest plant with food, the nearest other creature, how many
 * others, and how many of them fight.
 *
 * In the order of the spatial hash: then those that one looks at have just been looked at by the one before. The store is
 * nearly in that order (store/arrange.c), so that what each writes to its own record lies near, too.
 *
 * A cell and the two beside it are one run of entries, and there are three such runs round a cell. Of each the first 8
 * entries are compared at once, however few they are: they are mostly all, and so no branch depends on how many there are.
 * Where the processor has AVX2 that is one register, else two. Some 350 instructions a creature of some 900 in its
 * frame.
 */
#include "systems/systems.h"

#include <math.h>
#include <string.h>

#include "creature/fetch.h"

#define BYTES_ENTRY                                                                                          \
  (10 * sizeof(uint32_t) + sizeof(struct plant_place) + sizeof(struct percept)) /* with the cells */
#define BYTES_LOOK (4 * sizeof(uint32_t))

#define WIDTH 8u

typedef float float8 __attribute__((vector_size(32)));
typedef int32_t int8 __attribute__((vector_size(32)));
typedef int32_t int4 __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline)) /* into what is compiled for AVX2, too */
#if defined(__x86_64__)
#define FOR_AVX2 __attribute__((target("avx2")))
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#else
#define FOR_AVX2
#define HAS_AVX2 0
#endif

/* Who senses. */
struct eye {
  float x, y, reach;
  uint32_t me;
};

/* What is known so far, in each of 8 lanes apart. */
struct found {
  float8 nearest; /* distance squared */
  int8 who;
  int8 others;   /* how many */
  int8 fighters; /* FLAG_IN_COMBAT for each of these that fights */
};

static void sense_entries(void *context, size_t first, size_t last, unsigned worker);
FOR_AVX2 static void sense_entries_avx2(void *context, size_t first, size_t last, unsigned worker);
static void sense_rest(void *context, size_t first, size_t last, unsigned worker);
INLINE void sense_all(const struct simulation *simulation, size_t first, size_t last, unsigned worker);
INLINE const struct plant_place *plant_of(const struct simulation *simulation, size_t entry);
INLINE size_t sense(const struct simulation *simulation, const struct eye *eye, struct percept *percept);
INLINE void sense_plant(const struct plants *plants, const struct eye *eye, uint32_t cell,
                        struct percept *percept);
INLINE size_t sense_others(const struct spatial *spatial, const struct eye *eye, uint32_t cell, uint32_t side,
                           struct percept *percept);

void systems_sense(struct simulation *simulation) {
  workers_step entries = HAS_AVX2 ? sense_entries_avx2 : sense_entries;
  workers_run(simulation->workers, simulation->spatial.count, entries, simulation);
  size_t rest = creatures_count(&simulation->creatures) - simulation->spatial.count;
  if (rest) workers_run(simulation->workers, rest, sense_rest, simulation);
}

static void sense_entries(void *context, size_t first, size_t last, unsigned worker) {
  sense_all(context, first, last, worker);
}

FOR_AVX2 static void sense_entries_avx2(void *context, size_t first, size_t last, unsigned worker) {
  sense_all(context, first, last, worker);
}

INLINE void sense_all(const struct simulation *simulation, size_t first, size_t last, unsigned worker) {
  const struct spatial *spatial = &simulation->spatial;
  struct hot *hots = creatures_hot(&simulation->creatures);
  size_t looked_at = 0, others = 0;
  for (size_t i = first; i < last; i++) {
    fetch(plant_of(simulation, i + SPATIAL_PADDING));
    fetch_to_write(&hots[spatial->who[i + SPATIAL_PADDING]]);
    const struct eye eye = {spatial->x[i], spatial->y[i], spatial->reach[i], spatial->who[i]};
    struct percept percept;
    looked_at += sense(simulation, &eye, &percept);
    others += percept.crowd;
    hots[eye.me].percept = percept;
  }
  struct counters *share = &simulation->shares[worker];
  share->sensed += last - first;
  share->sensed_others += others;
  share->bytes_touched += (last - first) * BYTES_ENTRY + looked_at * BYTES_LOOK;
}

/* Those that the limit refused an entry are the last of the store. */
static void sense_rest(void *context, size_t first, size_t last, unsigned worker) {
  const struct simulation *simulation = (const struct simulation *)context;
  struct hot *hots = creatures_hot(&simulation->creatures);
  struct warm *const *warms = creatures_warm(&simulation->creatures);
  struct counters *share = &simulation->shares[worker];
  for (size_t i = first + simulation->spatial.count; i < last + simulation->spatial.count; i++) {
    const struct eye eye = {hots[i].position.x, hots[i].position.y,
                            spatial_reach(warms[i] ? &warms[i]->movement : NULL), (uint32_t)i};
    share->bytes_touched += BYTES_ENTRY + sense(simulation, &eye, &hots[i].percept) * BYTES_LOOK;
    share->sensed_others += hots[i].percept.crowd;
  }
  share->sensed += last - first;
}

/* Plants lie in the order of the cells, but the nearest may be two rows off: it is fetched ahead. */
INLINE const struct plant_place *plant_of(const struct simulation *simulation, size_t entry) {
  const struct spatial *spatial = &simulation->spatial;
  const struct plants *plants = &simulation->plants;
  uint32_t plant = plants->nearest[terrain_cell(&simulation->terrain, spatial->x[entry], spatial->y[entry])];
  return &plants->places[plant != NOTHING ? plant : 0];
}

/* How many entries were compared. */
INLINE size_t sense(const struct simulation *simulation, const struct eye *eye, struct percept *percept) {
  uint32_t cell = terrain_cell(&simulation->terrain, eye->x, eye->y);
  sense_plant(&simulation->plants, eye, cell, percept);
  return sense_others(&simulation->spatial, eye, cell, simulation->terrain.side, percept);
}

INLINE void sense_plant(const struct plants *plants, const struct eye *eye, uint32_t cell,
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

/* 8 entries, of which those from `last` on are none. */
INLINE void look_at_8(const struct spatial *spatial, const struct eye *eye, uint32_t entry, uint32_t last,
                      struct found *found) {
  float8 x, y;
  int8 who, flags;
  memcpy(&x, spatial->x + entry, sizeof x);
  memcpy(&y, spatial->y + entry, sizeof y);
  memcpy(&who, spatial->who + entry, sizeof who);
  memcpy(&flags, spatial->flags + entry, sizeof flags);
  x -= eye->x;
  y -= eye->y;
  float8 distance = x * x + y * y;
  int8 is_entry = (int8){0, 1, 2, 3, 4, 5, 6, 7} < (int32_t)(last - entry);
  int8 within = is_entry & (who != (int32_t)eye->me) & (distance <= eye->reach * eye->reach);
  int8 is_first = (distance == found->nearest) & (who < found->who);
  int8 nearer = within & ((distance < found->nearest) | is_first);
  found->nearest = (float8)((nearer & (int8)distance) | (~nearer & (int8)found->nearest));
  found->who = (nearer & who) | (~nearer & found->who);
  found->others -= within; /* which is -1 */
  found->fighters += within & flags & (int32_t)FLAG_IN_COMBAT;
}

/* Distances that are not negative are in the same order as their bits are: of the lanes the least word is the nearest, and
   of two that are as near the one that is first in the store. */
INLINE uint64_t word_of(const struct found *found, int lane) {
  int8 bits = (int8)found->nearest;
  return (uint64_t)(uint32_t)bits[lane] << 32 | (uint32_t)found->who[lane];
}

INLINE uint64_t least(uint64_t word, uint64_t other) {
  return word < other ? word : other;
}

INLINE uint64_t least_of_4(const struct found *found, int lane) {
  return least(least(word_of(found, lane), word_of(found, lane + 1)),
               least(word_of(found, lane + 2), word_of(found, lane + 3)));
}

INLINE uint32_t sum_of(const int8 *lanes) {
  uint32_t sum = 0;
  for (int lane = 0; lane < (int)WIDTH; lane++) sum += (uint32_t)(*lanes)[lane];
  return sum;
}

INLINE uint16_t at_most_16_bits(uint32_t count) {
  return count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
}

INLINE void tell(const struct found *found, struct percept *percept) {
  uint64_t nearest = least(least_of_4(found, 0), least_of_4(found, 4));
  union {
    uint32_t bits;
    float value;
  } distance = {(uint32_t)(nearest >> 32)};
  percept->neighbour = (uint32_t)nearest;
  percept->neighbour_distance = percept->neighbour == NOTHING ? 0 : sqrtf(distance.value);
  percept->crowd = at_most_16_bits(sum_of(&found->others));
  percept->fighters = at_most_16_bits(sum_of(&found->fighters) / FLAG_IN_COMBAT);
}

/* How many entries were compared. At the end of a row a run goes on in the next one, where all are too far to be sensed. */
INLINE size_t sense_others(const struct spatial *spatial, const struct eye *eye, uint32_t cell, uint32_t side,
                           struct percept *percept) {
  struct found found = {.nearest = (float8){0} + INFINITY, .who = (int8){0} - 1};
  uint32_t cells = (uint32_t)spatial->cells, looked_at = 0;
  uint32_t top = cell >= side ? cell - side : cell, bottom = cell + side < cells ? cell + side : cell;
  for (uint32_t row = top; row <= bottom; row += side) {
    uint32_t entry = spatial->starts[row ? row - 1 : 0],
             last = spatial->starts[row + 2 < cells ? row + 2 : cells];
    looked_at += last - entry;
    do {
      look_at_8(spatial, eye, entry, last, &found);
      entry += WIDTH;
    } while (entry < last);
  }
  tell(&found, percept);
  return looked_at;
}
