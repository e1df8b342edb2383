#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a function; host is of helpers.bash
# Budgets: what a program may have, to the byte, over each allocator, and what becomes of it where it is refused.

load helpers

bats_require_minimum_version 1.5.0

setup_file() {
  fit=$((5242880 / $(usable 100000))) # so many blocks of 100,000 bytes fit 5 MiB
  export fit
}

# under OPTIONS LIBRARY VICTIM ARGS...: a victim over an allocator ("": libc's), with those settings.
under() {
  local options=$1 library=$2 name=$3
  shift 3
  RATION_OPTIONS=keep=1,$options LD_PRELOAD=$SHIM:$library "$VICTIMS/$name" "$@"
}

# everywhere OPTIONS LINE VICTIM ARGS...: it says that line over each allocator, and over one that counts from below.
everywhere() {
  local options=$1 line=$2 library
  shift 2
  for library in "" "${OTHER_ALLOCATORS[@]}" "$VICTIMS/lib_counting_heap"; do
    echo "over ${library:-libc}:"
    run under "$options" "$library" "$@"
    echo "$output"
    [ "$status $output" = "0 $line" ]
  done
}

the_segment() {
  [ "$(find "$RATION_DIR" -name 'ration.*' | wc -l)" = 1 ] && echo "$RATION_DIR"/ration.*
}

copies() {
  find "$RATION_DIR" -name 'ration.*.dump.*' | wc -l
}

# ---- what is granted ---------------------------------------------------------------------------------------

@test "one thread is refused at the byte" {
  everywhere "" held budget_to_the_byte
  run -0 under heap=page "" budget_to_the_byte
  [ "$output" = held ]
}

@test "threads at the limit never hold more, nor are refused without need" {
  local times=${RATION_LONG:+50} # seconds each; in the short tests some of them
  everywhere "" held budgets_at_limit 1 1 $((100000 * ${times:-1}))
  everywhere "" held budgets_at_limit 2 3 $((100000 * ${times:-1}))
  everywhere "" held budgets_at_limit 8 50 $((40000 * ${times:-1}))
  everywhere "" held budgets_at_limit 64 50 $((4000 * ${times:-1}))
}

@test "threads without a slab of their own at the limit" {
  run -0 bash -c 'ulimit -f 1900; exec "$@"' limited env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" \
    "$VICTIMS/budgets_at_limit" 16 50 10000
  [ "$output" = held ]
  [ "$("$RATION" report --json "$(the_segment)" | jq '.processes[0].total.allocations > 10000')" = true ]
}

@test "operator new calls the new-handler, and throws" {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    run -0 under total=10M,total.policy=refuse "$library" new_refused
    [ "$output" = thrown ]
  done
  run -0 under heap=page,total=10M,total.policy=refuse "" new_refused
  [ "$output" = thrown ]
}

# ---- policies ----------------------------------------------------------------------------------------------

@test "notify grants all, and says nothing" {
  run -0 under cache=5M "" asks 100 100000 cache
  [ "$output" = "granted 100 of 100" ]
}

@test "notify says so once with verbose=1" {
  run -0 --separate-stderr under cache=5M,verbose=1 "" asks 100 100000 cache
  [ "$output" = "granted 100 of 100" ]
  # shellcheck disable=SC2154 # bats sets it
  [ "$(grep -c 'cache: uses .* bytes, over its budget of 5242880' <<<"$stderr")" = 1 ]
}

@test "refuse: a category, one above it, and a policy that is inherited" {
  run -0 under cache=5M,cache.policy=refuse "" asks 100 100000 cache
  [ "$output" = "granted $fit of 100" ]
  run -0 under cache=5M,cache.policy=refuse "" asks 100 100000 cache/below
  [ "$output" = "granted $fit of 100" ]
  run -0 under cache=5M,total.policy=refuse "" asks 100 100000 cache
  [ "$output" = "granted $fit of 100" ]
  run -0 under cache=5M,cache/below=1M,cache/below.policy=notify,cache.policy=refuse "" asks 100 100000 cache/below
  [ "$output" = "granted $fit of 100" ]
  run -0 under cache=5M,cache/below=1M,cache/below.policy=refuse "" asks 100 100000 cache/below
  [ "$output" = "granted $((1048576 / $(usable 100000))) of 100" ]
}

