/*
 * lanes.h: a structure of arrays for SIMD: entries of 4-byte fields, in blocks of 8 entries, in which the 8 values of
 * each field lie one after another.
 *
 *     RATION_LANES(particles, float x, float y, float age)
 *
 *     particles_add(&particles, (struct particles_entry){.x = 1}, NULL);
 *     struct particles_block *blocks = particles_data(&particles); // float x[8], y[8], age[8]; 32-byte aligned
 *     for (size_t i = 0; i < particles_blocks(&particles); i++)
 *       for (int lane = 0; lane < 8; lane++) blocks[i].age[lane] += seconds;
 *
 * Loops run over whole blocks, without a remainder: the lanes behind the last entry are there, and are zero. A loop
 * that leaves other values there does the store no harm, and clear_tail makes them zero again, for loops that add up.
 *
 * Entry i is lane i % 8 of block i / 8. The blocks are one array, which moves when it grows: pointers hold until the
 * next add, reserve or shrink_to_fit. A remove moves the last entry into the gap, so that indices hold until then. add:
 * O(fields), amortised; remove, get, set: O(fields); at, block_at: O(1). May be moved in memory, between calls.
 */
#ifndef RATION_KIT_LANES_H
#define RATION_KIT_LANES_H

#include <ration/kit/vector.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_LANES_WIDTH       8u  /* entries of a block */
#define RATION_LANES_ALIGNMENT   32u /* of a block: that of a register of 8 floats */
#define RATION_LANES_FIELDS_MOST 256u

struct ration_lanes {
  struct ration_vector blocks; /* all private */
  size_t count;                /* of entries */
  size_t maximum;
  size_t fields;
};

struct ration_lanes_settings {
  size_t capacity; /* entries to make room for at once; 0: none */
  size_t maximum;  /* entries; 0: as many as fit in RATION_BYTES_MOST */
};

/* fields: 4-byte fields of an entry: float, int32_t or uint32_t, whichever. settings NULL: the defaults. -EINVAL: no
   fields, more than RATION_LANES_FIELDS_MOST, capacity > maximum; -EOVERFLOW; -ENOMEM and what else the memory says. */
int ration_lanes_init(struct ration_lanes *lanes, struct ration_memory *memory, size_t fields,
                      const struct ration_lanes_settings *settings);
void ration_lanes_done(struct ration_lanes *lanes);

/*
 * A new entry, the last. values: its fields, 4 bytes each, one after another; NULL: zeroes. They may lie in the blocks,
 * and are then taken as they were before the call. Its index, which is the count as it was, in ret_index, which may be
 * NULL. -ENOSPC: there are as many as the maximum; -ENOMEM and what else the memory says; -EINVAL: lanes is NULL or done.
 */
int ration_lanes_add(struct ration_lanes *lanes, const void *values, size_t *ret_index);

/* Takes the entry at index out. 1: the last one has taken its place; its index was what the count is now. 0: it was
   itself the last, and none has moved. -ENOENT: there is none. */
int ration_lanes_remove(struct ration_lanes *lanes, size_t index);

/* All fields of an entry, one after another; those that are set may lie in the blocks. -ENOENT: there is none; -EINVAL:
   NULL. */
int ration_lanes_get(const struct ration_lanes *lanes, size_t index, void *ret_values);
int ration_lanes_set(struct ration_lanes *lanes, size_t index, const void *values);

/* Room for that many entries in all. -ENOSPC, -EOVERFLOW, -ENOMEM and what else the memory says. */
int ration_lanes_reserve(struct ration_lanes *lanes, size_t capacity);
int ration_lanes_shrink_to_fit(struct ration_lanes *lanes);
void ration_lanes_clear(struct ration_lanes *lanes);
void ration_lanes_clear_tail(struct ration_lanes *lanes);

/* One field of one entry: 4 bytes; NULL and ENOENT where there is none. */
static inline void *ration_lanes_at(const struct ration_lanes *lanes, size_t index, size_t field) {
  if (__builtin_expect(!lanes || index >= lanes->count || field >= lanes->fields, 0)) {
    errno = lanes ? ENOENT : EINVAL;
    return NULL;
  }
  return lanes->blocks.data + index / RATION_LANES_WIDTH * lanes->blocks.element_bytes +
         (field * RATION_LANES_WIDTH + index % RATION_LANES_WIDTH) * 4;
}

/* A block: fields x 8 values of 4 bytes; NULL and ENOENT where there is none. */
static inline void *ration_lanes_block_at(const struct ration_lanes *lanes, size_t block) {
  return ration_vector_at(lanes ? &lanes->blocks : NULL, block);
}

/* The first block; the others lie behind it. NULL if none ever was. */
static inline void *ration_lanes_data(const struct ration_lanes *lanes) {
  return lanes ? lanes->blocks.data : NULL;
}

