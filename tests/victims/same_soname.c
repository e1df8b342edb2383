/*
 * Two libraries with one soname, in different folders: plugins of two versions. Expected: the second one's
 * blocks are told apart by a `~2`. Arguments: the two files, and the soname.
 */
#include "victim.h"

static void load(const char *path, const char *category) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
  void *block = allocate(1000);
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(block), category), 0);
  free(block);
}

int main(int argc, char **argv) {
  char first[128], second[128];
  if (argc != 4) return 2;
  snprintf(first, sizeof first, "lib/%s", argv[3]);
  snprintf(second, sizeof second, "lib/%s~2", argv[3]);
  load(argv[1], first);
  load(argv[2], second);
  load(argv[1], first);
  puts("done");
  return 0;
}
