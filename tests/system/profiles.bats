#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # a test is a function
# How samples are taken, changed from outside while the program runs; and copies of the segment that a program writes at its
# end and when it is told by a signal.

load helpers
load growing

bats_require_minimum_version 1.5.0

# sets NAME=VALUE: `ration set` of the victim, which allocates meanwhile until it has taken it.
sets() {
  "$RATION" set "$victim" "$1" >answer 3>&- 8<&- 9>&- &
  local asking=$!
  until has_ended "$asking"; do order "="; done
  wait "$asking"
  [ "$(cat answer)" = "grows_when_told (pid $victim): $1: taken" ]
}

# sampling FIGURE: of the victim.
sampling() {
  "$RATION" report --sites --json "$victim" | jq ".processes[0].sampling.$1"
}

# live_samples: of the blocks that it holds in its category.
live_samples() {
  "$RATION" report --sites --json "$victim" | jq '[.processes[0].sites[] | select(.category == "cache") | .live_samples] | add // 0'
}

@test "set sample: off, every block, off, on, a size, off to the last, each as of then" {
  start_growing sample=off
  order +100000
  [ "$(sampling mean_bytes)" = 0 ]
  [ "$(sampling samples)" = 0 ]
  sets sample=1
  [ "$(sampling mean_bytes)" = 1 ]
  order +100000
  order +100000
  [ "$(live_samples)" = 2 ]
  sets sample=off
  [ "$(sampling mean_bytes)" = 0 ]
  samples=$(sampling samples)
  order +100000
  order "="
  [ "$(sampling samples)" = "$samples" ]
  [ "$(live_samples)" = 2 ]
  order -
  order -
  [ "$(live_samples)" = 1 ]
  sets sample=on
  [ "$(sampling mean_bytes)" = 1 ]
  order +100000
  [ "$(live_samples)" = 2 ]
  sets sample=0
  [ "$(sampling mean_bytes)" = 0 ]
  sets sample=64K
  [ "$(sampling mean_bytes)" = 65536 ]
  order +4000000
  [ "$(live_samples)" = 3 ]
  sets sample=1
  order +100
  [ "$(live_samples)" = 4 ]
  end_victim
}

@test "set sample: what is no such value is refused before anything is asked" {
  start_growing sample=64K
  for value in maybe 2T auto auto:0% auto:101% -1; do
    refuses 2 "*sample=$value*expected" set "$victim" "sample=$value"
  done
  [ "$(sampling mean_bytes)" = 65536 ]
  end_victim
}

# mean_of PID: how many bytes a sample stands for, on average, of a program that runs.
mean_of() {
  "$RATION" report --sites --json "$1" | jq '.processes[0].sampling.mean_bytes'
}

@test "sample=auto: the mean goes down where samples may take all the time, and up where they may take none" {
  env RATION_OPTIONS=keep=1,sample=auto:100% LD_PRELOAD="$SHIM" "$VICTIMS/replaces_blocks" 100000000000 3>&- &
  victim=$!
  until mean=$(mean_of "$victim") && [ "$mean" -lt 65536 ]; do kill -0 "$victim" && sleep 0.05; done
  run -0 "$RATION" set "$victim" sample=auto:0.01%
  until mean=$(mean_of "$victim") && [ "$mean" -gt 524288 ]; do kill -0 "$victim" && sleep 0.05; done
  run -0 "$RATION" set "$victim" sample=1M
  [ "$(mean_of "$victim")" = 1048576 ]
  run -0 "$RATION" set "$victim" sample=auto:100%
  until mean=$(mean_of "$victim") && [ "$mean" -lt 65536 ]; do kill -0 "$victim" && sleep 0.05; done
  kill -KILL "$victim"
  wait "$victim" || true
  victim=
}

# ---- copies ------------------------------------------------------------------------------------------------

# sites_of FILE: FUNCTION LIVE_BLOCKS of the program's sites.
sites_of() {
  "$RATION" report --sites --json "$1" |
    jq -r '.processes[0].sites[] | select(.category == "bin/looks") | "\(.frames[0].function) \(.live_blocks)"' | sort
}

every_site=$'fill_cache 0\nfill_screen 0\nkeep_document 3\nkeep_sprite 200\nscratch 0'

