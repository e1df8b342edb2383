/*
 * manager.c: tests of ration/kit/manager.h.
 */
#include <ration/kit/manager.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static void expect_null(const void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_manager_figures figures_of(struct ration_manager *manager) {
  struct ration_manager_figures found;
  cr_assert_eq(ration_manager_stats(manager, &found), 0);
  cr_expect(ration_manager_is_valid(manager));
  return found;
}

Test(kit_manager, has_a_memory_of_each_kind_behind_one_interface) {
  struct failing_memory below;
  struct ration_manager manager;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_manager_init(&manager, &below.memory, NULL), 0);
  struct ration_memory *memories[] = {ration_manager_global(&manager), ration_manager_thread(&manager),
                                      ration_manager_frame(&manager), ration_manager_arena(&manager, "level"),
                                      ration_manager_stack(&manager, "job")};
  static const char *const names[] = {"failing", "heap", "frame arena", "arena", "stack"};
  for (int i = 0; i < 5; i++) {
    cr_assert_not_null(memories[i]);
    cr_expect_str_eq(memories[i]->type->name, names[i]);
    char *block = ration_memory_allocate(memories[i], 100, 8);
    cr_assert_not_null(block);
    memset(block, i, 100);
    block = ration_memory_reallocate(memories[i], block, 100, 200, 8);
    cr_assert_not_null(block);
    cr_expect_eq(block[99], i);
    cr_expect_eq(ration_memory_release(memories[i], block, 200, 8), 0);
  }
  cr_expect_eq(ration_manager_global(&manager), &below.memory);
  cr_expect(ration_manager_is_valid(&manager));
  ration_manager_done(&manager);
  ration_manager_done(&manager);
  cr_expect_eq(below.bytes, 0);
  cr_expect_eq(below.blocks, 0);
}

Test(kit_manager, a_name_is_one_thing) {
  struct ration_manager manager;
  char name[] = "level";
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  expect_null(ration_manager_find_arena(&manager, "level"), ENOENT);
  struct ration_memory *level = ration_manager_arena(&manager, name);
  name[0] = 'L';
  cr_expect_eq(ration_manager_arena(&manager, "level"), level, "the name was copied");
  cr_expect_eq(ration_manager_find_arena(&manager, "level"), level);
  cr_expect_neq(ration_manager_arena(&manager, "levels"), level);
  struct ration_arena_settings fixed = {.block_bytes = 1000, .is_fixed = 1};
  struct ration_memory *small = ration_manager_arena_with(&manager, "small", &fixed);
  cr_expect_not_null(ration_memory_allocate(small, 1000, 1));
  expect_null(ration_memory_allocate(small, 1, 1), ENOSPC);
  cr_expect_eq(ration_manager_arena(&manager, "small"), small);
  cr_expect_eq(ration_manager_arena_with(&manager, "level", &fixed), level, "the first settings hold");
  struct ration_memory *job = ration_manager_stack(&manager, "level");
  cr_expect_neq(job, level, "stacks have names of their own");
  cr_expect_eq(ration_manager_stack(&manager, "level"), job);
  cr_expect_neq(ration_manager_stack(&manager, "other"), job);
  struct ration_manager_figures found = figures_of(&manager);
  cr_expect_eq(found.kinds[RATION_MANAGER_ARENA].parts, 3);
  cr_expect_eq(found.kinds[RATION_MANAGER_ARENA].used, 1000);
  cr_expect_eq(found.kinds[RATION_MANAGER_STACK].parts, 2);
  cr_expect_eq(found.kinds[RATION_MANAGER_THREAD].parts, 1);
  cr_expect_eq(found.kinds[RATION_MANAGER_FRAME].parts, 1);
  ration_manager_done(&manager);
}

