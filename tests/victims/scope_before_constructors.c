/*
 * A RATION_SCOPE that is first opened before libc's own constructor has run, where nothing is tracked yet; the macro
 * keeps what it looked up. Expected: opened again in main, it names its category.
 *
 * link: -fPIE -pie
 */
#pragma weak ration_category
#pragma weak ration_enter_at
#pragma weak ration_leave_at

#include "victim.h"

static void *allocate(void) {
  if (!ration_enter_at) return malloc(100); /* without the shim */
  RATION_SCOPE("early") {
    return malloc(100);
  }
  return NULL;
}

static void *first;

static void begin(void) {
  first = allocate();
}

__attribute__((section(".preinit_array"), used)) static void (*before_constructors)(void) = begin;

int main(void) {
  CHECK(first != NULL);
  void *block = allocate();
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(block), "early"), 0);
  free(first);
  free(block);
  puts("done");
  return 0;
}
