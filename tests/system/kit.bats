#!/usr/bin/env bats
# librationkit, as its users meet it: each header by itself, the programs of docs/examples/kit with the figures that
# they are to print, what the libraries export and need, and what `make install` makes of them.

load helpers
bats_require_minimum_version 1.5.0

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
EXAMPLES=$ROOT/docs/examples/kit

# libraries SUFFIX FILE: the words that link FILE, an example, with the shared (so) or the static (a) libraries.
libraries() {
  if grep -q '<ration/kit/compress\.h>' "$2"; then
    echo "-l:librationkit-compress.$1"
    if [ "$1" = a ]; then echo -l:librationkit.a -llz4 -lzstd; fi
  fi
  echo "-l:librationkit.$1"
}

# build_example COMPILER SUFFIX FILE: as ./example
build_example() {
  # shellcheck disable=SC2046 # words
  "$1" -O2 -Wall -Wextra -Werror -I"$ROOT/include" "$3" -L"$RATION_BUILD" $(libraries "$2" "$3") \
    -Wl,-rpath,"$RATION_BUILD" -pthread -o example
}

# examples COMPILER SUFFIX: each, built so, prints what it is to print, by itself and under the shim.
examples() {
  local file name
  for file in "$EXAMPLES"/*.c; do
    name=$(basename "$file" .c)
    echo "$1, .$2: $name"
    build_example "$1" "$2" "$file"
    ./example >plain
    diff "$EXAMPLES/$name.out" plain
    rm -f "$RATION_DIR"/ration.*
    "${SHIMMED[@]}" ./example >shimmed
    diff "$EXAMPLES/$name.out" shimmed
    was_tracked example
  done
}

@test "examples of the kit by gcc, over the shared library" {
  examples gcc so
}

@test "examples of the kit by clang, over the static library" {
  examples clang a
}

@test "every header of the kit has an example, with its output, and no output is left over" {
  local file name
  for file in "$ROOT"/include/ration/kit/*.h "$EXAMPLES"/*.out; do
    name=$(basename "${file%.*}")
    echo "$name"
    [ -s "$EXAMPLES/$name.c" ]
    [ -s "$EXAMPLES/$name.out" ]
    grep -q "<ration/kit/$name\.h>" "$EXAMPLES/$name.c"
  done
}

@test "every header of the kit compiles alone, as C and as C++" {
  local header warnings=(-Wall -Wextra -Wundef -Wshadow -Wpedantic -Werror)
  for header in "$ROOT"/include/ration/kit/*.h; do
    echo "${header##*/}"
    echo "#include <ration/kit/${header##*/}>" >alone.c
    cp alone.c alone.cc
    gcc -std=c11 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only alone.c
    clang -std=c11 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only alone.c
    g++ -std=c++11 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only alone.cc
    clang++ -std=c++17 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only alone.cc
  done
}

@test "all headers of the kit together, in one file, as C and as C++" {
  local header warnings=(-Wall -Wextra -Wundef -Wshadow -Wpedantic -Werror)
  for header in "$ROOT"/include/ration/kit/*.h; do echo "#include <ration/kit/${header##*/}>"; done >all.c
  echo '#include <ration/ration.h>' >>all.c
  cp all.c all.cc
  gcc -std=c11 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only all.c
  g++ -std=c++17 "${warnings[@]}" -I"$ROOT/include" -fsyntax-only all.cc
}

# needs_only LIBRARY NAME...: its NEEDED entries are among these.
needs_only() {
  local needed
  readelf -dW "$1" >dynamic
  shift
  for needed in $(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic); do
    [[ " $* " == *" $needed "* ]] || { echo "needs $needed"; false; }
  done
}

