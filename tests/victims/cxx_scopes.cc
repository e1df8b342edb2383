/*
 * ration.hpp: scopes that end with their objects. Expected: also by an exception, by return and by an early end of
 * a loop's pass, and its figures are those of the C functions.
 */
#include <ration/ration.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "victim.h"

/* Not linked with the library, which is preloaded: this program is position-independent, so weak references do. */
#pragma weak ration_category
#pragma weak ration_category_path
#pragma weak ration_enter_at
#pragma weak ration_leave_at
#pragma weak ration_stats

static void check_in(const char *category) {
  void *volatile block = malloc(10);
  CHECK_EQUAL(strcmp(category_of(block), category), 0);
  free(block);
}

static const ration::category &terrain() {
  static const ration::category once("world/terrain");
  return once;
}

static void fill_and_throw() {
  ration::scope in(terrain());
  std::vector<std::string> names(1000, "a name that is too long to lie in the string itself");
  check_in("world/terrain");
  throw std::runtime_error("out of here");
}

int main() {
  if (!is_tracked()) return puts("done") < 0;
  CHECK(terrain().is_valid() && !ration::category("no//such").is_valid());
  CHECK_EQUAL(strcmp(terrain().path(), "world/terrain"), 0);
  for (int i = 0; i < 100; i++) {
    try {
      fill_and_throw();
    } catch (const std::runtime_error &) {
      check_in("bin/cxx_scopes");
    }
    ration::scope outer(ration::category("outer"));
    {
      ration::scope nothing(ration::category("no//such"));
      check_in("outer");
    }
    if (i % 2) continue;
    ration::scope inner(terrain());
    check_in("world/terrain");
  }
  check_in("bin/cxx_scopes");
  ration_figures figures = terrain().stats();
  CHECK_EQUAL(figures.allocations, books_of("world/terrain").allocations);
  CHECK_EQUAL(figures.live_bytes, books_of("world/terrain").live_bytes);
  CHECK(figures.allocations >= 100 * 1001);
  CHECK_EQUAL(ration::category("no//such").stats().allocations, 0);
  puts("done");
}
