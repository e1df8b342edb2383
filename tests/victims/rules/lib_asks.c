/*
 * Two libraries, first and second, that differ in nothing but their name, and in which of them knows the other.
 */
#include <stdlib.h>

void *xmalloc(size_t bytes);

#define JOIN(a, b)          JOIN_EXPANDED(a, b)
#define JOIN_EXPANDED(a, b) a##b
#define NAMED(what)         JOIN(NAME, what)

void *NAMED(_make)(size_t bytes);
void *NAMED(_json_read)(size_t bytes);
void *NAMED(_hidden)(size_t bytes);
void *NAMED(_by_wrapper)(size_t bytes);

void *NAMED(_make)(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" : "+r"(block)); /* no jump: this function is the caller */
  return block;
}

void *NAMED(_json_read)(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" : "+r"(block));
  return block;
}

static __attribute__((noinline)) void *NAMED(_static)(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" : "+r"(block));
  return block;
}

void *NAMED(_hidden)(size_t bytes) {
  void *block = NAMED(_static)(bytes);
  __asm__ volatile("" : "+r"(block));
  return block;
}

void *NAMED(_by_wrapper)(size_t bytes) {
  void *block = xmalloc(bytes);
  __asm__ volatile("" : "+r"(block));
  return block;
}
