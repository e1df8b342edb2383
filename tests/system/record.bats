#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are other shells' or jq's; a test is a function;
# `run --separate-stderr` assigns stderr
# `ration record -- CMD`: programs are left alone, and what a recording says of them in the end is what their segments say;
# it can be read whoever is killed.
# once: how the recorder follows processes

load helpers
load growing
load recorded

bats_require_minimum_version 1.5.0

# ---- the program is left alone ----------------------------------------------------------------------------

@test "record passes stdin, stdout, stderr and the status through, and says on stderr what it has" {
  local status=0
  printf 'one\ntwo\n' >in
  "$RATION" record -o t.ration -- sh -c 'cat; echo err >&2; exit 7' <in >out 2>err || status=$?
  [ "$status" = 7 ]
  cmp in out
  [ "$(head -n 1 err)" = err ]
  [[ $(tail -n 1 err) == "ration: t.ration: "*" of "*" process"*" recorded, "*"B" ]]
  [ "$(wc -l <err)" = 2 ]
  [ "$(left_behind)" = 0 ]
  "$RATION" record -q -o t.ration -- true 2>err
  [ ! -s err ]
}

@test "record leaves 128 + N after signal N, 127 of what is not there, 126 of what cannot be run, and no file then" {
  run "$RATION" record -o t.ration -- sh -c 'kill -TERM $$'
  [ "$status" = 143 ]
  [ "$(recorded '.processes[-1] | "\(.state) \(.signal)"')" = "killed 15" ]
  rm t.ration
  refuses 127 'ration: no-such-command: not found; *' record -- no-such-command
  echo text >plain
  chmod -x plain
  refuses 126 'ration: ./plain: cannot be run: Permission denied; *' record -o t.ration -- ./plain
  [ -z "$(find . -name '*.ration')" ]
}

@test "record names its file by program and pid, and overwrites none" {
  "$RATION" record -- sqlite3 :memory: 'select 1' 2>err
  local file
  file=$(echo sqlite3.*.ration)
  [[ $file =~ ^sqlite3\.[0-9]+\.ration$ ]]
  [ "$(stat -c %a "$file")" = 600 ]
  [[ $(cat err) == "ration: $file: "* ]]
  echo mine >t.ration
  "$RATION" record -q -o t.ration -- true
  "$RATION" report t.ration >/dev/null
}

@test "what record cannot take is refused, and nothing starts" {
  refuses 2 'ration: record: no command and no pid to record; *' record
  refuses 2 'ration: --interval: `9ms`: expected a time from 10ms to 1h, *' record --interval 9ms -- touch ran
  refuses 2 'ration: --interval: `2h`: expected a time from 10ms to 1h, *' record --interval 2h -- touch ran
  refuses 2 'ration: --interval: `1`: expected a time from 10ms to 1h, *' record --interval 1 -- touch ran
  refuses 2 'ration: --symbols: `none`: expected `end` or `later`' record --symbols none -- touch ran
  refuses 2 'ration: --output: `-`: a file expected; *' record -o - -- touch ran
  refuses 2 'ration: --set: *' record --set nonsense=1 -- touch ran
  refuses 2 'ration: --set: only for a program that is started here; *' record --set keep=1 1
  refuses 2 'ration: 4711: one pid, and nothing behind it, expected; *' record 4711 ran
  refuses 2 'ration: 99999999999: no pid; *' record 99999999999
  refuses 3 'ration: 1999999: no tracked process of this pid; *' record 1999999
  refuses 125 'ration: /nonexistent/t: cannot be made: No such file or directory; *' record -o /nonexistent/t -- touch ran
  refuses 125 'ration: /dev/full: cannot be written: No space left on device; *' record -o /dev/full -- touch ran
  mkdir closed
  chmod 500 closed
  if [ "$EUID" != 0 ]; then
    cd closed
    refuses 125 'ration: working directory: no file can be made there: *' record -- touch ../ran
    cd ..
  fi
  [ ! -e ran ]
}

@test "of a program that cannot be tracked nothing is recorded, and it is said why" {
  run --separate-stderr -0 "$RATION" record -o t.ration --set only=nobody -- sqlite3 :memory: 'select 1'
  [ "$output" = 1 ]
  [[ $stderr == "ration: nothing recorded: sqlite3: left no segment; "* ]]
  [ ! -e t.ration ]
}