/* How many blocks hold an entry; how many entries there are; for how many there is room. */
static inline size_t ration_lanes_blocks(const struct ration_lanes *lanes) {
  return lanes ? lanes->blocks.count : 0;
}

static inline size_t ration_lanes_count(const struct ration_lanes *lanes) {
  return lanes ? lanes->count : 0;
}

static inline size_t ration_lanes_capacity(const struct ration_lanes *lanes) {
  return lanes ? lanes->blocks.capacity * RATION_LANES_WIDTH : 0;
}

/* 1 if what must hold of its members does, and the lanes behind the last entry are zero; for tests. */
int ration_lanes_is_valid(const struct ration_lanes *lanes);

#ifdef __cplusplus
}
#endif

/*
 * RATION_LANES(NAME, FIELDS...): up to 16 fields, each as it is declared: float x, uint32_t flags. Makes struct NAME;
 * struct NAME_block, with an array of 8 for each field; struct NAME_entry, with each field once; and the functions
 * above as NAME_add(lanes, struct NAME_entry, size_t *), NAME_block_at(lanes, block) -> struct NAME_block *, and so on.
 * A field that is not of 4 bytes does not compile. At file scope.
 */
#define RATION_LANES(NAME, ...)                                                                              \
  struct NAME {                                                                                              \
    struct ration_lanes lanes;                                                                               \
  };                                                                                                         \
  struct NAME##_entry {                                                                                      \
    RATION_LANES_EACH(RATION_LANES_ONE, __VA_ARGS__)                                                         \
  };                                                                                                         \
  struct __attribute__((aligned(32))) NAME##_block {                                                         \
    RATION_LANES_EACH(RATION_LANES_EIGHT, __VA_ARGS__)                                                       \
  };                                                                                                         \
  RATION_LANES_ASSERT(sizeof(struct NAME##_entry) == 4 * RATION_LANES_COUNT(__VA_ARGS__),                    \
                      "each field has 4 bytes");                                                             \
  RATION_LANES_ASSERT(sizeof(struct NAME##_block) ==                                                         \
                          4 * RATION_LANES_WIDTH * RATION_LANES_COUNT(__VA_ARGS__),                          \
                      "a block is 8 of each field");                                                         \
  RATION_LANES_ASSERT(__alignof__(struct NAME##_block) == RATION_LANES_ALIGNMENT, "a block is aligned");     \
  RATION_LANES_INLINE int NAME##_init(struct NAME *lanes, struct ration_memory *memory,                      \
                                      const struct ration_lanes_settings *settings) {                        \
    return ration_lanes_init((struct ration_lanes *)(void *)lanes, memory, RATION_LANES_COUNT(__VA_ARGS__),  \
                             settings);                                                                      \
  }                                                                                                          \
  RATION_LANES_INLINE void NAME##_done(struct NAME *lanes) {                                                 \
    ration_lanes_done((struct ration_lanes *)(void *)lanes);                                                 \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_add(struct NAME *lanes, struct NAME##_entry entry, size_t *ret_index) {     \
    return ration_lanes_add((struct ration_lanes *)(void *)lanes, &entry, ret_index);                        \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_remove(struct NAME *lanes, size_t index) {                                  \
    return ration_lanes_remove((struct ration_lanes *)(void *)lanes, index);                                 \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_get(const struct NAME *lanes, size_t index,                                 \
                                     struct NAME##_entry *ret_entry) {                                       \
    return ration_lanes_get((const struct ration_lanes *)(const void *)lanes, index, ret_entry);             \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_set(struct NAME *lanes, size_t index, struct NAME##_entry entry) {          \
    return ration_lanes_set((struct ration_lanes *)(void *)lanes, index, &entry);                            \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_reserve(struct NAME *lanes, size_t capacity) {                              \
    return ration_lanes_reserve((struct ration_lanes *)(void *)lanes, capacity);                             \
  }                                                                                                          \
  RATION_LANES_INLINE int NAME##_shrink_to_fit(struct NAME *lanes) {                                         \
    return ration_lanes_shrink_to_fit((struct ration_lanes *)(void *)lanes);                                 \
  }                                                                                                          \
  RATION_LANES_INLINE void NAME##_clear(struct NAME *lanes) {                                                \
    ration_lanes_clear((struct ration_lanes *)(void *)lanes);                                                \
  }                                                                                                          \
  RATION_LANES_INLINE void NAME##_clear_tail(struct NAME *lanes) {                                           \
    ration_lanes_clear_tail((struct ration_lanes *)(void *)lanes);                                           \
  }                                                                                                          \
  RATION_LANES_INLINE struct NAME##_block *NAME##_block_at(const struct NAME *lanes, size_t block) {         \
    return (struct NAME##_block *)ration_lanes_block_at((const struct ration_lanes *)(const void *)lanes,    \
                                                        block);                                              \
  }                                                                                                          \
  RATION_LANES_INLINE struct NAME##_block *NAME##_data(const struct NAME *lanes) {                           \
    return (struct NAME##_block *)ration_lanes_data((const struct ration_lanes *)(const void *)lanes);       \
  }                                                                                                          \
  RATION_LANES_INLINE size_t NAME##_blocks(const struct NAME *lanes) {                                       \
    return ration_lanes_blocks((const struct ration_lanes *)(const void *)lanes);                            \
  }                                                                                                          \
  RATION_LANES_INLINE size_t NAME##_count(const struct NAME *lanes) {                                        \
    return ration_lanes_count((const struct ration_lanes *)(const void *)lanes);                             \
  }                                                                                                          \
  RATION_LANES_INLINE size_t NAME##_capacity(const struct NAME *lanes) {                                     \
    return ration_lanes_capacity((const struct ration_lanes *)(const void *)lanes);                          \
  }                                                                                                          \
  struct NAME /* so that a semicolon may follow */