@test "abort by several threads: one copy, one line" {
  local i
  for i in {1..10}; do
    run -134 --separate-stderr under total=400K,total.policy=abort "" budgets_at_limit 8 3 100000
    [[ $stderr == "ration: total: "*" bytes more do not fit its budget of 409600 (policy=abort); see: ration report "* ]]
    # shellcheck disable=SC2154 # bats sets it
    [ "${#stderr_lines[@]}" = 1 ]
    [ "$(copies)" = 1 ]
    "$RATION" report "$RATION_DIR"/ration.*.dump.1 >/dev/null
    rm -f "$RATION_DIR"/ration.*
  done
}

@test "abort: a copy of the books, a line that names it, SIGABRT" {
  run -134 --separate-stderr under cache=5M,cache.policy=abort "" asks 100 100000 cache
  [ "$(copies)" = 1 ]
  local copy
  copy=$(find "$RATION_DIR" -name 'ration.*.dump.1')
  [ "$stderr" = "ration: cache: 100000 bytes more do not fit its budget of 5242880 (policy=abort); see: ration report $copy" ]
  [ "$(figure "$copy" '.categories[] | select(.name == "cache") | .live_blocks')" = "$fit" ]
}

@test "shares of an ancestor's, of the machine's memory, and what cannot be" {
  under "a=100M,a/b=50%,a/b/c=10%,a/b/c.policy=refuse" "" asks 100 100000 a/b/c >said
  grep -x "granted $fit of 100" said
  under "x=ram:100%,x/y=0.5%" "" asks 1 1 x/y
  rm "$RATION_DIR"/ration.*
  run -0 under "p=40%,q=101%,r=5M,r.reserve=100%,s.thresholds=80/60/90/95,total=50%,t.grace=-1" "" asks 1 1
  run -0 "$RATION" report "$(the_segment)"
  for setting in p q r.budget s.thresholds total t.grace; do
    grep -q "setting ignored: $setting" <<<"$output" || grep -q "setting ignored: $setting.budget" <<<"$output"
  done
}

@test "faults are injected" {
  run -0 under cache.fail=every:3 "" asks 99 1000 cache
  [ "$output" = "granted 66 of 99" ]
  run -0 under cache.fail=share:100% "" asks 99 1000 cache/below
  [ "$output" = "granted 0 of 99" ]
  run -0 under cache.fail=share:25% "" asks 1000 1000 cache
  local granted=${output#granted }
  granted=${granted% of 1000}
  [ "$granted" -gt 700 ] && [ "$granted" -lt 800 ]
}

@test "copies at a breach, at peaks, at growth" {
  under cache=5M,cache.dump=breach "" asks 100 100000 cache
  [ "$(copies)" = 1 ]
  rm "$RATION_DIR"/ration.*
  under cache.dump=peak:+1M "" asks 100 100000 cache
  [ "$(copies)" -ge 8 ] && [ "$(copies)" -le 10 ]
  rm "$RATION_DIR"/ration.*
  under cache=1G,cache.dump=grow:+2M "" asks 100 100000 cache
  [ "$(copies)" -ge 3 ] && [ "$(copies)" -le 5 ]
}

# ---- pressure ----------------------------------------------------------------------------------------------

@test "handlers of every kind" {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    run -0 under "" "$library" pressure_handlers
    [ "$output" = called ]
  done
}

SPLIT=total.policy=refuse,total.reserve=5%,creatures=40%,world=20%,rendering=20%,ui=10%,audio=5%

# acts_by_level: each handler has run once at each level, textures first, and has freed what it claims.
acts_by_level() {
  "$RATION" report --events --json "$(the_segment)" >events.json
  jq -e '[.processes[0].events[] | select(.kind == "handler")] as $acts
    | ($acts | map([.category, .priority, .level])) == [
        ("low", "medium", "high", "critical") | ["rendering", 1, .], ["creatures", 10, .]]
    and ($acts | all(.claimed_bytes > 0 and .claimed_bytes == .freed_bytes))' events.json >/dev/null || {
    jq -c '.processes[0].events[] | select(.kind == "handler")' events.json
    return 1
  }
}

