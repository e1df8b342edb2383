/*
 * A C program has no operator new; the plugin that it loads with RTLD_LOCAL brings libstdc++ into no scope
 * that a preloaded library could search. Argument: the plugin. Expected: the shim's operator new finds it all
 * the same, and exceptions pass through; the block that the plugin makes is the plugin's, not libstdc++'s.
 */
#include "victim.h"

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  int (*run)(void) = (int (*)(void))dlsym(library, "plugin_run");
  void *(*make)(void) = (void *(*)(void))dlsym(library, "plugin_make");
  for (int i = 0; i < 10; i++) CHECK_EQUAL(run(), 200);
  void *block = make();
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(block), "lib/lib_cxx_plugin"), 0);
  puts("done");
  return 0;
}
