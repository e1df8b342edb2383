/*
 * behaviours.c: tests of tools/creatures/store/behaviours.h.
 */
#include "creatures/herd.h"

#include <errno.h>

#include "store/archive.h"
#include "store/behaviours.h"

#define BUDGET ((uint64_t)64 << 20)

Test(behaviours, are_learned_by_situation_and_action) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct creatures *creatures = &herd.creatures;
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  cr_expect_eq(behaviours_weight(cold, STIMULUS_HUNGER, ACTION_EAT), 0);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_HUNGER, ACTION_EAT, 0.5f, 4), 0);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_FOE_NEAR, ACTION_EAT, -0.5f, 5), 0);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_HUNGER, ACTION_FLEE, 3, 5), 0);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_HUNGER, ACTION_EAT, 0.25f, 6), 0);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_HUNGER, ACTION_EAT), 0.75f);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_FOE_NEAR, ACTION_EAT), -0.5f);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_HUNGER, ACTION_FLEE), 1);
  cr_expect_eq(behaviours_count(cold), 3);
  cr_expect_eq(cold->behaviours->behaviours[0].learned_at, 6);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_FOE_NEAR, ACTION_EAT, -2, 7), 0);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_FOE_NEAR, ACTION_EAT), -1);
  herd_end(&herd);
}

Test(behaviours, one_more_than_the_limit_is_refused_and_counted) {
  struct herd herd;
  herd_start(&herd, BUDGET, "learned_behaviours=4", 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  for (uint32_t i = 0; i < 4; i++)
    cr_assert_eq(behaviours_learn(&herd.creatures, cold, STIMULUS_CROWD, i, 0.5f, 0), 0);
  cr_expect_eq(behaviours_learn(&herd.creatures, cold, STIMULUS_CROWD, 4, 0.5f, 0), -ENOSPC);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_CROWD, 4), 0);
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_LEARNED_BEHAVIOURS, 1), 1);
  struct behaviour many[5] = {{.action = 1}};
  cr_expect_eq(behaviours_set(&herd.creatures, cold, many, 5), -ENOSPC);
  cr_expect_eq(behaviours_set(&herd.creatures, cold, many, 1), 0);
  cr_expect_eq(behaviours_count(cold), 1);
  herd_end(&herd);
}

Test(behaviours, are_left_alone_while_archived) {
  struct herd herd;
  herd_start(&herd, BUDGET, "pooled_objects=1", 1);
  struct creatures *creatures = &herd.creatures;
  struct cold *cold = herd_cold(&herd, herd_add(&herd)), none = {.used_at = 0};
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_CROWD, ACTION_FLEE, 0.5f, 4), 0);
  cr_expect_eq(behaviours_learn(creatures, &none, STIMULUS_CROWD, ACTION_FLEE, 0.5f, 4), -ENOMEM);
  cr_assert_gt(archive_pack(creatures, cold), 0);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_CROWD, ACTION_FLEE), 0);
  cr_expect_eq(behaviours_learn(creatures, cold, STIMULUS_CROWD, ACTION_EAT, 0.5f, 4), -EAGAIN);
  cr_expect_eq(archive_open(creatures, cold), 0);
  cr_expect_eq(behaviours_weight(cold, STIMULUS_CROWD, ACTION_FLEE), 0.5f);
  herd_end(&herd);
}
