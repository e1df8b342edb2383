/*
 * interner.c: tests of ration/kit/interner.h, and of the hash below it.
 */
#include <ration/kit/interner.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/atomics.h"
#include "base/random.h"
#include "kit/failing_memory.h"
#include "kit/siphash.h"

static void expect_none(uint32_t id, int error) {
  cr_expect_eq(id, 0);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
  errno = 0;
}

Test(kit_interner, hashes_as_other_implementations_do) {
  static const struct {
    size_t length;
    uint64_t hash;
  } known[] = {{1, 0x68a914128e01e473},  {3, 0x4d4c9a4a8ef6e0ad}, {7, 0x2f098ab0c751325a},
               {8, 0xead411e67ebe2eea},  {9, 0x75927f9d95124362}, {15, 0xf30eb725bb91c9ea},
               {16, 0x8972188433a5c5b7}, {23, 0x37332b1389daa4ff}};
  unsigned char bytes[24];
  for (unsigned char i = 0; i < sizeof bytes; i++) bytes[i] = i;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    cr_expect_eq(siphash_13((uint64_t[2]){0, 0}, bytes, known[i].length), known[i].hash);
}

Test(kit_interner, gives_equal_strings_one_id) {
  struct ration_interner names;
  char wolf[] = "wolf";
  cr_assert_eq(ration_interner_init(&names, NULL, NULL), 0);
  errno = 0;
  cr_expect_eq(ration_interner_count(&names), 0);
  cr_expect_eq(ration_interner_add(&names, wolf), 1);
  cr_expect_eq(ration_interner_add(&names, "fox"), 2);
  cr_expect_eq(ration_interner_add(&names, "wolf"), 1);
  cr_expect_eq(ration_interner_find(&names, "fox"), 2);
  wolf[0] = 'g'; /* the string was copied */
  cr_expect_str_eq(ration_interner_text(&names, 1), "wolf");
  cr_expect_eq(errno, 0);
  expect_none(ration_interner_find(&names, wolf), ENOENT);
  cr_expect_eq(ration_interner_count(&names), 2);
  cr_expect(ration_interner_is_valid(&names));
  struct ration_interner_figures figures;
  cr_expect_eq(ration_interner_stats(&names, &figures), 0);
  cr_expect_eq(figures.strings, 2);
  cr_expect_eq(figures.text_bytes, 7);
  cr_expect_gt(figures.held_bytes, 7);
  ration_interner_done(&names);
  ration_interner_done(&names);
}

Test(kit_interner, takes_any_bytes) {
  struct ration_interner names;
  static char large[300000];
  size_t length = 99;
  cr_assert_eq(ration_interner_init(&names, NULL, NULL), 0);
  cr_expect_eq(ration_interner_add(&names, ""), 1);
  cr_expect_eq(ration_interner_add_bytes(&names, NULL, 0), 1);
  cr_expect_eq(ration_interner_add_bytes(&names, "\0", 1), 2);
  cr_expect_eq(ration_interner_add_bytes(&names, "a\0b", 3), 3);
  cr_expect_eq(ration_interner_add_bytes(&names, "a\0c", 3), 4);
  cr_expect_eq(ration_interner_add(&names, "a\0c"), 5, "that is \"a\"");
  cr_expect_eq(ration_interner_find_bytes(&names, "a\0b", 3), 3);
  cr_expect_eq(ration_interner_find_bytes(&names, NULL, 0), 1);
  cr_expect_eq(memcmp(ration_interner_bytes(&names, 4, &length), "a\0c", 4), 0);
  cr_expect_eq(length, 3);
  cr_expect_str_empty(ration_interner_bytes(&names, 1, &length));
  cr_expect_eq(length, 0);
  memset(large, 'x', sizeof large - 1);
  cr_expect_eq(ration_interner_add(&names, large), 6);
  cr_expect_str_eq(ration_interner_text(&names, 6), large);
  const char *own = ration_interner_text(&names, 6);
  cr_expect_eq(ration_interner_add(&names, own + sizeof large - 5), 7, "a piece of a string that is held");
  cr_expect_str_eq(ration_interner_text(&names, 7), "xxxx");
  cr_expect(ration_interner_is_valid(&names));
  ration_interner_done(&names);
}