@test "the split of a simulation, with handlers by level" {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    rm -f "$RATION_DIR"/ration.*
    run -0 under "total=256M,$SPLIT" "$library" simulation_split
    [ "$output" = split ]
    acts_by_level
  done
}

@test "the same with 4 GiB" {
  [ -n "${RATION_LONG:-}" ] || skip "one of the long tests: make torture"
  run -0 under "total=4G,$SPLIT" "" simulation_split
  [ "$output" = split ]
  acts_by_level
}

@test "memory that malloc never sees counts with accounts=1, and not without" {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    run -0 under "cache=10M,cache.policy=refuse,accounts=1" "$library" budget_accounts 1
    [ "$output" = accounted ]
    run -0 under "cache=10M,cache.policy=refuse" "$library" budget_accounts 0
    [ "$output" = accounted ]
  done
}

# ---- from outside ------------------------------------------------------------------------------------------

# outside_is NAME VALUE...: files of the memory controller, as version 1 and version 2 have them, and of PSI.
outside_is() {
  mkdir -p cgroup/memory
  while [ $# -gt 0 ]; do
    echo "$2" >"cgroup/memory/$1"
    echo "$2" >"cgroup/$1"
    shift 2
  done
}

# inside OPTIONS VICTIM ARGS...: under `host`.
inside() {
  "${host[@]}" env RATION_OPTIONS="keep=1,$1" LD_PRELOAD="$SHIM" "$VICTIMS/$2" "${@:3}"
}

CGROUP="mount --bind cgroup /sys/fs/cgroup"

@test "the cgroup's memory raises the total's level, version 1 and 2" {
  in_mounts "$CGROUP"
  outside_is memory.usage_in_bytes 850000 memory.limit_in_bytes 1000000
  outside_is memory.current 850000 memory.max 1000000 memory.high max
  run -0 inside outside=cgroup outside 2
  [ "$output" = told ]
  outside_is memory.usage_in_bytes 960000 memory.current 960000
  run -0 inside outside=cgroup outside 4
  [ "$output" = told ]
  inside outside=cgroup outside 4 none >told 3>&- &
  until grep -q told told || has_ended $!; do sleep 0.05; done
  outside_is memory.usage_in_bytes 100000 memory.current 100000
  wait $!
}

@test "a share of the cgroup's limit is a budget, and follows it" {
  in_mounts "$CGROUP"
  outside_is memory.usage_in_bytes 100 memory.limit_in_bytes 10485760 memory.current 100 memory.max 10485760
  run -0 inside cache=cgroup:50%,cache.policy=refuse asks 100 100000 cache
  [ "$output" = "granted $fit of 100" ]
}

@test "stalls for memory raise the total's level" {
  mkdir empty
  printf 'some avg10=12.30 avg60=1.00 avg300=0.10 total=1\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=1\n' >stalls
  in_mounts "mount --bind empty /sys/fs/cgroup && mount --bind stalls /proc/pressure/memory"
  run -0 inside outside=psi outside 2
  [ "$output" = told ]
}

# ---- real programs -----------------------------------------------------------------------------------------

@test "sqlite3 says that it is out of memory, and its database is whole" {
  {
    echo "create table t(a, b); begin;"
    for i in {1..20000}; do echo "insert into t values($i, hex(randomblob(100)));"; done
    echo "commit; select length(group_concat(b || b || b)) from t; select count(*) from t;"
  } >statements
  run env RATION_OPTIONS=total=4M,total.policy=refuse LD_PRELOAD="$SHIM" sqlite3 file.db <statements
  [ "$status" = 1 ]
  [[ $output == *'out of memory'* ]]
  [ "$(sqlite3 file.db 'pragma integrity_check; select count(*) from t')" = $'ok\n20000' ]
}

@test "python3 raises MemoryError, and runs on" {
  cat >program.py <<'PY'
try:
    held = [bytearray(1000000) for _ in range(1000)]
    print("all")
except MemoryError:
    held = None
    print("MemoryError")
print(sum(len(bytearray(1000000)) for _ in range(100)))
PY
  run -0 env RATION_OPTIONS=total=100M,total.policy=refuse PYTHONMALLOC=malloc LD_PRELOAD="$SHIM" python3 program.py
  [ "$output" = $'MemoryError\n100000000' ]
}
