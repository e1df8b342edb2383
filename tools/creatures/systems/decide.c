/*
 * decide.c: what a creature does next: each action has a utility, of what it feels, senses and has learned, and the best is
 * taken; the one that it is at has a little more, so that it is not torn between two.
 */
#include <math.h>

#include "creature/chance.h"
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

#define KEEPS_ON     0.06f /* utility of the action that it is at, besides */
#define CLOSE_BY     1.2f  /* units: no nearer to whom it is with */
#define FIGHT_FROM   5.0f  /* units: who is nearer may be attacked */
#define SLOWS_WITHIN 3.0f  /* units of food, so that it comes to a stand there */
#define HEARD_OF     8     /* others: the nearest of these */
#define HEARS_FROM   0.5f  /* loneliness: it heeds strangers afar */
#define FIT_FROM     0.4f  /* health: with less nobody attacks */

_Static_assert((int)ACTION_SEEK_FOOD == STATE_SEEK && (int)ACTION_EAT == STATE_EAT &&
                   (int)ACTION_FLEE == STATE_FLEE && (int)ACTION_FIGHT == STATE_FIGHT &&
                   (int)ACTION_COURT == STATE_COURT && (int)ACTION_SOCIALISE == STATE_SOCIALISE &&
                   (int)ACTION_SLEEP == STATE_SLEEP && (int)ACTIONS == STATES,
               "the state is the action that it is at");

static void weigh_needs(const struct turn *turn, float *utilities);
static void weigh_danger(const struct turn *turn, float *utilities);
static void weigh_company(const struct turn *turn, float *utilities);
static int may_court(const struct turn *turn);
static void choose(struct decision *decision, const float *utilities);
static void carry_out(struct turn *turn, uint32_t before);
static void wander(struct turn *turn, uint32_t before);
static void flee(struct turn *turn);
static void join(struct turn *turn, float pace);
static void go_among_others(struct turn *turn, uint64_t followed_id);
static uint32_t hear(const struct turn *turn);
static int is_within(const struct turn *turn, uint32_t position, float units);
static float learned(const struct turn *turn, enum learned kind);

void decide(struct turn *turn) {
  struct decision *decision = &turn->warm->decision;
  float utilities[ACTIONS] = {0};
  uint32_t before = decision->action;
  weigh_needs(turn, utilities);
  weigh_danger(turn, utilities);
  weigh_company(turn, utilities);
  if (before < ACTIONS && utilities[before] > 0) utilities[before] += KEEPS_ON;
  choose(decision, utilities);
  carry_out(turn, before);
  decision->decisions++;
  decision->is_new = decision->action != before;
  turn->hot->state = decision->action;
  ration_flags32_assign(&turn->hot->flags, FLAG_SLEEPING, decision->action == ACTION_SLEEP);
  ration_flags32_clear(&turn->hot->flags, FLAG_IN_COMBAT);
}

static void weigh_needs(const struct turn *turn, float *utilities) {
  const struct hot *hot = turn->hot;
  const struct sensory *sensory = &turn->warm->sensory;
  const struct emotional *emotional = &turn->warm->emotional;
  float hunger = reckon_share(1 - hot->energy);
  int is_eating = hot->state == STATE_EAT;
  int is_sensed = sensory->food_age <= 0, is_known = sensory->food_age < LONG_AGO;
  int is_in_reach = is_sensed && hot->percept.plant_distance <= EAT_REACH;
  if (hot->energy < (is_eating ? EAT_UNTIL : EAT_BELOW)) {
    if (is_in_reach) utilities[ACTION_EAT] = 0.45f + hunger;
    if (is_known && !is_in_reach)
      utilities[ACTION_SEEK_FOOD] =
          (is_sensed ? 0.1f + hunger : 0.9f * hunger) + 0.3f * learned(turn, LEARNED_SEEK_FOOD) * hunger;
  }
  float tired = emotional->stress * (1 - 0.8f * hunger) * (hot->state == STATE_SLEEP ? 1.6f : 0.8f);
  utilities[ACTION_SLEEP] = sensory->danger < 0.2f && hunger < 0.8f ? tired : 0;
  utilities[ACTION_WANDER] = 0.2f + 0.1f * emotional->curiosity + (is_known ? 0 : 0.6f * hunger);
}

