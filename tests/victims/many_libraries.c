/*
 * More libraries than there are automatic categories. Arguments: files to load. Expected: those that find no room are
 * `other`, counted; the program's own categories still fit.
 */
#include "victim.h"

int main(int argc, char **argv) {
  int own = 0, others = 0;
  for (int i = 1; i < argc; i++) {
    void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
    const char *category = category_of(allocate(10));
    own += !strncmp(category, "lib/copy", 8);
    others += !strcmp(category, "other");
  }
  if (is_tracked()) {
    CHECK_EQUAL(own + others, argc - 1);
    CHECK(own > 130 && own < 150);
    for (int i = 0; i < 90; i++) {
      char path[32];
      snprintf(path, sizeof path, "own/%d", i);
      CHECK(SHIM(ration_category)(path) != RATION_OTHER);
    }
  }
  puts("done");
  return 0;
}
