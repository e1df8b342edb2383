/*
 * result_list.h: the lists of a result, by name, so that text and JSON show the same.
 */
#ifndef CREATURES_RESULT_LIST_H
#define CREATURES_RESULT_LIST_H

#include "simulation.h"

struct named_count {
  const char *name;
  uint64_t count;
};

#define RESULT_COUNTERS 32u
#define RESULT_PRESSURE 16u

/* The work done so far. How many. */
size_t result_counters(const struct simulation *simulation, struct named_count ret_counts[RESULT_COUNTERS]);

/* What pressure did. How many. */
size_t result_pressure(const struct simulation *simulation, struct named_count ret_counts[RESULT_PRESSURE]);

/* "refuse" and so on. */
const char *result_policy(uint32_t policy);

#endif
