/*
 * perceive.c: what a creature makes of its percept: where there is food, who is beside it, what it has to fear. Whom it
 * knows it says by the few relations that it has in mind; the others are cold.
 */
#include "systems/due.h"
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

static void look_for_food(struct turn *turn);
static void look_who_is_there(struct turn *turn);
static uint64_t recognise(struct turn *turn);
static void look_for_danger(struct turn *turn);

void perceive(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  look_for_food(turn);
  look_who_is_there(turn);
  look_for_danger(turn);
  sensory->crowding = reckon_ease(sensory->crowding, (float)turn->hot->percept.crowd, 0.1f);
}

/* A sated one only notes that there is some hereabouts: where the plant is would cost it a cache miss. */
static void look_for_food(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  const struct hot *hot = turn->hot;
  const struct plants *plants = &turn->simulation->plants;
  if (hot->percept.plant < plants->count) {
    const struct plant_place *place = &plants->places[hot->percept.plant];
    int is_sated = hot->energy >= EAT_BELOW;
    sensory->food = is_sated ? hot->position : (struct vec3){place->x, place->y, 0};
    sensory->food_age = 0;
    return;
  }
  sensory->food_age = sensory->food_age < LONG_AGO ? sensory->food_age + turn->seconds : LONG_AGO;
  float distance2 = reckon_distance2(hot->position.x, hot->position.y, sensory->food.x, sensory->food.y);
  if (distance2 < ARRIVED_WITHIN * ARRIVED_WITHIN) sensory->food_age = LONG_AGO;
}

static void look_who_is_there(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  const struct social *social = &turn->warm->social;
  uint64_t id = recognise(turn);
  turn->neighbour_id = id;
  sensory->neighbour_is_known = id != 0;
  sensory->neighbour_liking = !id                        ? 0
                              : id == social->foe_id     ? social->foe_liking
                              : id == social->friend_id  ? social->friend_liking
                              : id == social->partner_id ? COURT_LIKING
                                                         : 0;
}

/* The id of the neighbour, of one that it has in mind. Most are strangers, which their place tells. */
static uint64_t recognise(struct turn *turn) {
  const struct creatures *creatures = &turn->simulation->creatures;
  const struct social *social = &turn->warm->social;
  uint32_t neighbour = turn->hot->percept.neighbour;
  turn->has_neighbour = neighbour < creatures_count(creatures);
  if (!turn->has_neighbour) return 0;
  if (!perceive_may_know(turn->warm, due_place(creatures, neighbour))) return 0;
  uint64_t id = creatures_id_at(creatures, neighbour);
  int is_known = id == social->friend_id || id == social->foe_id || id == social->partner_id ||
                 id == social->last_met_id;
  return is_known ? id : 0;
}

/* Danger comes of its foe beside it, of being struck, and of the fights of others. */
static void look_for_danger(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  const struct social *social = &turn->warm->social;
  int is_struck = ration_flags32_is_set(turn->hot->flags, FLAG_IN_COMBAT);
  int is_foe = turn->neighbour_id && turn->neighbour_id == social->foe_id;
  if (turn->has_neighbour && (is_foe || is_struck)) {
    sensory->threat = creatures_hot(&turn->simulation->creatures)[turn->hot->percept.neighbour].position;
    sensory->threat_age = 0;
  } else if (sensory->threat_age < LONG_AGO) {
    sensory->threat_age += turn->seconds;
  }
  float danger = 0.25f * (float)turn->hot->percept.fighters + 0.5f * (float)is_struck + 0.6f * (float)is_foe;
  sensory->danger = reckon_ease(sensory->danger, reckon_share(danger), 0.35f);
}
