#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2153 # words in single quotes are other shells' or ration's; a test is a
# function, not a subshell; files may be named as variables and options are
# `ration run`: the program is left alone, what is shown of it and of its children, and why there may be nothing to show.

load helpers

bats_require_minimum_version 1.5.0

# ---- the program is left alone --------------------------------------------------------------------

@test "run passes stdin, stdout and stderr through" {
  printf 'one\ntwo\n' >in
  "$RATION" run --quiet -- sh -c 'cat; echo err >&2' <in >out 2>err
  cmp in out
  [ "$(cat err)" = err ]
}

@test "run shows one screen on stderr, and nothing on stdout" {
  "$RATION" run -- sqlite3 :memory: 'select 1' >out 2>err
  [ "$(cat out)" = 1 ]
  head -n 1 err | grep -Eq "^sqlite3  pid [0-9]+  exited 0 after [0-9.]+ s  $(heap_here) heap over libc\.so\.6\$"
  grep -Eq '^  CATEGORY +LIVE +PEAK +ALLOCATIONS +FREED$' err
  grep -Eq '^  lib/libsqlite3\.so\.0 .*█{17}' err
  grep -Eq '^  total ' err
  [ "$(tail -n 1 err)" = '  every block counted, error 0 B' ]
  [ "$(left_behind)" = 0 ]
}

@test "run leaves the exit status alone" {
  for status in 0 1 7 125 255; do
    run -"$status" "$RATION" run -q -- sh -c "exit $status"
  done
}

@test "run leaves 128 + N after signal N" {
  for signal in TERM KILL INT SEGV; do
    run "$RATION" run -- sh -c "kill -$signal \$\$"
    [ "$status" = $((128 + $(kill -l $signal))) ]
    [[ ${lines[0]} == "sh  pid "*"  killed by signal $(kill -l $signal) (SIG$signal) after "* ]] ||
      [[ ${lines[0]} == "dash  pid "*"  killed by signal $(kill -l $signal) (SIG$signal) after "* ]]
  done
}

@test "run says 127 of a command that is not there, 126 of one that cannot be run" {
  refuses 127 'ration: no-such-command: not found; *' run -- no-such-command
  refuses 127 'ration: ./none: not found; *' run -- ./none
  echo '#!/nonexistent' >script
  chmod +x script
  refuses 127 'ration: ./script: not found; *' run -- ./script
  echo text >plain
  refuses 126 'ration: ./plain: cannot be run: Permission denied; *' run -- ./plain
  refuses 126 'ration: /: cannot be run: Permission denied; *' run -- /
  [ "$(left_behind)" = 0 ]
}

@test "run runs scripts, with and without a #! line" {
  printf '#!/bin/bash\necho "$0 $1"; exit 4\n' >with
  printf 'echo "$1"; exit 5\n' >without
  chmod +x with without
  run -4 "$RATION" run -q -- ./with a
  [ "$output" = './with a' ]
  run -5 "$RATION" run -q -- ./without b
  [ "$output" = b ]
  run -4 "$RATION" run -- ./with a
  [[ ${lines[1]} == 'bash  pid '*'  exited 4 after '* ]]
}

@test "run passes on signals that it gets" {
  cat >script <<'END'
for signal in HUP TERM USR1 USR2 ALRM; do trap "echo $signal" $signal; done
trap 'exit 9' CONT
echo ready
while :; do sleep 0.01; done
END
  "$RATION" run -q -- bash script >out 2>err 3>&- &
  local ration=$!
  until grep -q ready out; do sleep 0.01; done
  for signal in HUP TERM USR1 USR2 ALRM; do
    kill -"$signal" "$ration"
    until grep -q "$signal" out; do sleep 0.01; done
  done
  kill -CONT "$ration"
  wait "$ration" || status=$?
  [ "$status" = 9 ]
}

@test "run does not die of the interrupt that its terminal sends to both" {
  cat >script <<'END'
trap 'echo interrupted; exit 3' INT
echo ready
while :; do sleep 0.01; done
END
  # A process group of its own, as a terminal's foreground is, in which the interrupt is not ignored.
  perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' "$RATION" run -- bash script >out 2>err 3>&- &
  until grep -q ready out; do sleep 0.01; done
  kill -INT -- "-$!"
  wait $! || status=$?
  [ "$status" = 3 ]
  grep -q interrupted out
  grep -q '^bash  pid [0-9]*  exited 3 after' err
}

@test "the program gets the signal mask, the dispositions, the limits and the descriptors that ration got" {
  local look='grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status; ulimit -n; ulimit -Hn; ls /proc/self/fd'
  (trap '' USR1 QUIT; ulimit -Sn 100; sh -c "$look") >plain
  (trap '' USR1 QUIT; ulimit -Sn 100; "$RATION" run -q -- sh -c "$look") >shim
  diff plain shim
}

