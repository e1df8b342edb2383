/*
 * vector.c: tests of ration/kit/vector.h.
 */
#include <ration/kit/vector.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct triple {
  uint32_t a, b, c;
};

RATION_VECTOR(numbers, uint32_t);
RATION_VECTOR(triples, struct triple);
RATION_VECTOR(texts, char *);

static void expect_numbers(const struct numbers *numbers, const uint32_t *expected, size_t count) {
  cr_assert(ration_vector_is_valid(&numbers->vector));
  cr_assert_eq(numbers_count(numbers), count, "%zu, not %zu", numbers_count(numbers), count);
  cr_assert(count == 0 || memcmp(numbers_data(numbers), expected, count * sizeof *expected) == 0);
}

Test(kit_vector, begins_and_ends) {
  struct ration_vector vector;
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 8, NULL), 0);
  cr_expect(ration_vector_is_valid(&vector));
  cr_expect_null(ration_vector_data(&vector));
  cr_expect_eq(ration_vector_count(&vector) + ration_vector_capacity(&vector), 0);
  cr_expect_eq(ration_vector_push(&vector, "1234567"), 0);
  ration_vector_done(&vector);
  cr_expect_not(ration_vector_is_valid(&vector), "done");
  ration_vector_done(&vector);
  ration_vector_done(NULL);
  struct ration_vector zero = {.data = NULL};
  ration_vector_done(&zero);
}

Test(kit_vector, refuses_wrong_settings) {
  struct ration_vector vector;
  struct ration_vector_settings settings = {.capacity = 3, .maximum = 2};
  cr_expect_eq(ration_vector_init(NULL, NULL, 8, 8, NULL), -EINVAL);
  cr_expect_eq(ration_vector_init(&vector, NULL, 0, 8, NULL), -EINVAL);
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 0, NULL), -EINVAL);
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 12, NULL), -EINVAL);
  cr_expect_eq(ration_vector_init(&vector, NULL, SIZE_MAX, 8, NULL), -EOVERFLOW);
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 8, &settings), -EINVAL);
  settings = (struct ration_vector_settings){.maximum = SIZE_MAX / 8};
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 8, &settings), -EOVERFLOW);
  settings = (struct ration_vector_settings){.capacity = SIZE_MAX / 4};
  cr_expect_eq(ration_vector_init(&vector, NULL, 8, 8, &settings), -EOVERFLOW);
}

Test(kit_vector, is_refused_when_null_or_done) {
  struct ration_vector done = {.data = NULL};
  struct ration_vector *none[] = {NULL, &done};
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(ration_vector_push(none[i], "x"), -EINVAL);
    cr_expect_eq(ration_vector_push_many(none[i], "x", 1), -EINVAL);
    cr_expect_eq(ration_vector_insert(none[i], 0, "x"), -EINVAL);
    cr_expect_eq(ration_vector_insert_many(none[i], 0, "x", 1), -EINVAL);
    cr_expect_eq(ration_vector_pop(none[i], NULL), -EINVAL);
    cr_expect_eq(ration_vector_remove(none[i], 0, NULL), -EINVAL);
    cr_expect_eq(ration_vector_remove_swap(none[i], 0, NULL), -EINVAL);
    cr_expect_eq(ration_vector_reserve(none[i], 1), -EINVAL);
    cr_expect_eq(ration_vector_resize(none[i], 1), -EINVAL);
    cr_expect_eq(ration_vector_shrink_to_fit(none[i]), -EINVAL);
    ration_vector_clear(none[i]);
    errno = 0;
    cr_expect_null(ration_vector_at(none[i], 0));
    cr_expect_eq(errno, none[i] ? ENOENT : EINVAL);
    cr_expect_null(ration_vector_data(none[i]));
    cr_expect_eq(ration_vector_count(none[i]) + ration_vector_capacity(none[i]), 0);
  }
  cr_expect_eq(numbers_push(NULL, 1), -EINVAL);
  cr_expect_null(numbers_at(NULL, 0));
  cr_expect_eq(numbers_init(NULL, NULL, NULL), -EINVAL);
}

