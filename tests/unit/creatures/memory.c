/*
 * memory.c: tests of tools/creatures/memory/: budgets and pools, the table of limits, the books.
 */
#include "memory/memory.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "memory/books.h"
#include "memory/limits.h"

#define BUDGET ((uint64_t)100 << 20)

struct thing {
  char bytes[1000];
};
static const struct ration_pool_type thing_type = RATION_POOL_TYPE(struct thing);

static struct ration_allocator_figures figures_of(struct memory_root *memory, size_t index) {
  struct ration_allocator_figures figures = {.limit = 0};
  cr_assert_eq(ration_allocator_stats(&memory->allocator, index, &figures), 0);
  return figures;
}

Test(memory, the_budget_is_split_as_in_the_seed) {
  struct memory_root memory;
  cr_assert_eq(memory_init(&memory, BUDGET), 0);
  const struct {
    enum ration_allocator_default index;
    unsigned percent;
  } shares[] = {{RATION_ALLOCATOR_CREATURES, 40},
                {RATION_ALLOCATOR_WORLD, 20},
                {RATION_ALLOCATOR_RENDERING, 20},
                {RATION_ALLOCATOR_UI, 10},
                {RATION_ALLOCATOR_AUDIO, 5}};
  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
    size_t limit = figures_of(&memory, shares[i].index).limit, share = BUDGET / 100 * shares[i].percent;
    cr_expect(limit >= share - 1 && limit <= share + 1, "%zu: %zu", i, limit);
  }
  cr_expect_eq(figures_of(&memory, RATION_ALLOCATOR_TOTAL).limit, BUDGET - BUDGET / 20);
  cr_expect_eq(figures_of(&memory, RATION_ALLOCATOR_TEMPORARY).limit, SIZE_MAX);
  memory_done(&memory);
}

Test(memory, budgets_refuse_and_frames_are_temporary) {
  struct memory_root memory;
  cr_assert_eq(memory_init(&memory, BUDGET), 0);
  struct ration_memory *world = memory_of(&memory, RATION_ALLOCATOR_WORLD);
  cr_expect_null(ration_memory_allocate(world, BUDGET / 5 + 64, 16));
  void *block = ration_memory_allocate(world, BUDGET / 5 - 64, 16);
  cr_assert_not_null(block);
  cr_expect_null(ration_memory_allocate(world, 1024, 16));
  cr_expect_eq(ration_memory_release(world, block, BUDGET / 5 - 64, 16), 0);
  cr_expect_not_null(ration_frame_arena_allocate(&memory.frames, 100000, 16));
  cr_expect_geq(figures_of(&memory, RATION_ALLOCATOR_TEMPORARY).used, 100000);
  memory_done(&memory);
  memory_done(&memory);
}

Test(memory, budgets_that_cannot_be_are_refused) {
  struct memory_root memory;
  cr_expect_eq(memory_init(&memory, 0), -EINVAL);
  cr_expect_eq(memory_init(&memory, 7), -EINVAL);
  cr_expect_eq(memory_init(&memory, UINT64_MAX), -EINVAL);
  cr_expect_null(ration_allocator_pools(&memory.allocator), "nothing is left of it");
}

Test(memory, pools_have_room_at_once_as_far_as_the_budget_has_it) {
  for (int again = 0; again < 2; again++) {
    struct memory_root memory;
    struct ration_pool_counts counts;
    cr_assert_eq(memory_init(&memory, BUDGET), 0);
    struct ration_pool *pool = memory_pool(&memory, &thing_type, RATION_ALLOCATOR_UI, 3000, 5000);
    cr_assert_not_null(pool);
    cr_expect_eq(ration_pool_stats(pool, &counts), 0);
    cr_expect(counts.capacity >= 3000 && counts.capacity <= 5000);
    cr_expect_geq(figures_of(&memory, RATION_ALLOCATOR_UI).used, 3000 * sizeof(struct thing));
    cr_expect_null(memory_pool(&memory, &thing_type, RATION_ALLOCATOR_UI, 3000, 5000));
    cr_expect_eq(errno, EBUSY);
    memory_done(&memory);

    cr_assert_eq(memory_init(&memory, BUDGET), 0);
    pool = memory_pool(&memory, &thing_type, RATION_ALLOCATOR_AUDIO, 100000, 200000);
    cr_assert_not_null(pool);
    cr_expect_eq(ration_pool_stats(pool, &counts), 0);
    cr_expect(counts.capacity >= 3000 && counts.capacity < 6000, "5 MiB hold so many, not %zu",
              counts.capacity);
    memory_done(&memory);
  }
}

