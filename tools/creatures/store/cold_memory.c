/*
 * cold_memory.c: tells the two apart by what is asked for: nothing that is demoted is aligned as a cold record is and of
 * its size.
 */
#include "store/cold_memory.h"

#include "creature/cold.h"
#include "creature/warm.h"

_Static_assert(sizeof(struct warm) != sizeof(struct cold),
               "as it is, a demoted record is no cold one by its size");
_Static_assert(_Alignof(struct cold) > _Alignof(uint64_t), "packed, it is none by its alignment");

static struct ration_memory *below(struct ration_memory *memory, size_t size, size_t alignment) {
  struct cold_memory *cold = (struct cold_memory *)(void *)memory;
  int is_record = size == sizeof(struct cold) && alignment == _Alignof(struct cold);
  return is_record ? ration_pool_memory(cold->pool) : cold->heap;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  return ration_memory_allocate(below(memory, size, alignment), size, alignment);
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  return ration_memory_release(below(memory, size, alignment), block, size, alignment);
}

void cold_memory_init(struct cold_memory *memory, struct ration_pool *pool, struct ration_memory *heap) {
  static const struct ration_memory_type type = {.name = "cold", .allocate = allocate, .release = release};
  *memory = (struct cold_memory){{&type}, pool, heap};
}
