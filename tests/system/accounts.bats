#!/usr/bin/env bats
# Memory that malloc never sees: what the program reports, and with mmap=1 what it maps, to the byte.

# shellcheck disable=SC2034 # options is alike's

load helpers
load alike
bats_require_minimum_version 1.5.0

# accounts SEGMENT: "NAME LIVE PEAK", a line for each account that ever held anything, sorted.
accounts() {
  figure "$1" '.accounts[] | "\(.name) \(.live_bytes) \(.peak_bytes)"' | sort
}

# live_accounts SEGMENT: "NAME LIVE " of each, on one line.
live_accounts() {
  accounts "$1" | cut -d ' ' -f 1,2 | tr '\n' ' '
}

# of_parent, of_child: the segment of a process that no other forked, and of one that it did.
of_child() {
  local segment parents=()
  for segment in "$RATION_DIR"/ration.*; do parents+=("$(figure "$segment" .parent)"); done
  for segment in "$RATION_DIR"/ration.*; do
    if [[ " ${parents[*]} " != *" $(figure "$segment" .pid) "* ]]; then echo "$segment"; fi
  done
}

of_parent() {
  local segment
  for segment in "$RATION_DIR"/ration.*; do
    if [ "$segment" != "$(of_child)" ]; then echo "$segment"; fi
  done
}

@test "what is reported by hand, in a child of fork and of clone too" {
  for how in fork clone; do
    everywhere accounts "$how"
    [ "$(segments)" = 2 ]
    [ "$(accounts "$(of_parent)")" = "arenas 56 4194304"$'\n'"gpu/buffers 3145728 7340032" ]
    [ "$(accounts "$(of_child)")" = "arenas 0 4194304"$'\n'"gpu/buffers 3145728 7340032" ]
    "$RATION" check --of "$(of_parent)" --max gpu/buffers.accounted=3145728 --max total.accounted=3145784
    run -1 "$RATION" check --of "$(of_parent)" --max gpu.subtree_accounted=3145727
  done
}

@test "a passive process takes reports, and notes nothing" {
  options=keep=1,not=accounts
  unharmed "" accounts
  [ "$(segments)" = 0 ]
}

@test "what a program maps itself, in whole pages, with mmap=1" {
  options=keep=1,mmap=1
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    alike "$library" mappings
    [ "$(segments)" = 2 ]
    [ "$(live_accounts "$(of_parent)")" = "bin/mappings 32768 maps/a 40960 maps/b 16384 " ]
    [ "$(live_accounts "$(of_child)")" = "bin/mappings 32768 maps/a 40960 maps/b 8192 " ]
  done
}

@test "nothing of it with mmap=0" {
  everywhere mappings
  [ -z "$(accounts "$(of_parent)")" ]
}

@test "a program that maps memory before the shim has started" {
  everywhere maps_before_start
  options=keep=1,mmap=1
  everywhere maps_before_start
  [ -z "$(accounts "$(the_segment)" | awk '$2')" ]
}

@test "children of fork and clone while threads map memory" {
  options=keep=1,mmap=1
  everywhere forks_while_mapping
  victim fork_handler_before_all # over libc's allocator: in a child, another's waits for its own handler
  for segment in "$RATION_DIR"/ration.*; do
    [ "$(live_accounts "$segment")" = "bin/fork_handler_before_all 8192 " ]
  done
}

@test "real programs, unchanged by mmap=1, over each allocator" {
  work() {
    /usr/bin/python3 -c 'print(sum(len(str(i) * 9) for i in range(100000)))' &&
      sqlite3 :memory: 'with recursive c(i) as (select 1 union all select i+1 from c where i < 50000)
        select sum(length(printf("%d", i) || i)) from c' &&
      git --version | wc -l && seq 100000 | sort -rn | xz -T2 | xz -d | md5sum
  }
  export -f work
  record plain bash -c work
  [ "$(cat plain.status)" = 0 ]
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    rm -f "$RATION_DIR"/ration.*
    record shim env RATION_OPTIONS=keep=1,mmap=1 "LD_PRELOAD=$SHIM:$library" bash -c work
    compare plain shim
    was_tracked python3.11
    for segment in "$RATION_DIR"/ration.*; do
      if [ "$(figure "$segment" .program)" = python3.11 ]; then
        # Python's own heap for small objects, which malloc never sees; none of the allocator's arenas.
        [ "$(accounts "$segment" | cut -d ' ' -f 1)" = bin/python3.11 ]
      fi
    done
  done
}

@test "another library's mmap below the shim still sees the program's calls" {
  cat >below.c <<'C'
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>
void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, long offset);
void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, long offset) {
  static void *(*next)(void *, size_t, int, int, int, long);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "mmap");
  if (bytes == 7 * 4096 && write(1, "seen\n", 5) != 5) return NULL;
  return next(address, bytes, protection, flags, descriptor, offset);
}
C
  cat >program.c <<'C'
#include <stdlib.h>
#include <sys/mman.h>
int main(void) {
  free(malloc(1));
  return mmap(NULL, 7 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
C
  gcc -D_GNU_SOURCE -shared -fPIC below.c -o below.so
  gcc -O1 -fno-builtin program.c -o program
  for mmap in 0 1; do
    rm -f "$RATION_DIR"/ration.*
    [ "$(RATION_OPTIONS=keep=1,mmap=$mmap LD_PRELOAD=$SHIM:$PWD/below.so ./program)" = seen ]
    [ "$(live_accounts "$(the_segment)")" = "$([ "$mmap" = 0 ] || echo "bin/program 28672 ")" ]
  done
}
