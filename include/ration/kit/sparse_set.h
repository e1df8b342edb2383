/*
 * sparse_set.h: something for some of the entities, packed densely. The elements of all entities that have one lie one
 * after another, to be walked as an array, and the element of one entity is found in O(1).
 *
 *     RATION_SPARSE_SET(healths, struct health);
 *     struct healths healths;
 *     healths_init(&healths, NULL, NULL);
 *     struct health *health = healths_add(&healths, creature);
 *     for (size_t i = 0; i < healths_count(&healths); i++) healths_elements(&healths)[i].points--;
 *
 * Two arrays are `dense`: elements, and the entity of each at the same place; the third, `sparse`, has the place of
 * each entity index. It comes in pages of RATION_SPARSE_PAGE entries (32 KiB), made where an index needs one, so that
 * a large index costs one page, and 8 bytes of page table for each 4,096 indices below it: 8 MiB at the very most.
 *
 * Generations: the set remembers for each index the newest generation that it has seen, also after the removal, until
 * ration_sparse_set_shrink_to_fit(). An id older than that is ESTALE; one that is not in the set, and not older, ENOENT.
 *
 * A pointer to an element is valid until the next remove, sort, swap, clear, shrink_to_fit or done, and until an add or
 * reserve that makes the set grow: after a reserve of n, adds up to n elements move nothing. Elements are moved by their
 * bytes.
 *
 * ENOMEM below stands for what else the memory may say, too (of a pool or an arena ENOSPC, of a stack EBUSY). Where the
 * memory has no room to double in, the arrays grow by a quarter, or by what is needed.
 *
 * Size 0 is allowed: a tag, which an entity has or has not. Its pointers are not NULL, and must not be read.
 *
 * Source: Briggs and Torczon, "An Efficient Representation for Sparse Sets", 1993; paging as in EnTT. Their sparse side
 * may be left uninitialised, as the dense side proves each entry; here it is zeroed, and has the generation as well, so
 * that a look-up reads two cache lines and not three.
 */
#ifndef RATION_KIT_SPARSE_SET_H
#define RATION_KIT_SPARSE_SET_H

#include <ration/kit/entity.h>
#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_SPARSE_PAGE     4096u
#define RATION_SPARSE_SET_MOST ((size_t)UINT32_MAX - 1) /* the most elements of any set */

/* Private. */
struct ration_sparse_entry {
  uint32_t place;      /* in the dense arrays, plus 1; 0: not in the set */
  uint32_t generation; /* the newest that was seen of this index; 0: none */
};

struct ration_sparse_set {
  struct ration_memory *memory;
  unsigned char *elements;
  struct ration_entity *entities;
  struct ration_sparse_entry **pages; /* NULL where no index needed it yet */
  size_t page_count;
  size_t count, peak, maximum;
  size_t elements_capacity, entities_capacity; /* two, since one may grow and the other fail to */
  size_t size, alignment;
};

struct ration_sparse_set_settings {
  size_t capacity; /* elements to make room for at once; 0: none */
  size_t maximum;  /* elements; 0: RATION_SPARSE_SET_MOST */
};

/*
 * A set of elements of size bytes; settings NULL: the defaults. -EINVAL: NULL, the alignment is invalid, the size no
 * multiple of it, maximum too large, capacity > maximum; -ENOMEM, -EOVERFLOW: no room for `capacity`.
 */
int ration_sparse_set_init(struct ration_sparse_set *set, struct ration_memory *memory, size_t size,
                           size_t alignment, const struct ration_sparse_set_settings *settings);
void ration_sparse_set_done(struct ration_sparse_set *set);

/*
 * A new element for the entity, all zero, at the end of the dense arrays. O(1), amortised. NULL and errno: EINVAL
 * (NULL, no entity), EEXIST (it has one: ration_sparse_set_get), ESTALE, EBUSY (an entity of an earlier generation has
 * not been removed; ration_sparse_set_owner tells which), ENOSPC, ENOMEM, EOVERFLOW.
 */
void *ration_sparse_set_add(struct ration_sparse_set *set, struct ration_entity entity);

/*
 * Takes the entity's element away: the last one moves to its place. Whose that was is in *ret_moved, none where it was
 * the last itself; ret_moved may be NULL. O(1). -EINVAL, -ESTALE, -ENOENT.
 */
int ration_sparse_set_remove(struct ration_sparse_set *set, struct ration_entity entity,
                             struct ration_entity *ret_moved);

/* The entity's element. O(1). NULL and errno: EINVAL, ESTALE, ENOENT. */
static inline void *ration_sparse_set_get(const struct ration_sparse_set *set, struct ration_entity entity);
static inline int ration_sparse_set_has(const struct ration_sparse_set *set, struct ration_entity entity);

/* Its place in the dense arrays. -EINVAL, -ESTALE, -ENOENT. */
int ration_sparse_set_place(const struct ration_sparse_set *set, struct ration_entity entity,
                            size_t *ret_place);

/* Which entity of that index, of whatever generation, is in the set. -EINVAL, -ENOENT. */
int ration_sparse_set_owner(const struct ration_sparse_set *set, uint32_t index,
                            struct ration_entity *ret_entity);

/* The dense arrays, [0, count). Elements may be written, entities not. Before the first add they may be NULL. */
static inline size_t ration_sparse_set_count(const struct ration_sparse_set *set) {
  return set ? set->count : 0;
}
static inline void *ration_sparse_set_elements(const struct ration_sparse_set *set) {
  return set ? set->elements : 0;
}
static inline const struct ration_entity *ration_sparse_set_entities(const struct ration_sparse_set *set) {
  return set ? set->entities : 0;
}