static void weigh_danger(const struct turn *turn, float *utilities) {
  const struct hot *hot = turn->hot;
  const struct sensory *sensory = &turn->warm->sensory;
  const struct emotional *emotional = &turn->warm->emotional;
  float away2 = reckon_distance2(hot->position.x, hot->position.y, sensory->threat.x, sensory->threat.y);
  if (sensory->threat_age < THREAT_SECONDS && away2 < FLEE_WITHIN * FLEE_WITHIN) {
    float flee =
        1.6f * emotional->fear + 0.8f * learned(turn, LEARNED_FLEE_FOE) + 0.25f - 0.3f * emotional->courage;
    utilities[ACTION_FLEE] = flee > 0 ? flee : 0;
  }
  if (!turn->has_neighbour || turn->is_friend_near || hot->health < FIT_FROM) return;
  if (hot->percept.neighbour_distance > FIGHT_FROM) return;
  float fight = 0.9f * emotional->anger + 0.5f * learned(turn, LEARNED_FIGHT_FOE) - 0.7f * emotional->fear;
  fight += turn->is_foe_near ? 0.6f * emotional->aggression : -0.2f;
  utilities[ACTION_FIGHT] = fight > 0 ? fight : 0;
}

static void weigh_company(const struct turn *turn, float *utilities) {
  const struct social *social = &turn->warm->social;
  if (turn->is_foe_near) return;
  if (turn->is_friend_near && may_court(turn)) {
    float sense = turn->warm->movement.sense;
    float room = 1 - turn->warm->sensory.crowding * CROWD_SENSE2 / (sense * sense * CROWD_IS_FULL);
    utilities[ACTION_COURT] = room > 0 ? 0.3f + 0.6f * turn->hot->energy * room : 0;
  }
  int is_stale =
      turn->neighbour_id && turn->neighbour_id == social->last_met_id && social->last_met_age < MEET_SECONDS;
  float longing = 0.8f * social->loneliness;
  if (turn->has_neighbour && (turn->is_friend_near || !is_stale))
    utilities[ACTION_SOCIALISE] = reckon_share(longing + 0.3f * learned(turn, LEARNED_MEET_STRANGER));
  else if (!turn->has_neighbour && (social->friend_id || social->loneliness > HEARS_FROM))
    utilities[ACTION_SOCIALISE] = 0.6f * longing;
}

static int may_court(const struct turn *turn) {
  const struct warm *warm = turn->warm;
  return turn->hot->energy > COURT_ENERGY && warm->emotional.joy < 0.5f &&
         warm->sensory.neighbour_liking >= COURT_LIKING &&
         warm->decision.decisions >= (uint32_t)(GROWN_SECONDS / TURN_SECONDS) &&
         !ration_flags32_is_any(turn->hot->flags, FLAG_PREGNANT | FLAG_IN_COMBAT);
}

static void choose(struct decision *decision, const float *utilities) {
  uint32_t best = 0;
  float second = 0;
  for (uint32_t action = 1; action < ACTIONS; action++) {
    if (utilities[action] > utilities[best]) {
      second = utilities[best];
      best = action;
    } else if (utilities[action] > second) {
      second = utilities[action];
    }
  }
  decision->action = best;
  decision->utility = utilities[best];
  decision->second = second;
}

static void carry_out(struct turn *turn, uint32_t before) {
  struct decision *decision = &turn->warm->decision;
  struct movement *movement = &turn->warm->movement;
  uint64_t followed_id = decision->other_id;
  decision->other_id = 0;
  decision->plant = NOTHING;
  movement->pace = 1;
  switch (decision->action) {
  case ACTION_SEEK_FOOD:
    decision->plant = turn->hot->percept.plant;
    decision->place = turn->warm->sensory.food;
    if (decision->plant != NOTHING && turn->hot->percept.plant_distance < SLOWS_WITHIN) movement->pace = 0.5f;
    break;
  case ACTION_EAT:
    decision->plant = turn->hot->percept.plant;
    movement->pace = 0;
    break;
  case ACTION_FLEE:
    flee(turn);
    break;
  case ACTION_FIGHT:
    join(turn, 1.5f);
    break;
  case ACTION_COURT:
    join(turn, 1);
    break;
  case ACTION_SOCIALISE:
    if (turn->has_neighbour)
      join(turn, 1);
    else
      go_among_others(turn, before == ACTION_SOCIALISE ? followed_id : 0);
    break;
  case ACTION_SLEEP:
    movement->pace = 0;
    break;
  default:
    wander(turn, before);
    break;
  }
}