Test(kit_manager, refuses_what_cannot_be) {
  struct ration_manager manager = {.arena_count = 0};
  struct ration_manager_figures found;
  ration_manager_done(&manager);
  ration_manager_done(NULL);
  expect_null(ration_manager_global(&manager), EINVAL);
  expect_null(ration_manager_thread(NULL), EINVAL);
  expect_null(ration_manager_frame(&manager), EINVAL);
  expect_null(ration_manager_arena(&manager, "a"), EINVAL);
  expect_null(ration_manager_find_arena(&manager, "a"), EINVAL);
  expect_null(ration_manager_stack(&manager, "a"), EINVAL);
  cr_expect_eq(ration_manager_flip(&manager), -EINVAL);
  cr_expect_eq(ration_manager_reset(NULL), -EINVAL);
  cr_expect_eq(ration_manager_stats(&manager, &found), -EINVAL);
  cr_expect_eq(ration_manager_visit(&manager, NULL, NULL), -EINVAL);
  cr_expect_not(ration_manager_is_valid(&manager));
  cr_expect_eq(ration_manager_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(
      ration_manager_init(&manager, NULL, &(struct ration_manager_settings){.heap = {.chunk_bytes = 1}}),
      -EINVAL);
  cr_expect_eq(ration_manager_init(&manager, NULL, &(struct ration_manager_settings){.arena = {.keep = 7}}),
               -EINVAL);
  cr_expect_eq(ration_manager_init(&manager, NULL, &(struct ration_manager_settings){.frame = {.keep = 7}}),
               -EINVAL);
  cr_expect_eq(ration_manager_init(&manager, NULL,
                                   &(struct ration_manager_settings){.stack = {.block_bytes = SIZE_MAX}}),
               -EOVERFLOW);
  struct ration_manager_settings settings = {.arenas_most = 1, .stacks_most = 2};
  cr_assert_eq(ration_manager_init(&manager, NULL, &settings), 0);
  expect_null(ration_manager_arena(&manager, NULL), EINVAL);
  expect_null(ration_manager_arena(&manager, ""), EINVAL);
  expect_null(ration_manager_find_arena(&manager, ""), EINVAL);
  expect_null(ration_manager_stack(&manager, ""), EINVAL);
  expect_null(ration_manager_stack(&manager, NULL), EINVAL);
  expect_null(ration_manager_arena_with(&manager, "a", &(struct ration_arena_settings){.keep = 7}), EINVAL);
  cr_expect_not_null(ration_manager_arena(&manager, "a"));
  expect_null(ration_manager_arena(&manager, "b"), ENOSPC);
  cr_expect_not_null(ration_manager_arena(&manager, "a"));
  cr_expect_not_null(ration_manager_stack(&manager, "a"));
  cr_expect_not_null(ration_manager_stack(&manager, "b"));
  expect_null(ration_manager_stack(&manager, "c"), ENOSPC);
  cr_expect_eq(ration_manager_stats(&manager, NULL), -EINVAL);
  cr_expect_eq(ration_manager_visit(&manager, NULL, NULL), -EINVAL);
  cr_expect(ration_manager_is_valid(&manager));
  struct ration_manager copy = manager;
  expect_null(ration_manager_arena(&copy, "a"), EINVAL);
  ration_manager_done(&manager);
}

Test(kit_manager, flips_and_resets_them_all) {
  struct ration_manager manager;
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  struct ration_memory *frame = ration_manager_frame(&manager),
                       *level = ration_manager_arena(&manager, "level");
  struct ration_memory *music = ration_manager_arena(&manager, "music");
  int *number = ration_memory_allocate(frame, sizeof *number, 4);
  struct ration_arena_reference reference = ration_frame_arena_refer(ration_frame_arena_of(frame), number);
  struct ration_arena_reference in_level =
      ration_arena_refer(ration_arena_of(level), ration_memory_allocate(level, 8, 8));
  ration_memory_allocate(music, 8, 8);
  cr_assert_eq(ration_manager_flip(&manager), 0);
  cr_expect_eq(ration_frame_arena_resolve(ration_frame_arena_of(frame), reference), number);
  cr_expect_not_null(ration_arena_resolve(ration_arena_of(level), in_level));
  cr_expect_eq(figures_of(&manager).kinds[RATION_MANAGER_ARENA].used, 16);
  cr_assert_eq(ration_manager_reset(&manager), 0);
  expect_null(ration_frame_arena_resolve(ration_frame_arena_of(frame), reference), ESTALE);
  expect_null(ration_arena_resolve(ration_arena_of(level), in_level), ESTALE);
  struct ration_manager_figures found = figures_of(&manager);
  cr_expect_eq(found.used, 0);
  cr_expect_eq(found.frame, 2);
  cr_expect_gt(found.kinds[RATION_MANAGER_ARENA].reserved, 0);
  ration_manager_done(&manager);
}

/* Notes what it sees, and uses the manager meanwhile. */
struct seen {
  struct ration_manager *manager;
  int parts, until;
  char text[200];
};

static int see(const struct ration_manager_part *part, void *context) {
  struct seen *seen = context;
  size_t length = strlen(seen->text);
  snprintf(seen->text + length, sizeof seen->text - length, "%u %s %zu %u; ", part->kind, part->name,
           part->used, part->thread);
  if (!part->memory || part->used > part->reserved) return -1;
  if (part->kind == RATION_MANAGER_ARENA && !ration_manager_arena(seen->manager, "meanwhile")) return -2;
  return ++seen->parts == seen->until ? 42 : 0;
}

Test(kit_manager, shows_its_parts) {
  struct ration_manager manager;
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  ration_memory_allocate(ration_manager_thread(&manager), 100, 8);
  void *large = ration_memory_allocate(ration_manager_thread(&manager), 10000, 8);
  ration_memory_allocate(ration_manager_frame(&manager), 5, 1);
  ration_memory_allocate(ration_manager_arena(&manager, "level"), 7, 1);
  ration_memory_allocate(ration_manager_stack(&manager, "job"), 16, 8);
  struct seen seen = {.manager = &manager};
  cr_expect_eq(ration_manager_visit(&manager, see, &seen), 0);
  cr_expect_str_eq(seen.text, "0  10112 0; 1  5 0; 2 level 7 0; 3 job 32 1; ");
  for (int until = 1; until <= 5; until++) {
    seen = (struct seen){.manager = &manager, .until = until};
    cr_expect_eq(ration_manager_visit(&manager, see, &seen), 42);
    cr_expect_eq(seen.parts, until);
  }
  ration_memory_release(ration_manager_thread(&manager), large, 10000, 8);
  ration_manager_done(&manager);
}

static int keep_frame(const struct ration_manager_part *part, void *context) {
  if (part->kind == RATION_MANAGER_FRAME) *(struct ration_manager_part *)context = *part;
  return 0;
}

Test(kit_manager, figures_of_a_part_are_of_all_that_it_has) {
  struct ration_manager manager;
  struct ration_manager_part frame = {.used = 0};
  struct ration_manager_figures with, without;
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  ration_memory_allocate(ration_manager_frame(&manager), 50, 1);
  ration_manager_flip(&manager);
  ration_memory_allocate(ration_manager_frame(&manager), 7, 1);
  cr_expect_eq(ration_manager_visit(&manager, keep_frame, &frame), 0);
  cr_expect_eq(frame.used, 57, "of both frames");
  cr_expect_eq(frame.high_water, 50);
  void *large = ration_memory_allocate(ration_manager_thread(&manager), 10000, 8);
  cr_assert_eq(ration_manager_stats(&manager, &with), 0);
  ration_memory_release(ration_manager_thread(&manager), large, 10000, 8);
  cr_assert_eq(ration_manager_stats(&manager, &without), 0);
  cr_expect_eq(with.kinds[RATION_MANAGER_THREAD].reserved - without.kinds[RATION_MANAGER_THREAD].reserved,
               10000);
  ration_manager_done(&manager);
}

/* Both of its keys are needed, and both come back. */
Test(kit_manager, says_where_the_process_has_no_key_left) {
  enum { KEYS = 1100 };
  static pthread_key_t keys[KEYS];
  struct failing_memory below;
  struct ration_manager manager = {.arena_count = 0};
  size_t count = 0;
  failing_memory_init(&below, SIZE_MAX);
  while (count < KEYS && !pthread_key_create(&keys[count], NULL)) count++;
  cr_assert_lt(count, KEYS);
  for (int left = 0; left < 2; left++) {
    cr_expect_eq(ration_manager_init(&manager, &below.memory, NULL), -ENOSPC);
    cr_expect_eq(below.blocks, 0);
    pthread_key_delete(keys[--count]);
  }
  for (int i = 0; i < 3; i++) {
    cr_expect_eq(ration_manager_init(&manager, &below.memory, NULL), 0);
    ration_manager_done(&manager);
  }
  cr_expect_eq(below.blocks, 0);
  while (count) pthread_key_delete(keys[--count]);
}

/* What is all zero, before init or after done, is no memory. */
static void expect_useless(struct ration_memory *memory) {
  char block[8];
  expect_null(ration_memory_allocate(memory, 8, 8), EINVAL);
  expect_null(ration_memory_allocate_array(memory, 8, 8, 8), EINVAL);
  expect_null(ration_memory_reallocate(memory, block, 8, 16, 8), EINVAL);
  cr_expect_eq(ration_memory_release(memory, block, 8, 8), -EINVAL);
}

Test(kit_manager, parts_that_are_done_serve_nobody) {
  struct ration_arena arena;
  struct ration_frame_arena frames;
  struct ration_stack stack;
  struct ration_heap heap = {.number = 0};
  expect_useless(&heap.memory);
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  cr_assert_eq(ration_frame_arena_init(&frames, NULL, NULL), 0);
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  cr_assert_eq(ration_heap_init(&heap, NULL, NULL), 0);
  ration_arena_done(&arena);
  ration_frame_arena_done(&frames);
  ration_stack_done(&stack);
  ration_heap_done(&heap);
  expect_useless(&arena.memory);
  expect_useless(&frames.memory);
  expect_useless(&stack.memory);
  expect_useless(&heap.memory);
}

struct idler {
  struct ration_manager *manager;
  pthread_barrier_t *barrier;
};

/* Has a cache of the heap and a stack, and waits. */
static void *idle(void *argument) {
  struct idler *idler = argument;
  ration_memory_allocate(ration_manager_thread(idler->manager), 40, 8);
  ration_memory_allocate(ration_manager_stack(idler->manager, "idle"), 40, 8);
  pthread_barrier_wait(idler->barrier);
  pthread_barrier_wait(idler->barrier);
  return NULL;
}

/* In the child: 0 if all parts serve it, and all that the parent had comes back. */
static int use_and_end(struct ration_manager *manager, const struct failing_memory *below) {
  struct ration_memory *parts[] = {
      ration_manager_thread(manager),         ration_manager_frame(manager),
      ration_manager_arena(manager, "level"), ration_manager_stack(manager, "a"),
      ration_manager_arena(manager, "new"),   ration_manager_stack(manager, "b")};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    void *block = parts[i] ? ration_memory_allocate(parts[i], 100, 8) : NULL;
    if (!block || ration_memory_release(parts[i], block, 100, 8)) return 1;
  }
  if (!ration_manager_is_valid(manager)) return 2;
  ration_manager_done(manager);
  return below->blocks ? 3 : 0;
}

