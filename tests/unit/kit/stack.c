/*
 * stack.c: tests of ration/kit/stack.h.
 */
#include <ration/kit/stack.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static void expect_null(void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_stack_figures figures_of(const struct ration_stack *stack) {
  struct ration_stack_figures found;
  cr_assert_eq(ration_stack_stats(stack, &found), 0);
  cr_expect(ration_stack_is_valid(stack));
  return found;
}

Test(kit_stack, gives_back_what_was_allocated_last) {
  struct failing_memory below;
  struct ration_stack stack;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, NULL), 0);
  cr_expect_eq(below.blocks, 0, "nothing is taken before it is needed");
  char *first = ration_stack_allocate(&stack, 100, 1);
  cr_assert_not_null(first);
  size_t used = figures_of(&stack).used;
  double *second = RATION_STACK_ARRAY(&stack, double, 10);
  int *third = RATION_STACK_NEW(&stack, int);
  cr_expect_eq(ration_stack_release(&stack, first, 100), -EBUSY);
  cr_expect_eq(ration_stack_release(&stack, second, 80), -EBUSY);
  cr_expect_eq(ration_stack_release(&stack, third, 5), -EINVAL, "not its size");
  cr_expect_eq(ration_stack_release(&stack, third, 0), -EINVAL);
  cr_expect_eq(ration_stack_release(&stack, third, 4), 0);
  cr_expect_eq(ration_stack_release(&stack, third, 4), -EALREADY);
  cr_expect_eq(ration_stack_release(&stack, second + 1, 72), -EFAULT, "within a piece");
  cr_expect_eq(ration_stack_release(&stack, &stack, 8), -EFAULT);
  cr_expect_eq(ration_stack_release(&stack, second, 80), 0);
  cr_expect_eq(ration_stack_release(&stack, NULL, 80), 0);
  cr_expect_eq(figures_of(&stack).used, used);
  cr_expect_eq(ration_stack_allocate(&stack, 8, 8), second, "the place of the second");
  cr_expect_eq(below.blocks, 1);
  cr_expect_eq(figures_of(&stack).reserved, below.bytes);
  ration_stack_done(&stack);
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_stack, markers_are_popped_in_order) {
  struct ration_stack stack, other;
  struct ration_stack_marker outer, inner, innermost, foreign;
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  cr_assert_eq(ration_stack_init(&other, NULL, NULL), 0);
  cr_expect_null(ration_stack_text(&stack, 0));
  cr_assert_eq(ration_stack_push_marker(&other, "elsewhere", &foreign), 0);
  cr_assert_eq(ration_stack_push_marker(&stack, "outer", &outer), 0);
  size_t used = figures_of(&stack).used;
  cr_assert_eq(ration_stack_push_marker(&stack, "inner", &inner), 0);
  for (int i = 0; i < 10; i++) cr_assert_not_null(ration_stack_allocate(&stack, 100, 16));
  char *under = ration_stack_allocate(&stack, 10, 1);
  cr_assert_eq(ration_stack_push_marker(&stack, "innermost", &innermost), 0);
  cr_expect_str_eq(ration_stack_text(&stack, 0), "innermost");
  cr_expect_str_eq(ration_stack_text(&stack, 1), "inner");
  cr_expect_str_eq(ration_stack_text(&stack, 2), "outer");
  cr_expect_null(ration_stack_text(&stack, 3));
  cr_expect_eq(figures_of(&stack).depth, 3);
  cr_expect_eq(ration_stack_release(&stack, under, 10), -EBUSY, "a marker stands over it");
  cr_expect_eq(ration_stack_release(&stack, under + 32, 10), -EFAULT, "the marker is no piece");
  cr_expect_eq(ration_stack_pop_marker(&stack, outer), -EBUSY);
  cr_expect_eq(ration_stack_pop_marker(&stack, inner), -EBUSY);
  cr_expect_eq(ration_stack_pop_marker(&stack, foreign), -EFAULT);
  cr_expect_eq(ration_stack_pop_marker(&stack, innermost), 0);
  cr_expect_eq(ration_stack_pop_marker(&stack, innermost), -ESTALE);
  cr_expect_eq(ration_stack_pop_marker(&stack, inner), 0);
  cr_expect_eq(figures_of(&stack).used, used);
  cr_expect_eq(ration_stack_pop_marker(&stack, inner), -ESTALE);
  cr_expect_eq(ration_stack_pop_marker(&stack, outer), 0);
  cr_expect_eq(figures_of(&stack).used, 0);
  cr_expect_gt(figures_of(&stack).high_water, 1000);
  ration_stack_done(&other);
  cr_assert_eq(ration_stack_init(&other, NULL, NULL), 0);
  cr_expect_eq(ration_stack_pop_marker(&other, foreign), -EFAULT, "of the stack that was there before");
  ration_stack_done(&other);
  ration_stack_done(&stack);
}

