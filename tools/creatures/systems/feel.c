/*
 * feel.c: feelings fade, as fast as the creature is calm, and rise by what it perceives. Stress is what tires, too: walking
 * adds to it, sleep takes it off.
 */
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

void feel(struct turn *turn) {
  struct emotional *emotional = &turn->warm->emotional;
  const struct sensory *sensory = &turn->warm->sensory;
  const struct hot *hot = turn->hot;
  float seconds = turn->seconds, fades = reckon_share(1 - emotional->calm * seconds);
  float hunger = reckon_share(1 - hot->energy), danger = sensory->danger;
  int is_asleep = ration_flags32_is_set(hot->flags, FLAG_SLEEPING);
  int is_company = sensory->neighbour_is_known && sensory->neighbour_liking > FRIEND_FROM;

  float fear = 1.2f * danger * (1.3f - emotional->courage) * seconds;
  float anger = (0.8f * danger + 0.15f * hunger) * emotional->aggression * seconds;
  float joy = (is_company ? 0.03f : 0) * seconds;
  float curiosity = (danger < 0.1f && !is_asleep ? 0.05f : 0) * seconds;
  float strain =
      (turn->warm->movement.pace * (1 / TIRES_IN) + 0.1f * danger + 0.02f * hunger * hunger) * seconds;
  float rest = (is_asleep ? 1 / RESTS_IN : 0) * seconds;

  emotional->fear = reckon_share(emotional->fear * fades + fear);
  emotional->anger = reckon_share(emotional->anger * fades + anger);
  emotional->joy = reckon_share(emotional->joy * fades + joy);
  emotional->curiosity = reckon_share(emotional->curiosity * (1 - 0.02f * seconds) + curiosity);
  emotional->stress = reckon_share(emotional->stress + strain - rest);
}
