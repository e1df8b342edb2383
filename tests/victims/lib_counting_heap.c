/*
 * An allocator of its own, preloaded below the shim, whose usable sizes are the sizes asked for, and which adds up what
 * it has given out, from within: so nothing that lies between it and the program hides from it. Bytes are counted by
 * the size's remainder of 16, which a program can use to tell its own blocks from libc's.
 *
 * link: -shared -fPIC
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/* Stands before each block. */
struct head {
  void *base;
  size_t size;
};

static uint64_t held[16], highest[16];

uint64_t counting_heap_held(unsigned remainder) {
  return __atomic_load_n(&held[remainder], __ATOMIC_RELAXED);
}

uint64_t counting_heap_highest(unsigned remainder) {
  return __atomic_load_n(&highest[remainder], __ATOMIC_RELAXED);
}

static void count(size_t size) {
  uint64_t now = __atomic_add_fetch(&held[size % 16], size, __ATOMIC_RELAXED);
  uint64_t most = __atomic_load_n(&highest[size % 16], __ATOMIC_RELAXED);
  while (now > most && !__atomic_compare_exchange_n(&highest[size % 16], &most, now, 0, __ATOMIC_RELAXED,
                                                    __ATOMIC_RELAXED)) {
  }
}

static struct head *head_of(void *block) {
  return (struct head *)block - 1;
}

static void *give(size_t alignment, size_t size) {
  if (alignment < 16) alignment = 16;
  size_t room;
  if (__builtin_add_overflow(size, alignment, &room)) room = SIZE_MAX;
  char *base = room > PTRDIFF_MAX ? NULL : __libc_memalign(alignment, room);
  if (!base) {
    errno = ENOMEM;
    return NULL;
  }
  void *block = base + alignment;
  *head_of(block) = (struct head){base, size};
  count(size);
  return block;
}

void *malloc(size_t size) {
  return give(16, size);
}

void free(void *block) {
  if (!block) return;
  size_t size = head_of(block)->size;
  __atomic_sub_fetch(&held[size % 16], size, __ATOMIC_RELAXED);
  __libc_free(head_of(block)->base);
}

void *calloc(size_t number, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(number, size, &bytes)) bytes = SIZE_MAX;
  void *block = give(16, bytes);
  return block ? memset(block, 0, bytes) : NULL;
}

/* In one step for who counts, wherever the block goes. */
void *realloc(void *block, size_t size) {
  if (!block) return give(16, size);
  size_t old = head_of(block)->size;
  char *base = size > PTRDIFF_MAX ? NULL : __libc_memalign(16, size + 16);
  if (!base) {
    errno = ENOMEM;
    return NULL;
  }
  void *moved = base + 16;
  memcpy(moved, block, old < size ? old : size);
  *head_of(moved) = (struct head){base, size};
  __atomic_sub_fetch(&held[old % 16], old, __ATOMIC_RELAXED);
  count(size);
  __libc_free(head_of(block)->base);
  return moved;
}

void *memalign(size_t alignment, size_t size) {
  return give(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return give(alignment, size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size) {
  int kept_errno = errno;
  void *block = give(alignment, size);
  errno = kept_errno;
  if (block) *ret_block = block;
  return block ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *block) {
  return block ? head_of(block)->size : 0;
}
