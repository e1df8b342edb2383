/*
 * Tests of symbols on a program of some size: these tests themselves, and in time.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "symbols/symbols.h"

extern const char __executable_start[], etext[];

static char path[512];
static struct symbols *symbols;
static const struct symbol_module module = {.path = path};

static void set_up(void) {
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  cr_assert_gt(length, 0);
  path[length] = 0;
  struct symbol_places places = {0};
  symbols = symbols_open(&places);
}

static void tear_down(void) {
  symbols_close(symbols);
}

static uint64_t in_file(uintptr_t address) {
  return address - (uintptr_t)__executable_start;
}

__attribute__((noinline)) static const void *where_this_returns(void) {
  __asm__ volatile("" ::: "memory");
  return __builtin_return_address(0);
}

Test(symbols_own, return_addresses_are_calls, .init = set_up, .fini = tear_down) {
  struct symbol_chain chain;
  const void *address = where_this_returns();
  uint32_t line = __LINE__ - 1;
  cr_assert_eq(symbols_find(symbols, &module, in_file((uintptr_t)address), &chain), 0);
  cr_assert_gt(chain.count, 0);
  cr_expect(strstr(chain.frames[0].function, "return_addresses_are_calls"), "%s", chain.frames[0].function);
  cr_expect(strstr(chain.frames[0].file, "tests/unit/symbols/own.c"), "%s", chain.frames[0].file);
  cr_expect_eq(chain.frames[0].line, line);
}

/* Ten thousand addresses, each for the first time, in less than five seconds; a sanitizer may take longer. */
Test(symbols_own, are_found_in_time, .init = set_up, .fini = tear_down, .timeout = 60) {
  struct random random = {.seed = 1};
  uint64_t code = in_file((uintptr_t)etext), start = in_file((uintptr_t)&symbols_open) / 4096 * 4096;
  size_t known = 0, lines = 0, inlined = 0;
  clock_t began = clock();
  for (int i = 0; i < 10000; i++) {
    struct symbol_chain chain;
    cr_assert_eq(symbols_find(symbols, &module, start + random_below(&random, code - start), &chain), 0);
    known += chain.count > 0;
    inlined += chain.count > 1;
    lines += chain.count > 0 && chain.frames[0].line > 0;
  }
  double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
  cr_expect_lt(seconds, 5.0, "%.2f s", seconds);
  cr_expect_gt(known, 8000, "%zu", known);
  cr_expect_gt(lines, 2000, "%zu", lines);
  cr_expect_gt(inlined, 200, "%zu", inlined);
}
