/*
 * think.c: the turns of this frame, a few at a time: what they read is fetched into the cache while the ones before have
 * their turn.
 */
#include "store/memories.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/systems.h"

static void think_range(void *context, size_t first, size_t last, unsigned worker);
static void fetch_hot(const struct creatures *creatures, const uint32_t *positions, size_t count);
static void fetch_warm(const struct simulation *simulation, const uint32_t *positions, size_t count);
static void fetch_memories(const struct creatures *creatures, const uint32_t *positions, size_t count);
static int is_to_recall(const struct warm *warm);
static void take_turn(struct simulation *simulation, uint32_t position, struct counters *counters);

void systems_think(struct simulation *simulation) {
  workers_run(simulation->workers, creatures_count(&simulation->creatures), think_range, simulation);
}

static void think_range(void *context, size_t first, size_t last, unsigned worker) {
  struct simulation *simulation = context;
  struct due due = due_begin(&simulation->creatures, simulation->frame, first, last);
  uint32_t positions[DUE_AT_ONCE];
  for (size_t count; (count = due_next(&due, positions));) {
    fetch_hot(&simulation->creatures, positions, count);
    fetch_warm(simulation, positions, count);
    fetch_memories(&simulation->creatures, positions, count);
    for (size_t i = 0; i < count; i++) take_turn(simulation, positions[i], &simulation->shares[worker]);
  }
}

static void take_turn(struct simulation *simulation, uint32_t position, struct counters *counters) {
  const struct creatures *creatures = &simulation->creatures;
  struct turn turn = {.simulation = simulation,
                      .position = position,
                      .place = due_place(creatures, position),
                      .hot = &creatures_hot(creatures)[position],
                      .warm = creatures_warm(creatures)[position],
                      .seconds = TURN_SECONDS,
                      .counters = counters};
  counters->decided++;
  counters->bytes_touched += sizeof(struct hot);
  if (!turn.warm) {
    reflex(&turn);
    return;
  }
  counters->bytes_touched += sizeof(struct warm);
  perceive(&turn);
  feel(&turn);
  socialise(&turn);
  if (is_to_recall(turn.warm)) {
    turn.cold = creatures_cold(creatures, position);
    if (turn.cold) recall(&turn);
  }
  decide(&turn);
}

static void fetch_hot(const struct creatures *creatures, const uint32_t *positions, size_t count) {
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  for (size_t i = 0; i < count; i++) {
    __builtin_prefetch(&hot[positions[i]]);
    __builtin_prefetch(&warm[positions[i]]);
  }
}

static void fetch_warm(const struct simulation *simulation, const uint32_t *positions, size_t count) {
  const struct creatures *creatures = &simulation->creatures;
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  const uint32_t *places = ration_vector_data(&creatures->records.records.owners);
  for (size_t i = 0; i < count; i++) {
    const char *line = (const char *)warm[positions[i]];
    for (size_t at = 0; line && at < sizeof(struct warm); at += 64) __builtin_prefetch(line + at);
    const struct percept *percept = &hot[positions[i]].percept;
    if (percept->plant != NOTHING) __builtin_prefetch(&simulation->plants.places[percept->plant]);
    if (percept->neighbour != NOTHING) __builtin_prefetch(&places[percept->neighbour]);
  }
}

/* Of those that will recall in this turn. */
static void fetch_memories(const struct creatures *creatures, const uint32_t *positions, size_t count) {
  struct warm *const *warm = creatures_warm(creatures);
  const struct cold *cold[DUE_AT_ONCE];
  size_t recalling = 0;
  for (size_t i = 0; i < count; i++) {
    if (!warm[positions[i]] || !is_to_recall(warm[positions[i]])) continue;
    cold[recalling] = creatures_cold(creatures, positions[i]);
    if (cold[recalling]) __builtin_prefetch(&cold[recalling++]->memories);
  }
  for (size_t i = 0; i < recalling; i++) recall_fetch(cold[i]->memories.oldest);
}

static int is_to_recall(const struct warm *warm) {
  return warm->decision.decisions % RECALL_TURNS == 0;
}