Test(kit_manager, a_child_has_it_as_it_was) {
  struct failing_memory below;
  struct ration_manager manager;
  pthread_barrier_t barrier;
  pthread_t thread;
  int status = -1;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_manager_init(&manager, &below.memory, NULL), 0);
  pthread_barrier_init(&barrier, NULL, 2);
  ration_memory_allocate(ration_manager_thread(&manager), 100, 8);
  ration_memory_allocate(ration_manager_arena(&manager, "level"), 100, 8);
  ration_memory_allocate(ration_manager_stack(&manager, "a"), 100, 8);
  struct idler idler = {&manager, &barrier};
  cr_assert_eq(pthread_create(&thread, NULL, idle, &idler), 0);
  pthread_barrier_wait(&barrier);
  pid_t child = fork();
  if (child == 0) _exit(use_and_end(&manager, &below));
  cr_expect_eq(waitpid(child, &status, 0), child);
  cr_expect_eq(status, 0);
  pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);
  cr_expect(ration_manager_is_valid(&manager));
  ration_manager_done(&manager);
  cr_expect_eq(below.blocks, 0);
}

static int run_short(size_t left) {
  struct failing_memory below;
  struct ration_manager manager, before;
  struct ration_manager_settings settings = {
      .frame = {.is_fixed = 1}, .arena = {.is_fixed = 1}, .stack = {.is_fixed = 1}};
  int refused = 0;
  failing_memory_init(&below, left);
  memset(&manager, 0x11, sizeof manager);
  memcpy(&before, &manager, sizeof manager);
  int error = ration_manager_init(&manager, &below.memory, &settings);
  if (error) {
    cr_expect_eq(error, -ENOMEM);
    cr_expect_eq(memcmp(&manager, &before, sizeof manager), 0);
    cr_expect_eq(below.blocks, 0);
    return ENOMEM;
  }
  static const char *const names[] = {"one", "two"};
  for (int i = 0; i < 2; i++) {
    struct ration_memory *arena = ration_manager_arena(&manager, names[i]),
                         *stack = ration_manager_stack(&manager, names[i]);
    if (!arena || !stack) refused = errno;
    if (arena && !ration_memory_allocate(arena, 100, 8)) refused = errno;
    if (!ration_memory_allocate(ration_manager_thread(&manager), 100, 8)) refused = errno;
    cr_expect(ration_manager_is_valid(&manager));
  }
  ration_manager_done(&manager);
  cr_expect_eq(below.bytes, 0);
  cr_expect(refused == 0 || refused == ENOMEM);
  return refused;
}

