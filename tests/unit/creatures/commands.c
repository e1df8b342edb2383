/*
 * commands.c: tests of media/commands.h.
 */
#include "media/commands.h"

#include <criterion/criterion.h>

#include "kit/failing_memory.h"

#define COUNT 100u

struct shown {
  struct hot hot[COUNT];
  struct look looks[COUNT];
  struct ration_frame_arena frames;
  struct ration_limits limits;
  struct textures textures;
  struct commands commands;
};

static void begin(struct shown *shown, struct ration_memory *memory, size_t most) {
  memset(shown, 0, sizeof *shown);
  for (uint32_t i = 0; i < COUNT; i++) {
    shown->hot[i] =
        (struct hot){.position = {(float)i, 2, 3}, .velocity = {1.5f, -2, 0}, .state = i % STATES};
    shown->looks[i] =
        (struct look){.colour = {1, 0.5f, 0, 1}, .size = 2 + (float)i, .kind = i % LOOK_KINDS, .texture = 77};
  }
  cr_assert_eq(ration_frame_arena_init(&shown->frames, memory, NULL), 0);
  cr_assert_eq(ration_limits_init(&shown->limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  cr_assert_eq(ration_limits_set(&shown->limits, RATION_LIMIT_RENDER_COMMANDS, most), 0);
  textures_init(&shown->textures, NULL);
}

static void end(struct shown *shown) {
  textures_done(&shown->textures);
  ration_limits_done(&shown->limits);
  ration_frame_arena_done(&shown->frames);
}

static uint64_t make(struct shown *shown) {
  return commands_make(&shown->commands, &shown->frames, &shown->limits, &shown->textures, shown->hot,
                       shown->looks, COUNT);
}

Test(commands, are_one_for_each_creature_in_order) {
  static struct shown shown;
  begin(&shown, NULL, COUNT);
  cr_expect_eq(make(&shown),
               COUNT * (sizeof(struct hot) + sizeof(struct look) + sizeof(struct render_command)));
  cr_assert_eq(shown.commands.count, COUNT);
  cr_expect_eq((uintptr_t)shown.commands.commands % 32, 0);
  for (uint32_t i = 0; i < COUNT; i++) {
    const struct render_command *command = &shown.commands.commands[i];
    cr_assert_eq(command->who, i);
    cr_assert(command->x == (float)i && command->y == 2 && command->z == 3 && command->size == 2 + (float)i);
    cr_assert_eq(command->colour, 0xff007fff);
    cr_assert_eq(command->heading_x, 384);
    cr_assert_eq(command->heading_y, -512);
    cr_assert_eq(command->kind, i % LOOK_KINDS);
    cr_assert_eq(command->state, i % STATES);
    cr_assert_eq(command->texture, 0);
    cr_assert_eq(shown.looks[i].texture, 0);
  }
  cr_expect_eq(shown.commands.refused, 0);
  end(&shown);
}

Test(commands, name_the_texture_of_kind_and_state_once_it_is_there) {
  static struct shown shown;
  begin(&shown, NULL, COUNT);
  (void)make(&shown);
  for (uint32_t frame = 0; frame < 100; frame++) {
    textures_update(&shown.textures, frame, 1);
    (void)make(&shown);
    cr_assert_eq(ration_frame_arena_flip(&shown.frames), 0);
  }
  for (uint32_t i = 0; i < COUNT; i++) {
    uint16_t texture = shown.commands.commands[i].texture;
    cr_assert_eq(texture, i % LOOK_KINDS * TEXTURE_GROUPS + texture_groups[i % STATES] + 1);
    cr_assert_eq(shown.looks[i].texture, texture);
    cr_assert_not_null(textures_get(&shown.textures, texture));
  }
  end(&shown);
}

Test(commands, beyond_the_limit_are_refused_and_counted) {
  static struct shown shown;
  struct ration_limit_figures figures;
  begin(&shown, NULL, 60);
  (void)make(&shown);
  (void)make(&shown);
  cr_expect_eq(shown.commands.count, 60);
  cr_expect_eq(shown.commands.made, 120);
  cr_expect_eq(shown.commands.refused, 80);
  cr_assert_eq(ration_limits_stats(&shown.limits, RATION_LIMIT_RENDER_COMMANDS, &figures), 0);
  cr_expect_eq(figures.refused, 80);
  cr_expect_eq(figures.dropped, 0);
  end(&shown);
}

Test(commands, are_none_where_there_is_no_memory) {
  static struct shown shown;
  struct failing_memory memory;
  failing_memory_init(&memory, SIZE_MAX);
  begin(&shown, &memory.memory, COUNT);
  memory.left = 0;
  cr_expect_eq(make(&shown), 0);
  cr_expect_eq(shown.commands.count, 0);
  cr_expect_eq(shown.commands.refused, COUNT);
  memory.left = SIZE_MAX;
  (void)make(&shown);
  cr_expect_eq(shown.commands.count, COUNT);
  end(&shown);
}

Test(commands, are_made_where_there_is_no_room_for_all_that_there_may_be) {
  static struct shown shown;
  begin(&shown, NULL, (size_t)1 << 58);
  cr_assert_eq(ration_limits_set(&shown.limits, RATION_LIMIT_ACTIVE_CREATURES, (size_t)1 << 58), 0);
  for (int frame = 0; frame < 3; frame++) {
    (void)make(&shown);
    cr_assert_eq(shown.commands.count, COUNT);
    (void)ration_frame_arena_flip(&shown.frames);
  }
  cr_expect_eq(shown.commands.refused, 0);
  end(&shown);
}

Test(commands, ask_for_no_memory_when_there_are_more_creatures) {
  static struct shown shown;
  struct failing_memory memory;
  failing_memory_init(&memory, SIZE_MAX);
  begin(&shown, &memory.memory, 5000);
  cr_assert_eq(ration_limits_set(&shown.limits, RATION_LIMIT_ACTIVE_CREATURES, 4000), 0);
  size_t left = 0;
  for (size_t count = 1; count <= COUNT; count++) {
    (void)commands_make(&shown.commands, &shown.frames, &shown.limits, &shown.textures, shown.hot,
                        shown.looks, count);
    (void)ration_frame_arena_flip(&shown.frames);
    if (count == 2) left = memory.left;
  }
  cr_expect_eq(shown.commands.count, COUNT);
  cr_expect_eq(memory.left, left);
  end(&shown);
}
