#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# `ration export` of processes in each state and of recordings that lack something, and what it refuses and cannot write.
# once: the reporter's formats, of segments in every state

load helpers
load held
load exporting
bats_require_minimum_version 1.5.0

# ---- processes in each state -------------------------------------------------------------------------------

@test "a process that runs, is stopped, is killed" {
  local format
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  for format in "${FORMATS[@]}"; do export_to "$format" "$held"; done
  grep -q '^ration_process_threads{.*} 1$' out.openmetrics
  kill -STOP "$held"
  for format in "${FORMATS[@]}"; do export_to "$format" "$held"; done
  read_export json out.json >before
  grep -q '^held/large live_bytes 10' before
  kill -KILL "$held"
  let_go || [ $? = 137 ]
  pid=$(jq .processes[0].pid out.json)
  for format in "${FORMATS[@]}"; do export_to "$format" "$pid"; done
  read_export json out.json | diff before -
  [ "$(jq -r '.processes[0].state' out.json)" != running ]
}

@test "a process without samples, and one that is passive, have empty profiles and a line that says why" {
  track sample=off sqlite3 :memory: "$QUERY"
  for format in pprof folded speedscope; do
    run --separate-stderr -0 "$RATION" export -f $format -o "out.$format"
    [[ $stderr == "ration: sqlite3 (pid "*"): note: its profile is empty: it has no samples (sample=off); "* ]]
  done
  pprof -raw out.pprof | grep -q 'inuse_space/bytes\[dflt\]'
  [ ! -s out.folded ]
  read_export speedscope out.speedscope
  for format in json csv massif openmetrics; do
    run --separate-stderr -0 "$RATION" export -f $format -o "out.$format"
    [ -z "$stderr" ]
  done
  ms_print out.massif | grep -q '100.00% ('
  run ! grep -q '^ration_slack_bytes{' out.openmetrics
  "$RATION" clean >/dev/null
  track sample=1 "$VICTIMS/own_malloc" || true
  run --separate-stderr -0 "$RATION" export -f pprof -o out.pprof
  [[ $stderr == "ration: own_malloc (pid "*"): note: its profile is empty: "* ]]
  pprof -raw out.pprof >/dev/null
  export_to openmetrics
  read_export openmetrics out.openmetrics >/dev/null
  export_to json
  export_to csv
  export_to massif
}

@test "many processes without samples are one line, in which they are counted" {
  local format
  "$RATION" record -q -o off.ration -s sample=off -- bash -c 'ls / >/dev/null; ls / >/dev/null; :'
  [ "$("$RATION" list --json off.ration | jq '.processes | length')" = 5 ]
  for format in pprof folded speedscope; do
    run --separate-stderr -0 "$RATION" export -f $format -o "out.$format" off.ration
    [[ $stderr == "ration: off.ration: note: the profile is empty: none of 5 processes has samples (sample=off: 5); record "* ]]
    [ "${#stderr_lines[@]}" = 1 ]
  done
  [ ! -s out.folded ]
  run --separate-stderr -0 "$RATION" export -f csv -o out.csv off.ration
  [ -z "$stderr" ]
  "$RATION" record -q -o some.ration -s sample=1 -- bash -c "$VICTIMS/own_malloc; :" || true
  run --separate-stderr -0 "$RATION" export -f folded -o out.folded some.ration
  [[ $stderr == "ration: some.ration: note: without samples, and so not in the profile: 1 of "*" processes (passive: 1)" ]]
  grep -q '^bash' out.folded
  run ! grep -q '^own_malloc' out.folded
  # Of one process of it the reason is its own.
  run --separate-stderr -0 "$RATION" export -f folded "off.ration:$("$RATION" list --json off.ration | jq '.processes[-1].pid')"
  [[ $stderr == *": note: its profile is empty: it has no samples (sample=off)"* ]]
}

@test "what a recording lacks is said on stderr: its end, and what was lost" {
  local bytes tree=$BATS_TEST_DIRNAME/../golden/tree-1.0.ration
  bytes=$(stat -c %s "$tree")
  head -c $((bytes - 1)) "$tree" >cut.ration
  run --separate-stderr -0 "$RATION" export -f csv -o out.csv cut.ration
  [[ $stderr == "ration: cut.ration: note: recorded up to here: "*"; the recording ends in the middle of a packet: "*" bytes are left out" ]]
  run --separate-stderr -0 "$RATION" diff --output out "$tree" cut.ration
  [[ $stderr == "ration: cut.ration: note: recorded up to here: "*"; the recording ends in the middle of a packet: "*" bytes are left out" ]]
  head -c $((bytes / 2)) "$tree" >half.ration
  truncate -s $((bytes + 4096)) half.ration
  run --separate-stderr -0 "$RATION" export -f openmetrics -o out.openmetrics half.ration
  [[ $stderr == "ration: half.ration: note: recorded up to here: "*"; the recording is damaged from byte "*" bytes are left out"* ]]
  run --separate-stderr -0 "$RATION" export -f json -o out.json "$tree"
  [ -z "$stderr" ]
}