Test(kit_manager, survives_each_request_that_fails_below) {
  size_t left = 0;
  while (run_short(left)) left++;
  cr_expect_geq(left, 10);
}

/* Against a table of what each name was given. */
Test(kit_manager, names_keep_their_blocks_at_random) {
  enum { NAMES = 40 };
  struct random random = {.seed = 17};
  struct ration_manager manager;
  size_t used[NAMES] = {0}, all = 0;
  struct ration_memory *arenas[NAMES] = {NULL};
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  for (int step = 0; step < 3000; step++) {
    size_t i = random_below(&random, NAMES), size = 1 + random_size(&random, 2000);
    char name[80];
    snprintf(name, sizeof name, "%zu%.*s", i, (int)i, "________________________________________");
    struct ration_memory *arena = ration_manager_arena(&manager, name);
    cr_assert(!arenas[i] || arenas[i] == arena);
    arenas[i] = arena;
    if (random_below(&random, 50) == 0) {
      ration_arena_reset(ration_arena_of(arena));
      all -= used[i], used[i] = 0;
    } else {
      cr_assert_not_null(ration_memory_allocate(arena, size, 1));
      all += size, used[i] += size;
    }
    if (step % 100 == 0) cr_assert_eq(figures_of(&manager).kinds[RATION_MANAGER_ARENA].used, all);
  }
  ration_manager_done(&manager);
}

