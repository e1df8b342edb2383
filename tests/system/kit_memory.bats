#!/usr/bin/env bats
# librationkit over allocators that are not libc's, with the shim and without.

load helpers
bats_require_minimum_version 1.5.0

INCLUDE=$(realpath "$BATS_TEST_DIRNAME/../../include")

@test "blocks are aligned as asked, also where malloc aligns small ones less" {
  cat >aligned.c <<'C'
#include <ration/kit/system.h>
#include <stdio.h>

static int count_crooked(struct ration_memory *memory) {
  int crooked = 0;
  for (size_t size = 1; size <= 64; size++) {
    for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
      size_t other = size * 7 % 65 + 1;
      void *block = ration_memory_allocate(memory, size, alignment);
      crooked += (uintptr_t)block % alignment != 0;
      block = ration_memory_reallocate(memory, block, size, other, alignment);
      crooked += (uintptr_t)block % alignment != 0;
    }
  }
  return crooked;
}

int main(void) {
  struct ration_system system;
  if (ration_system_init(&system, "world/tiles")) return 1;
  printf("%d %d\n", count_crooked(NULL), count_crooked(&system.memory));
  return 0;
}
C
  gcc -O2 -Wall -Wextra -Werror -I"$INCLUDE" aligned.c -L"$RATION_BUILD" -l:librationkit.a -o aligned
  [ "$(./aligned)" = '0 0' ]
  for library in "${OTHER_ALLOCATORS[@]}"; do
    echo "$library"
    [ "$(LD_PRELOAD=$library ./aligned)" = '0 0' ]
  done
  same_over_allocators aligned ./aligned
}
