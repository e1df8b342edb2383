/*
 * known_cxx.cc: the same of C++: operators new, containers, templates, lambdas, constructors.
 */
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "place.h"

static void *volatile sink;

/* ---- operators ------------------------------------------------------------------------------------------- */

struct alignas(64) Wide {
  char bytes[128];
};

PLACE static void plain_new() {
  TIMES(3) sink = new long[4];
  STAYS;
  sink = new short(7);
  STAYS;
  sink = ::operator new(77, std::nothrow);
  STAYS;
}

PLACE static void aligned_new() {
  sink = new Wide;
  STAYS;
}

PLACE static void new_and_delete() {
  TIMES(10) {
    long *numbers = new long[5];
    sink = numbers;
    delete[] numbers;
  }
  STAYS;
}

/* ---- what has a name that is decorated -------------------------------------------------------------------- */

namespace {
PLACE void hidden(int bytes) {
  sink = operator new(static_cast<std::size_t>(bytes));
  STAYS;
}

struct Holder {
  PLACE explicit Holder(unsigned count) : numbers(new int[count]) {
    STAYS;
  }
  PLACE virtual void more(unsigned count) {
    sink = new char[count];
    STAYS;
  }
  virtual ~Holder() = default;
  int *numbers;
};

struct Other : Holder {
  PLACE explicit Other(unsigned count) : Holder(count) {
    STAYS;
  }
  PLACE void more(unsigned count) override {
    sink = new char[2 * count];
    STAYS;
  }
};
} // namespace

template <int Bytes> PLACE static void of_template() {
  sink = operator new(Bytes);
  STAYS;
}

template <class First, class... Rest> PLACE static void for_each(const First &first, const Rest &...rest) {
  sink = new First(first);
  if constexpr (sizeof...(rest) > 0) for_each(rest...);
  STAYS;
}

PLACE static void by_lambda() {
  auto made = [](std::size_t bytes) PLACE {
    sink = operator new(bytes);
    STAYS;
  };
  made(160);
  STAYS;
}

PLACE static void by_function(const std::function<void(int)> &function) {
  function(3);
  STAYS;
}

PLACE static void throws() {
  try {
    throw std::bad_alloc();
  } catch (const std::bad_alloc &) {
    sink = nullptr;
  }
  STAYS;
}

/* ---- the standard library --------------------------------------------------------------------------------- */

PLACE static void of_string() {
  sink = new std::string("a string of more bytes than a string has room for in itself");
  STAYS;
}

/* 1, 2, 4, 8 numbers. */
PLACE static void of_vector() {
  static std::vector<long> numbers;
  int number = 0;
  TIMES(8) numbers.push_back(number++);
  STAYS;
}

PLACE static void of_map() {
  static std::map<int, long> numbers;
  int number = 0;
  TIMES(6) numbers[number++] = 1;
  STAYS;
}

PLACE static void of_shared() {
  static std::shared_ptr<Wide *> shared;
  shared = std::make_shared<Wide *>(nullptr);
  STAYS;
}

static void in_thread(int count) {
  while (count-- > 0) hidden(500);
  STAYS;
}

/* What lives at the moment of this block makes up the peak: all that is kept, and what the library's statics have. */
PLACE static void peaks() {
  char *large = new char[1 << 20];
  sink = large;
  STAYS;
  delete[] large;
  STAYS;
}

int main() {
  plain_new();
  aligned_new();
  new_and_delete();
  hidden(99);
  Other other(30);
  Holder *holder = &other;
  holder->more(111);
  of_template<120>();
  of_template<240>();
  for_each(1, 2.0, 'c');
  by_lambda();
  by_function([](int count) PLACE {
    sink = new int[static_cast<unsigned>(count)];
    STAYS;
  });
  throws();
  of_string();
  of_vector();
  of_map();
  of_shared();
  std::thread(in_thread, 3).join();
  peaks();
  of_template<120>();
  return 0;
}
