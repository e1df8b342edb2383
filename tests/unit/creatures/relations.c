/*
 * relations.c: tests of tools/creatures/store/relations.h.
 */
#include "creatures/herd.h"

#include <errno.h>

#include "store/archive.h"
#include "store/relations.h"

#define BUDGET ((uint64_t)64 << 20)

Test(relations, liking_grows_and_stays_within_its_bounds) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  cr_expect_null(relations_find(cold, 9));
  cr_expect_eq(relations_change(&herd.creatures, cold, 9, 0.5f, 10), 0);
  cr_expect_eq(relations_change(&herd.creatures, cold, 8, -0.25f, 11), 0);
  cr_expect_eq(relations_change(&herd.creatures, cold, 9, 0.25f, 12), 0);
  cr_assert_not_null(relations_find(cold, 9));
  cr_expect_eq(relations_find(cold, 9)->liking, 0.75f);
  cr_expect_eq(relations_find(cold, 9)->met_at, 12);
  cr_expect_eq(relations_find(cold, 8)->liking, -0.25f);
  cr_expect_eq(relations_count(cold), 2);
  cr_expect_eq(relations_change(&herd.creatures, cold, 9, 2, 13), 0);
  cr_expect_eq(relations_change(&herd.creatures, cold, 7, -2, 13), 0);
  cr_expect_eq(relations_find(cold, 9)->liking, 1);
  cr_expect_eq(relations_find(cold, 7)->liking, -1);
  herd_end(&herd);
}

Test(relations, one_more_than_the_limit_is_refused_and_counted) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  for (uint64_t other = 1; other <= 50; other++)
    cr_assert_eq(relations_change(&herd.creatures, cold, other, 0.1f, 0), 0);
  cr_expect_eq(relations_change(&herd.creatures, cold, 51, 0.1f, 0), -ENOSPC);
  cr_expect_null(relations_find(cold, 51));
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_RELATIONSHIPS, 1), 1);
  cr_expect_eq(relations_change(&herd.creatures, cold, 50, 0.1f, 0), 0, "it is known");
  struct relation many[51] = {{.other_id = 5}};
  cr_expect_eq(relations_set(&herd.creatures, cold, many, 51), -ENOSPC);
  cr_expect_eq(relations_count(cold), 50);
  herd_end(&herd);
}

Test(relations, those_of_the_gone_make_room) {
  struct herd herd;
  herd_start(&herd, BUDGET, "relationships=3,pooled_objects=3", 3);
  uint64_t ids[3];
  for (int i = 0; i < 3; i++) ids[i] = herd_add(&herd);
  struct cold *cold = herd_cold(&herd, ids[0]);
  const uint64_t others[] = {ids[1], 77, ids[2]};
  for (int i = 0; i < 3; i++) cr_expect_eq(relations_change(&herd.creatures, cold, others[i], 0.5f, 0), 0);
  relations_forget(&herd.creatures, cold);
  cr_expect_eq(relations_count(cold), 2);
  cr_expect(relations_find(cold, ids[1]) && relations_find(cold, ids[2]) && !relations_find(cold, 77));
  cr_expect_eq(creatures_remove(&herd.creatures, ids[1]), 0);
  cr_expect_eq(creatures_remove(&herd.creatures, ids[2]), 0);
  relations_forget(&herd.creatures, cold);
  cr_expect_null(cold->relations, "an empty page goes back");
  relations_forget(&herd.creatures, cold);
  herd_end(&herd);
}

Test(relations, are_left_alone_while_archived) {
  struct herd herd;
  herd_start(&herd, BUDGET, "pooled_objects=1", 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  cr_expect_eq(relations_change(&herd.creatures, cold, 9, 0.5f, 10), 0);
  cr_expect_eq(relations_change(&herd.creatures, &(struct cold){.used_at = 0}, 9, 0.5f, 10), -ENOMEM);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  cr_expect_null(relations_find(cold, 9));
  cr_expect_eq(relations_change(&herd.creatures, cold, 9, 0.5f, 10), -EAGAIN);
  cr_expect_eq(archive_open(&herd.creatures, cold), 0);
  cr_expect_eq(relations_find(cold, 9)->liking, 0.5f);
  herd_end(&herd);
}