Test(kit_interner, refuses_what_is_wrong) {
  struct ration_interner names, done = {.table = NULL}, *none[] = {NULL, &done};
  struct ration_interner_settings settings = {.maximum = RATION_INTERNER_MOST + 1};
  struct ration_interner_figures figures;
  cr_expect_eq(ration_interner_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_interner_init(&names, NULL, &settings), -EINVAL);
  for (int i = 0; i < 2; i++) {
    expect_none(ration_interner_add(none[i], "a"), EINVAL);
    expect_none(ration_interner_find(none[i], "a"), EINVAL);
    cr_expect_null(ration_interner_text(none[i], 1));
    cr_expect_eq(errno, none[i] ? ENOENT : EINVAL);
    cr_expect_eq(ration_interner_count(none[i]), 0);
    cr_expect_eq(ration_interner_stats(none[i], &figures), -EINVAL);
    ration_interner_done(none[i]);
    cr_expect_not(ration_interner_is_valid(none[i]));
  }
  cr_assert_eq(ration_interner_init(&names, NULL, NULL), 0);
  expect_none(ration_interner_add(&names, NULL), EINVAL);
  expect_none(ration_interner_find(&names, NULL), EINVAL);
  expect_none(ration_interner_add_bytes(&names, NULL, 1), EINVAL);
  expect_none(ration_interner_find_bytes(&names, NULL, 1), EINVAL);
  expect_none(ration_interner_add_bytes(&names, "a", UINT32_MAX), EOVERFLOW);
  expect_none(ration_interner_find_bytes(&names, "a", SIZE_MAX), EOVERFLOW);
  cr_expect_eq(ration_interner_stats(&names, NULL), -EINVAL);
  cr_expect_eq(ration_interner_add(&names, "a"), 1);
  cr_expect_null(ration_interner_text(&names, 0));
  cr_expect_null(ration_interner_text(&names, 2));
  cr_expect_eq(errno, ENOENT);
  cr_expect_null(ration_interner_text(&names, UINT32_MAX));
  ration_interner_done(&names);
}

Test(kit_interner, keeps_to_its_maximum) {
  struct ration_interner names;
  struct ration_interner_settings settings = {.maximum = 2};
  cr_assert_eq(ration_interner_init(&names, NULL, &settings), 0);
  cr_expect_eq(ration_interner_add(&names, "a"), 1);
  cr_expect_eq(ration_interner_add(&names, "b"), 2);
  expect_none(ration_interner_add(&names, "c"), ENOSPC);
  cr_expect_eq(ration_interner_add(&names, "b"), 2, "no new one");
  cr_expect(ration_interner_is_valid(&names));
  ration_interner_done(&names);
}

Test(kit_interner, has_a_key_of_its_own_or_the_one_given) {
  struct ration_interner some, other;
  cr_assert_eq(ration_interner_init(&some, NULL, NULL), 0);
  cr_assert_eq(ration_interner_init(&other, NULL, NULL), 0);
  cr_expect(some.key[0] != other.key[0] && some.key[1] != other.key[1]);
  struct ration_interner_settings settings = {.key = {0, 7}};
  cr_assert_eq(ration_interner_init(&some, NULL, &settings), 0);
  cr_expect(some.key[0] == 0 && some.key[1] == 7);
}

static void name_of(uint32_t number, char name[static 24]) {
  snprintf(name, 24, "%s%u", number % 7 ? "a" : "quite/a/name/", number);
}

