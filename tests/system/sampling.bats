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
  cp "$VICTIMS/lib_frame" small.so
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
