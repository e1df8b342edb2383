/*
 * on_all_memories.c: the containers of the kit on each of its memories, wrapped by debug.h: whatever a memory refuses, a
 * container stays valid and keeps what it has, gives each block back as it was asked for, once, and writes into no other.
 */
#include <ration/kit/allocator.h>
#include <ration/kit/arena.h>
#include <ration/kit/debug.h>
#include <ration/kit/heap.h>
#include <ration/kit/interner.h>
#include <ration/kit/lanes.h>
#include <ration/kit/pool.h>
#include <ration/kit/records.h>
#include <ration/kit/ring_buffer.h>
#include <ration/kit/sparse_set.h>
#include <ration/kit/stack.h>
#include <ration/kit/vector.h>
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "base/random.h"

#define OBJECT 16384
#define ROUNDS 1000
#define KEYS   400

enum kind { SYSTEM, ARENA, FIXED_ARENA, STACK, HEAP, POOL, ALLOCATOR, KINDS };
static const char *const names[KINDS] = {"system", "arena", "fixed arena", "stack",
                                         "heap",   "pool",  "allocator"};

struct bed {
  struct ration_memory *memory; /* the wrapper's */
  enum kind kind;
  struct ration_arena arena;
  struct ration_stack stack;
  struct ration_heap heap;
  struct ration_pool pool;
  struct ration_allocator allocator;
  struct ration_debug debug;
  struct random random;
  size_t faults;
};

/* A stack refuses what is out of order, and has it back with the rest. */
static void report(const struct ration_debug_fault *fault, void *context) {
  struct bed *bed = context;
  if (bed->kind == STACK && fault->error == -EBUSY) return;
  fprintf(stderr, "on %s: %s: %zu bytes, given as %zu: %d\n", names[bed->kind], fault->text, fault->size,
          fault->given_size, fault->error);
  bed->faults++;
}

static struct ration_memory *make_base(struct bed *bed) {
  static const struct ration_pool_type object = {"object", OBJECT, 64, NULL, NULL};
  const struct ration_arena_settings fixed = {.block_bytes = 300000, .is_fixed = 1};
  const struct ration_pool_settings few = {.maximum_capacity = 24};
  const struct ration_allocator_settings small = {.total = 400000};
  switch (bed->kind) {
  case ARENA:
    cr_assert_eq(ration_arena_init(&bed->arena, NULL, NULL), 0);
    return &bed->arena.memory;
  case FIXED_ARENA:
    cr_assert_eq(ration_arena_init(&bed->arena, NULL, &fixed), 0);
    return &bed->arena.memory;
  case STACK:
    cr_assert_eq(ration_stack_init(&bed->stack, NULL, NULL), 0);
    return &bed->stack.memory;
  case HEAP:
    cr_assert_eq(ration_heap_init(&bed->heap, NULL, NULL), 0);
    return &bed->heap.memory;
  case POOL:
    cr_assert_eq(ration_pool_init(&bed->pool, &object, &few), 0);
    return ration_pool_memory(&bed->pool);
  case ALLOCATOR:
    cr_assert_eq(ration_allocator_init(&bed->allocator, &small), 0);
    return ration_allocator_category(&bed->allocator, RATION_ALLOCATOR_WORLD);
  default:
    return NULL;
  }
}

static void make_bed(struct bed *bed, enum kind kind) {
  memset(bed, 0, sizeof *bed);
  bed->kind = kind;
  bed->random.seed = 7 + kind;
  struct ration_debug_settings settings = {
      .frames = RATION_DEBUG_NO_FRAMES, .quarantine_bytes = 1, .report = report, .context = bed};
  cr_assert_eq(ration_debug_init(&bed->debug, make_base(bed), &settings), 0);
  bed->memory = &bed->debug.memory;
}

static void end_bed(struct bed *bed) {
  struct ration_debug_figures figures;
  ration_debug_check(&bed->debug, NULL);
  cr_assert_eq(ration_debug_stats(&bed->debug, &figures), 0);
  if (bed->kind != STACK)
    cr_expect_eq(figures.live_blocks, 0, "%zu blocks leak on %s", figures.live_blocks, names[bed->kind]);
  cr_expect_eq(bed->faults, 0, "%zu faults on %s", bed->faults, names[bed->kind]);
  ration_debug_done(&bed->debug);
  ration_allocator_done(&bed->allocator);
  ration_pool_done(&bed->pool);
  ration_heap_done(&bed->heap);
  ration_stack_done(&bed->stack);
  ration_arena_done(&bed->arena);
}

/* 0, or what a memory may say; never a container's own error for something else. */
static void expect_refusal(const struct bed *bed, int error) {
  int is_refusal = error == -ENOMEM || error == -ENOSPC || error == -EBUSY;
  cr_assert(!error || is_refusal, "error %d on %s", error, names[bed->kind]);
}

static uint32_t draw(struct bed *bed, uint32_t below) {
  return (uint32_t)random_below(&bed->random, below);
}

