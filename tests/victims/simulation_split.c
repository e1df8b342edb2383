/*
 * The memory of a creature simulation, split as its strategy has it: of a total creatures 40 %,
 * world 20, rendering 20, ui 10, audio 5, and a reserve of 5 % of the total; two handlers, textures at priority 1 and
 * creatures at 10, each acting by level. Settings give the budgets. Blocks are real, and written to.
 *
 * Expected: raised to each level in turn, both handlers run, once each, in order of priority, and free what they claim;
 * when all budgets but one are full to the brim, that one can still be filled; nothing exceeds its budget.
 */
#include <malloc.h>

#include "victim.h"

#define TEXTURES_MOST  4096
#define CREATURES_MOST 131072
#define TEXTURE_BYTES  (256 << 10)
#define COLD_BYTES     (8 << 10)

static uint64_t now_seconds = 1000;

/* ---- textures: each knows when it was used last ------------------------------------------------------------ */

static struct {
  void *pixels;
  uint64_t used_at;
} textures[TEXTURES_MOST];

static uint64_t evict_unused_since(uint64_t seconds) {
  uint64_t freed = 0;
  for (size_t i = 0; i < TEXTURES_MOST; i++) {
    if (!textures[i].pixels || textures[i].used_at + seconds > now_seconds) continue;
    freed += malloc_usable_size(textures[i].pixels);
    free(textures[i].pixels);
    textures[i].pixels = NULL;
  }
  return freed;
}

static uint64_t reduce_quality(void) {
  uint64_t freed = 0;
  for (size_t i = 0; i < TEXTURES_MOST; i++) {
    if (!textures[i].pixels) continue;
    size_t before = malloc_usable_size(textures[i].pixels);
    textures[i].pixels = realloc(textures[i].pixels, before / 2);
    freed += before - malloc_usable_size(textures[i].pixels);
  }
  return freed;
}

static uint64_t relieve_textures(const struct ration_pressure *pressure, void *calls) {
  ((unsigned *)calls)[pressure->level]++;
  switch (pressure->level) {
  case RATION_LEVEL_LOW:
    return evict_unused_since(60);
  case RATION_LEVEL_MEDIUM:
    return evict_unused_since(10);
  case RATION_LEVEL_HIGH:
    return evict_unused_since(1);
  default:
    return evict_unused_since(1) + reduce_quality();
  }
}

/* ---- creatures: cold data that can be made smaller, and history --------------------------------------------- */

static struct {
  void *cold;
  void *history;
  uint32_t distance;
} creatures[CREATURES_MOST];

static uint64_t shrink(void **block, size_t bytes) {
  size_t before = malloc_usable_size(*block);
  if (!*block || before <= bytes + 64) return 0;
  *block = realloc(*block, bytes);
  return before - malloc_usable_size(*block);
}

static uint64_t shrink_all(uint32_t distance, size_t cold_bytes, size_t history_bytes) {
  uint64_t freed = 0;
  for (size_t i = 0; i < CREATURES_MOST; i++) {
    if (creatures[i].distance < distance) continue;
    freed += shrink(&creatures[i].cold, cold_bytes) + shrink(&creatures[i].history, history_bytes);
  }
  return freed;
}

static uint64_t relieve_creatures(const struct ration_pressure *pressure, void *calls) {
  ((unsigned *)calls)[pressure->level]++;
  switch (pressure->level) {
  case RATION_LEVEL_LOW: /* compress cold data */
    return shrink_all(0, COLD_BYTES / 8 * 3, COLD_BYTES);
  case RATION_LEVEL_MEDIUM: /* move the distant ones' warm data there */
    return shrink_all(100, COLD_BYTES / 4, COLD_BYTES);
  case RATION_LEVEL_HIGH: /* compress all, keep ten memories */
    return shrink_all(0, COLD_BYTES / 4, 640);
  default: /* simplify distant ones */
    return shrink_all(50, 256, 64);
  }
}

/* ---- filling ------------------------------------------------------------------------------------------------ */

static struct ration_budget budget_of_path(const char *path) {
  struct ration_budget budget = {.size = sizeof budget};
  CHECK_EQUAL(SHIM(ration_budget_get)(ration_tag_category(path), &budget), 0);
  CHECK(budget.limit_bytes > 0);
  CHECK(budget.used_bytes <= budget.limit_bytes);
  return budget;
}

