/*
 * operator new under a budget that refuses. Expected: the throwing ones call the new-handler for as long as there is
 * one, then throw std::bad_alloc; the others return a null pointer; with a handler that frees, all of them succeed. So
 * it is with each alignment, and the blocks go back by every operator delete. Over allocators with operators of their
 * own as well.
 */
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <new>

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                           \
      std::_Exit(1);                                                                                         \
    }                                                                                                        \
  } while (0)

static const std::size_t large = 6 << 20;
static void *spare;
static int calls;

static void free_spare() {
  calls++;
  std::free(spare);
  spare = nullptr;
  std::set_new_handler(nullptr);
}

template <typename Ask> static bool throws(Ask ask) {
  try {
    CHECK(ask() != nullptr);
  } catch (const std::bad_alloc &) {
    return true;
  }
  return false;
}

static void hold_spare() {
  spare = std::malloc(5 << 20);
  CHECK(spare != nullptr);
  std::set_new_handler(free_spare);
}

template <typename Ask> static void check_throwing(Ask ask) {
  spare = std::malloc(5 << 20);
  CHECK(throws(ask));
  std::free(spare);
  hold_spare();
  int before = calls;
  CHECK(!throws(ask));
  CHECK(calls == before + 1);
}

struct alignas(64) Wide {
  char bytes[6 << 20];
};

struct Plain {
  char bytes[6 << 20];
};

int main() {
  static void *kept;
  check_throwing([] { return kept = ::operator new(large); });
  ::operator delete(kept);
  check_throwing([] { return kept = ::operator new[](large); });
  ::operator delete[](kept, large);
  check_throwing([] { return kept = ::operator new(large, std::align_val_t(64)); });
  ::operator delete(kept, std::align_val_t(64));
  check_throwing([] { return kept = new Wide; });
  delete static_cast<Wide *>(kept);
  check_throwing([] { return kept = new Plain; });
  delete static_cast<Plain *>(kept);
  spare = std::malloc(5 << 20);
  CHECK(::operator new(large, std::nothrow) == nullptr);
  CHECK(::operator new[](large, std::nothrow) == nullptr);
  CHECK(::operator new(large, std::align_val_t(64), std::nothrow) == nullptr);
  std::free(spare);
  hold_spare();
  kept = ::operator new(large, std::nothrow);
  CHECK(kept != nullptr);
  ::operator delete(kept, std::nothrow);
  std::puts("thrown");
}
