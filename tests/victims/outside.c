/*
 * Waits for a level of the total that comes from outside the process (the argument; `none` behind it: and for its end).
 * Expected: a polled handler on total is called for it, though nothing here has grown.
 */
#include "victim.h"

static int told;

static uint64_t note(const struct ration_pressure *pressure, void *unused) {
  told = pressure->level;
  (void)unused;
  return 0;
}

/* What looks outside where no worker runs is a heartbeat. */
static void wait_for(int level) {
  for (int i = 0; i < 500 && SHIM(ration_pressure_level)(RATION_TOTAL) != level; i++) {
    for (int j = 0; j < 2000; j++) free(malloc(100));
    usleep(10000);
  }
  CHECK_EQUAL(SHIM(ration_pressure_level)(RATION_TOTAL), level);
}

int main(int count, char **arguments) {
  CHECK(is_tracked() && count > 1);
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = RATION_TOTAL,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_POLLED,
                                   .function = note};
  CHECK(SHIM(ration_pressure_register)(&handler) > 0);
  wait_for(atoi(arguments[1]));
  if (atoi(arguments[1]) > 0) CHECK_EQUAL(SHIM(ration_pressure_poll)(), 1);
  CHECK_EQUAL(told, atoi(arguments[1]));
  puts("told");
  if (count > 2) {
    fflush(stdout);
    wait_for(RATION_LEVEL_NONE);
  }
  return 0;
}
