/*
 * Takes and gives back memory step by step, for tests of what reports say of budgets. A block has 4088 usable bytes in
 * glibc's heap, as many as are asked for. Each argument is a step:
 *   take:CATEGORY:N      N more blocks; says how many of them it got
 *   drop:N               frees the last N that it got
 *   set-aside:CATEGORY:N reserves N bytes
 *   limit:CATEGORY:N     gives it a budget of N bytes, which refuses
 *   handler:CATEGORY:P   registers a polled handler of priority P, from level low, which frees 10 blocks and claims 100
 *   poll                 runs what is due
 *   wait                 until stdin ends
 *   die                  by SIGKILL
 */
#include "victim.h"

#define BLOCK_BYTES 4088

static void *blocks[4096];
static int count;

static void drop(int wanted) {
  while (wanted-- > 0 && count > 0) free(blocks[--count]);
}

__attribute__((noinline)) static void take(const char *category, int wanted) {
  int got = 0;
  enter(category);
  for (int i = 0; i < wanted; i++) {
    blocks[count] = malloc(BLOCK_BYTES);
    if (!blocks[count]) continue;
    count++;
    got++;
  }
  leave();
  dprintf(1, "%s: %d of %d\n", category, got, wanted);
}

static void set_aside(const char *category, uint64_t bytes) {
  if (is_tracked()) CHECK_EQUAL(SHIM(ration_reserve)(SHIM(ration_category)(category), bytes), 0);
}

static void limit(const char *category, uint64_t bytes) {
  if (!is_tracked()) return;
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = bytes, .policy = RATION_POLICY_REFUSE};
  CHECK_EQUAL(SHIM(ration_budget_set)(SHIM(ration_category)(category), &budget), 0);
}

static void wait_for_end(void) {
  char byte;
  dprintf(1, "waiting\n");
  while (read(0, &byte, 1) > 0) continue;
}

static uint64_t free_some(const struct ration_pressure *pressure, void *context) {
  (void)pressure;
  (void)context;
  drop(10);
  return 100 * BLOCK_BYTES;
}

static void add_handler(const char *category, int priority) {
  if (!is_tracked()) return;
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = SHIM(ration_category)(category),
                                   .priority = priority,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_POLLED,
                                   .function = free_some};
  CHECK(SHIM(ration_pressure_register)(&handler) > 0);
}

static void step(char *words) {
  char *rest = words, *what = strtok_r(words, ":", &rest);
  char *first = strtok_r(NULL, ":", &rest), *second = strtok_r(NULL, ":", &rest);
  if (strcmp(what, "take") == 0) {
    take(first, atoi(second));
  } else if (strcmp(what, "drop") == 0) {
    drop(atoi(first));
  } else if (strcmp(what, "set-aside") == 0) {
    set_aside(first, (uint64_t)atoll(second));
  } else if (strcmp(what, "limit") == 0) {
    limit(first, (uint64_t)atoll(second));
  } else if (strcmp(what, "handler") == 0) {
    add_handler(first, atoi(second));
  } else if (strcmp(what, "poll") == 0) {
    if (is_tracked()) CHECK(SHIM(ration_pressure_poll)() >= 0);
  } else if (strcmp(what, "wait") == 0) {
    wait_for_end();
  } else if (strcmp(what, "die") == 0) {
    kill(getpid(), SIGKILL);
  } else {
    CHECK(!"such a step");
  }
}

int main(int argc, char **argv) {
  free(malloc(1)); /* a process's first block is always the system heap's */
  for (int i = 1; i < argc; i++) step(argv[i]);
  return 0;
}
