/*
 * perceive.c: what a creature makes of its percept: where there is food, who is beside it, what it has to fear. Whom it
 * knows it says by the few relations that it has in mind; the others are cold.
 */
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

static void look_for_food(struct turn *turn);
static void look_who_is_there(struct turn *turn);
static void look_for_danger(struct turn *turn);

void perceive(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  look_for_food(turn);
  look_who_is_there(turn);
  look_for_danger(turn);
  sensory->crowding = reckon_ease(sensory->crowding, (float)turn->hot->percept.crowd, 0.1f);
}

static void look_for_food(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  const struct hot *hot = turn->hot;
  const struct plants *plants = &turn->simulation->plants;
  if (hot->percept.plant < plants->count) {
    const struct plant_place *place = &plants->places[hot->percept.plant];
    sensory->food = (struct vec3){place->x, place->y, 0};
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
  const struct creatures *creatures = &turn->simulation->creatures;
  uint32_t neighbour = turn->hot->percept.neighbour;
  turn->neighbour_id = 0;
  sensory->neighbour_is_known = 0;
  sensory->neighbour_liking = 0;
  if (neighbour >= creatures_count(creatures)) return;
  uint64_t id = creatures_id_at(creatures, neighbour);
  turn->neighbour_id = id;
  turn->neighbour_place = creatures_hot(creatures)[neighbour].position;
  sensory->neighbour_is_known = id == social->friend_id || id == social->foe_id || id == social->partner_id ||
                                id == social->last_met_id;
  if (id == social->foe_id)
    sensory->neighbour_liking = social->foe_liking;
  else if (id == social->friend_id)
    sensory->neighbour_liking = social->friend_liking;
  else if (id == social->partner_id)
    sensory->neighbour_liking = COURT_LIKING;
}

/* Danger comes of its foe beside it, of being struck, and of the fights of others. */
static void look_for_danger(struct turn *turn) {
  struct sensory *sensory = &turn->warm->sensory;
  const struct social *social = &turn->warm->social;
  int is_struck = ration_flags32_is_set(turn->hot->flags, FLAG_IN_COMBAT);
  int is_foe = turn->neighbour_id && turn->neighbour_id == social->foe_id;
  if (turn->neighbour_id && (is_foe || is_struck)) {
    sensory->threat = turn->neighbour_place;
    sensory->threat_age = 0;
  } else if (sensory->threat_age < LONG_AGO) {
    sensory->threat_age += turn->seconds;
  }
  float danger = 0.25f * (float)turn->hot->percept.fighters + 0.5f * (float)is_struck + 0.6f * (float)is_foe;
  sensory->danger = reckon_ease(sensory->danger, reckon_share(danger), 0.35f);
}
