/*
 * ring_buffer.c: tests of ration/kit/ring_buffer.h.
 */
#include <ration/kit/ring_buffer.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

RATION_RING_BUFFER(series, uint32_t);

/* The elements are the numbers from `newest` down. */
static void expect_down_from(const struct series *series, uint32_t newest, size_t count) {
  cr_assert(ration_ring_buffer_is_valid(&series->ring));
  cr_assert_eq(series_count(series), count, "%zu, not %zu", series_count(series), count);
  for (size_t age = 0; age < count; age++) cr_assert_eq(*series_at(series, age), newest - (uint32_t)age);
  errno = 0;
  cr_expect_null(series_at(series, count));
  cr_expect_eq(errno, ENOENT);
}

Test(kit_ring_buffer, overwrites_the_oldest) {
  for (size_t capacity = 1; capacity <= 9; capacity++) {
    struct series series;
    uint32_t gone = 99;
    cr_assert_eq(series_init(&series, NULL, capacity), 0);
    expect_down_from(&series, 0, 0);
    for (uint32_t i = 0; i < 40; i++) {
      int overwrites = i >= capacity;
      gone = 99;
      cr_assert_eq(series_push(&series, i, &gone), overwrites);
      cr_assert_eq(gone, overwrites ? i - (uint32_t)capacity : 99);
      expect_down_from(&series, i, overwrites ? capacity : i + 1);
      cr_assert_eq(*series_oldest(&series), i - (uint32_t)series_count(&series) + 1);
    }
    cr_expect_eq(series_push(&series, 40, NULL), 1);
    expect_down_from(&series, 40, capacity);
    struct ration_ring_buffer_figures figures;
    cr_expect_eq(ration_ring_buffer_stats(&series.ring, &figures), 0);
    cr_expect_eq(figures.pushed, 41);
    cr_expect_eq(figures.overwritten, 41 - capacity);
    cr_expect_eq(figures.removed, 0);
    series_done(&series);
    series_done(&series);
  }
}

Test(kit_ring_buffer, refuses_what_is_wrong) {
  struct ration_ring_buffer ring, done = {.data = NULL}, *none[] = {NULL, &done};
  cr_expect_eq(ration_ring_buffer_init(NULL, NULL, 4, 4, 1), -EINVAL);
  cr_expect_eq(ration_ring_buffer_init(&ring, NULL, 0, 4, 1), -EINVAL);
  cr_expect_eq(ration_ring_buffer_init(&ring, NULL, 4, 3, 1), -EINVAL);
  cr_expect_eq(ration_ring_buffer_init(&ring, NULL, 4, 4, 0), -EINVAL);
  cr_expect_eq(ration_ring_buffer_init(&ring, NULL, 4, 4, SIZE_MAX / 2), -EOVERFLOW);
  cr_expect_eq(ration_ring_buffer_init(&ring, NULL, 4, 4, SIZE_MAX / 6), -EOVERFLOW);
  for (int i = 0; i < 2; i++) {
    char element;
    struct ration_ring_buffer_figures figures;
    cr_expect_eq(ration_ring_buffer_push(none[i], "x", NULL), -EINVAL);
    cr_expect_eq(ration_ring_buffer_pop_oldest(none[i], NULL), -EINVAL);
    cr_expect_eq(ration_ring_buffer_pop_newest(none[i], NULL), -EINVAL);
    cr_expect_eq(ration_ring_buffer_recent(none[i], &element, 1), 0);
    cr_expect_eq(ration_ring_buffer_visit(none[i], 1, NULL, NULL), 0);
    cr_expect_eq(ration_ring_buffer_set_capacity(none[i], 1), -EINVAL);
    cr_expect_eq(ration_ring_buffer_reserve(none[i], 1), -EINVAL);
    cr_expect_eq(ration_ring_buffer_stats(none[i], &figures), -EINVAL);
    cr_expect_null(ration_ring_buffer_at(none[i], 0));
    cr_expect_eq(errno, none[i] ? ENOENT : EINVAL);
    cr_expect_null(ration_ring_buffer_oldest(none[i]));
    cr_expect_eq(ration_ring_buffer_count(none[i]) + ration_ring_buffer_capacity(none[i]), 0);
    ration_ring_buffer_clear(none[i]);
    ration_ring_buffer_done(none[i]);
    cr_expect_not(ration_ring_buffer_is_valid(none[i]));
  }
}

