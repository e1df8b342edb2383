/*
 * world_query.c: tests of ration/kit/world.h: queries, what may change while they are open, and systems.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/failing_memory.h"

static int dones;

static void count_done(void *component, void *context) {
  (void)component, (void)context;
  dones++;
}

static const struct ration_component number = {"number", sizeof(uint64_t), 8, NULL, count_done, NULL};
static const struct ration_component other = {"other", 12, 4, NULL, NULL, NULL};
static const struct ration_component mark = {"mark", 0, 1, NULL, NULL, NULL};
static const struct ration_component unknown = {"unknown", 4, 4, NULL, NULL, NULL};

static const struct ration_world_terms numbers = {{&number}, {NULL}};

static void make(struct ration_world *world) {
  struct ration_world_settings settings = {.chunk = 8, .chunk_most = 32};
  cr_assert_eq(ration_world_init(world, NULL, &settings), 0);
  cr_assert_eq(ration_world_component_add(world, &number, NULL), 0);
  cr_assert_eq(ration_world_component_add(world, &other, NULL), 0);
  cr_assert_eq(ration_world_component_add(world, &mark, NULL), 0);
}

static struct ration_entity spawn(struct ration_world *world, uint64_t value, bool has_other, bool has_mark) {
  struct ration_entity_builder builder;
  struct ration_entity entity;
  cr_assert_eq(ration_entity_builder_init(&builder, world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &number, &value), 0);
  if (has_other) cr_assert_eq(ration_entity_builder_add(&builder, &other, NULL), 0);
  if (has_mark) cr_assert_eq(ration_entity_builder_add(&builder, &mark, NULL), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  return entity;
}

/* How many entities, and the sum of what column 0 has. */
static uint64_t walk(struct ration_world *world, const struct ration_world_terms *terms, size_t *ret_count) {
  struct ration_world_query query;
  uint64_t sum = 0;
  *ret_count = 0;
  cr_assert_eq(ration_world_query_begin(world, &query, terms), 0);
  while (ration_world_query_next(&query) > 0) {
    cr_assert_gt(query.count, 0);
    *ret_count += query.count;
    for (size_t i = 0; i < query.count; i++) {
      const uint64_t *value = ration_world_get(world, query.entities[i], &number);
      if (terms->required[0] != &number) continue;
      cr_assert_eq(value, (const uint64_t *)query.columns[0] + i);
      sum += *value;
    }
  }
  cr_expect_eq(ration_world_query_next(&query), 0, "and again");
  return sum;
}

Test(kit_world_query, yields_what_it_asks_for) {
  struct ration_world world;
  size_t count;
  make(&world);
  for (uint64_t i = 0; i < 1000; i++) spawn(&world, i, i % 2, i % 5 == 0);
  cr_expect_eq(walk(&world, &numbers, &count), 999 * 1000 / 2);
  cr_expect_eq(count, 1000);
  walk(&world, &(struct ration_world_terms){{&number, &other}, {NULL}}, &count);
  cr_expect_eq(count, 500);
  walk(&world, &(struct ration_world_terms){{&number, &other}, {&mark}}, &count);
  cr_expect_eq(count, 400);
  walk(&world, &(struct ration_world_terms){{&mark}, {&other}}, &count);
  cr_expect_eq(count, 100);
  walk(&world, &(struct ration_world_terms){{NULL}, {&other, &mark}}, &count);
  cr_expect_eq(count, 400);
  walk(&world, &(struct ration_world_terms){{NULL}, {NULL}}, &count);
  cr_expect_eq(count, 1000);
  walk(&world, &(struct ration_world_terms){{&number, &number}, {NULL}}, &count);
  cr_expect_eq(count, 1000, "twice the same");
  walk(&world, &(struct ration_world_terms){{NULL}, {&number}}, &count);
  cr_expect_eq(count, 0);
  ration_world_done(&world);
}

