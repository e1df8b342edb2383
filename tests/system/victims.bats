#!/usr/bin/env bats
# Life and death of a process: one victim a behaviour (tests/victims/). Each checks what it can by itself, must say the
# same with the shim as without it, over each allocator, and must have been counted.

load helpers
load alike

# ---- the start ---------------------------------------------------------------------------------------------

@test "constructors of every order allocate" {
  everywhere malloc_in_constructors
}

@test "another preloaded library allocates in its constructor, before and after the shim" {
  local library=$VICTIMS/lib_constructor
  for order in "$library:$SHIM" "$SHIM:$library"; do
    RATION_OPTIONS=keep=1 LD_PRELOAD=$order "$VICTIMS/malloc_in_constructors"
    was_tracked malloc_in_constructors
    [ "$(own "$(the_segment)" lib/lib_constructor allocations)" -ge 7 ]
    rm "$RATION_DIR"/ration.*
  done
}

@test "the first request comes before any constructor" {
  local arguments=()
  for _ in 1 2 3 4 5; do
    victim calloc_before_init "${arguments[@]}"
    arguments+=(more)
  done
  everywhere calloc_before_init more more
}

# chunk_sizes: the field of the segment.
chunk_sizes() {
  od -An -td4 -j1088 -N4 "$1" | tr -d ' '
}

@test "the first request fails, or resizes a block from before the shim" {
  everywhere first_request_fails
  everywhere first_request_fails foreign
  victim first_request_fails
  [ "$(chunk_sizes "$(the_segment)")" = 1 ]
  victim first_request_fails foreign
  [ "$(chunk_sizes "$(the_segment)")" = 1 ]
}

@test "the shim binds its symbols lazily or at once" {
  LD_BIND_NOW=1 victim malloc_in_constructors
  LD_BIND_NOW= LD_BIND_NOT=1 victim malloc_in_constructors
}

@test "more memory than the machine has is granted or refused as ever" {
  everywhere more_than_there_is
  options=keep=1,heap=page everywhere more_than_there_is
}

# ---- threads -----------------------------------------------------------------------------------------------

@test "2000 threads at once" {
  everywhere threads_at_once
  [ "$(figure "$(the_segment)" .losses.untracked_blocks)" = 0 ]
}

@test "threads start in their creator's category" {
  everywhere threads_inherit
}

@test "threads start in no category with inherit=none" {
  options=keep=1,inherit=none everywhere threads_inherit
}

@test "threads of C++ start in their creator's category, and throw as ever" {
  everywhere cxx_threads_inherit
  expected=134 victim cxx_threads_inherit throw
}

@test "threads of OpenMP start in their creator's category" {
  cat >parallel.c <<'C'
#include <ration/tag.h>
#include <stdlib.h>
static void *blocks[400];
int main(void) {
  RATION_SCOPE("parallel") {
#pragma omp parallel for num_threads(4)
    for (int i = 0; i < 400; i++) blocks[i] = malloc(1000);
  }
  for (int i = 0; i < 400; i++)
    if (!blocks[i]) return 1;
  return 0;
}
C
  gcc -O2 -fopenmp -I"$BATS_TEST_DIRNAME/../../include" parallel.c -o parallel
  "${SHIMMED[@]}" ./parallel
  [ "$(own "$(the_segment)" parallel live_blocks)" -ge 400 ]
  [ "$(own "$(the_segment)" parallel allocated_bytes)" -ge 400000 ]
}

@test "20000 short-lived threads" {
  both_heaps short_lived_threads
}

@test "destructors of thread keys allocate and free in every round" {
  everywhere allocate_in_key_destructors
}

@test "threads that only free" {
  everywhere consumer_thread
}

@test "a free is the last act of a thread" {
  everywhere free_as_last_act
}

@test "handlers of exit, and what runs after them, allocate" {
  expected=3 everywhere allocate_at_exit
  [ "$(own "$(the_segment)" very/last live_blocks)" = 1 ]
}

# ---- fork, exec, and the end -------------------------------------------------------------------------------

@test "fork while other threads allocate" {
  everywhere fork_while_allocating
  [ "$(segments)" = 26 ]
}

@test "a fork child starts with exactly its parent's books, and its own children likewise" {
  everywhere fork_exact
  [ "$(segments)" = 5 ]
}