Test(kit_ring_buffer, of_one_in_use_wrong_arguments_are_refused) {
  struct series series;
  uint32_t element = 7;
  cr_assert_eq(series_init(&series, NULL, 2), 0);
  cr_expect_eq(ration_ring_buffer_push(&series.ring, NULL, NULL), -EINVAL);
  cr_expect_eq(series_pop_oldest(&series, &element), -ENOENT);
  cr_expect_eq(series_pop_newest(&series, &element), -ENOENT);
  cr_expect_eq(element, 7);
  cr_expect_null(series_oldest(&series));
  cr_expect_eq(errno, ENOENT);
  cr_expect_eq(series_recent(&series, NULL, 1), 0);
  cr_expect_eq(series_set_capacity(&series, 0), -EINVAL);
  cr_expect_eq(series_reserve(&series, 0), -EINVAL);
  cr_expect_eq(series_set_capacity(&series, SIZE_MAX), -EOVERFLOW);
  cr_expect_eq(ration_ring_buffer_stats(&series.ring, NULL), -EINVAL);
  expect_down_from(&series, 0, 0);
  series_done(&series);
}

static int add_up(void *context, void *element) {
  uint32_t *sum = context, *number = element;
  *sum = *sum * 10 + *number;
  return *number == 5; /* enough */
}

Test(kit_ring_buffer, yields_the_most_recent_first) {
  struct series series;
  uint32_t recent[8], digits = 0;
  cr_assert_eq(series_init(&series, NULL, 5), 0);
  for (uint32_t i = 0; i < 9; i++) series_push(&series, i, NULL);
  memset(recent, 0xff, sizeof recent);
  cr_expect_eq(series_recent(&series, recent, 3), 3);
  cr_expect(recent[0] == 8 && recent[1] == 7 && recent[2] == 6 && recent[3] == UINT32_MAX);
  cr_expect_eq(series_recent(&series, recent, 8), 5, "no more are held");
  cr_expect(recent[3] == 5 && recent[4] == 4 && recent[5] == UINT32_MAX);
  cr_expect_eq(series_recent(&series, recent, 0), 0);
  cr_expect_eq(ration_ring_buffer_visit(&series.ring, 2, add_up, &digits), 2);
  cr_expect_eq(digits, 87);
  digits = 0;
  cr_expect_eq(ration_ring_buffer_visit(&series.ring, SIZE_MAX, add_up, &digits), 4);
  cr_expect_eq(digits, 8765);
  series_done(&series);
}

static int clear_and_push(void *context, void *element) {
  struct series *series = context;
  uint32_t seen = *(uint32_t *)element;
  if (seen >= 100) return 1;
  if (seen == 7) return series_set_capacity(series, 20);
  series_clear(series);
  series_push(series, 100, NULL);
  series_push(series, 101, NULL);
  series_push(series, 102, NULL);
  return 0;
}

Test(kit_ring_buffer, may_change_while_it_is_visited) {
  struct series series;
  cr_assert_eq(series_init(&series, NULL, 5), 0);
  for (uint32_t i = 0; i < 8; i++) series_push(&series, i, NULL);
  cr_expect_eq(ration_ring_buffer_visit(&series.ring, 5, clear_and_push, &series), 3);
  expect_down_from(&series, 102, 3);
  series_done(&series);
}

Test(kit_ring_buffer, takes_an_element_of_its_own) {
  struct ration_ring_buffer ring;
  char element[100], other[100];
  cr_assert_eq(ration_ring_buffer_init(&ring, NULL, sizeof element, 1, 3), 0);
  for (int i = 0; i < 3; i++) {
    memset(element, 'a' + i, sizeof element);
    cr_assert_eq(ration_ring_buffer_push(&ring, element, NULL), 0);
  }
  cr_expect_eq(ration_ring_buffer_push(&ring, ration_ring_buffer_oldest(&ring), NULL), 1);
  cr_expect_eq(*(char *)ration_ring_buffer_at(&ring, 0), 'a');
  cr_expect_eq(ration_ring_buffer_push(&ring, ration_ring_buffer_at(&ring, 1), other), 1);
  cr_expect_eq(other[99], 'b');
  cr_expect_eq(*(char *)ration_ring_buffer_at(&ring, 0), 'c');
  memset(element, 'z', sizeof element);
  cr_expect_eq(ration_ring_buffer_push(&ring, element, element), 1, "in and out at one place");
  cr_expect_eq(element[0], 'c');
  cr_expect_eq(element[99], 'c');
  cr_expect_eq(((char *)ration_ring_buffer_at(&ring, 0))[99], 'z');
  ration_ring_buffer_done(&ring);
}

Test(kit_ring_buffer, keeps_the_newest_in_another_capacity) {
  for (size_t capacity = 1; capacity <= 10; capacity++) {
    for (uint32_t pushed = 0; pushed <= 12; pushed++) {
      struct series series;
      cr_assert_eq(series_init(&series, NULL, 6), 0);
      for (uint32_t i = 0; i < pushed; i++) series_push(&series, i, NULL);
      size_t held = pushed < 6 ? pushed : 6, kept = held < capacity ? held : capacity;
      cr_assert_eq(series_set_capacity(&series, capacity), 0);
      cr_expect_eq(series_capacity(&series), capacity);
      expect_down_from(&series, pushed - 1, kept);
      struct ration_ring_buffer_figures figures;
      cr_expect_eq(ration_ring_buffer_stats(&series.ring, &figures), 0);
      cr_expect_eq(figures.removed, held - kept);
      cr_expect_eq(series_push(&series, pushed, NULL), kept == capacity);
      expect_down_from(&series, pushed, kept + (kept < capacity));
      cr_expect_eq(series_reserve(&series, 3), 0);
      cr_expect_eq(series_capacity(&series), capacity < 3 ? 3 : capacity);
      series_done(&series);
    }
  }
}

