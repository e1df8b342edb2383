#!/usr/bin/env bats
# `make install` puts a library, a command and headers where PREFIX and DESTDIR say, and a program can be built
# against them with pkg-config alone.
# once: what make puts where

load helpers
bats_require_minimum_version 1.5.0

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

install_ration() {
  root=$BATS_TEST_TMPDIR/root
  make_build install DESTDIR="$root" PREFIX=/usr
}

# What pkg-config says of the installed library, as seen from the folder that it was installed in.
installed() {
  PKG_CONFIG_LIBDIR=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root pkg-config "$@" ration
}

@test "install puts every file in its place, and uninstall takes all away" {
  install_ration
  local file
  for file in bin/ration bin/creatures lib/libration.so lib/libration.so.0 lib/pkgconfig/ration.pc include/ration/ration.h \
    include/ration/ration.hpp include/ration/tag.h include/ration/segment.h share/man/man1/ration.1 \
    share/man/man1/ration-run.1 share/man/man1/ration-report.1 share/man/man1/creatures.1 \
    share/man/man3/libration.3 share/man/man5/ration-config.5 share/man/man1/ration-export.1 \
    share/bash-completion/completions/ration share/zsh/site-functions/_ration \
    share/fish/vendor_completions.d/ration.fish share/ration/schema/report.json share/ration/schema/process.json share/ration/page.html; do
    [ "$file" != share/ration/page.html ] || [ -s "$RATION_BUILD/web/page.html" ] || continue # make web has not built it
    [ -s "$root/usr/$file" ] || { echo "$file is missing"; false; }
  done
  [ "$(find "$root/usr/share/man" -type f | wc -l)" = "$(find "$ROOT/docs/man" -type f | wc -l)" ]
  diff -r "$root/usr/share/ration/schema" "$ROOT/docs/schema" | grep -vx "Only in $ROOT/docs/schema: README.md" && return 1
  [[ $(man -M "$root/usr/share/man" -w ration report) == */man1/ration-report.1 ]]
  [ "$(readlink "$root/usr/lib/libration.so")" = libration.so.0 ]
  [ "$(readlink -f "$root/usr/lib/libration.so")" = "$root/usr/lib/libration.so.$(installed --modversion)" ]
  make_build uninstall DESTDIR="$root" PREFIX=/usr
  [ -z "$(find "$root" ! -type d)" ] || { find "$root" ! -type d; false; }
}

@test "LIBDIR moves the library and what ration.pc says of it" {
  local at=$BATS_TEST_TMPDIR/elsewhere
  make_build install DESTDIR="$at" PREFIX=/opt/ration LIBDIR=/opt/ration/lib64
  [ -s "$at/opt/ration/lib64/libration.so.0" ]
  [ "$(PKG_CONFIG_LIBDIR=$at/opt/ration/lib64/pkgconfig pkg-config --variable=libdir ration)" = /opt/ration/lib64 ]
}

@test "soname, symbol version and dependencies are as promised" {
  install_ration
  readelf -dW "$root/usr/lib/libration.so.0" >dynamic
  grep -q 'Library soname: \[libration.so.0\]' dynamic
  [ "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic)" = libc.so.6 ]
  nm -D --defined-only "$root/usr/lib/libration.so.0" >symbols
  grep -q ' ration_category@@RATION_0$' symbols
  [ "$(installed --modversion)" = "$(gcc -E -P -I"$ROOT/include" -include ration/ration.h -xc - <<<RATION_VERSION | tail -n 1 | tr -d '"')" ]
  [[ $(installed --modversion) =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "a C program built by pkg-config opens scopes and reads its own numbers" {
  install_ration
  cat >scopes.c <<'C'
#include <ration/ration.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  struct ration_figures before = {.size = sizeof before}, after = {.size = sizeof after};
  ration_category_id terrain = ration_category("world/terrain");
  if (!ration_is_tracking() || ration_stats(terrain, &before)) return 1;
  char *volatile tiles = NULL;
  RATION_SCOPE("world/terrain") { tiles = malloc(5000); }
  if (!tiles || ration_stats(terrain, &after)) return 2;
  memset(tiles, 1, 5000);
  struct ration_block block = {.size = sizeof block};
  if (ration_block_info(tiles, &block)) return 3;
  printf("%s %s %d blocks, %d allocations, same bytes: %d\n", ration_version(), ration_category_path(block.category),
         (int)(after.live_blocks - before.live_blocks), (int)(after.allocations - before.allocations),
         block.usable_bytes == after.live_bytes - before.live_bytes && block.usable_bytes >= 5000);
  free(tiles);
  return 0;
}
C
  # shellcheck disable=SC2046 # flags are words
  gcc -std=c11 -Wall -Wextra -Werror -fno-builtin scopes.c $(installed --cflags --libs) -o scopes
  run env LD_LIBRARY_PATH="$root/usr/lib" ./scopes
  echo "$output"
  [ "$status" = 0 ]
  [ "$output" = "$(installed --modversion) world/terrain 1 blocks, 1 allocations, same bytes: 1" ]
}

@test "a C++ program built by pkg-config opens scopes" {
  install_ration
  cat >scopes.cc <<'CC'
#include <ration/ration.hpp>
#include <cstdio>
#include <memory>

int main() {
  std::unique_ptr<int[]> tiles;
  {
    ration::scope scope(ration::category("world/terrain"));
    tiles.reset(new int[1000]);
  }
  ration_block block = {};
  block.size = sizeof block;
  if (ration_block_info(tiles.get(), &block)) return 3;
  std::puts(ration_category_path(block.category));
  return ration_current() != 0;
}
CC
  # shellcheck disable=SC2046 # flags are words
  g++ -std=c++11 -Wall -Wextra -Werror scopes.cc $(installed --cflags --libs) -o scopes
  run env LD_LIBRARY_PATH="$root/usr/lib" ./scopes
  [ "$status" = 0 ]
  [ "$output" = world/terrain ]
}

@test "every installed header compiles alone, as C and as C++" {
  install_ration
  local header
  for header in "$root"/usr/include/ration/*.h; do
    echo "#include <ration/${header##*/}>" >alone.c
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$root/usr/include" -fsyntax-only alone.c
    clang -std=c11 -Wall -Wextra -Werror -I"$root/usr/include" -fsyntax-only alone.c
    g++ -std=c++11 -Wall -Wextra -Werror -I"$root/usr/include" -x c++ -fsyntax-only alone.c
    clang++ -std=c++11 -Wall -Wextra -Werror -I"$root/usr/include" -x c++ -fsyntax-only alone.c
  done
}

@test "the installed command finds the shim in ../lib" {
  install_ration
  run --separate-stderr "$root/usr/bin/ration" run --json --output report.json -- sqlite3 :memory: 'SELECT 6 * 7;'
  [ "$status" = 0 ]
  [ "$output" = 42 ]
  [ -z "$stderr" ]
  jq -e '.processes[0] | .program == "sqlite3" and .total.subtree_allocations > 0' report.json
}

@test "the installed creatures find it there, too, and their blocks are counted" {
  install_ration
  local library
  library=$(ldd "$root/usr/bin/creatures" | sed -n 's/.*libration\.so\.0 => \([^ ]*\) .*/\1/p')
  [ "$(realpath "$library")" = "$(realpath "$root/usr/lib/libration.so.0")" ]
  RATION_OPTIONS=keep=1 "$root/usr/bin/creatures" --creatures 20 --seconds 0.1 --json >result.json
  jq -e '.frames == 6 and .lost_creatures == 0' result.json
  was_tracked creatures
}