struct numbers {
  pthread_barrier_t *barrier;
  struct ration_manager *manager;
  int count;
  uint32_t seen[3];
};

static int note_number(const struct ration_manager_part *part, void *context) {
  struct numbers *numbers = context;
  if (part->kind == RATION_MANAGER_STACK) numbers->seen[numbers->count++] = part->thread;
  return 0;
}

static void *have_a_stack(void *argument) {
  struct numbers *numbers = argument;
  void *stack = ration_manager_stack(numbers->manager, "job");
  pthread_barrier_wait(numbers->barrier);
  pthread_barrier_wait(numbers->barrier);
  return stack ? NULL : argument;
}

Test(kit_manager, threads_have_numbers_of_their_own) {
  struct ration_manager manager;
  pthread_barrier_t barrier;
  pthread_t threads[2];
  struct numbers numbers = {.barrier = &barrier, .manager = &manager};
  cr_assert_eq(ration_manager_init(&manager, NULL, NULL), 0);
  pthread_barrier_init(&barrier, NULL, 3);
  cr_assert_not_null(ration_manager_stack(&manager, "job"));
  for (int i = 0; i < 2; i++) cr_assert_eq(pthread_create(&threads[i], NULL, have_a_stack, &numbers), 0);
  pthread_barrier_wait(&barrier);
  cr_expect_eq(ration_manager_visit(&manager, note_number, &numbers), 0);
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(numbers.count, 3);
  cr_expect_eq(numbers.seen[0] + numbers.seen[1] + numbers.seen[2], 1 + 2 + 3);
  ration_manager_done(&manager);
}

