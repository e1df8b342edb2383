/*
 * act.c: what was decided is done, in the order of the store: bites, blows, courtships, meetings; who is to go somewhere is
 * sent there. Only those act whose turn it was: so a bite is of a whole turn's frames.
 */
#include "creature/chance.h"
#include "store/archive.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/encounter.h"
#include "systems/journey.h"
#include "systems/reckon.h"
#include "systems/systems.h"

static void fetch(const struct creatures *creatures, const uint32_t *positions, size_t count);
static void act(struct simulation *simulation, struct party *party, uint32_t *opened);
static void eat(struct simulation *simulation, struct party *party);
static void end_meal(struct simulation *simulation, struct party *party);
static void face(struct simulation *simulation, struct party *party);
static void ail(struct simulation *simulation, struct party *party);
static float risk_of(const struct simulation *simulation, const struct hot *hot);
static void open_archive(struct simulation *simulation, struct party *party, uint32_t *opened);

void systems_act(struct simulation *simulation) {
  const struct creatures *creatures = &simulation->creatures;
  struct due due = due_begin(creatures, simulation->frame, 0, creatures_count(creatures));
  uint32_t positions[DUE_AT_ONCE], opened = 0;
  for (size_t count; (count = due_next(&due, positions));) {
    fetch(creatures, positions, count);
    for (size_t i = 0; i < count; i++) {
      struct party party = encounter_party(simulation, positions[i]);
      act(simulation, &party, &opened);
    }
    simulation->counters.bytes_touched += count * (2 * sizeof(struct hot) + sizeof(struct warm));
  }
}

static void fetch(const struct creatures *creatures, const uint32_t *positions, size_t count) {
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  const struct ration_records_slot *slots = ration_vector_data(&creatures->records.records.slots);
  const uint32_t *places = ration_vector_data(&creatures->records.records.owners);
  for (size_t i = 0; i < count; i++) {
    __builtin_prefetch(&hot[positions[i]]);
    __builtin_prefetch(&slots[places[positions[i]]]);
    const struct warm *its = warm[positions[i]];
    if (!its) continue;
    __builtin_prefetch(&its->movement);
    __builtin_prefetch(&its->social);
    __builtin_prefetch(&its->decision);
  }
}

static void act(struct simulation *simulation, struct party *party, uint32_t *opened) {
  eat(simulation, party);
  ail(simulation, party);
  if (!party->warm) return;
  face(simulation, party);
  journey_begin(simulation, party->hot, party->warm);
  if (party->warm->decision.wants_opened) open_archive(simulation, party, opened);
  if (party->warm->decision.action != ACTION_FLEE || !party->warm->decision.is_new) return;
  struct event event = {.subject = party->id,
                        .object = party->warm->social.foe_id,
                        .x = party->hot->position.x,
                        .y = party->hot->position.y,
                        .value = party->warm->emotional.fear,
                        .kind = EVENT_FLED,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
  simulation->counters.flights++;
}

/* The bites since its last turn, at once. A meal ends when it turns to something else, or there is nothing left. */
static void eat(struct simulation *simulation, struct party *party) {
  struct hot *hot = party->hot;
  struct plants *plants = &simulation->plants;
  float eaten = 0;
  if (hot->state == STATE_EAT && hot->percept.plant < plants->count) {
    float most = 1 - hot->energy;
    eaten = plants_bite(plants, hot->percept.plant, most < BITE_A_TURN ? most : BITE_A_TURN);
    hot->energy = reckon_share(hot->energy + eaten);
    if (eaten > 0 && party->warm) party->warm->decision.meal += (uint16_t)(eaten * 1000 + 0.5f);
  }
  if (eaten > 0)
    ration_flags32_set(&hot->flags, FLAG_EATING);
  else if (ration_flags32_is_set(hot->flags, FLAG_EATING))
    end_meal(simulation, party);
}

static void end_meal(struct simulation *simulation, struct party *party) {
  const struct hot *hot = party->hot;
  ration_flags32_clear(&party->hot->flags, FLAG_EATING);
  simulation->counters.eaten++;
  struct event event = {.subject = party->id,
                        .x = hot->position.x,
                        .y = hot->position.y,
                        .value = party->warm ? (float)party->warm->decision.meal * 0.001f : BITE_A_TURN,
                        .kind = EVENT_ATE,
                        .frame = simulation->frame};
  if (party->warm) party->warm->decision.meal = 0;
  events_push(&simulation->events, &event);
}

/* With whom is beside it. */
static void face(struct simulation *simulation, struct party *party) {
  const struct percept *percept = &party->hot->percept;
  uint32_t action = party->warm->decision.action;
  if (percept->neighbour >= creatures_count(&simulation->creatures)) return;
  if (percept->neighbour_distance > MEET_REACH) return;
  struct party other = encounter_party(simulation, percept->neighbour);
  if (!other.warm) return;
  if (action == ACTION_FIGHT) {
    if (percept->neighbour_distance <= FIGHT_REACH) encounter_fight(simulation, party, &other);
    return;
  }
  encounter_meet(simulation, party, &other);
  if (action == ACTION_COURT && percept->neighbour_distance <= COURT_REACH)
    encounter_court(simulation, party, &other);
}

/* One number decides, so that the genes, which are cold, are looked at only by who would fall ill without immunity. */
static void ail(struct simulation *simulation, struct party *party) {
  struct hot *hot = party->hot;
  int is_ill = ration_flags32_is_set(hot->flags, FLAG_DISEASED);
  float luck =
      chance(simulation->seed, party->id, simulation->frame, is_ill ? QUESTION_HEAL : QUESTION_DISEASE);
  float most = TURN_SECONDS * (is_ill ? 2 * HEAL_CHANCE : risk_of(simulation, hot));
  if (luck >= most) return;
  struct cold *cold = creatures_cold(&simulation->creatures, party->position);
  if (!cold) return;
  float immunity = cold->genetics.genes[GENE_IMMUNITY];
  if (is_ill && luck < most * 0.5f * (1 + immunity)) {
    ration_flags32_clear(&hot->flags, FLAG_DISEASED);
  } else if (!is_ill && luck < most * (1 - immunity)) {
    ration_flags32_set(&hot->flags, FLAG_DISEASED);
    cold->biography.diseases++;
  }
}

static float risk_of(const struct simulation *simulation, const struct hot *hot) {
  const struct creatures *creatures = &simulation->creatures;
  const struct percept *percept = &hot->percept;
  if (percept->neighbour >= creatures_count(creatures) || percept->neighbour_distance > MEET_REACH)
    return DISEASE_CHANCE;
  uint32_t flags = creatures_hot(creatures)[percept->neighbour].flags;
  return ration_flags32_is_set(flags, FLAG_DISEASED) ? CATCH_CHANCE : DISEASE_CHANCE;
}

/* Under high pressure what was opened would be packed again in the same frame. */
static void open_archive(struct simulation *simulation, struct party *party, uint32_t *opened) {
  if (*opened < ARCHIVES_A_FRAME && simulation->level < RATION_LEVEL_HIGH) {
    struct cold *cold = creatures_cold(&simulation->creatures, party->position);
    ++*opened;
    if (cold && archive_open(&simulation->creatures, cold) != -ENOMEM) {
      party->warm->decision.wants_opened = 0;
      return;
    }
  }
  simulation->counters.opens_put_off++;
}
