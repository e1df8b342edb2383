/*
 * A C program loads a plugin that has the C++ runtime linked into it: no libstdc++.so.6 is there to find operator new
 * in. Argument: the plugin. Expected: aligned blocks are aligned, a size that nobody has throws std::bad_alloc in the
 * plugin, and its blocks are its own.
 */
#include "victim.h"

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  int (*misaligned)(void) = (int (*)(void))dlsym(library, "plugin_misaligned");
  int (*caught)(void) = (int (*)(void))dlsym(library, "plugin_caught");
  void *(*make)(void) = (void *(*)(void))dlsym(library, "plugin_make");
  CHECK_EQUAL(misaligned(), 0);
  CHECK_EQUAL(caught(), 20);
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(make()), "lib/lib_static_cxx_plugin"), 0);
  puts("done");
  return 0;
}
