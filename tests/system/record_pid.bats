#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are other shells' or jq's; a test is a function;
# as_nobody assigns host
# `ration record PID`: a process that runs is followed, and those that come from it, and it goes on whatever becomes of the
# recorder.
# once: how the recorder follows processes

load helpers
load growing
load recorded
load doctoring

bats_require_minimum_version 1.5.0

@test "record PID follows a process until it ends" {
  start_growing
  beside "$RATION" record -o t.ration "$victim"
  order +100000
  until_recorded 100000
  exec 9>&-
  wait "$beside"
  beside=
  wait "$victim"
  victim=
  [ "$(recorded '.processes[0] | "\(.program) \(.state)"')" = 'grows_when_told exited' ]
  [[ $(cat wrongs) == 'ration: t.ration: '*' of 1 process recorded, '* ]]
  [ "$(left_behind)" = 1 ] # keep=1: it is not the recorder's to remove
  same_as_segments t.ration '' --sites --timeline
}

@test "record PID ends where the file cannot be written any more, and the process goes on" {
  start_growing
  beside "$RATION" record -o t.ration "$victim"
  order +100000
  until_recorded 100000
  prlimit --pid "$beside" --fsize=200
  local status=0
  wait "$beside" || status=$?
  beside=
  [ "$status" = 3 ]
  [ "$(wc -l <wrongs)" = 1 ]
  [[ $(cat wrongs) == 'ration: t.ration: cannot be written: File too large; '* ]]
  order +1000
  [ "$line" = 'done' ]
  end_victim
}

@test "two recordings of one process do not share a file, and no link is followed" {
  start_growing
  order +100000
  local name=grows_when_told.$victim
  ln -s target "$name.ration"
  beside "$RATION" record "$victim"
  until [ -e "$name.2.ration" ]; do sleep 0.01; done
  "$RATION" record -q "$victim" 3>&- 8<&- 9>&- &
  local other=$!
  until "$RATION" report "$name.2.ration" >out 2>&1 && "$RATION" report "$name.3.ration" >out 2>&1; do sleep 0.01; done
  refuses 3 "ration: $name.2.ration: another recording is being made there; *" record -o "$name.2.ration" "$victim"
  refuses 125 "ration: $name.2.ration: another recording is being made there; *" record -o "$name.2.ration" -- touch ran
  [ ! -e target ] && [ ! -e ran ]
  end_victim
  wait "$beside" "$other"
  beside=
  for file in "$name.2.ration" "$name.3.ration"; do
    [ "$("$RATION" report --json "$file" | jq -r '.processes[0].state')" = exited ]
  done
}

@test "record PID says how many came and went while it could not look" {
  mkfifo gate said
  env LD_PRELOAD="$SHIM" bash -c 'echo ready; while read -r line; do /bin/true; echo done; done' <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  read -r -u 8 line
  beside "$RATION" record -o t.ration "$victim"
  until [ "$(recorded '.processes[0].program')" = bash ]; do sleep 0.01; done
  kill -STOP "$beside"
  until grep -q '^State:.T' "/proc/$beside/status"; do sleep 0.01; done
  order on
  order on
  kill -CONT "$beside"
  end_victim
  wait "$beside"
  beside=
  [ "$(recorded '.processes | length')" = 1 ]
  cat wrongs
  [[ $(cat wrongs) == 'ration: t.ration: 2 processes that may belong to it could not be looked at before they ended; the last: No such file'* ]]
}

@test "record PID says nothing of those that come and go and do not come from it" {
  mkfifo rest
  start_growing
  for stranger in 1 2; do
    LD_PRELOAD="$SHIM" cat <rest 3>&- 8<&- 9>&- &
  done
  exec 7>rest
  until [ "$(left_behind)" = 3 ]; do sleep 0.01; done
  beside "$RATION" record -q -o t.ration "$victim" 7>&-
  order +100000
  until_recorded 100000
  exec 7>&-
  until [ "$(left_behind)" = 1 ]; do sleep 0.01; done
  end_victim
  wait "$beside"
  beside=
  [ ! -s wrongs ]
  [ "$(recorded '.processes | length')" = 1 ]
}

@test "record PID ends in order at SIGINT and SIGTERM, and harms nobody" {
  start_growing
  order +100000
  for signal in INT TERM; do
    beside "$RATION" record -o t.ration "$victim"
    until_recorded 100000
    kill "-$signal" "$beside"
    wait "$beside"
    beside=
    [ "$(recorded '.processes[0].state')" = running ]
    rm t.ration
  done
  order +1000
  [ "$line" = 'done' ]
  end_victim
}

@test "record PID has those that come from it, and nobody else" {
  mkfifo gate
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" bash -c 'sleep 1000 & child=$!; read -r line; /bin/true; sqlite3 :memory: "select 1"; kill $child; wait' <gate >said 2>&1 3>&- &
  victim=$!
  exec 9>gate
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" sqlite3 :memory: 'select 1' >out
  until [ "$("$RATION" list --json | jq '[.processes[] | select(.program == "sleep" and .state == "running")] | length')" = 1 ]; do sleep 0.02; done
  beside "$RATION" record -o t.ration "$victim"
  until [ "$(recorded '[.processes[].program] | unique | join(" ")')" = 'bash sleep' ]; do sleep 0.02; done
  echo on >&9
  wait "$beside"
  beside=
  wait "$victim"
  victim=
  [ "$(recorded '[.processes[] | select(.state != "replaced").program] | sort | join(" ")')" = 'bash sleep sqlite3 true' ]
}

@test "record PID has the whole session of one that ration run has started" {
  mkfifo gate
  "$RATION" run -q -- bash -c '/bin/sleep 1000 & child=$!; read -r line; kill $child; wait' <gate >said 2>&1 3>&- &
  victim=$!
  exec 9>gate
  until [ "$("$RATION" list --json | jq '[.processes[] | select(.program == "sleep" and .state == "running")] | length')" = 1 ]; do sleep 0.02; done
  beside "$RATION" record -o t.ration "$("$RATION" list --json | jq '.processes[] | select(.program == "sleep" and .state == "running").pid')"
  until [ "$(recorded '[.processes[].program] | contains(["bash", "sleep"])')" = true ]; do sleep 0.02; done
  echo on >&9
  wait "$beside"
  beside=
  wait "$victim"
  victim=
  [ "$(recorded '.processes[] | select(.program == "sleep").state')" = gone ]
  [ "$(left_behind)" = 0 ]
}

@test "a process that has ended is not followed" {
  "${SHIMMED[@]}" sqlite3 :memory: 'select 1' >out &
  local pid=$!
  wait "$pid"
  refuses 3 "ration: $pid: has ended; *" record "$pid"
  [ -z "$(find . -name '*.ration')" ]
}

@test "a process of another user is not followed" {
  as_nobody
  "${SHIMMED[@]}" sleep 1000 3>&- &
  victim=$!
  until [ "$(left_behind)" = 1 ]; do sleep 0.01; done
  run "${host[@]}" "$RATION" record "$victim"
  local made
  made=$(find . -name '*.ration')
  leave_nobody
  [ "$status" = 3 ]
  said "ration: $victim: not readable; read it as its owner or as root"
  [ -z "$made" ]
}
