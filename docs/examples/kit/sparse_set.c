/* sparse_set.c: health for some of the creatures: walked as an array, found by id, and stale ids are told. */
#include <ration/kit/sparse_set.h>

#include <errno.h>
#include <stdio.h>

struct health {
  int points;
};
RATION_SPARSE_SET(healths, struct health);

static int by_points(const void *element, const void *other, void *context) {
  (void)context;
  return ((const struct health *)element)->points - ((const struct health *)other)->points;
}

int main(void) {
  struct healths healths;
  if (healths_init(&healths, NULL, NULL)) return 1;
  for (uint32_t i = 0; i < 1000; i += 7) {
    struct ration_entity creature = {i, 1};
    struct health *health = healths_add(&healths, creature);
    if (!health) return 1;
    health->points = (int)(i * 37 % 100);
  }
  printf("%zu of 1000 creatures have health\n", healths_count(&healths));

  int sum = 0;
  for (size_t i = 0; i < healths_count(&healths); i++) sum += healths_elements(&healths)[i].points;
  printf("points in all: %d\n", sum);

  if (ration_sparse_set_sort(&healths.set, by_points, NULL)) return 1;
  printf("weakest: creature %u, %d points\n", healths_entities(&healths)[0].index,
         healths_elements(&healths)[0].points);

  /* Creature 14 ends, and another one gets its index. */
  struct ration_entity old = {14, 1}, successor = {14, 2}, moved;
  if (healths_remove(&healths, old, &moved)) return 1;
  printf("creature %u fills the gap\n", moved.index);
  if (!healths_add(&healths, successor)) return 1;
  printf("the old id is stale: %s\n", !healths_get(&healths, old) && errno == ESTALE ? "yes" : "no");
  healths_done(&healths);
  return 0;
}