# inherited_errors: of all processes.
inherited_errors() {
  for segment in "$RATION_DIR"/ration.*; do figure "$segment" .inherited_error_bytes; done | sort -n | xargs
}

@test "a fork child's books are exact, though its parent goes on before it" {
  everywhere parent_faster_than_its_child
  [ "$(inherited_errors)" = "0 0" ]
  victim parent_faster_than_its_child late
  [[ "$(inherited_errors)" == "0 "[1-9]* ]]
}

@test "a fork child that never allocates makes no segment" {
  both_heaps fork_without_allocating
  [ "$(segments)" = 1 ]
  both_heaps fork_without_allocating twice
  [ "$(segments)" = 2 ]
}

@test "a fork child whose first allocation is another thread's" {
  everywhere fork_then_thread
}

@test "fork on the smallest stack" {
  everywhere fork_on_small_stack
}

@test "vfork" {
  everywhere vfork_and_exec
}

@test "posix_spawn, system and popen" {
  everywhere spawn
}

@test "a raw clone counts its blocks anew" {
  everywhere raw_clone
  for settings in heap=page heap=page,harden=1; do
    options=keep=1,$settings victim raw_clone
  done
}

@test "children of a child that is not tracked wait for none of its threads" {
  for heap in system page; do
    options=keep=1,heap=$heap,follow=none victim clone_of_a_childs_child
  done
}

@test "each image of an exec chain has its segment" {
  everywhere exec_chain
  [ "$(segments)" = 4 ]
  for image in 0 1 2; do [ "$(figure "$(echo "$RATION_DIR"/ration.*."$image")" .state)" = replaced ]; done
  [ "$(figure "$(echo "$RATION_DIR"/ration.*.3)" .state)" != replaced ]
  rm "$RATION_DIR"/ration.*
  LD_PRELOAD=$SHIM "$VICTIMS/exec_chain"
  [ "$(segments)" = 0 ]
}

@test "however a process ends, its books stay" {
  local way
  for way in _exit=3 quick_exit=3 abort=134 SIGKILL=137 SIGSEGV=139 thread=3 return=3; do
    expected=${way#*=} both_heaps ends "${way%=*}"
    [ "$(own "$(the_segment)" last live_bytes)" -ge 12345 ]
    rm "$RATION_DIR"/ration.*
    LD_PRELOAD=$SHIM "$VICTIMS/ends" "${way%=*}" >/dev/null || true
    case $way in
    return=* | thread=*) [ "$(segments)" = 0 ] ;;
    *) [ "$(own "$(the_segment)" last live_bytes)" -ge 12345 ] ;;
    esac
  done
}

# ---- signals -----------------------------------------------------------------------------------------------

@test "a signal handler allocates and jumps out" {
  everywhere signal_handler_allocates
}

@test "signals in the middle of malloc" {
  everywhere signal_storm
}

# ---- entry points ------------------------------------------------------------------------------------------

@test "every entry point gives the same results and errno at its edges" {
  both_heaps entry_points
  options=keep=1,heap=system # some of them have edges of their own
  alike libjemalloc.so.2 entry_points without-pvalloc
  alike libtcmalloc_minimal.so.4 entry_points
  alike libmimalloc.so.2.0 entry_points
}

@test "usable sizes hold, and the books are their sum" {
  everywhere usable_size
}

@test "free_sized and free_aligned_sized are there" {
  everywhere sized_free
}

@test "blocks of libc's own malloc are foreign" {
  both_heaps foreign_blocks
  [ "$(figure "$(the_segment)" .losses.foreign_frees)" = 300 ]
}

@test "libc's own free takes the program's blocks" {
  both_heaps freed_behind
}

@test "libc's malloc family, asked for by name, takes and gives the program's blocks" {
  both_heaps libc_by_name
}

@test "what a failed dlopen has to say is kept" {
  both_heaps dlerror_kept
  options=keep=1,heap=system everywhere dlerror_kept # with heap=page mallinfo2 knows more than over others without
}

@test "errno is kept where there is more to do than usual" {
  both_heaps errno_in_slow_paths # over libc: other allocators set errno by themselves
}

