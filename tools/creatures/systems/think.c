/*
 * think.c: the turns of this frame, a few at a time: what they read is fetched into the cache while the ones before have
 * their turn.
 */
#include "store/memories.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/systems.h"

static void think_range(void *context, size_t first, size_t last, unsigned worker);
static void fetch_hot(const struct creatures *creatures, const struct due_batch *batch);
static void fetch_warm(const struct simulation *simulation, const struct due_batch *batch);
static void fetch_memories(const struct creatures *creatures, const struct due_batch *batch);
static int is_to_recall(const struct warm *warm);
static void take_turn(struct simulation *simulation, uint32_t position, struct counters *counters);

void systems_think(struct simulation *simulation) {
  workers_run(simulation->workers, creatures_count(&simulation->creatures), think_range, simulation);
}

static void think_range(void *context, size_t first, size_t last, unsigned worker) {
  struct simulation *simulation = context;
  struct due due = due_begin(&simulation->creatures, simulation->frame, first, last);
  struct due_batch batches[3] = {{.count = 0}};
  for (uint32_t stage = 0; stage < 2; stage++) {
    due_next(&due, &batches[stage]);
    fetch_hot(&simulation->creatures, &batches[stage]);
  }
  fetch_warm(simulation, &batches[0]);
  for (uint32_t now = 0; batches[now].count; now = (now + 1) % 3) {
    struct due_batch *next = &batches[(now + 1) % 3], *behind = &batches[(now + 2) % 3];
    due_next(&due, behind);
    fetch_hot(&simulation->creatures, behind);
    fetch_warm(simulation, next);
    fetch_memories(&simulation->creatures, &batches[now]);
    for (size_t i = 0; i < batches[now].count; i++)
      take_turn(simulation, batches[now].positions[i], &simulation->shares[worker]);
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

static void fetch_hot(const struct creatures *creatures, const struct due_batch *batch) {
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  for (size_t i = 0; i < batch->count; i++) {
    __builtin_prefetch(&hot[batch->positions[i]]);
    __builtin_prefetch(&warm[batch->positions[i]]);
  }
}

static void fetch_warm(const struct simulation *simulation, const struct due_batch *batch) {
  const struct creatures *creatures = &simulation->creatures;
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  const uint32_t *places = ration_vector_data(&creatures->records.records.owners);
  for (size_t i = 0; i < batch->count; i++) {
    const char *line = (const char *)warm[batch->positions[i]];
    for (size_t at = 0; line && at < sizeof(struct warm); at += 64) __builtin_prefetch(line + at);
    const struct percept *percept = &hot[batch->positions[i]].percept;
    if (percept->plant != NOTHING && hot[batch->positions[i]].energy < EAT_BELOW)
      __builtin_prefetch(&simulation->plants.places[percept->plant]);
    if (percept->neighbour != NOTHING) __builtin_prefetch(&places[percept->neighbour]);
  }
}

/* Of those that will recall in this turn. */
static void fetch_memories(const struct creatures *creatures, const struct due_batch *batch) {
  struct warm *const *warm = creatures_warm(creatures);
  const struct cold *cold[DUE_AT_ONCE];
  size_t recalling = 0;
  for (size_t i = 0; i < batch->count; i++) {
    if (!warm[batch->positions[i]] || !is_to_recall(warm[batch->positions[i]])) continue;
    cold[recalling] = creatures_cold(creatures, batch->positions[i]);
    if (cold[recalling]) __builtin_prefetch(&cold[recalling++]->memories);
  }
  for (size_t i = 0; i < recalling; i++) recall_fetch(cold[i]->memories.oldest);
}

static int is_to_recall(const struct warm *warm) {
  return warm->decision.decisions % RECALL_TURNS == 0;
}
