/*
 * An allocator, preloaded below the shim, that has C23's free_sized and free_aligned_sized, and says how often each
 * was called with the right size. Its blocks are libc's.
 *
 * link: -shared -fPIC
 */
#include <malloc.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);
int sized_calls(void);
int aligned_sized_calls(void);

static int sized, aligned_sized;

void *malloc(size_t size) {
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return __libc_memalign(alignment, size);
}

void free(void *block) {
  __libc_free(block);
}

void free_sized(void *block, size_t size) {
  sized += size == 100;
  __libc_free(block);
}

void free_aligned_sized(void *block, size_t alignment, size_t size) {
  aligned_sized += alignment == 64 && size == 128;
  __libc_free(block);
}

/* The size word in front of the block: what lies in the chunk but for its own header. */
size_t malloc_usable_size(void *block) {
  return block ? (((size_t *)block)[-1] & ~(size_t)7) - sizeof(size_t) : 0;
}

int sized_calls(void) {
  return sized;
}

int aligned_sized_calls(void) {
  return aligned_sized;
}
