/*
 * act.c: what was decided is done, in the order of the store: bites, blows, courtships, meetings; who is to go somewhere is
 * sent there. Only those act whose turn it was: so a bite is of a whole turn's frames.
 */
#include <math.h>

#include "creature/chance.h"
#include "creature/fetch.h"
#include "store/archive.h"
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/encounter.h"
#include "systems/journey.h"
#include "systems/reckon.h"
#include "systems/systems.h"

/* Turns ahead. */
#define DOER_AHEAD      32u
#define NEIGHBOUR_AHEAD 16u

/* Whose turn it was. Its id is not among it: few need it, and it costs a cache miss. */
struct doer {
  uint32_t position;
  struct hot *hot;
  struct warm *warm; /* NULL: packed away, or given up */
};

static void fetch_doer(const struct creatures *creatures, uint32_t position);
static void fetch_neighbour(const struct creatures *creatures, uint32_t position);
static void act(struct simulation *simulation, struct doer *doer, uint32_t *opened);
static void eat(struct simulation *simulation, struct doer *doer);
static void end_meal(struct simulation *simulation, struct doer *doer);
static void face(struct simulation *simulation, struct doer *doer);
static void pair(struct simulation *simulation, struct doer *doer);
static void ail(struct simulation *simulation, struct doer *doer);
static float risk_of(const struct simulation *simulation, const struct hot *hot);
static void open_archive(struct simulation *simulation, struct doer *doer, uint32_t *opened);

void systems_act(struct simulation *simulation) {
  const struct creatures *creatures = &simulation->creatures;
  struct due due;
  uint32_t opened = 0;
  due_begin(&due, creatures, simulation->frame, 0, creatures_count(creatures));
  for (uint32_t position; (position = due_ahead(&due, 0)) != NOTHING; due_pass(&due)) {
    fetch_doer(creatures, due_ahead(&due, DOER_AHEAD));
    fetch_neighbour(creatures, due_ahead(&due, NEIGHBOUR_AHEAD));
    struct doer doer = {position, &creatures_hot(creatures)[position], creatures_warm(creatures)[position]};
    act(simulation, &doer, &opened);
    simulation->counters.bytes_touched += 2 * sizeof(struct hot) + sizeof(struct warm);
  }
}

static void fetch_doer(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  fetch(&creatures_hot(creatures)[position]);
  const struct warm *warm = creatures_warm(creatures)[position];
  if (!warm) return;
  fetch(&warm->movement);
  fetch(&warm->social);
  fetch(&warm->decision);
}

/* Of those that meet. */
static void fetch_neighbour(const struct creatures *creatures, uint32_t position) {
  if (position == NOTHING) return;
  const struct percept *percept = &creatures_hot(creatures)[position].percept;
  if (percept->neighbour >= creatures_count(creatures) || percept->neighbour_distance > MEET_REACH) return;
  fetch(&creatures_hot(creatures)[percept->neighbour]);
}

