/*
 * A library loaded with RTLD_DEEPBIND calls libc's malloc past every interposer, while the program that frees
 * its blocks does not. Expected: blocks can cross both ways; those of the library are foreign (2000 of them). Blocks
 * from before it was loaded are taken back as ever, whatever the program has written in front of them.
 */
#include "victim.h"

#define EARLY 512
#define WORDS 4

static uint64_t *early[EARLY];

static void allocate_early(void) {
  for (size_t i = 0; i < EARLY; i++) {
    early[i] = malloc(WORDS * sizeof *early[i]);
    for (size_t word = 0; word < WORDS; word++)
      early[i][word] = i % 16; /* as sizes of chunks: all that make no sense */
  }
}

static void free_early(void) {
  for (size_t i = 0; i < EARLY; i++) free(early[i]);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  allocate_early();
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  CHECK(library != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
  void (*take_back)(void *) = (void (*)(void *))dlsym(library, "library_free");
  free_early();
  void *blocks[1000];
  for (size_t i = 0; i < 1000; i++) blocks[i] = allocate(i);
  for (size_t i = 0; i < 1000; i++) free(blocks[i]);
  for (size_t i = 0; i < 1000; i++) free(allocate(i * 10));
  for (size_t i = 0; i < 1000; i++) take_back(malloc(i));
  puts("done");
  return 0;
}
