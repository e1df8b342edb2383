/*
 * journey.h: how a creature is sent to where it decided to go: straight, or to food by a path of the cache, which leads
 * round the water.
 */
#ifndef CREATURES_SYSTEMS_JOURNEY_H
#define CREATURES_SYSTEMS_JOURNEY_H

#include "simulation.h"

/* As its decision says; nothing where it is on its way there already, or stands. */
void journey_begin(struct simulation *simulation, const struct hot *hot, struct warm *warm);

#endif