@test "the program keeps its LD_PRELOAD, and its settings" {
  LD_PRELOAD=libm.so.6 RATION_OPTIONS=keep=0 "$RATION" run -q --set verbose=0 -s keep=0 -- \
    sh -c 'echo "$LD_PRELOAD $RATION_OPTIONS"; echo "$RATION_SESSION"' >out
  [ "$(head -n 1 out)" = "$SHIM:libm.so.6 keep=0,verbose=0,keep=0" ]
  grep -Eqx '[0-9]+\.[0-9]+' out
}

@test "run finds the shim in ../lib" {
  mkdir -p prefix/bin prefix/lib
  cp "$RATION" prefix/bin
  refuses_there() { run -125 prefix/bin/ration run -- true; }
  refuses_there
  said 'ration: libration.so: neither beside *; install ration as a whole'
  cp "$SHIM" prefix/lib
  prefix/bin/ration run -q -- sh -c 'echo "$LD_PRELOAD"' >out
  [ "$(cat out)" = "$BATS_TEST_TMPDIR/prefix/lib/libration.so" ]
}

# ---- what is shown ----------------------------------------------------------------------------------

@test "run --json is valid, and adds up" {
  "$RATION" run --json --output report.json -- sqlite3 :memory: 'create table t(a); insert into t values(1)'
  json '.ration | test("^[0-9]+\\.[0-9]+\\.[0-9]+$")'
  json '.processes | length == 1'
  json '.processes[0] | .state == "exited" and .exit_status == 0 and .signal == null and .heap == "'"$(heap_here)"'"'
  json '.processes[0] | .started_at | fromdateiso8601? // (sub("\\.[0-9]+Z"; "Z") | fromdateiso8601) > 0'
  for figure in live_bytes live_blocks allocations frees reallocations allocated_bytes requested_bytes; do
    json ".processes[0] | .total.$figure == ([.categories[].$figure] | add)"
    json ".processes[0] | .total.$figure == .total.subtree_$figure"
  done
  json '.processes[0] | .total.peak_bytes == .total.subtree_peak_bytes and .error_bound_bytes == 0'
  json '.processes[0].total | .live_blocks == .allocations - .frees'
}

@test "--output takes the report, --quiet shows none" {
  run -0 "$RATION" run --output report -- true
  [ -z "$output" ]
  grep -q '^  total ' report
  run -0 "$RATION" run --quiet -- true
  [ -z "$output" ]
}

@test "blocks of the root itself have a row that is not the sum" {
  cat >root.c <<'C'
#include <ration/tag.h>
#include <stdlib.h>
int main(void) {
  void *own = malloc(500);
  ration_tag_enter(1);
  return !own || !malloc(1000);
}
C
  cc -I"$BATS_TEST_DIRNAME/../../include" root.c -o root
  run -0 "$RATION" run -- ./root
  [ "$(grep -c '^  total itself  ' <<<"$output")" = 1 ]
  [ "$(grep -c '^  total  ' <<<"$output")" = 1 ]
}

@test "the children of a shell have a line each" {
  run -3 "$RATION" run --json --output report.json -- bash -c 'ls >/dev/null; /bin/cat </dev/null; exit 3'
  json '.processes[0] | .program == "bash" and .exit_status == 3'
  json '[.processes[].program] | sort == ["bash", "cat", "ls"]'
  json '.processes[0].pid as $p | all(.processes[1:][]; .parent == $p and .state == "exited")'
  json '.processes[0].session as $s | all(.processes[]; .session == $s)'
  [ "$(left_behind)" = 0 ]
}

@test "300 short children: 20 lines, and the rest in one sum" {
  "$RATION" run --json --output report.json -- bash -c 'for ((i = 0; i < 300; i++)); do /bin/echo >/dev/null; done'
  json '.processes | length == 21'
  json '.rest.processes == 280'
  json '[.processes[1:][] | .total.peak_bytes] | . == (sort | reverse)'
  json '.rest.allocations == 280 * (.processes[1].total.allocations)'
  [ "$(left_behind)" = 0 ]
}

@test "200 children at once, with 64 descriptors" {
  ulimit -n 64
  "$RATION" run --json --output report.json -- bash -c 'for ((i = 0; i < 200; i++)); do sleep 1 & done; wait'
  json '(.processes | length) + .rest.processes == 201'
  [ "$(left_behind)" = 0 ]
}

