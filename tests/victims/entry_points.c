/*
 * Every entry point, at its edges: sizes of nothing, of everything, of more than there is; alignments that
 * are none. Interposers get these wrong. Expected: results and errno, traced line by line, are the same as
 * without the shim, over whatever allocator: errno is kept by success and by free, and set by failure; a
 * failed posix_memalign leaves its argument alone.
 */
#include <limits.h>
#include <malloc.h>

#include "victim.h"

#define KEPT 77
static int has_pvalloc; /* jemalloc's users get libc's, whose blocks its free cannot take */
#define HUGE ((size_t)PTRDIFF_MAX)

static const size_t sizes[] = {0,       1, 24, 5000, 1 << 20, HUGE - 4096, HUGE, HUGE + 1, SIZE_MAX - 4096,
                               SIZE_MAX};
static const size_t alignments[] = {0, 1, 3, 8, 16, 24, 4096, (size_t)1 << 40, (size_t)1 << 63};
#define SIZES      (sizeof sizes / sizeof *sizes)
#define ALIGNMENTS (sizeof alignments / sizeof *alignments)

/* Says what came out; where it is a block, writes all of it, and frees it. */
static void trace(const char *call, void *block, size_t size, size_t alignment) {
  int error = errno;
  size_t usable = block ? malloc_usable_size(block) : 0;
  size_t good = alignment && (alignment & (alignment - 1)) == 0 ? alignment : 1;
  printf("%s(%zx, %zx): %s errno %d", call, alignment, size, block ? "block" : "NULL", error);
  if (block) {
    printf(" aligned %d enough %d", (uintptr_t)block % good == 0, usable >= size);
    memset(block, 0xff, usable);
    CHECK_EQUAL(malloc_usable_size(block), usable);
    errno = KEPT;
    free(block);
    printf(" after free %d", errno);
  }
  printf("\n");
}

#define TRACE(call, size, alignment)                                                                         \
  do {                                                                                                       \
    errno = KEPT;                                                                                            \
    void *traced = call;                                                                                     \
    trace(#call, traced, size, alignment);                                                                   \
  } while (0)

static void trace_sizes(size_t size) {
  TRACE(malloc(size), size, 0);
  TRACE(calloc(1, size), size, 0);
  TRACE(calloc(size, 1), size, 0);
  TRACE(realloc(NULL, size), size, 0);
  TRACE(reallocarray(NULL, 1, size), size, 0);
  TRACE(valloc(size), size, 0);
  if (has_pvalloc) TRACE(pvalloc(size), size, 0);
  for (size_t i = 0; i < ALIGNMENTS; i++) {
    size_t alignment = alignments[i];
    void *unset = (void *)1, *block = unset;
    TRACE(memalign(alignment, size), size, alignment);
    TRACE(aligned_alloc(alignment, size), size, alignment);
    errno = KEPT;
    int result = posix_memalign(&block, alignment, size);
    printf("posix_memalign: %d%s ", result, block == unset ? " untouched" : "");
    trace("it", result ? NULL : block, size, alignment);
  }
}

static void trace_resize(size_t old, size_t size) {
  char *block = malloc(old);
  memset(block, 'x', old);
  errno = KEPT;
  char *moved = realloc(block, size);
  int error = errno;
  printf("realloc(block of %zx, %zx): %s errno %d\n", old, size, moved ? "block" : "NULL", error);
  for (size_t i = 0; moved && i < old && i < size; i++) CHECK(moved[i] == 'x');
  if (!moved && size != 0) {
    for (size_t i = 0; i < old; i++) CHECK(block[i] == 'x');
    free(block);
  }
  free(moved);
}

int main(int argc, char **argv) {
  static char buffer[1 << 16];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  has_pvalloc = argc < 2 || strcmp(argv[1], "without-pvalloc");
  free(malloc(1)); /* mimalloc's first call sets errno */
  enter("entry/points");
  for (size_t i = 0; i < SIZES; i++) trace_sizes(sizes[i]);
  for (size_t i = 0; i < SIZES; i++)
    trace_resize(0, sizes[i]), trace_resize(100, sizes[i]), trace_resize(200000, sizes[i]);
  volatile size_t huge = HUGE, wide = (size_t)1 << 32;
  TRACE(calloc(huge, 4), 0, 0);
  TRACE(calloc(wide, wide), 0, 0);
  TRACE(reallocarray(NULL, wide, wide), 0, 0);
  void *volatile block = malloc(10);
  TRACE(reallocarray(block, huge, 4), 0, 0);
  TRACE(reallocarray(block, 10, 20), 200, 0);
  errno = KEPT;
  free(NULL);
  printf("free(NULL) errno %d, usable size of NULL %zu errno %d\n", errno, malloc_usable_size(NULL), errno);
  leave();
  if (is_tracked()) {
    struct ration_figures books = books_of("entry/points");
    CHECK_EQUAL(books.live_blocks, 0);
    CHECK_EQUAL(books.live_bytes, 0);
  }
  return 0;
}