static void act(struct simulation *simulation, struct doer *doer, uint32_t *opened) {
  eat(simulation, doer);
  ail(simulation, doer);
  if (!doer->warm) {
    pair(simulation, doer);
    return;
  }
  face(simulation, doer);
  journey_begin(simulation, doer->hot, doer->warm);
  if (doer->warm->decision.wants_opened) open_archive(simulation, doer, opened);
  if (doer->warm->decision.action != ACTION_FLEE || !doer->warm->decision.is_new) return;
  struct event event = {.subject = creatures_id_at(&simulation->creatures, doer->position),
                        .object = doer->warm->social.foe_id,
                        .x = doer->hot->position.x,
                        .y = doer->hot->position.y,
                        .value = doer->warm->emotional.fear,
                        .kind = EVENT_FLED,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
  simulation->counters.flights++;
}

/* The bites since its last turn, at once. A meal ends when it turns to something else, or there is nothing left. */
static void eat(struct simulation *simulation, struct doer *doer) {
  struct hot *hot = doer->hot;
  struct plants *plants = &simulation->plants;
  float eaten = 0;
  if (hot->state == STATE_EAT && hot->percept.plant < plants->count) {
    float most = 1 - hot->energy;
    eaten = plants_bite(plants, hot->percept.plant, most < BITE_A_TURN ? most : BITE_A_TURN);
    hot->energy = reckon_share(hot->energy + eaten);
    if (eaten > 0 && doer->warm) doer->warm->decision.meal += (uint16_t)lrintf(eaten * 1000);
  }
  if (eaten > 0)
    ration_flags32_set(&hot->flags, FLAG_EATING);
  else if (ration_flags32_is_set(hot->flags, FLAG_EATING))
    end_meal(simulation, doer);
}

static void end_meal(struct simulation *simulation, struct doer *doer) {
  const struct hot *hot = doer->hot;
  ration_flags32_clear(&doer->hot->flags, FLAG_EATING);
  simulation->counters.eaten++;
  struct event event = {.subject = creatures_id_at(&simulation->creatures, doer->position),
                        .x = hot->position.x,
                        .y = hot->position.y,
                        .value = doer->warm ? (float)doer->warm->decision.meal * 0.001f : BITE_A_TURN,
                        .kind = EVENT_ATE,
                        .frame = simulation->frame};
  if (doer->warm) doer->warm->decision.meal = 0;
  events_push(&simulation->events, &event);
}

/* With whom is beside it. */
static void face(struct simulation *simulation, struct doer *doer) {
  const struct percept *percept = &doer->hot->percept;
  uint32_t action = doer->warm->decision.action;
  if (percept->neighbour >= creatures_count(&simulation->creatures)) return;
  if (percept->neighbour_distance > MEET_REACH) return;
  struct party one = encounter_party(simulation, doer->position);
  struct party other = encounter_party(simulation, percept->neighbour);
  if (!other.warm) return;
  if (action == ACTION_FIGHT) {
    if (percept->neighbour_distance <= FIGHT_REACH) encounter_fight(simulation, &one, &other);
    return;
  }
  encounter_meet(simulation, &one, &other);
  if (action == ACTION_COURT && percept->neighbour_distance <= COURT_REACH)
    encounter_court(simulation, &one, &other);
}

/* By reflex, where it is not crowded. */
static void pair(struct simulation *simulation, struct doer *doer) {
  const struct percept *percept = &doer->hot->percept;
  if (doer->hot->energy <= COURT_ENERGY || (float)percept->crowd > CROWD_IS_FULL) return;
  if (percept->neighbour >= creatures_count(&simulation->creatures)) return;
  if (percept->neighbour_distance > COURT_REACH) return;
  struct party one = encounter_party(simulation, doer->position);
  struct party other = encounter_party(simulation, percept->neighbour);
  encounter_pair(simulation, &one, &other);
}

/* One number decides, so that the genes, which are cold, are looked at only by who would fall ill without immunity. */
static void ail(struct simulation *simulation, struct doer *doer) {
  struct hot *hot = doer->hot;
  int is_ill = ration_flags32_is_set(hot->flags, FLAG_DISEASED);
  uint32_t place = due_place(&simulation->creatures, doer->position);
  float luck = chance(simulation->seed, place, simulation->frame, is_ill ? QUESTION_HEAL : QUESTION_DISEASE);
  float most = TURN_SECONDS * (is_ill ? 2 * HEAL_CHANCE : risk_of(simulation, hot));
  if (luck >= most) return;
  struct cold *cold = creatures_cold(&simulation->creatures, doer->position);
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
static void open_archive(struct simulation *simulation, struct doer *doer, uint32_t *opened) {
  if (*opened < ARCHIVES_A_FRAME && simulation->level < RATION_LEVEL_HIGH) {
    struct cold *cold = creatures_cold(&simulation->creatures, doer->position);
    ++*opened;
    if (cold && archive_open(&simulation->creatures, cold) != -ENOMEM) {
      doer->warm->decision.wants_opened = 0;
      return;
    }
  }
  simulation->counters.opens_put_off++;
}
