/*
 * remember.c: tests of systems/remember.c.
 */
#include "creatures/meadow.h"
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

static void happen(struct simulation *simulation, enum event_kind kind, uint64_t subject, uint64_t object,
                   float value) {
  struct event event = {.subject = subject,
                        .object = object,
                        .x = 50,
                        .y = 60,
                        .value = value,
                        .kind = kind,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
  systems_remember(simulation);
}

/* The newest. */
static struct memory last_memory(const struct simulation *simulation, uint64_t id) {
  const struct memory_page *page = NULL;
  const struct memory *memories;
  struct memory last = {.frame = 0};
  for (uint32_t count; (memories = memories_next(meadow_cold(simulation, id), &page, &count));)
    last = memories[count - 1];
  return last;
}

static float liking(const struct simulation *simulation, uint64_t id, uint64_t other) {
  const struct relation *relation = relations_find(meadow_cold(simulation, id), other);
  return relation ? relation->liking : 0;
}

Test(remember, a_lost_fight_frightens_is_remembered_and_is_learned) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t winner = meadow_add(simulation, 100, 100), loser = meadow_add(simulation, 101, 100);
  happen(simulation, EVENT_FOUGHT, winner, loser, 0.1f);
  const struct warm *warm = meadow_warm(simulation, loser);
  cr_expect_gt(warm->emotional.fear, 0.3f);
  struct memory memory = last_memory(simulation, loser);
  cr_expect_eq(memory.kind, MEMORY_FIGHT);
  cr_expect_lt(memory.value, 0);
  cr_expect_eq(memory.other_id, winner);
  cr_expect_float_eq(memory.x, 50, 0);
  cr_expect_gt(behaviours_weight(meadow_cold(simulation, loser), STIMULUS_FOE_NEAR, ACTION_FLEE), 0);
  cr_expect_gt(warm->social.learned[LEARNED_FLEE_FOE], 0);
  cr_expect_lt(liking(simulation, loser, winner), 0);
  cr_expect_eq(warm->social.foe_id, winner);
  meadow_free(simulation);
}

Test(remember, a_fight_that_is_won_is_to_do_again) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t winner = meadow_add(simulation, 100, 100), loser = meadow_add(simulation, 101, 100);
  meadow_warm(simulation, winner)->emotional.anger = 1;
  happen(simulation, EVENT_FOUGHT, winner, loser, 0.1f);
  const struct cold *cold = meadow_cold(simulation, winner);
  cr_expect_eq(cold->biography.fights_won, 1);
  cr_expect_eq(meadow_cold(simulation, loser)->biography.fights_won, 0);
  cr_expect_gt(last_memory(simulation, winner).value, 0);
  cr_expect_gt(behaviours_weight(cold, STIMULUS_FOE_NEAR, ACTION_FIGHT), 0);
  cr_expect_lt(meadow_warm(simulation, winner)->emotional.anger, 0.5f);
  meadow_free(simulation);
}

Test(remember, each_lesson_adds_weight_and_only_the_first_is_told) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t winner = meadow_add(simulation, 100, 100), loser = meadow_add(simulation, 101, 100);
  happen(simulation, EVENT_FOUGHT, winner, loser, 0.1f);
  float once = behaviours_weight(meadow_cold(simulation, loser), STIMULUS_FOE_NEAR, ACTION_FLEE);
  uint64_t told = simulation->events.counts[EVENT_LEARNED];
  cr_expect_gt(told, 0);
  happen(simulation, EVENT_FOUGHT, winner, loser, 0.1f);
  cr_expect_gt(behaviours_weight(meadow_cold(simulation, loser), STIMULUS_FOE_NEAR, ACTION_FLEE), once);
  cr_expect_eq(simulation->events.counts[EVENT_LEARNED], told);
  meadow_free(simulation);
}

Test(remember, a_meal_is_remembered_where_it_was) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  happen(simulation, EVENT_ATE, id, 0, 0.6f);
  struct memory memory = last_memory(simulation, id);
  cr_expect_eq(memory.kind, MEMORY_FOOD);
  cr_expect_float_eq(memory.x, 50, 0);
  cr_expect_float_eq(memory.y, 60, 0);
  cr_expect_float_eq(memory.value, 0.6f, 1e-6f);
  cr_expect_eq(meadow_cold(simulation, id)->biography.meals, 1);
  cr_expect_gt(meadow_warm(simulation, id)->emotional.joy, 0);
  cr_expect_eq(simulation->counters.remembered, 1);
  meadow_free(simulation);
}

