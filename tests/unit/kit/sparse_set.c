/*
 * sparse_set.c: tests of ration/kit/sparse_set.h and entity.h.
 */
#include <ration/kit/entity.h>
#include <ration/kit/pool.h>
#include <ration/kit/sparse_set.h>
#include <ration/kit/stack.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "base/random.h"
#include "kit/failing_memory.h"

RATION_SPARSE_SET(numbers, uint64_t);

static struct ration_entity entity(uint32_t index, uint32_t generation) {
  return (struct ration_entity){index, generation};
}

static void expect_null(const void *element, int error) {
  cr_expect_null(element);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

Test(kit_entity, is_a_word_and_back) {
  struct ration_entity some = entity(7, 9);
  cr_expect(ration_entity_is_none(ration_entity_none()));
  cr_expect_not(ration_entity_is_none(some));
  cr_expect_eq(ration_entity_word(some), UINT64_C(9) << 32 | 7);
  cr_expect(ration_entity_is_same(ration_entity_of_word(ration_entity_word(some)), some));
  cr_expect_not(ration_entity_is_same(some, entity(7, 8)));
  cr_expect_not(ration_entity_is_same(some, entity(8, 9)));
  cr_expect_eq(ration_entity_word(ration_entity_none()), 0);
}

Test(kit_sparse_set, keeps_an_element_for_each_entity) {
  struct numbers numbers;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  for (uint32_t i = 0; i < 100; i++) {
    uint64_t *number = numbers_add(&numbers, entity(i * 3, 1));
    cr_assert_not_null(number);
    cr_expect_eq(*number, 0);
    *number = i;
  }
  cr_expect_eq(numbers_count(&numbers), 100);
  for (uint32_t i = 0; i < 100; i++) {
    cr_expect_eq(*numbers_get(&numbers, entity(i * 3, 1)), i);
    cr_expect_eq(numbers_elements(&numbers)[i], i);
    cr_expect_eq(numbers_entities(&numbers)[i].index, i * 3);
    cr_expect_eq(ration_sparse_set_get(&numbers.set, entity(i * 3, 1)), &numbers_elements(&numbers)[i]);
  }
  cr_expect_not(numbers_has(&numbers, entity(1, 1)));
  cr_expect(numbers_has(&numbers, entity(3, 1)));
  cr_expect(ration_sparse_set_is_valid(&numbers.set));
  numbers_done(&numbers);
  numbers_done(&numbers);
  cr_expect_eq(numbers_count(&numbers), 0);
}

Test(kit_sparse_set, remove_tells_who_moved) {
  struct numbers numbers;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  for (uint32_t i = 0; i < 3; i++) *numbers_add(&numbers, entity(i, 1)) = i;
  struct ration_entity moved = entity(9, 9);
  cr_expect_eq(numbers_remove(&numbers, entity(0, 1), &moved), 0);
  cr_expect(ration_entity_is_same(moved, entity(2, 1)));
  cr_expect_eq(numbers_elements(&numbers)[0], 2);
  cr_expect_eq(*numbers_get(&numbers, entity(2, 1)), 2);
  cr_expect_eq(numbers_remove(&numbers, entity(1, 1), &moved), 0);
  cr_expect(ration_entity_is_none(moved), "the last moves nobody");
  cr_expect_eq(numbers_remove(&numbers, entity(2, 1), NULL), 0);
  cr_expect_eq(numbers_remove(&numbers, entity(2, 1), &moved), -ENOENT);
  cr_expect_eq(numbers_count(&numbers), 0);
  numbers_done(&numbers);
}

Test(kit_sparse_set, stale_ids_are_told) {
  struct numbers numbers;
  struct ration_entity owner;
  size_t place = 77;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  *numbers_add(&numbers, entity(5, 2)) = 50;
  expect_null(numbers_get(&numbers, entity(5, 1)), ESTALE);
  expect_null(ration_sparse_set_get(&numbers.set, entity(5, 1)), ESTALE);
  expect_null(numbers_get(&numbers, entity(5, 3)), ENOENT);
  expect_null(numbers_get(&numbers, entity(6, 1)), ENOENT);
  expect_null(numbers_get(&numbers, entity(UINT32_MAX, 1)), ENOENT);
  expect_null(numbers_get(&numbers, entity(5, 0)), EINVAL);
  expect_null(numbers_add(&numbers, entity(5, 1)), ESTALE);
  expect_null(numbers_add(&numbers, entity(5, 2)), EEXIST);
  expect_null(numbers_add(&numbers, entity(5, 3)), EBUSY);
  cr_expect_eq(numbers_remove(&numbers, entity(5, 1), NULL), -ESTALE);
  cr_expect_eq(numbers_remove(&numbers, entity(5, 3), NULL), -ENOENT);
  cr_expect_eq(numbers_remove(&numbers, entity(5, 0), NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_place(&numbers.set, entity(5, 1), &place), -ESTALE);
  cr_expect_eq(ration_sparse_set_place(&numbers.set, entity(4, 1), &place), -ENOENT);
  cr_expect_eq(place, 77);
  cr_expect_eq(ration_sparse_set_place(&numbers.set, entity(5, 2), &place), 0);
  cr_expect_eq(place, 0);
  cr_expect_eq(ration_sparse_set_owner(&numbers.set, 5, &owner), 0);
  cr_expect_eq(owner.generation, 2);
  cr_expect_eq(ration_sparse_set_owner(&numbers.set, 6, &owner), -ENOENT);
  cr_expect_eq(ration_sparse_set_owner(&numbers.set, 6000, &owner), -ENOENT);

  cr_expect_eq(numbers_remove(&numbers, owner, NULL), 0);
  expect_null(numbers_get(&numbers, entity(5, 1)), ESTALE);
  cr_expect_not_null(numbers_add(&numbers, entity(5, 3)));
  expect_null(numbers_get(&numbers, entity(5, 2)), ESTALE);
  cr_expect_eq(ration_sparse_set_clear(&numbers.set), 0);
  expect_null(numbers_get(&numbers, entity(5, 2)), ESTALE);
  expect_null(numbers_get(&numbers, entity(5, 3)), ENOENT);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&numbers.set), 0);
  expect_null(numbers_get(&numbers, entity(5, 2)), ENOENT);
  numbers_done(&numbers);
}

