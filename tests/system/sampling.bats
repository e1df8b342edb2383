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
