/*
 * pressure: how long after a level begins a deferred handler runs: from before the allocation that crosses the edge to
 * the first instruction of the handler. Prints the median in microseconds. The shim must be preloaded.
 *
 * link: -Wl,--unresolved-symbols=ignore-all -Wl,--export-dynamic
 */
#include <semaphore.h>
#include <string.h>

#include "bench.h"
#include "ration/ration.h"

#define ROUNDS_MOST 100000

static sem_t called;
static double called_at;

static uint64_t note(const struct ration_pressure *pressure, void *unused) {
  called_at = bench_wall_ns();
  sem_post(&called);
  (void)pressure, (void)unused;
  return 0;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double round_trip(ration_category_id category) {
  void *block = NULL;
  double begun = bench_wall_ns();
  ration_enter(category);
  block = malloc(7 << 20);
  ration_leave();
  sem_wait(&called);
  free(block);
  return called_at - begun;
}

int main(int argc, char **argv) {
  static double waits[ROUNDS_MOST];
  uint64_t count = bench_count(argc, argv, 1);
  if (count > ROUNDS_MOST) bench_fail("at most 100000 rounds");
  ration_category_id category = ration_category("bench");
  struct ration_budget budget = {
      .size = sizeof budget, .limit_bytes = 10 << 20, .policy = RATION_POLICY_NOTIFY};
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = category,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_DEFERRED,
                                   .function = note};
  sem_init(&called, 0, 0);
  if (ration_budget_set(category, &budget) || ration_pressure_register(&handler) <= 0)
    bench_fail("no handler");
  for (uint64_t i = 0; i < count; i++) waits[i] = round_trip(category);
  qsort(waits, count, sizeof *waits, compare);
  bench_print(waits[count / 2] / 1000);
  return 0;
}
