/*
 * Blocks of a program, of two libraries, and of wrappers of each kind.
 */
#define PREFIX(name) own_x##name
#include "lib_wrappers.c"
#undef PREFIX
#include "places.h"

#define DECLARE(prefix)                                                                                      \
  void *prefix##malloc(size_t bytes);                                                                        \
  void *prefix##malloc_by_jump(size_t bytes);                                                                \
  void *prefix##memdup(const void *from, size_t bytes);                                                      \
  void *prefix##malloc_with_alloca(size_t bytes);                                                            \
  void *prefix##malloc_with_registers(size_t bytes, size_t a, size_t b, size_t c);                           \
  void *prefix##malloc_realigned(size_t bytes);                                                              \
  void *prefix##malloc_large_frame(size_t bytes);                                                            \
  void *prefix##malloc_deep(size_t bytes, unsigned depth);
DECLARE(x)
DECLARE(bare_x)
DECLARE(framed_x)

void *xxmalloc(size_t bytes);
void *first_make(size_t bytes);
void *first_json_read(size_t bytes);
void *first_hidden(size_t bytes);
void *first_by_wrapper(size_t bytes);
void *second_make(size_t bytes);
void *second_json_read(size_t bytes);
void *second_hidden(size_t bytes);
void *second_by_wrapper(size_t bytes);

#define PLACE(name, block)                                                                                   \
  static __attribute__((noinline)) uint64_t place_##name(size_t bytes) {                                     \
    return kept(block);                                                                                      \
  }
static const char text[200000] = "text";

/* By name, or of all others. */
#define PLACES(X)                                                                                            \
  X(malloc, malloc(bytes))                                                                                   \
  X(calloc, calloc(1, bytes))                                                                                \
  X(realloc, realloc(NULL, bytes))                                                                           \
  X(reallocarray, reallocarray(NULL, 1, bytes))                                                              \
  X(aligned, aligned(bytes))                                                                                 \
  X(first, first_make(bytes))                                                                                \
  X(first_json, first_json_read(bytes))                                                                      \
  X(first_hidden, first_hidden(bytes))                                                                       \
  X(first_wrapped, first_by_wrapper(bytes))                                                                  \
  X(second, second_make(bytes))                                                                              \
  X(second_json, second_json_read(bytes))                                                                    \
  X(second_hidden, second_hidden(bytes))                                                                     \
  X(second_wrapped, second_by_wrapper(bytes))                                                                \
  X(twice_wrapped, xxmalloc(bytes))                                                                          \
  WRAPPED(X, lib, x)                                                                                         \
  WRAPPED(X, own, own_x)                                                                                     \
  WRAPPED(X, bare, bare_x)                                                                                   \
  WRAPPED(X, framed, framed_x)
#define WRAPPED(X, name, prefix)                                                                             \
  X(name##_wrapped, prefix##malloc(bytes))                                                                   \
  X(name##_jump, prefix##malloc_by_jump(bytes))                                                              \
  X(name##_nested, prefix##memdup(text, bytes))                                                              \
  X(name##_alloca, prefix##malloc_with_alloca(bytes))                                                        \
  X(name##_registers, prefix##malloc_with_registers(bytes, bytes, 2, 3))                                     \
  X(name##_realigned, prefix##malloc_realigned(bytes))                                                       \
  X(name##_large_frame, prefix##malloc_large_frame(bytes))                                                   \
  X(name##_deep, prefix##malloc_deep(bytes, 40))                                                             \
  X(name##_too_deep, prefix##malloc_deep(bytes, 1000))

static void *aligned(size_t bytes) {
  void *block = NULL;
  CHECK_EQUAL(posix_memalign(&block, 64, bytes), 0);
  return block;
}

PLACES(PLACE)
#define ENTRY(name, block) {#name, place_##name},
static const struct place places[] = {PLACES(ENTRY){NULL, NULL}};

int main(int argc, char **argv) {
  return go_through(places, argc, argv);
}
