/*
 * The text of dlerror() is a block of the program; libc frees it at the next look-up, be that one of the shim's, for
 * the C++ runtime of a plugin that runs out of memory. Argument: the plugin. Expected: the block leaves the books.
 */
#include "victim.h"

static void fail_to_load(void) {
  enter("errors");
  CHECK(dlopen("/no/such/library.so", RTLD_NOW) == NULL);
  leave();
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  int (*run)(void) = (int (*)(void))dlsym(library, "plugin_run");
  for (int i = 0; i < 5; i++) {
    fail_to_load();
    CHECK_EQUAL(run(), 200);
    while (dlerror()) continue;
  }
  if (is_tracked()) {
    CHECK(books_of("errors").allocations > 0);
    CHECK_EQUAL(books_of("errors").live_blocks, 0);
    CHECK_EQUAL(books_of("errors").live_bytes, 0);
  }
  puts("done");
  return 0;
}
