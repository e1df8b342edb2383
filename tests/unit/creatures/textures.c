/*
 * textures.c: tests of media/textures.h.
 */
#include "media/textures.h"

#include <criterion/criterion.h>

#include "kit/failing_memory.h"

#define LIVELY 0u /* state: wanders */
#define ASLEEP STATE_SLEEP

/* Nothing is made ahead. */
static void begin(struct textures *textures, struct ration_memory *memory) {
  textures_init(textures, memory);
  textures->ahead = TEXTURES_MOST;
}

/* Uses these kinds in a frame. */
static void use(struct textures *textures, uint32_t frame, uint32_t first, uint32_t count, int is_free) {
  for (uint32_t kind = first; kind < first + count; kind++) (void)textures_use(textures, kind, LIVELY);
  textures_update(textures, frame, is_free);
}

Test(textures, are_made_when_first_used_a_few_a_frame) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, SIZE_MAX);
  begin(&textures, &memory.memory);
  cr_expect_eq(textures_use(&textures, 3, LIVELY), 0);
  cr_expect_eq(textures.held, 0);
  use(&textures, 0, 0, 10, 1);
  cr_expect_eq(textures.held, TEXTURES_A_FRAME);
  use(&textures, 1, 0, 10, 1);
  use(&textures, 2, 0, 10, 1);
  cr_expect_eq(textures.held, 10);
  cr_expect_eq(textures.loaded, 10);
  cr_expect_eq(memory.bytes, 10 * TEXTURE_BYTES);
  cr_expect_eq(textures.bytes, memory.bytes);
  uint16_t handle = textures_use(&textures, 3, LIVELY);
  const struct texture *texture = textures_get(&textures, handle);
  cr_assert_not_null(texture);
  cr_expect_eq(texture->side, TEXTURE_SIDE);
  cr_expect_eq(textures_use(&textures, 3, ASLEEP), 0);
  cr_expect_null(textures_get(&textures, 0));
  textures_done(&textures);
  cr_expect_eq(memory.blocks, 0);
}

Test(textures, differ_by_kind_and_state_and_are_the_same_again) {
  struct textures textures, again;
  begin(&textures, NULL);
  begin(&again, NULL);
  use(&textures, 0, 0, 2, 1);
  use(&again, 0, 0, 2, 1);
  const uint32_t *one = textures_get(&textures, textures_use(&textures, 0, LIVELY))->pixels;
  const uint32_t *two = textures_get(&textures, textures_use(&textures, 1, LIVELY))->pixels;
  cr_expect(memcmp(one, two, TEXTURE_BYTES));
  two = textures_get(&again, textures_use(&again, 0, LIVELY))->pixels;
  cr_expect(!memcmp(one, two, TEXTURE_BYTES));
  textures_done(&textures);
  textures_done(&again);
}

Test(textures, go_by_age) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, SIZE_MAX);
  begin(&textures, &memory.memory);
  use(&textures, 100, 0, 3, 1);
  use(&textures, 159, 3, 1, 1);
  use(&textures, 160, 4, 1, 1);
  cr_expect_eq(textures_evict(&textures, 160, 61), 0);
  cr_expect_eq(textures_evict(&textures, 160, 60), 3 * TEXTURE_BYTES);
  cr_expect_eq(textures.held, 2);
  cr_expect_eq(textures_evict(&textures, 160, 1), TEXTURE_BYTES);
  cr_expect_eq(textures.evicted, 4);
  cr_expect_eq(memory.bytes, TEXTURE_BYTES);
  cr_expect_eq(textures_use(&textures, 3, LIVELY), 0);
  cr_expect_neq(textures_use(&textures, 4, LIVELY), 0);
  textures_done(&textures);
}

