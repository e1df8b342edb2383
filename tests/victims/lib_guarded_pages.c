/*
 * An allocator, preloaded below the shim, that has no malloc_usable_size, and whose blocks each start at a page that
 * lies behind one which cannot be read: libc's malloc_usable_size would read there. An address serves once.
 *
 * link: -shared -fPIC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE  ((size_t)4096)
#define PAGES ((size_t)1 << 18)

static char *pages;
static size_t used;
static size_t sizes[PAGES]; /* of the block that starts there */
static int lock;

static char *take_pages(size_t count) {
  while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) continue;
  if (!pages) {
    pages = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) abort();
  }
  char *block = pages + (used + 1) * PAGE; /* behind a guard */
  used += count + 1;
  if (used >= PAGES) abort();
  __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
  return block;
}

static size_t *size_of(void *block) {
  return &sizes[(size_t)((char *)block - pages) / PAGE];
}

void *malloc(size_t size) {
  size_t count = size / PAGE + 1;
  char *block = take_pages(count);
  if (mprotect(block, count * PAGE, PROT_READ | PROT_WRITE)) abort();
  *size_of(block) = size;
  return block;
}

void free(void *block) {
  if (block) mprotect(block, (*size_of(block) / PAGE + 1) * PAGE, PROT_NONE);
}

void *calloc(size_t count, size_t size) {
  return malloc(count * size);
}

void *realloc(void *block, size_t size) {
  char *larger = malloc(size);
  if (block) memcpy(larger, block, *size_of(block) < size ? *size_of(block) : size);
  free(block);
  return larger;
}
