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
