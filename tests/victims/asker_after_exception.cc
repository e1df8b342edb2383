/*
 * std::bad_alloc leaves operator new by the way of exceptions, past what would note that nobody asks any more; what the
 * C++ runtime allocates next is charged as it was before. Expected: the same work is charged to the same libraries before and
 * after, block for block; with the runtime looked through, to the program, and without, to the runtime.
 */
#include <new>
#include <sstream>

#include "victim.h"

struct share {
  uint64_t of_runtime;
  uint64_t of_program;
};

static struct share counted() {
  if (!is_tracked()) return {0, 0};
  return {books_of("lib/libstdc++.so.6").allocations, books_of("bin/asker_after_exception").allocations};
}

static struct share work() {
  struct share before = counted();
  std::ostringstream text;
  for (int i = 0; i < 10000; i++) text << "some words";
  CHECK_EQUAL(text.tellp(), 100000);
  struct share after = counted();
  return {after.of_runtime - before.of_runtime, after.of_program - before.of_program};
}

static void catch_one() {
  volatile size_t huge = static_cast<size_t>(1) << 60;
  try {
    char *volatile block = new char[huge]; /* volatile: or the compiler leaves both out */
    delete[] block;
    CHECK(!"thrown");
  } catch (const std::bad_alloc &) {
  }
}

int main() {
  work();
  struct share before = work();
  if (is_tracked()) CHECK(before.of_runtime + before.of_program > 0);
  for (int i = 0; i < 3; i++) {
    catch_one();
    struct share after = work();
    CHECK_EQUAL(after.of_runtime, before.of_runtime);
    CHECK_EQUAL(after.of_program, before.of_program);
  }
  puts("done");
}
