#!/usr/bin/env bats
# Budgets at their edges: victims budget_edges, realloc_at_limit and operators_at_limit (tests/victims/).

load helpers

@test "a handler of SIGABRT that allocates is refused, and the process ends by it" {
  run env LD_PRELOAD="$SHIM" "$VICTIMS/budget_edges" abort
  [ "$status" = 134 ]
  [[ ${lines[0]} == 'ration: small: 100000 bytes more do not fit its budget of 50000 (policy=abort); see: '* ]]
  [ "${lines[1]}" = refused ]
  [ "${#lines[@]}" = 2 ]
  [ "$(find "$RATION_DIR" -name '*.dump.*' | wc -l)" = 1 ]
}

@test "a copy that RLIMIT_FSIZE has no room for is not made" {
  RATION_OPTIONS='small.dump=breach' LD_PRELOAD=$SHIM "$VICTIMS/budget_edges" file
  [ "$(find "$RATION_DIR" -name '*.dump.*' | wc -l)" = 0 ]
}

@test "a child's pretended level is its own" {
  LD_PRELOAD=$SHIM "$VICTIMS/budget_edges" child
}

@test "a breach needs no more stack than the smallest" {
  RATION_OPTIONS='verbose=1,small.dump=breach|grow:+10K,outside=cgroup' LD_PRELOAD=$SHIM "$VICTIMS/budget_edges" stack
  [ "$(find "$RATION_DIR" -name '*.dump.*' | wc -l)" -ge 1 ]
}

@test "a look at the cgroup needs little stack" {
  RATION_OPTIONS='outside=cgroup,total=cgroup:50%' LD_PRELOAD=$SHIM "$VICTIMS/budget_edges" beat
}

over_each() {
  for allocator in '' libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2 "$VICTIMS/lib_counting_heap"; do
    LD_PRELOAD="$SHIM $allocator" "$VICTIMS/$1"
  done
}

@test "blocks are resized at the limit, over each allocator" {
  over_each realloc_at_limit
}

@test "operator new is refused at the limit, over each allocator" {
  over_each operators_at_limit
}
