/*
 * succeed.c: deaths and births: who dies or bears is found first, by id, as each death moves another creature. The dead make
 * room for the new.
 */
#include "creature/fetch.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/genetics.h"
#include "systems/reckon.h"
#include "systems/systems.h"

/* Turns ahead. */
#define LIFE_AHEAD      32u
#define PREGNANCY_AHEAD 8u

struct ids {
  uint64_t ids[DEATHS_A_FRAME];
  size_t count;
};

static void fetch_life(const struct creatures *creatures, uint32_t position);
static void fetch_pregnancy(const struct creatures *creatures, uint32_t position);
static int is_dying(const struct simulation *simulation, uint32_t position);
static int is_in_labour(const struct simulation *simulation, uint32_t position);
static void note(struct ids *ids, uint64_t id);
static void die(struct simulation *simulation, uint64_t id);
static void give_birth(struct simulation *simulation, uint64_t mother_id);
static void inherit(struct simulation *simulation, uint64_t mother_id, uint64_t child_id, uint32_t position);

void systems_succeed(struct simulation *simulation) {
  const struct creatures *creatures = &simulation->creatures;
  struct due due;
  struct ids dying = {.count = 0}, bearing = {.count = 0};
  due_begin(&due, creatures, simulation->frame, 0, creatures_count(creatures));
  for (uint32_t position; (position = due_ahead(&due, 0)) != NOTHING; due_pass(&due)) {
    fetch_life(creatures, due_ahead(&due, LIFE_AHEAD));
    fetch_pregnancy(creatures, due_ahead(&due, PREGNANCY_AHEAD));
    if (is_dying(simulation, position))
      note(&dying, creatures_id_at(creatures, position));
    else if (is_in_labour(simulation, position))
      note(&bearing, creatures_id_at(creatures, position));
    simulation->counters.bytes_touched += sizeof(struct hot);
  }
  for (size_t i = 0; i < dying.count; i++) die(simulation, dying.ids[i]);
  for (size_t i = 0; i < bearing.count; i++) give_birth(simulation, bearing.ids[i]);
}

void succeed_bear(const struct simulation *simulation, const struct cold *cold, struct warm *ret_warm) {
  struct expressed expressed;
  genetics_express(&cold->genetics, &expressed);
  const struct biography *biography = &cold->biography;
  *ret_warm = (struct warm){
      .movement = {.speed = expressed.speed,
                   .agility = expressed.agility,
                   .sense = expressed.sense,
                   .metabolism = expressed.metabolism,
                   .dies_at = biography->born_at + (uint32_t)(biography->lifespan * FRAMES_A_SECOND)},
      .sensory = {.food_age = LONG_AGO, .threat_age = LONG_AGO},
      .social = {.sociability = expressed.sociability, .last_met_age = LONG_AGO},
      .emotional = {.curiosity = expressed.curiosity,
                    .calm = expressed.calm,
                    .courage = expressed.courage,
                    .aggression = expressed.aggression},
      .decision = {.plant = NOTHING, .decisions = (simulation->frame - biography->born_at) / AI_FRAMES},
  };
}

void succeed_place(struct simulation *simulation, uint32_t position, const struct cold *cold,
                   struct vec3 place) {
  struct creatures *creatures = &simulation->creatures;
  struct hot *hot = &creatures_hot(creatures)[position];
  struct expressed expressed;
  genetics_express(&cold->genetics, &expressed);
  hot->spatial_hash = terrain_cell(&simulation->terrain, place.x, place.y);
  float ground = simulation->terrain.heights[hot->spatial_hash];
  hot->position = (struct vec3){place.x, place.y, ground};
  hot->percept = (struct percept){.plant = NOTHING, .neighbour = NOTHING};
  positions_set(&creatures->positions, position,
                (struct positions_entry){.x = place.x,
                                         .y = place.y,
                                         .z = ground,
                                         .ground = ground,
                                         .ease = reckon_share(expressed.agility * FRAME_SECONDS)});
  genetics_look(&cold->genetics, &creatures_looks(creatures)[position]);
}

static void fetch_life(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  fetch(&creatures_hot(creatures)[position]);
  const struct warm *warm = creatures_warm(creatures)[position];
  if (warm) fetch(&warm->movement);
}

static void fetch_pregnancy(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  if (!ration_flags32_is_set(creatures_hot(creatures)[position].flags, FLAG_PREGNANT)) return;
  const struct cold *cold = creatures_cold(creatures, position);
  if (cold) fetch(&cold->biography);
}

