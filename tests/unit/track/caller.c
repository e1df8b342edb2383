/*
 * caller.c: tests of src/track/caller.c.
 */
#include "track/caller.h"

#include <criterion/criterion.h>
#include <gnu/libc-version.h>
#include <string.h>

#include "os/memory.h"
#include "os/module.h"
#include "track/tracked.h"

static const char *category_at(const void *address) {
  uint32_t id = caller_category((struct asker){(uintptr_t)address, NULL}, 1, thread.record);
  const struct ration_segment_category *row = segment_category(&segment, id);
  cr_assert_not_null(row);
  return row ? row->name : "";
}

Test(caller, belongs_to_the_category_of_its_module) {
  tracked_start();
  char expected[128];
  snprintf(expected, sizeof expected, "bin/%s", identity.program);
  cr_expect_str_eq(category_at((const void *)(uintptr_t)&tracked_start), expected);
  cr_expect_str_eq(category_at((const void *)(uintptr_t)&gnu_get_libc_version), "lib/libc.so.6");
}

Test(caller, outside_every_module_is_anonymous) {
  tracked_start();
  char *page = memory_map(4096);
  cr_expect_str_eq(category_at(page), "anonymous");
  cr_expect_str_eq(category_at(page + 100), "anonymous");
  memory_unmap(page, 4096);
}

Test(caller, keeps_its_category_after_a_dlclose) {
  tracked_start();
  uint32_t before = caller_category((struct asker){(uintptr_t)&gnu_get_libc_version, NULL}, 1, thread.record);
  for (int i = 0; i < 10; i++) {
    caller_forget_modules();
    cr_assert_eq(caller_category((struct asker){(uintptr_t)&gnu_get_libc_version, NULL}, 1, thread.record),
                 before);
  }
}

Test(caller, that_finds_no_room_for_a_category_goes_to_other_and_is_counted) {
  char path[32];
  tracked_start();
  for (int i = 0; i < 250; i++) {
    snprintf(path, sizeof path, "c%d", i);
    tracked_category(path);
  }
  cr_assert_str_eq(category_at((const void *)(uintptr_t)&gnu_get_libc_version), "other");
  cr_assert_geq(segment.header->categories_lost, 1);
}

static const char *category_of_bytes(uint64_t bytes) {
  uint32_t id = caller_category((struct asker){(uintptr_t)&tracked_start, NULL}, bytes, thread.record);
  return segment_category(&segment, id)->name;
}

static int has_matched(int rule) {
  return segment.rules[rule].is_matched != 0;
}

/* Whether or not a bound lies in the fast path's reach. */
static void take_by_size(const char *options, uint64_t bound) {
  setenv("RATION_OPTIONS", options, 1);
  tracked_start();
  for (int i = 0; i < 3; i++) cr_assert_str_eq(category_of_bytes(bound), "big");
  cr_expect(has_matched(0));
  cr_expect_not(has_matched(1), "no block got its category by it");
  for (int i = 0; i < 3; i++) cr_assert_str_eq(category_of_bytes(bound - 1), "own");
  cr_expect(has_matched(1));
  cr_expect_not(has_matched(2), "it fits, but another comes before");
}

Test(caller, matches_a_rule_when_a_block_gets_its_category_by_it) {
  take_by_size("big.match=size:>=1000,own.match=lib:*|fn:*", 1000);
}

Test(caller, matches_a_rule_behind_sizes_that_the_fast_path_never_serves) {
  take_by_size("big.match=size:>=1M,own.match=lib:*|fn:*", 1 << 20);
}
