/*
 * creatures.c: tests of tools/creatures/store/creatures.h: births and deaths, demotion, simplification, trimming.
 */
#include "creatures/herd.h"

#include <errno.h>
#include <string.h>

#include "base/random.h"
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

#define BUDGET ((uint64_t)256 << 20)

static void teach(struct herd *herd, uint64_t id, uint32_t memories) {
  struct cold *cold = herd_cold(herd, id);
  for (uint32_t i = 0; i < memories; i++)
    cr_assert_geq(memories_add(&herd->creatures, cold, &(struct memory){.other_id = id, .frame = i}), 0);
  cr_assert_eq(relations_change(&herd->creatures, cold, id ^ 1, 0.5f, 3), 0);
  cr_assert_eq(behaviours_learn(&herd->creatures, cold, STIMULUS_HUNGER, ACTION_EAT, 0.5f, 3), 0);
}

Test(creatures, a_new_one_is_all_zero_but_for_its_flag) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 10);
  herd_add(&herd);
  uint64_t id = herd_add(&herd);
  static const struct warm no_warm;
  static const struct cold no_cold;
  static const struct look no_look;
  struct hot hot = {.flags = FLAG_ALIVE};
  struct positions_entry entry = {.x = 1};
  cr_assert_eq(creatures_find(&herd.creatures, id), 1);
  cr_expect_eq(creatures_id_at(&herd.creatures, 1), id);
  cr_expect_eq(creatures_id_at(&herd.creatures, 2), 0);
  cr_expect_eq(creatures_find(&herd.creatures, 0), NOTHING);
  cr_expect_eq(memcmp(&creatures_hot(&herd.creatures)[1], &hot, sizeof hot), 0);
  cr_expect_eq(memcmp(creatures_warm(&herd.creatures)[1], &no_warm, sizeof no_warm), 0);
  cr_expect_eq(memcmp(creatures_cold(&herd.creatures, 1), &no_cold, sizeof no_cold), 0);
  cr_expect_eq(memcmp(&creatures_looks(&herd.creatures)[1], &no_look, sizeof no_look), 0);
  cr_expect_eq(positions_get(&herd.creatures.positions, 1, &entry), 0);
  cr_expect(entry.x == 0 && entry.ease == 0);
  herd_end(&herd);
}

Test(creatures, the_last_one_fills_the_gap_with_all_that_it_has) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 10);
  uint64_t ids[5];
  for (uint32_t i = 0; i < 5; i++) {
    ids[i] = herd_add(&herd);
    creatures_hot(&herd.creatures)[i].health = (float)i;
    creatures_warm(&herd.creatures)[i]->movement.speed = (float)i;
    creatures_looks(&herd.creatures)[i].size = (float)i;
    positions_set(&herd.creatures.positions, i, (struct positions_entry){.x = (float)i});
    teach(&herd, ids[i], 30);
  }
  cr_expect_eq(creatures_remove(&herd.creatures, ids[1]), 0);
  cr_expect_eq(creatures_remove(&herd.creatures, ids[1]), -ESTALE);
  cr_expect_eq(creatures_remove(&herd.creatures, 12345), -ENOENT);
  struct positions_entry entry = {.x = 0};
  cr_expect_eq(creatures_find(&herd.creatures, ids[4]), 1);
  cr_expect_eq(creatures_hot(&herd.creatures)[1].health, 4);
  cr_expect_eq(creatures_warm(&herd.creatures)[1]->movement.speed, 4);
  cr_expect_eq(creatures_looks(&herd.creatures)[1].size, 4);
  cr_expect_eq(positions_get(&herd.creatures.positions, 1, &entry), 0);
  cr_expect_eq(entry.x, 4);
  cr_expect_eq(herd_cold(&herd, ids[4])->memories.count, 30);
  cr_expect(herd.creatures.born == 5 && herd.creatures.died == 1);
  herd_end(&herd);
}

/* A permutation, by swaps. */
static void shuffle(uint32_t *order, uint32_t count, struct random *random) {
  for (uint32_t i = 0; i < count; i++) order[i] = i;
  for (uint32_t i = count; i > 1; i--) {
    uint32_t other = (uint32_t)random_below(random, i), kept = order[other];
    order[other] = order[i - 1];
    order[i - 1] = kept;
  }
}

