/*
 * archive.c: tests of tools/creatures/store/archive.h and plain.h.
 */
#include "creatures/herd.h"

#include <errno.h>
#include <string.h>

#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/plain.h"
#include "store/relations.h"

#define BUDGET ((uint64_t)64 << 20)

static struct memory memory_of_frame(uint32_t frame) {
  return (struct memory){.other_id = frame * 7, .x = (float)frame, .frame = frame, .kind = MEMORY_FOOD};
}

static void remember(struct herd *herd, struct cold *cold, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) {
    struct memory memory = memory_of_frame(i);
    cr_assert_geq(memories_add(&herd->creatures, cold, &memory), 0);
  }
}

static void know(struct herd *herd, struct cold *cold) {
  for (uint64_t other = 1; other <= 20; other++)
    cr_assert_eq(relations_change(&herd->creatures, cold, other, 0.01f * (float)other, 5), 0);
  for (uint32_t action = 0; action < 4; action++)
    cr_assert_eq(behaviours_learn(&herd->creatures, cold, STIMULUS_CROWD, action, 0.5f, 6), 0);
}

/* Of whatever is where: that plain_read has these memories, and all relations and behaviours of know(). */
static void expect_plain(struct herd *herd, const struct cold *cold, uint32_t first, uint32_t count) {
  struct plain plain;
  cr_assert_eq(plain_read(&herd->creatures, cold, &plain), 0);
  cr_assert_eq(plain.memory_count, count);
  cr_assert_eq(plain.relation_count, 20);
  cr_assert_eq(plain.behaviour_count, 4);
  for (uint32_t i = 0; i < count; i++) {
    struct memory memory = memory_of_frame(first + i);
    cr_assert_eq(memcmp(&plain.memories[i], &memory, sizeof memory), 0, "memory %u", i);
  }
  for (uint32_t i = 0; i < 20; i++)
    cr_assert(plain.relations[i].other_id == i + 1 && plain.relations[i].liking == 0.01f * (float)(i + 1));
  for (uint32_t i = 0; i < 4; i++)
    cr_assert(plain.behaviours[i].action == i && plain.behaviours[i].weight == 0.5f);
}

static size_t creature_bytes(struct herd *herd) {
  struct ration_allocator_figures figures = {.used = 0};
  cr_assert_eq(ration_allocator_stats(&herd->memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  return figures.used;
}

Test(archive, what_is_packed_comes_back_as_it_was) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  remember(&herd, cold, 0, 130); /* the oldest page has wrapped */
  know(&herd, cold);
  expect_plain(&herd, cold, 30, 100);
  size_t before = archive_page_bytes(&herd.creatures, cold), used = creature_bytes(&herd);
  ptrdiff_t freed = archive_pack(&herd.creatures, cold);
  cr_assert_gt(freed, (ptrdiff_t)before / 2);
  cr_expect_eq(archive_bytes(cold->archive), before - (size_t)freed);
  cr_expect_eq(creature_bytes(&herd), used + archive_bytes(cold->archive), "as many as it takes");
  cr_expect(!cold->memories.count && !cold->relations && !cold->behaviours);
  cr_expect_eq(archive_page_bytes(&herd.creatures, cold), 0);
  cr_expect_eq(archive_pack(&herd.creatures, cold), 0, "there is nothing in pages");
  expect_plain(&herd, cold, 30, 100);
  cr_expect_not_null(cold->archive, "reading leaves it");
  cr_expect_eq(archive_open(&herd.creatures, cold), 0);
  cr_expect_eq(archive_open(&herd.creatures, cold), 0);
  cr_expect_null(cold->archive);
  cr_expect_eq(creature_bytes(&herd), used);
  expect_plain(&herd, cold, 30, 100);
  cr_expect(herd.creatures.archived == 1 && herd.creatures.opened == 1);
  herd_end(&herd);
}

Test(archive, new_memories_join_what_was_packed_and_the_oldest_go) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  remember(&herd, cold, 0, 80);
  know(&herd, cold);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  remember(&herd, cold, 80, 15);
  expect_plain(&herd, cold, 0, 95);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  cr_expect_eq(cold->archive->memories, 95);
  remember(&herd, cold, 95, 30);
  uint64_t dropped = herd_counted(&herd, RATION_LIMIT_MEMORIES, 0);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_MEMORIES, 0), dropped + 25);
  expect_plain(&herd, cold, 25, 100);
  remember(&herd, cold, 125, 12);
  cr_expect_eq(archive_open(&herd.creatures, cold), 0);
  expect_plain(&herd, cold, 37, 100);
  cr_expect_eq(herd_counted(&herd, RATION_LIMIT_MEMORIES, 0), dropped + 37);
  herd_end(&herd);
}

