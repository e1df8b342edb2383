/*
 * mapped.c: tests of src/track/mapped.c, by the very calls that the program makes.
 */
#include "track/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/random.h"
#include "os/mapping_calls.h"
#include "track/scope.h"
#include "track/tracked.h"

#define PAGE       4096
#define ANONYMOUS  (MAP_PRIVATE | MAP_ANONYMOUS)
#define CATEGORIES 3

static uint32_t ids[CATEGORIES + 1]; /* from 1 on */

static void start(const char *options) {
  setenv("RATION_OPTIONS", options, 1);
  tracked_start();
  for (uint32_t i = 1; i <= CATEGORIES; i++) ids[i] = tracked_category(i == 1 ? "a" : i == 2 ? "b" : "c");
}

static void *map_as(uint32_t number, void *address, size_t bytes, int flags) {
  scope_open(ids[number], FRAME);
  void *mapped = mapping_calls.first.map(address, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  scope_close(FRAME);
  return mapped;
}

static void expect_live(uint32_t number, uint64_t pages) {
  uint64_t bytes = load_relaxed(&segment.accounts[ids[number]].live_bytes);
  cr_assert_eq(bytes, pages * PAGE, "category %u has %lu, not %lu pages", number, (unsigned long)bytes / PAGE,
               (unsigned long)pages);
}

Test(mapped, counts_nothing_unless_it_is_asked_to) {
  start("");
  void *mapped = map_as(1, NULL, 10 * PAGE, ANONYMOUS);
  cr_assert_neq(mapped, MAP_FAILED);
  cr_assert_eq(mapping_calls.first.unmap(mapped, 10 * PAGE), 0);
  cr_assert_eq(segment.has_accounts, 0);
  cr_assert_eq((void *)mapping_calls.first.map, (void *)mapping_calls.next.map);
}

Test(mapped, counts_whole_pages_until_they_are_unmapped) {
  start("mmap=1");
  char *mapped = map_as(1, NULL, 10 * PAGE - 1, ANONYMOUS);
  char *shared = map_as(2, NULL, 1, MAP_SHARED | MAP_ANONYMOUS);
  expect_live(1, 10);
  expect_live(2, 1);
  errno = 77;
  cr_assert_eq(mapping_calls.first.unmap(mapped + 3 * PAGE, PAGE + 1), 0);
  expect_live(1, 8);
  cr_assert_eq(mapping_calls.first.unmap(mapped, 10 * PAGE), 0);
  cr_assert_eq(mapping_calls.first.unmap(mapped, 10 * PAGE), 0, "nothing is there any more");
  cr_assert_eq(mapping_calls.first.unmap(shared, 1), 0);
  cr_assert_eq(errno, 77);
  expect_live(1, 0);
  expect_live(2, 0);
  cr_assert_eq(segment.accounts[ids[1]].peak_bytes, 10 * PAGE);
}

Test(mapped, changes_nothing_where_a_call_fails) {
  start("mmap=1");
  char *mapped = map_as(1, NULL, 10 * PAGE, ANONYMOUS);
  cr_assert_eq(mapping_calls.first.unmap(mapped + 1, PAGE), -1);
  cr_assert_eq(errno, EINVAL);
  cr_assert_eq(mapping_calls.first.unmap(mapped, 0), -1);
  cr_assert_eq(mapping_calls.first.remap(mapped, 10 * PAGE, 20 * PAGE, -1, NULL), MAP_FAILED);
  cr_assert_eq(errno, EINVAL);
  cr_assert_eq(mapping_calls.first.remap(mapped, 10 * PAGE, (size_t)1 << 46, MREMAP_MAYMOVE, NULL),
               MAP_FAILED);
  cr_assert_eq(errno, ENOMEM);
  cr_assert_eq(map_as(2, mapped + 1, PAGE, ANONYMOUS | MAP_FIXED), MAP_FAILED);
  cr_assert_eq(map_as(2, NULL, 0, ANONYMOUS), MAP_FAILED);
  cr_assert_eq(map_as(2, NULL, SIZE_MAX, ANONYMOUS), MAP_FAILED);
  expect_live(1, 10);
  expect_live(2, 0);
}

#ifndef __SANITIZE_THREAD__ /* which clears its notes of so many bytes, whether they are unmapped or not */
Test(mapped, changes_nothing_where_all_is_to_be_unmapped) {
  start("mmap=1");
  char *mapped = map_as(1, NULL, 10 * PAGE, ANONYMOUS);
  cr_assert_eq(mapping_calls.first.unmap(mapped, SIZE_MAX - PAGE), -1);
  cr_assert_eq(mapping_calls.first.unmap(mapped, SIZE_MAX), -1);
  cr_assert_eq(mapping_calls.first.unmap(mapped, (size_t)1 << 63), -1);
  expect_live(1, 10);
}
#endif

Test(mapped, counts_no_file_and_no_stranger) {
  start("mmap=1");
  int file = open("/proc/self/exe", O_RDONLY);
  scope_open(ids[1], FRAME);
  void *mapped = mapping_calls.first.map64(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
  scope_close(FRAME);
  cr_assert_neq(mapped, MAP_FAILED);
  expect_live(1, 0);
  char *unseen = mmap(NULL, 4 * PAGE, PROT_READ, ANONYMOUS, -1, 0);
  unseen = mapping_calls.first.remap(unseen, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, NULL);
  cr_assert_neq((void *)unseen, MAP_FAILED);
  cr_assert_eq(mapping_calls.first.unmap(unseen, 8 * PAGE), 0);
  expect_live(1, 0);
  char *ours = map_as(1, NULL, 4 * PAGE, ANONYMOUS);
  scope_open(ids[2], FRAME);
  cr_assert_eq(mapping_calls.first.map(ours, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0),
               (void *)ours);
  scope_close(FRAME);
  expect_live(1, 3);
  expect_live(2, 0);
}

Test(mapped, follows_a_shared_mapping_that_is_mapped_once_more) {
  start("mmap=1");
  char *mapped = map_as(1, NULL, 4 * PAGE, MAP_SHARED | MAP_ANONYMOUS);
  char *copy = mapping_calls.first.remap(mapped, 0, 2 * PAGE, MREMAP_MAYMOVE, NULL);
  cr_assert_neq((void *)copy, MAP_FAILED);
  expect_live(1, 6);
  mapping_calls.first.unmap(mapped, 4 * PAGE);
  expect_live(1, 2);
  mapping_calls.first.unmap(copy, 2 * PAGE);
  expect_live(1, 0);
}

Test(mapped, passes_over_a_fork) {
  start("mmap=1");
  char *mapped = map_as(1, NULL, 10 * PAGE, ANONYMOUS);
  pid_t child = fork();
  if (child == 0) {
    int is_left = mapping_calls.first.unmap(mapped, 4 * PAGE) == 0;
    uint64_t live = segment.accounts[ids[1]].live_bytes;
    shared_file_remove(segment_home_path());
    _exit(is_left && process_state_now() == PROCESS_TRACKING && live == 6 * PAGE ? 0 : 1);
  }
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert_eq(status, 0);
  expect_live(1, 10);
  cr_assert_eq(mapping_calls.first.unmap(mapped, 10 * PAGE), 0);
  expect_live(1, 0);
}

/* Stretches of two categories by turns, which the kernel has as one mapping. */
static char *map_stripes(unsigned count) {
  char *stripes = mmap(NULL, count * (size_t)PAGE, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0);
  for (unsigned i = 0; i < count; i++)
    map_as(1 + i % 2, stripes + i * (size_t)PAGE, PAGE, ANONYMOUS | MAP_FIXED);
  return stripes;
}

Test(mapped, counts_the_end_of_many_at_once) {
  start("mmap=1");
  char *stripes = map_stripes(100);
  expect_live(1, 50);
  cr_assert_eq(mapping_calls.first.unmap(stripes + PAGE, 98 * PAGE), 0);
  expect_live(1, 1);
  expect_live(2, 1);
  cr_assert_eq(segment.process->accounts_lost, 0);
}

Test(mapped, says_so_where_too_many_move_at_once) {
  start("mmap=1");
  char *stripes = map_stripes(100);
  char *moved = mapping_calls.first.remap(stripes, 100 * PAGE, 100 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                                          mmap(NULL, 100 * PAGE, PROT_NONE, ANONYMOUS, -1, 0));
  cr_assert_neq((void *)moved, MAP_FAILED);
  expect_live(1, 8);
  expect_live(2, 8);
  cr_assert_eq(segment.process->accounts_lost, 1);
}

/* ---- against a table of pages -------------------------------------------------------------------------------- */

#define PAGES 16 /* as many pieces as are kept of what may have to be put back */

static unsigned char pages[PAGES]; /* number of the category; 0: not counted */
static char *window;               /* reserved by a mapping that went unseen */

static void check_all(int step) {
  uint64_t counts[CATEGORIES + 1] = {0};
  for (int i = 0; i < PAGES; i++) counts[pages[i]]++;
  for (uint32_t i = 1; i <= CATEGORIES; i++)
    cr_assert_eq(segment.accounts[ids[i]].live_bytes, counts[i] * PAGE, "step %d, category %u", step, i);
  cr_assert_eq(segment.process->accounts_lost, 0, "step %d", step);
}

struct span {
  size_t first;
  size_t count;
};

static struct span draw_span(struct random *random) {
  size_t first = random_below(random, PAGES);
  return (struct span){.first = first, .count = 1 + random_size(random, PAGES - first - 1)};
}

static void *at(struct span span) {
  return window + span.first * PAGE;
}

static void do_map(struct random *random) {
  struct span span = draw_span(random);
  unsigned char number = (unsigned char)(1 + random_below(random, CATEGORIES));
  cr_assert_eq(map_as(number, at(span), span.count * PAGE, ANONYMOUS | MAP_FIXED), at(span));
  memset(pages + span.first, number, span.count);
}

/* What is unmapped stays reserved, out of sight, so that nothing else comes there. */
static void reserve(struct span span) {
  cr_assert_neq(mmap(at(span), span.count * PAGE, PROT_NONE, ANONYMOUS | MAP_FIXED, -1, 0), MAP_FAILED);
}

static void do_unmap(struct random *random) {
  struct span span = draw_span(random);
  cr_assert_eq(mapping_calls.first.unmap(at(span), span.count * PAGE), 0);
  reserve(span);
  memset(pages + span.first, 0, span.count);
}

/* Within the window, to a place that overlaps neither; the kernel refuses what is more than one of its own mappings. */
static void do_remap(struct random *random) {
  struct span from = draw_span(random), to = draw_span(random);
  unsigned char moved[PAGES] = {0};
  int keeps = random_below(random, 4) == 0;
  if (keeps && to.first + from.count <= PAGES) to.count = from.count;
  if (from.first < to.first + to.count && to.first < from.first + from.count) return;
  int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (keeps ? MREMAP_DONTUNMAP : 0);
  void *result = mapping_calls.first.remap(at(from), from.count * PAGE, to.count * PAGE, flags, at(to));
  if (result == MAP_FAILED) return;
  for (size_t i = 0; i < to.count; i++) moved[i] = pages[from.first + (i < from.count ? i : from.count - 1)];
  if (!keeps) {
    memset(pages + from.first, 0, from.count);
    reserve(from);
  }
  memcpy(pages + to.first, moved, to.count);
}

/* Shrinks in place. What lies behind is gone. */
static void do_shrink(struct random *random) {
  struct span span = draw_span(random);
  size_t left = 1 + random_below(random, span.count);
  void *result = mapping_calls.first.remap(at(span), span.count * PAGE, left * PAGE, 0, NULL);
  if (result == MAP_FAILED || left == span.count) return;
  cr_assert_eq(result, at(span));
  struct span gone = {.first = span.first + left, .count = span.count - left};
  reserve(gone);
  memset(pages + gone.first, 0, gone.count);
}

/* So that the kernel has more than one mapping where the table has one, and calls fail. */
static void do_protect(struct random *random) {
  struct span span = draw_span(random);
  mprotect(at(span), span.count * PAGE, random_below(random, 2) ? PROT_READ : PROT_READ | PROT_WRITE);
}

Test(mapped, follows_a_table_of_pages_at_random, .timeout = 120) {
  static void (*const steps[])(struct random *) = {do_map,   do_map,    do_unmap,  do_remap,
                                                   do_remap, do_shrink, do_protect};
  struct random random = {.seed = 11};
  start("mmap=1");
  window = mmap(NULL, PAGES * PAGE, PROT_NONE, ANONYMOUS, -1, 0);
  for (int step = 0; step < 100000; step++) {
    steps[random_below(&random, sizeof steps / sizeof *steps)](&random);
    check_all(step);
  }
  cr_assert_eq(segment.process->accounts_lost, 0);
  cr_assert_eq(mapping_calls.first.unmap(window, PAGES * PAGE), 0);
  memset(pages, 0, sizeof pages);
  check_all(-1);
}

/* ---- threads ------------------------------------------------------------------------------------------------- */

#define THREADS 8

static char *handed[THREADS];
static pthread_barrier_t scopes_are_open; /* which maps pages of the shim's, unseen by ThreadSanitizer */

static void *map_and_hand_on(void *number) {
  uintptr_t own = (uintptr_t)number;
  scope_open(ids[1 + own % CATEGORIES], FRAME);
  pthread_barrier_wait(&scopes_are_open);
  for (int i = 0; i < 2000; i++) {
    size_t count = 1 + (size_t)i % 5;
    char *mapped = mapping_calls.first.map(NULL, count * PAGE, PROT_READ, ANONYMOUS, -1, 0);
    cr_assert_neq((void *)mapped, MAP_FAILED);
    *(volatile char *)mapped;
    mapped = mapping_calls.first.remap(mapped, count * PAGE, 5 * PAGE, MREMAP_MAYMOVE, NULL);
    cr_assert_neq((void *)mapped, MAP_FAILED);
    char *other = __atomic_exchange_n(&handed[(own + (uintptr_t)i) % THREADS], mapped, __ATOMIC_ACQ_REL);
    if (other) cr_assert_eq(mapping_calls.first.unmap(other, 5 * PAGE), 0);
  }
  scope_close(FRAME);
  return NULL;
}

Test(mapped, loses_nothing_between_threads, .timeout = 120) {
  pthread_t threads[THREADS];
  start("mmap=1");
  pthread_barrier_init(&scopes_are_open, NULL, THREADS);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, map_and_hand_on, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  uint64_t live = 0;
  for (uint32_t i = 1; i <= CATEGORIES; i++) live += segment.accounts[ids[i]].live_bytes;
  cr_assert_eq(live, THREADS * 5 * PAGE);
  for (int i = 0; i < THREADS; i++) cr_assert_eq(mapping_calls.first.unmap(handed[i], 5 * PAGE), 0);
  for (uint32_t i = 1; i <= CATEGORIES; i++) expect_live(i, 0);
  cr_assert_eq(segment.process->accounts_lost, 0);
}
