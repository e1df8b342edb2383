#!/usr/bin/env bats
# tag.h, however a program is compiled and linked: its scopes count where the shim is, and do nothing where it is not.

load helpers
load alike

INCLUDE=$BATS_TEST_DIRNAME/../../include
TAGGED=$BATS_TEST_DIRNAME/../victims/tagged.c

# tags PRESENT COMMAND...: compiles, and runs without the shim and with it; PRESENT: whether it is seen then.
tags() {
  local present=$1
  shift
  echo "$*"
  "$@" -std=c11 -O2 -fno-builtin -Wall -Wextra -Werror -I"$INCLUDE" "$TAGGED" -o tagged
  rm -f "$RATION_DIR"/ration.*
  [ "$(./tagged 2>&1)" = "present 0" ]
  [ "$("${SHIMMED[@]}" ./tagged 2>&1)" = "present $present" ]
  if [ "$present" = 0 ]; then
    [ "$(segments)" = 0 ]
  else
    [ "$(own "$(the_segment)" tagged/blocks live_blocks)" = 3 ]
  fi
}

# modes COMMAND...: each way to link.
modes() {
  tags 1 "$@" -fPIE -pie
  tags 1 "$@" -fno-pie -no-pie
  tags 0 "$@" -static
  tags 0 "$@" -static-pie -fPIE
}

@test "gcc, and the linker bfd" {
  modes gcc -fuse-ld=bfd
  tags 1 gcc -fPIE -pie -Wl,-z,now
  tags 1 gcc -fno-pie -no-pie -Wl,--gc-sections -Wl,-z,lazy
}

@test "gcc, and the linker lld" {
  modes gcc -fuse-ld=lld
}

@test "clang, and the linker bfd" {
  modes clang -fuse-ld=bfd
}

@test "clang, and the linker lld" {
  modes clang -fuse-ld=lld
}

@test "optimised at link time" {
  tags 1 gcc -flto -fuse-ld=bfd -fPIE -pie
  tags 1 gcc -flto -fuse-ld=bfd -fno-pie -no-pie
  tags 0 gcc -flto -fuse-ld=bfd -static
  tags 1 clang -flto -fuse-ld=lld -fPIE -pie
  tags 1 clang -flto -fuse-ld=lld -fno-pie -no-pie
  tags 0 clang -flto -fuse-ld=lld -static
}

@test "in a library that the program loads" {
  cat >library.c <<'C'
#include <ration/tag.h>
#include <stdlib.h>
void *library_make(void);
void *library_make(void) {
  void *block = NULL;
  RATION_SCOPE("library/blocks") block = malloc(100);
  return block;
}
C
  cat >program.c <<'C'
#include <dlfcn.h>
int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : 0;
  void *(*make)(void) = library ? (void *(*)(void))dlsym(library, "library_make") : 0;
  return make && make() ? 0 : 1;
}
C
  gcc -shared -fPIC -I"$INCLUDE" library.c -o library.so
  gcc program.c -o program
  ./program ./library.so
  "${SHIMMED[@]}" ./program ./library.so
  [ "$(own "$(the_segment)" library/blocks live_blocks)" = 1 ]
}

@test "in C++, and beside ration.h and ration.hpp in any order" {
  local headers
  for headers in "tag.h ration.hpp" "ration.hpp tag.h" "ration.h tag.h" "tag.h ration.h"; do
    # shellcheck disable=SC2086 # two words
    printf '#include <ration/%s>\n' $headers >both.cc
    cat >>both.cc <<'C'
#include <stdio.h>
#include <stdlib.h>
int main() {
  RATION_SCOPE("both/blocks") { fprintf(stderr, "%d\n", malloc(100) != nullptr && ration_tag_is_present()); }
}
C
    g++ -std=c++11 -Wall -Wextra -Werror -I"$INCLUDE" both.cc -L"$RATION_BUILD" -l:libration.so -Wl,-rpath,"$RATION_BUILD" \
      -o both
    rm -f "$RATION_DIR"/ration.*
    [ "$(RATION_OPTIONS=keep=1 ./both 2>&1)" = 1 ]
    [ "$(own "$(the_segment)" both/blocks live_blocks)" = 1 ]
    rm -f "$RATION_DIR"/ration.*
    [ "$("${SHIMMED[@]}" ./both 2>&1)" = 1 ]
    [ "$(own "$(the_segment)" both/blocks live_blocks)" = 1 ]
  done
}

@test "with a libration that knows no anchors" {
  cat >old.c <<'C'
#include <stdint.h>
#include <stdio.h>
uint32_t ration_category(const char *path);
void ration_enter(uint32_t category);
void ration_leave(void);
uint32_t ration_category(const char *path) { return path ? 7 : 0; }
void ration_enter(uint32_t category) { fprintf(stderr, "enter %u\n", category); }
void ration_leave(void) { fprintf(stderr, "leave\n"); }
C
  cat >program.c <<'C'
#include <ration/tag.h>
int main(void) {
  struct ration_tag_scopes scopes;
  RATION_SCOPE("old/blocks") RATION_SCOPE("old/inner") ration_tag_capture(&scopes);
  ration_tag_resume(&scopes);
  ration_tag_mark("frame", 1);
  return scopes.bytes[0];
}
C
  gcc -shared -fPIC old.c -o old.so
  gcc -I"$INCLUDE" program.c -o program
  [ "$(LD_PRELOAD=$PWD/old.so ./program 2>&1)" = $'enter 7\nenter 7\nleave\nleave' ]
  [ -z "$(./program 2>&1)" ]
}
