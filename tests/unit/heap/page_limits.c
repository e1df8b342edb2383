/*
 * page_limits.c: tests of the page heap (src/heap/page/) where the system has no more to give: what counts as the process's
 * memory follows use, and what cannot be had is refused, and nothing else lost.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "heap/page/openings.h"
#include "heap/page/page_heap.h"
#include "heap/page/spans.h"

#define REGION ((size_t)1 << 33)
#define MIB    ((uint64_t)1 << 20)

static struct stock *prepare(void) {
  cr_assert_eq(page_heap_prepare(REGION, 0), 0);
  struct stock *stock = stock_begin();
  cr_assert_not_null(stock);
  return stock;
}

static void *take(struct stock *stock, size_t bytes) {
  return page_heap_take(stock, 7, bytes, 0, 0);
}

static void give(struct stock *stock, void *block) {
  page_heap_give(stock, page_heap_find(block), block);
}

/* A line of /proc/self/status, in bytes. */
static uint64_t status(const char *name) {
  char line[256];
  unsigned long kib = 0;
  FILE *file = fopen("/proc/self/status", "r");
  cr_assert_not_null(file);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0) sscanf(line + strlen(name), ": %lu", &kib);
  fclose(file);
  return kib * 1024;
}

static uint64_t data(void) {
  return status("VmData");
}

/* How many mappings of the process lie in the region and may be written. */
static uint32_t count_mappings(void) {
  char line[512];
  uint32_t count = 0;
  FILE *file = fopen("/proc/self/maps", "r");
  cr_assert_not_null(file);
  while (fgets(line, sizeof line, file)) {
    unsigned long start = strtoul(line, NULL, 16);
    count += start - (uintptr_t)region.start < region.bytes && strstr(line, " rw-p ");
  }
  fclose(file);
  return count;
}

/* What is in memory of the region. */
static uint64_t resident(void) {
  char line[512];
  uint64_t sum = 0;
  unsigned long start, end, kib;
  int is_within = 0;
  FILE *file = fopen("/proc/self/smaps", "r");
  cr_assert_not_null(file);
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
      is_within = start - (uintptr_t)region.start + SLOT_BYTES < region.bytes;
    else if (is_within && sscanf(line, "Rss: %lu", &kib) == 1)
      sum += (uint64_t)kib * 1024;
  }
  fclose(file);
  return sum;
}

/* So much more may be writable, as under strict overcommit, when the system has so much more. 0: an emulator takes no notice
   of limits, and there is nothing to see. */
static int may_limit_data(uint64_t more) {
  struct rlimit limit = {.rlim_cur = data() + more, .rlim_max = RLIM_INFINITY}, now;
  cr_assert_eq(setrlimit(RLIMIT_DATA, &limit), 0);
  cr_assert_eq(getrlimit(RLIMIT_DATA, &now), 0);
  return now.rlim_cur == limit.rlim_cur;
}

/* What runs after a test, the sanitizers' own look at leaks, say, has all again. */
static void lift_limits(void) {
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  cr_assert_eq(setrlimit(RLIMIT_DATA, &none), 0);
}

/* ---- what counts -------------------------------------------------------------------------------------------- */

Test(page_limits, of_a_span_what_is_used_is_open) {
  struct stock *stock = prepare();
  uint64_t before = data();
  char *block = take(stock, 1100 * MIB);
  cr_assert_not_null(block);
  cr_expect_geq(data() - before, 1100 * MIB);
  cr_expect_leq(data() - before, 1100 * MIB + 16 * MIB, "%lu", data() - before);
  cr_assert(page_heap_resize(page_heap_find(block), 1500 * MIB));
  cr_expect_leq(data() - before, 1500 * MIB + 16 * MIB);
  block[1500 * MIB - 1] = 1;
  cr_assert(page_heap_resize(page_heap_find(block), 1100 * MIB));
  cr_expect_leq(data() - before, 1100 * MIB + 16 * MIB);
  cr_assert(page_heap_resize(page_heap_find(block), 1500 * MIB));
  cr_expect_eq(block[1500 * MIB - 1], 0, "it went back");
  give(stock, block);
  spans_purge();
  cr_expect_leq(data() - before, 16 * MIB);
  cr_expect(page_heap_is_valid());
}

Test(page_limits, small_blocks_open_little_more_than_they_need) {
  struct stock *stock = prepare();
  uint64_t before = data();
  for (uint32_t i = 0; i < 100000; i++) cr_assert_not_null(take(stock, 1000));
  uint64_t used = UINT64_C(100000) * 1008;
  cr_expect_geq(data() - before, used);
  cr_expect_leq(data() - before, used + used / 6 + MIB);
}

