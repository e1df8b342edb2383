/*
 * vector.c: growth, and where elements go that may lie in the array that is about to move.
 */
#include <ration/kit/vector.h>

#include <string.h>

#define OUTSIDE SIZE_MAX

static int place_in(const struct ration_vector *vector, const void *elements, size_t bytes,
                    size_t *ret_place);
static int make_room(struct ration_vector *vector, size_t more);
static int grow(struct ration_vector *vector, size_t needed);
static int set_capacity(struct ration_vector *vector, size_t capacity);
static int reallocate(struct ration_vector *vector, size_t capacity);

static int is_in_use(const struct ration_vector *vector) {
  return vector && vector->element_bytes;
}

int ration_vector_init(struct ration_vector *vector, struct ration_memory *memory, size_t element_bytes,
                       size_t alignment, const struct ration_vector_settings *settings) {
  int error = ration_memory_check(element_bytes, alignment);
  if (!vector) return -EINVAL;
  if (error) return error;
  size_t most = RATION_BYTES_MOST / element_bytes;
  size_t capacity = settings ? settings->capacity : 0;
  size_t maximum = settings && settings->maximum ? settings->maximum : most;
  if (maximum > most || capacity > most) return -EOVERFLOW;
  if (capacity > maximum) return -EINVAL;
  struct ration_vector made = {
      .maximum = maximum, .element_bytes = element_bytes, .alignment = alignment, .memory = memory};
  error = set_capacity(&made, capacity);
  if (!error) *vector = made;
  return error;
}

void ration_vector_done(struct ration_vector *vector) {
  if (!is_in_use(vector)) return;
  set_capacity(vector, 0);
  *vector = (struct ration_vector){.data = NULL};
}

int ration_vector_push(struct ration_vector *vector, const void *element) {
  return ration_vector_push_many(vector, element, 1);
}

int ration_vector_push_many(struct ration_vector *vector, const void *elements, size_t count) {
  return ration_vector_insert_many(vector, vector ? vector->count : 0, elements, count);
}

int ration_vector_insert(struct ration_vector *vector, size_t index, const void *element) {
  return ration_vector_insert_many(vector, index, element, 1);
}

int ration_vector_insert_many(struct ration_vector *vector, size_t index, const void *elements,
                              size_t count) {
  if (!is_in_use(vector)) return -EINVAL;
  if (index > vector->count) return -ENOENT;
  if (!count) return 0;
  size_t bytes, place;
  if (__builtin_mul_overflow(count, vector->element_bytes, &bytes)) return -EOVERFLOW;
  int error = place_in(vector, elements, bytes, &place);
  if (!error) error = make_room(vector, count);
  if (error) return error;
  size_t edge = index * vector->element_bytes;
  unsigned char *gap = vector->data + edge;
  memmove(gap + bytes, gap, vector->count * vector->element_bytes - edge);
  if (place == OUTSIDE) {
    memcpy(gap, elements, bytes);
  } else { /* what lay before the gap is where it was, the rest is behind it */
    size_t before = place >= edge ? 0 : edge - place < bytes ? edge - place : bytes;
    memcpy(gap, vector->data + place, before);
    memcpy(gap + before, vector->data + place + before + bytes, bytes - before);
  }
  vector->count += count;
  return 0;
}

int ration_vector_pop(struct ration_vector *vector, void *ret_element) {
  return ration_vector_remove_swap(vector, vector && vector->count ? vector->count - 1 : 0, ret_element);
}

int ration_vector_remove(struct ration_vector *vector, size_t index, void *ret_element) {
  if (!is_in_use(vector)) return -EINVAL;
  if (index >= vector->count) return -ENOENT;
  size_t size = vector->element_bytes;
  unsigned char *element = vector->data + index * size;
  if (ret_element) memmove(ret_element, element, size);
  memmove(element, element + size, (--vector->count - index) * size);
  return 0;
}

int ration_vector_remove_swap(struct ration_vector *vector, size_t index, void *ret_element) {
  if (!is_in_use(vector)) return -EINVAL;
  if (index >= vector->count) return -ENOENT;
  size_t size = vector->element_bytes;
  unsigned char *element = vector->data + index * size;
  if (ret_element) memmove(ret_element, element, size);
  if (index != --vector->count) memcpy(element, vector->data + vector->count * size, size);
  return 0;
}