Test(kit_sparse_set, refuses_what_cannot_be) {
  struct ration_sparse_set set;
  struct ration_sparse_set_settings settings = {.maximum = 4, .capacity = 5};
  cr_expect_eq(ration_sparse_set_init(NULL, NULL, 8, 8, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_init(&set, NULL, 8, 3, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_init(&set, NULL, 8, 0, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_init(&set, NULL, 12, 8, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_init(&set, NULL, SIZE_MAX, 1, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_init(&set, NULL, 8, 8, &settings), -EINVAL);
  settings = (struct ration_sparse_set_settings){.maximum = SIZE_MAX};
  cr_expect_eq(ration_sparse_set_init(&set, NULL, 8, 8, &settings), -EINVAL);
  settings = (struct ration_sparse_set_settings){.capacity = 1 << 20};
  cr_expect_eq(ration_sparse_set_init(&set, NULL, (size_t)1 << 50, 8, &settings), -EOVERFLOW);

  settings = (struct ration_sparse_set_settings){.maximum = 4, .capacity = 2};
  cr_assert_eq(ration_sparse_set_init(&set, NULL, 8, 8, &settings), 0);
  for (uint32_t i = 0; i < 4; i++) cr_expect_not_null(ration_sparse_set_add(&set, entity(i, 1)));
  expect_null(ration_sparse_set_add(&set, entity(4, 1)), ENOSPC);
  cr_expect_eq(ration_sparse_set_reserve(&set, 5), -ENOSPC);
  cr_expect_eq(ration_sparse_set_swap(&set, 0, 4), -EINVAL);
  cr_expect_eq(ration_sparse_set_swap(&set, 4, 0), -EINVAL);
  cr_expect_eq(ration_sparse_set_owner(&set, 0, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_place(&set, entity(0, 1), NULL), -EINVAL);
  cr_expect_eq(set.peak, 4);
  ration_sparse_set_done(&set);
  expect_null(ration_sparse_set_add(&set, entity(4, 1)), EINVAL);
  cr_expect_eq(ration_sparse_set_reserve(&set, 0), -EINVAL);
  expect_null(ration_sparse_set_get(&set, entity(0, 1)), EINVAL);
  cr_expect_eq(ration_sparse_set_remove(&set, entity(0, 1), NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_owner(&set, 0, &(struct ration_entity){0, 0}), -EINVAL);
  cr_expect_eq(ration_sparse_set_sort(&set, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_clear(&set), -EINVAL);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), -EINVAL);
  cr_expect_not(ration_sparse_set_is_valid(&set));

  ration_sparse_set_done(NULL);
  cr_expect_not(ration_sparse_set_is_valid(NULL));
  expect_null(ration_sparse_set_add(NULL, entity(4, 1)), EINVAL);
  expect_null(ration_sparse_set_get(NULL, entity(4, 1)), EINVAL);
  expect_null(numbers_get(NULL, entity(4, 1)), EINVAL);
  cr_expect_null(ration_sparse_set_elements(NULL));
  cr_expect_null(ration_sparse_set_entities(NULL));
  cr_expect_eq(ration_sparse_set_remove(NULL, entity(4, 1), NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_reserve(NULL, 1), -EINVAL);
  cr_expect_eq(ration_sparse_set_swap(NULL, 0, 0), -EINVAL);
  cr_expect_eq(ration_sparse_set_sort(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_clear(NULL), -EINVAL);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(NULL), -EINVAL);
}

Test(kit_sparse_set, a_tag_has_no_elements) {
  struct ration_sparse_set set;
  cr_assert_eq(ration_sparse_set_init(&set, NULL, 0, 1, NULL), 0);
  for (uint32_t i = 0; i < 100; i++) cr_expect_not_null(ration_sparse_set_add(&set, entity(99 - i, 1)));
  cr_expect_not_null(ration_sparse_set_get(&set, entity(0, 1)));
  expect_null(ration_sparse_set_get(&set, entity(100, 1)), ENOENT);
  cr_expect_eq(ration_sparse_set_sort(&set, NULL, NULL), 0);
  for (uint32_t i = 0; i < 100; i++) cr_expect_eq(ration_sparse_set_entities(&set)[i].index, i);
  cr_expect_eq(ration_sparse_set_remove(&set, entity(50, 1), NULL), 0);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0);
  cr_expect(ration_sparse_set_is_valid(&set));
  ration_sparse_set_done(&set);
}

Test(kit_sparse_set, a_large_index_costs_one_page) {
  struct failing_memory memory;
  struct ration_sparse_set set;
  failing_memory_init(&memory, SIZE_MAX);
  cr_assert_eq(ration_sparse_set_init(&set, &memory.memory, 8, 8, NULL), 0);
  cr_expect_not_null(ration_sparse_set_add(&set, entity(UINT32_MAX, UINT32_MAX)));
  cr_expect_leq(memory.bytes, (8 << 20) + RATION_SPARSE_PAGE * 8 + 16 * 16);
  cr_expect_not_null(ration_sparse_set_add(&set, entity(0, 1)));
  cr_expect_eq(memory.blocks, 5, "a table, two pages, two arrays");
  cr_expect(ration_sparse_set_is_valid(&set));
  ration_sparse_set_done(&set);
  cr_expect_eq(memory.blocks, 0);
  cr_expect_eq(memory.bytes, 0);
}

Test(kit_sparse_set, shrink_to_fit_gives_back) {
  struct failing_memory memory;
  struct ration_sparse_set set;
  failing_memory_init(&memory, SIZE_MAX);
  cr_assert_eq(ration_sparse_set_init(&set, &memory.memory, 16, 16, NULL), 0);
  cr_assert_eq(ration_sparse_set_reserve(&set, 10000), 0);
  for (uint32_t i = 0; i < 10000; i++) cr_assert_not_null(ration_sparse_set_add(&set, entity(i, 1)));
  for (uint32_t i = 100; i < 10000; i++) cr_assert_eq(ration_sparse_set_remove(&set, entity(i, 1), NULL), 0);
  size_t left = memory.left = 0;
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0, "the memory may refuse to shrink");
  cr_expect(ration_sparse_set_is_valid(&set));
  memory.left = SIZE_MAX - left;
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0);
  cr_expect_eq(set.elements_capacity, 100);
  cr_expect_eq(memory.blocks, 4, "a table, a page, two arrays");
  cr_expect_eq(ration_sparse_set_clear(&set), 0);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0);
  cr_expect_eq(memory.blocks, 1, "the table");
  cr_expect_not_null(ration_sparse_set_add(&set, entity(3, 1)));
  ration_sparse_set_done(&set);
  cr_expect_eq(memory.bytes, 0);
}

/* What a stack does not take back, since newer pieces lie over it, is not lost: it is used again. */
Test(kit_sparse_set, what_a_memory_does_not_take_back_stays) {
  struct ration_stack stack;
  struct ration_sparse_set set;
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  cr_assert_eq(ration_sparse_set_init(&set, &stack.memory, 16, 16, NULL), 0);
  cr_assert_not_null(ration_sparse_set_add(&set, entity(5000, 1)));
  cr_assert_not_null(ration_sparse_set_add(&set, entity(0, 1)));
  void *over = ration_stack_allocate(&stack, 8, 8);
  const void *elements = set.elements;
  cr_expect_eq(ration_sparse_set_clear(&set), 0);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0);
  cr_expect(ration_sparse_set_is_valid(&set));
  cr_expect_not_null(set.pages[0]);
  cr_expect_eq(ration_stack_release(&stack, over, 8), 0);
  cr_expect_eq(ration_sparse_set_shrink_to_fit(&set), 0);
  cr_expect(ration_sparse_set_is_valid(&set));
  cr_expect_null(set.pages[0], "the newest");
  cr_expect_null(set.pages[1], "and then it is that one");
  cr_expect_eq(ration_sparse_set_add(&set, entity(0, 1)), elements);
  ration_sparse_set_done(&set);
  ration_stack_done(&stack);
}

/* A pool's objects are of one size: 10 elements fit, of which there would be 16 at first, and a page. */
Test(kit_sparse_set, uses_up_what_the_memory_has) {
  static const struct ration_pool_type object = {"object", 40000, 8, NULL, NULL};
  const struct ration_pool_settings four = {.maximum_capacity = 4};
  struct ration_pool pool;
  struct ration_sparse_set set;
  cr_assert_eq(ration_pool_init(&pool, &object, &four), 0);
  cr_assert_eq(ration_sparse_set_init(&set, ration_pool_memory(&pool), 4000, 8, NULL), 0);
  for (uint32_t i = 0; i < 10; i++) {
    errno = 0;
    cr_assert_not_null(ration_sparse_set_add(&set, entity(i, 1)));
    cr_expect_eq(errno, 0, "a smaller wish was granted: nothing to tell");
  }
  expect_null(ration_sparse_set_add(&set, entity(10, 1)), ENOSPC);
  cr_expect_eq(ration_sparse_set_count(&set), 10);
  cr_expect(ration_sparse_set_is_valid(&set));
  ration_sparse_set_done(&set);
  ration_pool_done(&pool);
}

struct keyed {
  uint64_t key, serial;
  char more[84];
};

static int by_key(const void *element, const void *other, void *context) {
  uint64_t a = ((const struct keyed *)element)->key, b = ((const struct keyed *)other)->key;
  ++*(size_t *)context;
  return (a > b) - (a < b);
}

Test(kit_sparse_set, sorts_stably) {
  struct random random = {.seed = 11};
  struct ration_sparse_set set;
  for (uint32_t count = 0; count < 70; count += count < 10 ? 1 : 13) {
    cr_assert_eq(ration_sparse_set_init(&set, NULL, sizeof(struct keyed), 1, NULL), 0);
    for (uint32_t i = 0; i < count; i++) {
      struct keyed *keyed = ration_sparse_set_add(&set, entity(1000 - i, 1));
      *keyed = (struct keyed){.key = random_below(&random, 8), .serial = i};
      memset(keyed->more, (int)i, sizeof keyed->more);
    }
    size_t compared = 0;
    cr_expect_eq(ration_sparse_set_sort(&set, by_key, &compared), 0);
    cr_expect(ration_sparse_set_is_valid(&set));
    const struct keyed *sorted = ration_sparse_set_elements(&set);
    for (uint32_t i = 0; i < count; i++) {
      cr_expect_eq(sorted[i].more[83], (char)sorted[i].serial);
      cr_expect_eq(ration_sparse_set_entities(&set)[i].index, 1000 - sorted[i].serial);
      if (!i) continue;
      cr_expect_leq(sorted[i - 1].key, sorted[i].key);
      if (sorted[i - 1].key == sorted[i].key) cr_expect_lt(sorted[i - 1].serial, sorted[i].serial);
    }
    ration_sparse_set_done(&set);
  }
}

/* Fails at the n-th request, for every n. */
Test(kit_sparse_set, survives_every_lack_of_memory) {
  struct ration_sparse_set_settings settings = {.capacity = 20};
  for (size_t n = 0, is_through = 0; !is_through; n++) {
    cr_assert_lt(n, 30);
    struct failing_memory memory;
    struct ration_sparse_set set;
    failing_memory_init(&memory, n);
    int error = ration_sparse_set_init(&set, &memory.memory, 32, 8, &settings);
    if (error) {
      cr_expect_eq(error, -ENOMEM);
      cr_expect_eq(memory.blocks, 0);
      continue;
    }
    for (uint32_t i = 0; i < 50; i++) {
      if (ration_sparse_set_add(&set, entity(i * 500, 1))) continue;
      cr_expect_eq(errno, ENOMEM);
      cr_expect_eq(set.count, i);
      break;
    }
    cr_expect(ration_sparse_set_is_valid(&set));
    is_through = set.count == 50 && !ration_sparse_set_sort(&set, NULL, NULL);
    ration_sparse_set_done(&set);
    cr_expect_eq(memory.blocks, 0);
    cr_expect_eq(memory.bytes, 0);
  }
}

/* ---- against a plain reference --------------------------------------------------------------------------- */

#define INDICES 9000

struct reference {
  uint32_t generation[INDICES], newest[INDICES]; /* 0: not in the set */
  uint64_t value[INDICES];
  size_t count;
};

static void add_one(struct numbers *numbers, struct reference *reference, struct ration_entity who,
                    uint64_t value) {
  uint32_t *there = &reference->generation[who.index], *newest = &reference->newest[who.index];
  errno = 0;
  uint64_t *number = numbers_add(numbers, who);
  int expected = who.generation < *newest ? ESTALE : !*there ? 0 : *there == who.generation ? EEXIST : EBUSY;
  cr_assert_eq(errno, expected);
  cr_assert_eq(number != NULL, !expected);
  if (expected) return;
  *number = reference->value[who.index] = value;
  *there = *newest = who.generation;
  reference->count++;
}

static void remove_one(struct numbers *numbers, struct reference *reference, struct ration_entity who) {
  int expected = reference->generation[who.index] == who.generation ? 0
                 : who.generation < reference->newest[who.index]    ? -ESTALE
                                                                    : -ENOENT;
  cr_assert_eq(numbers_remove(numbers, who, NULL), expected);
  if (expected) return;
  reference->generation[who.index] = 0;
  reference->count--;
}

static void compare(const struct numbers *numbers, const struct reference *reference) {
  cr_assert(ration_sparse_set_is_valid(&numbers->set));
  cr_assert_eq(numbers_count(numbers), reference->count);
  for (uint32_t i = 0; i < INDICES; i++) {
    if (!reference->generation[i]) continue;
    const uint64_t *number = numbers_get(numbers, entity(i, reference->generation[i]));
    cr_assert_not_null(number);
    cr_assert_eq(*number, reference->value[i]);
  }
}

static int by_value(const void *element, const void *other, void *context) {
  (void)context;
  return (*(const uint64_t *)element > *(const uint64_t *)other) -
         (*(const uint64_t *)element < *(const uint64_t *)other);
}

Test(kit_sparse_set, does_as_a_plain_table_does) {
  static struct reference reference;
  struct random random = {.seed = 4711};
  struct numbers numbers;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  for (int step = 0; step < 60000; step++) {
    struct ration_entity who =
        entity((uint32_t)random_size(&random, INDICES - 1), 1 + (uint32_t)random_below(&random, 4));
    if (step % 3000 > 1500 && reference.count)
      who = numbers_entities(&numbers)[random_below(&random, reference.count)];
    uint64_t what = random_below(&random, 100);
    if (what < 55)
      add_one(&numbers, &reference, who, random_next(&random));
    else if (what < 99)
      remove_one(&numbers, &reference, who);
    else if (reference.count)
      cr_assert_eq(ration_sparse_set_swap(&numbers.set, random_below(&random, reference.count),
                                          random_below(&random, reference.count)),
                   0);
    if (step % 1000) continue;
    compare(&numbers, &reference);
    if (step % 4000 == 0)
      cr_assert_eq(ration_sparse_set_sort(&numbers.set, step % 8000 ? by_value : NULL, NULL), 0);
    if (step % 20000) continue;
    cr_assert_eq(ration_sparse_set_clear(&numbers.set), 0);
    memset(reference.generation, 0, sizeof reference.generation);
    reference.count = 0;
  }
  compare(&numbers, &reference);
  numbers_done(&numbers);
}
