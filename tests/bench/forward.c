/*
 * forward: a preload that hands each call on and does nothing else: the least that any interposer costs.
 *
 * link: -shared -fPIC
 */
#include <dlfcn.h>
#include <stddef.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);

/* In malloc, possibly before any constructor: dlsym does not allocate where it finds its symbol. */
static __attribute__((noinline, cold)) void look_up(void) {
  *(void **)&next_free = dlsym(RTLD_NEXT, "free");
  *(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
  *(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
  *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
}

void *malloc(size_t size) {
  if (__builtin_expect(!next_malloc, 0)) look_up();
  return next_malloc(size);
}

void *calloc(size_t count, size_t size) {
  if (__builtin_expect(!next_malloc, 0)) look_up();
  return next_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  if (__builtin_expect(!next_malloc, 0)) look_up();
  return next_realloc(block, size);
}

void free(void *block) {
  if (__builtin_expect(!next_malloc, 0)) look_up();
  next_free(block);
}
