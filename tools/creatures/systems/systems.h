/*
 * systems.h: the steps of a frame that are about creatures, and what a creature's turn to decide consists of. README.md has
 * their order.
 *
 * Who writes what, in think, of the creature whose turn it is:
 *
 *     perceive    sensory
 *     feel        emotional
 *     socialise   social: friend, foe, loneliness, ages
 *     recall      sensory.food, where its senses have nothing newer; decision.recalled_value, wants_opened; cold.used_at
 *     decide      decision, movement.pace, hot.state, FLAG_SLEEPING; it ends IN_COMBAT, which each blow sets anew
 *     reflex      hot.state and flags as decide; its lane's wanted velocity
 *
 * and in the steps of one thread:
 *
 *     act         movement: goal, waypoint, path; health, energy, EATING, IN_COMBAT, PREGNANT, DISEASED; plants; events;
 *                 decision.meal; social: who was met last, whom it courted with; archives that are to be opened
 *     remember    memories, relations, behaviours, biography; social: friend, foe, learned;
 *                 emotional: what events leave
 *     succeed     births and deaths
 */
#ifndef CREATURES_SYSTEMS_SYSTEMS_H
#define CREATURES_SYSTEMS_SYSTEMS_H

#include "simulation.h"

void systems_walk(struct simulation *simulation);
void systems_sense(struct simulation *simulation);
void systems_think(struct simulation *simulation);
void systems_act(struct simulation *simulation);
void systems_remember(struct simulation *simulation);
void systems_succeed(struct simulation *simulation);

/* A creature's turn. What is not const is its own. Of others may be read what no turn writes: position, health, energy,
   id. */
struct turn {
  const struct simulation *simulation;
  uint32_t position;
  uint32_t place; /* the low half of its id: what its chances are of; the whole costs a cache miss */
  struct hot *hot;
  struct warm *warm; /* NULL: for reflex alone */
  struct cold *cold; /* NULL but where it is to recall: to look into it costs cache misses */
  float seconds;     /* since its last turn */
  struct counters *counters;
  uint64_t neighbour_id;   /* of perceive: 0: there is none, or one that it does not know */
  uint32_t has_neighbour;  /* likewise: 1: there is one */
  uint32_t is_friend_near; /* of socialise: the neighbour is its friend, or its partner */
  uint32_t is_foe_near;    /* likewise: its foe */
};

void perceive(struct turn *turn);
void feel(struct turn *turn);
void socialise(struct turn *turn);
void recall(struct turn *turn);
void decide(struct turn *turn);
void reflex(struct turn *turn);

/* Whether the creature in that place may be one that it has in mind: only then its whole id is looked up. */
static inline int perceive_may_know(const struct warm *warm, uint32_t place) {
  const struct social *social = &warm->social;
  return (uint32_t)social->friend_id == place || (uint32_t)social->foe_id == place ||
         (uint32_t)social->partner_id == place || (uint32_t)social->last_met_id == place;
}

/* A page of memories that will be recalled soon, into the cache; NULL: nothing. */
void recall_fetch(const struct memory_page *page);

/* ---- what systems_walk consists of: of a range that begins at a whole block of lanes ---- */

#define WALK_STRETCH 256u /* creatures that move and then live: 10 KiB of lanes; whole blocks */

/* May leave other than zeroes in the lanes behind the last. */
void move_range(struct simulation *simulation, size_t first, size_t last, unsigned worker);
void live_range(struct simulation *simulation, size_t first, size_t last, unsigned worker);

/* ---- births: systems/succeed.c, systems/settle.c ---- */

/* What the warm record has of the genes, for one that is new, or was simplified. */
void succeed_bear(const struct simulation *simulation, const struct cold *cold, struct warm *ret_warm);

/* Puts a creature that was just added at a place: its lane, its hot record, its look. */
void succeed_place(struct simulation *simulation, uint32_t position, const struct cold *cold,
                   struct vec3 place);

/* Adds a grown creature without parents at a random dry place, as at the start: with as many memories as it may have.
   What creatures_add says. */
int succeed_settle(struct simulation *simulation);

#endif
