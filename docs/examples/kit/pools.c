/* pools.c: a pool for each kind of component, made when the first is needed, and what is in all of them. */
#include <ration/kit/pools.h>

#include <stdio.h>

struct position {
  float x, y, z;
};
struct health {
  unsigned points, most;
};

static const struct ration_pool_type position_type = RATION_POOL_TYPE(struct position);
static const struct ration_pool_type health_type = RATION_POOL_TYPE(struct health);

static void report(struct ration_pools *pools) {
  struct ration_pools_report report;
  for (size_t i = 0; ration_pools_at(pools, i, &report) == 0; i++)
    printf("%-16s %5zu of %5zu used, %5zu at most, %.3f of takes hit\n", report.type->name,
           report.counts.used, report.counts.capacity, report.counts.peak,
           ration_pool_hit_rate(&report.counts));
}

int main(void) {
  struct ration_pools pools;
  const struct ration_pools_settings settings = {.category = "creatures/pools"};
  const struct ration_pools_choice small = {.pool = {.initial_capacity = 64, .maximum_capacity = 500},
                                            .category = "creatures/pools"};
  if (ration_pools_init(&pools, &settings) || ration_pools_set(&pools, &health_type, &small)) return 1;

  static struct position *positions[3000];
  for (int i = 0; i < 3000; i++) {
    positions[i] = ration_pools_take(&pools, &position_type);
    if (i % 5 == 0 && !ration_pools_take(&pools, &health_type) && i == 2500)
      printf("no more health after creature %d\n", i);
  }
  for (int i = 0; i < 2000; i++) ration_pools_give(&pools, &position_type, positions[i]);
  report(&pools);

  ration_pools_clear(&pools);
  ration_pools_shrink_to_fit(&pools);
  struct ration_pool_counts total;
  ration_pools_total(&pools, &total);
  printf("cleared: %zu used of %zu\n", total.used, total.capacity);
  ration_pools_done(&pools);
  return 0;
}
