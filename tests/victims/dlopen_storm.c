/*
 * Libraries come and go, and a new one lies where an old one was: what was remembered of an address is then
 * another library's. Arguments: files to load. Expected: each block's category is the library's that asked
 * for it, in every round, also while other threads allocate, and after its library is gone.
 */
#include "victim.h"

#define ROUNDS 30

static int is_over;

static void *churn(void *unused) {
  while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) free(malloc(100));
  return unused;
}

static void check_category(const void *block, const char *path) {
  char expected[128];
  snprintf(expected, sizeof expected, "lib/%s", strrchr(path, '/') + 1);
  if (is_tracked() && strcmp(category_of(block), expected)) {
    printf("a block of %s is %s\n", expected, category_of(block));
    exit(1);
  }
}

static void load(const char *path, int keep) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
  void *blocks[5];
  for (size_t i = 0; i < 5; i++) check_category(blocks[i] = allocate(10 + i), path);
  if (!keep) dlclose(library);
  for (size_t i = 0; i < 5; i++) check_category(blocks[i], path);
  for (size_t i = 0; i < 5; i++) free(blocks[i]);
}

int main(int argc, char **argv) {
  pthread_t thread = start_thread(churn, NULL);
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 1; i < argc; i++) load(argv[1 + (i * (round + 1)) % (argc - 1)], round % 7 == i);
  __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
  join_thread(thread);
  puts("done");
  return 0;
}
