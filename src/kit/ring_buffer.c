/*
 * ring_buffer.c: what is added, overwritten and moved to an array of another capacity.
 */
#include <ration/kit/ring_buffer.h>

#include <string.h>

static void exchange(unsigned char *place, const unsigned char *element, unsigned char *ret_overwritten,
                     size_t size);

static int is_in_use(const struct ration_ring_buffer *ring) {
  return ring && ring->data;
}

int ration_ring_buffer_init(struct ration_ring_buffer *ring, struct ration_memory *memory,
                            size_t element_bytes, size_t alignment, size_t capacity) {
  if (!ring || !element_bytes || !capacity) return -EINVAL;
  void *data = ration_memory_allocate_array(memory, capacity, element_bytes, alignment);
  if (!data) return -errno;
  *ring = (struct ration_ring_buffer){.data = data,
                                      .capacity = capacity,
                                      .element_bytes = element_bytes,
                                      .alignment = alignment,
                                      .memory = memory};
  return 0;
}

void ration_ring_buffer_done(struct ration_ring_buffer *ring) {
  if (!is_in_use(ring)) return;
  ration_memory_release(ring->memory, ring->data, ring->capacity * ring->element_bytes, ring->alignment);
  *ring = (struct ration_ring_buffer){.data = NULL};
}

int ration_ring_buffer_push(struct ration_ring_buffer *ring, const void *element, void *ret_overwritten) {
  if (!is_in_use(ring) || !element) return -EINVAL;
  size_t size = ring->element_bytes;
  ring->pushed++;
  if (ring->count < ring->capacity) {
    ring->count++;
    memmove(ration_ring_buffer_at(ring, 0), element, size);
    return 0;
  }
  unsigned char *place = ring->data + ring->first * size;
  if (ret_overwritten)
    exchange(place, element, ret_overwritten, size);
  else
    memmove(place, element, size);
  ring->first = ring->first + 1 == ring->capacity ? 0 : ring->first + 1;
  ring->overwritten++;
  return 1;
}

int ration_ring_buffer_pop_oldest(struct ration_ring_buffer *ring, void *ret_element) {
  if (!is_in_use(ring)) return -EINVAL;
  if (!ring->count) return -ENOENT;
  if (ret_element) memmove(ret_element, ration_ring_buffer_oldest(ring), ring->element_bytes);
  ring->first = ring->first + 1 == ring->capacity ? 0 : ring->first + 1;
  ring->count--;
  ring->removed++;
  return 0;
}

int ration_ring_buffer_pop_newest(struct ration_ring_buffer *ring, void *ret_element) {
  if (!is_in_use(ring)) return -EINVAL;
  if (!ring->count) return -ENOENT;
  if (ret_element) memmove(ret_element, ration_ring_buffer_at(ring, 0), ring->element_bytes);
  ring->count--;
  ring->removed++;
  return 0;
}

size_t ration_ring_buffer_recent(const struct ration_ring_buffer *ring, void *ret_elements, size_t most) {
  if (!is_in_use(ring) || !ret_elements) return 0;
  unsigned char *elements = ret_elements;
  size_t size = ring->element_bytes, count = most < ring->count ? most : ring->count;
  for (size_t age = 0; age < count; age++)
    memmove(elements + age * size, ration_ring_buffer_at(ring, age), size);
  return count;
}

size_t ration_ring_buffer_visit(const struct ration_ring_buffer *ring, size_t most,
                                int (*visit)(void *context, void *element), void *context) {
  if (!is_in_use(ring) || !visit) return 0;
  size_t shown = 0;
  while (shown < most && shown < ring->count) /* count: it is read anew, since visit may have changed it */
    if (visit(context, ration_ring_buffer_at(ring, shown++))) break;
  return shown;
}

int ration_ring_buffer_set_capacity(struct ration_ring_buffer *ring, size_t capacity) {
  if (!is_in_use(ring) || !capacity) return -EINVAL;
  if (capacity == ring->capacity) return 0;
  size_t size = ring->element_bytes, kept = capacity < ring->count ? capacity : ring->count;
  unsigned char *data = ration_memory_allocate_array(ring->memory, capacity, size, ring->alignment);
  if (!data) return -errno;
  for (size_t age = 0; age < kept; age++)
    memcpy(data + (kept - 1 - age) * size, ration_ring_buffer_at(ring, age), size);
  int error = ration_memory_release(ring->memory, ring->data, ring->capacity * size, ring->alignment);
  if (error) {
    ration_memory_release(ring->memory, data, capacity * size, ring->alignment);
    return error;
  }
  ring->removed += ring->count - kept;
  ring->data = data;
  ring->first = 0;
  ring->count = kept;
  ring->capacity = capacity;
  return 0;
}

int ration_ring_buffer_reserve(struct ration_ring_buffer *ring, size_t capacity) {
  if (!is_in_use(ring) || !capacity) return -EINVAL;
  return capacity <= ring->capacity ? 0 : ration_ring_buffer_set_capacity(ring, capacity);
}

void ration_ring_buffer_clear(struct ration_ring_buffer *ring) {
  if (!ring) return;
  ring->removed += ring->count;
  ring->first = ring->count = 0;
}

int ration_ring_buffer_stats(const struct ration_ring_buffer *ring,
                             struct ration_ring_buffer_figures *ret_figures) {
  if (!is_in_use(ring) || !ret_figures) return -EINVAL;
  *ret_figures = (struct ration_ring_buffer_figures){
      .pushed = ring->pushed, .overwritten = ring->overwritten, .removed = ring->removed};
  return 0;
}

int ration_ring_buffer_is_valid(const struct ration_ring_buffer *ring) {
  if (!is_in_use(ring)) return 0;
  return ring->first < ring->capacity && ring->count <= ring->capacity &&
         ring->capacity <= RATION_BYTES_MOST / ring->element_bytes &&
         (uintptr_t)ring->data % ring->alignment == 0 &&
         ring->pushed == ring->count + ring->overwritten + ring->removed;
}

/* Part by part, each read before it is written: the element's place may also be the one where the overwritten goes. */
static void exchange(unsigned char *place, const unsigned char *element, unsigned char *ret_overwritten,
                     size_t size) {
  unsigned char added[64];
  for (size_t done = 0, part; done < size; done += part) {
    part = size - done < sizeof added ? size - done : sizeof added;
    memcpy(added, element + done, part);
    memmove(ret_overwritten + done, place + done, part);
    memcpy(place + done, added, part);
  }
}