Test(kit_vector, adds_and_takes_out) {
  struct numbers numbers;
  uint32_t taken = 0;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  for (uint32_t i = 0; i < 5; i++) cr_assert_eq(numbers_push(&numbers, i), 0);
  cr_expect_eq(numbers_insert(&numbers, 0, 10), 0);
  cr_expect_eq(numbers_insert(&numbers, 6, 11), 0);
  cr_expect_eq(numbers_insert(&numbers, 8, 12), -ENOENT);
  expect_numbers(&numbers, (uint32_t[]){10, 0, 1, 2, 3, 4, 11}, 7);
  cr_expect_eq(numbers_remove(&numbers, 1, &taken), 0);
  cr_expect_eq(taken, 0);
  cr_expect_eq(numbers_remove_swap(&numbers, 0, &taken), 0);
  cr_expect_eq(taken, 10);
  expect_numbers(&numbers, (uint32_t[]){11, 1, 2, 3, 4}, 5);
  cr_expect_eq(numbers_pop(&numbers, &taken), 0);
  cr_expect_eq(taken, 4);
  cr_expect_eq(numbers_remove(&numbers, 3, NULL), 0);
  cr_expect_eq(numbers_remove_swap(&numbers, 2, NULL), 0);
  expect_numbers(&numbers, (uint32_t[]){11, 1}, 2);
  cr_expect_eq(numbers_remove(&numbers, 2, &taken), -ENOENT);
  cr_expect_eq(numbers_remove_swap(&numbers, 2, &taken), -ENOENT);
  cr_expect_eq(numbers_pop(&numbers, NULL), 0);
  cr_expect_eq(numbers_pop(&numbers, NULL), 0);
  cr_expect_eq(numbers_pop(&numbers, &taken), -ENOENT);
  cr_expect_eq(taken, 4, "untouched on failure");
  numbers_done(&numbers);
}

Test(kit_vector, checks_the_index) {
  struct triples triples;
  cr_assert_eq(triples_init(&triples, NULL, NULL), 0);
  cr_assert_eq(triples_push(&triples, (struct triple){1, 2, 3}), 0);
  errno = 0;
  cr_expect_eq(triples_at(&triples, 0)->c, 3);
  cr_expect_eq(errno, 0);
  cr_expect_null(triples_at(&triples, 1));
  cr_expect_eq(errno, ENOENT);
  errno = 0;
  cr_expect_null(ration_vector_at(&triples.vector, SIZE_MAX));
  cr_expect_eq(errno, ENOENT);
  triples_done(&triples);
}

Test(kit_vector, resizes_with_zeroes_and_keeps_its_capacity) {
  struct numbers numbers;
  cr_assert_eq(numbers_init(&numbers, NULL, NULL), 0);
  cr_assert_eq(numbers_push_many(&numbers, (uint32_t[]){7, 8, 9}, 3), 0);
  cr_expect_eq(numbers_resize(&numbers, 1), 0);
  cr_expect_eq(numbers_resize(&numbers, 4), 0);
  expect_numbers(&numbers, (uint32_t[]){7, 0, 0, 0}, 4);
  size_t capacity = numbers_capacity(&numbers);
  numbers_clear(&numbers);
  cr_expect_eq(numbers_capacity(&numbers), capacity);
  cr_expect_eq(numbers_reserve(&numbers, 100), 0);
  cr_expect_eq(numbers_capacity(&numbers), 100);
  cr_expect_eq(numbers_reserve(&numbers, 50), 0);
  cr_expect_eq(numbers_capacity(&numbers), 100);
  cr_assert_eq(numbers_push(&numbers, 5), 0);
  cr_expect_eq(numbers_shrink_to_fit(&numbers), 0);
  cr_expect_eq(numbers_capacity(&numbers), 1);
  numbers_clear(&numbers);
  cr_expect_eq(numbers_shrink_to_fit(&numbers), 0);
  cr_expect_null(numbers_data(&numbers));
  cr_expect_eq(numbers_push(&numbers, 6), 0);
  expect_numbers(&numbers, (uint32_t[]){6}, 1);
  numbers_done(&numbers);
}

Test(kit_vector, takes_elements_that_lie_in_it) {
  for (size_t spare = 0; spare <= 8; spare += 4) { /* with growth, and without */
    for (size_t index = 0; index <= 4; index++) {
      for (size_t first = 0; first < 4; first++) {
        for (size_t count = 1; first + count <= 4; count++) {
          struct numbers numbers;
          struct ration_vector_settings settings = {.capacity = 4 + spare};
          uint32_t expected[8] = {0, 1, 2, 3};
          cr_assert_eq(numbers_init(&numbers, NULL, &settings), 0);
          cr_assert_eq(numbers_push_many(&numbers, expected, 4), 0);
          memmove(expected + index + count, expected + index, (4 - index) * sizeof *expected);
          for (size_t i = 0; i < count; i++) expected[index + i] = (uint32_t)(first + i);
          cr_assert_eq(numbers_insert_many(&numbers, index, numbers_at(&numbers, first), count), 0);
          expect_numbers(&numbers, expected, 4 + count);
          numbers_done(&numbers);
        }
      }
    }
  }
}

