#!/usr/bin/env bats
# Every system call of the shim's own fails in turn, and what libc may fail it: the program runs on as without the shim, and
# what is missing of the books is said.

load helpers
load alike

# A few of each call, once more of them, and two errors; with RATION_LONG all. For scripts/reliability the figures go to
# $RATION_FAULTS.
setup_file() {
  export RATION_BUILD
  if [ -n "${RATION_LONG:-}" ]; then export most=0 more=0 ways=0; else export most=3 more=30 ways=2; fi
}

# fail_calls [OPTION...] SETTINGS: see fail_calls.py, of meets_faults, or of the victim `$victim`.
fail_calls() {
  local command=(meets_faults "$VICTIMS/lib_deepbind")
  if [ -n "${victim:-}" ]; then command=("$victim"); fi
  RATION_BUILD=$RATION_BUILD /usr/bin/python3 "$BATS_TEST_DIRNAME/fail_calls.py" ${RATION_FAULTS:+--result "$RATION_FAULTS"} \
    --most "$most" --ways "$ways" "$@" "${command[@]}"
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

@test "all calls of a name fail" {
  fail_calls --by-name '' heap=system
  fail_calls --by-name '' heap=page
}

@test "all calls of a name fail, over other allocators" {
  local library libraries=(libjemalloc.so.2)
  if [ -n "${RATION_LONG:-}" ]; then libraries=("${OTHER_ALLOCATORS[@]}"); fi
  for library in "${libraries[@]}"; do fail_calls --by-name '' --over "$library" heap=system; done
}

# Each in its turn, where those before it in the list fail.
@test "what is called where another call has failed fails, too" {
  local names
  for names in madvise,fallocate openat,memfd_create openat,fcntl openat,fstat; do
    fail_calls --by-name $names heap=system
  done
}

@test "what is called for a setting, or where one image follows another, fails, too" {
  fail_calls --by-name '' "heap=system,report=$PWD/report.%p,report-signal=USR1,total=ram:50%,outside=psi"
  victim=exec_chain fail_calls --by-name pwrite64 heap=system
}

# The library that stands for it has some of what the shim looks up, or all, of which nothing works.
@test "libunwind is not one, lacks a function, or fails" {
  local functions=(_Ux86_64_create_addr_space _Ux86_64_init_remote _Ux86_64_step _Ux86_64_get_reg
    _Ux86_64_dwarf_search_unwind_table) missing
  for missing in none "${functions[@]}" all; do
    mkdir -p "$missing"
    printf 'void *%s(void) { return 0; }\n' "${functions[@]}" | grep -v " $missing(" >library.c
    if [ "$missing" = all ]; then : >library.c; fi
    gcc -shared -fPIC -w library.c -o "$missing/libunwind-x86_64.so.8"
    host=(env "LD_LIBRARY_PATH=$PWD/$missing")
    expected=5 victim meets_faults "$VICTIMS/lib_deepbind"
    for segment in "$RATION_DIR"/ration.*; do [ "$(figure "$segment" .unwind)" = tables ]; done
  done
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