/* However blocks come and go, they do not take up the mappings of a process, of which there are 65,530. */
Test(page_limits, mappings_are_bounded) {
  struct stock *stock = prepare();
  enum { BLOCKS = 5000 };
  static char *blocks[BLOCKS];
  for (uint32_t i = 0; i < BLOCKS; i++) {
    cr_assert_not_null(blocks[i] = take(stock, 130 << 10)); /* three slots of four */
    *blocks[i] = 1;
  }
  uint32_t runs = openings_figures().runs;
  cr_expect_leq(runs, 4097);
  cr_expect_leq(count_mappings(), runs + 2);
  /* What lay between is used, and all is one again. */
  for (uint32_t i = 0; i < BLOCKS; i++) {
    cr_assert(page_heap_resize(page_heap_find(blocks[i]), 256 << 10));
    blocks[i][(256 << 10) - 1] = 1;
  }
  cr_expect_leq(openings_figures().runs, 16);
  cr_expect_leq(count_mappings(), openings_figures().runs + 2);
}

/* ---- where there is no more ---------------------------------------------------------------------------------- */

Test(page_limits, what_cannot_be_had_is_refused_and_no_block_lost, .fini = lift_limits) {
  struct stock *stock = prepare();
  enum { BLOCKS = 200 };
  static char *blocks[BLOCKS];
  if (!may_limit_data(64 * MIB)) return;
  uint32_t count = 0;
  while (count < BLOCKS && (blocks[count] = take(stock, MIB))) memset(blocks[count++], 1, MIB);
  cr_expect_geq(count, 60, "%u", count);
  cr_expect_leq(count, 64);
  cr_expect_null(take(stock, 8 * MIB));
  cr_expect_eq(page_heap_move(stock, page_heap_find(blocks[0]), blocks[0], 9 * MIB), NULL);
  cr_expect_eq(blocks[0][MIB - 1], 1);
  cr_expect(page_heap_is_valid());
  for (uint32_t i = 0; i < count; i++) give(stock, blocks[i]);
  cr_expect_not_null(take(stock, 55 * MIB), "what was free is closed for it");
  cr_expect(page_heap_is_valid());
}

Test(page_limits, small_pages_are_refused_and_come_back, .fini = lift_limits) {
  struct stock *stock = prepare();
  enum { BLOCKS = 4000 };
  static char *blocks[BLOCKS];
  if (!may_limit_data(16 * MIB)) return;
  uint32_t count = 0;
  while (count < BLOCKS && (blocks[count] = take(stock, 8 << 10))) memset(blocks[count++], 1, 8 << 10);
  cr_expect_geq(count, 1800, "%u", count);
  cr_expect_leq(count, 2048);
  for (uint32_t i = 0; i < count; i++) give(stock, blocks[i]);
  page_heap_trim(stock);
  cr_expect_not_null(take(stock, 14 * MIB));
  cr_expect(page_heap_is_valid());
}

/* Where it is there would be addresses for it. */
Test(page_limits, a_block_that_cannot_grow_is_as_it_was, .fini = lift_limits) {
  struct stock *stock = prepare();
  char *block = take(stock, 20 * MIB);
  memset(block, 1, 20 * MIB);
  if (!may_limit_data(8 * MIB)) return;
  cr_expect_not(page_heap_resize(page_heap_find(block), 31 * MIB));
  cr_expect_null(page_heap_move(stock, page_heap_find(block), block, 31 * MIB));
  cr_expect_eq(page_heap_usable(page_heap_find(block)), 20 * MIB);
  cr_expect_eq(block[20 * MIB - 1], 1);
  cr_expect(page_heap_resize(page_heap_find(block), 27 * MIB));
  block[27 * MIB - 1] = 1;
  cr_expect(page_heap_is_valid());
}

/* Of blocks of 1 MiB two that lie side by side, the first of them where 2 MiB begin. */
static char *take_pair(struct stock *stock) {
  static char *blocks[64];
  for (uint32_t i = 0; i < 64; i++) {
    cr_assert_not_null(blocks[i] = take(stock, MIB));
    memset(blocks[i], (int)i + 1, MIB);
  }
  for (uint32_t i = 0; i < 64; i++)
    for (uint32_t j = 0; j < 64; j++)
      if ((blocks[i] - region.start) % (ptrdiff_t)(2 * MIB) == 0 && blocks[j] == blocks[i] + MIB)
        return blocks[i];
  cr_assert_fail("there is one");
  return NULL;
}

/* Twice the block would not fit. */
Test(page_limits, a_large_block_grows_into_what_is_free_behind_it, .fini = lift_limits) {
  struct stock *stock = prepare();
  char *block = take_pair(stock), first = *block;
  struct heap_page *span = page_heap_find(block);
  cr_expect_neq(page_heap_move(stock, span, block, MIB + 1), block, "there is another block");
  block = take_pair(stock), first = *block, span = page_heap_find(block);
  give(stock, block + MIB);
  spans_purge();
  if (!may_limit_data(MIB + MIB / 8)) return;
  cr_assert_eq(page_heap_move(stock, span, block, 2 * MIB), block);
  cr_expect_eq(page_heap_usable(span), 2 * MIB);
  cr_expect_eq(block[0], first);
  cr_expect_eq(block[MIB - 1], first);
  cr_expect_eq(block[2 * MIB - 1], 0);
  cr_expect(page_heap_is_valid());
  lift_limits();
  give(stock, block);
  cr_expect(page_heap_is_valid());
}

