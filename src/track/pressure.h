/*
 * pressure.h: how full budgets are, and who is told.
 *
 * A charge that crosses an edge says so (struct charge_outcome), and its thread looks here: changes the level, puts the
 * event into the ring, and marks the budget as due for those who run handlers. Also on account of what lies outside the
 * process (outside.h), and of what the program pretends.
 *
 * In-malloc, but for nothing: no handler is run from here.
 */
#ifndef RATION_TRACK_PRESSURE_H
#define RATION_TRACK_PRESSURE_H

#include <stdint.h>

/* A charge in this category has crossed an edge of its budget, or of one above; `breach`: whose limit, or 0. Keeps errno. */
void pressure_follow(uint32_t category, uint32_t breach);

/* The same for the one budget of this category. */
void pressure_look(uint32_t category);

/* The highest level that holds for this category: of its own budget, or of one above it. */
uint32_t pressure_level(uint32_t category);

/* The level of the category's own budget, with what comes from outside and what is simulated; 0: it has none. */
uint32_t pressure_own_level(uint32_t category);

/* From now on the category's budget is taken to be at this level; -1: at its own. Returns 0, or -ENOENT: no budget. */
int pressure_simulate(uint32_t category, int level);

/* What lies outside wants the total's level to be at least this. */
void pressure_set_outside(uint32_t level);

#endif