Test(kit_vector, pushes_its_own_elements_while_it_grows) {
  struct ration_vector vector;
  cr_assert_eq(ration_vector_init(&vector, NULL, sizeof(uint32_t), 4, NULL), 0);
  for (uint32_t i = 0; i < 16; i++) cr_assert_eq(ration_vector_push(&vector, &i), 0);
  for (size_t i = 0; i < 5000; i++)
    cr_assert_eq(ration_vector_push(&vector, ration_vector_at(&vector, i)), 0);
  for (size_t i = 0; i < 5016; i++) cr_assert_eq(*(uint32_t *)ration_vector_at(&vector, i), i % 16);
  uint32_t *last = ration_vector_at(&vector, 5015);
  cr_expect_eq(ration_vector_push_many(&vector, last, 2), -EINVAL, "ends beyond");
  cr_expect_eq(ration_vector_push(&vector, last + 1), -EINVAL, "not used");
  cr_expect_eq(ration_vector_push(&vector, last + 2), -EINVAL);
  cr_expect_eq(ration_vector_push(&vector, NULL), -EINVAL);
  cr_expect_eq(ration_vector_count(&vector), 5016);
  ration_vector_done(&vector);
}

/* const is of the elements, not of what they point to. */
Test(kit_vector, holds_pointers) {
  char a[] = "a", b[] = "b", *both[] = {a, b};
  char *const fixed[] = {b, a};
  struct texts texts;
  cr_assert_eq(texts_init(&texts, NULL, NULL), 0);
  cr_expect_eq(texts_push_many(&texts, both, 2), 0);
  cr_expect_eq(texts_insert_many(&texts, 1, fixed, 2), 0);
  cr_expect_eq(*texts_at(&texts, 1), b);
  cr_expect_eq(*texts_at(&texts, 3), b);
  texts_done(&texts);
}

Test(kit_vector, keeps_to_its_maximum) {
  struct numbers numbers;
  struct ration_vector_settings settings = {.maximum = 37};
  cr_assert_eq(numbers_init(&numbers, NULL, &settings), 0);
  for (uint32_t i = 0; i < 37; i++) cr_assert_eq(numbers_push(&numbers, i), 0);
  cr_expect_eq(numbers_capacity(&numbers), 37);
  cr_expect_eq(numbers_push(&numbers, 0), -ENOSPC);
  cr_expect_eq(numbers_reserve(&numbers, 38), -ENOSPC);
  cr_expect_eq(numbers_resize(&numbers, 38), -ENOSPC);
  cr_expect_eq(numbers_push_many(&numbers, (uint32_t[]){1, 2}, 2), -ENOSPC);
  cr_expect_eq(numbers_push_many(&numbers, (uint32_t[]){1, 2}, SIZE_MAX), -EOVERFLOW);
  cr_expect_eq(numbers_push_many(&numbers, (uint32_t[]){1, 2}, SIZE_MAX / 4), -EOVERFLOW);
  cr_expect_eq(numbers_reserve(&numbers, SIZE_MAX), -EOVERFLOW);
  cr_expect_eq(numbers_resize(&numbers, SIZE_MAX), -EOVERFLOW);
  cr_expect_eq(numbers_resize(&numbers, SIZE_MAX / 6), -EOVERFLOW);
  cr_expect_eq(numbers_push_many(&numbers, NULL, 0), 0);
  cr_expect_eq(numbers_count(&numbers), 37);
  numbers_done(&numbers);
}

Test(kit_vector, aligns_the_array) {
  struct ration_vector vector;
  cr_assert_eq(ration_vector_init(&vector, NULL, 12, 64, NULL), 0);
  for (int i = 0; i < 1000; i++) {
    cr_assert_eq(ration_vector_push(&vector, "12345678901"), 0);
    cr_assert_eq((uintptr_t)ration_vector_data(&vector) % 64, 0);
  }
  cr_expect_str_eq(ration_vector_at(&vector, 999), "12345678901");
  ration_vector_done(&vector);
}

/* Blocks of up to 400 bytes, as a pool has them. */
static void *limited_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  (void)memory;
  if (size <= 400) return ration_memory_allocate(NULL, size, alignment);
  errno = ENOSPC;
  return NULL;
}

static int limited_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory;
  return ration_memory_release(NULL, block, size, alignment);
}

static const struct ration_memory_type limited_type = {
    .name = "limited", .allocate = limited_allocate, .release = limited_release};