# Nothing can be opened by whoever records from some moment on; its program is not tracked before that one.
@test "where what there is could not be looked at, that is said, and the status is that of a failure" {
  for wanted in 0 5; do
    mkfifo "gate$wanted"
    "$RATION" record -o t.ration --set only=sqlite3 -- bash -c "echo ready; read -r line; sqlite3 :memory:; exit $wanted" \
      <"gate$wanted" >said 2>err 3>&- &
    beside=$!
    exec 9>"gate$wanted"
    until grep -q ready said; do sleep 0.01; done
    prlimit --pid "$beside" --nofile=3:3
    echo on >&9
    exec 9>&-
    local result=0
    wait "$beside" || result=$?
    beside=
    [ "$result" = $((wanted ? wanted : 125)) ]
    [ "$(wc -l <err)" = 1 ]
    [[ $(cat err) == 'ration: t.ration: 1 process that may belong to it could not be looked at before '*': Too many open files' ]]
    [ ! -e t.ration ]
  done
}

# ---- what is recorded is what was so ----------------------------------------------------------------------

@test "in the end a recording says what the segments say: sqlite3" {
  "$RATION" record -q -o t.ration --set keep=1,sample=16K -- sqlite3 :memory: 'create table t(a);
    with recursive c(x) as (select 1 union all select x+1 from c where x<200000) insert into t select hex(randomblob(20)) from c;'
  same_as_segments t.ration '' --sites --timeline
}

@test "in the end a recording says what the segments say: python3, with fork and exec, threads and marks" {
  "$RATION" record -q -o t.ration --largest --interval 20ms --set keep=1,sample=64K,memory=0 -- /usr/bin/python3 -c '
import os, threading
kept = [bytearray(200000) for _ in range(50)]
def work(): return [str(i) * 10 for i in range(200000)]
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
if os.fork() == 0:
    kept.extend(bytearray(1000) for _ in range(1000))
    if os.fork() == 0: os.execv("/usr/bin/sqlite3", ["sqlite3", ":memory:", "select 1"])
    os.wait()
    os._exit(0)
os.wait()'
  same_as_segments t.ration "${LOOKS[@]}"
  [ "$(recorded '[.processes[].program | sub("[.0-9]+$"; "")] | unique | join(" ")')" = 'python sqlite' ]
}

@test "in the end a recording says what the segments say: a shell with children, few looks" {
  "$RATION" record -q -o t.ration --interval 1h --set keep=1 -- bash -c '
    for i in {1..4}; do /bin/echo $i | sort; done >/dev/null; exec sqlite3 :memory: "select 1"'
  same_as_segments t.ration '' --sites
  [ "$(recorded '[.processes[] | select(.state == "running")] | length')" = 0 ]
}

@test "what lay about before, and cannot be read, is none of what is missing in a recording" {
  "${SHIMMED[@]}" sqlite3 :memory: 'select 1' >out
  mv "$RATION_DIR"/ration.* old
  for offset in 8 12; do # the version; the size of the header
    cp old "$RATION_DIR/ration.1.$offset.1.0"
    printf '\x7f' | dd of="$RATION_DIR/ration.1.$offset.1.0" bs=1 seek="$offset" conv=notrunc status=none
  done
  "$RATION" record -q -o t.ration -- true 2>err
  [ ! -s err ]
  start_growing
  beside "$RATION" record -q -o t.ration "$victim"
  order +100000
  until_recorded 100000
  end_victim
  wait "$beside"
  beside=
  [ ! -s wrongs ]
}

@test "each of many children that come and go is recorded" {
  "$RATION" record -o t.ration -- bash -c 'for i in {1..100}; do /bin/true & done; wait' 2>err
  [ "$(recorded '[.processes[] | select(.program == "true" and .state == "exited")] | length')" = 100 ]
  [[ $(cat err) == *" of 101 processes recorded, "* ]]
  [ "$(left_behind)" = 0 ]
}

