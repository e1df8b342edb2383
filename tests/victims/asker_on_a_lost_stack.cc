/*
 * operator new is left by an exception, on a coroutine's stack, which is then unmapped; next, the C++ runtime's own
 * operator new is called past everybody else's. Expected: nobody looks for the first one's caller any more.
 */
#include <new>
#include <sys/mman.h>

#include "other_stack.h"

static const size_t bytes = 65536;

static void run() {
  try {
    ::operator delete(::operator new(PTRDIFF_MAX / 2));
  } catch (const std::bad_alloc &) {
  }
}

static void *work(void *stack) {
  void *runtime = dlopen("libstdc++.so.6", RTLD_NOW);
  void *(*allocate)(size_t) = reinterpret_cast<void *(*)(size_t)>(dlsym(runtime, "_Znwm"));
  CHECK(allocate != nullptr);
  run_on(static_cast<char *>(stack), bytes, run);
  munmap(stack, bytes);
  for (int i = 0; i < 10; i++) free(allocate(100));
  return nullptr;
}

int main() {
  void *stack = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  join_thread(start_thread(work, stack)); /* whose own stack lies below */
  puts("done");
  return 0;
}