/* To another place nearby once it has come to the last; curious ones go further. */
static void wander(struct turn *turn, uint32_t before) {
  const struct simulation *simulation = turn->simulation;
  uint32_t frame = simulation->frame;
  if (before == ACTION_WANDER && turn->warm->movement.has_goal &&
      chance(simulation->seed, turn->place, frame, QUESTION_WANDER_ANEW) >= WANDER_ANEW)
    return;
  float far = WANDER_UNITS * (1 + turn->warm->emotional.curiosity), most = simulation->terrain.units - 1;
  float x =
      turn->hot->position.x + far * (2 * chance(simulation->seed, turn->place, frame, QUESTION_WANDER_X) - 1);
  float y =
      turn->hot->position.y + far * (2 * chance(simulation->seed, turn->place, frame, QUESTION_WANDER_Y) - 1);
  turn->warm->decision.place = (struct vec3){reckon_between(1, x, most), reckon_between(1, y, most), 0};
}

/* Straight away from what it fears, at a run. */
static void flee(struct turn *turn) {
  const struct simulation *simulation = turn->simulation;
  const struct vec3 *here = &turn->hot->position, *threat = &turn->warm->sensory.threat;
  float x = here->x - threat->x, y = here->y - threat->y, most = simulation->terrain.units - 1;
  if (x * x + y * y < 1e-4f) {
    x = chance(simulation->seed, turn->place, simulation->frame, QUESTION_AWAY_X) - 0.5f;
    y = chance(simulation->seed, turn->place, simulation->frame, QUESTION_AWAY_Y) - 0.4999f;
  }
  float scale = FLEE_UNITS / sqrtf(x * x + y * y);
  turn->warm->movement.pace = FLEE_PACE;
  turn->warm->decision.place = (struct vec3){reckon_between(1, here->x + x * scale, most),
                                             reckon_between(1, here->y + y * scale, most), 0};
}

static void join(struct turn *turn, float pace) {
  const struct creatures *creatures = &turn->simulation->creatures;
  uint32_t neighbour = turn->hot->percept.neighbour;
  turn->warm->decision.other_id = creatures_id_at(creatures, neighbour);
  turn->warm->decision.place = creatures_hot(creatures)[neighbour].position;
  turn->warm->movement.pace = turn->hot->percept.neighbour_distance > CLOSE_BY ? pace : 0;
}

/* Nobody is in sight. It goes to its friend; where that is too far, to one that it hears afar, and on to the same one,
   wherever that goes. */
static void go_among_others(struct turn *turn, uint64_t followed_id) {
  struct decision *decision = &turn->warm->decision;
  const struct creatures *creatures = &turn->simulation->creatures;
  uint32_t other = creatures_find(creatures, turn->warm->social.friend_id);
  if (!is_within(turn, other, FRIEND_SEEN_FAR))
    other = followed_id ? creatures_find(creatures, followed_id) : NOTHING;
  if (!is_within(turn, other, HEARD_AFAR)) other = hear(turn);
  if (other == NOTHING) {
    decision->action = ACTION_WANDER;
    wander(turn, ACTION_WANDER);
    return;
  }
  decision->other_id = creatures_id_at(creatures, other);
  decision->place = creatures_hot(creatures)[other].position;
}

/* The nearest of a few, by chance; NOTHING: none is near enough. */
static uint32_t hear(const struct turn *turn) {
  const struct simulation *simulation = turn->simulation;
  uint64_t bits = chance_bits(simulation->seed, turn->place, simulation->frame, QUESTION_HEARD);
  uint32_t count = (uint32_t)creatures_count(&simulation->creatures), nearest = NOTHING;
  float least = HEARD_AFAR;
  for (int i = 0; i < HEARD_OF; i++, bits = chance_mix(bits)) {
    uint32_t other = (uint32_t)(bits % count);
    if (other == turn->position || !is_within(turn, other, least)) continue;
    const struct vec3 *here = &turn->hot->position,
                      *there = &creatures_hot(&simulation->creatures)[other].position;
    least = sqrtf(reckon_distance2(here->x, here->y, there->x, there->y));
    nearest = other;
  }
  return nearest;
}

static int is_within(const struct turn *turn, uint32_t position, float units) {
  const struct vec3 *here = &turn->hot->position;
  if (position == NOTHING) return 0;
  const struct vec3 *there = &creatures_hot(&turn->simulation->creatures)[position].position;
  return reckon_distance2(here->x, here->y, there->x, there->y) < units * units;
}

static float learned(const struct turn *turn, enum learned kind) {
  return (float)turn->warm->social.learned[kind] * (1.0f / INT8_MAX);
}
