/*
 * All variants of operator new and delete; interposers lack some, count the malloc inside a second time, or
 * let a block of one allocator be freed by another. Expected: each block is counted once, and gone when
 * deleted, in the main thread, in threads that do nothing but new and delete, and in threads that only
 * delete.
 */
#include <new>
#include <thread>
#include <vector>

#include "victim.h"

struct alignas(256) wide {
  char bytes[256];
};
struct plain {
  char bytes[40];
  ~plain() {}
};

static const std::align_val_t page = std::align_val_t(4096);
static int made;

/* The compiler may leave out a new and its delete, unless something may happen to the block between them. */
template <class T> static T *kept(T *block) {
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

static void run_all() {
  delete kept(new plain);
  delete[] kept(new plain[10]);
  delete kept(new wide);
  delete[] kept(new wide[3]);
  delete kept(new (std::nothrow) plain);
  delete[] kept(new (std::nothrow) plain[7]);
  delete kept(new (std::nothrow) wide);
  delete[] kept(new (std::nothrow) wide[2]);
  ::operator delete(kept(::operator new(100)));
  ::operator delete(kept(::operator new(100)), static_cast<size_t>(100));
  ::operator delete[](kept(::operator new[](100)), static_cast<size_t>(100));
  ::operator delete(kept(::operator new(100)), std::nothrow);
  ::operator delete[](kept(::operator new[](100)), std::nothrow);
  ::operator delete(kept(::operator new(100, page)), page);
  ::operator delete(kept(::operator new(100, page)), 100, page);
  ::operator delete[](kept(::operator new[](100, page)), page);
  ::operator delete[](kept(::operator new[](100, page)), 100, page);
  ::operator delete(kept(::operator new(100, page, std::nothrow)), page, std::nothrow);
  ::operator delete[](kept(::operator new[](100, page, std::nothrow)), page, std::nothrow);
  delete static_cast<plain *>(nullptr);
  delete[] static_cast<wide *>(nullptr);
  ::operator delete(kept(::operator new(0)));
  __atomic_add_fetch(&made, 20, __ATOMIC_RELAXED);
}

static void run_in_scope() {
  enter("operators");
  for (int i = 0; i < 50; i++) run_all();
  leave();
}

int main() {
  run_in_scope();
  check_books("operators", static_cast<uint64_t>(made), static_cast<uint64_t>(made));
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; i++) threads.emplace_back(run_in_scope);
  for (std::thread &thread : threads) thread.join();
  check_books("operators", static_cast<uint64_t>(made), static_cast<uint64_t>(made));
  std::vector<plain *> handed(1000);
  enter("handed");
  for (plain *&one : handed) one = new plain;
  leave();
  std::thread consumer([&] {
    for (plain *one : handed) delete one;
  });
  consumer.join();
  check_books("handed", 1000, 1000);
  puts("done");
}