/* A comparison of offsets would take the second for the first. */
Test(kit_stack, markers_at_one_place_are_two) {
  struct ration_stack stack;
  struct ration_stack_marker first, second;
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  cr_assert_eq(ration_stack_push_marker(&stack, "first", &first), 0);
  cr_assert_eq(ration_stack_pop_marker(&stack, first), 0);
  cr_assert_eq(ration_stack_push_marker(&stack, NULL, &second), 0);
  cr_expect_null(ration_stack_text(&stack, 0));
  cr_expect_eq(ration_stack_pop_marker(&stack, first), -ESTALE);
  cr_expect_eq(ration_stack_reset(&stack), 0);
  cr_expect_eq(ration_stack_pop_marker(&stack, second), -ESTALE);
  cr_assert_eq(ration_stack_push_marker(&stack, "third", &first), 0);
  cr_expect_eq(ration_stack_pop_marker(&stack, second), -ESTALE);
  cr_expect_eq(ration_stack_pop_marker(&stack, first), 0);
  first.serial += 100;
  cr_expect_eq(ration_stack_pop_marker(&stack, first), -EFAULT, "never pushed");
  ration_stack_done(&stack);
}

Test(kit_stack, refuses_what_cannot_be) {
  struct ration_stack stack = {.used = 0};
  struct ration_stack_marker marker = {0, 0};
  struct ration_stack_figures found;
  ration_stack_done(&stack);
  ration_stack_done(NULL);
  expect_null(ration_stack_allocate(&stack, 8, 8), EINVAL);
  expect_null(ration_stack_allocate(NULL, 8, 8), EINVAL);
  cr_expect_eq(ration_stack_release(&stack, &found, 8), -EINVAL);
  cr_expect_eq(ration_stack_push_marker(&stack, "", &marker), -EINVAL);
  cr_expect_eq(ration_stack_pop_marker(&stack, marker), -EINVAL);
  cr_expect_eq(ration_stack_reset(NULL), -EINVAL);
  cr_expect_eq(ration_stack_trim(&stack), 0);
  cr_expect_null(ration_stack_text(&stack, 0));
  cr_expect_eq(ration_stack_stats(&stack, &found), -EINVAL);
  cr_expect_not(ration_stack_is_valid(&stack));
  cr_expect_eq(ration_stack_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_stack_init(&stack, NULL, &(struct ration_stack_settings){.block_bytes = SIZE_MAX}),
               -EOVERFLOW);
  cr_expect_eq(
      ration_stack_init(&stack, NULL, &(struct ration_stack_settings){.block_bytes = 100, .bytes_most = 100}),
      -EINVAL);
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  static const size_t wrong[] = {0, 3, 24, (size_t)1 << 31, SIZE_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    expect_null(ration_stack_allocate(&stack, 8, wrong[i]), EINVAL);
  expect_null(ration_stack_allocate(&stack, 0, 8), EINVAL);
  expect_null(ration_stack_allocate(&stack, RATION_BYTES_MOST + 1, 8), EOVERFLOW);
  expect_null(ration_stack_allocate(&stack, RATION_BYTES_MOST, RATION_ALIGNMENT_MOST), ENOMEM);
  expect_null(ration_stack_allocate_array(&stack, SIZE_MAX / 2, 3, 1), EOVERFLOW);
  cr_expect_eq(ration_stack_push_marker(&stack, "", NULL), -EINVAL);
  cr_expect_eq(ration_stack_stats(&stack, NULL), -EINVAL);
  cr_expect_eq(ration_stack_reset(&stack), 0);
  cr_expect_eq(ration_stack_trim(&stack), 0);
  cr_expect(ration_stack_is_valid(&stack));
  ration_stack_done(&stack);
}

Test(kit_stack, stops_at_its_maxima) {
  struct failing_memory below;
  struct ration_stack stack;
  struct ration_stack_marker marker;
  failing_memory_init(&below, 0);
  struct ration_stack_settings settings = {.block_bytes = 1024, .is_fixed = 1, .markers_most = 2};
  cr_expect_eq(ration_stack_init(&stack, &below.memory, &settings), -ENOMEM);
  below.left = SIZE_MAX;
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &settings), 0);
  cr_expect_eq(ration_stack_push_marker(&stack, "", &marker), 0);
  cr_expect_eq(ration_stack_push_marker(&stack, "", &marker), 0);
  cr_expect_eq(ration_stack_push_marker(&stack, "", &marker), -ENOSPC);
  ration_stack_reset(&stack);
  cr_expect_not_null(ration_stack_allocate(&stack, 1024 - 16, 8));
  expect_null(ration_stack_allocate(&stack, 1, 1), ENOSPC);
  errno = 0;
  cr_expect_eq(ration_stack_push_marker(&stack, "", &marker), -ENOSPC);
  cr_expect_eq(errno, 0);
  cr_expect_eq(ration_stack_reset(&stack), 0);
  cr_expect_eq(ration_stack_trim(&stack), 0, "its block stays");
  cr_expect_eq(below.blocks, 1);
  cr_expect(ration_stack_is_valid(&stack));
  ration_stack_done(&stack);

  settings = (struct ration_stack_settings){.block_bytes = 1024, .bytes_most = 3000};
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &settings), 0);
  for (int i = 0; i < 2; i++) cr_expect_not_null(ration_stack_allocate(&stack, 1000, 8));
  cr_expect_not_null(ration_stack_allocate(&stack, 600, 8), "a smaller block where a whole one is too much");
  expect_null(ration_stack_allocate(&stack, 600, 8), ENOSPC);
  cr_expect_leq(below.bytes, 3000);
  cr_expect(ration_stack_is_valid(&stack));
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_stack, kept_blocks_give_way_to_one_that_they_leave_no_room_for) {
  struct failing_memory below;
  struct ration_stack stack;
  struct ration_stack_marker marker;
  failing_memory_init(&below, SIZE_MAX);
  struct ration_stack_settings settings = {.block_bytes = 1024, .bytes_most = 8192};
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &settings), 0);
  char *first = ration_stack_allocate(&stack, 100, 8);
  cr_assert_eq(ration_stack_push_marker(&stack, "many", &marker), 0);
  for (int i = 0; i < 6; i++) cr_assert_not_null(ration_stack_allocate(&stack, 1000, 8));
  expect_null(ration_stack_allocate(&stack, 6000, 8), ENOSPC);
  cr_assert_eq(ration_stack_pop_marker(&stack, marker), 0);
  cr_expect_eq(below.blocks, 7);
  char *grown = ration_stack_allocate(&stack, 1000, 8);
  grown[999] = 5;
  errno = 0;
  grown = ration_memory_reallocate(&stack.memory, grown, 1000, 5000, 8);
  cr_assert_not_null(grown);
  cr_expect_eq(grown[999], 5);
  cr_expect_eq(errno, 0);
  expect_null(ration_memory_reallocate(&stack.memory, grown, 5000, 9000, 8), ENOSPC);
  cr_expect_eq(ration_stack_release(&stack, grown, 5000), 0);
  errno = 0;
  char *large = ration_memory_allocate(&stack.memory, 6000, 8);
  cr_assert_not_null(large);
  cr_expect_eq(errno, 0);
  memset(large, 1, 6000);
  cr_expect_eq(below.blocks, 2);
  cr_expect_eq(figures_of(&stack).reserved, below.bytes);
  cr_expect_eq(ration_stack_release(&stack, large, 6000), 0);
  cr_expect_eq(ration_stack_release(&stack, first, 100), 0);
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_stack, tells_what_was_given_back_with_a_block) {
  struct ration_stack stack;
  struct ration_stack_marker marker;
  cr_assert_eq(ration_stack_init(&stack, NULL, &(struct ration_stack_settings){.block_bytes = 256}), 0);
  cr_assert_not_null(ration_stack_allocate(&stack, 200, 8));
  cr_assert_eq(ration_stack_push_marker(&stack, NULL, &marker), 0);
  char *second = ration_stack_allocate(&stack, 200, 8);
  cr_assert_not_null(ration_stack_allocate(&stack, 200, 8));
  cr_expect_eq(ration_stack_release(&stack, second, 200), -EBUSY);
  cr_assert_eq(ration_stack_pop_marker(&stack, marker), 0);
  cr_expect_eq(ration_stack_release(&stack, second, 200), -EALREADY);
  ration_stack_trim(&stack);
  cr_expect_eq(ration_stack_release(&stack, second, 200), -EFAULT);
  ration_stack_done(&stack);
}

