/*
 * world_random.c: a world against a plain table, with random spawns, despawns, components added and removed, and queries
 * that are open meanwhile.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "base/random.h"
#include "kit/failing_memory.h"

#define TYPES 6
#define MOST  3000

struct value {
  uint64_t words[5];
};

/* Type i has i words; so 0 is a tag. */
static struct ration_component types[TYPES];
static const char *const names[TYPES] = {"0", "1", "2", "3", "4", "5"};
static size_t living[TYPES]; /* inits and values given, less dones */

struct reference {
  struct {
    struct ration_entity id;
    uint32_t mask;
    struct value values[TYPES];
  } entities[MOST];
  size_t count;
};

static void count_init(void *component, void *context) {
  (void)component;
  ++*(size_t *)context;
}

static void count_done(void *component, void *context) {
  (void)component;
  --*(size_t *)context;
}

static void make(struct ration_world *world, struct ration_memory *memory) {
  struct ration_world_settings settings = {.chunk = 8, .chunk_most = 128};
  cr_assert_eq(ration_world_init(world, memory, &settings), 0);
  for (size_t i = 0; i < TYPES; i++) {
    types[i] = (struct ration_component){names[i], i * 8, 8, count_init, count_done, &living[i]};
    cr_assert_eq(ration_world_component_add(world, &types[i], NULL), 0);
  }
}

static struct value draw(struct random *random) {
  struct value value;
  for (int i = 0; i < 5; i++) value.words[i] = random_next(random);
  return value;
}

static void spawn_one(struct ration_world *world, struct reference *reference, struct random *random) {
  if (reference->count == MOST) return;
  struct ration_entity_builder builder;
  uint32_t mask = (uint32_t)random_below(random, 1 << TYPES);
  cr_assert_eq(ration_entity_builder_init(&builder, world), 0);
  for (uint32_t i = 0; i < TYPES; i++) {
    if (!(mask >> i & 1)) continue;
    struct value value = random_below(random, 3) ? draw(random) : (struct value){{0}};
    bool has_value = value.words[0] != 0;
    reference->entities[reference->count].values[i] = value;
    cr_assert_eq(ration_entity_builder_add(&builder, &types[i], has_value ? &value : NULL), 0);
    living[i] += has_value;
  }
  reference->entities[reference->count].mask = mask;
  cr_assert_eq(ration_entity_builder_commit(&builder, &reference->entities[reference->count].id), 0);
  reference->count++;
}

static void despawn_one(struct ration_world *world, struct reference *reference, struct random *random) {
  if (!reference->count) return;
  size_t which = random_below(random, reference->count);
  struct ration_entity id = reference->entities[which].id;
  cr_assert_eq(ration_world_despawn(world, id), 0);
  cr_assert_eq(ration_world_despawn(world, id), -ESTALE);
  reference->entities[which] = reference->entities[--reference->count];
}

static void change_one(struct ration_world *world, struct reference *reference, struct random *random,
                       bool is_open) {
  if (!reference->count) return;
  size_t which = random_below(random, reference->count);
  uint32_t type = (uint32_t)random_below(random, TYPES);
  struct ration_entity id = reference->entities[which].id;
  uint32_t *mask = &reference->entities[which].mask;
  if (*mask >> type & 1) {
    cr_assert_eq(ration_world_remove(world, id, &types[type]), is_open ? -EBUSY : 0);
    if (!is_open) *mask &= ~(1u << type);
    return;
  }
  struct value value = draw(random);
  bool has_added = ration_world_add(world, id, &types[type], &value) != NULL;
  cr_assert_eq(has_added, !is_open);
  if (!has_added) return;
  reference->entities[which].values[type] = value;
  living[type]++;
  *mask |= 1u << type;
}

static void compare(struct ration_world *world, const struct reference *reference, struct random *random) {
  size_t expected = 0, found = 0;
  uint32_t required = (uint32_t)random_below(random, 1 << TYPES),
           excluded = (uint32_t)random_next(random) & 63 & ~required;
  struct ration_world_terms terms = {{NULL}, {NULL}};
  struct ration_world_query query;
  cr_assert(ration_world_is_valid(world));
  cr_assert_eq(ration_world_count(world), reference->count);
  for (size_t i = 0; i < reference->count; i++) {
    uint32_t mask = reference->entities[i].mask;
    expected += (mask & required) == required && !(mask & excluded);
    for (uint32_t type = 0; type < TYPES; type++) {
      const void *got = ration_world_get(world, reference->entities[i].id, &types[type]);
      cr_assert_eq(got != NULL, mask >> type & 1);
      if (got) cr_assert_eq(memcmp(got, reference->entities[i].values[type].words, types[type].size), 0);
    }
  }
  for (uint32_t type = 0, r = 0, e = 0; type < TYPES; type++) {
    if (required >> type & 1) terms.required[r++] = &types[type];
    if (excluded >> type & 1) terms.excluded[e++] = &types[type];
  }
  cr_assert_eq(ration_world_query_begin(world, &query, &terms), 0);
  while (ration_world_query_next(&query) > 0) {
    found += query.count;
    for (size_t i = 0; i < query.count; i++)
      for (int term = 0; term < RATION_WORLD_TERMS && terms.required[term]; term++)
        if (terms.required[term]->size)
          cr_assert_eq(ration_world_get(world, query.entities[i], terms.required[term]),
                       (char *)query.columns[term] + i * terms.required[term]->size);
  }
  cr_assert_eq(found, expected);
  for (uint32_t type = 0; type < TYPES; type++) {
    struct ration_component_figures figures;
    cr_assert_eq(ration_world_component_stats(world, &types[type], &figures), 0);
    cr_assert_eq(figures.used, living[type]);
  }
}

Test(kit_world_random, does_as_a_plain_table_does) {
  static struct reference reference;
  struct failing_memory memory;
  struct random random = {.seed = 815};
  struct ration_world world;
  struct ration_world_query query;
  bool is_open = false;
  failing_memory_init(&memory, SIZE_MAX);
  make(&world, &memory.memory);
  for (int step = 0; step < 40000; step++) {
    uint64_t what = random_below(&random, 100), spawns = step / 4000 % 2 ? 25 : 50;
    if (what < spawns)
      spawn_one(&world, &reference, &random);
    else if (what < 75)
      despawn_one(&world, &reference, &random);
    else if (what < 98)
      change_one(&world, &reference, &random, is_open);
    else if (is_open)
      is_open = ration_world_query_next(&query) > 0;
    else if (!is_open)
      is_open = !ration_world_query_begin(&world, &query, &(struct ration_world_terms){{&types[2]}, {NULL}});
    if (step % 100 == 0) cr_assert(ration_world_is_valid(&world));
    if (step % 1000) continue;
    if (is_open) ration_world_query_end(&query);
    is_open = false;
    compare(&world, &reference, &random);
    if (step % 5000 == 0) cr_assert_eq(ration_world_shrink_to_fit(&world), 0);
  }
  ration_world_done(&world);
  for (int i = 0; i < TYPES; i++) cr_expect_eq(living[i], 0);
  cr_expect_eq(memory.blocks, 0);
  cr_expect_eq(memory.bytes, 0);
}
