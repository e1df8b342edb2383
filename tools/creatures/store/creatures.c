/*
 * creatures.c: the store is made, and creatures come and go: in records, lanes, looks and the column of warm pointers, all
 * at the same position.
 */
#include "store/creatures.h"

#include <errno.h>
#include <string.h>

#include "memory/limits.h"
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/plain.h"
#include "store/pools.h"
#include "store/relations.h"

#define ZSTD_LEVEL 1

static int make(struct creatures *creatures, size_t expected);
static int make_records(struct creatures *creatures);
static int make_columns(struct creatures *creatures);
static void reserve(struct creatures *creatures, size_t expected);
static int make_scratch(struct creatures *creatures);
static int add_rows(struct creatures *creatures);
static int ask_limits(struct creatures *creatures);
static void empty(struct creatures *creatures, size_t position);

int creatures_init(struct creatures *creatures, struct memory_root *memory, struct ration_limits *limits,
                   size_t expected) {
  size_t most = limits_maximum(limits, RATION_LIMIT_ACTIVE_CREATURES);
  *creatures = (struct creatures){.memory = memory, .limits = limits};
  creatures->memories_most = (uint32_t)limits_maximum(limits, RATION_LIMIT_MEMORIES);
  creatures->relations_most = (uint32_t)limits_maximum(limits, RATION_LIMIT_RELATIONSHIPS);
  creatures->behaviours_most = (uint32_t)limits_maximum(limits, RATION_LIMIT_LEARNED_BEHAVIOURS);
  int error = make(creatures, expected < most ? expected : most);
  if (error) creatures_done(creatures);
  return error;
}

static int make(struct creatures *creatures, size_t expected) {
  int error = pools_init_records(creatures, expected);
  if (!error) error = make_records(creatures);
  if (!error) error = make_columns(creatures);
  if (!error) error = make_scratch(creatures);
  if (error) return error;
  reserve(creatures, expected);
  return pools_init_pages(creatures, expected);
}

static int make_records(struct creatures *creatures) {
  struct ration_records_settings settings = {.compression = ration_compression_lz4()};
  struct memory_root *memory = creatures->memory;
  cold_memory_init(&creatures->cold_memory, creatures->cold_pool,
                   memory_of(memory, RATION_ALLOCATOR_CREATURES));
  return creature_records_init(&creatures->records, memory_of(memory, RATION_ALLOCATOR_COMPONENTS),
                               ration_pool_memory(creatures->warm_pool), &creatures->cold_memory.memory,
                               &settings);
}

static int make_columns(struct creatures *creatures) {
  struct ration_memory *memory = memory_of(creatures->memory, RATION_ALLOCATOR_COMPONENTS);
  int error = positions_init(&creatures->positions, memory, NULL);
  if (!error)
    error =
        ration_vector_init(&creatures->warm, memory, sizeof(struct warm *), _Alignof(struct warm *), NULL);
  if (!error)
    error = ration_vector_init(&creatures->looks, memory, sizeof(struct look), _Alignof(struct look), NULL);
  return error;
}

/* For all that there may ever be, so that no birth moves them; where the budget has not as much, they grow. */
static void reserve(struct creatures *creatures, size_t expected) {
  size_t most = limits_maximum(creatures->limits, RATION_LIMIT_ACTIVE_CREATURES);
  if (most > 2 * expected) most = 2 * expected;
  int error = creature_records_reserve(&creatures->records, most);
  if (!error) error = positions_reserve(&creatures->positions, most);
  if (!error) error = ration_vector_reserve(&creatures->warm, most);
  if (!error) ration_vector_reserve(&creatures->looks, most);
}

