/*
 * page_stress.c: a stress of the page heap (src/heap/page/): threads that come and end at any moment take, resize and free
 * blocks of all sizes, their own and others', while free memory goes back to the system at once, and while the process forks.
 * No block is anybody else's meanwhile, children go on alone, and in the end nothing is held.
 *
 * RATION_LONG=1: thirty times as long.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomics.h"
#include "base/random.h"
#include "heap/page/census.h"
#include "heap/page/spans.h"

#define REGION     ((size_t)1 << 34)
#define THREADS    6
#define PLACES     512
#define LIFE       3000 /* operations of a thread, until it ends and another one begins */
#define CATEGORIES 4
#define CHILDREN   20

/* Whoever takes a block out of a place has it alone. */
static uint64_t *places[PLACES];
static uint32_t is_over, faults, refusals;

static uint64_t sign_of(const uint64_t *block, size_t bytes) {
  return (uint64_t)(uintptr_t)block * UINT64_C(0x9e3779b97f4a7c15) + bytes;
}

/* Size first, signature second, and last. */
static void sign(uint64_t *block, size_t bytes) {
  block[0] = bytes;
  block[1] = sign_of(block, bytes);
  block[bytes / 8 - 1] = block[1];
}

static void check(const uint64_t *block, const uint64_t *was_at) {
  uint64_t bytes = block[0], expected = sign_of(was_at, bytes);
  struct heap_page *page = page_heap_find(block);
  int is_whole =
      page && page_heap_is_held(page, block) && page_heap_usable(page) >= bytes && block[1] == expected;
  if (!is_whole) add_relaxed(&faults, 1); /* a count */
}

/* One of so many is large. */
static size_t some_size(struct random *random, uint64_t large_every) {
  int is_large = random_below(random, large_every) == 0;
  size_t bytes = is_large ? (64 << 10) + random_below(random, 3 << 20) : 24 + random_size(random, 4000);
  return bytes / 8 * 8;
}

static uint64_t *take(struct stock *stock, struct random *random) {
  size_t bytes = some_size(random, 40);
  uint64_t *block = page_heap_take(stock, 1 + (uint32_t)random_below(random, CATEGORIES), bytes, 0,
                                   random_below(random, 2) == 0);
  if (block)
    sign(block, bytes);
  else
    add_relaxed(&refusals, 1); /* a count */
  return block;
}

static void give(struct stock *stock, uint64_t *block) {
  check(block, block);
  if (block[block[0] / 8 - 1] != block[1]) add_relaxed(&faults, 1); /* a count */
  block[1] = 0;
  page_heap_give(stock, page_heap_find(block), block);
}

static uint64_t *resize(struct stock *stock, struct random *random, uint64_t *block) {
  struct heap_page *page = page_heap_find(block);
  size_t old = block[0], bytes = some_size(random, page->kind == SLOT_LARGE ? 2 : 40);
  check(block, block);
  uint64_t *moved = page_heap_resize(page, bytes) ? block : page_heap_move(stock, page, block, bytes);
  if (!moved) return block;
  if (bytes >= old) check(moved, block);
  sign(moved, bytes);
  return moved;
}

static void step(struct stock *stock, struct random *random) {
  uint64_t **place = &places[random_below(random, PLACES)];
  uint64_t *block = exchange_acquire(place, NULL); /* pairs with step */
  uint64_t what = random_below(random, 8);
  if (!block)
    block = take(stock, random);
  else if (what < 3)
    block = resize(stock, random, block);
  else
    give(what == 7 ? NULL : stock, block), block = NULL; /* NULL: as a thread that has ended */
  uint64_t *nothing = NULL;
  if (block && !cas_acq_rel(place, &nothing, block)) give(stock, block); /* pairs with step */
}

static void *live(void *seed) {
  struct random random = {.seed = (uint64_t)(uintptr_t)seed};
  while (!load_relaxed(&is_over)) { /* soon enough */
    struct stock *stock = stock_begin();
    uint64_t life = 1 + random_below(&random, LIFE);
    for (uint64_t i = 0; stock && i < life; i++) {
      step(stock, &random);
      if (i % 64 == 0) stock_tend_in_turn(stock, i * 10);
    }
    if (stock) page_heap_end(stock);
  }
  return NULL;
}

