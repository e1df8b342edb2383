/*
 * A failed dlopen leaves a text for dlerror(); a look-up of the next operator new in between would take it away.
 * Expected: it is there after the first use of each variant of new and delete.
 */
#include <new>

#include "victim.h"

static const std::align_val_t wide = std::align_val_t(64);
static void *volatile block; /* volatile: or the compiler leaves new and delete out */

template <class Use> static void keeps_error(Use use) {
  CHECK(dlopen("/no/such/library.so", RTLD_NOW) == nullptr);
  use();
  const char *text = dlerror();
  CHECK(text != nullptr);
  CHECK(strstr(text, "/no/such/library.so") != nullptr);
}

int main() {
  keeps_error([] { block = ::operator new(10); });
  keeps_error([] { ::operator delete(block); });
  keeps_error([] { block = ::operator new[](10); });
  keeps_error([] { ::operator delete[](block); });
  keeps_error([] { block = ::operator new(10, std::nothrow); });
  keeps_error([] { ::operator delete(block, std::nothrow); });
  keeps_error([] { block = ::operator new[](10, std::nothrow); });
  keeps_error([] { ::operator delete[](block, std::nothrow); });
  keeps_error([] { block = ::operator new(10, wide); });
  keeps_error([] { ::operator delete(block, wide); });
  keeps_error([] { block = ::operator new[](10, wide); });
  keeps_error([] { ::operator delete[](block, wide); });
  keeps_error([] { block = ::operator new(10, wide, std::nothrow); });
  keeps_error([] { ::operator delete(block, wide, std::nothrow); });
  keeps_error([] { block = ::operator new[](10, wide, std::nothrow); });
  keeps_error([] { ::operator delete[](block, wide, std::nothrow); });
  keeps_error([] { block = ::operator new(10); });
  keeps_error([] { ::operator delete(block, static_cast<size_t>(10)); });
  puts("done");
}