Test(kit_world_query, yields_aligned_runs) {
  struct ration_world world;
  struct ration_world_query query;
  make(&world);
  for (uint64_t i = 0; i < 100; i++) spawn(&world, i, true, true);
  cr_assert_eq(ration_world_query_begin(&world, &query,
                                        &(struct ration_world_terms){{&other, &mark, &number}, {NULL}}),
               0);
  static const size_t runs[] = {8, 8, 16, 32, 32, 4};
  for (int i = 0; i < 6; i++) {
    cr_assert_eq(ration_world_query_next(&query), 1);
    cr_expect_eq(query.count, runs[i], "run %d: %zu", i, query.count);
    cr_expect_eq((uintptr_t)query.columns[0] % 64, 0);
    cr_expect_null(query.columns[1]);
    cr_expect_eq((uintptr_t)query.columns[2] % 64, 0);
  }
  cr_expect_eq(ration_world_query_next(&query), 0);
  ration_world_done(&world);
}

Test(kit_world_query, refuses_what_cannot_be) {
  struct ration_world world;
  struct ration_world_query query;
  make(&world);
  cr_expect_eq(ration_world_query_begin(&world, NULL, &numbers), -EINVAL);
  cr_expect_eq(ration_world_query_begin(NULL, &query, &numbers), -EINVAL);
  cr_expect_eq(ration_world_query_next(&query), 0);
  cr_expect_eq(ration_world_query_begin(&world, &query, NULL), -EINVAL);
  cr_expect_eq(ration_world_query_begin(&world, &query, &(struct ration_world_terms){{&unknown}, {NULL}}),
               -EINVAL);
  cr_expect_eq(ration_world_query_begin(&world, &query, &(struct ration_world_terms){{NULL}, {&unknown}}),
               -EINVAL);
  cr_expect_eq(ration_world_query_begin(&world, &query, &(struct ration_world_terms){{&mark}, {&mark}}),
               -EINVAL);
  cr_expect_eq(ration_world_query_next(&query), 0);
  cr_expect_eq(ration_world_query_end(&query), 0);
  cr_expect_eq(ration_world_query_next(NULL), -EINVAL);
  cr_expect_eq(ration_world_query_end(NULL), -EINVAL);
  struct ration_entity entity = spawn(&world, 1, true, true);
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  cr_expect_eq(dones, 1, "nothing was left open");
  ration_world_done(&world);
}

Test(kit_world_query, a_despawn_waits_for_the_last_end) {
  struct ration_world world;
  struct ration_world_query outer, inner;
  struct ration_entity ids[30];
  size_t count;
  make(&world);
  for (uint64_t i = 0; i < 30; i++) ids[i] = spawn(&world, i, false, false);
  cr_assert_eq(ration_world_query_begin(&world, &outer, &numbers), 0);
  cr_assert_eq(ration_world_query_next(&outer), 1);
  for (int i = 0; i < 30; i += 3) cr_expect_eq(ration_world_despawn(&world, ids[i]), 0);
  cr_expect_eq(ration_world_despawn(&world, ids[0]), -ESTALE);
  cr_expect_not(ration_world_is_alive(&world, ids[0]));
  cr_expect_null(ration_world_get(&world, ids[0], &number));
  struct ration_entity guess = ids[0];
  guess.generation++;
  cr_expect_eq(ration_world_despawn(&world, guess), -ENOENT);
  cr_expect_eq(ration_world_count(&world), 20);
  cr_expect_eq(dones, 0);
  cr_expect(ration_world_is_valid(&world));

  cr_assert_eq(ration_world_query_begin(&world, &inner, &numbers), 0);
  for (count = 0; ration_world_query_next(&inner) > 0;)
    for (size_t i = 0; i < inner.count; i++) count += ration_world_is_alive(&world, inner.entities[i]);
  cr_expect_eq(count, 20);
  cr_expect_eq(dones, 0, "the outer one is open");
  for (count = outer.count; ration_world_query_next(&outer) > 0;) count += outer.count;
  cr_expect_eq(count, 30, "they are walked until then");
  cr_expect_eq(dones, 10);
  cr_expect(ration_world_is_valid(&world));
  cr_expect_eq(walk(&world, &numbers, &count), 29 * 30 / 2 - 135);
  cr_expect_eq(count, 20);
  ration_world_done(&world);
  cr_expect_eq(dones, 30);
}

