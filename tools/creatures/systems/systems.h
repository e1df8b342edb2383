/*
 * systems.h: the steps of a frame that are about creatures, and what a creature's turn to decide consists of. README.md has
 * their order.
 */
#ifndef CREATURES_SYSTEMS_SYSTEMS_H
#define CREATURES_SYSTEMS_SYSTEMS_H

#include "simulation.h"

void systems_move(struct simulation *simulation);
void systems_live(struct simulation *simulation);
void systems_sense(struct simulation *simulation);
void systems_think(struct simulation *simulation);
void systems_act(struct simulation *simulation);
void systems_remember(struct simulation *simulation);
void systems_succeed(struct simulation *simulation);

/* A creature's turn. What is not const is its own. */
struct turn {
  const struct simulation *simulation;
  uint32_t position;
  uint64_t id;
  struct hot *hot;
  struct warm *warm; /* NULL: for reflex alone */
  struct cold *cold; /* for recall: whoever else looks into it pays for a cache miss */
  float seconds;     /* since its last turn */
  struct counters *counters;
};

void perceive(struct turn *turn);
void feel(struct turn *turn);
void socialise(struct turn *turn);
void recall(struct turn *turn);
void decide(struct turn *turn);
void reflex(struct turn *turn);

/* ---- births: systems/succeed.c ---- */

/* What the warm record has of the genes, for one that is new, or was simplified. */
void succeed_bear(const struct simulation *simulation, const struct cold *cold, struct warm *ret_warm);

/* Adds a grown creature without parents at a random dry place, as at the start: with as many memories as it may have.
   What creatures_add says. */
int succeed_settle(struct simulation *simulation);

#endif
