/*
 * ring_buffer.h: the most recent elements of a series, of a capacity that is given; a new one overwrites the oldest.
 *
 *     RATION_RING_BUFFER(samples, struct sample)
 *
 *     struct samples history;
 *     samples_init(&history, NULL, 300);
 *     samples_push(&history, (struct sample){.at = now, .bytes = used}, NULL);
 *     struct sample latest[10];
 *     size_t count = samples_recent(&history, latest, 10); // newest first
 *
 * The capacity is any number from 1 on, and all of it is used: how many are held is counted, and not read off two
 * positions, which are the same for a full and an empty buffer. All memory is taken by init, so a push cannot fail for
 * want of it.
 *
 * Elements are bytes to it; in C++ a TYPE must be trivially copyable. Pointers into a buffer hold until a push
 * overwrites the element, or its capacity changes. push, at, oldest, clear: O(1); recent and visit: O(what they yield).
 * May be moved in memory, between calls.
 */
#ifndef RATION_KIT_RING_BUFFER_H
#define RATION_KIT_RING_BUFFER_H

#include <errno.h>
#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_ring_buffer {
  unsigned char *data; /* all private; is_valid has what holds of them */
  size_t first;        /* the place of the oldest */
  size_t count, capacity;
  size_t element_bytes;
  size_t alignment;
  uint64_t pushed, overwritten, removed;
  struct ration_memory *memory;
};

/* alignment: of the array. -EINVAL: element_bytes or capacity is 0, the alignment invalid; -EOVERFLOW: of capacity
   times element_bytes; -ENOMEM and what else the memory says. */
int ration_ring_buffer_init(struct ration_ring_buffer *ring, struct ration_memory *memory,
                            size_t element_bytes, size_t alignment, size_t capacity);
void ration_ring_buffer_done(struct ration_ring_buffer *ring);

/*
 * Adds a copy of the element as the newest. 1: the oldest was overwritten, and is copied to ret_overwritten, which may
 * be NULL, or the element's own address; 0: there was room, and ret_overwritten is untouched. -EINVAL: ring is NULL or
 * done, or element NULL. The element may lie in the buffer.
 */
int ration_ring_buffer_push(struct ration_ring_buffer *ring, const void *element, void *ret_overwritten);

/* Takes the oldest, or the newest, out, to ret_element, which may be NULL. -ENOENT: there is none. */
int ration_ring_buffer_pop_oldest(struct ration_ring_buffer *ring, void *ret_element);
int ration_ring_buffer_pop_newest(struct ration_ring_buffer *ring, void *ret_element);

/* Copies the newest to ret_elements, an array of most, the newest first: how many; fewer than most if fewer are held.
   The array lies outside the buffer. 0 where an argument is NULL. */
size_t ration_ring_buffer_recent(const struct ration_ring_buffer *ring, void *ret_elements, size_t most);

/* Shows up to `most` of the newest to visit, the newest first, where they lie, until it returns other than 0; how
   many it was shown. It may push, though then what it is shown next is by the new order. */
size_t ration_ring_buffer_visit(const struct ration_ring_buffer *ring, size_t most,
                                int (*visit)(void *context, void *element), void *context);

/*
 * Another capacity: the newest stay, as many as fit, and count as removed else. reserve never makes it smaller.
 * -EINVAL: a capacity of 0; -EOVERFLOW; -ENOMEM and what else the memory says: all is as before.
 */
int ration_ring_buffer_set_capacity(struct ration_ring_buffer *ring, size_t capacity);
int ration_ring_buffer_reserve(struct ration_ring_buffer *ring, size_t capacity);

/* No elements; these count as removed. */
void ration_ring_buffer_clear(struct ration_ring_buffer *ring);

/* Since init: elements pushed; of these overwritten by later ones; and removed otherwise (pop, clear, set_capacity).
   pushed == count + overwritten + removed. */
struct ration_ring_buffer_figures {
  uint64_t pushed, overwritten, removed;
};
int ration_ring_buffer_stats(const struct ration_ring_buffer *ring,
                             struct ration_ring_buffer_figures *ret_figures);

