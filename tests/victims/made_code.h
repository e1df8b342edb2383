/*
 * made_code.h: code that is made at run time, where the shim has never been: at so many places, each of which calls its second
 * argument with its first, and returns what that does. Of x86-64.
 */
#ifndef MADE_CODE_H
#define MADE_CODE_H

#include <sys/mman.h>

#include "victim.h"

#define MADE_CODE_BYTES 16

static inline char *made_code(size_t places, size_t stride) {
  /* push rbp; mov rbp, rsp; call rsi; pop rbp; ret */
  static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3};
  char *memory = mmap(NULL, places * stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  for (size_t i = 0; i < places; i++) memcpy(memory + i * stride, code, sizeof code);
  CHECK_EQUAL(mprotect(memory, places * stride, PROT_READ | PROT_EXEC), 0);
  return memory;
}

static inline void *call_made(const char *place, size_t size, void *(*allocate)(size_t)) {
  return ((void *(*)(size_t, void *(*)(size_t)))(uintptr_t)place)(size, allocate);
}

#endif
