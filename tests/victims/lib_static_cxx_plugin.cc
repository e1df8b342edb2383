/*
 * A C++ plugin with the C++ runtime linked into it.
 *
 * link: -shared -fPIC -static-libstdc++
 */
#include <stddef.h>
#include <stdint.h>

#include <new>

extern "C" int plugin_misaligned(void);
extern "C" int plugin_caught(void);
extern "C" void *plugin_make(void);

extern "C" int plugin_misaligned(void) {
  int misaligned = 0;
  for (size_t alignment = 32; alignment <= 4096; alignment *= 2) {
    void *blocks[20];
    for (void *&block : blocks) {
      block = ::operator new(alignment + 24, std::align_val_t(alignment));
      misaligned += reinterpret_cast<uintptr_t>(block) % alignment != 0;
    }
    for (void *block : blocks) ::operator delete(block, std::align_val_t(alignment));
  }
  return misaligned;
}

extern "C" int plugin_caught(void) {
  int caught = 0;
  volatile size_t huge = static_cast<size_t>(1) << 61;
  for (int i = 0; i < 10; i++) {
    try {
      char *volatile block = new char[huge]; /* volatile: or the compiler leaves both out */
      delete[] block;
    } catch (const std::bad_alloc &) {
      caught++;
    }
    try {
      void *volatile block = ::operator new(huge, std::align_val_t(64));
      ::operator delete(block, std::align_val_t(64));
    } catch (const std::bad_alloc &) {
      caught++;
    }
  }
  return caught;
}

extern "C" void *plugin_make(void) {
  return new char[1000];
}