Test(creatures, are_put_in_any_order_with_all_that_they_have) {
  enum { COUNT = 200 };
  struct random random = {.seed = 7};
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, COUNT);
  for (uint32_t i = 0; i < COUNT; i++) {
    teach(&herd, herd_add(&herd), i % 7);
    creatures_hot(&herd.creatures)[i].health = (float)i;
    creatures_warm(&herd.creatures)[i]->movement.speed = (float)i;
    creatures_looks(&herd.creatures)[i].size = (float)i;
    positions_set(&herd.creatures.positions, i, (struct positions_entry){.x = (float)i});
    if (i % 5 == 0) cr_assert_eq(creatures_demote(&herd.creatures, i), 0);
  }
  for (int turn = 0; turn < 10; turn++) {
    uint32_t order[COUNT], wanted[COUNT];
    uint64_t ids[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) ids[i] = creatures_id_at(&herd.creatures, i);
    shuffle(order, COUNT, &random);
    memcpy(wanted, order, sizeof wanted);
    creatures_arrange(&herd.creatures, order, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
      cr_expect_eq(creatures_id_at(&herd.creatures, i), ids[wanted[i]], "%u", i);
    cr_assert(creatures_is_valid(&herd.creatures));
  }
  for (uint32_t i = 0; i < COUNT; i++) {
    struct positions_entry entry;
    struct warm warm;
    uint32_t number = (uint32_t)creatures_hot(&herd.creatures)[i].health;
    cr_assert_eq(creatures_read_warm(&herd.creatures, i, &warm), 0);
    cr_assert_eq(positions_get(&herd.creatures.positions, i, &entry), 0);
    cr_expect(warm.movement.speed == (float)number && entry.x == (float)number);
    cr_expect_eq(creatures_looks(&herd.creatures)[i].size, (float)number);
    cr_expect_eq(creatures_cold(&herd.creatures, i)->memories.count, number % 7);
    cr_expect_eq(creatures_warm(&herd.creatures)[i] == NULL, number % 5 == 0);
  }
  herd_end(&herd);
}

Test(creatures, more_than_the_limit_are_refused_and_counted) {
  struct herd herd;
  uint64_t id = 7;
  herd_start(&herd, BUDGET, "active_creatures=3", 10);
  for (int i = 0; i < 3; i++) herd_add(&herd);
  cr_expect_eq(creatures_add(&herd.creatures, &id), -ENOSPC);
  cr_expect_eq(id, 7);
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_ACTIVE_CREATURES, 1), 1);
  cr_expect_eq(creatures_remove(&herd.creatures, creatures_id_at(&herd.creatures, 0)), 0);
  cr_expect_eq(creatures_add(&herd.creatures, &id), 0);
  herd_end(&herd);
}

Test(creatures, more_pooled_objects_than_the_limit_are_refused_and_counted) {
  struct herd herd;
  uint64_t id = 7;
  herd_start(&herd, BUDGET, "pooled_objects=2", 10);
  for (int i = 0; i < 2; i++) herd_add(&herd);
  cr_expect_eq(creatures_add(&herd.creatures, &id), -ENOSPC);
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_POOLED_OBJECTS, 1), 1);
  cr_expect_eq(creatures_count(&herd.creatures), 2);
  herd_end(&herd);
}

Test(creatures, nothing_has_changed_where_the_budget_refuses) {
  struct herd herd;
  uint64_t id = 7;
  int error = 0;
  herd_start(&herd, 8 << 20, "active_creatures=100000", 0);
  while (!error) error = creatures_add(&herd.creatures, &id);
  cr_expect_eq(error, -ENOMEM);
  size_t count = creatures_count(&herd.creatures);
  cr_expect_gt(count, 1000);
  cr_expect_eq(herd.creatures.born, count);
  cr_expect_eq(creatures_find(&herd.creatures, id), count - 1);
  herd_end(&herd);
}

Test(creatures, after_the_start_births_and_deaths_ask_for_no_memory) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 500);
  for (int i = 0; i < 500; i++) teach(&herd, herd_add(&herd), 100);
  struct ration_allocator_figures before, after;
  cr_assert_eq(ration_allocator_stats(&herd.memory.allocator, RATION_ALLOCATOR_TOTAL, &before), 0);
  struct random random = {.seed = 3};
  for (int i = 0; i < 3000; i++) {
    size_t count = creatures_count(&herd.creatures);
    if (count > 450 && random_below(&random, 2))
      cr_assert_eq(
          creatures_remove(&herd.creatures, creatures_id_at(&herd.creatures, random_below(&random, count))),
          0);
    else if (count < 550)
      teach(&herd, herd_add(&herd), 120);
  }
  cr_assert_eq(ration_allocator_stats(&herd.memory.allocator, RATION_ALLOCATOR_TOTAL, &after), 0);
  cr_expect_eq(after.requests, before.requests);
  herd_end(&herd);
}

