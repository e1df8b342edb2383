#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are the tool's; a test is a function
# `ration watch`: a program that knows nothing of budgets, acted on from outside.
# once: what the reporter does of what it reads

load helpers
load growing
bats_require_minimum_version 1.5.0

# refuses_watch STATUS LINE ARGS...: `ration watch ARGS` does.
refuses_watch() {
  refuses "$1" "$2" watch "${@:3}"
}

# until_there FILE COUNT: waits until the file has so many lines.
until_there() {
  local tries
  for tries in {1..3000}; do
    if [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; then return 0; fi
    sleep 0.01
  done
  echo "after $tries tries: $1 has not $2 lines"
  return 1
}

@test "watch says when a level is reached, at each rise, and ends with the program" {
  start_growing cache=16M
  beside "$RATION" watch "$victim" --on cache:medium --every 1h
  order +11000000 # low
  order +3000000
  until_there lines 1
  order +1400000
  until_there lines 2
  order -
  order -
  order -
  order +16000000
  until_there lines 3
  end_victim
  wait "$beside"
  [ ! -s wrongs ]
  [ "$(cut -d' ' -f1-2 lines)" = "cache: medium:
cache: high:
cache: critical:" ]
  grep -q '^cache: medium: 13.4 MiB of 16.0 MiB used, [0-9.]* KiB too much$' lines
}

@test "a level that stands already is acted on at once, and again and again" {
  start_growing cache=16M
  order +16000000
  beside "$RATION" watch "$victim" --on cache:low --every 1ms
  until_there lines 3
  [[ $(sort -u lines) == "cache: critical: 15.3 MiB of 16.0 MiB used, "*" KiB too much" ]] || { sort -u lines; false; }
}

@test "watch --exec: what CMD is told, one at a time, and its failure is no end" {
  start_growing cache=16777216,cache.reserve=1M,total=1G
  mkfifo hold
  exec 6<>hold # so that nobody waits for the other to open it
  beside "$RATION" watch "$victim" --on total:high --on cache:high --every 1ms \
    --exec 'echo $RATION_PID $RATION_CATEGORY $RATION_LEVEL $RATION_USED $RATION_LIMIT $RATION_WANTED >>told; read x <hold; exit 7'
  order +14600000
  until_there told 1
  order +100000
  order '='
  [ "$(wc -l <told)" = 1 ]
  read -r pid category level used limit wanted <told
  [ "$pid $category $level $limit" = "$victim cache high 16777216" ]
  [ "$used" -gt 14600000 ]
  # 90 % of limit less reserve, less 2 points: as the segment has them, each rounded by itself
  [ "$wanted" = $((used - (14155776 - 2 * 157286) + 1)) ]
  echo >hold
  until_there wrongs 1
  [[ $(head -n 1 wrongs) == "ration: $victim: --exec has failed: \`echo "*"\` left status 7" ]] || { cat wrongs; false; }
  until_there told 2
  kill -TERM "$beside"
  wait "$beside"
  echo >hold
  exec 6>&-
  beside=
}

@test "a command ends with status 0 and no word, and has a stdin of its own" {
  start_growing cache=1M
  order +1000000
  beside "$RATION" watch "$victim" --on cache:critical --every 1h --exec 'cat; echo "$RATION_LEVEL" >>told; trap "" PIPE; kill -PIPE $$'
  until_there told 1
  end_victim
  wait "$beside"
  [ ! -s wrongs ]
  [ "$(cat told)" = critical ]
  [[ $(cat lines) == "cache: critical: "*": command begun" ]]
}

@test "watch --signal is refused where the program neither catches nor ignores it, also later" {
  start_growing cache=16M
  refuses_watch 3 "ration: $victim: neither catches nor ignores SIGUSR1, *" "$victim" --on cache:high --signal USR1
  refuses_watch 3 "ration: $victim: neither catches nor ignores SIGKILL, *" "$victim" --on cache:high --signal SIGKILL
  kill -0 "$victim"
  order c
  beside "$RATION" watch "$victim" --on cache:high --signal SIGUSR1 --every 1h
  order +16000000
  [ "$line" = "done" ] || [ "$line" = signal ]
  until_there lines 1
  [[ $(cat lines) == "cache: critical: "*": SIGUSR1 sent" ]]
  if [ "$line" = signal ]; then read -r -u 8 line; else read -r -u 8 line && [ "$line" = signal ]; fi
  order -
  order d
  order +16000000
  until_there wrongs 1
  [[ $(cat wrongs) == "ration: $victim: neither catches nor ignores SIGUSR1, "* ]]
  order -
  order i
  order +16000000
  until_there lines 2
  order '='
  [ "$line" = "done" ]
}

@test "watch --trim asks through the control table" {
  start_growing cache=16M
  order +16000000
  beside "$RATION" watch "$victim" --on cache:critical --trim --every 1h
  until_there lines 1
  [[ $(cat lines) == "cache: critical: "*": trim pending: too few allocations since" ]]
  grep -aq trim=1 "$RATION_DIR"/ration.*."$victim".*
}

@test "SIGINT and SIGTERM end it, with status 0, and leave the program alone" {
  start_growing cache=16M
  local signal
  for signal in INT TERM; do
    # A shell starts what runs beside it with SIGINT ignored.
    beside python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$RATION" watch "$victim" --on cache:low
    order +16000000
    until_there lines 1
    kill "-$signal" "$beside"
    wait "$beside"
    order -
  done
  kill -0 "$victim"
}

@test "nothing is written to the segment" {
  start_growing cache=16M
  order +16000000
  kill -STOP "$victim"
  cp "$RATION_DIR"/ration.*."$victim".* before
  beside "$RATION" watch "$victim" --on cache:low --every 1ms
  until_there lines 3
  kill -KILL "$victim"
  wait "$victim" || true
  wait "$beside"
  cmp before "$RATION_DIR"/ration.*."$victim".*
}

@test "watch --trim is taken at the next heartbeat, and is no setting to start with" {
  local tries
  start_growing cache=16M
  order +16000000
  beside "$RATION" watch "$victim" --on cache:critical --trim --every 1h
  for tries in {1..500}; do
    if [ -s lines ]; then break; fi
    order '='
  done
  [[ $(cat lines) == "cache: critical: "*": trimmed" ]]
  run -2 env RATION_OPTIONS=trim=1 "$RATION" run -- true
}

@test "a program that execs is told of, and not watched on" {
  mkfifo gate said
  RATION_OPTIONS=keep=1,total=10K LD_PRELOAD=$SHIM bash -c 'echo ready; read x; exec sleep 1000' <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  read -r -u 8 line
  beside "$RATION" watch "$victim" --on total:low
  until_there lines 1 # it has been seen, so what comes next is another program
  echo >&9
  status=0
  wait "$beside" || status=$?
  [ "$status" = 3 ]
  [[ $(cat wrongs) == "ration: $victim: has become another program by exec; "* ]]
}

@test "what cannot be watched is refused in one line" {
  start_growing cache=16M
  refuses_watch 2 'ration: watch: takes a pid and --on CATEGORY:LEVEL; *'
  refuses_watch 2 'ration: watch: takes a pid and --on CATEGORY:LEVEL; *' "$victim"
  refuses_watch 2 'ration: watch: takes a pid and --on CATEGORY:LEVEL; *' --on cache:low
  refuses_watch 2 'ration: --on: `cache:hgh`: expected CATEGORY:LEVEL, *' "$victim" --on cache:hgh
  refuses_watch 2 'ration: --on: `cache`: expected CATEGORY:LEVEL, *' "$victim" --on cache
  refuses_watch 2 'ration: --on: `cache:none`: expected CATEGORY:LEVEL, *' "$victim" --on cache:none
  refuses_watch 2 "ration: $victim: no category \`cahce\`; *" "$victim" --on cahce:low
  refuses_watch 2 "ration: $victim: \`total\` has no budget; *" "$victim" --on cache:low --on total:low
  refuses_watch 2 'ration: --every: `5`: expected a time *' "$victim" --on cache:low --every 5
  refuses_watch 2 'ration: --signal: `FOO` is no signal; *' "$victim" --on cache:low --signal FOO
  refuses_watch 2 'ration: watch: more than one action; *' "$victim" --on cache:low --trim --exec true
  refuses_watch 2 'ration: ./file: no pid; *' ./file --on cache:low
  refuses_watch 2 'ration: 0: no pid; *' 0 --on cache:low
  refuses_watch 3 'ration: 999999999: no tracked process *' 999999999 --on cache:low
  kill -KILL "$victim"
  wait "$victim" || true
  refuses_watch 3 "ration: $victim: has ended; *" "$victim" --on cache:low
}
