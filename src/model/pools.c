/*
 * pools.c: taking a row, writing it, giving it back.
 *
 * Handles: row + ROWS x number, where number counts, from 1, how often the row has been registered. A free row is taken
 * before one that is gone, whose figures are still worth a look.
 */
#include "model/pools.h"

#include <errno.h>
#include <string.h>

#include "base/test_point.h"

#define ROWS         SEGMENT_POOLS_MOST
#define NUMBERS_MOST ((1u << 23) - 1)

_Static_assert((uint64_t)ROWS *(NUMBERS_MOST + UINT64_C(1)) - 1 <= INT32_MAX, "a handle is an int");

static struct ration_segment_pool *take_row(struct segment *segment, uint32_t state, int *ret_result);
static int try_to_take(struct segment *segment, uint32_t number, uint32_t state);
static void set_figures(struct ration_segment_pool *pool, const struct pool_figures *figures);
static struct ration_segment_pool *row_of(struct segment *segment, int handle);
static void set_name(struct ration_segment_pool *pool, const char *name);

int pools_register(struct segment *segment, const char *name, uint32_t category, uint64_t object_bytes) {
  int result = -ENOSPC;
  struct ration_segment_pool *pool = take_row(segment, RATION_POOL_FREE, &result);
  if (!pool) pool = take_row(segment, RATION_POOL_GONE, &result);
  if (!pool) return result;
  uint32_t number = pool->number < NUMBERS_MOST ? pool->number + 1 : 1;
  store_relaxed(&pool->number, number); /* readers look at it again after the rest */
  pool->category = (uint16_t)category;
  pool->object_bytes = object_bytes;
  TEST_POINT("pools:taken");
  set_name(pool, name);
  set_figures(pool, &(struct pool_figures){0});
  int handle = (int)(number * ROWS + (uint32_t)(pool - segment->pools));
  store_release(&pool->state, RATION_POOL_REGISTERED); /* pairs with row_of, and the reader's pread */
  return handle;
}

int pools_update(struct segment *segment, int handle, const struct pool_figures *figures) {
  struct ration_segment_pool *pool = row_of(segment, handle);
  if (!pool) return -ENOENT;
  set_figures(pool, figures);
  return 0;
}

/* Each by itself: readers do not rely on their order. */
static void set_figures(struct ration_segment_pool *pool, const struct pool_figures *figures) {
  store_relaxed(&pool->used, figures->used);
  store_relaxed(&pool->reserved, figures->reserved);
  store_relaxed(&pool->peak, figures->peak);
  store_relaxed(&pool->takes, figures->takes);
  store_relaxed(&pool->hits, figures->hits);
}

int pools_unregister(struct segment *segment, int handle) {
  struct ration_segment_pool *pool = row_of(segment, handle);
  uint32_t registered = RATION_POOL_REGISTERED;
  if (!pool || !cas_acq_rel(&pool->state, &registered, RATION_POOL_GONE))
    return -ENOENT; /* pairs with try_to_take */
  return 0;
}

uint32_t pools_note_all(const struct segment *segment,
                        struct ration_segment_pool ret_pools[SEGMENT_POOLS_MOST]) {
  uint32_t count = load_acquire(&segment->pools_used); /* pairs with try_to_take: they are present */
  for (uint32_t i = 0; i < count; i++) {
    const struct ration_segment_pool *pool = &segment->pools[i];
    ret_pools[i] = *pool;
    if (ret_pools[i].state == RATION_POOL_TAKEN)
      ret_pools[i].state = RATION_POOL_FREE; /* by a thread that is no more */
  }
  return count;
}

void pools_open_all(struct segment *segment, const struct ration_segment_pool *pools, uint32_t count) {
  uint64_t rows = segment_rows(segment, RATION_TABLE_POOLS);
  for (uint32_t i = 0; i < count && i < rows; i++) {
    struct ration_segment_pool *pool = &segment->pools[i];
    if (segment_make_row_present(segment, pool, sizeof *pool) < 0) return;
    *pool = pools[i];
    if (!segment_category(segment, pool->category)) pool->category = 0;
    segment->pools_used = i + 1; /* not published yet: nobody else sees it */
  }
}

/* Of those in `state` the first that is to be had. */
static struct ration_segment_pool *take_row(struct segment *segment, uint32_t state, int *ret_result) {
  uint32_t rows = (uint32_t)segment_rows(segment, RATION_TABLE_POOLS);
  for (uint32_t i = 0; i < rows; i++) {
    if (segment_make_row_present(segment, &segment->pools[i], sizeof *segment->pools) < 0) {
      *ret_result = -ENOMEM;
      return NULL;
    }
    if (try_to_take(segment, i, state)) return &segment->pools[i];
  }
  return NULL;
}

static int try_to_take(struct segment *segment, uint32_t number, uint32_t state) {
  /* pairs with pools_unregister: the row's next owner writes after its last one */
  if (!cas_acq_rel(&segment->pools[number].state, &state, RATION_POOL_TAKEN)) return 0;
  uint32_t used = load_relaxed(&segment->pools_used); /* only a guess: the swap checks it */
  while (used <= number &&
         !cas_acq_rel(&segment->pools_used, &used, number + 1)) { /* pairs with pools_note_all */
  }
  return 1;
}

static struct ration_segment_pool *row_of(struct segment *segment, int handle) {
  uint32_t row = (uint32_t)handle % ROWS, number = (uint32_t)handle / ROWS;
  if (handle <= 0 || row >= load_acquire(&segment->pools_used)) return NULL; /* pairs with try_to_take */
  struct ration_segment_pool *pool = &segment->pools[row];
  if (load_acquire(&pool->state) != RATION_POOL_REGISTERED) return NULL; /* pairs with pools_register */
  return load_relaxed(&pool->number) == number ? pool
                                               : NULL; /* whose handle it is, that thread knows its number */
}

static void set_name(struct ration_segment_pool *pool, const char *name) {
  size_t bytes = 0, most = RATION_POOL_NAME_BYTES - 1;
  while (bytes < most && name[bytes]) bytes++;
  while (bytes > 0 && name[bytes] && ((unsigned char)name[bytes] & 0xc0) == 0x80) bytes--;
  memset(pool->name, 0, sizeof pool->name);
  memcpy(pool->name, name, bytes);
}