/* Zstandard's own memory is of the same category; it gets as much as it will need before there is pressure. */
static int make_scratch(struct creatures *creatures) {
  size_t bytes = plain_bytes_most(creatures);
  int error = 0;
  RATION_SCOPE("creatures") {
    error = ration_zstd_init(&creatures->zstd, ZSTD_LEVEL);
  }
  if (error) return error;
  const struct ration_compression *compression = &creatures->zstd.compression;
  size_t half = compression->bound(bytes, compression->context);
  half = ((half > bytes ? half : bytes) + 63) & ~(size_t)63;
  struct ration_memory *memory = memory_of(creatures->memory, RATION_ALLOCATOR_CREATURES);
  creatures->scratch = ration_memory_allocate(memory, 2 * half, 64);
  if (!creatures->scratch) return -ENOMEM;
  creatures->scratch_bytes = 2 * half;
  memset(creatures->scratch, 0, 2 * half);
  ptrdiff_t packed = 0;
  RATION_SCOPE("creatures") {
    packed = compression->compress(creatures->scratch, bytes, (char *)creatures->scratch + half, half,
                                   compression->context);
  }
  return packed < 0 ? (int)packed : 0;
}

void creatures_done(struct creatures *creatures) {
  if (!creatures->memory) return;
  for (size_t i = 0; i < creatures_count(creatures); i++) empty(creatures, i);
  creature_records_done(&creatures->records);
  positions_done(&creatures->positions);
  ration_vector_done(&creatures->warm);
  ration_vector_done(&creatures->looks);
  ration_memory_release(memory_of(creatures->memory, RATION_ALLOCATOR_CREATURES), creatures->scratch,
                        creatures->scratch_bytes, 64);
  ration_zstd_done(&creatures->zstd);
  *creatures = (struct creatures){.scratch = NULL};
}

/* ---- births and deaths ------------------------------------------------------------------------------------------ */

int creatures_add(struct creatures *creatures, uint64_t *ret_id) {
  size_t count = creatures_count(creatures);
  uint64_t id;
  int error = ask_limits(creatures);
  if (!error) error = creature_records_add(&creatures->records, &id);
  if (error) return error;
  if (!creature_records_cold(&creatures->records, id)) error = -errno;
  if (!error) error = add_rows(creatures);
  if (error) {
    creature_records_remove(&creatures->records, id);
    return error;
  }
  creatures_hot(creatures)[count].flags = FLAG_ALIVE;
  creatures->born++;
  *ret_id = id;
  return 0;
}

static int ask_limits(struct creatures *creatures) {
  int answer =
      ration_limits_add(creatures->limits, RATION_LIMIT_ACTIVE_CREATURES, creatures_count(creatures));
  if (answer >= 0) answer = pools_ask(creatures, creatures->warm_pool);
  if (answer >= 0) answer = pools_ask(creatures, creatures->cold_pool);
  return answer < 0 ? answer : 0;
}

/* Of the last creature, in the columns; all or none. */
static int add_rows(struct creatures *creatures) {
  size_t position = creatures_count(creatures) - 1;
  struct warm *warm = creature_records_warm_at(&creatures->records, position);
  int error = ration_vector_push(&creatures->warm, &warm);
  if (!error) error = ration_vector_resize(&creatures->looks, position + 1);
  if (!error) error = positions_add(&creatures->positions, (struct positions_entry){.x = 0}, NULL);
  if (!error) return 0;
  if (ration_vector_count(&creatures->warm) > position) ration_vector_pop(&creatures->warm, NULL);
  if (ration_vector_count(&creatures->looks) > position) ration_vector_pop(&creatures->looks, NULL);
  return error;
}

int creatures_remove(struct creatures *creatures, uint64_t id) {
  uint32_t position = creatures_find(creatures, id);
  if (position == NOTHING) return creature_records_remove(&creatures->records, id); /* which says why not */
  empty(creatures, position);
  int error = creature_records_remove(&creatures->records, id);
  if (error) return error;
  positions_remove(&creatures->positions, position);
  ration_vector_remove_swap(&creatures->warm, position, NULL);
  ration_vector_remove_swap(&creatures->looks, position, NULL);
  creatures->died++;
  return 0;
}

/* What it has besides its records. */
static void empty(struct creatures *creatures, size_t position) {
  struct cold *cold = creatures_cold(creatures, position);
  if (!cold) return;
  memories_set(creatures, cold, NULL, 0);
  relations_set(creatures, cold, NULL, 0);
  behaviours_set(creatures, cold, NULL, 0);
  archive_drop(creatures, cold);
}

uint32_t creatures_find(const struct creatures *creatures, uint64_t id) {
  const struct ration_records_slot *slot = ration_records_slot_of(&creatures->records.records, id);
  return slot ? slot->position : NOTHING;
}
