#!/usr/bin/env bats
# Every system call of the shim's own fails in turn, and what libc may fail it: the program runs on as without the shim, and
# what is missing of the books is said.

load helpers
load alike

# A few of each call, once more of them; with RATION_LONG all. For scripts/reliability the figures go to $RATION_FAULTS.
setup_file() {
  export RATION_BUILD
  if [ -n "${RATION_LONG:-}" ]; then export most=0 more=0; else export most=3 more=30; fi
}

# fail_calls [OPTION...] SETTINGS: see fail_calls.py.
fail_calls() {
  RATION_BUILD=$RATION_BUILD /usr/bin/python3 "$BATS_TEST_DIRNAME/fail_calls.py" ${RATION_FAULTS:+--result "$RATION_FAULTS"} \
    --most "$most" "$@" meets_faults "$VICTIMS/lib_deepbind"
}

@test "each call fails once, over the system heap" {
  most=$more fail_calls heap=system
}

@test "each call fails once, over the page heap" {
  fail_calls heap=page
}

@test "each call fails once, where samples are taken, memory and mappings looked at" {
  fail_calls heap=system,sample=1,memory=1,mmap=1
  if [ -n "${RATION_LONG:-}" ]; then fail_calls heap=page,sample=1,memory=1,mmap=1; fi
}

@test "from a call on all fail, over the system heap" {
  fail_calls --onward heap=system
}

@test "from a call on all fail, over the page heap" {
  fail_calls --onward heap=page
}

# traced CALL ERROR N: strace lets the N-th of a call fail that libc makes none of by itself, in the first process.
traced() {
  strace -o traced -e "trace=$1" -e "inject=$1:error=$2:when=$3" -E RATION_OPTIONS=keep=1 -E "LD_PRELOAD=$SHIM" \
    "$VICTIMS/meets_faults" "$VICTIMS/lib_deepbind"
}

@test "seen from outside: strace lets calls fail, and says so" {
  if ! strace -o traced true; then skip "strace is not permitted here"; fi
  local line call error numbers number
  record plain "$VICTIMS/meets_faults" "$VICTIMS/lib_deepbind"
  for line in "madvise EINVAL 1 4" "ftruncate ENOSPC 1" "readlinkat EACCES 1 2" "getdents64 EIO 1" "prctl EINVAL 1" \
    "openat EMFILE 4 5 6"; do # of openat the first ones are the loader's
    read -r call error numbers <<<"$line"
    for number in $numbers; do
      echo "$call $number"
      record shim traced "$call" "$error" "$number"
      compare plain shim
      grep -q INJECTED traced
    done
  done
}
