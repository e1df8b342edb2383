/*
 * settle.c: those that are there at the start: grown, of no parents, each with a past of its own, so that they neither die
 * nor think all at once, and remember as much as they may.
 */
#include "creature/chance.h"
#include "store/memories.h"
#include "systems/ecology.h"
#include "systems/genetics.h"
#include "systems/reckon.h"
#include "systems/systems.h"

static struct vec3 find_place(const struct simulation *simulation, uint64_t id);
static void live_so_far(struct simulation *simulation, uint64_t id, struct cold *cold, struct warm *warm);
static void remember_past(struct simulation *simulation, uint64_t id, struct cold *cold, struct vec3 place);
static void make_up(const struct simulation *simulation, uint64_t id, uint32_t nth, struct vec3 place,
                    struct memory *ret_memory);

int succeed_settle(struct simulation *simulation) {
  struct creatures *creatures = &simulation->creatures;
  uint64_t id;
  int error = creatures_add(creatures, &id);
  if (error) return error;
  uint32_t position = (uint32_t)creatures_count(creatures) - 1;
  struct cold *cold = creatures_cold(creatures, position);
  struct hot *hot = &creatures_hot(creatures)[position];
  genetics_random(simulation->seed, id, &cold->genetics);
  live_so_far(simulation, id, cold, creatures_warm(creatures)[position]);
  hot->health = 1;
  hot->energy = SETTLE_ENERGY + SETTLE_RANGE * chance(simulation->seed, id, 0, QUESTION_ENERGY);
  struct vec3 place = find_place(simulation, id);
  succeed_place(simulation, position, cold, place);
  remember_past(simulation, id, cold, place);
  return 0;
}

/* Dry, unless there is hardly any dry place. */
static struct vec3 find_place(const struct simulation *simulation, uint64_t id) {
  const struct terrain *terrain = &simulation->terrain;
  struct vec3 place = {0, 0, 0};
  for (uint32_t nth = 0; nth < SETTLE_TRIES; nth++) {
    float x = chance(simulation->seed, id, 0, QUESTION_PLACE + 2 * nth);
    float y = chance(simulation->seed, id, 0, QUESTION_PLACE + 2 * nth + 1);
    place = (struct vec3){1 + x * (terrain->units - 2), 1 + y * (terrain->units - 2), 0};
    if (!terrain->is_water[terrain_cell(terrain, place.x, place.y)]) break;
  }
  return place;
}

/* Of its life a part is over: what is left is its lifespan here. */
static void live_so_far(struct simulation *simulation, uint64_t id, struct cold *cold, struct warm *warm) {
  struct expressed expressed;
  genetics_express(&cold->genetics, &expressed);
  float age = chance(simulation->seed, id, 0, QUESTION_AGE);
  cold->biography.born_at = simulation->frame;
  cold->biography.lifespan = expressed.lifespan * (1 - age);
  cold->used_at = simulation->frame;
  succeed_bear(simulation, cold, warm);
  warm->decision.decisions = (uint32_t)((GROWN_SECONDS + age * expressed.lifespan) / TURN_SECONDS);
  warm->emotional.stress = 0.5f * age;
}

static void remember_past(struct simulation *simulation, uint64_t id, struct cold *cold, struct vec3 place) {
  struct ration_limit_figures figures;
  if (ration_limits_stats(&simulation->limits, RATION_LIMIT_MEMORIES, &figures)) return;
  uint32_t most = (uint32_t)figures.limit.maximum;
  for (uint32_t nth = 0; nth < most; nth++) {
    struct memory memory;
    make_up(simulation, id, nth, place, &memory);
    memory.frame =
        simulation->frame - (uint32_t)(SETTLE_PAST * FRAMES_A_SECOND * (float)(most - nth) / (float)most);
    if (memories_add(&simulation->creatures, cold, &memory) < 0) return;
  }
}

/* A place near its own; where a plant is near that, it has eaten there. */
static void make_up(const struct simulation *simulation, uint64_t id, uint32_t nth, struct vec3 place,
                    struct memory *ret_memory) {
  const struct plants *plants = &simulation->plants;
  uint64_t bits = chance_bits(simulation->seed, id, 0, QUESTION_PAST + nth);
  float most = simulation->terrain.units - 1;
  float x = SETTLE_PAST_UNITS * ((float)(bits & 0xffff) * 0x2p-16f - 1);
  float y = SETTLE_PAST_UNITS * ((float)(bits >> 16 & 0xffff) * 0x2p-16f - 1);
  float value = (float)(bits >> 32 & 0xffff) * 0x1p-16f;
  *ret_memory = (struct memory){.x = reckon_between(1, place.x + x, most),
                                .y = reckon_between(1, place.y + y, most),
                                .kind = MEMORY_PLACE,
                                .value = 0.2f * value,
                                .weight = 0.2f};
  uint32_t cell = terrain_cell(&simulation->terrain, ret_memory->x, ret_memory->y);
  uint32_t plant = plants->count ? plants->nearest[cell] : NOTHING;
  if (bits >> 48 & 1 || plant >= plants->count) return;
  ret_memory->kind = MEMORY_FOOD;
  ret_memory->x = plants->places[plant].x;
  ret_memory->y = plants->places[plant].y;
  ret_memory->value = 0.3f + 0.7f * value;
  ret_memory->weight = 0.3f + 0.5f * value;
}