Test(creatures, a_demoted_record_takes_less_and_comes_back_as_it_was) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 10);
  uint64_t id = herd_add(&herd);
  herd_add(&herd);
  creatures_warm(&herd.creatures)[0]->movement.speed = 3.5f;
  creatures_warm(&herd.creatures)[0]->decision.place.y = 9;
  struct warm before = *creatures_warm(&herd.creatures)[0], copy;
  cr_expect_eq(creatures_demote(&herd.creatures, 0), 0);
  cr_expect_eq(creatures_demote(&herd.creatures, 0), -EALREADY);
  cr_expect_null(creatures_warm(&herd.creatures)[0]);
  cr_expect_lt(ration_records_slot_of(&herd.creatures.records.records, id)->packed_bytes, 128);
  cr_expect(creatures_is_valid(&herd.creatures));
  cr_expect_eq(creatures_read_warm(&herd.creatures, 0, &copy), 0);
  cr_expect_eq(memcmp(&copy, &before, sizeof copy), 0);
  cr_expect_null(creatures_warm(&herd.creatures)[0], "reading leaves it");
  cr_expect_eq(creatures_promote(&herd.creatures, 0), 0);
  cr_expect_eq(creatures_promote(&herd.creatures, 0), 0);
  cr_expect_eq(memcmp(creatures_warm(&herd.creatures)[0], &before, sizeof before), 0);
  cr_expect(herd.creatures.demotions == 1 && herd.creatures.promotions == 1);
  cr_expect_eq(creatures_demote(&herd.creatures, 1), 0);
  herd_end(&herd);
}

Test(creatures, a_corrupt_demoted_record_leaves_a_simplified_creature) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 10);
  uint64_t id = herd_add(&herd);
  cr_assert_eq(creatures_demote(&herd.creatures, 0), 0);
  memset(ration_records_slot_of(&herd.creatures.records.records, id)->warm, 0x5a, 8);
  struct warm copy;
  cr_expect_eq(creatures_read_warm(&herd.creatures, 0, &copy), -EBADMSG);
  cr_expect_eq(creatures_promote(&herd.creatures, 0), -EBADMSG);
  cr_expect(creatures_hot(&herd.creatures)[0].flags & FLAG_SIMPLIFIED);
  cr_expect_eq(creatures_promote(&herd.creatures, 0), 0, "there is nothing to promote");
  herd_end(&herd);
}

Test(creatures, a_simplified_one_has_its_hot_record_alone_until_it_is_restored) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 10);
  uint64_t id = herd_add(&herd), other = herd_add(&herd);
  struct warm warm = {.movement = {.speed = 2}}, copy;
  teach(&herd, id, 60);
  teach(&herd, other, 60);
  cr_assert_gt(archive_pack(&herd.creatures, herd_cold(&herd, other)), 0);
  cr_assert_eq(creatures_demote(&herd.creatures, 1), 0);
  cr_expect_eq(creatures_restore(&herd.creatures, 0, &warm), -EALREADY);
  cr_expect_eq(creatures_simplify(&herd.creatures, 0), 256 + 3 * sizeof(struct memory_page) +
                                                           relations_page_bytes(&herd.creatures) +
                                                           behaviours_page_bytes(&herd.creatures));
  cr_expect_eq(creatures_simplify(&herd.creatures, 0), 0);
  cr_expect_gt(creatures_simplify(&herd.creatures, 1), 0);
  cr_expect(creatures_is_valid(&herd.creatures));
  for (size_t i = 0; i < 2; i++) {
    cr_expect_eq(creatures_hot(&herd.creatures)[i].flags, FLAG_ALIVE | FLAG_SIMPLIFIED);
    cr_expect_null(creatures_warm(&herd.creatures)[i]);
    cr_expect_eq(creatures_cold(&herd.creatures, i)->memories.count, 0);
    cr_expect_null(creatures_cold(&herd.creatures, i)->archive);
    cr_expect_eq(creatures_read_warm(&herd.creatures, i, &copy), -ENOENT);
    cr_expect_eq(creatures_demote(&herd.creatures, i), -ENOENT);
    cr_expect_eq(creatures_promote(&herd.creatures, i), 0);
  }
  cr_expect_eq(creatures_restore(&herd.creatures, 0, &warm), 0);
  cr_expect_eq(creatures_hot(&herd.creatures)[0].flags, FLAG_ALIVE);
  cr_expect_eq(creatures_warm(&herd.creatures)[0]->movement.speed, 2);
  cr_expect_eq(herd.creatures.simplified, 2);
  herd_end(&herd);
}