Test(textures, have_half_quality_until_there_is_no_pressure) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, SIZE_MAX);
  begin(&textures, &memory.memory);
  use(&textures, 0, 0, 4, 1);
  use(&textures, 1, 4, 2, 1);
  uint32_t corner = textures_get(&textures, textures_use(&textures, 0, LIVELY))->pixels[0];
  cr_expect_eq(textures_halve(&textures), 6 * (TEXTURE_BYTES - TEXTURE_BYTES / 4));
  cr_expect_eq(textures_halve(&textures), 0);
  cr_expect_eq(textures.halved, 6);
  cr_expect_eq(memory.bytes, 6 * TEXTURE_BYTES / 4);
  const struct texture *half = textures_get(&textures, textures_use(&textures, 0, LIVELY));
  cr_expect_eq(half->side, TEXTURE_HALF);
  /* The corner is one colour, without a body. */
  cr_expect_eq(half->pixels[0] >> 24, corner >> 24);
  use(&textures, 2, 0, 7, 0);
  cr_expect_eq(textures.bytes, 7 * TEXTURE_BYTES / 4, "under pressure they stay, and so are new ones");
  use(&textures, TEXTURE_CALM + 2, 0, 7, 1);
  cr_expect_eq(textures.bytes, 7 * TEXTURE_BYTES / 4, "and for a while after it");
  use(&textures, TEXTURE_CALM + 3, 0, 7, 1);
  cr_expect_eq(textures.bytes, 4 * TEXTURE_BYTES + 3 * TEXTURE_BYTES / 4);
  use(&textures, TEXTURE_CALM + 4, 0, 7, 1);
  cr_expect_eq(textures.bytes, 7 * TEXTURE_BYTES);
  cr_expect_eq(memory.bytes, textures.bytes);
  textures_done(&textures);
  cr_expect_eq(memory.blocks, 0);
}

Test(textures, are_the_mean_of_four_pixels_at_half_quality) {
  struct textures textures;
  begin(&textures, NULL);
  use(&textures, 0, 7, 1, 1);
  uint16_t handle = textures_use(&textures, 7, LIVELY);
  uint32_t whole[2 * TEXTURE_SIDE];
  const uint32_t *last = textures_get(&textures, handle)->pixels + TEXTURE_SIDE * (TEXTURE_SIDE - 2);
  memcpy(whole, last, sizeof whole);
  (void)textures_halve(&textures);
  const uint32_t *half = textures_get(&textures, handle)->pixels + TEXTURE_HALF * (TEXTURE_HALF - 1);
  for (uint32_t x = 0; x < TEXTURE_HALF; x++)
    for (uint32_t shift = 0; shift < 32; shift += 8) {
      uint32_t sum = 0;
      for (uint32_t i = 0; i < 4; i++) sum += whole[2 * x + i % 2 + i / 2 * TEXTURE_SIDE] >> shift & 255;
      cr_assert_eq(half[x] >> shift & 255, sum / 4);
    }
  textures_done(&textures);
}

Test(textures, that_are_refused_are_counted_and_not_asked_for_at_once) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, 2);
  begin(&textures, &memory.memory);
  for (uint32_t frame = 0; frame < TEXTURE_REST; frame++) use(&textures, frame, 0, 8, 1);
  cr_expect_eq(textures.held, 2);
  cr_expect_eq(textures.missed, 1);
  cr_expect_eq(textures_use(&textures, 5, LIVELY), 0);
  memory.left = SIZE_MAX;
  use(&textures, TEXTURE_REST, 0, 8, 1);
  use(&textures, TEXTURE_REST + 1, 0, 8, 1);
  cr_expect_eq(textures.held, 8);
  cr_expect_eq(textures.missed, 1);
  textures_done(&textures);
  cr_expect_eq(memory.blocks, 0);
}

Test(textures, are_made_ahead_once_while_there_is_no_pressure) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, SIZE_MAX);
  textures_init(&textures, &memory.memory);
  for (uint32_t frame = 1; frame <= TEXTURES_MOST / TEXTURES_A_FRAME; frame++) {
    size_t before = textures.held;
    use(&textures, frame, 9, 1, 1);
    cr_assert_leq(textures.held, before + TEXTURES_A_FRAME);
  }
  cr_expect_eq(textures.held, TEXTURES_MOST);
  size_t left = memory.left;
  use(&textures, 100, 0, LOOK_KINDS, 1);
  cr_expect_eq(memory.left, left, "no memory is asked for any more");
  textures_evict(&textures, 200, 1);
  use(&textures, 201, 0, 0, 1);
  cr_expect_eq(textures.held, 0, "only once");
  textures_done(&textures);
  textures_init(&textures, &memory.memory);
  use(&textures, 0, 9, 1, 0);
  use(&textures, 1, 9, 1, 1);
  cr_expect_eq(textures.held, 1, "not so soon after pressure");
  textures_done(&textures);
}

Test(textures, are_not_made_ahead_any_more_once_memory_fails) {
  struct failing_memory memory;
  struct textures textures;
  failing_memory_init(&memory, 5);
  textures_init(&textures, &memory.memory);
  for (uint32_t frame = 0; frame < 10 * TEXTURE_REST; frame++) use(&textures, frame, 0, 0, 1);
  cr_expect_eq(textures.held, 5);
  cr_expect_eq(textures.missed, 1);
  textures_done(&textures);
}