/* Where there is no memory for a whole block, one for the request: and errno is as it was. */
Test(kit_stack, makes_do_with_less) {
  struct ration_stack below, stack;
  struct ration_stack_settings settings = {.block_bytes = 1000, .is_fixed = 1};
  cr_assert_eq(ration_stack_init(&below, NULL, &settings), 0);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, NULL), 0);
  errno = 0;
  cr_expect_not_null(ration_stack_allocate(&stack, 100, 8));
  cr_expect_eq(errno, 0);
  expect_null(ration_stack_allocate(&stack, 1000, 8), ENOSPC);
  ration_stack_done(&stack);
  ration_stack_done(&below);
}

Test(kit_stack, goes_over_several_blocks_and_back) {
  struct failing_memory below;
  struct ration_stack stack;
  struct ration_stack_marker marker;
  char *pieces[20];
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &(struct ration_stack_settings){.block_bytes = 256}),
               0);
  for (int round = 0; round < 3; round++) {
    cr_assert_eq(ration_stack_push_marker(&stack, "round", &marker), 0);
    for (int i = 0; i < 20; i++) pieces[i] = ration_stack_allocate(&stack, 100, 8);
    size_t blocks = below.blocks;
    cr_expect_geq(blocks, 10);
    cr_expect(ration_stack_is_valid(&stack));
    for (int i = 19; i > 5; i--) cr_assert_eq(ration_stack_release(&stack, pieces[i], 100), 0);
    cr_expect_eq(ration_stack_release(&stack, pieces[19], 100), -EALREADY, "in a block that was left");
    cr_expect(ration_stack_is_valid(&stack));
    cr_expect_eq(ration_stack_pop_marker(&stack, marker), 0);
    cr_expect_eq(figures_of(&stack).used, 0);
    cr_expect_eq(below.blocks, blocks, "blocks are kept");
  }
  cr_expect_not_null(ration_stack_allocate(&stack, 1000, 8));
  cr_expect(ration_stack_is_valid(&stack));
  ration_stack_trim(&stack);
  cr_expect_eq(below.blocks, 1);
  ration_stack_reset(&stack);
  ration_stack_trim(&stack);
  cr_expect_eq(below.bytes, 0);
  cr_expect(ration_stack_is_valid(&stack));
  ration_stack_done(&stack);
}

