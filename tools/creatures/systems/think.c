/*
 * think.c: the turns of this frame. What each reads is fetched into the cache in stages, while others have their turn.
 */
#include "creature/fetch.h"
#include "store/memories.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/systems.h"

/* Turns ahead; each stage reads what the one before has fetched. */
#define HOT_AHEAD      32u
#define WARM_AHEAD     16u
#define KNOWN_AHEAD    8u
#define MEMORIES_AHEAD 4u

_Static_assert(HOT_AHEAD <= DUE_AHEAD, "so far is known whose turn it is");

static void think_range(void *context, size_t first, size_t last, unsigned worker);
static void fetch_hot(const struct creatures *creatures, uint32_t position);
static void fetch_warm(const struct simulation *simulation, uint32_t position);
static void fetch_known(const struct creatures *creatures, uint32_t position);
static void fetch_memories(const struct creatures *creatures, uint32_t position);
static const struct cold *recalled_of(const struct creatures *creatures, uint32_t position);
static int is_to_recall(const struct warm *warm);
static void take_turn(struct simulation *simulation, uint32_t position, struct counters *counters);

void systems_think(struct simulation *simulation) {
  workers_run(simulation->workers, creatures_count(&simulation->creatures), think_range, simulation);
}

static void think_range(void *context, size_t first, size_t last, unsigned worker) {
  struct simulation *simulation = context;
  const struct creatures *creatures = &simulation->creatures;
  struct due due;
  due_begin(&due, creatures, simulation->frame, first, last);
  for (uint32_t position; (position = due_ahead(&due, 0)) != NOTHING; due_pass(&due)) {
    fetch_hot(creatures, due_ahead(&due, HOT_AHEAD));
    fetch_warm(simulation, due_ahead(&due, WARM_AHEAD));
    fetch_known(creatures, due_ahead(&due, KNOWN_AHEAD));
    fetch_memories(creatures, due_ahead(&due, MEMORIES_AHEAD));
    take_turn(simulation, position, &simulation->shares[worker]);
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

static void fetch_hot(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  fetch(&creatures_hot(creatures)[position]);
  fetch(&creatures_warm(creatures)[position]);
}

static void fetch_warm(const struct simulation *simulation, uint32_t position) {
  if (position == NOTHING) return;
  const struct creatures *creatures = &simulation->creatures;
  const struct hot *hot = &creatures_hot(creatures)[position];
  const uint32_t *places = ration_vector_data(&creatures->records.records.owners);
  fetch_object(creatures_warm(creatures)[position], sizeof(struct warm));
  if (hot->percept.plant != NOTHING && hot->energy < EAT_BELOW)
    fetch(&simulation->plants.places[hot->percept.plant]);
  if (hot->percept.neighbour != NOTHING) fetch(&places[hot->percept.neighbour]);
}

/* Whom it will recognise, and where what it will recall begins. */
static void fetch_known(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  const struct warm *warm = creatures_warm(creatures)[position];
  if (!warm) return;
  uint32_t neighbour = creatures_hot(creatures)[position].percept.neighbour;
  if (neighbour != NOTHING && perceive_may_know(warm, due_place(creatures, neighbour)))
    fetch(ration_records_slot_at(&creatures->records.records, neighbour));
  const struct cold *cold = recalled_of(creatures, position);
  if (cold) fetch(&cold->memories);
}

static void fetch_memories(const struct creatures *creatures, uint32_t position) {
  const struct cold *cold = position == NOTHING ? NULL : recalled_of(creatures, position);
  if (cold) recall_fetch(cold->memories.oldest);
}

/* NULL: it will not recall in its turn. */
static const struct cold *recalled_of(const struct creatures *creatures, uint32_t position) {
  const struct warm *warm = creatures_warm(creatures)[position];
  return warm && is_to_recall(warm) ? creatures_cold(creatures, position) : NULL;
}

static int is_to_recall(const struct warm *warm) {
  return warm->decision.decisions % RECALL_TURNS == 0;
}