Test(kit_interner, never_moves_a_string) {
  enum { STRINGS = 20000 };
  static const char *texts[STRINGS];
  struct ration_interner names;
  char name[24];
  cr_assert_eq(ration_interner_init(&names, NULL, NULL), 0);
  for (uint32_t i = 0; i < STRINGS; i++) {
    name_of(i, name);
    cr_assert_eq(ration_interner_add(&names, name), i + 1);
    texts[i] = ration_interner_text(&names, i + 1);
  }
  for (uint32_t i = 0; i < STRINGS; i++) {
    name_of(i, name);
    cr_assert_eq(ration_interner_text(&names, i + 1), texts[i]);
    cr_assert_str_eq(texts[i], name);
    cr_assert_eq(ration_interner_find(&names, name), i + 1);
  }
  cr_expect(ration_interner_is_valid(&names));
  ration_interner_done(&names);
}

/* Short strings and long ones, as many as come before the memory fails; then it has enough for the rest. */
static void fill(struct ration_interner *names, struct failing_memory *failing, uint32_t *ret_failures) {
  static char large[2500];
  memset(large, 'y', sizeof large - 1);
  for (uint32_t i = 0; i < 400; i++) {
    char name[24];
    name_of(i, name);
    const char *text = i > 200 || i % 100 == 50 ? large + i : name;
    struct ration_interner_figures before, after;
    cr_assert_eq(ration_interner_stats(names, &before), 0);
    uint32_t id = ration_interner_add(names, text);
    cr_assert_eq(ration_interner_stats(names, &after), 0);
    cr_assert_eq(failing->bytes, after.held_bytes);
    if (id) {
      cr_assert_eq(id, i + 1);
      continue;
    }
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(after.text_bytes, before.text_bytes);
    cr_assert_eq(ration_interner_find(names, text), 0);
    cr_assert(ration_interner_is_valid(names));
    failing->left = SIZE_MAX;
    ++*ret_failures;
    i--;
  }
}

Test(kit_interner, is_as_before_where_memory_ends) {
  uint32_t failures = 1;
  for (size_t left = 0; failures; left++) {
    struct failing_memory failing;
    struct ration_interner names;
    failing_memory_init(&failing, left);
    failures = 0;
    cr_assert_eq(ration_interner_init(&names, &failing.memory, NULL), 0);
    fill(&names, &failing, &failures);
    cr_expect_leq(failures, 1);
    cr_expect(ration_interner_is_valid(&names));
    ration_interner_done(&names);
    cr_expect_eq(failing.blocks + failing.bytes, 0);
    if (!failures) cr_expect_gt(left, 10);
  }
}

/* The memory fails again and again, at once and after a block was made. */
Test(kit_interner, loses_no_memory_where_it_fails_over_and_over) {
  struct failing_memory failing;
  struct ration_interner names;
  static char large[50000];
  memset(large, 'z', sizeof large - 1);
  failing_memory_init(&failing, 0);
  cr_assert_eq(ration_interner_init(&names, &failing.memory, NULL), 0);
  for (size_t i = 0; i < 100; i++) {
    failing.left = i ? i % 2 : 2;
    cr_assert_eq(ration_interner_add(&names, large + i), 0);
    cr_assert_eq(errno, ENOMEM);
  }
  cr_expect_leq(failing.blocks, 2, "a page, and a block that is empty: %zu", failing.blocks);
  failing.left = SIZE_MAX;
  cr_expect_eq(ration_interner_add(&names, "a"), 1);
  cr_expect(ration_interner_is_valid(&names));
  ration_interner_done(&names);
  cr_expect_eq(failing.blocks + failing.bytes, 0);
}

/* Some long strings after short ones, when the table is about to grow: each has a block of its own, which is there when
   the table cannot. */
