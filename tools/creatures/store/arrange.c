/*
 * arrange.c: the order of the store. Neighbours in the world that are neighbours in the store, too, are in the cache for one
 * another: a frame of 100,000 creatures is mostly waiting for memory.
 */
#include "store/creatures.h"

static void swap(struct creatures *creatures, size_t position, size_t other);
static void swap_lanes(struct positions *positions, size_t position, size_t other);
static void follow_warm(struct creatures *creatures, size_t position);

/*
 * Position i gets what was at order[i]. Before step i, positions below i are right, and what was at a position j < i was
 * exchanged for what is right there: it is where order[j] says.
 */
void creatures_arrange(struct creatures *creatures, uint32_t *order, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t from = order[i];
    while (from < i) from = order[from];
    order[i] = from;
    if (from != i) swap(creatures, i, from);
  }
}

static void swap(struct creatures *creatures, size_t position, size_t other) {
  struct look *looks = creatures_looks(creatures), look = looks[position];
  if (creature_records_swap(&creatures->records, position, other)) return;
  looks[position] = looks[other];
  looks[other] = look;
  swap_lanes(&creatures->positions, position, other);
  follow_warm(creatures, position);
  follow_warm(creatures, other);
}

static void swap_lanes(struct positions *positions, size_t position, size_t other) {
  struct positions_entry one, two;
  (void)positions_get(positions, position, &one);
  (void)positions_get(positions, other, &two);
  (void)positions_set(positions, position, two);
  (void)positions_set(positions, other, one);
}

/* Blocks stay, but where one of the two has none. */
static void follow_warm(struct creatures *creatures, size_t position) {
  struct warm *warm = creature_records_warm_at(&creatures->records, position);
  *(struct warm **)ration_vector_at(&creatures->warm, position) = warm;
}