/* What was written there before is known to be so. */
Test(page_limits, a_block_that_has_grown_goes_back_whole) {
  struct stock *stock = prepare();
  spans_set_decay(100000);
  char *block = take_pair(stock);
  give(stock, block + MIB);
  cr_assert_eq(page_heap_move(stock, page_heap_find(block), block, MIB + 4096), block);
  give(stock, block);
  for (int i = 0; i < 100; i++) {
    char *zeroed = page_heap_take(stock, 7, 2 * MIB, 0, 1);
    for (size_t at = 0; at < 2 * MIB; at += 64) cr_assert_eq(zeroed[at], 0);
  }
  cr_expect(page_heap_is_valid());
}

/* Where the page heap has refused, what it has free is for the system heap. */
Test(page_limits, a_refusal_leaves_what_is_free_to_others, .fini = lift_limits) {
  struct stock *stock = prepare();
  if (!may_limit_data(64 * MIB)) return;
  give(stock, take(stock, 60 * MIB));
  cr_expect_null(take(stock, 100 * MIB));
  void *others = mmap(NULL, 60 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_expect_neq(others, MAP_FAILED);
}

/* ---- address space ------------------------------------------------------------------------------------------- */

Test(page_limits, addresses_that_were_never_used_can_be_given_back) {
  struct stock *stock = prepare();
  char *block = take(stock, 10 * MIB);
  void *small = take(stock, 100);
  uint64_t before = status("VmSize");
  spans_shrink();
  cr_expect_geq(before - status("VmSize"), REGION - 64 * MIB);
  before = status("VmSize");
  stocks_shrink();
  cr_expect_geq(before - status("VmSize"), 319 * MIB, "of %d stocks one is left", STOCKS_MOST);
  cr_expect_null(stock_begin());
  page_heap_end(stock);
  cr_expect_eq(stock_begin(), stock, "that one");
  memset(block, 1, 10 * MIB);
  cr_expect_null(take(stock, 1000 * MIB));
  cr_expect_not_null(take(stock, 100), "there is room in a page");
  cr_expect_null(page_heap_find(region.start + REGION - 1));
  give(stock, small);
  give(stock, block);
  cr_expect_not_null(take(stock, 9 * MIB), "where one was");
  spans_shrink();
  cr_expect(page_heap_is_valid());
}

/* ---- locked, and huge ---------------------------------------------------------------------------------------- */

/* What is open, and no more. Who may not lock all memory has nothing to see. */
Test(page_limits, where_all_memory_is_locked_what_is_open_is_resident) {
  struct stock *stock = prepare();
  void *early = take(stock, 10 * MIB);
  cr_expect_eq(resident(), 0);
  if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0 || status("VmLck") == 0) return; /* sanitizers pretend to */
  cr_expect_geq(resident(), 10 * MIB);
  cr_expect_leq(resident(), 11 * MIB);
  char *block = page_heap_take(stock, 7, 70 * MIB, 0, 1);
  cr_assert_not_null(block);
  cr_expect_geq(resident(), 80 * MIB);
  cr_expect_leq(resident(), 82 * MIB, "of 128 MiB that the span has");
  memset(block, 1, 70 * MIB);
  give(stock, block);
  give(stock, early);
  spans_purge();
  cr_expect_leq(resident(), 12 * MIB, "what was closed is gone");
  block = page_heap_take(stock, 7, 70 * MIB, 0, 1);
  cr_expect_geq(resident(), 70 * MIB);
  for (size_t i = 0; i < 70 * MIB; i += 1000) cr_assert_eq(block[i], 0);
  cr_expect(page_heap_is_valid());
}

/* Few blocks in each of many pages, and one of just over two huge pages, by either rule. */
static void expect_little_resident(int is_always) {
  struct stock *stock = prepare();
  region.has_huge = (uint32_t)is_always;
  uint64_t before = resident();
  for (size_t bytes = 16; bytes < SIZE_CLASSED_MOST; bytes += bytes / 4) *(char *)take(stock, bytes) = 1;
  cr_expect_leq(resident() - before, 4 * MIB, "%lu", resident() - before);
  before = resident();
  char *block = take(stock, 5 * MIB);
  memset(block, 1, 5 * MIB);
  cr_expect_geq(resident() - before, 4 * MIB);
  cr_expect_leq(resident() - before, 6 * MIB);
  give(stock, block);
  spans_purge();
  cr_expect_leq(resident() - before, MIB);
}

/* A huge page for whoever says yes to it is what "always" gives to who has not said no: large blocks say yes then. */
Test(page_limits, huge_pages_are_no_more_than_blocks_need) {
  expect_little_resident(1);
}

Test(page_limits, without_huge_pages_it_is_the_same) {
  if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) < 0) return; /* there is an emulator in between */
  expect_little_resident(0);
}
