#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2094,SC2153 # words in single quotes are other shells' or ration's; a test is
# a function, not a subshell; files may be named as variables and options are
# The reporter: what each subcommand shows, which status it leaves, and what it says of bad input.

load helpers

bats_require_minimum_version 1.5.0

# json FILTER: of report.json, which `shown --json` has left.
json() {
  jq -er "$1" report.json
}

# left_behind: how many segments there are.
left_behind() {
  find "$RATION_DIR" -name 'ration.*' | wc -l
}

# hold [LIBRARY]: starts the victim that holds blocks, over LIBRARY if that is named; its pid is $held, its addresses
# are in $addresses. let_go: ends it.
hold() {
  mkfifo gate
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM:${1:-}" "$VICTIMS/holds_blocks" <gate >addresses 2>/dev/null 3>&- &
  held=$!
  exec 9>gate
  until [ -s addresses ]; do sleep 0.01; done
  read -r -a addresses <addresses
}

let_go() {
  exec 9>&-
  wait "$held"
}

teardown() {
  exec 9>&-
  if [ -n "${held:-}" ]; then kill -KILL "$held" 2>/dev/null || true; fi
}

# ---- ration run: the program is left alone --------------------------------------------------------------------

@test "run passes stdin, stdout and stderr through" {
  printf 'one\ntwo\n' >in
  "$RATION" run --quiet -- sh -c 'cat; echo err >&2' <in >out 2>err
  cmp in out
  [ "$(cat err)" = err ]
}

