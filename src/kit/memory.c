/*
 * memory.c: checks what is asked of any memory, once for all kinds, and does for them what they leave out.
 */
#include <ration/kit/memory.h>

#include <errno.h>
#include <string.h>

#include "kit/fail.h"

static int check(const struct ration_memory *memory, size_t size, size_t alignment);
static void *move(struct ration_memory *memory, void *block, size_t size, size_t new_size, size_t alignment);

void *ration_memory_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  if (!memory) memory = ration_memory_system();
  int error = check(memory, size, alignment);
  if (error) return fail(error);
  return memory->type->allocate(memory, size, alignment);
}

void *ration_memory_allocate_array(struct ration_memory *memory, size_t count, size_t size,
                                   size_t alignment) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return fail(-EOVERFLOW);
  return ration_memory_allocate(memory, bytes, alignment);
}

void *ration_memory_reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                               size_t alignment) {
  if (!block) return size ? fail(-EINVAL) : ration_memory_allocate(memory, new_size, alignment);
  if (!memory) memory = ration_memory_system();
  int error = check(memory, size, alignment);
  if (!error) error = ration_memory_check(new_size, alignment);
  if (error) return fail(error);
  if (memory->type->reallocate) return memory->type->reallocate(memory, block, size, new_size, alignment);
  return move(memory, block, size, new_size, alignment);
}

int ration_memory_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  if (!block) return 0;
  if (!memory) memory = ration_memory_system();
  int error = check(memory, size, alignment);
  if (error) return error;
  return memory->type->release(memory, block, size, alignment);
}

int ration_memory_check(size_t size, size_t alignment) {
  if (!size || !alignment || alignment & (alignment - 1) || alignment > RATION_ALIGNMENT_MOST) return -EINVAL;
  return size > RATION_BYTES_MOST ? -EOVERFLOW : 0;
}

/* One that is not made, or done with, has no type. */
static int check(const struct ration_memory *memory, size_t size, size_t alignment) {
  return memory->type ? ration_memory_check(size, alignment) : -EINVAL;
}

static void *move(struct ration_memory *memory, void *block, size_t size, size_t new_size, size_t alignment) {
  void *moved = memory->type->allocate(memory, new_size, alignment);
  if (!moved) return NULL;
  memcpy(moved, block, size < new_size ? size : new_size);
  int error = memory->type->release(memory, block, size, alignment);
  if (!error) return moved;
  memory->type->release(memory, moved, new_size, alignment); /* the block was never this memory's */
  return fail(error);
}