Test(kit_vector, uses_up_what_the_memory_has) {
  struct ration_memory limited = {&limited_type};
  struct numbers numbers;
  cr_assert_eq(numbers_init(&numbers, &limited, NULL), 0);
  for (uint32_t i = 0; i < 100; i++) {
    errno = 0;
    cr_assert_eq(numbers_push(&numbers, i), 0);
    cr_assert_eq(errno, 0, "a smaller wish was granted: nothing to tell");
  }
  cr_expect_eq(numbers_push(&numbers, 100), -ENOSPC);
  cr_expect_eq(numbers_count(&numbers), 100);
  for (uint32_t i = 0; i < 100; i++) cr_expect_eq(*numbers_at(&numbers, i), i);
  numbers_done(&numbers);
}

Test(kit_vector, is_as_before_where_memory_ends) {
  for (size_t left = 0;; left++) {
    struct failing_memory failing;
    failing_memory_init(&failing, left);
    struct ration_vector_settings settings = {.capacity = 2};
    struct numbers numbers;
    int error = numbers_init(&numbers, &failing.memory, &settings), is_kept = 1;
    for (uint32_t i = 0; i < 200 && !error; i++) {
      error = i % 2 ? numbers_insert(&numbers, i, i) : numbers_push(&numbers, i);
      is_kept &= ration_vector_is_valid(&numbers.vector) && numbers_count(&numbers) == i + !error;
    }
    if (!error) error = numbers_resize(&numbers, 1000);
    if (!error) error = numbers_reserve(&numbers, 3000);
    if (!error) error = numbers_resize(&numbers, 200);
    if (!error) error = numbers_shrink_to_fit(&numbers);
    cr_expect(error == 0 || error == -ENOMEM);
    cr_expect(is_kept);
    cr_expect_eq(failing.bytes, left ? numbers_capacity(&numbers) * sizeof(uint32_t) : 0);
    if (left) {
      for (uint32_t i = 0; i < 200 && i < numbers_count(&numbers); i++)
        cr_expect_eq(*numbers_at(&numbers, i), i);
      numbers_done(&numbers);
    }
    cr_expect_eq(failing.blocks + failing.bytes, 0);
    if (!error) break;
  }
}

enum { MOST = 600 };

static void act(struct numbers *numbers, uint32_t *expected, size_t *count, struct random *random) {
  size_t index = random_below(random, *count + 1), more = 1 + random_below(random, 4);
  uint32_t value = (uint32_t)random_next(random), taken = 0;
  switch (random_below(random, 8)) {
  case 0:
    cr_assert_eq(numbers_push(numbers, value), *count < MOST ? 0 : -ENOSPC);
    if (*count < MOST) expected[(*count)++] = value;
    break;
  case 1:
    cr_assert_eq(numbers_insert(numbers, index, value), *count < MOST ? 0 : -ENOSPC);
    if (*count == MOST) break;
    memmove(expected + index + 1, expected + index, (*count - index) * sizeof *expected);
    expected[index] = value;
    ++*count;
    break;
  case 2:
    if (*count < more || *count + more > MOST) break;
    cr_assert_eq(numbers_push_many(numbers, numbers_data(numbers) + *count - more, more), 0);
    memcpy(expected + *count, expected + *count - more, more * sizeof *expected);
    *count += more;
    break;
  case 3:
    cr_assert_eq(numbers_remove(numbers, index, &taken), index < *count ? 0 : -ENOENT);
    if (index == *count) break;
    cr_assert_eq(taken, expected[index]);
    memmove(expected + index, expected + index + 1, (--*count - index) * sizeof *expected);
    break;
  case 4:
    cr_assert_eq(numbers_remove_swap(numbers, index, &taken), index < *count ? 0 : -ENOENT);
    if (index == *count) break;
    cr_assert_eq(taken, expected[index]);
    expected[index] = expected[--*count];
    break;
  case 5:
    cr_assert_eq(numbers_pop(numbers, &taken), *count ? 0 : -ENOENT);
    if (*count) cr_assert_eq(taken, expected[--*count]);
    break;
  case 6:
    if (random_below(random, 8)) break;
    index = random_below(random, MOST + 1);
    cr_assert_eq(numbers_resize(numbers, index), 0);
    if (index > *count) memset(expected + *count, 0, (index - *count) * sizeof *expected);
    *count = index;
    break;
  default:
    cr_assert_eq(numbers_shrink_to_fit(numbers), 0);
  }
}

Test(kit_vector, agrees_with_a_plain_array) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    struct random random = {.seed = seed};
    struct ration_vector_settings settings = {.maximum = MOST};
    struct numbers numbers;
    uint32_t expected[MOST];
    size_t count = 0;
    cr_assert_eq(numbers_init(&numbers, NULL, &settings), 0);
    for (int i = 0; i < 2000; i++) {
      act(&numbers, expected, &count, &random);
      expect_numbers(&numbers, expected, count);
    }
    numbers_done(&numbers);
  }
}