Test(kit_stack, is_a_memory_of_which_the_newest_can_grow) {
  struct failing_memory below;
  struct ration_stack stack;
  struct ration_stack_marker marker;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &(struct ration_stack_settings){.block_bytes = 256}),
               0);
  struct ration_memory *memory = &stack.memory;
  cr_expect_eq(ration_stack_of(memory), &stack);
  cr_expect_null(ration_stack_of(NULL));
  cr_expect_null(ration_stack_of(ration_memory_system()));
  char *first = ration_memory_allocate(memory, 8, 8), *second = ration_memory_allocate(memory, 8, 4);
  memcpy(second, "abcdefg", 8);
  expect_null(ration_memory_reallocate(memory, first, 8, 16, 8), EBUSY);
  expect_null(ration_memory_reallocate(memory, second, 9, 16, 4), EINVAL);
  cr_expect_eq(ration_memory_reallocate(memory, second, 8, 100, 4), second, "in place");
  char *moved = ration_memory_reallocate(memory, second, 100, 1000, 4);
  cr_assert_not_null(moved);
  cr_expect_str_eq(moved, "abcdefg", "into another block");
  cr_expect(ration_stack_is_valid(&stack));
  below.left = 0;
  struct ration_stack_figures before = figures_of(&stack);
  expect_null(ration_memory_reallocate(memory, moved, 1000, 5000, 4), ENOMEM);
  cr_expect_eq(figures_of(&stack).used, before.used);
  cr_expect_str_eq(moved, "abcdefg");
  cr_expect_eq(ration_memory_reallocate(memory, moved, 1000, 8, 4), moved);
  cr_expect_eq(ration_memory_release(memory, first, 8, 8), -EBUSY);
  cr_expect_eq(ration_memory_release(memory, moved, 8, 4), 0);
  cr_expect_eq(ration_memory_release(memory, first, 8, 8), 0);
  cr_expect_eq(figures_of(&stack).used, 0);
  cr_assert_eq(ration_stack_push_marker(&stack, "", &marker), 0);
  expect_null(ration_memory_reallocate(memory, first, 24, 25, 8), EFAULT);
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
}

static int run_short(size_t left) {
  struct failing_memory below;
  struct ration_stack stack;
  struct ration_stack_marker marker;
  int refused = 0;
  failing_memory_init(&below, left);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &(struct ration_stack_settings){.block_bytes = 128}),
               0);
  for (int i = 0; i < 6; i++) {
    if (ration_stack_push_marker(&stack, "short", &marker)) refused = ENOMEM;
    if (!ration_stack_allocate(&stack, 100, 8)) refused = errno;
    void *piece = ration_stack_allocate(&stack, 60, 8), *grown = NULL;
    if (piece) grown = ration_memory_reallocate(&stack.memory, piece, 60, 500, 8);
    if (!grown) refused = errno;
    cr_expect(ration_stack_is_valid(&stack));
  }
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
  cr_expect_eq(below.blocks, 0);
  cr_expect(refused == 0 || refused == ENOMEM);
  return refused;
}