# A line or a right result, whenever it ends.
@test "processes that end while they are read" {
  local i pid format
  for i in {1..21}; do
    "${SHIMMED[@]}" "$VICTIMS/work" >/dev/null 2>&1 &
    pid=$!
    format=${FORMATS[i % ${#FORMATS[@]}]}
    run --separate-stderr "$RATION" export -f "$format" -o out.some $pid
    [ "$status" = 0 ] || [ "$status" = 3 ]
    [ "${#stderr_lines[@]}" -le 1 ]
    [ "$status" = 0 ] || [ ! -e out.some ] || { echo "half a file" && false; }
    rm -f out.some
    wait $pid || true
  done
}

# ---- bad input ---------------------------------------------------------------------------------------------

@test "what is not understood is named" {
  track sample=1 ls /
  refuses 2 "ration: export: no format; give --format with one of pprof, folded, speedscope, json, csv, massif, openmetrics" export
  refuses 2 "ration: --format: \`svg\`: no such format; there is pprof, folded, speedscope, json, csv, massif, openmetrics" \
    export --format svg
  refuses 2 "ration: export: writes one format at a time; *" export --format csv --json
  refuses 2 "ration: --by: \`size\`: expected live, total, peak, temporary or count" export -f folded --by size
  refuses 2 "ration: --by: \`lifetime\`: expected *" export -f folded --by lifetime
  refuses 2 "ration: --rows: \`blocks\`: expected categories, sites or timeline" export -f csv --rows blocks
  refuses 2 "ration: export: --by is of --format folded; leave it out" export -f pprof --by live
  refuses 2 "ration: export: --rows is of --format csv; leave it out" export -f json --rows sites
  refuses 2 "ration: export: --raw is of --format pprof, folded, speedscope, json, csv, massif; leave it out" export -f openmetrics --raw
  refuses 2 "ration: --focus: *" export -f folded --focus '('
  refuses 2 "ration: --sysroot: \`/none\`: no folder" export -f pprof --sysroot /none
  refuses 2 "ration: export: \`b\` is not understood*" export -f csv a b
  refuses 3 "ration: 999999999: *" export -f csv 999999999
  refuses 3 "ration: ./none: *" export -f csv ./none
  head -c 3000 "$RATION_DIR"/ration.* >"cut"
  for format in "${FORMATS[@]}"; do
    refuses 3 "ration: ./cut: *" export -f "$format" -o out.cut ./cut
    [ ! -e out.cut ]
  done
}

@test "a profile is not written to a terminal" {
  run -0 /usr/bin/python3 -c '
import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(0 if os.waitstatus_to_exitcode(status) == 2 else 1)' "$RATION" export -f pprof
  [[ $output == "ration: export: pprof is nothing for a terminal; name a file with --output"* ]]
}

@test "a full disk and a closed pipe end in one line and a failing status; a file is whole or as it was" {
  known
  for format in "${FORMATS[@]}"; do
    refuses 3 "ration: /dev/full: cannot be written: No space left on device; *" export -f "$format" -o /dev/full
    run --separate-stderr bash -c '"$1" export -f "$2" >/dev/full' full "$RATION" "$format"
    [ "$status" = 3 ]
    [ "$stderr" = "ration: stdout: cannot be written: No space left on device; name another file with --output" ]
  done
  run --separate-stderr bash -c 'exec 3> >(exec true); wait $!; "$1" export -f json >&3' closed "$RATION"
  [ "$status" = 3 ]
  [ "$stderr" = "ration: stdout: cannot be written: Broken pipe; name another file with --output" ]
  echo kept >out.json
  run --separate-stderr bash -c 'ulimit -f 1; "$1" export -f json -o out.json' limited "$RATION"
  [ "$status" = 3 ]
  [ "$stderr" = "ration: out.json: cannot be written: File too large; name another file with --output" ]
  [ "$(cat out.json)" = kept ]
  [ "$(find . -maxdepth 1 -name 'out.json*' | wc -l)" = 1 ]
  refuses 3 "ration: none/out: cannot be written: No such file or directory; *" export -f csv -o none/out
  refuses 3 "ration: .: cannot be written: Is a directory; *" export -f csv -o .
}

@test "a file keeps its mode and its link, a pipe takes it" {
  known
  touch there && chmod 604 there && ln -s there link
  "$RATION" export -f csv -o link
  [ -L link ]
  [ "$(stat -c %a there)" = 604 ]
  "$RATION" export -f csv | cmp - there
  mkfifo fifo
  cat fifo >taken &
  "$RATION" export -f csv -o fifo
  wait $!
  cmp taken there
  (umask 027 && "$RATION" export -f csv -o new)
  [ "$(stat -c %a new)" = 640 ]
}
