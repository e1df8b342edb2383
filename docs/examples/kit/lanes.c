/*
 * lanes.c: twenty creatures that walk, eight at a time; the tired ones go, and the sum over whole blocks stays right.
 *
 *     cc lanes.c $(pkg-config --cflags --libs rationkit) -o lanes && ./lanes
 */
#include <ration/kit/lanes.h>
#include <stdio.h>

RATION_LANES(walkers, float x, float speed, float energy, uint32_t number);

/* No remainder: behind the last walker there are zeroes. */
static float add_up(const struct walkers *walkers) {
  float sum = 0;
  for (size_t i = 0; i < walkers_blocks(walkers); i++)
    for (int lane = 0; lane < 8; lane++) sum += walkers_data(walkers)[i].x[lane];
  return sum;
}

int main(void) {
  struct walkers walkers;
  if (walkers_init(&walkers, NULL, NULL)) return 1;
  for (uint32_t i = 0; i < 20; i++) {
    struct walkers_entry walker = {.x = 0, .speed = 0.5f, .energy = (float)(i % 5), .number = i};
    if (walkers_add(&walkers, walker, NULL)) return 1;
  }
  printf("%zu walkers in %zu blocks of %zu bytes\n", walkers_count(&walkers), walkers_blocks(&walkers),
         sizeof(struct walkers_block));

  for (int step = 0; step < 3; step++) {
    for (size_t i = 0; i < walkers_blocks(&walkers); i++) {
      struct walkers_block *block = walkers_block_at(&walkers, i);
      for (int lane = 0; lane < 8; lane++) block->x[lane] += block->speed[lane];
      for (int lane = 0; lane < 8; lane++) block->energy[lane] -= 1;
    }
    walkers_clear_tail(&walkers); /* whose energy has gone below 0, too */
    for (size_t i = 0; i < walkers_count(&walkers);) {
      struct walkers_entry walker;
      if (walkers_get(&walkers, i, &walker)) return 1;
      if (walker.energy < 0)
        walkers_remove(&walkers, i); /* another is at i now */
      else
        i++;
    }
    printf("step %d: %zu walk on, %.1f in all\n", step, walkers_count(&walkers), (double)add_up(&walkers));
  }
  walkers_done(&walkers);
  return 0;
}
