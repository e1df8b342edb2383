/*
 * A C program loads a C++ plugin whose constructor waits for a thread of its own, under the loader's lock. A look-up
 * of operator new[] at that thread's first call would wait for that lock for ever. Argument: the plugin. Expected: it
 * is loaded, and its thread had all its blocks.
 */
#include "victim.h"

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  int (*blocks)(void) = (int (*)(void))dlsym(library, "plugin_blocks");
  CHECK_EQUAL(blocks(), 100);
  puts("done");
  return 0;
}
