/*
 * An operator new that does not throw, or whose exception cannot pass through the shim's frames, ends the
 * program. Expected: for sizes that nobody has, the new-handler is called and the request retried until it
 * gives up; then std::bad_alloc is thrown and caught, and nothrow gives NULL, in every variant; the books are
 * as before.
 */
#include <new>

#include "victim.h"

static volatile size_t huge = static_cast<size_t>(-1) / 2 - 4096;
static int calls;

static void give_up_at_third() {
  if (++calls % 3 == 0) std::set_new_handler(nullptr);
}

static void throw_own() {
  throw 42;
}

template <class Make> static int fails(Make make) {
  try {
    void *volatile block = make(); /* volatile: or the compiler leaves both new and delete out */
    return block ? 0 : 2;
  } catch (const std::bad_alloc &) {
    return 1;
  } catch (int own) {
    return own;
  }
}

static void *allocate_huge() {
  return ::operator new(huge);
}

int main() {
  const std::align_val_t wide = std::align_val_t(256);
  enter("all");
  for (int i = 0; i < 300; i++) {
    CHECK_EQUAL(fails([] { return static_cast<char *>(allocate_huge()); }), 1);
    CHECK_EQUAL(fails([] { return new char[huge]; }), 1);
    CHECK_EQUAL(fails([&] { return static_cast<char *>(::operator new(huge, wide)); }), 1);
    CHECK_EQUAL(fails([&] { return static_cast<char *>(::operator new[](huge, wide)); }), 1);
    CHECK_EQUAL(fails([] { return new (std::nothrow) char[huge]; }), 2);
    CHECK_EQUAL(fails([&] { return static_cast<char *>(::operator new(huge, wide, std::nothrow)); }), 2);
    std::set_new_handler(give_up_at_third);
    CHECK_EQUAL(fails([] { return new char[huge]; }), 1);
    CHECK_EQUAL(calls, 3 * (i + 1));
    std::set_new_handler(throw_own);
    CHECK_EQUAL(fails([] { return new char[huge]; }), 42);
    std::set_new_handler(nullptr);
    int *volatile small = new int;
    delete small;
  }
  leave();
  if (is_tracked()) {
    CHECK_EQUAL(books_of("all").live_blocks, 0);
    CHECK_EQUAL(books_of("all").live_bytes, 0);
    enter("");
    char *block = new char[100];
    CHECK_EQUAL(strcmp(category_of(block), "bin/bad_alloc"), 0);
    delete[] block;
  }
  puts("done");
}