static int is_dying(const struct simulation *simulation, uint32_t position) {
  const struct creatures *creatures = &simulation->creatures;
  const struct warm *warm = creatures_warm(creatures)[position];
  if (creatures_hot(creatures)[position].health <= 0) return 1;
  if (warm) return simulation->frame >= warm->movement.dies_at;
  const struct cold *cold = creatures_cold(creatures, position);
  return cold && simulation->frame >=
                     cold->biography.born_at + (uint32_t)(cold->biography.lifespan * FRAMES_A_SECOND);
}

static int is_in_labour(const struct simulation *simulation, uint32_t position) {
  const struct creatures *creatures = &simulation->creatures;
  if (!ration_flags32_is_set(creatures_hot(creatures)[position].flags, FLAG_PREGNANT)) return 0;
  const struct cold *cold = creatures_cold(creatures, position);
  return cold &&
         simulation->frame - cold->biography.bred_at >= (uint32_t)(PREGNANT_SECONDS * FRAMES_A_SECOND);
}

static void note(struct ids *ids, uint64_t id) {
  if (ids->count < DEATHS_A_FRAME) ids->ids[ids->count++] = id;
}

static void die(struct simulation *simulation, uint64_t id) {
  struct creatures *creatures = &simulation->creatures;
  uint32_t position = creatures_find(creatures, id);
  if (position == NOTHING) return;
  const struct hot *hot = &creatures_hot(creatures)[position];
  int is_starved = hot->health <= 0 && hot->energy <= 0;
  struct event event = {.subject = id,
                        .x = hot->position.x,
                        .y = hot->position.y,
                        .kind = is_starved ? EVENT_STARVED : EVENT_DIED,
                        .frame = simulation->frame};
  if (creatures_remove(creatures, id)) return;
  events_push(&simulation->events, &event);
  simulation->counters.deaths++;
  simulation->counters.starved += is_starved != 0;
}

/* Where there is no room for it, the child is lost, and she is not pregnant any more. */
static void give_birth(struct simulation *simulation, uint64_t mother_id) {
  struct creatures *creatures = &simulation->creatures;
  uint32_t mother = creatures_find(creatures, mother_id);
  if (mother == NOTHING) return;
  ration_flags32_clear(&creatures_hot(creatures)[mother].flags, FLAG_PREGNANT);
  uint64_t id;
  if (creatures_add(creatures, &id)) {
    simulation->counters.births_refused++;
    return;
  }
  uint32_t position = (uint32_t)creatures_count(creatures) - 1;
  inherit(simulation, mother_id, id, position);
  struct hot *hers = &creatures_hot(creatures)[mother], *its = &creatures_hot(creatures)[position];
  hers->energy = reckon_share(hers->energy - BIRTH_COST);
  its->energy = BIRTH_ENERGY;
  its->health = 1;
  succeed_place(simulation, position, creatures_cold(creatures, position), hers->position);
  struct event event = {.subject = id,
                        .object = mother_id,
                        .x = hers->position.x,
                        .y = hers->position.y,
                        .kind = EVENT_BORN,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
  simulation->counters.births++;
}

/* The father is whom she courted with; where he, or what she knows of him, is gone, the genes are hers alone. */
static void inherit(struct simulation *simulation, uint64_t mother_id, uint64_t child_id, uint32_t position) {
  struct creatures *creatures = &simulation->creatures;
  uint32_t mother = creatures_find(creatures, mother_id);
  const struct warm *warm = creatures_warm(creatures)[mother];
  uint64_t father_id = warm ? warm->social.partner_id : 0;
  uint32_t father = father_id ? creatures_find(creatures, father_id) : NOTHING;
  const struct cold *hers = creatures_cold(creatures, mother);
  const struct cold *his = father == NOTHING ? NULL : creatures_cold(creatures, father);
  struct cold *its = creatures_cold(creatures, position);
  genetics_mix(&hers->genetics, his ? &his->genetics : NULL, simulation->seed, child_id, &its->genetics);
  struct expressed expressed;
  genetics_express(&its->genetics, &expressed);
  its->biography = (struct biography){.mother = mother_id,
                                      .father = father_id,
                                      .born_at = simulation->frame,
                                      .generation = hers->biography.generation + 1,
                                      .lifespan = expressed.lifespan};
  its->used_at = simulation->frame;
  succeed_bear(simulation, its, creatures_warm(creatures)[position]);
}
