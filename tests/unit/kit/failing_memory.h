/*
 * failing_memory.h: the system's memory, which fails with ENOMEM once it has served as many requests as it
 * was told, and counts what is out: so a test sees each failure handled, and that all came back. As thread-safe
 * as the system's, where no request fails.
 */
#ifndef RATION_TESTS_KIT_FAILING_MEMORY_H
#define RATION_TESTS_KIT_FAILING_MEMORY_H

#include <ration/kit/memory.h>

#include <errno.h>

struct failing_memory {
  struct ration_memory memory;
  size_t left;          /* requests that it still serves */
  size_t blocks, bytes; /* that are out */
};

static inline void *failing_memory_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct failing_memory *failing = (struct failing_memory *)(void *)memory;
  if (!__atomic_load_n(&failing->left, __ATOMIC_RELAXED)) {
    errno = ENOMEM;
    return NULL;
  }
  void *block = ration_memory_allocate(NULL, size, alignment);
  if (!block) return NULL;
  __atomic_fetch_sub(&failing->left, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&failing->blocks, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&failing->bytes, size, __ATOMIC_RELAXED);
  return block;
}

static inline int failing_memory_release(struct ration_memory *memory, void *block, size_t size,
                                         size_t alignment) {
  struct failing_memory *failing = (struct failing_memory *)(void *)memory;
  __atomic_fetch_sub(&failing->blocks, 1, __ATOMIC_RELAXED);
  __atomic_fetch_sub(&failing->bytes, size, __ATOMIC_RELAXED);
  return ration_memory_release(NULL, block, size, alignment);
}

static inline void failing_memory_init(struct failing_memory *memory, size_t left) {
  static const struct ration_memory_type type = {
      .name = "failing", .allocate = failing_memory_allocate, .release = failing_memory_release};
  *memory = (struct failing_memory){.memory = {&type}, .left = left};
}

#endif
