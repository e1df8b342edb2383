/*
 * A program whose operators new and delete are a preloaded library's, with a pool. Expected: what is deleted goes back to
 * the pool, and nobody else gets its memory meanwhile; as without the shim.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

struct Object {
  long values[8];
};

static Object *objects[6400];

static int are_whole() {
  for (int i = 0; i < 6400; i++)
    for (int at = 0; objects[i] && at < 8; at++)
      if (objects[i]->values[at] != i) return 0;
  return 1;
}

int main() {
  for (int i = 0; i < 6400; i++) {
    objects[i] = new Object;
    for (long &value : objects[i]->values) value = i;
  }
  for (int i = 0; i < 6400; i += 64) {
    delete objects[i];
    objects[i] = nullptr;
  }
  for (int i = 0; i < 200; i++) {
    void *volatile block = malloc(4096);
    memset(block, 0x55, 4096);
  }
  int (*calls)(int) = reinterpret_cast<int (*)(int)>(dlsym(RTLD_DEFAULT, "pool_calls"));
  if (!calls || !are_whole()) {
    puts("not whole");
    return 1;
  }
  printf("%d new, %d delete\n", calls(0), calls(1));
  return 0;
}
