/*
 * flags.c: tests of ration/kit/flags.h: each function against what it must do to each single bit.
 */
#include <ration/kit/flags.h>

#include <criterion/criterion.h>
#include <pthread.h>

#include "base/random.h"

static void expect_bits_32(uint32_t word, uint32_t mask) {
  uint32_t set = word, clear = word, toggle = word, on = word, off = word, shared = word;
  unsigned count = 0;
  int any = 0, all = 1;
  cr_expect_eq(ration_flags32_set(&set, mask), word);
  cr_expect_eq(ration_flags32_clear(&clear, mask), word);
  cr_expect_eq(ration_flags32_toggle(&toggle, mask), word);
  cr_expect_eq(ration_flags32_assign(&on, mask, 2), word);
  cr_expect_eq(ration_flags32_assign(&off, mask, 0), word);
  for (unsigned bit = 0; bit < 32; bit++) {
    int is = word >> bit & 1, masked = mask >> bit & 1;
    cr_expect_eq(set >> bit & 1, is || masked);
    cr_expect_eq(clear >> bit & 1, is && !masked);
    cr_expect_eq(toggle >> bit & 1, is != masked);
    count += is;
    any |= is && masked;
    all &= is || !masked;
  }
  cr_expect(on == set && off == clear);
  cr_expect_eq(ration_flags32_is_set(word, mask), any);
  cr_expect_eq(ration_flags32_is_any(word, mask), any);
  cr_expect_eq(ration_flags32_is_all(word, mask), all);
  cr_expect_eq(ration_flags32_is_none(word, mask), !any);
  cr_expect_eq(ration_flags32_count(word), count);
  cr_expect(ration_flags32_set_shared(&shared, mask) == word && shared == set);
  cr_expect(ration_flags32_clear_shared(&shared, mask) == set && shared == (set & ~mask));
  cr_expect(ration_flags32_toggle_shared(&shared, mask) == clear && shared == set);
  cr_expect(ration_flags32_assign_shared(&shared, mask, 0) == set && shared == clear);
  cr_expect(ration_flags32_assign_shared(&shared, mask, 1) == clear && shared == set);
  cr_expect_eq(ration_flags32_get_shared(&shared), set);
}

static void expect_bits_64(uint64_t word, uint64_t mask) {
  uint64_t set = word, clear = word, toggle = word, on = word, off = word, shared = word;
  unsigned count = 0;
  int any = 0, all = 1;
  cr_expect_eq(ration_flags64_set(&set, mask), word);
  cr_expect_eq(ration_flags64_clear(&clear, mask), word);
  cr_expect_eq(ration_flags64_toggle(&toggle, mask), word);
  cr_expect_eq(ration_flags64_assign(&on, mask, 2), word);
  cr_expect_eq(ration_flags64_assign(&off, mask, 0), word);
  for (unsigned bit = 0; bit < 64; bit++) {
    int is = word >> bit & 1, masked = mask >> bit & 1;
    cr_expect_eq(set >> bit & 1, (uint64_t)(is || masked));
    cr_expect_eq(clear >> bit & 1, (uint64_t)(is && !masked));
    cr_expect_eq(toggle >> bit & 1, (uint64_t)(is != masked));
    count += is;
    any |= is && masked;
    all &= is || !masked;
  }
  cr_expect(on == set && off == clear);
  cr_expect_eq(ration_flags64_is_set(word, mask), any);
  cr_expect_eq(ration_flags64_is_any(word, mask), any);
  cr_expect_eq(ration_flags64_is_all(word, mask), all);
  cr_expect_eq(ration_flags64_is_none(word, mask), !any);
  cr_expect_eq(ration_flags64_count(word), count);
  cr_expect(ration_flags64_set_shared(&shared, mask) == word && shared == set);
  cr_expect(ration_flags64_clear_shared(&shared, mask) == set && shared == (set & ~mask));
  cr_expect(ration_flags64_toggle_shared(&shared, mask) == clear && shared == set);
  cr_expect(ration_flags64_assign_shared(&shared, mask, 0) == set && shared == clear);
  cr_expect(ration_flags64_assign_shared(&shared, mask, 1) == clear && shared == set);
  cr_expect_eq(ration_flags64_get_shared(&shared), set);
}

