#!/usr/bin/env bats
# Bugs that were mended, each with the victim that shows it (tests/victims/).

load helpers
load alike

# ---- the loader --------------------------------------------------------------------------------------------

@test "a plugin's constructor waits for a thread that is the first to use operator new" {
  host=(timeout 20)
  everywhere plugin_waits_for_thread "$VICTIMS/lib_thread_plugin"
}

# mimalloc's operator new ends the program where it should throw.

@test "a plugin brings a C++ runtime of its own" {
  but_over=libmimalloc.so.2.0
  everywhere plugin_with_own_runtime "$VICTIMS/lib_static_cxx_plugin"
}

@test "a text for dlerror survives the first use of each variant of new and delete" {
  everywhere dlerror_pending
}

@test "a text of dlerror that libc frees inside the shim leaves the books" {
  but_over=libmimalloc.so.2.0
  everywhere dlerror_freed_inside "$VICTIMS/lib_cxx_plugin"
}

@test "a library that takes the place of one which libc has unloaded is charged by its own name" {
  local i folder=$PWD/libraries
  while [ ${#folder} -lt 29 ]; do folder+=x; done
  mkdir "$folder"
  for i in $(seq 10 21); do cp "$VICTIMS/lib_deepbind" "$folder/library-$i.so"; done
  everywhere module_closed_by_libc "$folder"/library-*.so
}

@test "a program that is not position-independent takes malloc's address, and a library of it allocates early" {
  everywhere address_of_malloc
  [ "$(figure "$(the_segment)" .unwind)" = libunwind ]
}

# ---- fork --------------------------------------------------------------------------------------------------

@test "a category's path stays readable in forked children" {
  everywhere path_in_fork_child
  options=keep=1,follow=exec victim path_in_fork_child
}

@test "a forked child's first allocation is on a signal stack of 8 KiB" {
  everywhere fork_on_signal_stack
}

@test "descriptors of segments without a file do not pile up in forked children" {
  local how
  for where in "mount -t tmpfs -o ro none /dev/shm" "umount /dev/shm"; do
    in_mounts "$where && unset RATION_DIR XDG_RUNTIME_DIR TMPDIR"
    held_to=unharmed expected=3 everywhere fork_chain
  done
}

# ---- threads -----------------------------------------------------------------------------------------------

@test "threads that only open scopes give back their pages" {
  everywhere threads_only_open_scopes
}

@test "threads that never allocate take the notes of their stacks with them" {
  everywhere threads_never_allocate
  [ "$(figure "$(the_segment)" .losses.ranges_lost)" = 0 ]
}

@test "threads that only use operator new are counted in full" {
  everywhere threads_only_use_new
}

# ---- the allocator below -----------------------------------------------------------------------------------

@test "free_sized and free_aligned_sized reach an allocator that has them" {
  options=keep=1,heap=system # or it would not be asked
  LD_LIBRARY_PATH=$VICTIMS alike lib_sized_free sized_free_below
}

@test "an allocator without malloc_usable_size, whose blocks start behind guard pages" {
  LD_LIBRARY_PATH=$VICTIMS unharmed lib_guarded_pages blocks_at_pages
  [ "$(figure "$(the_segment)" .passive)" = no_usable_size ]
}

@test "a thread that allocates while sizes are found to make no sense counts nothing" {
  LD_LIBRARY_PATH=$VICTIMS unharmed lib_odd_sizes blocks_at_pages
  [ "$(figure "$(the_segment)" .passive)" = no_usable_size ]
  [ "$(figure "$(the_segment)" .total.subtree_allocations)" = 0 ]
  [ "$(figure "$(the_segment)" .losses.untracked_blocks)" -gt 0 ]
}

# tcmalloc's malloc_usable_size says 0 until its library has been initialised, which libstdc++'s is before.
@test "blocks whose sizes an allocator cannot tell yet are not counted" {
  local library
  for library in "${OTHER_ALLOCATORS[@]}"; do
    alike "$library" malloc_in_constructors
    [ "$(figure "$(the_segment)" '[.categories[] | select(.requested_bytes > .allocated_bytes)] | length')" = 0 ]
    [ "$(figure "$(the_segment)" '.total.allocations > 0')" = true ]
  done
}

@test "addresses that went past the shim are given out again" {
  options=keep=1,heap=system # they go to the free of the allocator below, which knows no other blocks
  victim address_given_again libc.so.6
  alike libjemalloc.so.2 address_given_again libjemalloc.so.2
}

# ---- who asked ---------------------------------------------------------------------------------------------

@test "a scope that was opened before constructors ran names its category later" {
  everywhere scope_before_constructors
}

@test "the asker is right after an exception of operator new" {
  but_over=libmimalloc.so.2.0
  everywhere asker_after_exception
}

@test "the asker is right after a new-handler that uses new" {
  options=keep=1,heap=system # the page heap has its address space from the start: a limit refuses nothing
  victim new_handler_uses_new
}

# ---- segments of living processes --------------------------------------------------------------------------

# living FOLDER CMD...: starts 70 processes by CMD, one after another, waits until each has said that it is there, and
# prints how many segments there are in FOLDER.
living() {
  local i folder=$1 pids=()
  shift
  for i in $(seq 70); do
    "$@" >"said.$i" &
    pids+=($!)
    while ! [ -s "said.$i" ]; do sleep 0.01; done
  done
  find "$folder" -name 'ration.*' | wc -l
  kill "${pids[@]}"
  wait
}

@test "segments of living processes stay, in a pid namespace that /proc does not show" {
  if ! unshare --fork --pid true; then skip "pid namespaces are not permitted here"; fi
  export -f living
  [ "$(unshare --fork --pid bash -c 'living "$RATION_DIR" env "LD_PRELOAD=$0" "$1"' "$SHIM" "$VICTIMS/unseen")" = 70 ]
}

@test "segments of living processes stay, where /proc hides them" {
  needs_mounts
  export -f living
  # Another user's need not reach the build.
  [ "$(unshare -m bash -c '
    mount -t tmpfs -o mode=1777 none /dev/shm
    mount -t proc -o hidepid=2 none /proc
    cp "$0" "$1" /dev/shm
    cd /dev/shm
    unset RATION_DIR
    living /dev/shm setpriv --reuid 65534 --regid 65534 --clear-groups \
      env LD_PRELOAD=/dev/shm/libration.so /dev/shm/unseen' "$SHIM" "$VICTIMS/unseen")" = 70 ]
}
