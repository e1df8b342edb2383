/*
 * relief.c: tests of pressure/relief.h.
 */
#include "pressure/relief.h"

#include "creatures/world.h"
#include "media/media.h"
#include "media/textures.h"
#include "store/archive.h"
#include "store/memories.h"

static struct simulation world;

static size_t count_archived(void) {
  size_t count = 0;
  for (size_t i = 0; i < creatures_count(&world.creatures); i++)
    count += creatures_cold(&world.creatures, i)->archive != NULL;
  return count;
}

static size_t count_warm(void) {
  size_t count = 0;
  for (size_t i = 0; i < creatures_count(&world.creatures); i++)
    count += creatures_warm(&world.creatures)[i] != NULL;
  return count;
}

static int is_beyond(size_t position, float distance) {
  const struct hot *hot = &creatures_hot(&world.creatures)[position];
  float x = hot->position.x - world.camera.x, y = hot->position.y - world.camera.y;
  return x * x + y * y > distance * distance;
}

static void begin(void) {
  world_begin(&world, 1000, NULL, NULL);
  world_run(&world, 3);
}

static void end(size_t creatures) {
  cr_expect_eq(creatures_count(&world.creatures), creatures, "none is lost");
  cr_expect(creatures_is_valid(&world.creatures));
  simulation_done(&world);
}

Test(relief, at_low_archives_what_was_not_used_for_ten_seconds) {
  begin();
  size_t count = creatures_count(&world.creatures);
  for (size_t i = 0; i < count; i++)
    creatures_cold(&world.creatures, i)->used_at = i % 2 ? 0 : world.frame + 600;
  world.frame += 600;
  cr_expect_gt(relief_shed_creatures(&world, RATION_LEVEL_LOW, RELIEF_ALL), 0);
  for (size_t i = 0; i < count; i++)
    cr_assert_eq(creatures_cold(&world.creatures, i)->archive != NULL, i % 2, "%zu", i);
  cr_expect_eq(count_warm(), count);
  end(count);
}

Test(relief, at_medium_demotes_those_that_are_far_off) {
  begin();
  size_t count = creatures_count(&world.creatures);
  (void)relief_shed_creatures(&world, RATION_LEVEL_MEDIUM,
                              RELIEF_ALL); /* of so few, no block of the pool is free */
  for (size_t i = 0; i < count; i++)
    cr_assert_eq(creatures_warm(&world.creatures)[i] == NULL, is_beyond(i, 100), "%zu", i);
  cr_expect_lt(count_warm(), count);
  cr_expect_gt(count_warm(), 0);
  cr_expect_eq(world.creatures.simplified, 0);
  end(count);
}

Test(relief, at_high_archives_all_with_the_ten_newest_memories) {
  begin();
  size_t count = creatures_count(&world.creatures);
  relief_shed_creatures(&world, RATION_LEVEL_HIGH, RELIEF_ALL);
  cr_expect_eq(count_archived(), count);
  for (size_t i = 0; i < count; i++) {
    struct cold *cold = creatures_cold(&world.creatures, i);
    cr_assert_eq(cold->memories.count, 0);
    cr_assert_leq(cold->archive->memories, 10);
  }
  end(count);
}

Test(relief, at_high_takes_from_older_archives_what_is_too_much) {
  begin();
  size_t count = creatures_count(&world.creatures);
  world.frame += 1000;
  relief_shed_creatures(&world, RATION_LEVEL_LOW, RELIEF_ALL);
  cr_expect_gt(creatures_cold(&world.creatures, 0)->archive->memories, 10);
  relief_shed_creatures(&world, RATION_LEVEL_HIGH, RELIEF_ALL);
  uint64_t archived = world.creatures.archived;
  cr_expect_eq(creatures_cold(&world.creatures, 0)->archive->memories, 10);
  relief_shed_creatures(&world, RATION_LEVEL_HIGH, RELIEF_ALL);
  cr_expect_eq(world.creatures.archived, archived, "nothing is left to do");
  end(count);
}

Test(relief, at_critical_simplifies_those_that_are_very_far_off) {
  begin();
  size_t count = creatures_count(&world.creatures), simple = 0;
  relief_shed_creatures(&world, RATION_LEVEL_CRITICAL, RELIEF_ALL);
  for (size_t i = 0; i < count; i++) {
    int is_simple = (creatures_hot(&world.creatures)[i].flags & FLAG_SIMPLIFIED) != 0;
    cr_assert_eq(is_simple, is_beyond(i, 200));
    simple += (size_t)is_simple;
  }
  cr_expect_gt(simple, 0);
  cr_expect_eq(world.creatures.simplified, simple);
  world_run(&world, 30);
  cr_expect(creatures_is_valid(&world.creatures));
  simulation_done(&world);
}