static void try_vector(struct bed *bed) {
  static uint64_t plain[100000];
  size_t count = 0;
  struct ration_vector vector;
  cr_assert_eq(ration_vector_init(&vector, bed->memory, sizeof *plain, 8, NULL), 0);
  for (uint32_t i = 0; i < ROUNDS; i++) {
    uint64_t values[40];
    size_t more = draw(bed, 40), index = draw(bed, (uint32_t)count + 1);
    for (size_t k = 0; k < more; k++) values[k] = random_next(&bed->random);
    int error = 0;
    switch (draw(bed, 8)) {
    case 0:
      error = ration_vector_shrink_to_fit(&vector);
      break;
    case 1:
      error = ration_vector_reserve(&vector, count + draw(bed, 500));
      break;
    case 2:
      if (!ration_vector_pop(&vector, NULL)) count--;
      break;
    case 3:
      if (index == count) break;
      cr_assert_eq(ration_vector_remove(&vector, index, NULL), 0);
      memmove(plain + index, plain + index + 1, (--count - index) * sizeof *plain);
      break;
    default:
      error = ration_vector_insert_many(&vector, index, values, more);
      if (error) break;
      memmove(plain + index + more, plain + index, (count - index) * sizeof *plain);
      memcpy(plain + index, values, more * sizeof *plain);
      count += more;
    }
    expect_refusal(bed, error);
    cr_assert(ration_vector_is_valid(&vector));
    cr_assert_eq(vector.count, count);
    if (i % 16 == 0 && count) cr_assert_eq(memcmp(vector.data, plain, count * sizeof *plain), 0);
  }
  ration_vector_done(&vector);
}

static void try_ring_buffer(struct bed *bed) {
  struct ration_ring_buffer ring;
  uint64_t next = 0;
  cr_assert_eq(ration_ring_buffer_init(&ring, bed->memory, sizeof next, 8, 10), 0);
  for (int i = 0; i < ROUNDS; i++) {
    if (!draw(bed, 8)) {
      expect_refusal(bed, ration_ring_buffer_set_capacity(&ring, 1 + draw(bed, 3000)));
    } else {
      cr_assert_geq(ration_ring_buffer_push(&ring, &next, NULL), 0);
      next++;
    }
    cr_assert(ration_ring_buffer_is_valid(&ring));
    for (size_t age = 0; age < ring.count; age += 7)
      cr_assert_eq(*(uint64_t *)ration_ring_buffer_at(&ring, age), next - 1 - age);
  }
  ration_ring_buffer_done(&ring);
}

static void try_interner(struct bed *bed) {
  static const char *texts[ROUNDS + 1];
  struct ration_interner interner;
  char text[5000];
  cr_assert_eq(ration_interner_init(&interner, bed->memory, NULL), 0);
  for (uint32_t i = 0; i < ROUNDS; i++) {
    int length = draw(bed, 50) ? 1 : (int)draw(bed, 4900);
    snprintf(text, sizeof text, "%u %0*d", draw(bed, ROUNDS), length, 0);
    uint32_t count = interner.count, id = ration_interner_add(&interner, text);
    if (!id) expect_refusal(bed, -errno);
    if (id > count) texts[id] = ration_interner_text(&interner, id);
    cr_assert_eq(interner.count, count + (id > count));
    if (i % 500 == 0) cr_assert(ration_interner_is_valid(&interner));
  }
  for (uint32_t id = 1; id <= interner.count; id++)
    cr_assert_eq(ration_interner_text(&interner, id), texts[id]);
  cr_assert(ration_interner_is_valid(&interner));
  ration_interner_done(&interner);
}

static void try_lanes(struct bed *bed) {
  struct ration_lanes lanes;
  cr_assert_eq(ration_lanes_init(&lanes, bed->memory, 3, NULL), 0);
  for (uint32_t i = 0; i < ROUNDS; i++) {
    uint32_t values[3] = {i, 2 * i, 3 * i};
    switch (draw(bed, 6)) {
    case 0:
      expect_refusal(bed, ration_lanes_shrink_to_fit(&lanes));
      break;
    case 1:
      if (lanes.count) cr_assert_geq(ration_lanes_remove(&lanes, draw(bed, (uint32_t)lanes.count)), 0);
      break;
    default:
      expect_refusal(bed, ration_lanes_add(&lanes, values, NULL));
    }
    cr_assert(ration_lanes_is_valid(&lanes));
    if (!lanes.count) continue;
    cr_assert_eq(ration_lanes_get(&lanes, draw(bed, (uint32_t)lanes.count), values), 0);
    cr_assert(values[1] == 2 * values[0] && values[2] == 3 * values[0]);
  }
  ration_lanes_done(&lanes);
}

/* Each record has its entity's number, as soon as it was written. */
static void expect_number(const uint64_t *record, uint64_t number) {
  if (record) cr_assert(*record == 0 || *record == number);
}

