#!/usr/bin/env bats
# shellcheck disable=SC2154 # start_growing assigns victim
# `ration report --timeline`: what was charged in the course of time, of programs that live, have ended, were killed.
#
# grows_when_told grows in category `cache` when it is told to.
# once: how the reporter shows a timeline

load helpers
load growing
bats_require_minimum_version 1.5.0

MIB=1048576

segment() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

# points FILTER [ARGS...]: of the timeline of the segment, by jq.
points() {
  "$RATION" report --timeline --json "${@:2}" "$(segment)" | jq -c ".processes[0].timeline | $1"
}

# grow: 8 MiB, then 24 MiB, then back to 8 MiB, each for a while.
grow() {
  start_growing
  local step
  for step in +$((8 * MIB)) +$((16 * MIB)) -; do
    order "$step"
    sleep 0.2
    order '='
  done
}

# check_points: the highest of its points has the 24 MiB, and the last the 8 MiB, within the credit of a thread.
check_points() {
  [ "$(points "map(.live_bytes) | max | . >= 24 * $MIB and . < 26 * $MIB")" = true ]
  [ "$(points "last | .categories.cache | . >= 8 * $MIB and . < 10 * $MIB")" = true ]
  [ "$(points 'map(.seconds) | . == sort and .[0] >= 0 and .[-1] > 0.4')" = true ]
  [ "$(points 'map(.live_bytes == ([.categories[]] | add // 0)) | all')" = true ]
}

@test "of a program that runs, was killed, and of a copy" {
  grow
  check_points
  cp "$(segment)" copy
  kill -KILL "$victim"
  wait "$victim" || true
  check_points
  rm "$(segment)"
  cp copy "$RATION_DIR/ration.copy"
  check_points
}

@test "of a program that has ended, as a plot that fits the terminal" {
  grow
  end_victim
  check_points
  for columns in '' 40 60 200; do
    COLUMNS=$columns "$RATION" report --timeline "$(segment)" >page
    grep -Eq '^  total +2[45]\.[0-9] MiB ┤' page
    grep -Eq '^  cache +2[45]\.[0-9] MiB  .*█' page
    grep -Eq '^ +0 B └.*┬' page
    grep -Eq '^ +0(\.0+)? s' page
    grep -Eq '^  [0-9,]+ points; each column is the most within [0-9.]+ ms, each row has its own scale$' page
    [ "$(grep -E '┤|│|└|┬|^  cache' page | wc -L)" -le "${columns:-80}" ]
    [ "$(grep -E '┤|│|└|┬|^  cache' page | wc -L)" -ge "$((${columns:-80} * 3 / 4))" ]
  done
}

@test "only the end of it, with what held when that began" {
  grow
  sleep 0.3
  order +$MIB
  end_victim
  [ "$(points 'map(.live_bytes) | max' --last 1h)" = "$(points 'map(.live_bytes) | max')" ]
  [ "$(points "map(.live_bytes) | max < 12 * $MIB" --last 100ms)" = true ]
  [ "$(points 'length >= 1' --last 1ms)" = true ]
  [ "$(points '.[0] as $first | ($first.seconds > 0)' --last 1ms)" = true ]
  "$RATION" report --timeline --last 100ms "$(segment)" | grep -Eq '^  total +[0-9]\.[0-9] MiB ┤'
}

@test "of some categories" {
  grow
  end_victim
  [ "$(points 'map(.categories | keys) | add | unique' --category cache)" = '["cache"]' ]
  [ "$(points 'map(.live_bytes)' --category cache)" = "$(points 'map(.live_bytes)')" ]
  [ "$(points 'map(.categories | keys) | add | unique | map(select(contains("/")))' --depth 1)" = '[]' ]
  "$RATION" report --timeline --category cache "$(segment)" >page
  grep -Eq '^  cache +2[45]\.[0-9] MiB ┤' page
  run ! grep -Eq '^  total' page
  "$RATION" report --timeline --tree "$(segment)" >page
  grep -A 1 -E '^  bin ' page | grep -Eq '^    grows_when_told'
}

@test "only where it is asked for" {
  grow
  end_victim
  [ "$("$RATION" report --json "$(segment)" | jq -c '.processes[0] | has("timeline")')" = false ]
  run -0 env RATION_DIR="$RATION_DIR" "$RATION" report --timeline --json "$(segment)"
  [ "$(jq -c '.processes[0] | has("categories")' <<<"$output")" = true ]
}

@test "a small segment has none, and says so" {
  # The largest file that may be bounds the segment.
  run -0 bash -c 'ulimit -f 6144; exec "$@"' limited env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" \
    "$VICTIMS/meets_budgets" take:cache:100
  [ "$(points length)" = 0 ]
  [ "$("$RATION" report --timeline "$(segment)" | tail -n 1)" = '  no timeline: the segment of this process is a small one' ]
}

@test "what cannot be is refused" {
  refuses 2 'ration: --last: `10`: expected a time from 1ms to 1000h, like 10s' report --timeline --last 10
  refuses 2 'ration: report: --last is of --timeline; leave it out' report --last 10s --events
}

@test "a damaged timeline: clear words, no crash" {
  grow
  end_victim
  cp "$(segment)" damaged
  for at in 3000 3300 40960 200000 1000000 4000000; do
    head -c 4096 /dev/urandom | dd of=damaged bs=1 seek="$at" conv=notrunc status=none
    timeout 20 "$RATION" report --timeline damaged >/dev/null 2>&1 || [ "$?" = 3 ]
    timeout 20 "$RATION" report --timeline --json damaged >/dev/null 2>&1 || [ "$?" = 3 ]
    cp "$(segment)" damaged
  done
}
