/*
 * vector.h: a growable array of elements of one size, on any memory.
 *
 *     RATION_VECTOR(creatures, struct creature)
 *
 *     struct creatures herd;
 *     creatures_init(&herd, &heap.memory, NULL);
 *     int error = creatures_push(&herd, (struct creature){.health = 100});
 *     for (size_t i = 0; i < creatures_count(&herd); i++) step(&creatures_data(&herd)[i]);
 *     creatures_done(&herd);
 *
 * Elements are bytes to it: they are moved by memcpy, and nothing is called when one goes; in C++ a TYPE must be
 * trivially copyable. Every pointer into a vector holds until the next call that adds an element, or changes the
 * capacity; after remove and insert it shows another element. A pointer that has to outlive that is an index.
 *
 * Growth is by doubling: an element is copied once on average, and on an arena, which does not take the outgrown arrays
 * back, these are together as large as the last one; with a factor of 1.5 they would be twice that. Where the memory
 * has not as much, a quarter more is asked for, and then just what is needed: so a vector fills a pool's object, or
 * what is left of a budget. On a pool give the capacity that fills an object (settings): then nothing is ever copied.
 *
 * at, data, count, capacity, pop, remove_swap: O(1). push: O(1) amortised. insert, remove: O(count). May be moved in
 * memory, between calls.
 */
#ifndef RATION_KIT_VECTOR_H
#define RATION_KIT_VECTOR_H

#include <errno.h>
#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_vector {
  unsigned char *data; /* all private; is_valid has what holds of them */
  size_t count, capacity;
  size_t maximum;
  size_t element_bytes;
  size_t alignment;
  struct ration_memory *memory;
};

struct ration_vector_settings {
  size_t capacity; /* elements to make room for at once; 0: none, no memory is asked for */
  size_t maximum;  /* elements that it may ever have; 0: as many as fit in RATION_BYTES_MOST */
};

/*
 * alignment: of the array, that is of its first element; more than the type's own is fine, for SIMD. settings NULL:
 * the defaults. -EINVAL: element_bytes is 0, the alignment invalid, capacity > maximum; -EOVERFLOW: of either of
 * these, in bytes; -ENOMEM and what else the memory says.
 */
int ration_vector_init(struct ration_vector *vector, struct ration_memory *memory, size_t element_bytes,
                       size_t alignment, const struct ration_vector_settings *settings);
void ration_vector_done(struct ration_vector *vector);

/*
 * Copies of count elements at the end, or before the element at index; index == count is the end. They may lie in the
 * vector itself, and are then taken as they were before the call. -ENOENT: index > count; -ENOSPC: there would be more
 * than the maximum; -EOVERFLOW; -ENOMEM and what else the memory says; -EINVAL: vector is NULL or done, elements is
 * NULL, or they lie, all or some, in the part of its capacity that is not used.
 */
int ration_vector_push(struct ration_vector *vector, const void *element);
int ration_vector_push_many(struct ration_vector *vector, const void *elements, size_t count);
int ration_vector_insert(struct ration_vector *vector, size_t index, const void *element);
int ration_vector_insert_many(struct ration_vector *vector, size_t index, const void *elements, size_t count);

/*
 * Takes an element out: the last; that at index, and those after it close up; that at index, and the last takes its
 * place. It is copied to ret_element, which may be NULL. -ENOENT: there is none. The capacity stays.
 */
int ration_vector_pop(struct ration_vector *vector, void *ret_element);
int ration_vector_remove(struct ration_vector *vector, size_t index, void *ret_element);
int ration_vector_remove_swap(struct ration_vector *vector, size_t index, void *ret_element);

/* Room for that many elements in all, and no more than that. Errors as of push. */
int ration_vector_reserve(struct ration_vector *vector, size_t capacity);

/* That many elements: new ones are zero; those that are too many go, and the capacity stays. Errors as of push. */
int ration_vector_resize(struct ration_vector *vector, size_t count);

/* Gives back what capacity is not used; all is as before where the memory cannot (-ENOMEM and what else it says). */
int ration_vector_shrink_to_fit(struct ration_vector *vector);

/* No elements; the capacity stays. */
void ration_vector_clear(struct ration_vector *vector);

/* The element at index; NULL and ENOENT where there is none. */
static inline void *ration_vector_at(const struct ration_vector *vector, size_t index) {
  if (__builtin_expect(vector && index < vector->count, 1))
    return vector->data + index * vector->element_bytes;
  errno = vector ? ENOENT : EINVAL;
  return NULL;
}

/* The first of count elements that lie one after another; NULL with a capacity of 0. */
static inline void *ration_vector_data(const struct ration_vector *vector) {
  return vector ? vector->data : NULL;
}

static inline size_t ration_vector_count(const struct ration_vector *vector) {
  return vector ? vector->count : 0;
}

