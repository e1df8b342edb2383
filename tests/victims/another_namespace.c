/*
 * dlmopen loads a library and a libc of its own, which no preload is in; what allocates there is that libc's malloc. Arguments:
 * a library that allocates. Expected: it works, its blocks are its own, those of the program are counted as ever, and the
 * program's copy of the same library, loaded beside it, is told apart.
 */
#include "victim.h"

#define BLOCKS 1000

typedef void *allocate_function(size_t size);

int main(int argc, char **argv) {
  CHECK_EQUAL(argc, 2);
  void *blocks[BLOCKS];
  void *apart = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
  if (!apart) printf("%s\n", dlerror());
  CHECK(apart != NULL);
  void *here = dlopen(argv[1], RTLD_NOW);
  CHECK(here != NULL);
  allocate_function *allocate_apart = (allocate_function *)dlsym(apart, "library_allocate");
  allocate_function *allocate_here = (allocate_function *)dlsym(here, "library_allocate");
  void (*free_apart)(void *) = (void (*)(void *))dlsym(apart, "free"); /* of the libc there */
  CHECK(allocate_apart && allocate_here && free_apart && allocate_apart != allocate_here);
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < BLOCKS; i++)
      CHECK((blocks[i] = i % 2 ? allocate_apart(100) : allocate_here(100)) != NULL);
    if (is_tracked()) CHECK_EQUAL(strcmp(category_of(blocks[1]), ""), 0);
    if (is_tracked()) CHECK_EQUAL(strncmp(category_of(blocks[0]), "lib/", 4), 0);
    for (int i = 0; i < BLOCKS; i++) (i % 2 ? free_apart : free)(blocks[i]);
  }
  CHECK_EQUAL(dlclose(apart), 0);
  for (int i = 0; i < BLOCKS; i++) free(malloc(100));
  return 0;
}
