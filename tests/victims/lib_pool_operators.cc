/*
 * A library whose operators new and delete have a pool of their own: chunks of 64 bytes, out of slabs from malloc. The
 * first chunk of a slab has the slab's own address: who gives it back to malloc, frees all of them.
 *
 * link: -shared -fPIC
 */
#include <cstdlib>
#include <new>

static void *first;
static int calls[2];

static void fill() {
  const int chunks = 64;
  char *slab = static_cast<char *>(malloc(64 * chunks));
  for (int i = chunks - 1; i >= 0; i--) {
    *reinterpret_cast<void **>(slab + 64 * i) = first;
    first = slab + 64 * i;
  }
}

void *operator new(std::size_t bytes) {
  if (bytes > 64) return malloc(bytes);
  if (!first) fill();
  void *chunk = first;
  first = *static_cast<void **>(chunk);
  calls[0]++;
  return chunk;
}

void operator delete(void *chunk) noexcept {
  if (!chunk) return;
  *static_cast<void **>(chunk) = first;
  first = chunk;
  calls[1]++;
}

void operator delete(void *chunk, std::size_t bytes) noexcept {
  if (bytes > 64)
    free(chunk);
  else
    operator delete(chunk);
}

extern "C" int pool_calls(int which);
extern "C" int pool_calls(int which) {
  return calls[which];
}
