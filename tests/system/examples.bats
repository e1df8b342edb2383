#!/usr/bin/env bats
# The programs of docs/examples: built as their users would, and run with the figures that they are to print.
# once: what the documents say

load helpers

ROOT=$BATS_TEST_DIRNAME/../..

# The figures are of glibc's blocks, which is what their users have.
setup_file() {
  export RATION_OPTIONS=heap=system
}

# example NAME EXPECTED COMPILER...: built and run, it prints that.
example() {
  local file=$ROOT/docs/examples/$1 expected=$2 level
  shift 2
  for level in -O0 -O2; do
    echo "$* $level $file"
    "$@" "$level" -Wall -Wextra -Wshadow -Werror -I"$ROOT/include" "$file" -L"$RATION_BUILD" -l:libration.so \
      -Wl,-rpath,"$RATION_BUILD" -pthread -o example
    run ./example
    diff <(echo "$expected") <(echo "$output")
    [ "$status" = 0 ]
  done
}

# in_cxx NAME EXPECTED STANDARD...: by both compilers, in each standard.
in_cxx() {
  local name=$1 expected=$2 compiler standard
  shift 2
  for compiler in g++ clang++; do
    for standard in "$@"; do example "$name" "$expected" "$compiler" -std="$standard"; done
  done
}

@test "scopes as objects" {
  in_cxx scope.cc 'world/terrain: 20008 bytes in 1 blocks
world/water: 5000 bytes in 1 blocks' c++11 c++17 c++20
}

@test "containers with a category" {
  in_cxx allocator.cc 'rendering: 4008 bytes in 1 blocks
world: 5544 bytes in 99 blocks
world/names: 112 bytes in 2 blocks
physics: 648 bytes in 1 blocks' c++11 c++14 c++17 c++20
}

@test "containers of std::pmr" {
  in_cxx memory_resource.cc 'parser: 968 bytes in 11 blocks
cache: 4168 bytes in 1 blocks' c++17 c++20
}

@test "jobs of a thread pool" {
  local expected='sounds: 500000 bytes in 500 blocks
textures: 12000 bytes in 500 blocks
textures/decoded: 1500000 bytes in 500 blocks'
  example thread_pool.c "$expected" gcc -std=c11
  example thread_pool.c "$expected" clang -std=c11
}

@test "every example is here" {
  local file
  for file in "$ROOT"/docs/examples/*.c "$ROOT"/docs/examples/*.cc; do
    grep -qE "(in_cxx|example) ${file##*/} " "$BATS_TEST_FILENAME"
  done
}

@test "ration.hpp without exceptions, and without run-time types" {
  local standard
  for standard in c++11 c++17; do
    g++ -std="$standard" -fno-exceptions -fno-rtti -Wall -Wextra -Werror -I"$ROOT/include" "$ROOT/docs/examples/allocator.cc" \
      -L"$RATION_BUILD" -l:libration.so -Wl,-rpath,"$RATION_BUILD" -o example
    [ "$(./example | head -n 1)" = "rendering: 4008 bytes in 1 blocks" ]
  done
}