@test "RATION_DEBUG_WRAP wraps where the program is built with RATION_KIT_DEBUG, and costs nothing else" {
  local flag
  cat >wrapped.c <<'END'
#include <ration/kit/debug.h>
#include <stdio.h>

int main(void) {
  struct ration_debug debug;
  if (ration_debug_init(&debug, NULL, NULL)) return 1;
  struct ration_memory *system = ration_memory_system(), *memory = RATION_DEBUG_WRAP(&debug, system);
  void *block = ration_memory_allocate(memory, 100, 8);
  puts(memory == &debug.memory ? "wrapped" : memory == system ? "as it is" : "another");
  printf("%d\n", ration_memory_release(memory, block, 99, 8));
  return 0;
}
END
  for flag in -DRATION_KIT_DEBUG -DRATION_KIT_DEBUG=1; do
    gcc -std=c11 -Wall -Wextra -Werror "$flag" -I"$ROOT/include" wrapped.c -L"$RATION_BUILD" -l:librationkit.a -pthread -o wrapped
    [ "$(./wrapped)" = $'wrapped\n-22' ] # EINVAL: not its size
  done
  gcc -std=c11 -Wall -Wextra -Werror -I"$ROOT/include" wrapped.c -L"$RATION_BUILD" -l:librationkit.a -pthread -o wrapped
  [ "$(./wrapped)" = $'as it is\n0' ]
}

@test "the libraries export ration_* and no more, and need nothing but libc and each other" {
  local name
  for name in librationkit librationkit-compress; do
    readelf -dW "$RATION_BUILD/$name.so" | grep -q "Library soname: \[$name.so.0\]"
    run ! grep -vE ' ration_[a-z0-9_]+@@RATIONKIT_0$| A RATIONKIT_0$' <(nm -D --defined-only "$RATION_BUILD/$name.so")
    echo "$output"
  done
  nm -D --defined-only "$RATION_BUILD/librationkit.so" | grep -q ' ration_memory_allocate@@RATIONKIT_0$'
  needs_only "$RATION_BUILD/librationkit.so" libc.so.6
  needs_only "$RATION_BUILD/librationkit-compress.so" libc.so.6 librationkit.so.0 liblz4.so.1 libzstd.so.1
  # What is undefined is libc's, or weak: what the linker itself refers to, and dlsym of tag.h.
  run ! grep -vE ' U [A-Za-z_0-9]+@GLIBC_[0-9.]+$| w ' <(nm -D --undefined-only "$RATION_BUILD/librationkit.so")
  echo "$output"
  run ! grep -wE 'printf|fprintf|dprintf|puts|fputs|putchar|perror|abort|exit|_exit|__assert_fail|raise|kill' \
    <(nm -D --undefined-only "$RATION_BUILD/librationkit.so")
  echo "$output"
}

# What pkg-config says of the installed kit, as seen from the folder that it was installed in.
installed() {
  PKG_CONFIG_LIBDIR=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root pkg-config "$@" rationkit
}

@test "install puts the kit in its place, and a program built by pkg-config runs with it" {
  root=$BATS_TEST_TMPDIR/root
  make_build install DESTDIR="$root" PREFIX=/usr
  local name header
  for name in librationkit librationkit-compress; do
    [ -s "$root/usr/lib/$name.a" ]
    [ "$(readlink "$root/usr/lib/$name.so")" = "$name.so.0" ]
    [ "$(readlink -f "$root/usr/lib/$name.so")" = "$root/usr/lib/$name.so.$(installed --modversion)" ]
  done
  for header in "$ROOT"/include/ration/kit/*.h; do
    cmp "$header" "$root/usr/include/ration/kit/${header##*/}"
  done
  # shellcheck disable=SC2046 # flags are words
  gcc -O2 "$EXAMPLES/memory.c" $(installed --cflags --libs) -o shared
  readelf -dW shared | grep -q 'NEEDED.*\[librationkit.so.0\]'
  LD_LIBRARY_PATH=$root/usr/lib ./shared | diff "$EXAMPLES/memory.out" -
  # shellcheck disable=SC2046
  gcc -O2 -static "$EXAMPLES/memory.c" $(installed --static --cflags --libs) -o static
  ./static | diff "$EXAMPLES/memory.out" -
  # shellcheck disable=SC2046
  g++ -x c++ -std=c++17 $(installed --cflags) - -x none $(installed --libs) -o cxx <<'CC'
#include <ration/kit/memory.h>
#include <cstdio>

int main() {
  void *block = ration_memory_allocate(nullptr, 64, 64);
  std::puts(block && ration_memory_release(nullptr, block, 64, 64) == 0 ? "64 bytes" : "none");
}
CC
  [ "$(LD_LIBRARY_PATH=$root/usr/lib ./cxx)" = '64 bytes' ]
  make_build uninstall DESTDIR="$root" PREFIX=/usr
  [ -z "$(find "$root" ! -type d)" ] || { find "$root" ! -type d; false; }
}