Test(memory, the_books_say_what_pools_leave_unused) {
  struct memory_root memory;
  struct books books;
  static void *taken[5000];
  cr_assert_eq(memory_init(&memory, BUDGET), 0);
  struct ration_pool *pool = memory_pool(&memory, &thing_type, RATION_ALLOCATOR_WORLD, 5000, 6000);
  for (int i = 0; i < 5000; i++) taken[i] = ration_pool_take(pool);
  books_read(&memory, &books);
  double full = books.fragmentation;
  cr_expect_eq(books.pool_hit_rate, 1);
  for (int i = 0; i < 4000; i++) cr_assert_eq(ration_pool_give(pool, taken[i]), 0);
  books_read(&memory, &books);
  cr_expect(full >= 0 && books.fragmentation >= full && books.fragmentation <= 1);
  struct mallinfo2 heap = mallinfo2();
  if (heap.uordblks + heap.hblkhd >
      5000 * sizeof(struct thing)) /* under a sanitizer the heap has no such books */
    cr_expect_gt(books.fragmentation, full + 0.3);
  cr_expect_eq(books.allocations + books.frees + books.live_bytes + books.peak_bytes, 0, "passive");
  memory_done(&memory);
}

/* ---- limits ---- */

static size_t maximum(size_t creatures, const char *text, size_t index) {
  struct ration_limits limits;
  const char *wrong = NULL;
  cr_assert_eq(limits_fill(&limits, NULL, creatures, text, &wrong), 0, "%s", wrong);
  size_t found = limits_maximum(&limits, index);
  ration_limits_done(&limits);
  return found;
}

Test(memory, limits_of_few_creatures_are_the_defaults) {
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS; i++)
    cr_expect_eq(maximum(1000, NULL, i), ration_limits_defaults[i].maximum, "%s",
                 ration_limits_defaults[i].name);
}

Test(memory, limits_rise_with_creatures) {
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_ACTIVE_CREATURES), 200000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_CACHED_PATHS), 10000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_SPATIAL_HASH_ENTRIES), 200000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_EVENTS), 50000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_RENDER_COMMANDS), 200000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_POOLED_OBJECTS), 800000);
  cr_expect_eq(maximum(100000, "", RATION_LIMIT_MEMORIES), 100);
}

Test(memory, what_the_user_names_wins) {
  cr_expect_eq(maximum(100000, "events=7,memories=1000", RATION_LIMIT_EVENTS), 7);
  cr_expect_eq(maximum(100000, "events=7,memories=1000", RATION_LIMIT_POOLED_OBJECTS), 8000000);
  cr_expect_eq(maximum(1000, "memories=126,active_creatures=5000", RATION_LIMIT_POOLED_OBJECTS), 30000);
  cr_expect_eq(maximum(1000, "memories=1000,pooled_objects=9", RATION_LIMIT_POOLED_OBJECTS), 9);
  cr_expect_eq(maximum(100000, "active_creatures=10", RATION_LIMIT_ACTIVE_CREATURES), 10);
}

Test(memory, wrong_limits_are_told_in_a_line) {
  const struct {
    const char *text, *says;
    int error;
  } wrongs[] = {{"memorie=5", "no memorie;", -ENOENT},
                {"events=10,paths=3", "no paths;", -ENOENT},
                {"memories=0", "memories=0:", -EINVAL},
                {"events=5,", "events=5: give NAME=N", -EINVAL},
                {"events=5,events=6", "events=6:", -EINVAL},
                {"events=99999999999999999999999", "too large", -EOVERFLOW},
                {"memories=65536", "at most 65535", -EINVAL},
                {"events=4294967295", "at most 4294967294", -EINVAL}};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    struct ration_limits limits;
    const char *wrong = "";
    cr_expect_eq(limits_fill(&limits, NULL, 1000, wrongs[i].text, &wrong), wrongs[i].error);
    cr_expect_not_null(strstr(wrong, wrongs[i].says), "%s", wrong);
    cr_expect_null(strchr(wrong, '\n'));
    cr_expect_eq(limits_maximum(&limits, RATION_LIMIT_EVENTS), 0, "it is not made");
  }
  struct ration_limits limits;
  const char *wrong = "";
  cr_expect_eq(limits_fill(&limits, NULL, (size_t)1 << 40, NULL, &wrong), -EINVAL);
  cr_expect_not_null(strstr(wrong, "at most 1000000"));
}
