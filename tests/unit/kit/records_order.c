/*
 * records_order.c: tests of ration/kit/records.h: entities that change places, and ids that last.
 */
#include <ration/kit/records.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct hot {
  uint32_t number;
};
struct warm {
  uint64_t words[32];
};
struct cold {
  uint32_t number;
};

RATION_RECORDS(things, struct hot, struct warm, struct cold);

Test(kit_records_order, entities_that_change_places_keep_what_they_have_and_blocks_stay) {
  struct things things;
  uint64_t ids[8];
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  for (uint32_t i = 0; i < 8; i++) {
    cr_assert_eq(things_add(&things, &ids[i]), 0);
    things_hot(&things, ids[i])->number = things_warm(&things, ids[i])->words[0] = i;
    if (i != 5) things_cold(&things, ids[i])->number = i;
  }
  cr_assert_eq(things_demote(&things, ids[6]), 0);
  const void *warm = things_warm(&things, ids[1]), *cold = things_cold(&things, ids[1]);
  cr_expect_eq(things_swap(&things, 1, 2), 0);
  cr_expect(things_id_at(&things, 1) == ids[2] && things_id_at(&things, 2) == ids[1]);
  cr_expect(things_warm(&things, ids[2]) == warm && things_cold(&things, ids[2]) == cold, "at that position");
  cr_expect_eq(things_swap(&things, 2, 5), 0, "5 has no cold record");
  cr_expect_eq(things_has_cold(&things, ids[5]), 0);
  cr_expect_eq(things_swap(&things, 6, 0), 0, "6 is demoted");
  cr_expect_eq(things_is_demoted(&things, ids[6]), 1);
  cr_expect_eq(things_is_demoted(&things, ids[0]), 0);
  cr_expect_eq(things_swap(&things, 3, 3), 0);
  cr_expect_eq(things_swap(&things, 3, 8), -ENOENT);
  cr_expect_eq(things_swap(&things, 8, 3), -ENOENT);
  cr_expect_eq(ration_records_swap(NULL, 0, 0), -EINVAL);
  for (uint32_t i = 0; i < 8; i++) {
    cr_expect_eq(things_hot(&things, ids[i])->number, i);
    cr_expect_eq(things_warm(&things, ids[i])->words[0], i);
    if (i != 5) cr_expect_eq(things_cold(&things, ids[i])->number, i);
  }
  cr_expect(ration_records_is_valid(&things.records));
  cr_expect_eq(things_remove(&things, ids[2]), 0);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}

/* Adds and removes at random, so that there are places of many generations, free ones among them. */
static void live_and_die(struct things *things, struct random *random, unsigned turns) {
  for (unsigned i = 0; i < turns; i++) {
    size_t count = things_count(things);
    uint64_t id, bits = random_next(random);
    if (count > 5 && bits % 5 < 2)
      cr_assert_eq(things_remove(things, things_id_at(things, bits / 5 % count)), 0);
    else
      cr_assert_eq(things_add(things, &id), 0);
  }
}

Test(kit_records_order, yield_the_same_ids_again_after_their_places_were_kept) {
  struct things things, again;
  struct random random = {.seed = 7};
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(things_init(&again, NULL, NULL, NULL, NULL), 0);
  live_and_die(&things, &random, 2000);
  size_t count = ration_records_places(&things.records);
  cr_assert_gt(count, things_count(&things));
  struct ration_records_place *places = calloc(count, sizeof *places);
  cr_assert_eq(ration_records_get_places(&things.records, places), 0);
  cr_assert_eq(ration_records_set_places(&again.records, places, count), 0);
  cr_expect(ration_records_is_valid(&again.records));
  for (size_t i = 0; i < things_count(&things); i++) {
    uint64_t id = 0;
    cr_assert_eq(things_add(&again, &id), 0);
    cr_assert_eq(id, things_id_at(&things, i));
  }
  struct random other = random;
  live_and_die(&things, &random, 2000);
  live_and_die(&again, &other, 2000);
  cr_assert_eq(things_count(&again), things_count(&things));
  for (size_t i = 0; i < things_count(&things); i++)
    cr_assert_eq(things_id_at(&again, i), things_id_at(&things, i));
  cr_expect(ration_records_is_valid(&again.records));
  things_done(&things);
  things_done(&again);
  free(places);
}

Test(kit_records_order, refuse_places_that_cannot_be) {
  static const struct ration_records_place wrong[][2] = {{{0, 1}, {0, 1}},
                                                         {{0, 1}, {2, 1}},
                                                         {{0, 2}, {1, 1}},
                                                         {{0, 1}, {1, UINT32_MAX}},
                                                         {{1, UINT32_MAX - 1}, {0, 2}}};
  struct things things, none;
  memset(&none, 0, sizeof none);
  struct ration_records_place places[2] = {{1, 3}, {0, 2}};
  uint64_t id = 0;
  const struct ration_records_settings few = {.maximum = 1};
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, &few), 0);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_records_set_places(&things.records, wrong[i], 2), -EINVAL, "%zu", i);
  cr_expect_eq(ration_records_set_places(&things.records, (struct ration_records_place[]){{0, 1}, {1, 1}}, 2),
               -ENOSPC);
  cr_expect_eq(ration_records_places(&things.records), 0);
  cr_expect_eq(ration_records_set_places(&things.records, NULL, 1), -EINVAL);
  cr_expect_eq(ration_records_set_places(&none.records, places, 2), -EINVAL);
  cr_expect_eq(ration_records_get_places(&things.records, NULL), -EINVAL);
  cr_expect_eq(ration_records_get_places(&none.records, places), -EINVAL);
  cr_expect_eq(ration_records_places(NULL), 0);
  cr_assert_eq(ration_records_set_places(&things.records, places, 2), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  cr_expect_eq(id, (uint64_t)3 << 32 | 1);
  cr_expect_eq(ration_records_set_places(&things.records, places, 2), -EBUSY);
  things_done(&things);
}

Test(kit_records_order, keep_no_place_where_the_memory_refuses_them) {
  struct failing_memory failing;
  struct things things;
  failing_memory_init(&failing, 0);
  const struct ration_records_place places[2] = {{1, 3}, {0, 2}};
  cr_assert_eq(things_init(&things, &failing.memory, NULL, NULL, NULL), 0);
  cr_expect_eq(ration_records_set_places(&things.records, places, 2), -ENOMEM);
  cr_expect_eq(ration_records_places(&things.records), 0);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}
