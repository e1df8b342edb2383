#!/usr/bin/env bats
# Call stacks are taken in whatever program, wherever it stands: as without the shim, with every block a sample and with
# the default, over each allocator where that matters.

load helpers
load alike

every=keep=1,sample=1

# sampled NAME ARGS...: alike over libc, with every block a sample and with the default.
sampled() {
  options=$every alike "" "$@"
  options=keep=1 alike "" "$@"
}

# sampled_everywhere NAME ARGS...: everywhere, with every block a sample; with the default over libc.
sampled_everywhere() {
  options=$every everywhere "$@"
  options=keep=1 alike "" "$@"
}

# ---- stacks that are not what they were --------------------------------------------------------------------

@test "a stack is unmapped, and a smaller one takes its place" {
  sampled_everywhere stack_that_shrank
  options=$every,unwind=fp victim stack_that_shrank
}

@test "code without tables has anything in rbp, on a stack that shrank" {
  sampled_everywhere code_without_tables_on_a_new_stack
  options=$every,unwind=fp victim code_without_tables_on_a_new_stack
}

# stacks [FILTER]: of the only segment, each site on a line: its samples, and its functions, the innermost first.
stacks() {
  "$RATION" report --json --sites --most=0 --frames=0 "$(the_segment)" |
    jq -r '.processes[0].sites[] | "\(.samples) \([.frames[] | .function] | join(" "))"'
}

# sampling FIGURE: of the only segment.
sampling() {
  "$RATION" report --json --sites "$(the_segment)" | jq -r ".processes[0].sampling.$1"
}

@test "a library takes the place of another, with another frame" {
  gcc -shared -fPIC -DFRAME=0x38 "$BATS_TEST_DIRNAME/../victims/lib_frame.c" -o small.so # both by one compiler
  gcc -shared -fPIC -DFRAME=0x78 "$BATS_TEST_DIRNAME/../victims/lib_frame.c" -o large.so
  options=$every victim library_with_another_frame "$PWD/small.so" "$PWD/large.so"
  [ "$(cat shim.out)" = "same place 1, same frame 1" ]
  stacks >sites
  grep "^3 allocate call_back first_way run main" sites
  grep "^3 allocate call_back second_way run main" sites
}

# ---- signals -----------------------------------------------------------------------------------------------

@test "a handler allocates while code is looked at that was not met before" {
  sampled_everywhere handler_while_learning
}

@test "a handler allocates at each instruction of the shim" {
  options=keep=1 everywhere handler_at_each_instruction
  options=$every,heap=page alike "" handler_at_each_instruction
  options=$every,total=1G,total.policy=refuse alike "" handler_at_each_instruction
}

@test "a handler jumps out of the shim, thousands of times" {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    options=$every alike "$library" jumps_out_of_the_sampler
    [ "$(figure "$(the_segment)" '.categories[] | select(.name == "after") | .live_blocks')" = 1000 ]
    [ "$("$RATION" report --json --sites "$(the_segment)" |
      jq '[.processes[0].sites[] | select(.category == "after") | .samples] | add')" -ge 999 ]
  done
}

# ---- fork --------------------------------------------------------------------------------------------------

@test "fork is called in a signal handler, in the midst of malloc" {
  sampled fork_in_signal_handler
  options=keep=1,sample=0 alike "" fork_in_signal_handler
}

@test "threads free, resize and fork as they like, and the books are the sum of what lives" {
  local sample
  for sample in 1 64K 512K; do options=keep=1,sample=$sample victim samples_by_threads 300 5; done
  options=$every everywhere samples_by_threads 300
}

@test "a child of a raw clone begins when its parent has gone on" {
  sampled parent_goes_on_before_its_child
}

@test "children come by fork, clone and exec, and from children, with every block a sample" {
  local name
  for name in fork_exact fork_chain fork_while_allocating fork_then_thread raw_clone vfork_and_exec spawn \
    fork_without_allocating fork_on_small_stack fork_on_signal_stack; do
    expected=0
    if [ $name = fork_chain ]; then expected=3; fi
    options=$every unharmed "" $name
  done
}

# ---- code of every kind ------------------------------------------------------------------------------------

@test "code of every kind, and rbp with anything in it" {
  sampled_everywhere every_stack
  options=$every,unwind=fp victim every_stack
  options=$every victim every_stack
  [ "$(sampling stacks_truncated)" -ge 90 ]
  stacks | grep "allocate compare_in_heap .*all"
  stacks | grep "allocate never_returns ends_in_call all"
  stacks | grep "allocate realigned all"
}