@test "a library loaded with RTLD_DEEPBIND passes the shim by" {
  both_heaps deepbind "$VICTIMS/lib_deepbind"
  [ "$(figure "$(the_segment)" .losses.foreign_frees)" = 2000 ]
  options=keep=1,sample=1 both_heaps deepbind "$VICTIMS/lib_deepbind"
}

# ---- libraries ---------------------------------------------------------------------------------------------

@test "libraries come and go at the same addresses" {
  local i
  for i in $(seq 12); do cp "$VICTIMS/lib_deepbind" "copy$i.so"; done
  everywhere dlopen_storm "$PWD"/copy*.so
}

@test "two libraries of one soname are told apart" {
  mkdir one two
  echo 'void *library_allocate(unsigned long s) { return __builtin_malloc(s); }' >library.c
  for folder in one two; do gcc -shared -fPIC -Wl,-soname,libsame.so.1 library.c -o "$folder/libsame.so.1"; done
  everywhere same_soname "$PWD/one/libsame.so.1" "$PWD/two/libsame.so.1" libsame.so.1
}

# beside PRELOAD VICTIM: says the same with the shim in front of that library, over either heap, as without it.
beside() {
  local plain heap
  plain=$(LD_PRELOAD=$VICTIMS/$1 "$VICTIMS/$2")
  for heap in system page; do
    [ "$(RATION_OPTIONS=keep=1,heap=$heap LD_PRELOAD=$SHIM:$VICTIMS/$1 "$VICTIMS/$2")" = "$plain" ]
  done
}

@test "a preload that stands in front of the loader is called" {
  beside lib_counting_loader calls_loader
}

@test "a library with a pool behind operators new and delete keeps it" {
  beside lib_pool_operators pool_operators
}

# ---- C++ ---------------------------------------------------------------------------------------------------

# mimalloc's operator new ends the program where it should throw.

@test "a C program loads a C++ plugin" {
  but_over=libmimalloc.so.2.0
  everywhere c_program_with_cxx_plugin "$VICTIMS/lib_cxx_plugin"
}

@test "all variants of operator new and delete" {
  everywhere operators
}

@test "new-handlers are called, and std::bad_alloc is thrown" {
  but_over=libmimalloc.so.2.0
  everywhere bad_alloc
}

# ---- scopes and books --------------------------------------------------------------------------------------

@test "scopes are opened and closed badly" {
  everywhere scopes
}

@test "scopes are jumped over by longjmp" {
  everywhere jumped_over
}

@test "scopes are jumped over, however the program is compiled" {
  local compiler level root=$BATS_TEST_DIRNAME/../..
  VICTIMS=$PWD/compiled
  mkdir "$VICTIMS"
  for compiler in gcc clang; do
    for level in -O0 -O2 -O3 "-O2 -fno-omit-frame-pointer"; do
      echo "$compiler $level"
      # shellcheck disable=SC2086 # two words
      "$compiler" -std=c11 $level -D_GNU_SOURCE -Wall -Wextra -Wno-unused-result -Werror -fno-builtin -I"$root/include" \
        -I"$root/tests/victims" "$root/tests/victims/jumped_over.c" -pthread -o "$VICTIMS/jumped_over"
      victim jumped_over
    done
  done
}

@test "C++ scopes end with their objects" {
  everywhere cxx_scopes
}

@test "operator new's asker is its caller" {
  everywhere asker_of_new
}

@test "categories have limits" {
  everywhere category_limits
  [ "$(figure "$(the_segment)" .losses.categories_lost)" -gt 100 ]
}

@test "more libraries than automatic categories" {
  local i
  for i in $(seq 160); do cp "$VICTIMS/lib_deepbind" "copy$i.so"; done
  both_heaps many_libraries "$PWD"/copy*.so
  [ "$(figure "$(the_segment)" .losses.categories_lost)" -gt 5 ]
}

@test "a program reads its own numbers" {
  everywhere own_count
}

@test "coroutines allocate and open scopes" {
  everywhere coroutines
}

@test "jobs and coroutines take their scopes with them" {
  everywhere tasks
}

@test "containers allocate in a category of their own" {
  but_over=libmimalloc.so.2.0 # whose operator new aborts where it should throw
  everywhere cxx_allocators
}
