#!/usr/bin/env bats
# `ration report --sizes`: how large blocks were, and are. A block of meets_budgets is of 4088 bytes, and has
# $each usable ones.
# shellcheck disable=SC2154 # start_growing assigns victim
# once: how the reporter shows sizes

load helpers
load growing
bats_require_minimum_version 1.5.0

setup_file() {
  each=$(usable 4088)
  export each
}

segment() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

# meet OPTIONS STEP...: meets_budgets, tracked.
meet() {
  env RATION_OPTIONS="keep=1,$1" LD_PRELOAD="$SHIM" "$VICTIMS/meets_budgets" "${@:2}" >said
}

# sizes FILTER [ARGS...]: of the histogram of the segment, by jq.
sizes() {
  "$RATION" report --sizes --json "${@:2}" "$(segment)" | jq -c ".processes[0].size_histogram | $1"
}

@test "with sample=1 they are counts" {
  meet sample=1 take:cache:300 drop:100 take:world/sea:20
  [ "$(sizes '.[0:2]')" = '[{"category":"cache","up_to_bytes":4096,"blocks":300,"bytes":'$((300 * each))',"live_blocks":200,"live_bytes":'$((200 * each))'},{"category":"world/sea","up_to_bytes":4096,"blocks":20,"bytes":'$((20 * each))',"live_blocks":20,"live_bytes":'$((20 * each))'}]' ]
  [ "$(sizes 'map(.blocks) | add')" = "$(figure "$(segment)" .total.allocations)" ]
  [ "$(sizes 'map(.live_bytes) | add')" = "$(figure "$(segment)" .total.live_bytes)" ]
  "$RATION" report --sizes "$(segment)" >page
  grep -qxF "  cache: 300 blocks, 1.2 MiB so far; 200 blocks, $(kib $((200 * each))) live" page
  tr -s ' ' <page | grep -qxF " 4.0 KiB 300 100.0 % 1.2 MiB █████████████████ 100.0 % 200 $(kib $((200 * each)))"
  [ "$(tail -n 1 page)" = '  exact: every block is a sample (sample=1)' ]
  [ "$(sizes 'map(.category) | unique' --category world)" = '["world/sea"]' ]
  [ "$(sizes 'map(.category) | unique' --depth 1)" = '["bin","cache","world"]' ]
}

# 10,000 blocks, 4,000 of which live; one in 16 is a sample: the estimates have a standard deviation of 4 and 6 %.
@test "with fewer samples they are estimates, which say so" {
  meet sample=64K take:cache:4000 drop:3000 take:cache:3000 drop:3000 take:cache:3000
  [ "$(sizes '[.[] | select(.category == "cache")] | length == 1 and .[0].blocks > 8000 and .[0].blocks < 12000')" = true ]
  [ "$(sizes '.[0] | .bytes / .blocks | . > 4080 and . < 4100')" = true ]
  [ "$(sizes '.[0] | .live_blocks > 2500 and .live_blocks < 5500')" = true ]
  "$RATION" report --sizes "$(segment)" >page
  [ "$(tail -n 1 page)" = '  estimates from samples, about one in 64.0 KiB: rough where there is little more than that' ]
}

@test "without samples there are none" {
  meet sample=off take:cache:300
  [ "$(sizes .)" = '[]' ]
  [ "$("$RATION" report --sizes "$(segment)" | tail -n 1)" = '  no sizes: no samples are taken (sample=off)' ]
}

@test "of a program that runs, was killed, and of a copy" {
  start_growing sample=1
  order +5000000
  order +100000
  local cache='[.[] | select(.category == "cache") | [.up_to_bytes, .blocks, .live_blocks]]'
  [ "$(sizes "$cache")" = '[[24,1,1],[114688,1,1],[5242880,1,1]]' ]
  order -
  [ "$(sizes "$cache" | jq -c '.[1][1:]')" = '[1,0]' ]
  kill -KILL "$victim"
  wait "$victim" || true
  [ "$(sizes "$cache" | jq -c '.[1][1:]')" = '[1,0]' ]
  cp "$(segment)" copy
  [ "$("$RATION" report --sizes --json ./copy | jq -c '.processes[0].size_histogram')" = "$(sizes .)" ]
}

@test "a small segment has none, and says so" {
  run -0 bash -c 'ulimit -f 6144; exec "$@"' limited env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" \
    "$VICTIMS/meets_budgets" take:cache:100
  [ "$(sizes length)" = 0 ]
  [ "$("$RATION" report --sizes "$(segment)" | tail -n 1)" = '  no sizes: the segment of this process is a small one' ]
}

@test "a forked child begins with what lived" {
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/fork_exact" >said
  local file
  for file in "$RATION_DIR"/ration.*; do
    "$RATION" report --sizes --json "$file" >report.json
    [ "$(jq '.processes[0] | (.size_histogram | map(.live_bytes) | add) == .total.live_bytes' report.json)" = true ]
    [ "$(jq '.processes[0].size_histogram | map(.blocks >= .live_blocks) | all' report.json)" = true ]
  done
}

@test "a damaged table: clear words, no crash" {
  meet sample=1 take:cache:300
  cp "$(segment)" damaged
  # Its place stands in the directory; sites and samples lie beside it.
  local table
  table=$(od -An -t u8 -j $((24 + 19 * 24 + 8)) -N 8 damaged)
  for at in 3000 $((table - 65536)) "$((table))" $((table + 200000)) $((table + 470000)); do
    head -c 65536 /dev/urandom | dd of=damaged bs=4096 seek="$at" oflag=seek_bytes conv=notrunc status=none
    timeout 20 "$RATION" report --sizes damaged >/dev/null 2>&1 || [ "$?" = 3 ]
    timeout 20 "$RATION" report --sizes --json damaged >/dev/null 2>&1 || [ "$?" = 3 ]
    cp "$(segment)" damaged
  done
}