Test(relief, does_no_more_than_is_wanted) {
  begin();
  size_t count = creatures_count(&world.creatures);
  creatures_trim(&world.creatures); /* of what is in no use at all there is none left */
  cr_expect_gt(relief_shed_creatures(&world, RATION_LEVEL_CRITICAL, 1), 0);
  cr_expect_gt(world.creatures.demotions + world.creatures.archived, 0);
  cr_expect_eq(world.creatures.simplified, 0, "what was packed was enough");
  end(count);
}

Test(relief, gives_back_a_few_a_frame_once_there_is_no_pressure) {
  begin();
  size_t count = creatures_count(&world.creatures);
  relief_shed_creatures(&world, RATION_LEVEL_CRITICAL, RELIEF_ALL);
  size_t warm = count_warm(), frames = 0;
  cr_assert_lt(warm, count);
  for (; count_warm() < count && frames < 100; frames++) {
    size_t before = count_warm();
    relief_poll(&world);
    cr_assert_leq(count_warm(), before + 16);
  }
  cr_expect_eq(count_warm(), count);
  cr_expect_gt(frames, 1);
  for (size_t i = 0; i < count; i++)
    cr_assert_eq(creatures_hot(&world.creatures)[i].flags & FLAG_SIMPLIFIED, 0);
  end(count);
}

/* Those that are there, of which the first few were used last as many frames ago as is said, and the others now. */
static size_t use_textures(const uint32_t *ago, size_t count) {
  struct textures *textures = media_textures(&world);
  size_t held = 0;
  world.frame += 10000;
  for (size_t i = 0; i < TEXTURES_MOST; i++) {
    if (!textures->slots[i].pixels) continue;
    textures->slots[i].used_at = world.frame - (held < count ? ago[held] : 0);
    held++;
  }
  cr_assert_gt(held, count);
  return held;
}

Test(relief, sheds_textures_by_level) {
  static const uint32_t ago[] = {3600, 3599, 600, 599, 1};
  static const size_t left_out[] = {[RATION_LEVEL_NONE] = 0,
                                    [RATION_LEVEL_LOW] = 1,
                                    [RATION_LEVEL_MEDIUM] = 3,
                                    [RATION_LEVEL_HIGH] = 5,
                                    [RATION_LEVEL_CRITICAL] = 5};
  for (int level = RATION_LEVEL_NONE; level <= RATION_LEVEL_CRITICAL; level++) {
    begin();
    world_run(&world, 30);
    const struct textures *textures = media_textures(&world);
    size_t held = use_textures(ago, 5), bytes = textures->bytes;
    cr_assert_eq(bytes, held * TEXTURE_BYTES);
    cr_expect_eq(relief_shed_textures(&world, level), bytes - textures->bytes);
    cr_expect_eq(textures->held, held - left_out[level], "at %d: %zu of %zu", level, textures->held, held);
    size_t each = level == RATION_LEVEL_CRITICAL ? TEXTURE_BYTES / 4 : TEXTURE_BYTES;
    cr_expect_eq(textures->bytes, textures->held * each, "at %d", level);
    simulation_done(&world);
  }
}

Test(relief, runs_by_a_script_the_same_each_time) {
  char script[64];
  uint64_t sums[2];
  world_file(script, "levels");
  FILE *stream = fopen(script, "w");
  cr_assert_geq(fputs("10 low\n20 medium\n30 high\n40 critical\n90 none\n", stream), 0);
  (void)fclose(stream);
  for (unsigned i = 0; i < 2; i++) {
    struct relief_figures figures;
    world_begin(&world, 1000, script, NULL);
    world_run(&world, 10);
    relief_stats(&world, &figures);
    cr_expect_eq(figures.calls, 0);
    world_run(&world, 1);
    relief_stats(&world, &figures);
    cr_expect_eq(figures.calls, 2, "of both");
    cr_expect_eq(world.level, RATION_LEVEL_LOW);
    world_run(&world, 40);
    cr_expect_eq(world.level, RATION_LEVEL_CRITICAL);
    cr_expect_gt(world.creatures.simplified, 0);
    world_run(&world, 60);
    cr_expect_eq(world.level, RATION_LEVEL_NONE);
    cr_expect_eq(world.creatures.born - world.creatures.died, creatures_count(&world.creatures));
    sums[i] = simulation_checksum(&world);
    simulation_done(&world);
  }
  cr_expect_eq(sums[0], sums[1]);
  unlink(script);
}
