/*
 * The first request of a program is refused, or resizes a block from before the shim: a tracker that learns at its
 * first block how the allocator below behaves may never learn it. With an argument: the second. Expected: all later
 * blocks are counted; and the segment says that sizes can be read from glibc's chunks (chunk_sizes).
 */
#include "victim.h"

static void *block;

static void preinit(int argc, char **argv, char **environment) {
  (void)argv, (void)environment;
  if (argc > 1) block = malloc(100);
}
__attribute__((section(".preinit_array"), used)) static void (*const at_preinit)(int, char **,
                                                                                 char **) = preinit;

int main(int argc, char **argv) {
  volatile size_t size = argc > 1 ? 200 : (size_t)1 << 62;
  block = realloc(block, size);
  CHECK_EQUAL(block != NULL, argc > 1);
  enter("later");
  for (size_t i = 0; i < 1000; i++) free(malloc(i));
  leave();
  check_books("later", 1000, 1000);
  return argv[argc] != NULL;
}