/* The element that is `age` pushes older than the newest, which is that at 0; NULL and ENOENT if it is not held. */
static inline void *ration_ring_buffer_at(const struct ration_ring_buffer *ring, size_t age) {
  if (__builtin_expect(!ring || age >= ring->count, 0)) {
    errno = ring ? ENOENT : EINVAL;
    return NULL;
  }
  size_t newest = ring->count - 1 - age, to_end = ring->capacity - ring->first;
  size_t place = newest < to_end ? ring->first + newest : newest - to_end;
  return ring->data + place * ring->element_bytes;
}

static inline void *ration_ring_buffer_oldest(const struct ration_ring_buffer *ring) {
  return ration_ring_buffer_at(ring, ring && ring->count ? ring->count - 1 : 0);
}

static inline size_t ration_ring_buffer_count(const struct ration_ring_buffer *ring) {
  return ring ? ring->count : 0;
}

static inline size_t ration_ring_buffer_capacity(const struct ration_ring_buffer *ring) {
  return ring ? ring->capacity : 0;
}

/* 1 if what must hold of its members does; for tests. */
int ration_ring_buffer_is_valid(const struct ration_ring_buffer *ring);

#ifdef __cplusplus
}
#endif

/*
 * RATION_RING_BUFFER(NAME, TYPE): struct NAME, a ring buffer of TYPE, and the functions above as NAME_push(ring, TYPE,
 * TYPE *), NAME_at(ring, age) -> TYPE *, and so on. All inline. At file scope.
 */
#define RATION_RING_BUFFER(NAME, TYPE)                                                                       \
  struct NAME {                                                                                              \
    struct ration_ring_buffer ring;                                                                          \
  };                                                                                                         \
  RATION_RING_BUFFER_INLINE int NAME##_init(struct NAME *ring, struct ration_memory *memory,                 \
                                            size_t capacity) {                                               \
    return ration_ring_buffer_init((struct ration_ring_buffer *)(void *)ring, memory, sizeof(TYPE),          \
                                   __alignof__(TYPE), capacity);                                             \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE void NAME##_done(struct NAME *ring) {                                            \
    ration_ring_buffer_done((struct ration_ring_buffer *)(void *)ring);                                      \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE int NAME##_push(struct NAME *ring, TYPE element, TYPE *ret_overwritten) {        \
    return ration_ring_buffer_push((struct ration_ring_buffer *)(void *)ring, &element, ret_overwritten);    \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE int NAME##_pop_oldest(struct NAME *ring, TYPE *ret_element) {                    \
    return ration_ring_buffer_pop_oldest((struct ration_ring_buffer *)(void *)ring, ret_element);            \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE int NAME##_pop_newest(struct NAME *ring, TYPE *ret_element) {                    \
    return ration_ring_buffer_pop_newest((struct ration_ring_buffer *)(void *)ring, ret_element);            \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE size_t NAME##_recent(const struct NAME *ring, TYPE *ret_elements, size_t most) { \
    return ration_ring_buffer_recent((const struct ration_ring_buffer *)(const void *)ring, ret_elements,    \
                                     most);                                                                  \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE int NAME##_set_capacity(struct NAME *ring, size_t capacity) {                    \
    return ration_ring_buffer_set_capacity((struct ration_ring_buffer *)(void *)ring, capacity);             \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE int NAME##_reserve(struct NAME *ring, size_t capacity) {                         \
    return ration_ring_buffer_reserve((struct ration_ring_buffer *)(void *)ring, capacity);                  \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE void NAME##_clear(struct NAME *ring) {                                           \
    ration_ring_buffer_clear((struct ration_ring_buffer *)(void *)ring);                                     \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE TYPE *NAME##_at(const struct NAME *ring, size_t age) {                           \
    return (TYPE *)ration_ring_buffer_at((const struct ration_ring_buffer *)(const void *)ring, age);        \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE TYPE *NAME##_oldest(const struct NAME *ring) {                                   \
    return (TYPE *)ration_ring_buffer_oldest((const struct ration_ring_buffer *)(const void *)ring);         \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE size_t NAME##_count(const struct NAME *ring) {                                   \
    return ration_ring_buffer_count((const struct ration_ring_buffer *)(const void *)ring);                  \
  }                                                                                                          \
  RATION_RING_BUFFER_INLINE size_t NAME##_capacity(const struct NAME *ring) {                                \
    return ration_ring_buffer_capacity((const struct ration_ring_buffer *)(const void *)ring);               \
  }                                                                                                          \
  struct NAME /* so that a semicolon may follow */

#define RATION_RING_BUFFER_INLINE static inline __attribute__((unused)) /* private */

#endif
