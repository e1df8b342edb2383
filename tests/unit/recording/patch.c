/*
 * Tests of recording/patch.c: what is put is what is applied, at what price, and what makes no sense is refused.
 */
#include "recording/patch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/random.h"

#define WORDS 300

static struct bytes patch;
static uint64_t before[WORDS], now[WORDS], image[WORDS];
static uint64_t allowed; /* words that may be written */

static void tear_down(void) {
  bytes_free(&patch);
}

static bool may_write(void *context, uint64_t first, uint64_t words) {
  (void)context;
  return first + words <= allowed;
}

static int apply(void) {
  struct varint_source source = {patch.first, patch.first + patch.count};
  struct patch_target target = {.words = image, .count = WORDS, .may_write = may_write};
  return patch_apply(&source, &target);
}

static void put(const uint64_t *old) {
  allowed = WORDS;
  patch.count = 0;
  patch_put(&patch, 0, old, now, WORDS);
}

Test(patch, of_nothing_new_is_empty, .fini = tear_down) {
  before[7] = now[7] = 5;
  cr_expect_not(patch_put(&patch, 0, before, now, WORDS));
  cr_expect_eq(patch.count, 0);
}

Test(patch, a_counter_costs_three_bytes_with_its_place, .fini = tear_down) {
  before[7] = UINT64_C(1) << 60;
  now[7] = before[7] + 60;
  cr_expect(patch_put(&patch, 0, before, now, WORDS));
  cr_expect_eq(patch.count, 3);
  now[7] = before[7] - 64;
  put(before);
  cr_expect_eq(patch.count, 3, "one that falls does not cost more");
}

Test(patch, new_text_is_as_it_is, .fini = tear_down) {
  for (int i = 0; i < 8; i++) now[20 + i] = UINT64_C(0x6161616161616161);
  put(NULL);
  cr_expect_eq(patch.count, 2 + 64);
  cr_expect_eq(apply(), 0);
  cr_assert_arr_eq(image, now, sizeof now);
}

Test(patch, a_word_that_stays_in_between_opens_no_other_run, .fini = tear_down) {
  now[5] = now[7] = 1;
  put(NULL);
  cr_expect_eq(patch.count, 5);
  cr_expect_eq(apply(), 0);
  cr_assert_arr_eq(image, now, sizeof now);
}

Test(patch, whatever_changes_comes_out, .fini = tear_down) {
  struct random random = {.seed = 1};
  for (int round = 0; round < 2000; round++) {
    memcpy(before, now, sizeof now);
    uint64_t changes = random_next(&random) % 40;
    for (uint64_t i = 0; i < changes; i++) {
      uint64_t at = random_next(&random) % WORDS, wide = random_next(&random);
      now[at] = wide % 5 == 0 ? 0 : wide % 5 == 1 ? UINT64_MAX : now[at] + (wide >> wide % 64);
    }
    if (changes % 7 == 0) memset(&now[changes], (int)changes, 9 * sizeof *now);
    put(before);
    cr_assert_eq(apply(), 0);
    cr_assert_arr_eq(image, now, sizeof now);
  }
}

/* A patch of these numbers. */
static int apply_numbers(const uint64_t numbers[], size_t count) {
  patch.count = 0;
  memset(image, 0, sizeof image);
  for (size_t i = 0; i < count; i++) bytes_put_varint(&patch, numbers[i]);
  return apply();
}
#define APPLY(...)                                                                                           \
  apply_numbers((const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(patch, that_makes_no_sense_is_refused, .fini = tear_down) {
  allowed = WORDS;
  cr_expect_eq(APPLY(0, 1 << 1, 2), 0, "this one does");
  cr_expect_eq(APPLY(WORDS - 1, 1 << 1, 2), 0, "the last word");
  cr_expect_eq(APPLY(WORDS, 1 << 1, 2), -EBADMSG, "behind the last word");
  cr_expect_eq(APPLY(WORDS - 1, 2 << 1, 2, 2), -EBADMSG, "over the end");
  cr_expect_eq(APPLY(UINT64_MAX, 1 << 1, 2), -EBADMSG);
  cr_expect_eq(APPLY(1, 1 << 1, 2, UINT64_MAX, 1 << 1, 2), -EBADMSG, "back to the start");
  cr_expect_eq(APPLY(0, UINT64_MAX, 2), -EBADMSG, "words without end");
  cr_expect_eq(APPLY(0, 0, 0, 0, 0, 0), -EBADMSG, "no words");
  cr_expect_eq(APPLY(0, 2 << 1, 2), -EBADMSG, "too few differences");
  cr_expect_eq(APPLY(0, 2 << 1 | 1, 1, 2, 3), -EBADMSG, "too few bytes");
  cr_expect_eq(APPLY(0), -EBADMSG, "cut");
}

Test(patch, goes_no_further_than_it_may, .fini = tear_down) {
  allowed = 10;
  cr_expect_eq(APPLY(9, 1 << 1, 2), 0);
  cr_expect_eq(APPLY(10, 1 << 1, 2), -E2BIG);
  cr_expect_eq(image[10], 0);
}

Test(varint, of_any_size_comes_back) {
  for (unsigned bits = 0; bits < 64; bits++) {
    uint64_t value = UINT64_MAX >> bits, taken;
    unsigned char room[VARINT_BYTES_MOST];
    size_t count = varint_put(room, value);
    struct varint_source source = {room, room + count}, cut = {room, room + count - 1};
    cr_assert(varint_take(&source, &taken) && taken == value && source.at == source.end);
    cr_assert_not(varint_take(&cut, &taken));
    cr_assert_eq(varint_unzigzag(varint_zigzag(value)), value);
  }
}

Test(varint, of_more_than_64_bits_is_none) {
  unsigned char room[11];
  uint64_t taken;
  uint32_t narrow;
  memset(room, 0xff, sizeof room);
  struct varint_source endless = {room, room + sizeof room};
  cr_expect_not(varint_take(&endless, &taken));
  room[9] = 2;
  struct varint_source wide = {room, room + sizeof room};
  cr_expect_not(varint_take(&wide, &taken));
  struct varint_source five = {room, room + varint_put(room, UINT64_C(1) << 32)};
  cr_expect_not(varint_take_32(&five, &narrow));
}
