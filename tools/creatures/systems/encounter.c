/*
 * encounter.c: see encounter.h.
 */
#include "systems/encounter.h"

#include "creature/chance.h"
#include "store/relations.h"
#include "systems/ecology.h"
#include "systems/reckon.h"

static float strength_of(const struct simulation *simulation, const struct party *party);
static void harm(struct party *party, float health);
static void conceive(struct simulation *simulation, struct party *one, struct party *other);
static int is_child(const struct cold *cold, uint64_t parent_id);
static int may_court(const struct party *party, const struct party *other);
static int may_pair(const struct simulation *simulation, const struct party *party, const struct cold *cold);
static int is_rested(const struct simulation *simulation, const struct cold *cold);
static float liking_of(const struct party *party, const struct cold *cold, uint64_t other_id);
static void tell(struct simulation *simulation, enum event_kind kind, const struct party *subject,
                 const struct party *object, float value);

struct party encounter_party(const struct simulation *simulation, uint32_t position) {
  const struct creatures *creatures = &simulation->creatures;
  return (struct party){position, creatures_id_at(creatures, position), &creatures_hot(creatures)[position],
                        creatures_warm(creatures)[position]};
}

void encounter_meet(struct simulation *simulation, struct party *one, struct party *other) {
  struct social *mine = &one->warm->social, *theirs = &other->warm->social;
  if (mine->last_met_id == other->id && mine->last_met_age < MEET_SECONDS) return;
  if (theirs->last_met_id == one->id && theirs->last_met_age < MEET_SECONDS) return;
  float temper = one->warm->emotional.aggression + other->warm->emotional.aggression;
  float warmth = mine->sociability + theirs->sociability;
  float luck = chance(simulation->seed, one->id, simulation->frame, QUESTION_LIKING);
  mine->last_met_id = other->id;
  theirs->last_met_id = one->id;
  mine->last_met_age = theirs->last_met_age = 0;
  simulation->counters.meetings++;
  tell(simulation, EVENT_MET, one, other, 0.6f * luck + 0.15f * warmth - 0.2f * temper - 0.05f);
}

void encounter_fight(struct simulation *simulation, struct party *one, struct party *other) {
  float mine = strength_of(simulation, one), theirs = strength_of(simulation, other);
  struct party *winner = mine >= theirs ? one : other, *loser = mine >= theirs ? other : one;
  float most = mine >= theirs ? mine : theirs;
  float lost = FIGHT_HARM * reckon_share(most / (mine + theirs));
  harm(loser, lost);
  harm(winner, lost * (1.0f / 3));
  simulation->counters.fights++;
  tell(simulation, EVENT_FOUGHT, winner, loser, lost);
}

void encounter_court(struct simulation *simulation, struct party *one, struct party *other) {
  struct cold *mine = creatures_cold(&simulation->creatures, one->position);
  struct cold *theirs = creatures_cold(&simulation->creatures, other->position);
  if (!mine || !theirs || !may_court(one, other) || !may_court(other, one)) return;
  if (!is_rested(simulation, mine) || !is_rested(simulation, theirs)) return;
  if (is_child(mine, other->id) || is_child(theirs, one->id)) return;
  float liking = liking_of(one, mine, other->id), return_liking = liking_of(other, theirs, one->id);
  if (liking < COURT_LIKING || return_liking < COURT_LIKING) return;
  conceive(simulation, one, other);
  one->warm->social.partner_id = other->id;
  other->warm->social.partner_id = one->id;
  tell(simulation, EVENT_COURTED, one, other, 0.5f * (liking + return_liking));
}

void encounter_pair(struct simulation *simulation, struct party *one, struct party *other) {
  const struct cold *mine = creatures_cold(&simulation->creatures, one->position);
  const struct cold *theirs = creatures_cold(&simulation->creatures, other->position);
  if (!mine || !theirs || !may_pair(simulation, one, mine) || !may_pair(simulation, other, theirs)) return;
  if (!is_child(mine, other->id) && !is_child(theirs, one->id)) conceive(simulation, one, other);
}

static void conceive(struct simulation *simulation, struct party *one, struct party *other) {
  const struct creatures *creatures = &simulation->creatures;
  ration_flags32_set(&one->hot->flags, FLAG_PREGNANT);
  one->hot->energy -= COURT_COST;
  other->hot->energy -= COURT_COST;
  creatures_cold(creatures, one->position)->biography.bred_at = simulation->frame;
  creatures_cold(creatures, other->position)->biography.bred_at = simulation->frame;
  simulation->counters.courtships++;
}

static int is_child(const struct cold *cold, uint64_t parent_id) {
  return cold->biography.mother == parent_id || cold->biography.father == parent_id;
}

static float strength_of(const struct simulation *simulation, const struct party *party) {
  float size = creatures_looks(&simulation->creatures)[party->position].size;
  float luck = chance(simulation->seed, party->id, simulation->frame, QUESTION_STRENGTH);
  float temper = 0.5f + party->warm->emotional.aggression;
  return 0.01f + temper * size * party->hot->health * (0.7f + 0.6f * luck);
}

static void harm(struct party *party, float health) {
  party->hot->health = reckon_share(party->hot->health - health);
  ration_flags32_set(&party->hot->flags, FLAG_IN_COMBAT);
}

static int may_court(const struct party *party, const struct party *other) {
  return party->hot->energy > COURT_ENERGY && party->warm->social.foe_id != other->id &&
         party->warm->decision.decisions >= (uint32_t)(GROWN_SECONDS / TURN_SECONDS) &&
         !ration_flags32_is_any(party->hot->flags, FLAG_PREGNANT | FLAG_IN_COMBAT);
}

/* By what is hot and cold: how old it is, it may not have at hand. */
static int may_pair(const struct simulation *simulation, const struct party *party, const struct cold *cold) {
  return party->hot->energy > COURT_ENERGY && is_rested(simulation, cold) &&
         simulation->frame - cold->biography.born_at >= (uint32_t)(GROWN_SECONDS * FRAMES_A_SECOND) &&
         !ration_flags32_is_any(party->hot->flags, FLAG_PREGNANT | FLAG_IN_COMBAT);
}

static int is_rested(const struct simulation *simulation, const struct cold *cold) {
  float rest = COURT_REST * (1.5f - cold->genetics.genes[GENE_FERTILITY]);
  float seconds = (float)(simulation->frame - cold->biography.bred_at) * FRAME_SECONDS;
  return !cold->biography.bred_at || seconds >= rest;
}

/* What it has in mind will do; else what it knows. */
static float liking_of(const struct party *party, const struct cold *cold, uint64_t other_id) {
  const struct social *social = &party->warm->social;
  if (social->friend_id == other_id) return social->friend_liking;
  if (social->partner_id == other_id) return COURT_LIKING;
  const struct relation *relation = relations_find(cold, other_id);
  return relation ? relation->liking : 0;
}

static void tell(struct simulation *simulation, enum event_kind kind, const struct party *subject,
                 const struct party *object, float value) {
  struct event event = {.subject = subject->id,
                        .object = object->id,
                        .x = subject->hot->position.x,
                        .y = subject->hot->position.y,
                        .value = value,
                        .kind = kind,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
}