Test(archive, corrupt_bytes_are_told_and_dropped_and_nothing_else) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  struct plain plain;
  for (uint32_t byte = 0; byte < 40; byte++) {
    remember(&herd, cold, 0, 50);
    know(&herd, cold);
    cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
    remember(&herd, cold, 50, 5);
    unsigned char *bytes = byte < 4 ? (unsigned char *)&cold->archive->checksum : cold->archive->packed;
    bytes[byte * 7 % (byte < 4 ? 8 : cold->archive->bytes)] ^= 0x41;
    cr_expect_eq(plain_read(&herd.creatures, cold, &plain), -EBADMSG);
    cr_expect_eq(plain.memory_count, 5, "what there is besides");
    int error = byte % 2 ? archive_open(&herd.creatures, cold) : (int)archive_pack(&herd.creatures, cold);
    cr_expect_eq(error, -EBADMSG);
    cr_expect_null(cold->archive);
    cr_expect_eq(cold->memories.count, 5);
    cr_expect_eq(memories_set(&herd.creatures, cold, NULL, 0), 0);
    cr_assert(creatures_is_valid(&herd.creatures));
  }
  herd_end(&herd);
}

Test(archive, is_as_before_where_there_is_no_room) {
  struct herd herd;
  herd_start(&herd, BUDGET, "pooled_objects=4", 2);
  uint64_t id = herd_add(&herd), other = herd_add(&herd);
  struct cold *cold = herd_cold(&herd, id);
  remember(&herd, cold, 0, 100);
  know(&herd, cold);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  remember(&herd, herd_cold(&herd, other), 0, 30); /* two of the four pages */
  cr_expect_eq(archive_open(&herd.creatures, cold), -ENOSPC);
  cr_expect(cold->archive && !cold->memories.count && !cold->relations && !cold->behaviours);
  cr_expect(creatures_is_valid(&herd.creatures));
  cr_expect_eq(creatures_remove(&herd.creatures, other), 0);
  cold = herd_cold(&herd, id);
  cr_expect_eq(archive_open(&herd.creatures, cold), 0);
  expect_plain(&herd, cold, 0, 100);

  struct ration_memory *memory = memory_of(&herd.memory, RATION_ALLOCATOR_CREATURES);
  struct ration_allocator_figures figures;
  cr_assert_eq(ration_allocator_stats(&herd.memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  size_t rest = figures.limit - figures.used;
  void *all = ration_memory_allocate(memory, rest, 16);
  cr_assert_not_null(all);
  cr_expect_eq(archive_pack(&herd.creatures, cold), -ENOMEM);
  cr_expect_null(cold->archive);
  expect_plain(&herd, cold, 0, 100);
  ration_memory_release(memory, all, rest, 16);
  herd_end(&herd);
}

Test(archive, plain_data_of_one_can_be_written_to_another) {
  struct herd herd;
  herd_start(&herd, BUDGET, NULL, 2);
  uint64_t id = herd_add(&herd), other = herd_add(&herd);
  struct cold *cold = herd_cold(&herd, id), *to = herd_cold(&herd, other);
  struct plain plain;
  remember(&herd, cold, 0, 60);
  know(&herd, cold);
  cr_assert_gt(archive_pack(&herd.creatures, cold), 0);
  cr_assert_eq(plain_read(&herd.creatures, cold, &plain), 0);
  cr_expect_eq(plain_write(&herd.creatures, to, &plain), 0);
  expect_plain(&herd, to, 0, 60);
  expect_plain(&herd, cold, 0, 60);
  plain = (struct plain){.relation_count = 51};
  cr_expect_eq(plain_write(&herd.creatures, to, &plain), -ENOSPC);
  expect_plain(&herd, to, 0, 60);
  plain = (struct plain){.memory_count = 0};
  cr_expect_eq(plain_write(&herd.creatures, to, &plain), 0);
  cr_expect(!to->memories.count && !to->relations && !to->behaviours);
  herd_end(&herd);
}