/* Room for count elements in all, so that adds up to that many move nothing and need at most a page each. Never
   shrinks. -EINVAL, -ENOSPC (above the maximum), -ENOMEM, -EOVERFLOW. */
int ration_sparse_set_reserve(struct ration_sparse_set *set, size_t count);

/* Exchanges the elements and entities at two places. O(size). -EINVAL: NULL, a place that is not below count. */
int ration_sparse_set_swap(struct ration_sparse_set *set, size_t place, size_t other);

/*
 * Sorts the dense arrays: compare as for qsort, of two elements; NULL: by the entities' indices. Stable; O(n log n)
 * calls of compare, O(n) moves. Borrows 8 bytes an element: -EINVAL, -ENOMEM, and nothing has moved. compare must not
 * touch the set; one that contradicts itself yields some order.
 */
int ration_sparse_set_sort(struct ration_sparse_set *set,
                           int (*compare)(const void *element, const void *other, void *context),
                           void *context);

/* Removes all; keeps memory and generations. O(count). -EINVAL: NULL. */
int ration_sparse_set_clear(struct ration_sparse_set *set);

/* Gives back pages without an element, whose generations are forgotten with them, and free room at the end of the dense
   arrays. What the memory cannot shrink stays. O(count + pages). -EINVAL: NULL. */
int ration_sparse_set_shrink_to_fit(struct ration_sparse_set *set);

/* For tests: count <= capacities and maximum; entities[i] has the entry {i + 1, its generation}; no other entry has a
   place. O(pages). */
int ration_sparse_set_is_valid(const struct ration_sparse_set *set);

/* ---- the fast path --------------------------------------------------------------------------------------- */

/* Private: what is wrong, in errno; always NULL. */
void *ration_sparse_set_miss(const struct ration_sparse_set *set, struct ration_entity entity);

/* Private: the entity's place plus 1, or 0. */
static inline uint32_t ration_sparse_set_find(const struct ration_sparse_set *set,
                                              struct ration_entity entity) {
  const struct ration_sparse_entry *page;
  uint32_t number = entity.index / RATION_SPARSE_PAGE;
  if (!set || number >= set->page_count) return 0;
  page = set->pages[number];
  if (!page) return 0;
  page += entity.index % RATION_SPARSE_PAGE;
  return page->generation == entity.generation ? page->place : 0;
}

static inline void *ration_sparse_set_get(const struct ration_sparse_set *set, struct ration_entity entity) {
  uint32_t place = ration_sparse_set_find(set, entity);
  if (__builtin_expect(!place, 0)) return ration_sparse_set_miss(set, entity);
  return set->elements + (size_t)(place - 1) * set->size;
}

static inline int ration_sparse_set_has(const struct ration_sparse_set *set, struct ration_entity entity) {
  return ration_sparse_set_find(set, entity) != 0;
}

/*
 * RATION_SPARSE_SET(NAME, TYPE): `struct NAME` and NAME_init, _done, _add, _remove, _get, _has, _count, _elements and
 * _entities, as above with elements of TYPE. Its member `set` is for the other functions.
 */
#define RATION_SPARSE_SET(NAME, TYPE)                                                                        \
  struct NAME {                                                                                              \
    struct ration_sparse_set set;                                                                            \
  };                                                                                                         \
  RATION_SPARSE_SET_INLINE int NAME##_init(struct NAME *set, struct ration_memory *memory,                   \
                                           const struct ration_sparse_set_settings *settings) {              \
    return ration_sparse_set_init(set ? &set->set : 0, memory, sizeof(TYPE), __alignof__(TYPE), settings);   \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE void NAME##_done(struct NAME *set) {                                              \
    ration_sparse_set_done(set ? &set->set : 0);                                                             \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE TYPE *NAME##_add(struct NAME *set, struct ration_entity entity) {                 \
    return (TYPE *)ration_sparse_set_add(set ? &set->set : 0, entity);                                       \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE int NAME##_remove(struct NAME *set, struct ration_entity entity,                  \
                                             struct ration_entity *ret_moved) {                              \
    return ration_sparse_set_remove(set ? &set->set : 0, entity, ret_moved);                                 \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE TYPE *NAME##_get(const struct NAME *set, struct ration_entity entity) {           \
    uint32_t place = ration_sparse_set_find(set ? &set->set : 0, entity);                                    \
    if (__builtin_expect(!place, 0)) return (TYPE *)ration_sparse_set_miss(set ? &set->set : 0, entity);     \
    return (TYPE *)(void *)set->set.elements + (place - 1);                                                  \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE int NAME##_has(const struct NAME *set, struct ration_entity entity) {             \
    return ration_sparse_set_has(set ? &set->set : 0, entity);                                               \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE size_t NAME##_count(const struct NAME *set) {                                     \
    return ration_sparse_set_count(set ? &set->set : 0);                                                     \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE TYPE *NAME##_elements(const struct NAME *set) {                                   \
    return (TYPE *)ration_sparse_set_elements(set ? &set->set : 0);                                          \
  }                                                                                                          \
  RATION_SPARSE_SET_INLINE const struct ration_entity *NAME##_entities(const struct NAME *set) {             \
    return ration_sparse_set_entities(set ? &set->set : 0);                                                  \
  }                                                                                                          \
  struct NAME

/* Some of these stay unused wherever the macro stands. */
#define RATION_SPARSE_SET_INLINE static inline __attribute__((unused))

#ifdef __cplusplus
}
#endif
#endif
