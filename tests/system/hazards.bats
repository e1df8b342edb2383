#!/usr/bin/env bats
# What breaks programs under a preloaded library, as far as other suites have no victim of it. docs/reliability.md has all.

load helpers
load alike

# ---- what a program has by right -------------------------------------------------------------------------------

@test "the smallest stacks, and libraries that want static TLS" {
  cp "$VICTIMS/lib_static_tls" one.so
  cp "$VICTIMS/lib_static_tls" two.so
  everywhere minimal_stacks "$PWD/one.so" "$PWD/two.so"
}

@test "no thread is started, so that a process may go to another namespace" {
  everywhere becomes_a_namespace
}

@test "environment, signals, limits and descriptors are handed on as they were" {
  everywhere environment_kept
  host=(bash -c 'trap "" PIPE USR2; ulimit -c 0; umask 027; export EMPTY="" ; exec "$@" 2>&-' bash)
  everywhere environment_kept
}

@test "restartable sequences stay libc's" {
  everywhere restartable_sequences
}

@test "a server becomes nobody" {
  [ "$(id -u)" = 0 ] || skip "needs root, to become another user"
  chmod 755 "$RATION_DIR"
  everywhere drops_privileges
}

# ---- memory ----------------------------------------------------------------------------------------------------

# tcmalloc and mimalloc clear what they give out, and other allocators than libc's copy what they resize.
@test "memory that nobody has touched stays so" {
  but_over="libtcmalloc_minimal.so.4 libmimalloc.so.2.0" everywhere untouched_memory calloc
  both_heaps untouched_memory realloc
}

@test "what malloc says of itself" {
  options=keep=1,heap=system victim asks_malloc
  everywhere asks_malloc from_elsewhere
}

@test "address space is laid out in another way" {
  local way
  for way in "setarch -R" "setarch -L" "prlimit --stack=unlimited" "setarch -RL prlimit --stack=unlimited"; do
    read -ra host <<<"$way"
    echo "$way:"
    expected=4 both_heaps work
  done
  expected=4 everywhere work
}

# ---- threads ---------------------------------------------------------------------------------------------------

@test "threads are cancelled while they allocate" {
  everywhere cancelled_while_allocating
}

@test "a handler wants the locks that the allocating thread holds" {
  host=(timeout 60)
  everywhere handler_wants_lock
}

# ---- the loader ------------------------------------------------------------------------------------------------

# together PRELOADS EXPECTED VICTIM...: says the same as alone, over either heap, and was counted.
together() {
  local preloads=$1 wanted=$2 heap
  shift 2
  record plain timeout 60 "$VICTIMS/$1" "${@:2}"
  for heap in system page; do
    rm -f "$RATION_DIR"/ration.*
    options=keep=1,heap=$heap note "$1" libc begun
    record shim timeout 60 env "RATION_OPTIONS=keep=1,heap=$heap" "LD_PRELOAD=$preloads" "$VICTIMS/$1" "${@:2}"
    [ "$(cat shim.status)" = "$wanted" ]
    compare plain shim
    was_tracked "$1"
    options=keep=1,heap=$heap note "$1" libc same
  done
}

@test "a preload stands in front of libc, and allocates in each of its functions" {
  local preloads
  for preloads in "$VICTIMS/lib_greedy_libc:$SHIM" "$SHIM:$VICTIMS/lib_greedy_libc"; do
    together "$preloads" 0 malloc_in_constructors
    together "$preloads" 4 work
    together "$preloads" 0 fork_exact
  done
}

@test "an auditor of the loader watches" {
  export LD_AUDIT=$VICTIMS/lib_auditor
  together "$SHIM" 0 malloc_in_constructors
  together "$SHIM" 4 work
  together "$SHIM" 0 dlerror_kept
}

@test "a library lives in a namespace of the loader's own" {
  everywhere another_namespace "$VICTIMS/lib_deepbind"
}