/* It has one thread, and is where its parent was, whatever others were at. */
static void be_child(struct stock *own, uint64_t seed) {
  static struct census census;
  struct random random = {.seed = seed};
  alarm(60);
  spans_after_fork(1);
  stocks_after_fork(own);
  for (int i = 0; i < LIFE; i++) step(own, &random);
  census_take(&census);
  page_heap_trim(own);
  _exit(load_relaxed(&faults) != 0); /* its own by now */
}

static void fork_once(struct stock *own, uint64_t seed) {
  int status, has_handlers = seed % 2 == 0;
  if (has_handlers) spans_before_fork();
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  if (pid == 0) be_child(own, seed);
  if (has_handlers) spans_after_fork(0);
  cr_assert_gt(pid, 0);
  cr_assert_eq(waitpid(pid, &status, 0), pid);
  cr_assert_eq(status, 0, "child %lu: %x", (unsigned long)seed, (unsigned)status);
}

static int has_forks(void) {
#if defined(__SANITIZE_THREAD__)
  return 0; /* a child of many threads may not do much there */
#else
  return 1;
#endif
}

/* The sanitizers' own memory would be no less scarce, and they end the program then. */
static int may_be_scarce(void) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 0;
#else
  return 1;
#endif
}

/* So many bytes more may be written to, in all. */
static void limit_data(uint64_t more) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  cr_assert(file && fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages) == 1); /* with the stack */
  fclose(file);
  uint64_t limit = more == RLIM_INFINITY ? RLIM_INFINITY : pages * (uint64_t)sysconf(_SC_PAGESIZE) + more;
  cr_assert_eq(setrlimit(RLIMIT_DATA, &(struct rlimit){limit, RLIM_INFINITY}), 0);
}

/* What runs after a test has all again. */
static void lift_limit(void) {
  limit_data(RLIM_INFINITY);
}

/* bytes_most: RLIM_INFINITY, or what blocks may take up, which is less than they would. */
static void stress(int is_hardened, uint64_t bytes_most) {
  static struct census census;
  pthread_t threads[THREADS];
  uint64_t rounds = getenv("RATION_LONG") ? 30 * CHILDREN : CHILDREN;
  struct random random = {.seed = 77};
  cr_assert_eq(page_heap_prepare(REGION, is_hardened), 0);
  spans_set_decay(0);
  struct stock *stock = stock_begin();
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, live, (void *)(i + 1)), 0);
  limit_data(bytes_most);
  for (uint64_t round = 0; round < rounds; round++) {
    for (int i = 0; i < LIFE; i++) step(stock, &random);
    stock_trim(stock);
    if (has_forks()) fork_once(stock, round);
  }
  store_relaxed(&is_over, 1); /* seen soon enough */
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_expect(page_heap_is_valid());
  for (int i = 0; i < PLACES; i++)
    if (places[i]) give(stock, places[i]);
  page_heap_trim(stock);
  census_take(&census);
  cr_expect_eq(load_relaxed(&faults), 0, "%u", load_relaxed(&faults));
  cr_expect_eq(census_total(&census).blocks, 0);
  cr_expect_eq(census_total(&census).held, 0);
  cr_expect_eq(spans_figures().dirty, 0);
  cr_expect(page_heap_is_valid());
}

Test(page_stress, threads_come_and_go_and_fork) {
  stress(0, RLIM_INFINITY);
  cr_expect_eq(load_relaxed(&refusals), 0);
}

Test(page_stress, hardened_they_do_the_same) {
  stress(1, RLIM_INFINITY);
  cr_expect_eq(load_relaxed(&refusals), 0);
}

Test(page_stress, where_memory_is_scarce_some_are_refused_and_none_is_lost, .fini = lift_limit) {
  if (!may_be_scarce()) return;
  stress(0, 2 << 20);
  struct rlimit limit;
  cr_assert_eq(getrlimit(RLIMIT_DATA, &limit), 0);
  if (limit.rlim_cur != RLIM_INFINITY)
    cr_expect_gt(load_relaxed(&refusals), 0); /* there is no emulator in between */
}