Test(kit_world_query, a_spawn_is_not_walked_until_the_last_end) {
  struct ration_world world;
  struct ration_world_query query, inner;
  size_t walked = 0, count = 0;
  make(&world);
  for (uint64_t i = 0; i < 10; i++) spawn(&world, i, false, false);
  cr_assert_eq(ration_world_query_begin(&world, &query, &numbers), 0);
  while (ration_world_query_next(&query) > 0)
    for (size_t i = 0; i < query.count; i++, walked++) {
      struct ration_entity born = spawn(&world, 100, false, false), doomed = spawn(&world, 7, true, false);
      cr_assert(ration_world_is_alive(&world, born));
      cr_expect_eq(*(uint64_t *)ration_world_get(&world, born, &number), 100);
      cr_expect_eq(ration_world_despawn(&world, doomed), 0);
      cr_assert_lt(walked, 10);
      cr_assert_eq(ration_world_query_begin(&world, &inner, &numbers), 0);
      for (count = 0; ration_world_query_next(&inner) > 0;) count += inner.count;
      cr_expect_eq(count, 10, "nor by those that begin in the meantime");
      cr_assert(ration_world_is_valid(&world));
    }
  cr_expect_eq(walked, 10);
  cr_expect_eq(dones, 10);
  cr_expect_eq(walk(&world, &numbers, &count), 45 + 1000);
  cr_expect_eq(count, 20);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

Test(kit_world_query, components_stay_until_the_last_end) {
  struct ration_world world;
  struct ration_world_query query;
  make(&world);
  struct ration_entity entity = spawn(&world, 1, false, false);
  cr_assert_eq(ration_world_query_begin(&world, &query, &numbers), 0);
  errno = 0;
  cr_expect_null(ration_world_add(&world, entity, &other, NULL));
  cr_expect_eq(errno, EBUSY);
  cr_expect_eq(ration_world_remove(&world, entity, &number), -EBUSY);
  cr_expect_eq(ration_world_clear(&world), -EBUSY);
  cr_expect_eq(ration_world_query_end(&query), 0);
  cr_expect_eq(ration_world_query_end(&query), 0);
  cr_expect_not_null(ration_world_add(&world, entity, &other, NULL));
  cr_expect_eq(ration_world_remove(&world, entity, &number), 0);

  /* A world may end with a query open. */
  cr_assert_eq(ration_world_query_begin(&world, &query, &numbers), 0);
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  ration_world_done(&world);
  cr_expect_eq(dones, 1);
}

/* ---- systems --------------------------------------------------------------------------------------------- */

static char trace[32];

static int append(struct ration_world *world, double seconds, void *context) {
  (void)world;
  cr_expect_eq(seconds, 0.5);
  strncat(trace, context, sizeof trace - strlen(trace) - 1);
  return strcmp(context, "!") ? 0 : 77;
}

static int meddle(struct ration_world *world, double seconds, void *context) {
  struct ration_world_system more = {"more", 0, append, context};
  cr_expect_eq(ration_world_run(world, seconds), -EBUSY);
  cr_expect_eq(ration_world_system_add(world, &more), -EBUSY);
  cr_expect_eq(ration_world_system_remove(world, "a"), -EBUSY);
  return 0;
}

static int leave_open(struct ration_world *world, double seconds, void *context) {
  (void)seconds;
  cr_expect_eq(ration_world_query_begin(world, context, &numbers), 0);
  return 0;
}

static int add_system(struct ration_world *world, const char *name, int32_t order) {
  char text[2] = {name[0], 0};
  static char texts[256][2];
  memcpy(texts[(unsigned char)name[0]], text, 2);
  struct ration_world_system system = {name, order, append, texts[(unsigned char)name[0]]};
  return ration_world_system_add(world, &system);
}

Test(kit_world_system, run_in_their_order) {
  struct ration_world world;
  make(&world);
  cr_expect_eq(ration_world_run(&world, 0.5), 0, "none");
  static const char *const names[] = {"d", "a", "e", "b", "f", "c"};
  static const int32_t orders[] = {5, -3, 5, 0, 5, 0};
  for (int i = 0; i < 6; i++) cr_expect_eq(add_system(&world, names[i], orders[i]), 0);
  cr_expect_eq(add_system(&world, "a", 1), -EEXIST);
  cr_expect_eq(ration_world_run(&world, 0.5), 0);
  cr_expect_str_eq(trace, "abcdef");
  cr_expect_eq(ration_world_system_remove(&world, "b"), 0);
  cr_expect_eq(ration_world_system_remove(&world, "b"), -ENOENT);
  cr_expect_eq(add_system(&world, "!", 5), 0);
  cr_expect_eq(add_system(&world, "g", 6), 0);
  trace[0] = 0;
  cr_expect_eq(ration_world_run(&world, 0.5), 77, "the run ends there");
  cr_expect_str_eq(trace, "acdef!");
  for (char name[2] = "h"; name[0] < 'r'; name[0]++) {
    static char kept[26][2];
    memcpy(kept[name[0] - 'a'], name, 2);
    cr_expect_eq(add_system(&world, kept[name[0] - 'a'], -name[0]), 0);
  }
  trace[0] = 0;
  cr_expect_eq(ration_world_run(&world, 0.5), 77);
  cr_expect_str_eq(trace, "qponmlkjihacdef!");
  ration_world_done(&world);
}

Test(kit_world_system, refuses_what_cannot_be) {
  struct ration_world world;
  struct ration_world_query query;
  struct ration_world_settings settings = {.systems = 2};
  struct ration_world_system system = {"a", 0, meddle, NULL}, nameless = {NULL, 0, meddle, NULL},
                             empty = {"b", 0, NULL, NULL}, leaves = {"c", 0, leave_open, &query};
  cr_assert_eq(ration_world_init(&world, NULL, &settings), 0);
  cr_assert_eq(ration_world_component_add(&world, &number, NULL), 0);
  cr_expect_eq(ration_world_system_add(NULL, &system), -EINVAL);
  cr_expect_eq(ration_world_system_add(&world, NULL), -EINVAL);
  cr_expect_eq(ration_world_system_add(&world, &nameless), -EINVAL);
  cr_expect_eq(ration_world_system_add(&world, &empty), -EINVAL);
  cr_expect_eq(ration_world_system_remove(&world, NULL), -EINVAL);
  cr_expect_eq(ration_world_system_remove(NULL, "a"), -EINVAL);
  cr_expect_eq(ration_world_run(NULL, 0), -EINVAL);
  cr_expect_eq(ration_world_system_add(&world, &system), 0);
  cr_expect_eq(ration_world_run(&world, 0), 0);
  cr_expect_eq(ration_world_system_add(&world, &leaves), 0);
  system.name = "d";
  cr_expect_eq(ration_world_system_add(&world, &system), -ENOSPC);
  cr_expect_eq(ration_world_run(&world, 0), -EBUSY, "it has left its query open");
  cr_expect_eq(ration_world_query_end(&query), 0);
  ration_world_done(&world);
}

Test(kit_world_system, survives_lack_of_memory) {
  struct failing_memory memory;
  struct ration_world world;
  struct ration_world_system system = {"a", 0, meddle, NULL};
  failing_memory_init(&memory, 1);
  cr_assert_eq(ration_world_init(&world, &memory.memory, NULL), 0);
  cr_expect_eq(ration_world_system_add(&world, &system), -ENOMEM);
  memory.left = 1;
  cr_expect_eq(ration_world_system_add(&world, &system), 0);
  ration_world_done(&world);
  cr_expect_eq(memory.bytes, 0);
}
