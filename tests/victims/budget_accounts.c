/*
 * Memory that malloc never sees, under a budget of 10 MiB on `cache` that refuses. Expected with accounts=1: it counts
 * against the budget and its levels, of a category below as well, and blocks are refused for it; it is never refused
 * itself, also above the budget; a child inherits it. With accounts=0 (the argument is 0) it does none of that.
 */
#include "victim.h"

#define MIB ((uint64_t)1 << 20)

static ration_category_id cache, gpu;
static int counts;

static uint64_t used(void) {
  struct ration_budget budget = {.size = sizeof budget};
  CHECK_EQUAL(SHIM(ration_budget_get)(cache, &budget), 0);
  return budget.used_bytes;
}

static void check_request(uint64_t bytes, int fits) {
  ration_tag_enter(cache);
  errno = 0;
  void *block = malloc(bytes);
  CHECK_EQUAL(block != NULL, fits);
  if (!fits) CHECK_EQUAL(errno, ENOMEM);
  free(block);
  ration_tag_leave();
}

static void check_level(int level) {
  CHECK_EQUAL(SHIM(ration_pressure_level)(gpu), counts ? level : RATION_LEVEL_NONE);
}

static void check_child(void) {
  pid_t child = fork();
  if (child == 0) {
    check_request(3 * MIB, !counts);
    CHECK_EQUAL(SHIM(ration_account_block)(gpu, (void *)16, 0), 0);
    check_request(3 * MIB, 1);
    _exit(0);
  }
  CHECK_EQUAL(status_of(child), 0);
}

int main(int count, char **arguments) {
  CHECK(count == 2 && is_tracked());
  counts = atoi(arguments[1]);
  cache = ration_tag_category("cache");
  gpu = ration_tag_category("cache/gpu");
  CHECK_EQUAL(SHIM(ration_account_block)(gpu, (void *)16, 8 * MIB), 0);
  CHECK_EQUAL(used(), counts ? 8 * MIB : 0);
  check_level(RATION_LEVEL_MEDIUM);
  check_request(3 * MIB, !counts);
  check_child();
  CHECK_EQUAL(SHIM(ration_account_add)(cache, 5 * MIB), 0);
  check_level(RATION_LEVEL_CRITICAL);
  check_request(100, !counts);
  CHECK_EQUAL(SHIM(ration_account_remove)(cache, 5 * MIB), 0);
  check_level(RATION_LEVEL_MEDIUM);
  CHECK_EQUAL(SHIM(ration_account_block)(gpu, (void *)16, 0), 0);
  check_level(RATION_LEVEL_NONE);
  check_request(7 * MIB, 1);
  puts("accounted");
  return 0;
}