@test "run shows one screen on stderr, and nothing on stdout" {
  "$RATION" run -- sqlite3 :memory: 'select 1' >out 2>err
  [ "$(cat out)" = 1 ]
  head -n 1 err | grep -Eq '^sqlite3  pid [0-9]+  exited 0 after [0-9.]+ s  system heap over libc\.so\.6$'
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

# ---- ration run: what it shows ----------------------------------------------------------------------------------

@test "run --json is valid, and adds up" {
  "$RATION" run --json --output report.json -- sqlite3 :memory: 'create table t(a); insert into t values(1)'
  json '.ration | test("^[0-9]+\\.[0-9]+\\.[0-9]+$")'
  json '.processes | length == 1'
  json '.processes[0] | .state == "exited" and .exit_status == 0 and .signal == null and .heap == "system"'
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
  "$RATION" run --json --output report.json -- bash -c 'sleep 60 >/dev/null 2>&1 3>&- & echo $! >pid; sleep 0.3'
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

# ---- ration run: programs that cannot be tracked ------------------------------------------------------------------

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

@test "settings that the shim does not know are named in the report" {
  RATION_OPTIONS=keep=1,kep=1 LD_PRELOAD=$SHIM ls >/dev/null
  run -0 "$RATION" report
  [ "${lines[-1]}" = '  setting ignored: kep=1: no such option' ]
  [[ ${lines[-2]} == *'every block counted, '* ]]
}

# ---- ration report, list --------------------------------------------------------------------------------------------

@test "report works without run, on the newest segment" {
  "${SHIMMED[@]}" ls >/dev/null
  run -0 "$RATION" report
  [[ ${lines[0]} == 'ls  pid '*'  exited after '* ]]
  "${SHIMMED[@]}" cat </dev/null
  run -0 "$RATION" report
  [[ ${lines[0]} == 'cat  pid '* ]]
}

@test "report shows a process that runs, is stopped, was killed" {
  hold
  "$RATION" report "$held" --json >report.json
  json '.processes[0] | .state == "running" and .threads == 1 and .uptime_seconds > 0'
  json '.processes[0].categories[] | select(.name == "held/small") | .live_bytes == 104 and .live_blocks == 1'
  json '.processes[0].categories[] | select(.name == "held/large") | .live_bytes == 1052656 and .allocations == 2'
  json '.processes[0].categories[] | select(.name == "held") | .live_bytes == 0 and .subtree_live_bytes == 1052760'
  "$RATION" report "$held" | grep -Eq '^holds_blocks  pid [0-9]+  running for '
  kill -STOP "$held"
  until grep -q '^State:.T' "/proc/$held/status"; do sleep 0.01; done
  "$RATION" report "$held" | grep -Eq '^holds_blocks  pid [0-9]+  stopped after '
  kill -KILL "$held"
  wait "$held" || true
  "$RATION" report "$held" --json >report.json
  json '.processes[0] | .state == "gone" and .threads == 0 and .uptime_seconds == null and .error_bound_bytes == 0'
  json '.processes[0].categories[] | select(.name == "held/large") | .live_bytes == 1052656'
  json '.processes[0] | .total.live_bytes == .total.subtree_live_bytes'
}

@test "report reads a copy of a segment" {
  "${SHIMMED[@]}" ls >/dev/null
  cp "$RATION_DIR"/ration.* copy
  "$RATION" report ./copy --json >report.json
  "$RATION" report "$RATION_DIR"/ration.* --json >other.json
  cmp report.json other.json
}

@test "report folds, selects, and shows a tree" {
  hold
  run -0 "$RATION" report "$held" --depth 1
  [[ $output == *'
  held  '* ]]
  [[ $output != *held/* ]]
  "$RATION" report "$held" --depth 1 --json >report.json
  json '.processes[0].categories[] | select(.name == "held") | .live_bytes == 1052760 and .allocations == 3'
  json '.processes[0] | .total.live_bytes == ([.categories[].live_bytes] | add)'
  run -0 "$RATION" report "$held" --tree
  [[ $output == *'
  held  '*'
    large  '*'
    small  '* ]]
  run -0 "$RATION" report "$held" --category held
  [[ ${lines[2]} == '  held/large '* && ${lines[3]} == '  held/small '* && ${lines[4]} == '  held  '* ]]
  "$RATION" report "$held" --category held/small --json >report.json
  json '[.processes[0].categories[].name] == ["held/small"]'
  let_go
}

@test "run folds and selects as report does" {
  "$RATION" run --tree --depth 1 -- sqlite3 :memory: 'select 1' 2>err
  grep -Eq '^  lib  ' err
  run ! grep -q 'lib/' err
  "$RATION" run --json --output report.json --category lib/libsqlite3.so.0 -- sqlite3 :memory: 'select 1'
  jq -e '[.processes[0].categories[].name] == ["lib/libsqlite3.so.0"] and has("remark") == false' report.json
  run -4 "$RATION" run --category none -- sh -c 'exit 4'
  [[ ${lines[-1]} == 'ration: '*'sh: no category `none`' ]]
}

@test "a selection that cannot be is refused" {
  for depth in 0 9 -1 x 1x ''; do
    refuses 2 'ration: --depth: `'"$depth"'`: a number from 1 to 8 expected' report --depth="$depth"
  done
  refuses 2 'ration: --depth: *' run --depth 9 -- touch started
  [ ! -e started ]
  "${SHIMMED[@]}" ls >/dev/null
  refuses 2 'ration: report: no category `lib/none`; *' report --category lib/none
  refuses 2 'ration: report: no category ``; *' report --category ''
}

@test "a rule that no block matched is named" {
  RATION_OPTIONS='keep=1,sql.match=lib:libsqlite3.so*,none.match=lib:libnone.so*|fn:none_*' LD_PRELOAD=$SHIM \
    sqlite3 :memory: 'select 1'
  run -0 "$RATION" report
  [[ $output == *'
  sql  '*'
  no block matched: none: lib:libnone.so*, fn:none_*
'* ]]
  [ "$(grep -c 'no block matched' <<<"$output")" = 1 ]
  "$RATION" report --json >report.json
  json '.processes[0].rules_unmatched == [{category: "none", rule: "lib:libnone.so*"},
                                          {category: "none", rule: "fn:none_*"}]'
}

@test "a rule whose blocks all went to one before it is named" {
  printf '#include <stdlib.h>\nvoid *foo(void) { return malloc(100); }\nint main(void) { return !foo() || !foo(); }\n' >a.c
  "${CC:-gcc}" -O0 -fno-builtin a.c -o a
  RATION_OPTIONS='keep=1,big.match=size:>=1,f.match=fn:foo' LD_PRELOAD=$SHIM ./a
  run -0 "$RATION" report
  [[ $output == *'
  no block matched: f: fn:foo
'* ]]
  "$RATION" clean >/dev/null
  RATION_OPTIONS='keep=1,big.match=size:>=1M,f.match=fn:foo' LD_PRELOAD=$SHIM ./a
  "$RATION" report --json >report.json
  json '.processes[0].rules_unmatched == [{category: "big", rule: "size:>=1M"}]'
}

@test "list shows the living, then the dead" {
  "${SHIMMED[@]}" ls >/dev/null
  hold
  # Others of this user may be tracked on this machine.
  "$RATION" list >list
  head -n 1 list | grep -Eq '^ +PID +PROGRAM +UPTIME +LIVE +PEAK +THREADS +STATE$'
  grep -Eq "^ +$held  holds_blocks +[0-9.]+ s +1\.0 MiB +1\.0 MiB +1  running\$" list
  grep -Eq '^ +[0-9]+  ls .* 0  exited$' list
  "$RATION" list --json >report.json
  json "[.processes[] | select(.pid == $held)] | length == 1 and .[0].total.live_bytes >= 1052760"
  json '[.processes[].state == "running"] | . == (sort | reverse)'
  let_go
}

@test "list says that there is nothing" {
  local alone=()
  # Others may be tracked on this machine: then their folder is hidden from view.
  [ "$("$RATION" list --json | jq '.processes | length')" = 0 ] ||
    alone=(unshare -m sh -c 'mount -t tmpfs none /dev/shm && exec "$@"' sh)
  run -0 "${alone[@]}" "$RATION" list
  said 'no tracked process; start one with `ration run -- CMD`'
}

@test "a process that exec'd has a replaced image and a running one" {
  mkfifo gate
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM bash -c 'exec cat <gate' 3>&- &
  held=$!
  exec 9>gate
  until "$RATION" list --json | jq -e "any(.processes[]; .pid == $held and .program == \"cat\")" >/dev/null; do :; done
  "$RATION" list --json >report.json
  json "[.processes[] | select(.pid == $held) | [.program, .state]] == [[\"cat\", \"running\"], [\"bash\", \"replaced\"]]"
  "$RATION" report "$held" | grep -q '^cat  pid '
  let_go
}

@test "a memfd is found while its process runs" {
  rmdir "$RATION_DIR" # and /dev/shm full: what is left is a memfd
  unshare -m true 2>/dev/null || skip "needs mount namespaces"
  unshare -m bash -c '
    mount -t tmpfs -o size=4k,nr_inodes=2 none /dev/shm || exit 77
    unset XDG_RUNTIME_DIR TMPDIR
    mkfifo gate
    LD_PRELOAD=$0 "$1" <gate >addresses & exec 9>gate
    until [ -s addresses ]; do sleep 0.01; done
    "$2" report $! >out 2>&1; status=$?
    "$2" list --json >list.json
    exec 9>&-; wait; exit $status' "$SHIM" "$VICTIMS/holds_blocks" "$RATION" || { [ $? = 77 ] && skip "no mount"; false; }
  grep -q '^holds_blocks  pid [0-9]*  running for ' out
  grep -q 'these figures end with the process' out
  jq -e '[.processes[].program] | index("holds_blocks") != null' list.json
}

# ---- ration whose -----------------------------------------------------------------------------------------------------

@test "whose names the category and size of a block of a running process" {
  hold
  run -0 "$RATION" whose "$held" "${addresses[0]}"
  said "${addresses[0]} in holds_blocks (pid $held): block of held/small, 104 usable bytes"
  run -0 "$RATION" whose "$held" "$((addresses[1]))"
  said "${addresses[1]} in holds_blocks (pid $held): block of held/large, 1,052,656 usable bytes"
  run -0 "$RATION" whose "$held" "${addresses[2]}"
  said "${addresses[2]} in holds_blocks (pid $held): foreign"
  run -0 "$RATION" whose "$held" "${addresses[3]}"
  said "${addresses[3]} in holds_blocks (pid $held): foreign"
  run -0 "$RATION" whose "$held" 0
  said "0x0 in holds_blocks (pid $held): foreign"
  "$RATION" whose "$held" "${addresses[0]}" --json >report.json
  json '.category == "held/small" and .usable_bytes == 104 and .block == "block"'
  "$RATION" whose "$held" "${addresses[3]}" --json >report.json
  json '.category == null and .usable_bytes == null and .block == "foreign"' || json '.block == "foreign"'
  let_go
}

@test "whose knows no size over another allocator" {
  hold libjemalloc.so.2
  run -0 "$RATION" whose "$held" "${addresses[0]}"
  said "${addresses[0]} in holds_blocks (pid $held): block of held/small, size unknown"
  let_go
}

@test "whose says what it cannot read" {
  refuses 3 'ration: 999999999: no tracked process of this pid; *' whose 999999999 0x10
  hold
  kill -KILL "$held"
  wait "$held" || true
  refuses 3 "ration: $held: is dead, *; \`ration report $held\` *" whose "$held" 0x10
}

@test "whose says that it lacks permission" {
  [ "$(id -u)" = 0 ] || skip "needs root, to become somebody else"
  chmod 777 . "$RATION_DIR"
  hold
  cp "$RATION_DIR"/ration.* copy
  chown 65534 copy
  mv copy "$(ls "$RATION_DIR"/ration.*)"
  chmod 755 "$BATS_RUN_TMPDIR" 2>/dev/null || true
  run setpriv --reuid 65534 --regid 65534 --clear-groups env RATION_DIR="$RATION_DIR" "$RATION" whose "$held" "${addresses[0]}"
  [ "$status" = 3 ] || skip "the reporter is out of that user's reach"
  [[ $output == *'its memory may not be read; '*ptrace_scope* ]] || skip "segment out of that user's reach: $output"
  let_go
}

# ---- ration clean -----------------------------------------------------------------------------------------------------

@test "clean removes what the dead left, and nothing else" {
  "${SHIMMED[@]}" ls >/dev/null
  hold
  touch "$RATION_DIR/ration.1.2.3.4" "$RATION_DIR/other"
  run -0 "$RATION" clean --json
  [ "$(jq '.removed' <<<"$output")" -ge 1 ]
  [ -e "$RATION_DIR/ration.1.2.3.4" ]
  [ -e "$RATION_DIR/other" ]
  "$RATION" report "$held" >/dev/null
  run -0 "$RATION" clean
  said 'nothing to remove'
  let_go
}

@test "clean leaves other users' segments" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give a file away"
  "${SHIMMED[@]}" ls >/dev/null
  chown 65534 "$RATION_DIR"/ration.*
  "$RATION" clean >/dev/null
  [ "$(left_behind)" = 1 ]
}

@test "clean removes a broken segment of a dead process, by its name" {
  "${SHIMMED[@]}" ls >/dev/null
  : >"$(ls "$RATION_DIR"/ration.*)"
  "$RATION" clean >/dev/null
  [ "$(left_behind)" = 0 ]
}

# ---- bad input --------------------------------------------------------------------------------------------------------

@test "one line and status 2 for what is malformed" {
  refuses 2 'ration: ration: no command; *'
  refuses 2 'ration: nothing: no such command; *' nothing
  refuses 2 'ration: --nothing: *' --nothing
  refuses 2 'ration: help: *' help run list
  refuses 2 'ration: nothing: no such command; *' help nothing
  refuses 2 'ration: report: `--nothing` is not understood, *' report --nothing
  refuses 2 'ration: report: `--output` is not understood, or lacks its value; *' report --output
  refuses 2 'ration: report: `b` is not understood, *' report a b
  refuses 2 'ration: 0: no pid; *' report 0
  refuses 2 'ration: 99999999999: no pid; *' report 99999999999
  refuses 2 'ration: list: `x` is not understood, *' list x
  refuses 2 'ration: clean: `x` is not understood, *' clean x
  refuses 2 'ration: run: no command to run; *' run
  refuses 2 'ration: whose: takes a pid and an address; *' whose 1
  refuses 2 'ration: -1: *' whose -- -1 2
  refuses 2 'ration: 0xg: no address; *' whose 1 0xg
  refuses 2 'ration: 99999999999999999999: no address; *' whose 1 99999999999999999999
}

@test "a setting that is not understood is named, and nothing runs" {
  refuses 2 'ration: --set: `keep=2`: expected one of 0, 1' run --set keep=2 -- touch ran
  refuses 2 'ration: --set: `kep=1` is no option; there are *' run --set kep=1 -- touch ran
  RATION_OPTIONS=follow=some refuses 2 'ration: RATION_OPTIONS: `follow=some`: expected one of all, exec, none' run -- touch ran
  [ ! -e ran ]
}

@test "a file that is no sound segment is named" {
  "${SHIMMED[@]}" ls >/dev/null
  local segment
  segment=$(ls "$RATION_DIR"/ration.*)
  refuses 3 'ration: ./none: no such file; *' report ./none
  refuses 3 'ration: .: no regular file; *' report .
  refuses 3 'ration: /etc/passwd: no ration segment; *' report /etc/passwd
  : >empty
  refuses 3 'ration: empty: no ration segment; *' report empty
  head -c 1000 "$segment" >short
  refuses 3 'ration: short: truncated: 1000 bytes, *; *' report short
  head -c 100000 "$segment" >partial
  refuses 3 'ration: partial: truncated: 100000 of *; *' report partial
  cp "$segment" foreign
  printf '\x07' | dd of=foreign bs=1 seek=8 conv=notrunc status=none
  refuses 3 'ration: foreign: a segment of version 7.*; *' report foreign
  cp "$segment" corrupted
  printf '\xff\xff\xff\xff' | dd of=corrupted bs=1 seek=48 conv=notrunc status=none
  refuses 3 'ration: corrupted: corrupted: *' report corrupted
  ln -s "$segment" link
  refuses 3 'ration: link: a symbolic link; *' report link
  refuses 3 'ration: 999999999: no tracked process of this pid; *' report 999999999
}

@test "random bytes crash nothing" {
  "${SHIMMED[@]}" ls >/dev/null
  head -c 200000 "$(ls "$RATION_DIR"/ration.*)" >sound
  for ((i = 0; i < 50; i++)); do
    cp sound bent
    dd if=/dev/urandom of=bent bs=1 count=16 seek=$((8 + RANDOM % 1700)) conv=notrunc status=none
    run "$RATION" report bent
    [ "$status" = 0 ] || [ "$status" = 3 ]
  done
}

# ---- help, and output that does not arrive --------------------------------------------------------------------------

@test "help and --help say the same, on stdout" {
  for command in run list report whose set watch plan clean config help; do
    "$RATION" help "$command" >help
    "$RATION" "$command" --help >other
    cmp help other
    grep -q "^Usage: ration $command" help
    "$RATION" --help | grep -q "^  $command "
  done
  [[ $("$RATION" --version) =~ ^ration\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "man pages have every option that --help has, and no other" {
  RATION_BUILD=$RATION_BUILD "$BATS_TEST_DIRNAME/../../scripts/check-manual"
}

@test "a full disk is a failure, in one line" {
  "${SHIMMED[@]}" ls >/dev/null
  for command in list report "report --json" clean help --help --version; do
    # shellcheck disable=SC2086
    run -3 bash -c '"$@" 2>&1 >/dev/full' - "$RATION" $command
    said 'ration: stdout: cannot be written: No space left on device*'
  done
  refuses 3 'ration: /dev/full: cannot be written: No space left on device; *' list --output /dev/full
  refuses 3 'ration: /nonexistent/x: cannot be written: No such file or directory; *' list --output /nonexistent/x
  refuses 125 'ration: /dev/full: cannot be written: *' run --output /dev/full -- true
  refuses 7 'ration: /dev/full: cannot be written: *' run --output /dev/full -- sh -c 'exit 7'
  refuses 125 'ration: /nonexistent/x: cannot be written: *' run --output /nonexistent/x -- touch ran
  [ ! -e ran ]
}

@test "a closed pipe is a failure, in one line" {
  "${SHIMMED[@]}" ls >/dev/null
  for command in list report; do
    run -3 bash -c '{ sleep 0.2; "$@"; } 2>err | true; s=${PIPESTATUS[0]}; cat err; exit $s' - "$RATION" "$command"
    said 'ration: stdout: cannot be written: Broken pipe*'
  done
}

@test "closed standard descriptors do no harm" {
  "$RATION" run --output report -- sh -c 'exit 4' <&- >&- 2>&- || status=$?
  [ "$status" = 4 ]
  grep -q '^  total ' report
}