static inline size_t ration_vector_capacity(const struct ration_vector *vector) {
  return vector ? vector->capacity : 0;
}

/* 1 if what must hold of its members does; for tests. */
int ration_vector_is_valid(const struct ration_vector *vector);

#ifdef __cplusplus
}
#endif

/*
 * RATION_VECTOR(NAME, TYPE): struct NAME, a vector of TYPE, and the functions above as NAME_push(vector, TYPE),
 * NAME_at(vector, index) -> TYPE *, NAME_pop(vector, TYPE *) and so on. All inline; a push within the capacity is one
 * comparison and a store. At file scope.
 */
#define RATION_VECTOR(NAME, TYPE)                                                                            \
  struct NAME {                                                                                              \
    struct ration_vector vector;                                                                             \
  };                                                                                                         \
  RATION_VECTOR_INLINE int NAME##_init(struct NAME *vector, struct ration_memory *memory,                    \
                                       const struct ration_vector_settings *settings) {                      \
    return ration_vector_init((struct ration_vector *)(void *)vector, memory, sizeof(TYPE),                  \
                              __alignof__(TYPE), settings);                                                  \
  }                                                                                                          \
  RATION_VECTOR_INLINE void NAME##_done(struct NAME *vector) {                                               \
    ration_vector_done((struct ration_vector *)(void *)vector);                                              \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_push(struct NAME *vector, TYPE element) {                                  \
    if (__builtin_expect(!vector || vector->vector.count == vector->vector.capacity, 0))                     \
      return ration_vector_push((struct ration_vector *)(void *)vector, &element);                           \
    ((TYPE *)(void *)vector->vector.data)[vector->vector.count++] = element;                                 \
    return 0;                                                                                                \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_push_many(struct NAME *vector, TYPE const *elements, size_t count) {       \
    return ration_vector_push_many((struct ration_vector *)(void *)vector, elements, count);                 \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_insert(struct NAME *vector, size_t index, TYPE element) {                  \
    return ration_vector_insert((struct ration_vector *)(void *)vector, index, &element);                    \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_insert_many(struct NAME *vector, size_t index, TYPE const *elements,       \
                                              size_t count) {                                                \
    return ration_vector_insert_many((struct ration_vector *)(void *)vector, index, elements, count);        \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_pop(struct NAME *vector, TYPE *ret_element) {                              \
    return ration_vector_pop((struct ration_vector *)(void *)vector, ret_element);                           \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_remove(struct NAME *vector, size_t index, TYPE *ret_element) {             \
    return ration_vector_remove((struct ration_vector *)(void *)vector, index, ret_element);                 \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_remove_swap(struct NAME *vector, size_t index, TYPE *ret_element) {        \
    return ration_vector_remove_swap((struct ration_vector *)(void *)vector, index, ret_element);            \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_reserve(struct NAME *vector, size_t capacity) {                            \
    return ration_vector_reserve((struct ration_vector *)(void *)vector, capacity);                          \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_resize(struct NAME *vector, size_t count) {                                \
    return ration_vector_resize((struct ration_vector *)(void *)vector, count);                              \
  }                                                                                                          \
  RATION_VECTOR_INLINE int NAME##_shrink_to_fit(struct NAME *vector) {                                       \
    return ration_vector_shrink_to_fit((struct ration_vector *)(void *)vector);                              \
  }                                                                                                          \
  RATION_VECTOR_INLINE void NAME##_clear(struct NAME *vector) {                                              \
    ration_vector_clear((struct ration_vector *)(void *)vector);                                             \
  }                                                                                                          \
  RATION_VECTOR_INLINE TYPE *NAME##_at(const struct NAME *vector, size_t index) {                            \
    if (__builtin_expect(vector && index < vector->vector.count, 1))                                         \
      return (TYPE *)(void *)vector->vector.data + index;                                                    \
    errno = vector ? ENOENT : EINVAL;                                                                        \
    return NULL;                                                                                             \
  }                                                                                                          \
  RATION_VECTOR_INLINE TYPE *NAME##_data(const struct NAME *vector) {                                        \
    return (TYPE *)ration_vector_data((const struct ration_vector *)(const void *)vector);                   \
  }                                                                                                          \
  RATION_VECTOR_INLINE size_t NAME##_count(const struct NAME *vector) {                                      \
    return ration_vector_count((const struct ration_vector *)(const void *)vector);                          \
  }                                                                                                          \
  RATION_VECTOR_INLINE size_t NAME##_capacity(const struct NAME *vector) {                                   \
    return ration_vector_capacity((const struct ration_vector *)(const void *)vector);                       \
  }                                                                                                          \
  struct NAME /* so that a semicolon may follow */

#define RATION_VECTOR_INLINE static inline __attribute__((unused)) /* private */

#endif