@test "a thousand children at once, and two thousand in all, are recorded in bounded memory" {
  [ -n "${RATION_LONG:-}" ] || skip 'one of the long tests: make torture'
  "$RATION" record -q -o t.ration -- bash -c 'for i in {1..1000}; do sleep 5 & done; wait
    for i in {1..1000}; do /bin/true; done' 2>err &
  beside=$!
  until has_ended "$beside"; do
    grep VmHWM "/proc/$beside/status" >peak 2>/dev/null || true
    sleep 0.1
  done
  wait "$beside"
  beside=
  [ "$(recorded '[.processes[] | select(.program == "true" or .program == "sleep")] | length')" = 2000 ]
  [ "$(awk '{ print $2 }' peak)" -lt 400000 ]
}

@test "sites are followed while a program runs, by what the ring of samples names" {
  record_growing --set sample=1
  order +100000
  until_recorded 100000
  until [ "$("$RATION" report --sites --json t.ration | jq '[.processes[0].sites[] | select(.category == "cache").live_bytes] | add')" -ge 100000 ]; do
    sleep 0.05
  done
  order +300000
  until [ "$("$RATION" report --sites --json t.ration | jq '[.processes[0].sites[] | select(.category == "cache").live_bytes] | add')" -ge 400000 ]; do
    sleep 0.05
  done
  exec 9>&-
  wait "$beside"
  beside='' victim=''
}

@test "functions are named at the end, or later by the files" {
  "$RATION" record -q -o end.ration --set sample=1 -- sqlite3 :memory: 'select 1'
  "$RATION" record -q -o later.ration --symbols later --set sample=1 -- sqlite3 :memory: 'select 1'
  local named='[.processes[0].sites[].frames[] | select(.function != null and (.module | startswith("libsqlite3")))] | length'
  mkdir nothing
  [ "$("$RATION" report --sites --json --sysroot nothing end.ration | jq "$named")" -gt 100 ]
  [ "$("$RATION" report --sites --json --sysroot nothing later.ration | jq "$named")" = 0 ]
  [ "$("$RATION" report --sites --json later.ration | jq "$named")" -gt 100 ]
}

@test "redis under its benchmark: a recording is small, and says what the segment says" {
  ln -s "$(command -v redis-check-rdb)" redis-server
  "$RATION" record -q -o t.ration --set keep=1 -- ./redis-server --port 0 --unixsocket socket --save '' >redis.log 2>&1 3>&- &
  beside=$!
  until redis-cli -s socket ping >/dev/null 2>&1; do sleep 0.05; done
  local rounds=1
  if [ -n "${RATION_LONG:-}" ]; then rounds=1000000; fi
  local began=$SECONDS
  while [ "$rounds" -gt 0 ] && [ $((SECONDS - began)) -lt 600 ]; do
    redis-benchmark -s socket -c 50 -n 50000 -t set,get,lpush,lpop,sadd -q >/dev/null
    rounds=$((rounds - 1))
  done
  local seconds=$((SECONDS - began + 1))
  redis-cli -s socket shutdown nosave || true
  wait "$beside"
  beside=
  same_as_segments t.ration '' --sites --timeline
  [ "$(stat -c %s t.ration)" -lt $((100000 + seconds * 15000)) ] # ten minutes: 9 MB
}

# ---- whoever is killed ------------------------------------------------------------------------------------

@test "a program that is killed is recorded to its end" {
  record_growing
  order +100000
  kill -KILL "$victim"
  local status=0
  wait "$beside" || status=$?
  beside='' victim=''
  [ "$status" = 137 ]
  [ "$(recorded '.processes[0] | "\(.state) \(.signal)"')" = 'killed 9' ]
  until_recorded 100000
}

@test "a recorder that is killed leaves what it had by then, and the program goes on" {
  record_growing
  order +100000
  until_recorded 100000
  kill -KILL "$beside"
  wait "$beside" || true
  beside=
  [ "$(recorded '.processes[0].state')" = running ]
  until_recorded 100000
  order +1000
  [ "$line" = 'done' ]
  exec 9>&-
  until has_ended "$victim"; do sleep 0.01; done
  victim=
}