@test "a stack of 4 KiB is enough for code that was not met before" {
  local i
  for i in 1 2 3; do cp "$VICTIMS/lib_frame" "copy$i.so"; done
  sampled near_the_end_of_a_stack "$PWD"/copy*.so
}

@test "operator new was left by an exception, on a stack that is gone" {
  but_over=libmimalloc.so.2.0 # whose operator new aborts where it should throw
  sampled_everywhere asker_on_a_lost_stack
  options="keep=1,sample=0,transparent=*asker*" victim asker_on_a_lost_stack
}

@test "constructors, destructors, threads' ends, signal stacks, coroutines, exceptions" {
  local name
  for name in malloc_in_constructors allocate_at_exit allocate_in_key_destructors free_as_last_act coroutines tasks \
    signal_handler_allocates signal_storm operators asker_after_exception short_lived_threads threads_at_once; do
    expected=0
    if [ $name = allocate_at_exit ]; then expected=3; fi
    options=$every unharmed "" $name
  done
}

# ---- tables, limits, blocks --------------------------------------------------------------------------------

@test "more samples and sites than the tables hold" {
  options=$every victim more_than_the_tables_hold 200000 40000
  [ "$(sampling samples_lost_no_site)" -gt 7000 ]
  options=$every victim more_than_the_tables_hold 1500000 1
  [ "$(sampling samples_lost_no_room)" -gt 100000 ]
}

@test "small segments hold fewer, and /dev/shm may be full" {
  local limit kib
  for limit in --as=2000000000 --fsize=2000000; do
    host=(prlimit "$limit")
    options=$every victim more_than_the_tables_hold 50000 3000
    [ "$(sampling samples_lost_no_room)" -gt 10000 ]
    [ "$(sampling samples_lost_no_site)" -gt 10000 ]
  done
  for kib in 200 400 800 1024; do
    in_mounts "mount -t tmpfs -o size=${kib}k none /dev/shm && unset RATION_DIR"
    options=$every unharmed "" more_than_the_tables_hold 20000 3000
    options=$every unharmed "" samples_by_threads 200 3
  done
}

@test "samples are resized, or cannot be" {
  sampled_everywhere realloc_of_samples
  options=$every,odd=100K,odd.policy=refuse unharmed "" realloc_of_samples
}

@test "a program that locks its memory gets no more of it than it needs" {
  record without env "RATION_OPTIONS=sample=0" "LD_PRELOAD=$SHIM" "$VICTIMS/locks_its_memory"
  record with env "RATION_OPTIONS=sample=1" "LD_PRELOAD=$SHIM" "$VICTIMS/locks_its_memory"
  cmp with.out without.out
  [ "$(cat with.err)" -lt $(($(cat without.err) + 8192)) ]
}

# ---- descriptors, system calls, the loader -----------------------------------------------------------------

@test "descriptor numbers are the program's, with every block a sample" {
  sampled descriptors
}

@test "a sandbox that allows few system calls, with every block a sample" {
  expected=5 sampled sandboxed _exit
}

@test "what was met before takes no system call, but for pages of the tables" {
  local way
  command -v strace || skip "no strace"
  for way in libunwind fp; do
    strace -f -E "LD_PRELOAD=$SHIM" -E "RATION_OPTIONS=sample=1,unwind=$way" -o calls "$VICTIMS/a_million_blocks"
    sed -n '/write(1, "begin/,/write(1, "end/p' calls | grep -v 'write(1, "' >between || true
    [ "$(grep -cv " madvise(\| mprotect(" between)" = 0 ]
    [ "$(wc -l <between)" -lt 200 ]
  done
}

@test "a thread that holds the loader's lock waits for one that walks through new code" {
  local i
  for i in 1 2 3 4 5 6; do cp "$VICTIMS/lib_frame" "copy$i.so"; done
  host=(timeout 60)
  options=$every everywhere loader_is_busy "$VICTIMS/lib_waits" "$PWD"/copy*.so
  options=$every unharmed "" loader_is_busy "$VICTIMS/lib_waits" "$PWD"/copy*.so
}

# Some seconds; with --long for a minute.
@test "libraries come and go while threads walk through them" {
  local i end=$((SECONDS + ${RATION_LONG:+50} + 10))
  for i in $(seq 12); do cp "$VICTIMS/lib_deepbind" "copy$i.so"; done
  host=(timeout 60)
  while [ $SECONDS -lt $end ]; do options=$every alike "" dlopen_storm "$PWD"/copy*.so; done
}