Test(kit_interner, gives_the_block_of_a_long_string_back) {
  static char large[70000];
  struct failing_memory failing;
  struct ration_interner names;
  struct ration_interner_settings settings = {.key = {6, 2}};
  char name[24];
  int failures = 0;
  memset(large, 'z', sizeof large - 1);
  failing_memory_init(&failing, SIZE_MAX);
  cr_assert_eq(ration_interner_init(&names, &failing.memory, &settings), 0);
  for (uint32_t i = 0; i < 100; i++) {
    name_of(i, name);
    cr_assert_eq(ration_interner_add(&names, name), i + 1);
  }
  for (uint32_t i = 100; i < 160; i++) {
    size_t blocks = failing.blocks, bytes = failing.bytes;
    failing.left = 1;
    if (ration_interner_add(&names, large + i)) continue;
    failures++;
    cr_expect(failing.left == 0 && failing.blocks == blocks && failing.bytes == bytes);
    failing.left = SIZE_MAX;
    cr_assert_eq(ration_interner_add(&names, large + i), i + 1);
  }
  cr_expect_gt(failures, 0);
  cr_expect(ration_interner_is_valid(&names));
  ration_interner_done(&names);
  cr_expect_eq(failing.blocks + failing.bytes, 0);
}

struct kept {
  size_t length;
  char bytes[12];
};

static uint32_t find_plainly(const struct kept *kept, uint32_t count, const char *bytes, size_t length) {
  for (uint32_t i = 0; i < count; i++)
    if (kept[i].length == length && !memcmp(kept[i].bytes, bytes, length)) return i + 1;
  return 0;
}

Test(kit_interner, agrees_with_a_plain_list) {
  enum { MOST = 700 };
  static struct kept kept[MOST];
  for (uint64_t seed = 1; seed <= 4; seed++) {
    struct random random = {.seed = seed};
    struct ration_interner_settings settings = {.maximum = MOST, .key = {seed, 1}};
    struct ration_interner names;
    uint32_t count = 0;
    cr_assert_eq(ration_interner_init(&names, NULL, &settings), 0);
    for (int i = 0; i < 4000; i++) {
      char bytes[12];
      size_t length = random_below(&random, sizeof bytes + 1);
      for (size_t j = 0; j < length; j++) bytes[j] = (char)random_below(&random, 2);
      uint32_t expected = find_plainly(kept, count, bytes, length);
      cr_assert_eq(ration_interner_find_bytes(&names, bytes, length), expected);
      if (i % 2) continue;
      if (!expected && count < MOST) {
        kept[count].length = length;
        memcpy(kept[count].bytes, bytes, length);
        expected = ++count;
      }
      cr_assert_eq(ration_interner_add_bytes(&names, bytes, length), expected);
    }
    cr_expect_eq(ration_interner_count(&names), count);
    cr_expect(ration_interner_is_valid(&names));
    ration_interner_done(&names);
  }
}

static struct ration_interner shared;
static uint32_t published;

static void *read_along(void *failed) {
  uint32_t last = 0;
  char name[24];
  while (last < 20000) {
    last = load_acquire(&published); /* pairs with the store in text_may_be_read_beside_a_thread_that_adds */
    for (uint32_t id = last; id && id + 100 > last; id--) {
      const char *text = ration_interner_text(&shared, id);
      name_of(id - 1, name);
      if (!text || strcmp(text, name)) *(int *)failed = 1;
    }
    if (ration_interner_text(&shared, 30000) || ration_interner_count(&shared) < last) *(int *)failed = 1;
  }
  return NULL;
}

Test(kit_interner, text_may_be_read_beside_a_thread_that_adds) {
  pthread_t threads[7];
  int failed[7] = {0};
  char name[24];
  cr_assert_eq(ration_interner_init(&shared, NULL, NULL), 0);
  for (int i = 0; i < 7; i++) cr_assert_eq(pthread_create(&threads[i], NULL, read_along, &failed[i]), 0);
  for (uint32_t i = 0; i < 20000; i++) {
    name_of(i, name);
    cr_expect_eq(ration_interner_add(&shared, name), i + 1);
    store_release(&published, i + 1);
  }
  for (int i = 0; i < 7; i++) {
    pthread_join(threads[i], NULL);
    cr_expect_not(failed[i]);
  }
  ration_interner_done(&shared);
}
