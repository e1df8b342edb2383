/*
 * A program at a fixed address that takes malloc's: in its place stands an entry of its own procedure linkage table.
 * A library that it needs allocates before the shim's constructor. Expected: that constructor runs once, when the
 * loader comes to it, and does all that it is there for.
 *
 * link: -no-pie -fno-pie -Wl,--no-as-needed -lstdc++
 */
#include "victim.h"

/* In an instruction: what is initialised by it gets the true one. */
static __attribute__((noinline)) void *take_address(void) {
  void *address = (void *)(uintptr_t)malloc;
  __asm__ volatile("" : "+r"(address));
  return address;
}

int main(void) {
  char *text = strdup("a text");
  void *block = ((void *(*)(size_t))(uintptr_t)take_address())(100);
  if (is_tracked()) {
    CHECK(!strcmp(category_of(text), "bin/address_of_malloc"));
    CHECK(!strcmp(category_of(block), "bin/address_of_malloc"));
  }
  puts("done");
  return 0;
}