/* ---- what these are made of ---------------------------------------------------------------------------------- */

#define RATION_LANES_INLINE static inline __attribute__((unused))
#ifdef __cplusplus
#define RATION_LANES_ASSERT(condition, words) static_assert(condition, words)
#else
#define RATION_LANES_ASSERT(condition, words) _Static_assert(condition, words)
#endif
#define RATION_LANES_ONE(FIELD)    FIELD;
#define RATION_LANES_EIGHT(FIELD)  FIELD[8];
#define RATION_LANES_PLUS_1(FIELD) +1
#define RATION_LANES_COUNT(...)    (0 RATION_LANES_EACH(RATION_LANES_PLUS_1, __VA_ARGS__))

/* DO(FIELD) for each field. */
#define RATION_LANES_EACH(DO, ...)                                                                           \
  RATION_LANES_CHOOSE(__VA_ARGS__, RATION_LANES_EACH_16, RATION_LANES_EACH_15, RATION_LANES_EACH_14,         \
                      RATION_LANES_EACH_13, RATION_LANES_EACH_12, RATION_LANES_EACH_11,                      \
                      RATION_LANES_EACH_10, RATION_LANES_EACH_9, RATION_LANES_EACH_8, RATION_LANES_EACH_7,   \
                      RATION_LANES_EACH_6, RATION_LANES_EACH_5, RATION_LANES_EACH_4, RATION_LANES_EACH_3,    \
                      RATION_LANES_EACH_2, RATION_LANES_EACH_1, 0)                                           \
  (DO, __VA_ARGS__)
#define RATION_LANES_CHOOSE(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, EACH,     \
                            ...)                                                                             \
  EACH
#define RATION_LANES_EACH_1(DO, FIELD)       DO(FIELD)
#define RATION_LANES_EACH_2(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_1(DO, __VA_ARGS__)
#define RATION_LANES_EACH_3(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_2(DO, __VA_ARGS__)
#define RATION_LANES_EACH_4(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_3(DO, __VA_ARGS__)
#define RATION_LANES_EACH_5(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_4(DO, __VA_ARGS__)
#define RATION_LANES_EACH_6(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_5(DO, __VA_ARGS__)
#define RATION_LANES_EACH_7(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_6(DO, __VA_ARGS__)
#define RATION_LANES_EACH_8(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_7(DO, __VA_ARGS__)
#define RATION_LANES_EACH_9(DO, FIELD, ...)  DO(FIELD) RATION_LANES_EACH_8(DO, __VA_ARGS__)
#define RATION_LANES_EACH_10(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_9(DO, __VA_ARGS__)
#define RATION_LANES_EACH_11(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_10(DO, __VA_ARGS__)
#define RATION_LANES_EACH_12(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_11(DO, __VA_ARGS__)
#define RATION_LANES_EACH_13(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_12(DO, __VA_ARGS__)
#define RATION_LANES_EACH_14(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_13(DO, __VA_ARGS__)
#define RATION_LANES_EACH_15(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_14(DO, __VA_ARGS__)
#define RATION_LANES_EACH_16(DO, FIELD, ...) DO(FIELD) RATION_LANES_EACH_15(DO, __VA_ARGS__)

/* ---- positions ----------------------------------------------------------------------------------------------- */

/* Places, or velocities, in three dimensions: struct ration_positions_block has x[8], y[8], z[8]. */
RATION_LANES(ration_positions, float x, float y, float z);

#ifdef __cplusplus
extern "C" {
#endif

/* Each position moves on by its velocity times seconds. -EINVAL: NULL, not as many of the one as of the other, or
   seconds is not finite. The two may be the same. Vectorised; O(count). */
int ration_positions_advance(struct ration_positions *positions, const struct ration_positions *velocities,
                             float seconds);

#ifdef __cplusplus
}
#endif
#endif