Test(kit_stack, survives_each_request_that_fails_below) {
  size_t left = 0;
  while (run_short(left)) left++;
  cr_expect_geq(left, 5);
}

/* The reference is an array of what was pushed, markers and pieces, in order. */
struct pushed {
  unsigned char *bytes; /* NULL: a marker */
  size_t size;
  unsigned char value;
  struct ration_stack_marker marker;
};

static void push(struct ration_stack *stack, struct random *random, struct pushed *pushed) {
  *pushed = (struct pushed){.bytes = NULL};
  if (random_below(random, 4) == 0) {
    cr_assert_eq(ration_stack_push_marker(stack, "random", &pushed->marker), 0);
    return;
  }
  size_t alignment = (size_t)1 << random_below(random, 8);
  pushed->size = 1 + random_size(random, 900);
  pushed->value = (unsigned char)random_next(random);
  pushed->bytes = ration_stack_allocate(stack, pushed->size, alignment);
  cr_assert_not_null(pushed->bytes);
  cr_assert_eq((uintptr_t)pushed->bytes % alignment, 0);
  memset(pushed->bytes, pushed->value, pushed->size);
}

static void expect_kept(const struct pushed *pushed) {
  for (size_t i = 0; pushed->bytes && i < pushed->size; i++) cr_assert_eq(pushed->bytes[i], pushed->value);
}

/* Takes the newest away, or tries an older one, which must be refused. Yields how many are left. */
static size_t pop(struct ration_stack *stack, struct random *random, struct pushed *all, size_t count) {
  size_t at = random_below(random, 3) ? count - 1 : random_below(random, count), newer = 0;
  for (size_t i = at + 1; i < count; i++) newer += !all[i].bytes;
  if (!all[at].bytes) {
    cr_assert_eq(ration_stack_pop_marker(stack, all[at].marker), newer ? -EBUSY : 0);
    return newer ? count : at;
  }
  int is_newest = at == count - 1;
  cr_assert_eq(ration_stack_release(stack, all[at].bytes, all[at].size), is_newest ? 0 : -EBUSY);
  return is_newest ? at : count;
}

Test(kit_stack, does_as_an_array_of_pushes_does) {
  struct random random = {.seed = 5};
  struct failing_memory below;
  struct ration_stack stack;
  static struct pushed all[200];
  size_t count = 0;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_stack_init(&stack, &below.memory, &(struct ration_stack_settings){.block_bytes = 1024}),
               0);
  for (int step = 0; step < 20000; step++) {
    uint64_t dice = random_below(&random, 1000);
    if (dice == 0)
      ration_stack_reset(&stack), count = 0;
    else if (dice < 5)
      ration_stack_trim(&stack);
    else if (count < 200 && (count == 0 || dice < 520))
      push(&stack, &random, &all[count++]);
    else if (count)
      count = pop(&stack, &random, all, count);
    if (step % 8 == 0) {
      cr_assert(ration_stack_is_valid(&stack));
      for (size_t i = 0; i < count; i++) expect_kept(&all[i]);
    }
  }
  cr_expect_eq(figures_of(&stack).reserved, below.bytes);
  ration_stack_done(&stack);
  cr_expect_eq(below.bytes, 0);
}

static void *work(void *argument) {
  struct ration_stack *stack = argument;
  for (int i = 0; i < 20000; i++) {
    struct ration_stack_marker marker;
    ration_stack_push_marker(stack, "work", &marker);
    ration_stack_allocate(stack, 5000, 8);
    ration_stack_pop_marker(stack, marker);
  }
  return NULL;
}

Test(kit_stack, figures_can_be_read_by_another_thread) {
  struct ration_stack stack;
  pthread_t thread;
  cr_assert_eq(ration_stack_init(&stack, NULL, &(struct ration_stack_settings){.block_bytes = 4096}), 0);
  cr_assert_eq(pthread_create(&thread, NULL, work, &stack), 0);
  struct ration_stack_figures found;
  for (int i = 0; i < 1000; i++) {
    cr_assert_eq(ration_stack_stats(&stack, &found), 0);
    cr_assert_leq(found.depth, 1);
    cr_assert_leq(found.used, 6000);
  }
  pthread_join(thread, NULL);
  cr_expect_eq(figures_of(&stack).used, 0);
  ration_stack_done(&stack);
}
