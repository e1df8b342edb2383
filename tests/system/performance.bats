#!/usr/bin/env bats
# How much a program allocates in its life, and what the shim takes for it, held against callgrind's count of
# instructions. Times are compared with times of the same run alone.

load helpers

bats_require_minimum_version 1.5.0

# replace N [OPTIONS]: the victim; its CPU seconds go to cpu.
replace() {
  local TIMEFORMAT='%U %S'
  rm -f "$RATION_DIR"/ration.*
  { time env RATION_OPTIONS="keep=1,${2:-verbose=0}" LD_PRELOAD="$SHIM" "$VICTIMS/replaces_blocks" "$1"; } 2>cpu
}

segment() {
  find "$RATION_DIR" -name 'ration.*'
}

# share_of_time OPTIONS: of the CPU time the part that the shim says it took, in the middle one of five runs.
share_of_time() {
  for _ in 1 2 3 4 5; do
    replace 2000000 "$1"
    figure "$(segment)" ".performance.management_seconds / $(awk '{ print $1 + $2 }' cpu)"
  done | sort -g | sed -n 3p
}

# share_of_instructions OPTIONS: of the instructions of all objects those of the shim's.
share_of_instructions() {
  objcopy --strip-debug "$SHIM" libration.so # clang's is more than some versions of valgrind can read
  RATION_OPTIONS=$1 LD_PRELOAD=$PWD/libration.so valgrind --tool=callgrind --callgrind-out-file=counts \
    "$VICTIMS/replaces_blocks" 200000 2>said
  awk '/^c?ob=/ {
      split($0, part, /[()]/)
      if (part[3] != "") name[part[2]] = part[3]
      if (/^ob=/) object = name[part[2]]
    }
    /^calls=/ { getline; next }
    /^[0-9+*-]/ { all += $2; if (object ~ /libration/) shim += $2 }
    END { print shim / all }' counts
}

# agrees OPTIONS: fails, and says how, where the two differ by more than a factor of two.
agrees() {
  local time instructions
  time=$(share_of_time "$1") instructions=$(share_of_instructions "$1")
  echo "$1: $time of the time, $instructions of the instructions"
  awk "BEGIN { exit !($time > $instructions / 2 && $time < $instructions * 2) }"
}

@test "the time in the shim is what its share of instructions lets expect" {
  if ! command -v valgrind >/dev/null; then skip "valgrind is not installed"; fi
  # Calls of the page heap are too short for being measured one by one.
  agrees sample=off,heap=system
  agrees sample=512K,heap=system
}

@test "rates are over the life of the program" {
  replace 5000000 # JSON rounds what it lived to a millisecond
  [ "$(figure "$(segment)" '.uptime_seconds as $up | .total as $total | .performance | [
    .allocations_per_second * $up / $total.allocations, .frees_per_second * $up / $total.frees,
    .allocated_bytes_per_second * $up / $total.allocated_bytes] | map(. > 0.98 and . < 1.02) | all')" = true ]
  [ "$(figure "$(segment)" '.performance | [.pool_hit_rate, .fragmentation] | tostring')" = '[null,null]' ]
  "$RATION" report "$(segment)" | grep -Eq \
    '^  [0-9,]+ allocations and [0-9,]+ frees a second, [0-9.]+ [KMG]iB a second; [0-9.]+ m?s of CPU time in the shim$'
}

@test "no rates where nobody knows how long it lived, and none of a parent's" {
  "${SHIMMED[@]}" "$VICTIMS/names_threads" main:10:0 die || [ "$?" = 137 ]
  [ "$(figure "$(segment)" '.performance | [.allocations_per_second, .frees_per_second, .allocated_bytes_per_second,
    .management_seconds > 0] | tostring')" = '[null,null,null,true]' ]
  rm "$RATION_DIR"/ration.*
  "${SHIMMED[@]}" "$VICTIMS/names_threads" main:2000:0 fork main:10:0
  child=$(segment | sort | tail -n 1)
  [ "$(figure "$child" '.performance.allocations_per_second * .uptime_seconds < 1000 and .total.allocations > 2000')" = true ]
}

@test "fragmentation is slack's share, where the kernel was asked" {
  "$RATION" run --json --output report.json -- "$VICTIMS/replaces_blocks" 3000000
  [ "$(jq '.processes[0] | if .memory then (.memory | .slack_bytes / (.live_bytes + .slack_bytes)) as $share |
    .performance.fragmentation - $share | fabs < 0.000001 else .performance.fragmentation == null end' report.json)" = true ]
}

@test "the time in the shim is known over another allocator, too" {
  # So many that a few calls that were interrupted while they were measured do not matter.
  replace 2000000 sample=off,heap=system
  RATION_OPTIONS=keep=1,heap=system LD_PRELOAD=$SHIM:libmimalloc.so.2.0 "$VICTIMS/replaces_blocks" 2000000
  for segment in $(segment); do
    [ "$(figure "$segment" '.performance.management_seconds as $in | $in > 0 and $in < .uptime_seconds')" = true ]
  done
}