@test "report=FILE: a copy is written at exit, %p is the pid, and the segment goes" {
  RATION_OPTIONS=sample=1,report=out-%p-%p.ration LD_PRELOAD=$SHIM "$VICTIMS/looks" 3>&- &
  pid=$!
  wait "$pid"
  [ "$(ls)" = $'out-'"$pid-$pid"$'.ration\nsegments' ]
  [ -z "$(ls "$RATION_DIR")" ]
  [ "$(stat -c %a "out-$pid-$pid.ration")" = 600 ]
  [ "$(sites_of "out-$pid-$pid.ration")" = "$every_site" ]
  for look in --largest --leaks --sizes --threads --timeline --events; do
    "$RATION" report "$look" "out-$pid-$pid.ration" | grep -q "^looks  pid $pid  "
  done
  [ "$(figure "./out-$pid-$pid.ration" '"\(.copy) \(.program) \(.pid)"')" = "0 looks $pid" ]
  run -0 "$RATION" clean
  [ -s "out-$pid-$pid.ration" ]
}

@test "report=FILE: from the folder of the start, over what was there, and never half of it" {
  mkdir sub
  echo old >sub/out
  RATION_OPTIONS=sample=1,report=sub/out LD_PRELOAD=$SHIM "$VICTIMS/plugged" "$VICTIMS/lib_plugged" /
  [ "$(ls -A sub)" = out ]
  [ "$(figure sub/out .program)" = plugged ]
  # Where it cannot be written nothing is left, nothing is said, and the program's end is its own.
  RATION_OPTIONS=sample=1,report=absent/out run -0 --separate-stderr env LD_PRELOAD="$SHIM" "$VICTIMS/looks"
  [ -z "$output$stderr" ]
  mkdir full
  RATION_OPTIONS=sample=1,report=full run -0 --separate-stderr env LD_PRELOAD="$SHIM" "$VICTIMS/looks"
  [ -z "$output$stderr$(ls -A full)" ]
  [ -z "$(find . -name '.*.*')" ]
}

@test "report=FILE: what is no file is not replaced" {
  mkfifo pipe
  ln -s /dev/null link
  mkdir folder
  for name in pipe link folder; do
    RATION_OPTIONS=sample=1,report=$name LD_PRELOAD=$SHIM run -0 --separate-stderr "$VICTIMS/looks"
    [ -z "$stderr" ]
  done
  [ -p pipe ]
  [ -L link ]
  [ -z "$(find . -name '.*.*')$(ls -A folder)" ]
}

@test "report=FILE: each process of a tree has its own" {
  # shellcheck disable=SC2016 # words of the inner shell
  RATION_OPTIONS=report=of-%p LD_PRELOAD=$SHIM bash -c 'python3 -c "" & wait; perl -e 1'
  [ "$(find . -maxdepth 1 -name 'of-*' | wc -l)" -ge 3 ]
  for file in of-*; do [ "$(figure "./$file" .pid)" = "${file#of-}" ]; done
}

# signals: sends the victim SIGUSR2; when it has done the next thing, its handler has run.
signals() {
  kill -USR2 "$victim"
  order "="
}

@test "report-signal: a copy as it stands, at each such signal, while the program goes on" {
  start_growing sample=1,report=out-%p,report-signal=USR2
  order +100000
  order +200000
  signals
  [ "$(figure "./out-$victim" '.categories[] | select(.name == "cache") | .live_blocks')" = 3 ]
  "$RATION" report --leaks "out-$victim" | grep -qx '  all that lived when the copy was made'
  order -
  [ "$(figure "./out-$victim" '.categories[] | select(.name == "cache") | .live_blocks')" = 3 ]
  signals
  [ "$(figure "./out-$victim" '.categories[] | select(.name == "cache") | .live_blocks')" = 2 ]
  [ "$(figure "$victim" .state)" = running ]
  pid=$victim
  end_victim
  [ "$(figure "./out-$pid" .state)" = exited ]
}

@test "report-signal without a file: copies beside the segment, with numbers" {
  start_growing sample=1,report-signal=SIGUSR2
  segment=$(find "$RATION_DIR" -name 'ration.*')
  for i in 1 2; do
    order +1000
    signals
    [ "$("$RATION" report --json "$segment.dump.$i" | jq -r '.processes[0] | "\(.copy) \(.categories[] | select(.name == "cache") | .live_blocks)"')" = "$i $((i + 1))" ]
  done
  end_victim
}

# caught PID: the signals that it has handlers for.
caught() {
  sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status"
}

@test "no handler is there unless it is asked for" {
  start_growing sample=1,report=out
  [ "$((0x$(caught "$victim")))" = 0 ]
  kill -USR2 "$victim"
  run wait "$victim"
  victim=
  start_told_again
  [ "$((0x$(caught "$victim")))" = $((1 << 11)) ]
  end_victim
}

# start_told_again: with the handler of SIGUSR2, signal 12.
start_told_again() {
  exec 8<&- 9>&-
  rm gate said
  start_growing report=out,report-signal=USR2
}
