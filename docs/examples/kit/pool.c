/* pool.c: particles that live and die by the thousand come from a pool; what is given twice is told. */
#include <ration/kit/pool.h>

#include <stdio.h>
#include <string.h>

struct particle {
  float position[3], velocity[3];
  unsigned age, limit;
};

RATION_POOL(particles, struct particle);

int main(void) {
  static struct particle *live[5000];
  struct particles pool;
  size_t count = 0, ended = 0;
  const struct ration_pool_settings settings = {.initial_capacity = 1000, .maximum_capacity = 5000};
  if (particles_init(&pool, &settings)) return 1;

  for (unsigned step = 0; step < 100; step++) {
    for (unsigned i = 0; i < 60; i++) {
      struct particle *particle = particles_take(&pool);
      if (!particle) break; /* the maximum is reached */
      particle->limit = 10 + (step * 60 + i) % 37;
      live[count++] = particle;
    }
    for (size_t i = 0; i < count;) {
      if (++live[i]->age < live[i]->limit) {
        i++;
        continue;
      }
      particles_give(&pool, live[i]);
      live[i] = live[--count];
      ended++;
    }
  }

  struct ration_pool_counts statistics;
  ration_pool_stats(particles_pool(&pool), &statistics);
  printf("%zu ended, %zu live, at most %zu\n", ended, statistics.used, statistics.peak);
  printf("capacity %zu after %llu growths, %.2f %% of takes without\n", statistics.capacity,
         (unsigned long long)statistics.grows, 100.0 * (double)statistics.hits / (double)statistics.takes);
  particles_give(&pool, live[0]);
  printf("given twice: %s\n", strerror(-particles_give(&pool, live[0])));
  particles_done(&pool);
  return 0;
}