static size_t bytes_of(const struct ration_pool *pool) {
  struct ration_pool_counts counts = {.bytes = 0};
  cr_assert_eq(ration_pool_stats(pool, &counts), 0);
  return counts.bytes;
}

Test(creatures, trimming_gives_back_the_room_of_what_was_shed) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 3000);
  for (uint32_t i = 0; i < 3000; i++) {
    uint64_t id = herd_add(&herd);
    creatures_warm(&herd.creatures)[i]->movement.speed = (float)i;
    teach(&herd, id, 30);
  }
  size_t warm = bytes_of(herd.creatures.warm_pool), pages = bytes_of(herd.creatures.memory_pages),
         relations = bytes_of(herd.creatures.relation_pages);
  for (uint32_t i = 0; i < 3000; i++) {
    if (i % 4 == 0) continue;
    cr_assert_eq(creatures_demote(&herd.creatures, i), 0);
    cr_assert_gt(archive_pack(&herd.creatures, creatures_cold(&herd.creatures, i)), 0);
  }
  creatures_trim(&herd.creatures);
  cr_expect(creatures_is_valid(&herd.creatures));
  cr_expect_lt(bytes_of(herd.creatures.warm_pool), warm / 3);
  cr_expect_lt(bytes_of(herd.creatures.memory_pages), pages / 3);
  cr_expect_lt(bytes_of(herd.creatures.relation_pages), relations / 3);
  for (uint32_t i = 0; i < 3000; i++) {
    cr_assert_eq(creatures_promote(&herd.creatures, i), 0);
    cr_assert_eq(creatures_warm(&herd.creatures)[i]->movement.speed, (float)i);
    cr_assert_eq(archive_open(&herd.creatures, creatures_cold(&herd.creatures, i)), 0);
    cr_assert_eq(creatures_cold(&herd.creatures, i)->memories.count, 30);
  }
  herd_end(&herd);
}

/* Everything that can be done, at random, and all must hold. */
Test(creatures, holds_whatever_is_done_to_it) {
  struct herd herd;
  struct random random = {.seed = 11};
  struct warm fresh = {.movement = {.speed = 1}};
  herd_start(&herd, BUDGET, "memories=30,relationships=5,learned_behaviours=3,active_creatures=60", 40);
  for (int round = 0; round < 4000; round++) {
    size_t count = creatures_count(&herd.creatures), position = count ? random_below(&random, count) : 0;
    uint64_t id = creatures_id_at(&herd.creatures, position), choice = random_below(&random, 12);
    struct cold *cold = creatures_cold(&herd.creatures, position);
    struct memory memory = {.frame = (uint32_t)round};
    if (!cold || choice < 2)
      creatures_add(&herd.creatures, &id);
    else if (choice == 2)
      creatures_remove(&herd.creatures, id);
    else if (choice == 3)
      creatures_demote(&herd.creatures, position);
    else if (choice == 4)
      creatures_promote(&herd.creatures, position);
    else if (choice == 5)
      archive_pack(&herd.creatures, cold);
    else if (choice == 6)
      archive_open(&herd.creatures, cold);
    else if (choice == 7 && round % 4 == 0)
      creatures_simplify(&herd.creatures, position);
    else if (choice == 7)
      creatures_restore(&herd.creatures, position, &fresh);
    else if (choice == 8)
      relations_change(&herd.creatures, cold, random_below(&random, 9), 0.1f, 1);
    else if (choice == 9)
      behaviours_learn(&herd.creatures, cold, STIMULUS_CROWD, random_below(&random, 6), 1, 1);
    else if (round % 64 == 0)
      creatures_trim(&herd.creatures);
    else
      for (uint64_t i = random_below(&random, 40); i; i--) memories_add(&herd.creatures, cold, &memory);
    if (round % 16 == 0) cr_assert(creatures_is_valid(&herd.creatures), "round %d", round);
  }
  cr_expect_gt(herd.creatures.opened, 10);
  cr_expect_gt(herd.creatures.promotions, 10);
  herd_end(&herd);
}
