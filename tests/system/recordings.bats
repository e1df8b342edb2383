#!/usr/bin/env bats
# Recordings, read: golden ones of each version of the format; the same figures as of the segments that were recorded; and
# ones that are cut, damaged, of another version or another machine.
# shellcheck disable=SC2154 # run assigns stderr
# once: how the reporter reads files that are there already

load helpers

bats_require_minimum_version 1.5.0

GOLDEN=$BATS_TEST_DIRNAME/../golden
TREE=$GOLDEN/tree-1.0.ration
LOOKS=("" --events --threads --sites --largest --leaks --timeline --sizes --pools)

# as_of_golden FILE: all figures of a recording, of a machine that has none of its modules.
as_of_golden() {
  local look
  for look in "${LOOKS[@]}"; do
    case $look in --sites | --largest | --leaks) set -- "$1" --sysroot "$BATS_TEST_TMPDIR" ;; *) set -- "$1" ;; esac
    "$RATION" report ${look:+"$look"} --json "$@" | jq -r -f "$GOLDEN/figures.jq"
  done | sort -u
}

# byte FILE OFFSET CHARACTER: overwrites a byte.
byte() {
  printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "golden recordings have the figures that they had" {
  local recording
  for recording in "$GOLDEN"/*.ration; do
    as_of_golden "$recording" >figures
    diff "${recording%.ration}.figures" figures
  done
  [ -s figures ]
}

@test "a recording is known by what is in it, not by its name" {
  cp "$TREE" 'a name: 12'
  [ "$(figure 'a name: 12' .program)" = python3.11 ]
  ln -s "$TREE" link
  [ "$(figure link .program)" = python3.11 ]
}

@test "the page has the program, and the others in a table" {
  run -0 "$RATION" report "$TREE"
  [[ ${lines[0]} == "python3.11  pid 11821  exited 0 after "* ]]
  [[ $output == *"CHILD "*sqlite3*cat* ]]
  [ "$(grep -c 'dash' <<<"$output")" = 0 ] # it has done nothing before its exec that is worth a row
  "$RATION" report --json "$TREE" >report.json
  json '[.processes[] | "\(.program).\(.image)"] | join(" ") == "python3.11.1 dash.0 sqlite3.0 dash.0 cat.1"'
  json '[.processes[].state] | join(" ") == "exited replaced exited replaced exited"'
}

@test "a process of a recording is named by its pid" {
  run -0 "$RATION" report --events "$TREE:11822"
  [[ ${lines[0]} == "sqlite3  pid 11822  exited after "* ]]
  "$RATION" report --json "$TREE:11833" >report.json
  json '[.processes[].program] == ["cat"]'
  refuses 3 "ration: *tree-1.0.ration:11: no process of pid 11 is in this recording; *" report "$TREE:11"
  refuses 3 "ration: *tree-1.0.ration:x: no such file; *" report "$TREE:x"
}

# Without what the kernel says, which no segment has, and a recording where the process lived for long enough.
@test "a recorded process is what its segment is, look by look" {
  local segment pid look form
  "$RATION" record -q -o it.ration -s keep=1,memory=0 -s sample=16K -- \
    sh -c 'sqlite3 :memory: "create table t(a); insert into t values (1); select * from t"; true' >/dev/null
  for segment in "$RATION_DIR"/ration.*; do
    [ "$(figure "$segment" .program)" = sqlite3 ] || continue
    pid=$(figure "$segment" .pid)
    for look in "${LOOKS[@]}" --tree --calltree "--category bin"; do
      for form in "" --json; do
        # shellcheck disable=SC2086
        "$RATION" report $look $form "$segment" >segment.out
        # shellcheck disable=SC2086
        "$RATION" report $look $form "it.ration:$pid" >recording.out
        cmp segment.out recording.out || { diff segment.out recording.out; return 1; }
      done
    done
  done
  [ -s recording.out ]
}

@test "one that still ran is as it was when the recording ended" {
  local pid
  mkfifo hold said
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" /usr/bin/python3 -c '
import sys
kept = [bytes(1000) for _ in range(1000)]
print("here", flush=True)
sys.stdin.read()' <hold >said &
  pid=$!
  exec 8>hold
  read -r _ <said
  "$RATION" record -q -o it.ration "$pid" &
  until [ -s it.ration ] && "$RATION" report it.ration >report.txt 2>/dev/null; do has_ended $! && return 1; done
  kill -9 $!
  wait $! || true
  exec 8>&-
  wait "$pid"
  run -0 "$RATION" report it.ration
  [[ ${lines[0]} == python3*"  pid $pid  running for "* ]]
  [[ $output == *"recorded up to here: what has become of the process since is not in it"* ]]
  [ "$(figure it.ration '.total.live_bytes > 1000000')" = true ]
  [ "$(figure it.ration .remark)" != null ]
  run -0 "$RATION" report --leaks it.ration
  [[ $output == *"all that lived when the recording ended"* ]]
}

@test "the largest blocks of all moments, where they were recorded" {
  run -0 "$RATION" report --largest=2 "$TREE"
  [ "$(grep -cE '^ +[0-9.]+ [KM]iB .* bin/python3.11$' <<<"$output")" = 4 ] # two that live, two that were the largest
  "$RATION" report --largest --json "$TREE" >report.json
  json '.processes[0].largest_before | length > 5 and (map(.bytes) | . == (sort | reverse))'
  json '.processes[0].largest_before | all(.first_at_seconds <= .last_at_seconds and .moments > 0)'
  json '.processes | map(select(.program == "dash"))[0] | has("largest_before")'
}

@test "plan takes a recording" {
  run -0 "$RATION" plan "$TREE"
  [[ $output == *"python3.11 (pid 11821)"* ]]
  run -0 "$RATION" plan --json "$TREE:11822"
  [ "$(jq -r .program <<<"$output")" = sqlite3 ]
}

@test "what takes a running process refuses a recording" {
  refuses 3 "ration: $TREE: a recording; settings are those of a running process, name its pid" set "$TREE" memory=1
  refuses 2 "ration: $TREE: nothing comes in a recording; --events alone shows what came" report --follow "$TREE"
}

@test "frames have the names that were recorded, without the files" {
  "$RATION" report --sites --json --sysroot "$BATS_TEST_TMPDIR" "$TREE" >report.json
  json '[.processes[0].sites[].frames[] | select(.function == "_PyObject_GC_New")] | length > 0'
  json '[.processes[].sites[].frames[] | select(.function == null)] | length > 0' # what was not known is not now
}

@test "a recording that is cut opens as of its last whole packet" {
  local bytes cut
  bytes=$(stat -c %s "$TREE")
  for ((cut = bytes - 1; cut > 0; cut -= 1 + bytes / 150)); do
    head -c "$cut" "$TREE" >cut.ration
    run --separate-stderr "$RATION" report cut.ration
    if [ "$cut" -lt 128 ]; then
      [ "$status" = 3 ]
      [[ $stderr == "ration: cut.ration: truncated: $cut bytes, the header of a recording alone has 128; "* ]]
    elif [ "$status" != 0 ]; then
      [ "$status" = 3 ]
      [[ $stderr == "ration: cut.ration: no process is in it yet: it ends before its first moment" ]]
    fi
    [ "${#stderr_lines[@]}" -le 1 ]
  done
  head -c $((bytes - 1)) "$TREE" >cut.ration
  [[ $(figure cut.ration .remark) == *"the recording ends in the middle of a packet: "*" bytes are left out" ]]
  [ "$("$RATION" report --timeline --json cut.ration | jq '.processes[0].timeline | length')" -gt 20 ]
  # What makes something else of it says so, too, in one line.
  local command
  for command in 'diff cut.ration' 'export --json' list plan 'check --quiet --max total.live=1T --of'; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr "$RATION" $command cut.ration
    [ "${#stderr_lines[@]}" = "$([[ $command == diff* ]] && echo 2 || echo 1)" ]
    [[ ${stderr_lines[0]} == "ration: cut.ration: note: "*"the recording ends in the middle of a packet: "* ]]
  done
  head -c 60 "$TREE" >cut.ration
  refuses 3 "ration: cut.ration: truncated: 60 bytes, the header of a recording alone has 128; nothing can be read" \
    report cut.ration
  : >cut.ration
  refuses 3 "ration: cut.ration: truncated: 0 bytes, *" report cut.ration
}

@test "one of less than a second has its process wherever it is cut behind the first look at it" {
  local bytes cut first=128 packets=0
  "$RATION" record -q -o short.ration -- sqlite3 :memory: 'select 1'
  bytes=$(stat -c %s short.ration)
  until [ "$packets" -gt 0 ] && "$RATION" report cut.ration >/dev/null 2>&1; do # a packet may tell of the time before it alone
    first=$((first + 24 + $(od -An -tu4 -j $((first + 8)) -N 4 short.ration)))
    packets=$((packets + 1))
    head -c "$first" short.ration >cut.ration
  done
  [ "$packets" -le 2 ]
  [ "$first" -lt "$bytes" ]
  for cut in "$first" $((first + 1)) $(((first + bytes) / 2)) $((bytes - 1)); do
    head -c "$cut" short.ration >cut.ration
    [ "$(figure cut.ration '"\(.program) \(.total.subtree_allocations > 0)"')" = 'sqlite3 true' ]
  done
}

@test "a damaged recording is refused with its place, and nothing is half shown" {
  local at
  for at in 130 160 1000 5000; do
    cp "$TREE" damaged.ration
    byte damaged.ration "$at" '\x5a'
    refuses 3 "ration: damaged.ration: damaged at byte *; nothing can be read, take a whole copy" report damaged.ration
    refuses 3 "ration: damaged.ration: damaged at byte *" report --json damaged.ration
    refuses 3 "ration: damaged.ration: damaged at byte *" plan damaged.ration
  done
}

@test "a tail that never got to the disk is left out, with a remark" {
  local bytes
  bytes=$(stat -c %s "$TREE")
  head -c $((bytes - 1)) "$TREE" >zeroes.ration
  truncate -s $((bytes + 4096)) zeroes.ration
  run --separate-stderr -0 "$RATION" report zeroes.ration
  [ -z "$stderr" ]
  [[ $(figure zeroes.ration .remark) == *"the recording is damaged from byte "*": "*" bytes are left out" ]]
  head -c 150 "$TREE" >zeroes.ration
  truncate -s 4096 zeroes.ration
  refuses 3 "ration: zeroes.ration: no process is in it: all is damaged from byte 128 on" report zeroes.ration
}

@test "files that may be open are no limit of processes" {
  "$RATION" record -q -o it.ration -- sh -c 'i=0; while [ $i -lt 60 ]; do i=$((i + 1)); /bin/true; done'
  run -0 prlimit --nofile=40:40 "$RATION" report --json it.ration
  [ "$(jq '.processes | length' <<<"$output")" -gt 60 ]
}

@test "a limit of file sizes is none of what is read, or is said" {
  run -0 bash -c 'ulimit -S -f 8; "$1" report "$2"' limited "$RATION" "$TREE"
  [ "${#lines[@]}" -gt 5 ]
  run -3 bash -c 'ulimit -f 8; "$1" report "$2"' limited "$RATION" "$TREE"
  said "ration: $TREE: needs larger files in memory than may be made here; raise the limit (ulimit -f)"
}

@test "a recording is read where there is no /proc" {
  needs_mounts
  for look in "" --sites --events --timeline; do
    # shellcheck disable=SC2086
    "$RATION" report $look --json "$TREE" >with
    # shellcheck disable=SC2086
    unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' bash "$RATION" report $look --json "$TREE" >without
    cmp with without
  done
}

@test "another version is named, another machine is not minded" {
  cp "$TREE" other.ration
  byte other.ration 8 '\x07'
  refuses 3 "ration: other.ration: a recording of version 7.0, this ration reads version 1; *" report other.ration
  cp "$TREE" other.ration
  byte other.ration 10 '\x07'
  byte other.ration 24 '\x5a\x5a\x5a'
  as_of_golden other.ration >figures
  diff "${TREE%.ration}.figures" figures
}
