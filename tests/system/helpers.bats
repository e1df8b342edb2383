#!/usr/bin/env bats
# shellcheck disable=SC2016 # words in single quotes are another bash's
# What the other tests stand on.
# once: what bash and bats do

load helpers

bats_require_minimum_version 1.5.0

WATCHED=$BATS_TEST_DIRNAME/../../scripts/watched

# ended_untold CONDITION PID: a bash with a DEBUG trap loops until CONDITION says of its child that it has ended. It ends
# while that bash, whose stderr takes nothing, waits to say that another child was killed.
ended_untold() {
  mkfifo full
  exec 9<>full
  dd if=/dev/zero of=full bs=4096 oflag=nonblock || true
  timeout 10 bash -c 'trap : DEBUG
    sleep 1000 & killed=$!
    sleep 0.5 & ending=$!
    kill -KILL "$killed"
    until '"$1"' "$ending"; do :; done' 2>full 3>&- 9>&- &
  local looping=$! status=0
  sleep 1
  timeout 20 cat <&9 >said 3>&- &
  wait "$looping" || status=$?
  until grep -aq Killed said || has_ended $!; do sleep 0.01; done
  kill $!
  exec 9>&-
  grep -aq Killed said
  return "$status"
}

@test "a child has ended, also if bash has not been told" {
  export -f has_ended
  ended_untold has_ended
}

@test "a process has ended if it is there no more, or only to be waited for" {
  run ! has_ended $$
  bash -c 'echo $$' >gone
  has_ended "$(cat gone)"
  python3 - >ended 3>&- <<'PY' &
import os, time
child = os.fork() or os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(child, flush=True)
time.sleep(60)
PY
  until [ -s ended ]; do sleep 0.01; done
  kill -0 "$(cat ended)"
  has_ended "$(cat ended)"
  kill -KILL $!
}

# ---- scripts/watched ------------------------------------------------------------------------------------------------

# tests TEXT...: they are in tests.bats, one a line.
tests() {
  printf '@test "%s" {\n  %s\n}\n' "$@" >tests.bats
}

@test "watched: tests that end are let be, and their status is bats'" {
  tests one true two 'skip "it may"' three true
  run -0 "$WATCHED" 20 tests.bats
  [ "$output" = $'1..3\nok 1 one\nok 2 two # skip it may\nok 3 three' ]
  tests one true two false
  run -1 "$WATCHED" 20 tests.bats
  [ "${lines[2]}" = "not ok 2 two" ]
}

@test "watched: a test that does not end fails with its name, what it said, and its processes, which are ended" {
  tests one true 'waits, & for ever' 'echo begun; run sh -c "echo \$\$ >pid; sleep 1000; true"' three true
  run -1 "$WATCHED" 4 tests.bats
  [ "${lines[1]}" = "ok 1 one" ]
  [[ ${lines[2]} == 'not ok 2 waits, & for ever # nothing for 4 s' ]]
  [[ $output == *$'\n'"# "*sleep\ 1000* ]]
  [[ $output == *$'\n# begun'* ]]
  [[ $output != *"ok 3"* ]]
  has_ended "$(cat pid)"
}

@test "watched: what a test leaves behind keeps nobody waiting" {
  tests one 'sleep 1000 & echo $! >pid'
  run -1 "$WATCHED" 4 tests.bats
  [ "${lines[1]}" = "ok 1 one" ]
  [ "${lines[2]}" = "not ok 2 the end of tests.bats # nothing for 4 s" ]
  has_ended "$(cat pid)"
}
