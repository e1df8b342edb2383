/*
 * pool.h: object pool. Objects of one type lie close together in blocks, are taken and given one at a time in
 * O(1), and have no header; what is given twice, or was never the pool's, is told and not done.
 *
 *     RATION_POOL(particles, struct particle);           // typed functions, and the type particles_type
 *     struct particles pool;
 *     particles_init(&pool, NULL);
 *     struct particle *particle = particles_take(&pool); // zero
 *     particles_give(&pool, particle);
 *
 * An object is zero when it is taken, or as the type's `init` sets it; `reset` is called on one that is
 * given.
 *
 * Growing: by growth_factor x capacity objects, at least 1,024, rounded up to a multiple of 64, and by less
 * where the maximum is nearer: capacity is never over the maximum, which need not be a multiple of 64. Where
 * memory has no room for that much, 1,024 are tried. The initial capacity is rounded up to a multiple of 64
 * as well, but not over the maximum.
 *
 * Shrinking: when the use falls under shrink_threshold x capacity, empty blocks are given back, once they are
 * a quarter of the capacity together, and half of what could go: at least the initial capacity, 1,024
 * objects, and a quarter more than is in use stay. It does not happen again before the capacity has grown by
 * a quarter of what was left: a program whose use swings does not pay for it each time.
 * ration_pool_shrink_to_fit() has no such rules.
 *
 * How: a bit for each object says whether it is free; the bits of full words are skipped by bits over words,
 * so the first word with room is found in one step for each factor of 64. Takes are from the oldest block
 * with room, so that the newest, and largest, fall empty; of all given objects the pool holds back one, and
 * serves the next take with it. Blocks are found by the address's upper bits in a hash table (a quarter full
 * at most), the object's number by a multiplication that is exact only for a multiple of the object's size
 * (Granlund and Montgomery, "Division by invariant integers using multiplication", 1994, section 9). So no
 * byte is read that is not the pool's. The sketch of a set of all taken objects, looked up at each call,
 * costs a hash of each object's address, and some 16 bytes for each.
 *
 * Complexity: take and give O(1); a take that grows, O(new objects / 64); the others as they say. Overhead:
 * one bit and 1/64 for each object, 8 more where there is a `reset`. From one thread at a time; for several
 * see shared_pool.h.
 */
#ifndef RATION_KIT_POOL_H
#define RATION_KIT_POOL_H

#include <ration/kit/memory.h>

#include <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a pool holds. A type is the address of its descriptor, which is static, and is not copied. */
struct ration_pool_type {
  const char *name; /* for reports */
  size_t size;      /* of an object, above 0 */
  size_t alignment; /* that it needs */

  /* Either may be NULL. init sets an object whose bytes may be anything, where it is otherwise zeroed. Both
     may take and give other objects of the same pool, but do nothing else with it. An object counts as given
     while `reset` runs on it: two that refer to each other may give each other. */
  void (*init)(void *object, void *context);
  void (*reset)(void *object, void *context);
};