static void *give(size_t bytes) {
  void *block = malloc(bytes);
  if (block) memset(block, 1, bytes);
  return block;
}

static void add_texture(size_t i) {
  static const uint64_t ages[] = {0, 0, 5, 30, 100}; /* some of each kind */
  textures[i].pixels = give(TEXTURE_BYTES);
  textures[i].used_at = now_seconds - ages[i % 5];
  CHECK(textures[i].pixels != NULL);
}

static void add_creature(size_t i) {
  creatures[i].cold = give(COLD_BYTES);
  creatures[i].history = give(COLD_BYTES);
  creatures[i].distance = (uint32_t)(i % 256);
  CHECK(creatures[i].cold && creatures[i].history);
}

static size_t next_texture(void) {
  size_t i = 0;
  while (textures[i].pixels) CHECK(++i < TEXTURES_MOST);
  return i;
}

static size_t next_creature(void) {
  size_t i = 0;
  while (creatures[i].cold) CHECK(++i < CREATURES_MOST);
  return i;
}

/* Adds until the budget's level is the one wanted. */
static void raise_rendering(int level) {
  enter("rendering/textures");
  for (size_t i = next_texture(); budget_of_path("rendering").level < level; i = next_texture())
    add_texture(i);
  leave();
  CHECK_EQUAL(budget_of_path("rendering").level, level);
}

static void raise_creatures(int level) {
  enter("creatures/cold");
  for (size_t i = next_creature(); budget_of_path("creatures").level < level; i = next_creature())
    add_creature(i);
  leave();
  CHECK_EQUAL(budget_of_path("creatures").level, level);
}

static void clear(void) {
  now_seconds += 1000;
  evict_unused_since(0);
  for (size_t i = 0; i < CREATURES_MOST; i++) {
    free(creatures[i].cold);
    free(creatures[i].history);
    creatures[i].cold = creatures[i].history = NULL;
  }
  CHECK_EQUAL(SHIM(ration_pressure_level)(ration_tag_category("rendering")), RATION_LEVEL_NONE);
  CHECK_EQUAL(SHIM(ration_pressure_level)(ration_tag_category("creatures")), RATION_LEVEL_NONE);
}

/* What others may not use is there for each. */
static void fill_all(void) {
  static const char *const paths[] = {"creatures", "world", "rendering", "ui", "audio"};
  static void *held[5][1 << 16];
  uint64_t sum = 0;
  for (size_t path = 0; path < 5; path++) {
    uint64_t limit = budget_of_path(paths[path]).limit_bytes, got = 0;
    size_t count = 0;
    enter(paths[path]);
    while ((held[path][count] = give(64 << 10))) got += malloc_usable_size(held[path][count++]);
    leave();
    CHECK(got <= limit && got + (66 << 10) > limit);
    sum += got;
  }
  struct ration_budget total = budget_of_path("total");
  CHECK(sum <= total.limit_bytes - total.reserve_bytes);
  for (size_t path = 0; path < 5; path++)
    for (size_t i = 0; held[path][i]; i++) free(held[path][i]);
}

static int add_handler(const char *path, int priority, ration_pressure_function *function, unsigned calls[]) {
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = ration_tag_category(path),
                                   .priority = priority,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_POLLED,
                                   .function = function,
                                   .context = calls};
  int handle = SHIM(ration_pressure_register)(&handler);
  CHECK(handle > 0);
  return handle;
}

int main(void) {
  unsigned texture_calls[5] = {0}, creature_calls[5] = {0};
  int (*poll)(void) = SHIM(ration_pressure_poll);
  CHECK(is_tracked());
  CHECK_EQUAL(poll(), 0);
  int textures_handle = add_handler("rendering", 1, relieve_textures, texture_calls);
  int creatures_handle = add_handler("creatures", 10, relieve_creatures, creature_calls);
  for (int level = RATION_LEVEL_LOW; level <= RATION_LEVEL_CRITICAL; level++) {
    raise_creatures(level);
    raise_rendering(level);
    CHECK_EQUAL(poll(), 2);
    CHECK_EQUAL(texture_calls[level], 1);
    CHECK_EQUAL(creature_calls[level], 1);
    clear();
    CHECK_EQUAL(poll(), 0);
  }
  CHECK_EQUAL(SHIM(ration_pressure_unregister)(textures_handle), 0);
  CHECK_EQUAL(SHIM(ration_pressure_unregister)(creatures_handle), 0);
  fill_all();
  puts("split");
  return 0;
}