Test(remember, who_have_met_know_each_other_and_the_friend_is_whom_it_likes_and_met_lately) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  uint64_t third = meadow_add(simulation, 102, 100);
  happen(simulation, EVENT_MET, id, other, 0.5f);
  cr_expect_float_eq(liking(simulation, id, other), 0.5f, 1e-6f);
  cr_expect_float_eq(liking(simulation, other, id), 0.5f, 1e-6f);
  cr_expect_eq(meadow_warm(simulation, id)->social.friend_id, other);
  cr_expect_eq(meadow_warm(simulation, id)->social.relations, 1);
  happen(simulation, EVENT_MET, id, third, 0.11f);
  cr_expect_eq(meadow_warm(simulation, id)->social.friend_id, other, "so much less that it does not matter");
  happen(simulation, EVENT_MET, id, third, 0.3f);
  cr_expect_eq(meadow_warm(simulation, id)->social.friend_id, third);
  meadow_free(simulation);
}

Test(remember, a_friend_that_is_disliked_in_the_end_is_a_foe) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  happen(simulation, EVENT_MET, id, other, 0.3f);
  for (int i = 0; i < 3; i++) happen(simulation, EVENT_FOUGHT, other, id, 0.05f);
  cr_expect_eq(meadow_warm(simulation, id)->social.friend_id, 0);
  cr_expect_eq(meadow_warm(simulation, id)->social.foe_id, other);
  meadow_free(simulation);
}

Test(remember, relations_beyond_the_limit_are_refused_until_the_dead_make_room) {
  struct simulation *simulation = meadow_make("relationships=2", 1);
  uint64_t id = meadow_add(simulation, 100, 100), others[4];
  for (int i = 0; i < 4; i++) others[i] = meadow_add(simulation, 110, 100);
  for (int i = 0; i < 3; i++) happen(simulation, EVENT_MET, id, others[i], 0.3f);
  const struct social *social = &meadow_warm(simulation, id)->social;
  cr_expect_eq(social->refused, 1);
  cr_expect_eq(social->relations, 2);
  cr_assert_eq(creatures_remove(&simulation->creatures, others[0]), 0);
  for (int i = 0; i < 8; i++) happen(simulation, EVENT_MET, id, others[3], 0.01f);
  cr_expect_gt(liking(simulation, id, others[3]), 0);
  meadow_free(simulation);
}

Test(remember, what_is_archived_stays_and_only_what_is_in_mind_changes) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  happen(simulation, EVENT_MET, id, other, 0.3f);
  for (int i = 0; i < 40; i++) happen(simulation, EVENT_ATE, id, 0, 0.5f);
  struct cold *cold = meadow_cold(simulation, id);
  cr_assert_geq(archive_pack(&simulation->creatures, cold), 0);
  cr_assert_not_null(cold->archive);
  uint64_t put_off = simulation->counters.opens_put_off;
  happen(simulation, EVENT_MET, id, other, 0.2f);
  cr_expect_float_eq(meadow_warm(simulation, id)->social.friend_liking, 0.5f, 1e-5f);
  cr_expect_gt(simulation->counters.opens_put_off, put_off);
  cr_expect_null(cold->relations);
  cr_assert_eq(archive_open(&simulation->creatures, cold), 0);
  cr_expect_float_eq(liking(simulation, id, other), 0.3f, 1e-6f);
  meadow_free(simulation);
}

Test(remember, one_whose_warm_record_is_packed_still_remembers) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  cr_assert_eq(creatures_demote(&simulation->creatures, creatures_find(&simulation->creatures, id)), 0);
  happen(simulation, EVENT_MET, id, other, 0.3f);
  cr_expect_eq(last_memory(simulation, id).kind, MEMORY_MEETING);
  cr_expect_float_eq(liking(simulation, id, other), 0.3f, 1e-6f);
  meadow_free(simulation);
}

Test(remember, events_about_the_dead_are_taken_and_leave_nothing) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), dead = meadow_add(simulation, 101, 100);
  cr_assert_eq(creatures_remove(&simulation->creatures, dead), 0);
  for (int kind = 0; kind < EVENT_KINDS; kind++) happen(simulation, (enum event_kind)kind, dead, 0, 0.1f);
  struct event event;
  cr_expect_neq(events_take(&simulation->events, &event), 0);
  cr_expect_eq(simulation->counters.remembered, 0);
  happen(simulation, EVENT_FOUGHT, dead, id, 0.1f);
  cr_expect_eq(last_memory(simulation, id).kind, MEMORY_FIGHT, "the other is still there");
  meadow_free(simulation);
}

Test(remember, a_birth_ties_mother_and_child) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t mother = meadow_add(simulation, 100, 100), father = meadow_add(simulation, 101, 100);
  uint64_t child = meadow_add(simulation, 100, 100);
  meadow_cold(simulation, child)->biography.father = father;
  happen(simulation, EVENT_BORN, child, mother, 0);
  cr_expect_gt(liking(simulation, child, mother), 0);
  cr_expect_gt(liking(simulation, mother, child), 0);
  cr_expect_eq(meadow_warm(simulation, child)->social.friend_id, 0, "it is not to court her");
  cr_expect_eq(last_memory(simulation, mother).kind, MEMORY_BIRTH);
  cr_expect_eq(meadow_cold(simulation, mother)->biography.children, 1);
  cr_expect_eq(meadow_cold(simulation, father)->biography.children, 1);
  meadow_free(simulation);
}
