/*
 * socialise.c: who matters to a creature now: loneliness grows and is stilled, friendship and enmity that are in mind fade,
 * so that newer ones take their place, and the dead are forgotten.
 */
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

static void fade(struct social *social, float seconds);
static void forget_dead(const struct creatures *creatures, struct social *social);

void socialise(struct turn *turn) {
  struct social *social = &turn->warm->social;
  const struct sensory *sensory = &turn->warm->sensory;
  uint64_t neighbour = turn->neighbour_id;
  fade(social, turn->seconds);
  if (turn->warm->decision.decisions % RECALL_TURNS == 0) forget_dead(&turn->simulation->creatures, social);
  turn->is_foe_near = neighbour && neighbour == social->foe_id;
  turn->is_friend_near =
      neighbour && !turn->is_foe_near && (neighbour == social->friend_id || neighbour == social->partner_id);
  float company = turn->is_friend_near ? -0.10f : sensory->neighbour_is_known ? 0 : 0.05f;
  social->loneliness = reckon_share(social->loneliness + company * social->sociability * turn->seconds);
  if (social->last_met_age < LONG_AGO) social->last_met_age += turn->seconds;
}

static void fade(struct social *social, float seconds) {
  social->friend_liking -= FRIEND_FADES * seconds;
  if (social->friend_liking < FRIEND_FROM) social->friend_id = 0;
  if (!social->friend_id) social->friend_liking = 0;
  social->foe_liking += FOE_FADES * seconds;
  if (social->foe_liking > FOE_FROM) social->foe_id = 0;
  if (!social->foe_id) social->foe_liking = 0;
}

static void forget_dead(const struct creatures *creatures, struct social *social) {
  if (social->friend_id && creatures_find(creatures, social->friend_id) == NOTHING) social->friend_id = 0;
  if (social->foe_id && creatures_find(creatures, social->foe_id) == NOTHING) social->foe_id = 0;
  if (!social->friend_id) social->friend_liking = 0;
  if (!social->foe_id) social->foe_liking = 0;
}
