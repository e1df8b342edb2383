/* allocator.c: a simulation's memory within budgets: textures are evicted before the total is at its end. */
#include <ration/kit/allocator.h>

#include <stdio.h>
#include <string.h>

#define MIB      ((size_t)1 << 20)
#define TEXTURES 64

struct creature {
  float position[3];
  unsigned energy;
};
static const struct ration_pool_type creature_type = RATION_POOL_TYPE(struct creature);

static struct ration_allocator allocator;
static void *textures[TEXTURES];
static size_t texture_count;

static size_t evict_textures(enum ration_allocator_level level, void *rendering) {
  size_t count = level == RATION_ALLOCATOR_LOW ? 4 : texture_count / 2, freed = 0;
  for (; count && texture_count; count--, freed += MIB)
    ration_memory_release(rendering, textures[--texture_count], MIB, 64);
  printf("level %d: %zu MiB of textures evicted\n", (int)level, freed / MIB);
  return freed;
}

int main(void) {
  const struct ration_allocator_settings settings = {.total = 100 * MIB};
  if (ration_allocator_init(&allocator, &settings)) return 1;
  struct ration_memory *rendering = ration_allocator_named(&allocator, "rendering");
  struct ration_memory *world = ration_allocator_category(&allocator, RATION_ALLOCATOR_WORLD);
  struct ration_memory *temporary = ration_allocator_category(&allocator, RATION_ALLOCATOR_TEMPORARY);
  ration_allocator_handle(&allocator, evict_textures, rendering, 1, RATION_ALLOCATOR_LOW);

  while (texture_count < TEXTURES) {
    void *texture = ration_memory_allocate(rendering, MIB, 64);
    if (!texture) break;
    textures[texture_count++] = texture;
  }
  printf("%zu textures of %d fit\n", texture_count, TEXTURES);
  void *terrain = ration_memory_allocate(world, 20 * MIB, 64);
  void *scratch = ration_memory_allocate(temporary, 25 * MIB, 64);
  for (int i = 0; i < 5000; i++)
    if (!ration_allocator_take(&allocator, &creature_type)) return 1;

  struct ration_allocator_figures figures;
  for (size_t i = 0; ration_allocator_stats(&allocator, i, &figures) == 0; i++)
    if (figures.peak)
      printf("%-10s %5.1f MiB, at most %5.1f\n", figures.path, (double)figures.used / MIB,
             (double)figures.peak / MIB);
  printf("more terrain: %s\n", ration_memory_allocate(world, MIB, 64) ? "yes" : "refused");
  ration_memory_release(world, terrain, 20 * MIB, 64);
  ration_memory_release(temporary, scratch, 25 * MIB, 64);
  while (texture_count) ration_memory_release(rendering, textures[--texture_count], MIB, 64);
  ration_allocator_done(&allocator);
  return 0;
}
