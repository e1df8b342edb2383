/*
 * What wrappers of malloc look like: one that ends in a jump, nested ones, with frames of every kind.
 */
#include <alloca.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *PREFIX(malloc)(size_t bytes);
void *PREFIX(malloc_by_jump)(size_t bytes);
void *PREFIX(memdup)(const void *from, size_t bytes);
void *PREFIX(malloc_with_alloca)(size_t bytes);
void *PREFIX(malloc_with_registers)(size_t bytes, size_t a, size_t b, size_t c);
void *PREFIX(malloc_realigned)(size_t bytes);
void *PREFIX(malloc_large_frame)(size_t bytes);
void *PREFIX(malloc_deep)(size_t bytes, unsigned depth);

#define HERE(block) __asm__ volatile("" : "+r"(block) : : "memory") /* no jump, and nothing is left out */

void *PREFIX(malloc)(size_t bytes) {
  void *block = malloc(bytes);
  if (!block) abort();
  HERE(block);
  return block;
}

void *PREFIX(malloc_by_jump)(size_t bytes) {
  return malloc(bytes);
}

void *PREFIX(memdup)(const void *from, size_t bytes) {
  return memcpy(PREFIX(malloc)(bytes), from, bytes);
}

void *PREFIX(malloc_with_alloca)(size_t bytes) {
  char *scratch = alloca(bytes % 4096 + 16);
  memset(scratch, 1, bytes % 4096 + 16);
  HERE(scratch);
  void *block = malloc(bytes);
  HERE(block);
  return scratch[bytes % 16] ? block : NULL;
}

void *PREFIX(malloc_with_registers)(size_t bytes, size_t a, size_t b, size_t c) {
  size_t d = a * b, e = b * c, f = a + c, g = a ^ b;
  HERE(d);
  void *block = malloc(bytes), *other;
  HERE(block);
  other = a + b + c + d + e + f + g ? block : NULL;
  HERE(other);
  return other;
}

void *PREFIX(malloc_realigned)(size_t bytes) {
  _Alignas(128) char scratch[256];
  char *at = scratch;
  HERE(at);
  void *block = (uintptr_t)at % 128 ? NULL : malloc(bytes);
  HERE(block);
  return block;
}

void *PREFIX(malloc_large_frame)(size_t bytes) {
  char scratch[20000], *at = scratch;
  HERE(at);
  void *block = malloc(bytes);
  HERE(block);
  HERE(at);
  return block;
}

void *PREFIX(malloc_deep)(size_t bytes, unsigned depth) {
  void *block = depth ? PREFIX(malloc_deep)(bytes, depth - 1) : malloc(bytes);
  HERE(block);
  return block;
}