/* { } of a descriptor without functions. */
#define RATION_POOL_TYPE(TYPE)                                                                               \
  { #TYPE, sizeof(TYPE), __alignof__(TYPE), 0, 0 }

#define RATION_POOL_NEVER (-1.0) /* a shrink_threshold */

struct ration_pool_settings {
  size_t initial_capacity; /* objects, reserved by init; 0: none before the first take */
  size_t maximum_capacity; /* objects; 0: as many as there is memory for */
  double growth_factor;    /* above 0; 0 stands for 1.0: capacity doubles */
  double shrink_threshold; /* above 0, to 1; 0 stands for 0.25; RATION_POOL_NEVER */
  size_t alignment;        /* of each object, at least the type's; 0: the type's */
  struct ration_memory *memory;
  void *context; /* for the type's functions */
};

/* (Not "figures", as of other things: that is what ration.h calls those that the shim is told.) */
struct ration_pool_counts {
  size_t used;      /* objects taken and not given */
  size_t capacity;  /* objects that there is memory for */
  size_t peak;      /* the most that were used at once */
  uint64_t takes;   /* objects taken so far; what failed is not counted */
  uint64_t hits;    /* of these, served without growing */
  uint64_t grows;   /* times that it grew after init */
  uint64_t shrinks; /* times that blocks were given back */
  size_t bytes;     /* asked of memory, and not given back: objects, bits and tables */
};

struct ration_pool;

/*
 * settings NULL: the defaults. -EINVAL: pool or type is NULL, a size of 0, an alignment that is no power of
 * two or less than the type's, a factor or threshold out of range, initial_capacity > maximum_capacity;
 * -EOVERFLOW: a capacity x size too large; -ENOMEM, -ENOSPC: memory has no room for the initial capacity.
 * After a failure, pool is all zero.
 */
int ration_pool_init(struct ration_pool *pool, const struct ration_pool_type *type,
                     const struct ration_pool_settings *settings);

/* O(blocks). `reset` is not called on what is still taken: ration_pool_clear() does that. */
void ration_pool_done(struct ration_pool *pool);

/* An object. NULL and EINVAL: pool is NULL or was not initialised; ENOSPC: the maximum is reached; ENOMEM. */
static inline void *ration_pool_take(struct ration_pool *pool);

/* The same with any contents, and without `init`: for those who set all of it. A large object takes longer to
   zero than to take. */
static inline void *ration_pool_take_any(struct ration_pool *pool);

/* -EINVAL: pool as above, or object is NULL; -EALREADY: it is given already; -EFAULT: it is not where an
   object of this pool begins, or the block that it was in has been given back. */
static inline int ration_pool_give(struct ration_pool *pool, void *object);

/* Gives all that is taken, capacity stays. O(capacity / 64), with `reset` also O(used); `reset` may take
   objects here, but they are given as well, without it. -EINVAL: as above; -EBUSY: `reset` calls it. */
int ration_pool_clear(struct ration_pool *pool);

/* Room for that many objects in all, in blocks as growing makes them: so that a later take need not grow, and blocks
   can go back one by one. -ENOSPC: more than the maximum; -ENOMEM: what was got until then stays; -EINVAL: as above. */
int ration_pool_reserve(struct ration_pool *pool, size_t capacity);

/* Gives back each empty block, those of the initial capacity also. O(capacity / 64). -EINVAL, -EBUSY: as
   above. */
int ration_pool_shrink_to_fit(struct ration_pool *pool);

/*
 * Moves an object to a block that is older than its own, where one has room: who does so with all objects, and puts
 * what refers to them right, has the newest blocks empty, and shrink_to_fit gives these back. Where it is now; its bytes
 * are as they were, and neither `init` nor `reset` is called. NULL and EINVAL: as above; EFAULT: it is not a taken object
 * of this pool. O(1).
 */
void *ration_pool_settle(struct ration_pool *pool, void *object);

/* O(1). -EINVAL: an argument is NULL. */
int ration_pool_stats(const struct ration_pool *pool, struct ration_pool_counts *ret_counts);

/* hits / takes, from 0 to 1; 0 where nothing was taken. */
static inline double ration_pool_hit_rate(const struct ration_pool_counts *counts) {
  return counts->takes ? (double)counts->hits / (double)counts->takes : 0;
}

/* 1: object is taken from this pool, and not given; else 0. O(1). */
int ration_pool_has(const struct ration_pool *pool, const void *object);

/*
 * The pool as a memory, valid as long as it: each block is one object, taken and given as above. Requests of
 * more than the object's size fail with ENOSPC, those of a greater alignment than the pool's with EINVAL.
 * NULL of NULL.
 */
struct ration_memory *ration_pool_memory(struct ration_pool *pool);

/* Is told of a pool's counts; uses nothing of the pool itself. */
typedef void (*ration_pool_hook)(const struct ration_pool_counts *counts, void *context);

/*
 * From now on hook is called, by whoever uses the pool, when it grows, shrinks or is cleared, and when its
 * use or its takes differ by more than 1, and more than 1/64, from what they were at the last call; and now.
 * NULL: not any more. Where there is none, this costs nothing beyond a comparison. -EINVAL: pool as above.
 */
int ration_pool_watch(struct ration_pool *pool, ration_pool_hook hook, void *context);

/* Calls the hook now, if there is one. */
void ration_pool_publish(struct ration_pool *pool);

/* 1 if all holds that must; for tests. O(capacity / 64). */
int ration_pool_is_valid(const struct ration_pool *pool);

/*
 * struct NAME and functions NAME_init, _done, _take, _take_any, _give, _clear, _has and _pool, for objects of
 * TYPE: those above, with the size known to the compiler. RATION_POOL also makes the descriptor, NAME_type,
 * of its own for each source file; RATION_POOL_OF takes one that the program has, by name, whose size is that
 * of TYPE.
 */
#define RATION_POOL(NAME, TYPE)                                                                              \
  static const struct ration_pool_type NAME##_type = RATION_POOL_TYPE(TYPE);                                 \
  RATION_POOL_OF(NAME, TYPE, NAME##_type)

#define RATION_POOL_OF(NAME, TYPE, DESCRIPTOR)                                                               \
  struct NAME {                                                                                              \
    struct ration_pool pool;                                                                                 \
  };                                                                                                         \
  static __inline__ __attribute__((unused)) int NAME##_init(struct NAME *pool,                               \
                                                            const struct ration_pool_settings *settings) {   \
    if ((DESCRIPTOR).size != sizeof(TYPE)) return -EINVAL;                                                   \
    return ration_pool_init(&pool->pool, &(DESCRIPTOR), settings);                                           \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) void NAME##_done(struct NAME *pool) {                            \
    ration_pool_done(&pool->pool);                                                                           \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) TYPE *NAME##_take(struct NAME *pool) {                           \
    return (TYPE *)ration_pool_take_sized(&pool->pool, sizeof(TYPE));                                        \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) TYPE *NAME##_take_any(struct NAME *pool) {                       \
    return (TYPE *)ration_pool_take_any(&pool->pool);                                                        \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_give(struct NAME *pool, TYPE *object) {               \
    return ration_pool_give(&pool->pool, object);                                                            \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_clear(struct NAME *pool) {                            \
    return ration_pool_clear(&pool->pool);                                                                   \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_has(const struct NAME *pool, TYPE const *object) {    \
    return ration_pool_has(&pool->pool, object);                                                             \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) struct ration_pool *NAME##_pool(struct NAME *pool) {             \
    return &pool->pool;                                                                                      \
  }                                                                                                          \
  struct NAME

/* ---- private: take and give are inline, since a call would cost as much as they do --------------------- */

struct ration_pool_index;

/* What give looks at of a block; pool.c has the rest behind it. */
struct ration_pool_block {
  uintptr_t base;  /* of the first object */
  size_t count;    /* objects; 0 in what stands for "none" in the table */
  uint64_t *free;  /* bit i: object i is free; object `hot` counts as taken */
  uint8_t *states; /* a byte for each object, or NULL */
};

/*
 *     out  == objects whose bit is 0;  used == out - (hot != NULL);  hot != NULL implies its bit is 0
 *     peak == the most that out ever was: hot is NULL whenever out rises
 *     leaf == NULL, or a word of bits of a block that is in the index
 */
struct ration_pool {
  struct ration_memory memory; /* the pool as one */
  void *hot;                   /* the object given last that is held back, or NULL */
  uint64_t *leaf;              /* the word of bits that is taken from */
  char *leaf_objects;          /* the first of its 64 objects */
  size_t stride, size;
  uint64_t takes, takes_due; /* of takes: that many are to be shown; 0: never */
  size_t out, peak;
  size_t low, high; /* out < low, out > high: something is due */
  void (*init)(void *object, void *context);
  void (*reset)(void *object, void *context);
  void *context;
  struct ration_pool_block **table;
  uint64_t inverse; /* of the odd part of stride, modulo 2^64 */
  uint32_t twos;    /* stride == odd part << twos */
  uint32_t span_shift, table_shift;

  uint32_t resetting; /* calls of `reset` that have not returned */
  uint32_t is_shared; /* others look into the index meanwhile */
  struct ration_pool_index *index;
  struct ration_pool_block *retired; /* of a shared pool: without objects */
  const struct ration_pool_type *type;
  struct ration_memory *below;
  double growth_factor, shrink_threshold;
  size_t alignment, initial, maximum, capacity, blocks, bytes;
  size_t shrink_from; /* capacity below which it does not shrink by itself */
  size_t shrink_mark; /* out < shrink_mark: try it */
  size_t publish_low;
  uint64_t misses, grows, shrinks;
  ration_pool_hook hook;
  void *hook_context;
};

void *ration_pool_take_far(struct ration_pool *pool);
int ration_pool_give_far(struct ration_pool *pool, void *object);
void ration_pool_note_room(struct ration_pool *pool, struct ration_pool_block *block, size_t index);
void ration_pool_note_low(struct ration_pool *pool);

static inline size_t ration_pool_slot(uintptr_t address, uint32_t span_shift, uint32_t table_shift) {
  return (size_t)(((uint64_t)(address >> span_shift) * UINT64_C(0x9e3779b97f4a7c15)) >> table_shift);
}

/* The number of the object that begins at address, or something that is not below block->count. */
static inline uint64_t ration_pool_number(const struct ration_pool *pool, uintptr_t base, uintptr_t address) {
  uint64_t product = (uint64_t)(address - base) * pool->inverse;
  return product >> pool->twos | product << (-pool->twos & 63);
}

static inline void *ration_pool_take_any(struct ration_pool *pool) {
  if (__builtin_expect(!pool, 0)) return ration_pool_take_far(pool);
  void *object = pool->hot;
  if (object) {
    pool->hot = 0;
    if (__builtin_expect(++pool->takes == pool->takes_due, 0)) ration_pool_publish(pool);
    return object;
  }
  uint64_t *leaf = pool->leaf;
  if (__builtin_expect(!leaf || !*leaf, 0)) return ration_pool_take_far(pool);
  uint64_t word = *leaf;
  size_t out = ++pool->out;
  uint64_t takes = ++pool->takes;
  *leaf = word & (word - 1);
  if (out > pool->peak) pool->peak = out;
  object = pool->leaf_objects + (size_t)__builtin_ctzll(word) * pool->stride;
  if (__builtin_expect(out > pool->high || takes == pool->takes_due, 0)) ration_pool_publish(pool);
  return object;
}

/* By stores that may overlap, up to 512 bytes: a call of memset, or `rep stos`, which the compiler may
   choose, takes longer than these. */
static inline __attribute__((always_inline)) void ration_pool_zero(void *object, size_t size) {
  char *first = (char *)object, *last = first + size;
  if (size > 512 || size < 8) {
    __builtin_memset(first, 0, size);
  } else if (size > 32) {
    for (; first < last - 32; first += 32) {
      __asm__("" : "+r"(first)); /* or the compiler makes a memset of the loop */
      __builtin_memset(first, 0, 32);
    }
    __builtin_memset(last - 32, 0, 32);
  } else if (size > 16) {
    __builtin_memset(first, 0, 16);
    __builtin_memset(last - 16, 0, 16);
  } else {
    __builtin_memset(first, 0, 8);
    __builtin_memset(last - 8, 0, 8);
  }
}

static inline __attribute__((always_inline)) void *ration_pool_take_sized(struct ration_pool *pool,
                                                                          size_t size) {
  void *object = ration_pool_take_any(pool);
  if (__builtin_expect(!object, 0)) return object;
  if (pool->init)
    pool->init(object, pool->context);
  else if (__builtin_constant_p(size) && size <= 64)
    __builtin_memset(object, 0, size);
  else
    ration_pool_zero(object, size);
  return object;
}

static inline void *ration_pool_take(struct ration_pool *pool) {
  return ration_pool_take_sized(pool, pool ? pool->size : 0);
}

static inline int ration_pool_give(struct ration_pool *pool, void *object) {
  if (__builtin_expect(!pool || !pool->table, 0)) return -EINVAL;
  uintptr_t address = (uintptr_t)object;
  struct ration_pool_block *block =
      pool->table[ration_pool_slot(address, pool->span_shift, pool->table_shift)];
  uint64_t number = ration_pool_number(pool, block->base, address);
  if (__builtin_expect(number >= block->count || pool->reset, 0)) return ration_pool_give_far(pool, object);
  uint64_t *word = &block->free[number / 64], free = *word, bit = UINT64_C(1) << number % 64;
  if (__builtin_expect(free & bit || object == pool->hot, 0)) return -EALREADY;
  if (!pool->hot) {
    pool->hot = object;
    return 0;
  }
  *word = free | bit;
  size_t out = --pool->out;
  if (__builtin_expect(!free, 0)) ration_pool_note_room(pool, block, (size_t)number);
  if (__builtin_expect(out < pool->low, 0)) ration_pool_note_low(pool);
  return 0;
}

#ifdef __cplusplus
}
#endif
#endif