static void try_records(struct bed *bed) {
  static uint64_t ids[KEYS];
  struct ration_records records;
  const struct ration_records_part part = {24, 8, bed->memory}, hot = {8, 8, bed->memory};
  memset(ids, 0, sizeof ids);
  cr_assert_eq(ration_records_init(&records, &hot, &part, &part, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    uint64_t *id = &ids[draw(bed, KEYS)], *warm, *cold;
    if (!*id) {
      expect_refusal(bed, ration_records_add(&records, id));
      if (*id) *(uint64_t *)ration_records_hot(&records, *id) = *id;
      continue;
    }
    cr_assert_eq(*(uint64_t *)ration_records_hot(&records, *id), *id);
    switch (draw(bed, 5)) {
    case 0:
      cr_assert_eq(ration_records_remove(&records, *id), 0);
      *id = 0;
      break;
    case 1:
      warm = ration_records_warm(&records, *id);
      expect_number(warm, *id);
      if (warm) *warm = *id;
      break;
    case 2:
      cold = ration_records_cold(&records, *id);
      expect_number(cold, *id);
      if (cold) *cold = *id;
      break;
    case 3:
      ration_records_demote(&records, *id);
      break;
    default:
      expect_refusal(bed, ration_records_shrink_to_fit(&records));
    }
    cr_assert(i % 16 || ration_records_is_valid(&records));
  }
  ration_records_done(&records);
}

static void try_sparse_set(struct bed *bed) {
  struct ration_sparse_set set;
  cr_assert_eq(ration_sparse_set_init(&set, bed->memory, 40, 8, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    struct ration_entity entity = {draw(bed, KEYS) * 20, 1};
    uint64_t *element = ration_sparse_set_get(&set, entity);
    if (element) cr_assert_eq(*element, entity.index);
    switch (draw(bed, 5)) {
    case 0:
      cr_assert_eq(ration_sparse_set_remove(&set, entity, NULL), element ? 0 : -ENOENT);
      break;
    case 1:
      if (!draw(bed, 10)) cr_assert_eq(ration_sparse_set_shrink_to_fit(&set), 0);
      break;
    case 2:
      if (!draw(bed, 10)) expect_refusal(bed, ration_sparse_set_sort(&set, NULL, NULL));
      break;
    default:
      if (element) break;
      element = ration_sparse_set_add(&set, entity);
      if (!element) expect_refusal(bed, -errno);
      if (element) *element = entity.index;
    }
    cr_assert(i % 16 || ration_sparse_set_is_valid(&set));
  }
  ration_sparse_set_done(&set);
}

static const struct ration_component body = {"body", 40, 8, NULL, NULL, NULL};
static const struct ration_component mind = {"mind", 24, 4, NULL, NULL, NULL};

static void change_entity(struct bed *bed, struct ration_world *world, struct ration_entity *entity,
                          uint32_t number) {
  struct ration_entity_builder builder;
  uint32_t value[10] = {number};
  const struct ration_component *type = draw(bed, 2) ? &body : &mind;
  if (ration_entity_is_none(*entity)) {
    cr_assert_eq(ration_entity_builder_init(&builder, world), 0);
    cr_assert_eq(ration_entity_builder_add(&builder, type, value), 0);
    expect_refusal(bed, ration_entity_builder_commit(&builder, entity));
    ration_entity_builder_done(&builder);
    return;
  }
  const uint32_t *got = ration_world_get(world, *entity, type);
  if (got) cr_assert_eq(*got, value[0]);
  if (!draw(bed, 3)) {
    cr_assert_eq(ration_world_despawn(world, *entity), 0);
    *entity = ration_entity_none();
  } else if (got) {
    expect_refusal(bed, ration_world_remove(world, *entity, type));
  } else if (!ration_world_add(world, *entity, type, value)) {
    expect_refusal(bed, -errno);
  }
}

static void try_world(struct bed *bed) {
  static struct ration_entity entities[KEYS];
  struct ration_world world;
  const struct ration_world_settings settings = {.chunk = 8, .chunk_most = 64};
  memset(entities, 0, sizeof entities);
  cr_assert_eq(ration_world_init(&world, bed->memory, &settings), 0);
  cr_assert_eq(ration_world_component_add(&world, &body, NULL), 0);
  cr_assert_eq(ration_world_component_add(&world, &mind, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t number = draw(bed, KEYS);
    change_entity(bed, &world, &entities[number], number);
    if (i % 300 == 0) cr_assert_eq(ration_world_shrink_to_fit(&world), 0);
    cr_assert(i % 64 || ration_world_is_valid(&world));
  }
  ration_world_done(&world);
}

static void try_on_all(void (*try)(struct bed *bed)) {
  static struct bed bed;
  for (int kind = SYSTEM; kind < KINDS; kind++) {
    make_bed(&bed, (enum kind)kind);
    try(&bed);
    end_bed(&bed);
  }
}

Test(kit_on_all_memories, a_vector) {
  try_on_all(try_vector);
}

Test(kit_on_all_memories, a_ring_buffer) {
  try_on_all(try_ring_buffer);
}

Test(kit_on_all_memories, an_interner) {
  try_on_all(try_interner);
}

Test(kit_on_all_memories, lanes) {
  try_on_all(try_lanes);
}

Test(kit_on_all_memories, records) {
  try_on_all(try_records);
}

Test(kit_on_all_memories, a_sparse_set) {
  try_on_all(try_sparse_set);
}

Test(kit_on_all_memories, a_world) {
  try_on_all(try_world);
}
