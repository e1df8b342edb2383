/*
 * unwind_entries.c: tests of src/os/unwind_entries.c: what it reads is what libunwind says.
 */
#include "os/unwind_entries.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "os/module.h"
#include "os/unwind_library.h"
#include "os/unwind_rule.h"
#include "os/unwind_table.h"

#if defined(__x86_64__)

#define PACE 24 /* bytes of code between two questions: a few in each function */

struct tally {
  unsigned asked, answered, ends, differing;
};

static void compare_at(uintptr_t pc, struct tally *tally) {
  uint64_t rule = 0;
  tally->asked++;
  if (unwind_entries_ask(pc, &rule) < 0) return;
  tally->answered++;
  tally->ends += unwind_rule_kind(rule) == UNWIND_KIND_END;
  uint64_t expected = unwind_library_ask(pc);
  if (rule == expected) return;
  tally->differing++;
  fprintf(stderr, "at %#lx: %#lx, libunwind says %#lx\n", (unsigned long)pc, (unsigned long)rule,
          (unsigned long)expected);
}

/* All of the code that the module's table is about. */
static struct tally compare_module(const void *address) {
  struct unwind_table table;
  struct tally tally = {0};
  cr_assert_eq(unwind_table_find((uintptr_t)address, &table), 0);
  int32_t last;
  memcpy(&last, (const char *)table.entries + 8 * (size_t)(table.count - 1), sizeof last);
  int32_t first;
  memcpy(&first, (const void *)table.entries, sizeof first);
  uintptr_t end = table.header + (uintptr_t)(intptr_t)last;
  for (uintptr_t pc = table.header + (uintptr_t)(intptr_t)first + 1; pc < end; pc += PACE)
    compare_at(pc, &tally);
  return tally;
}

Test(unwind_entries, are_read_as_libunwind_reads_them, .timeout = 120) {
  static const char *const libraries[] = {"libc.so.6", "libstdc++.so.6", "libm.so.6", "libcriterion.so.3"};
  cr_assert_eq(unwind_library_open("libunwind-x86_64.so.8"), 0);
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    void *handle = dlopen(libraries[i], RTLD_NOW);
    const struct link_map *map = handle;
    if (!handle) continue;
    struct tally tally = compare_module(map->l_ld);
    cr_expect_eq(tally.differing, 0, "%s: %u of %u", libraries[i], tally.differing, tally.answered);
    cr_expect_geq(tally.answered, tally.asked / 100 * 95, "%s: %u of %u", libraries[i], tally.answered,
                  tally.asked);
    if (i == 0) cr_expect_gt(tally.asked, 10000);
  }
  struct tally own = compare_module((const void *)(uintptr_t)&compare_module);
  cr_expect_eq(own.differing, 0);
}

Test(unwind_entries, outside_every_module_are_none) {
  uint64_t rule;
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert_eq(unwind_entries_ask((uintptr_t)page + 100, &rule), 0);
  cr_expect_eq(unwind_rule_kind(rule), UNWIND_KIND_CHAIN);
}

#endif
