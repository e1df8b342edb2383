/*
 * socialise.c: tests of systems/socialise.c.
 */
#include "creatures/meadow.h"

static void turns(struct simulation *simulation, uint64_t id, int count) {
  struct turn turn = meadow_turn(simulation, id);
  while (count--) {
    perceive(&turn);
    socialise(&turn);
  }
}

Test(socialise, who_is_alone_grows_lonely_and_a_friend_beside_it_helps) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 102, 100);
  struct social *social = &meadow_warm(simulation, id)->social;
  turns(simulation, id, 60);
  float lonely = social->loneliness;
  cr_expect_gt(lonely, 0.1f);
  social->friend_id = other;
  social->friend_liking = 1;
  meadow_face(simulation, id, other, 2);
  turns(simulation, id, 30);
  cr_expect_lt(social->loneliness, 0.7f * lonely);
  meadow_free(simulation);
}

Test(socialise, a_friend_out_of_mind_makes_room_for_a_newer_one_and_a_foe_is_forgiven) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 200, 100);
  struct social *social = &meadow_warm(simulation, id)->social;
  social->friend_id = social->foe_id = other;
  social->friend_liking = 0.3f;
  social->foe_liking = -0.3f;
  turns(simulation, id, (int)(5 / TURN_SECONDS));
  cr_expect_eq(social->friend_id, other);
  cr_expect_lt(social->friend_liking, 0.25f);
  turns(simulation, id, (int)(30 / TURN_SECONDS));
  cr_expect_eq(social->friend_id, 0);
  cr_expect_eq(social->foe_id, 0);
  cr_expect_float_eq(social->friend_liking, 0, 0);
  meadow_free(simulation);
}

Test(socialise, the_dead_are_forgotten_at_a_turn_in_which_it_recalls) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 200, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.friend_id = other;
  warm->social.friend_liking = 1;
  cr_assert_eq(creatures_remove(&simulation->creatures, other), 0);
  warm->decision.decisions = 1001;
  turns(simulation, id, 1);
  cr_expect_eq(warm->social.friend_id, other);
  warm->decision.decisions = 1000;
  turns(simulation, id, 1);
  cr_expect_eq(warm->social.friend_id, 0);
  meadow_free(simulation);
}

Test(socialise, a_foe_beside_it_is_no_friend) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 102, 100);
  struct social *social = &meadow_warm(simulation, id)->social;
  social->partner_id = social->foe_id = other;
  social->foe_liking = -0.9f;
  meadow_face(simulation, id, other, 2);
  struct turn turn = meadow_turn(simulation, id);
  perceive(&turn);
  socialise(&turn);
  cr_expect_eq(turn.is_foe_near, 1);
  cr_expect_eq(turn.is_friend_near, 0);
  meadow_free(simulation);
}