Test(kit_flags, do_to_each_bit_what_they_say) {
  struct random random = {.seed = 1};
  for (int i = 0; i < 500; i++) {
    uint64_t word = random_next(&random), mask = random_next(&random) & random_next(&random);
    expect_bits_32((uint32_t)word, (uint32_t)mask);
    expect_bits_64(word, mask);
    expect_bits_64(word, UINT64_C(1) << i % 64);
    expect_bits_32((uint32_t)word, 1u << i % 32);
  }
}

Test(kit_flags, no_flag_and_all_flags_are_defined) {
  static const uint64_t words[] = {0, 1, UINT64_C(1) << 63, UINT32_MAX, UINT64_MAX};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    for (size_t j = 0; j < sizeof words / sizeof *words; j++) {
      expect_bits_32((uint32_t)words[i], (uint32_t)words[j]);
      expect_bits_64(words[i], words[j]);
    }
  }
  cr_expect(!ration_flags32_is_set(UINT32_MAX, 0) && ration_flags32_is_all(0, 0));
}

Test(kit_flags, null_is_a_word_that_is_0) {
  cr_expect_eq(ration_flags32_set(NULL, 1) | ration_flags32_clear(NULL, 1), 0);
  cr_expect_eq(ration_flags32_toggle(NULL, 1) | ration_flags32_assign(NULL, 1, 1), 0);
  cr_expect_eq(ration_flags64_set_shared(NULL, 1) | ration_flags64_clear_shared(NULL, 1), 0);
  cr_expect_eq(ration_flags64_toggle_shared(NULL, 1) | ration_flags64_assign_shared(NULL, 1, 1), 0);
  cr_expect_eq(ration_flags32_get_shared(NULL), 0);
}

enum { THREADS = 8, ROUNDS = 4000 };

/* `written` is plain: what a thread wrote there before it set its flag, the others may read who see the flag. */
static uint64_t shared;
static uint32_t firsts[ROUNDS];
static int written[THREADS];

struct worker {
  unsigned number;
  int wins, has_seen_wrong;
};

static void *set_flags(void *argument) {
  struct worker *worker = argument;
  written[worker->number] = 7;
  ration_flags64_set_shared(&shared, UINT64_C(1) << (worker->number + 40));
  uint64_t seen = ration_flags64_get_shared(&shared);
  for (unsigned i = 0; i < THREADS; i++)
    if (ration_flags64_is_set(seen, UINT64_C(1) << (i + 40)) && written[i] != 7) worker->has_seen_wrong = 1;
  for (int i = 0; i < ROUNDS; i++) {
    worker->wins += !ration_flags32_is_set(ration_flags32_set_shared(&firsts[i], 4), 4);
    ration_flags64_toggle_shared(&shared, UINT64_C(1) << worker->number);
    ration_flags64_assign_shared(&shared, UINT64_C(1) << (worker->number + 20), i == ROUNDS - 1);
  }
  return NULL;
}

Test(kit_flags, threads_lose_no_flag_of_each_other) {
  pthread_t threads[THREADS];
  struct worker workers[THREADS];
  int wins = 0;
  for (unsigned i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.number = i};
    cr_assert_eq(pthread_create(&threads[i], NULL, set_flags, &workers[i]), 0);
  }
  for (unsigned i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    wins += workers[i].wins;
    cr_expect_not(workers[i].has_seen_wrong);
  }
  cr_expect_eq(wins, ROUNDS, "each flag was set first by one thread alone");
  cr_expect_eq(shared, UINT64_C(0xff) << 40 | UINT64_C(0xff) << 20, "toggled an even number of times");
}