@test "whose the counts are is there within a second, thread by thread, and stays when the recorder is killed" {
  mkfifo gate
  "$RATION" record -q -o t.ration -- /usr/bin/python3 -c '
import threading
rest = threading.Event()
ready = threading.Barrier(9)
def work(number):
    kept = [bytearray(100 * number + i) for i in range(2000)]
    ready.wait()
    rest.wait()
for number in range(8): threading.Thread(target=work, args=(number,), daemon=True).start()
ready.wait()
print("resting", flush=True)
input()' <gate >said 3>&- &
  beside=$!
  exec 9>gate
  until grep -q resting said; do sleep 0.01; done
  read -r victim _ <"/proc/$beside/task/$beside/children" || [ -n "$victim" ]
  local by_thread='[.processes[0].by_thread[] | del(.name)]'
  "$RATION" report --threads --json "$victim" | jq "$by_thread" >live.json
  [ "$(jq length live.json)" -ge 9 ]
  until recorded "$by_thread" --threads | cmp -s - live.json; do sleep 0.02; done
  kill -KILL "$beside"
  wait "$beside" || true
  beside=
  recorded "$by_thread" --threads | cmp - live.json
}

@test "where both are killed the recording can be read" {
  record_growing
  order +100000
  until_recorded 100000
  kill -KILL "$beside" "$victim"
  wait "$beside" || true
  beside='' victim=''
  until_recorded 100000
  "$RATION" report --sites t.ration >out
  "$RATION" report --events t.ration >out
}

# A disk of 1 MiB, which fills up while the program runs; the recording is then read where it lies.
@test "where the disk is full, one line says so, the program goes on, and what is there can be read" {
  needs_mounts
  mkdir disk
  for wanted in 0 5; do
    mkfifo "gate$wanted"
    unshare -m bash -c 'mount -t tmpfs -o size=1m none disk || exit 99
      record=0
      "$1" record -o disk/t.ration -s sample=1 -- bash -c "/bin/true; read -r line; touch ran
        for i in {1..3}; do /bin/true; done; exit $2" || record=$?
      [ -e ran ] && "$1" report --json disk/t.ration >report.json
      exit "$record"' disk "$RATION" "$wanted" <"gate$wanted" 2>err 3>&- &
    beside=$!
    exec 9>"gate$wanted"
    local disk=/proc/$beside/root$PWD/disk
    until [ -s "$disk/t.ration" ] && "$RATION" report "$disk/t.ration" >/dev/null 2>&1; do sleep 0.01; done
    run ! cp /dev/zero "$disk/filler"
    echo on >&9
    local result=0
    wait "$beside" || result=$?
    beside=
    [ "$result" = $((wanted ? wanted : 125)) ]
    [ "$(wc -l <err)" = 1 ]
    [[ $(cat err) == 'ration: disk/t.ration: cannot be written: No space left on device; the recording ends here'* ]]
    [ "$(json '.processes[0].program')" = bash ]
    rm ran report.json
  done
}

@test "where the file cannot be written from the beginning, the status says so" {
  for status in 0 5; do
    run -$((status ? status : 125)) prlimit --fsize=128:unlimited "$RATION" record -o t.ration -- sh -c "exit $status"
    said 'ration: t.ration: cannot be written: File too large; *'
    [ ! -e t.ration ]
  done
  run -143 prlimit --fsize=128:unlimited "$RATION" record -o t.ration -- sh -c 'kill -TERM $$'
  run -125 prlimit --fsize=100:unlimited "$RATION" record -o t.ration -- touch ran
  said 'ration: t.ration: cannot be written: File too large; *'
  [ ! -e t.ration ] && [ ! -e ran ]
}

@test "where there is no file after all, no segment is held open, and the status says so" {
  mkfifo gate
  mkdir gone
  (
    cd gone
    rmdir ../gone
    exec "$RATION" record -- sh -c '/bin/true; /bin/true; echo ready; read -r line'
  ) <gate >said 2>err 3>&- &
  beside=$!
  exec 9>gate
  until [ -s said ] && [ "$(left_behind)" = 1 ]; do sleep 0.01; done # those of `true` were seen, and removed
  [ "$(find "/proc/$beside/fd" -lname "$RATION_DIR/*" | wc -l)" = 0 ]
  echo on >&9
  local status=0
  wait "$beside" || status=$?
  beside=
  [ "$status" = 125 ]
  grep '^ration: ' err >wrongs # sh complains, too
  [ "$(wc -l <wrongs)" = 1 ]
  [[ $(cat wrongs) == 'ration: sh.'*'.ration: cannot be made: No such file or directory; '* ]]
}
