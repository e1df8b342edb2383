/*
 * records.c: tests of ration/kit/records.h.
 */
#include <ration/kit/entity.h>
#include <ration/kit/records.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct hot {
  uint32_t number;
  float x;
};
struct warm {
  uint64_t number;
  char bytes[248];
};
struct cold {
  uint32_t number;
  char bytes[1000];
};

RATION_RECORDS(things, struct hot, struct warm, struct cold);

static void expect_null(const void *record, int error) {
  cr_expect_null(record);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_records_figures figures_of(const struct things *things) {
  struct ration_records_figures figures;
  cr_assert_eq(ration_records_stats(&things->records, &figures), 0);
  return figures;
}

static int is_zero(const void *record, size_t size) {
  const unsigned char *bytes = record;
  while (size && !bytes[size - 1]) size--;
  return !size;
}

Test(kit_records, are_of_three_temperatures) {
  struct things things;
  uint64_t one = 0, two = 0;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(things_add(&things, &one), 0);
  cr_assert_eq(things_add(&things, &two), 0);
  cr_expect(one && two && one != two);
  cr_expect_eq((uintptr_t)things_hot_data(&things) % 64, 0);
  cr_expect_eq(things_hot(&things, two), things_hot_data(&things) + 1);
  cr_expect_eq(things_id_at(&things, 1), two);
  cr_expect(is_zero(things_hot(&things, one), sizeof(struct hot)));
  cr_expect(is_zero(things_warm(&things, one), sizeof(struct warm)));
  cr_expect_eq(things_has_cold(&things, one), 0);
  errno = 0;
  cr_expect(is_zero(things_cold(&things, one), sizeof(struct cold)));
  cr_expect_eq(errno, 0);
  cr_expect_eq(things_has_cold(&things, one), 1);
  things_cold(&things, one)->number = 5;
  cr_expect_eq(things_cold(&things, one)->number, 5);
  struct ration_records_figures figures = figures_of(&things);
  cr_expect(figures.hot_count == 2 && figures.warm_count == 2 && figures.cold_count == 1);
  cr_expect(figures.hot_bytes == 2 * sizeof(struct hot) && figures.warm_bytes == 512);
  cr_expect(figures.cold_bytes == sizeof(struct cold) && figures.array_bytes >= figures.hot_bytes);
  cr_expect_eq(things_drop_cold(&things, one), 0);
  cr_expect_eq(things_drop_cold(&things, one), -ENOENT);
  cr_expect_eq(things_cold(&things, one)->number, 0, "a new one");
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
  things_done(&things);
}

Test(kit_records, removing_closes_the_array_and_ends_the_id) {
  struct things things;
  uint64_t ids[5];
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  for (uint32_t i = 0; i < 5; i++) {
    cr_assert_eq(things_add(&things, &ids[i]), 0);
    things_hot(&things, ids[i])->number = i;
    things_warm(&things, ids[i])->number = i;
  }
  cr_expect_eq(things_remove(&things, ids[1]), 0);
  cr_expect_eq(things_remove(&things, ids[1]), -ESTALE);
  cr_expect_eq(things_hot_data(&things)[1].number, 4, "the last took its place");
  cr_expect_eq(things_hot(&things, ids[4])->number, 4);
  cr_expect_eq(things_warm(&things, ids[4])->number, 4);
  cr_expect_eq(things_remove(&things, ids[3]), 0, "the last itself");
  cr_expect_eq(things_count(&things), 3);
  uint64_t another;
  cr_assert_eq(things_add(&things, &another), 0);
  cr_assert_eq(things_add(&things, &another), 0);
  cr_expect_eq((uint32_t)another, (uint32_t)ids[1], "its place is used again");
  cr_expect_neq(another, ids[1]);
  expect_null(things_hot(&things, ids[1]), ESTALE);
  expect_null(things_warm(&things, ids[1]), ESTALE);
  expect_null(things_cold(&things, ids[1]), ESTALE);
  cr_expect_eq(things_demote(&things, ids[1]), -ESTALE);
  cr_expect_eq(things_drop_cold(&things, ids[1]), -ESTALE);
  cr_expect_eq(things_is_demoted(&things, ids[1]), -ESTALE);
  cr_expect_eq(things_has_cold(&things, ids[1]), -ESTALE);
  cr_expect(is_zero(things_hot(&things, another), sizeof(struct hot)));
  cr_expect(is_zero(things_warm(&things, another), sizeof(struct warm)));
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}

Test(kit_records, an_id_is_the_word_of_an_entity) {
  struct things things;
  uint64_t id = 0, other = 0;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  cr_assert_eq(things_add(&things, &other), 0);
  cr_expect_eq(things_remove(&things, id), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  struct ration_entity entity = ration_entity_of_word(id);
  cr_expect_not(ration_entity_is_none(entity));
  cr_expect_eq(entity.index, 0);
  cr_expect_gt(entity.generation, ration_entity_of_word(other).generation);
  cr_expect_eq(ration_entity_word(entity), id);
  things_done(&things);
}

Test(kit_records, ids_that_never_were_are_refused) {
  struct things things;
  uint64_t id;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  const uint64_t never[] = {0, UINT64_MAX, id + 1, id + (UINT64_C(1) << 32), id + (UINT64_C(2) << 32)};
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
    expect_null(things_hot(&things, never[i]), ENOENT);
    expect_null(things_warm(&things, never[i]), ENOENT);
    expect_null(things_cold(&things, never[i]), ENOENT);
    cr_expect_eq(things_remove(&things, never[i]), -ENOENT);
  }
  errno = 0;
  cr_expect_eq(things_id_at(&things, 1), 0);
  cr_expect_eq(errno, ENOENT);
  cr_expect_eq(things_remove(&things, id), 0);
  cr_expect_eq(things_remove(&things, id + (UINT64_C(1) << 32)), -ENOENT, "of a place that is free");
  things_done(&things);
}

Test(kit_records, refuses_what_is_wrong) {
  struct ration_records records, done = {.free = 0}, *none[] = {NULL, &done};
  struct ration_records_part hot = {.size = 8}, wrong = {.size = 8, .alignment = 3},
                             large = {.size = SIZE_MAX};
  struct ration_records_settings settings = {.capacity = 3, .maximum = 2};
  struct ration_records_figures figures;
  uint64_t id = 7;
  cr_expect_eq(ration_records_init(NULL, &hot, NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_records_init(&records, NULL, NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_records_init(&records, &(struct ration_records_part){.size = 0}, NULL, NULL, NULL),
               -EINVAL);
  cr_expect_eq(ration_records_init(&records, &wrong, NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_records_init(&records, &hot, &wrong, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_records_init(&records, &hot, NULL, &wrong, NULL), -EINVAL);
  cr_expect_eq(ration_records_init(&records, &hot, &large, NULL, NULL), -EOVERFLOW);
  cr_expect_eq(ration_records_init(&records, &hot, NULL, NULL, &settings), -EINVAL);
  settings = (struct ration_records_settings){.maximum = UINT32_MAX};
  cr_expect_eq(ration_records_init(&records, &hot, NULL, NULL, &settings), -EINVAL);
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(ration_records_add(none[i], &id), -EINVAL);
    cr_expect_eq(ration_records_remove(none[i], 1), -EINVAL);
    expect_null(ration_records_hot(none[i], 1), EINVAL);
    expect_null(ration_records_warm(none[i], 1), EINVAL);
    expect_null(ration_records_cold(none[i], 1), EINVAL);
    cr_expect_eq(ration_records_is_demoted(none[i], 1), -EINVAL);
    cr_expect_eq(ration_records_has_cold(none[i], 1), -EINVAL);
    cr_expect_eq(ration_records_demote(none[i], 1), -EINVAL);
    cr_expect_eq(ration_records_drop_cold(none[i], 1), -EINVAL);
    cr_expect_eq(ration_records_demote_where(none[i], NULL, NULL), 0);
    cr_expect_eq(ration_records_reserve(none[i], 1), -EINVAL);
    cr_expect_eq(ration_records_shrink_to_fit(none[i]), -EINVAL);
    cr_expect_eq(ration_records_stats(none[i], &figures), -EINVAL);
    cr_expect_null(ration_records_hot_data(none[i]));
    cr_expect_eq(ration_records_count(none[i]), 0);
    cr_expect_eq(ration_records_id_at(none[i], 0), 0);
    ration_records_done(none[i]);
    cr_expect_not(ration_records_is_valid(none[i]));
  }
  cr_expect_eq(id, 7);
  cr_assert_eq(ration_records_init(&records, &hot, NULL, NULL, NULL), 0);
  cr_expect_eq(ration_records_add(&records, NULL), -EINVAL);
  cr_expect_eq(ration_records_stats(&records, NULL), -EINVAL);
  ration_records_done(&records);
}

Test(kit_records, may_have_hot_records_alone) {
  struct ration_records records;
  struct ration_records_part hot = {.size = 12, .alignment = 128}, cold = {.size = 0};
  uint64_t id;
  cr_assert_eq(ration_records_init(&records, &hot, NULL, &cold, NULL), 0);
  for (int i = 0; i < 100; i++) cr_assert_eq(ration_records_add(&records, &id), 0);
  cr_expect_eq((uintptr_t)ration_records_hot_data(&records) % 128, 0);
  cr_expect_eq((char *)ration_records_hot(&records, id) - (char *)ration_records_hot_data(&records), 99 * 12);
  expect_null(ration_records_warm(&records, id), ENOENT);
  expect_null(ration_records_cold(&records, id), ENOENT);
  cr_expect_eq(ration_records_demote(&records, id), -ENOENT);
  cr_expect_eq(ration_records_is_demoted(&records, id), 0);
  cr_expect(ration_records_is_valid(&records));
  ration_records_done(&records);
}

static int is_odd(void *context, uint64_t id, const void *hot) {
  cr_expect_eq(((const struct hot *)hot)->number, ((struct hot *)ration_records_hot(context, id))->number);
  return ((const struct hot *)hot)->number % 2;
}

Test(kit_records, demoted_records_come_back_when_asked_for) {
  struct failing_memory warm, cold;
  struct things things;
  uint64_t ids[10];
  failing_memory_init(&warm, SIZE_MAX);
  failing_memory_init(&cold, SIZE_MAX);
  cr_assert_eq(things_init(&things, NULL, &warm.memory, &cold.memory, NULL), 0);
  for (uint32_t i = 0; i < 10; i++) {
    cr_assert_eq(things_add(&things, &ids[i]), 0);
    things_hot(&things, ids[i])->number = i;
    things_warm(&things, ids[i])->number = i;
  }
  cr_expect_eq(things_demote_where(&things, is_odd, &things.records), 5 * sizeof(struct warm));
  cr_expect_eq(things_demote_where(&things, is_odd, &things.records), 0, "they are there already");
  cr_expect_eq(things_demote_where(&things, NULL, NULL), 0);
  cr_expect(warm.blocks == 5 && warm.bytes == 5 * sizeof(struct warm) && cold.bytes == warm.bytes);
  cr_expect_eq(things_demote(&things, ids[3]), -EALREADY);
  cr_expect_eq(things_is_demoted(&things, ids[3]), 1);
  cr_expect_eq(things_is_demoted(&things, ids[4]), 0);
  cr_expect_eq(things_warm(&things, ids[3])->number, 3);
  cr_expect_eq(things_is_demoted(&things, ids[3]), 0);
  struct ration_records_figures figures = figures_of(&things);
  cr_expect(figures.warm_count == 6 && figures.demoted_count == 4);
  cr_expect(figures.demoted_bytes == 4 * sizeof(struct warm) &&
            figures.warm_bytes == 6 * sizeof(struct warm));
  cr_expect(figures.demotions == 5 && figures.promotions == 1);
  warm.left = cold.left = 0;
  expect_null(things_warm(&things, ids[5]), ENOMEM);
  cr_expect_eq(things_is_demoted(&things, ids[5]), 1, "as before");
  cr_expect_eq(things_demote(&things, ids[4]), -ENOMEM);
  cr_expect_eq(things_warm(&things, ids[4])->number, 4);
  expect_null(things_cold(&things, ids[4]), ENOMEM);
  cr_expect_eq(things_has_cold(&things, ids[4]), 0);
  cr_expect(ration_records_is_valid(&things.records));
  cr_expect_eq(things_remove(&things, ids[5]), 0, "from the memory where it is");
  things_done(&things);
  cr_expect_eq(warm.blocks + warm.bytes + cold.blocks + cold.bytes, 0);
}

/* A memory that takes nothing back, as a stack below its top. */
static int refuse_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory, (void)block, (void)size, (void)alignment;
  return -EBUSY;
}

static char arena[4096];
static size_t arena_used;

static void *allocate_in_arena(struct ration_memory *memory, size_t size, size_t alignment) {
  (void)memory, (void)alignment;
  arena_used += (size + 63) & ~(size_t)63;
  return arena + arena_used - ((size + 63) & ~(size_t)63);
}

Test(kit_records, what_a_memory_does_not_take_back_stays) {
  static const struct ration_memory_type type = {
      .name = "busy", .allocate = allocate_in_arena, .release = refuse_release};
  struct ration_memory busy = {&type};
  struct failing_memory failing;
  struct things things;
  uint64_t id;
  failing_memory_init(&failing, SIZE_MAX);
  cr_assert_eq(things_init(&things, &failing.memory, &busy, &failing.memory, NULL), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  things_warm(&things, id)->number = 9;
  size_t bytes = failing.bytes;
  cr_expect_eq(things_demote(&things, id), -EBUSY);
  cr_expect_eq(failing.bytes, bytes, "the copy was given back");
  cr_expect_eq(things_warm(&things, id)->number, 9);
  cr_expect_eq(things_is_demoted(&things, id), 0);
  things_done(&things);
  cr_assert_eq(things_init(&things, NULL, NULL, &busy, NULL), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  things_cold(&things, id)->number = 8;
  cr_expect_eq(things_drop_cold(&things, id), -EBUSY);
  cr_expect_eq(things_cold(&things, id)->number, 8);
  cr_expect_eq(things_remove(&things, id), 0);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}

Test(kit_records, keeps_to_its_maximum) {
  struct things things;
  struct ration_records_settings settings = {.capacity = 2, .maximum = 3};
  uint64_t ids[3], id = 7;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, &settings), 0);
  for (int i = 0; i < 3; i++) cr_assert_eq(things_add(&things, &ids[i]), 0);
  cr_expect_eq(things_add(&things, &id), -ENOSPC);
  cr_expect_eq(id, 7);
  cr_expect_eq(things_reserve(&things, 4), -ENOSPC);
  cr_expect_eq(things_reserve(&things, SIZE_MAX), -EOVERFLOW);
  cr_expect_eq(things_reserve(&things, 3), 0);
  cr_expect_eq(things_remove(&things, ids[0]), 0);
  cr_expect_eq(things_shrink_to_fit(&things), 0);
  cr_expect_eq(things_add(&things, &id), 0);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}

Test(kit_records, a_place_whose_generations_are_used_up_is_left) {
  struct things things;
  uint64_t id, next;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(things_add(&things, &id), 0);
  cr_assert_eq(things_remove(&things, id), 0);
  struct ration_records_slot *slot = (struct ration_records_slot *)(void *)things.records.slots.data;
  slot->generation = UINT32_MAX - 3; /* as after so many lives */
  cr_expect_eq(things_add(&things, &next), 0);
  cr_expect_eq(next, (uint64_t)(UINT32_MAX - 2) << 32);
  expect_null(things_hot(&things, id), ESTALE);
  cr_expect_eq(things_remove(&things, next), 0);
  cr_expect_eq(things_remove(&things, next), -ESTALE);
  cr_expect_eq(things_add(&things, &id), 0);
  cr_expect_eq(id, UINT64_C(1) << 32 | 1, "another place");
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
}

/* 30 entities, some with cold records, some demoted, numbered in their order; how many there are when memory ends. */
static uint32_t fill(struct things *things, int *ret_error) {
  for (uint32_t i = 0; i < 30; i++) {
    uint64_t id;
    *ret_error = things_add(things, &id);
    if (*ret_error) return i;
    things_hot(things, id)->number = i;
    if (i % 3 == 0 && !things_cold(things, id)) *ret_error = -errno;
    if (i % 3 == 1) *ret_error = things_demote(things, id);
    if (*ret_error) return i + 1;
  }
  return 30;
}

Test(kit_records, is_as_before_where_memory_ends) {
  int error = -ENOMEM;
  for (size_t left = 0; error; left++) {
    struct failing_memory failing;
    struct ration_memory *memory = &failing.memory;
    struct ration_records_settings settings = {.capacity = 1};
    struct things things;
    failing_memory_init(&failing, left);
    error = things_init(&things, memory, memory, memory, &settings);
    if (!error) {
      uint32_t count = fill(&things, &error);
      cr_expect(ration_records_is_valid(&things.records));
      cr_expect_eq(things_count(&things), count);
      for (uint32_t i = 0; i < count; i++) cr_expect_eq(things_hot_data(&things)[i].number, i);
      things_done(&things);
    }
    cr_expect(error == 0 || error == -ENOMEM);
    cr_expect_eq(failing.blocks + failing.bytes, 0);
  }
}

enum { MOST = 60 };

struct expected {
  uint64_t id;
  uint32_t number, cold; /* 0: no cold record */
  int is_demoted;
};

static void act(struct things *things, struct expected *expected, size_t *count, uint64_t *gone,
                struct random *random) {
  static uint32_t number;
  size_t index = random_below(random, *count + 1);
  struct expected *one = &expected[index];
  uint64_t choice = random_below(random, 10);
  if (choice < 4) {
    uint64_t id;
    cr_assert_eq(things_add(things, &id), *count < MOST ? 0 : -ENOSPC);
    if (*count == MOST) return;
    expected[*count] = (struct expected){.id = id, .number = ++number};
    things_hot(things, id)->number = number;
    things_warm(things, id)->number = number;
    ++*count;
  } else if (index == *count) {
    cr_assert_eq(things_remove(things, *gone), *gone ? -ESTALE : -ENOENT);
  } else if (choice < 7) {
    *gone = one->id;
    cr_assert_eq(things_remove(things, one->id), 0);
    *one = expected[--*count];
  } else if (choice == 7) {
    cr_assert_eq(things_demote(things, one->id), one->is_demoted ? -EALREADY : 0);
    one->is_demoted = 1;
  } else if (choice == 8) {
    cr_assert_eq(things_drop_cold(things, one->id), one->cold ? 0 : -ENOENT);
    one->cold = 0;
  } else {
    cr_assert_eq(things_cold(things, one->id)->number, one->cold);
    things_cold(things, one->id)->number = one->cold = ++number;
  }
}

static void expect_all(struct things *things, struct expected *expected, size_t count) {
  size_t demoted = 0, cold = 0;
  cr_assert(ration_records_is_valid(&things->records));
  cr_assert_eq(things_count(things), count);
  for (size_t i = 0; i < count; i++) { /* the order of the array is that of the reference, too */
    cr_assert_eq(things_id_at(things, i), expected[i].id);
    cr_assert_eq(things_hot_data(things)[i].number, expected[i].number);
    cr_assert_eq(things_is_demoted(things, expected[i].id), expected[i].is_demoted);
    cr_assert_eq(things_has_cold(things, expected[i].id), expected[i].cold != 0);
    demoted += (size_t)expected[i].is_demoted;
    cold += expected[i].cold != 0;
  }
  struct ration_records_figures figures = figures_of(things);
  cr_assert(figures.demoted_count == demoted && figures.cold_count == cold);
}

Test(kit_records, agrees_with_a_plain_list) {
  for (uint64_t seed = 1; seed <= 8; seed++) {
    struct random random = {.seed = seed};
    struct ration_records_settings settings = {.maximum = MOST};
    struct things things;
    struct expected expected[MOST + 1];
    size_t count = 0;
    uint64_t gone = 0;
    cr_assert_eq(things_init(&things, NULL, NULL, NULL, &settings), 0);
    for (int i = 0; i < 2000; i++) {
      act(&things, expected, &count, &gone, &random);
      expect_all(&things, expected, count);
      size_t index = random_below(&random, count + 1);
      if (i % 8 || index == count) continue;
      cr_assert_eq(things_warm(&things, expected[index].id)->number, expected[index].number);
      expected[index].is_demoted = 0;
    }
    things_done(&things);
  }
}