@test "of a chain of execs the last image is the process" {
  "$RATION" run --json --output report.json -- "$VICTIMS/exec_chain" 5 >out
  json '.processes | length == 1'
  json '.processes[0] | .program == "exec_chain" and .state == "exited"'
  "$RATION" run --json --output report.json -- sh -c 'exec bash -c "exec ls" >/dev/null'
  json '[.processes[].program] == ["ls"]'
  [ "$(left_behind)" = 0 ]
}

@test "an image that did much before it exec'd has a line" {
  "$RATION" run --json --output report.json -- python3 -c 'import os
b = [bytes(1000) for i in range(20000)]
os.execvp("true", ["true"])'
  json '.processes[0] | .program == "true" and .state == "exited"'
  json '.processes[1] | (.program | startswith("python3")) and .state == "replaced" and .total.peak_bytes > 20000000'
  [ "$(left_behind)" = 0 ]
}

@test "children that end by _exit or a signal are read and removed" {
  for end in _exit quick_exit SIGKILL SIGSEGV; do
    "$RATION" run --json --output report.json -- sh -c "$VICTIMS/ends $end; true" >/dev/null 2>&1
    json '.processes[] | select(.program == "ends") | .categories[] | select(.name == "last") | .live_blocks == 1'
    [ "$(left_behind)" = 0 ]
  done
}

@test "descendants that still run are shown as running and left alone" {
  "$RATION" run --json --output report.json -- bash -c 'sleep 1000 >/dev/null 2>&1 3>&- & echo $! >pid
    until "$0" report --json $! 2>/dev/null | grep -q "\"program\": \"sleep\""; do sleep 0.01; done' "$RATION"
  json '.processes[] | select(.program == "sleep" and .state == "running") | .exit_status == null'
  kill -0 "$(cat pid)"
  [ "$(left_behind)" -ge 1 ]
  kill -KILL "$(cat pid)"
}

@test "the segment stays where keep=1 is set" {
  "$RATION" run --json --output report.json --set keep=1 -- bash -c 'ls >/dev/null; true'
  json '[.processes[].program] | sort == ["bash", "ls"]'
  [ "$(left_behind)" -ge 2 ]
}

@test "a run within a run has a session of its own" {
  "$RATION" run --json --output report.json -- bash -c "'$RATION' run -jo inner.json -- ls >/dev/null; true"
  json '[.processes[].program] | index("ls") == null and index("ration") != null'
  jq -e '.processes[0].program == "ls"' inner.json
  [ "$(left_behind)" = 0 ]
}

# ---- programs that cannot be tracked ------------------------------------------------------------------

@test "a static program runs, and the screen says why it has no table" {
  echo 'int main(void) { return 0; }' | cc -static -x c - -o static_program
  run -0 "$RATION" run -- ./static_program
  [ "${#lines[@]}" = 1 ]
  [[ ${lines[0]} == "ration: ./static_program: not tracked: it is statically linked, "*"; "* ]]
  "$RATION" run --json --output report.json -- ./static_program
  json '.processes == [] and (.remark | contains("statically linked"))'
}

@test "a set-user-ID program runs, and the screen says so" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give a file away"
  cp /bin/id given
  chown 65534 given
  chmod 4755 given
  run -0 "$RATION" run -- ./given -u
  [ "${lines[0]}" = 65534 ]
  [[ ${lines[1]} == *'given: not tracked: it gains privileges (set-user-ID, '*'; '* ]]
}

@test "a program of another machine is left to the kernel" {
  cp /bin/true foreign
  printf '\x16\x00' | dd of=foreign bs=1 seek=18 conv=notrunc status=none # e_machine: S/390
  run -126 "$RATION" run -- ./foreign
  said 'ration: ./foreign: cannot be run: Exec format error; *'
}

@test "a program with a sanitizer runs, alone or as a child, and the screen says why it has no table" {
  echo '#include <stdlib.h>
    int main(void) { free(malloc(100)); return 6; }' >program.c
  gcc -fsanitize=address program.c -o program
  ASAN_OPTIONS=detect_leaks=0 run -6 "$RATION" run -- ./program
  [[ ${lines[0]} == 'program  pid '*'  exited 6 after '* ]]
  [[ $output == *'not tracked: the program runs under a sanitizer'* ]]
  ASAN_OPTIONS=detect_leaks=0 run -6 "$RATION" run -- bash -c './program; exit $?'
  [[ $output != *'does not come first'* ]]
}

@test "a program with its own malloc is said to be passive" {
  run -0 "$RATION" run -- "$VICTIMS/own_malloc"
  [[ $output == *'not tracked: the program brings its own malloc, '*'; '* ]]
}

@test "a program that left no segment is said to have left none" {
  run -0 "$RATION" run --set not=true -- true
  said 'ration: true: left no segment; check *'
}