Test(kit_ring_buffer, is_as_before_where_memory_ends) {
  struct failing_memory failing;
  struct series series;
  failing_memory_init(&failing, 0);
  cr_expect_eq(series_init(&series, &failing.memory, 4), -ENOMEM);
  failing.left = 1;
  cr_assert_eq(series_init(&series, &failing.memory, 4), 0);
  for (uint32_t i = 0; i < 7; i++) series_push(&series, i, NULL);
  cr_expect_eq(series_set_capacity(&series, 8), -ENOMEM);
  cr_expect_eq(series_set_capacity(&series, 2), -ENOMEM);
  expect_down_from(&series, 6, 4);
  failing.left = 1;
  cr_expect_eq(series_set_capacity(&series, 8), 0);
  expect_down_from(&series, 6, 4);
  cr_expect_eq(failing.bytes, 8 * sizeof(uint32_t));
  series_done(&series);
  cr_expect_eq(failing.blocks + failing.bytes, 0);
}

/* As a stack: only the block that was given last is taken back. */
struct stack {
  struct ration_memory memory;
  void *blocks[4];
  size_t count;
};

static void *stack_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct stack *stack = (struct stack *)(void *)memory;
  return stack->blocks[stack->count++] = ration_memory_allocate(NULL, size, alignment);
}

static int stack_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  struct stack *stack = (struct stack *)(void *)memory;
  if (block != stack->blocks[stack->count - 1]) return -EBUSY;
  stack->count--;
  return ration_memory_release(NULL, block, size, alignment);
}

Test(kit_ring_buffer, is_as_before_where_its_memory_is_busy) {
  static const struct ration_memory_type type = {
      .name = "stack", .allocate = stack_allocate, .release = stack_release};
  struct stack stack = {.memory = {&type}};
  struct series series;
  cr_assert_eq(series_init(&series, &stack.memory, 4), 0);
  for (uint32_t i = 0; i < 7; i++) series_push(&series, i, NULL);
  cr_expect_eq(series_set_capacity(&series, 8), -EBUSY, "the old array is below the new one");
  cr_expect_eq(stack.count, 1, "the new one was given back");
  cr_expect_eq(series_capacity(&series), 4);
  expect_down_from(&series, 6, 4);
  series_done(&series);
  cr_expect_eq(stack.count, 0);
}

/* All that was ever pushed, and how much of it is held: from `first` up to, not including, `last`. */
struct reference {
  uint32_t first, last;
  size_t capacity;
};

static void act(struct series *series, struct reference *reference, struct random *random) {
  uint32_t taken = UINT32_MAX;
  size_t held = reference->last - reference->first;
  switch (random_below(random, 12)) {
  case 0:
    cr_assert_eq(series_pop_oldest(series, &taken), held ? 0 : -ENOENT);
    if (held) cr_assert_eq(taken, reference->first++);
    break;
  case 1:
    cr_assert_eq(series_pop_newest(series, &taken), held ? 0 : -ENOENT);
    if (held) cr_assert_eq(taken, --reference->last);
    break;
  case 2:
    reference->capacity = 1 + random_below(random, 50);
    cr_assert_eq(series_set_capacity(series, reference->capacity), 0);
    if (held > reference->capacity) reference->first = reference->last - (uint32_t)reference->capacity;
    break;
  case 3:
    if (random_below(random, 10)) break;
    series_clear(series);
    reference->first = reference->last;
    break;
  default:
    cr_assert_eq(series_push(series, reference->last++, &taken), held == reference->capacity);
    if (held == reference->capacity) cr_assert_eq(taken, reference->first++);
  }
}

Test(kit_ring_buffer, agrees_with_a_plain_series) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    struct random random = {.seed = seed};
    struct reference reference = {.capacity = 7};
    struct series series;
    uint32_t recent[60];
    cr_assert_eq(series_init(&series, NULL, 7), 0);
    for (int i = 0; i < 3000; i++) {
      act(&series, &reference, &random);
      size_t held = reference.last - reference.first, most = random_below(&random, 60);
      expect_down_from(&series, reference.last - 1, held);
      cr_assert_eq(series_recent(&series, recent, most), most < held ? most : held);
      for (size_t age = 0; age < most && age < held; age++)
        cr_assert_eq(recent[age], reference.last - 1 - (uint32_t)age);
    }
    series_done(&series);
  }
}
