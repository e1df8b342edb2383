#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2094,SC2153 # words in single quotes are other shells' or ration's; a test is
# a function, not a subshell; files may be named as variables and options are
# The reporter: what its subcommands show, which status they leave, and what they say of bad input. run.bats has `run`.
# once: what the reporter says, and leaves

load helpers
load held

bats_require_minimum_version 1.5.0

# hold_blocks [LIBRARY]: holds the victim that has blocks, of LIBRARY if that is named; their addresses are in $addresses,
# their usable bytes, where it is over none, in $small and $large.
hold_blocks() {
  hold '' env RATION_OPTIONS=keep=1${1:+,heap=system} LD_PRELOAD="$SHIM:${1:-}" "$VICTIMS/holds_blocks"
  read -r -a addresses <said
  small=$(usable 100) large=$(usable 1048576)
}

# ---- ration report, list --------------------------------------------------------------------------------------------

@test "settings that the shim does not know are named in the report" {
  RATION_OPTIONS=keep=1,kep=1 LD_PRELOAD=$SHIM ls >/dev/null
  run -0 "$RATION" report
  [ "${lines[-1]}" = '  setting ignored: kep=1: no such option' ]
  [[ ${lines[-2]} == *'every block counted, '* ]]
}

@test "report works without run, on the newest segment" {
  "${SHIMMED[@]}" ls >/dev/null
  run -0 "$RATION" report
  echo "$output"
  [[ ${lines[0]} == 'ls  pid '*'  exited after '* ]]
  "${SHIMMED[@]}" cat </dev/null
  run -0 "$RATION" report
  [[ ${lines[0]} == 'cat  pid '* ]]
}

@test "report shows a process that runs, is stopped, was killed" {
  hold_blocks
  "$RATION" report "$held" --json >report.json
  json '.processes[0] | .state == "running" and .threads == 1 and .uptime_seconds > 0'
  json '.processes[0].categories[] | select(.name == "held/small") | .live_bytes == '"$small"' and .live_blocks == 1'
  json '.processes[0].categories[] | select(.name == "held/large") | .live_bytes == '"$large"' and .allocations == 2'
  json '.processes[0].categories[] | select(.name == "held") | .live_bytes == 0 and .subtree_live_bytes == '$((small + large))
  "$RATION" report "$held" | grep -Eq '^holds_blocks  pid [0-9]+  running for '
  kill -STOP "$held"
  until grep -q '^State:.T' "/proc/$held/status"; do sleep 0.01; done
  "$RATION" report "$held" | grep -Eq '^holds_blocks  pid [0-9]+  stopped after '
  kill -KILL "$held"
  wait "$held" || true
  "$RATION" report "$held" --json >report.json
  json '.processes[0] | .state == "gone" and .threads == 0 and .uptime_seconds == null and .error_bound_bytes == 0'
  json '.processes[0].categories[] | select(.name == "held/large") | .live_bytes == '"$large"
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
  hold_blocks
  run -0 "$RATION" report "$held" --depth 1
  [[ $output == *'
  held  '* ]]
  [[ $output != *held/* ]]
  "$RATION" report "$held" --depth 1 --json >report.json
  json '.processes[0].categories[] | select(.name == "held") | .live_bytes == '$((small + large))' and .allocations == 3'
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
  hold_blocks
  # Others of this user may be tracked on this machine.
  "$RATION" list >list
  head -n 1 list | grep -Eq '^ +PID +PROGRAM +UPTIME +LIVE +PEAK +THREADS +STATE( +SESSION)?$'
  grep -Eq "^ +$held  holds_blocks +[0-9.]+ s +1\.0 MiB +1\.0 MiB +1  running\$" list
  grep -Eq '^ +[0-9]+  ls .* 0  exited$' list
  "$RATION" list --json >report.json
  json "[.processes[] | select(.pid == $held)] | length == 1 and .[0].total.live_bytes >= $((small + large))"
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
  needs_mounts
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
  hold_blocks
  run -0 "$RATION" whose "$held" "${addresses[0]}"
  said "${addresses[0]} in holds_blocks (pid $held): block of held/small, $small usable bytes"
  run -0 "$RATION" whose "$held" "$((addresses[1]))"
  said "${addresses[1]} in holds_blocks (pid $held): block of held/large, ${large:0:1},${large:1:3},${large:4} usable bytes"
  run -0 "$RATION" whose "$held" "${addresses[2]}"
  said "${addresses[2]} in holds_blocks (pid $held): foreign"
  run -0 "$RATION" whose "$held" "${addresses[3]}"
  said "${addresses[3]} in holds_blocks (pid $held): foreign"
  run -0 "$RATION" whose "$held" 0
  said "0x0 in holds_blocks (pid $held): foreign"
  "$RATION" whose "$held" "${addresses[0]}" --json >report.json
  json '.category == "held/small" and .usable_bytes == '"$small"' and .block == "block"'
  "$RATION" whose "$held" "${addresses[3]}" --json >report.json
  json '.category == null and .usable_bytes == null and .block == "foreign"' || json '.block == "foreign"'
  let_go
}

@test "whose knows no size over another allocator" {
  hold_blocks libjemalloc.so.2
  run -0 "$RATION" whose "$held" "${addresses[0]}"
  said "${addresses[0]} in holds_blocks (pid $held): block of held/small, size unknown"
  let_go
}

@test "whose says what it cannot read" {
  refuses 3 'ration: 999999999: no tracked process of this pid; *' whose 999999999 0x10
  hold_blocks
  kill -KILL "$held"
  wait "$held" || true
  refuses 3 "ration: $held: is dead, *; \`ration report $held\` *" whose "$held" 0x10
}

@test "whose says that it lacks permission" {
  [ "$(id -u)" = 0 ] || skip "needs root, to become somebody else"
  chmod 777 . "$RATION_DIR"
  hold_blocks
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
  hold_blocks
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
  for command in $("$RATION" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    "$RATION" help "$command" >help
    "$RATION" "$command" --help >other
    cmp help other
    grep -q "^Usage: ration $command" help
    "$RATION" --help | grep -q "^  $command "
  done
  [[ $("$RATION" --version) =~ ^ration\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "each command has a man page, with every option that --help has, and no other" {
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
    run -3 to_nobody "$RATION" "$command"
    said 'ration: stdout: cannot be written: Broken pipe*'
  done
}

@test "closed standard descriptors do no harm" {
  "$RATION" run --output report -- sh -c 'exit 4' <&- >&- 2>&- || status=$?
  [ "$status" = 4 ]
  grep -q '^  total ' report
}

@test "a report to a stdout that is closed is a failure, in one line" {
  "${SHIMMED[@]}" ls >/dev/null
  for command in list report "report --json" --version "help report" "completion bash"; do
    # shellcheck disable=SC2086
    run -3 bash -c '"$@" 2>&1 >&-' - "$RATION" $command
    said 'ration: stdout: cannot be written: Bad file descriptor*'
  done
  "$RATION" list --output listed >&-
  grep -q ' ls ' listed
}