static struct ration_manager flipping;
static int is_over;

static void *read_figures(void *unused) {
  while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
    struct ration_manager_figures found;
    if (ration_manager_stats(&flipping, &found)) return &is_over;
    if (found.kinds[RATION_MANAGER_FRAME].used > 2 * 64) return &is_over;
  }
  return unused;
}

Test(kit_manager, figures_can_be_read_during_flips) {
  pthread_t thread;
  void *failed;
  cr_assert_eq(ration_manager_init(&flipping, NULL, NULL), 0);
  cr_assert_eq(pthread_create(&thread, NULL, read_figures, NULL), 0);
  for (int i = 0; i < 3000; i++) {
    cr_assert_not_null(ration_memory_allocate(ration_manager_frame(&flipping), 64, 64));
    cr_assert_not_null(ration_memory_allocate(ration_manager_arena(&flipping, "level"), 64, 64));
    ration_manager_flip(&flipping);
    if (i % 10 == 0) ration_manager_reset(&flipping);
  }
  __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
  pthread_join(thread, &failed);
  cr_expect_null(failed);
  ration_manager_done(&flipping);
}

#define THREADS 8
static struct ration_manager shared;

static void *use(void *argument) {
  uintptr_t self = (uintptr_t)argument;
  static const char *const names[] = {"a", "b", "c", "d"};
  for (int i = 0; i < 300; i++) {
    struct ration_memory *arena = ration_manager_arena(&shared, names[(self + (unsigned)i) % 4]);
    struct ration_memory *stack = ration_manager_stack(&shared, names[i % 4]);
    struct ration_memory *heap = ration_manager_thread(&shared), *frame = ration_manager_frame(&shared);
    uintptr_t *words[4] = {ration_memory_allocate(arena, 64, 8), ration_memory_allocate(stack, 64, 8),
                           ration_memory_allocate(heap, 64, 8), ration_memory_allocate(frame, 64, 8)};
    for (int j = 0; j < 4; j++) {
      if (!words[j]) return (void *)1; /* a block is missing */
      for (int k = 0; k < 8; k++) words[j][k] = self;
    }
    struct ration_manager_figures found;
    if (i % 50 == 0 && ration_manager_stats(&shared, &found)) return (void *)2; /* no figures */
    for (int j = 0; j < 4; j++)
      for (int k = 0; k < 8; k++)
        if (words[j][k] != self) return (void *)3;                       /* a block was another's */
    if (ration_memory_release(stack, words[1], 64, 8)) return (void *)4; /* a stack was another's */
    if (ration_memory_release(heap, words[2], 64, 8)) return (void *)5;  /* not the heap's */
  }
  return NULL;
}

Test(kit_manager, eight_threads_share_it) {
  struct failing_memory below;
  pthread_t threads[THREADS];
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_manager_init(&shared, &below.memory, NULL), 0);
  ration_manager_stack(&shared, "main");
  for (uintptr_t i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, use, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed, "step %d", (int)(uintptr_t)failed);
  }
  struct ration_manager_figures found = figures_of(&shared);
  cr_expect_eq(found.kinds[RATION_MANAGER_ARENA].parts, 4);
  cr_expect_eq(found.kinds[RATION_MANAGER_ARENA].used, THREADS * 300 * 64);
  cr_expect_eq(found.kinds[RATION_MANAGER_FRAME].used, THREADS * 300 * 64);
  cr_expect_eq(found.kinds[RATION_MANAGER_THREAD].used, 0);
  cr_expect_eq(found.kinds[RATION_MANAGER_STACK].parts, 1, "those of threads that ended are gone");
  ration_manager_done(&shared);
  cr_expect_eq(below.bytes, 0);
  cr_expect_eq(below.blocks, 0);
}