int ration_vector_reserve(struct ration_vector *vector, size_t capacity) {
  if (!is_in_use(vector)) return -EINVAL;
  if (capacity <= vector->capacity) return 0;
  if (capacity > RATION_BYTES_MOST / vector->element_bytes) return -EOVERFLOW;
  return capacity > vector->maximum ? -ENOSPC : set_capacity(vector, capacity);
}

int ration_vector_resize(struct ration_vector *vector, size_t count) {
  if (!is_in_use(vector)) return -EINVAL;
  if (count > vector->count) {
    size_t more = count - vector->count, size = vector->element_bytes;
    int error = make_room(vector, more);
    if (error) return error;
    memset(vector->data + vector->count * size, 0, more * size);
  }
  vector->count = count;
  return 0;
}

int ration_vector_shrink_to_fit(struct ration_vector *vector) {
  return is_in_use(vector) ? set_capacity(vector, vector->count) : -EINVAL;
}

void ration_vector_clear(struct ration_vector *vector) {
  if (vector) vector->count = 0;
}

int ration_vector_is_valid(const struct ration_vector *vector) {
  if (!is_in_use(vector)) return 0;
  return vector->count <= vector->capacity && vector->capacity <= vector->maximum &&
         vector->maximum <= RATION_BYTES_MOST / vector->element_bytes && !vector->data == !vector->capacity &&
         (uintptr_t)vector->data % vector->alignment == 0;
}

/* Where in the array's bytes the elements lie, or OUTSIDE; -EINVAL where they lie in what is not used of it. */
static int place_in(const struct ration_vector *vector, const void *elements, size_t bytes,
                    size_t *ret_place) {
  if (!elements) return -EINVAL;
  size_t place = (uintptr_t)elements - (uintptr_t)vector->data; /* huge, where they lie below */
  size_t held = vector->count * vector->element_bytes;
  if (place < vector->capacity * vector->element_bytes && (place > held || bytes > held - place))
    return -EINVAL;
  *ret_place = place < held ? place : OUTSIDE;
  return 0;
}

static int make_room(struct ration_vector *vector, size_t more) {
  if (more <= vector->capacity - vector->count) return 0;
  size_t needed;
  if (__builtin_add_overflow(vector->count, more, &needed)) return -EOVERFLOW;
  if (needed > RATION_BYTES_MOST / vector->element_bytes) return -EOVERFLOW;
  return needed > vector->maximum ? -ENOSPC : grow(vector, needed);
}

/* Doubles; failing that a quarter more; failing that what is needed. errno is as before where one of these goes. */
static int grow(struct ration_vector *vector, size_t needed) {
  size_t first = vector->element_bytes < 16     ? 64 / vector->element_bytes
                 : vector->element_bytes < 1024 ? 4
                                                : 1;
  size_t spare[] = {vector->capacity > first ? vector->capacity : first, vector->capacity / 4, 0};
  int saved = errno, error = 0;
  for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
    size_t wish = vector->capacity + spare[i];
    if (wish > vector->maximum) wish = vector->maximum;
    if (wish < needed) wish = needed;
    error = reallocate(vector, wish);
    if (!error) errno = saved;
    if (!error || wish == needed) break;
  }
  return error;
}

static int set_capacity(struct ration_vector *vector, size_t capacity) {
  if (capacity == vector->capacity) return 0;
  if (capacity) return reallocate(vector, capacity);
  int error = ration_memory_release(vector->memory, vector->data, vector->capacity * vector->element_bytes,
                                    vector->alignment);
  if (error) return error;
  vector->data = NULL;
  vector->capacity = 0;
  return 0;
}

static int reallocate(struct ration_vector *vector, size_t capacity) {
  size_t size = vector->element_bytes;
  void *data = ration_memory_reallocate(vector->memory, vector->data, vector->capacity * size,
                                        capacity * size, vector->alignment);
  if (!data) return -errno;
  vector->data = data;
  vector->capacity = capacity;
  return 0;
}
