/*
 * Blocks that go past the shim, to the free of the allocator below, are still tagged when that gives their addresses out
 * again. Argument: the allocator's soname. Expected: every new block is counted, by malloc and by operator new; the
 * shim never saw the others go, so that they count as live.
 */
#include <new>

#include "victim.h"

#define BLOCKS 1000

static void *blocks[BLOCKS];

template <class Make> static void give_again(const char *category, void (*free_behind)(void *), Make make) {
  uintptr_t addresses[BLOCKS];
  size_t same = 0;
  enter(category);
  for (int i = 0; i < BLOCKS; i++) addresses[i] = reinterpret_cast<uintptr_t>(blocks[i] = make());
  for (int i = 0; i < BLOCKS; i++) free_behind(blocks[i]);
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = make();
    for (uintptr_t address : addresses) same += address == reinterpret_cast<uintptr_t>(blocks[i]);
  }
  leave();
  CHECK(same > BLOCKS / 2); /* or this shows nothing */
  check_books(category, 2 * BLOCKS, 0);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD);
  CHECK(library != nullptr);
  void (*free_behind)(void *) = reinterpret_cast<void (*)(void *)>(dlsym(library, "free"));
  give_again("by/malloc", free_behind, [] { return malloc(100); });
  give_again("by/new", free_behind, [] { return ::operator new(200); });
  give_again("by/nothrow", free_behind, [] { return ::operator new[](300, std::nothrow); });
  puts("done");
}
