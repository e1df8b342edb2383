#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are other shells', jq's and ration's; hold assigns held
# `ration list`: sessions of many processes, merged: across fork and exec, while they run and afterwards.
# once: how the reporter merges processes

load helpers
load held
bats_require_minimum_version 1.5.0

# A tree of five processes: sh; below it one that execs twice, with a child of its own from before that; and two more.
# Each leaves its pid in a file.
TREE='echo $$ >root
bash -c '\''echo $$ >chain; bash -c "echo \$\$ >early; exit 4" || true; exec bash -c "echo \$\$ >again; exec sqlite3 :memory: \"select 1\""'\'' >/dev/null
ls >/dev/null
(true; echo $BASHPID >fork) 2>/dev/null
exit 0'

run_tree() {
  "$RATION" run --quiet --set keep=1 -- bash -c "$TREE"
}

# session FILTER: of the one session in report.json, which a test has left.
session() {
  jq -er ".sessions[0] | $1" report.json
}

@test "a session is one tree across fork and exec" {
  run_tree
  cmp chain again
  "$RATION" list --session last "$RATION_DIR"/ration.* --json >report.json
  jq -e '.sessions | length == 1' report.json
  session '[.processes[].depth] == [0, 1, 2, 1, 1]'
  session "[.processes[].pid] == [$(<root), $(<chain), $(<early), (.processes[3].pid), $(<fork)]"
  session "[.processes[1, 3, 4].parent] == [$(<root), $(<root), $(<root)]"
  session ".processes[2].parent == $(<chain)"
  session '[.processes[].program] == ["bash", "sqlite3", "bash", "ls", "bash"]'
  session '[.processes[1].images[] | [.image, .program, .state]] ==
    [[0, "bash", "replaced"], [1, "bash", "replaced"], [2, "bash", "replaced"], [3, "sqlite3", "exited"]]' ||
    session '[.processes[1].images[].program] | .[-1] == "sqlite3" and length >= 3'
  "$RATION" list --session "$(session .session)" >page
  grep -Eq "^  bash +$(<root) " page
  grep -Eq "^    sqlite3 +$(<chain) .* exited\$" page
  grep -Eq "^      bash +$(<early) " page
  grep -Eq '^  processes: 5; programs that they ran: [0-9]+$' page
}

@test "the sums of a session are those of its processes, and of the list" {
  run_tree
  "$RATION" list --session last "$RATION_DIR"/ration.* --json >report.json
  "$RATION" list --json >list.json
  for figure in live_bytes live_blocks peak_bytes allocations frees allocated_bytes; do
    session ".total.$figure == ([.processes[].$figure] | add) and .total.$figure > 0"
  done
  for figure in processes running live_bytes live_blocks allocations frees allocated_bytes; do
    session "([.programs[].$figure] | add) >= .total.$figure"
  done
  for figure in running live_bytes live_blocks allocations frees allocated_bytes; do
    session "([.programs[].$figure] | add) == .total.$figure"
  done
  # Each image as the list has it; of a process what its last image holds, and its highest peak.
  jq -es '.[0].sessions[0] as $session | .[1].processes as $list | all($session.processes[]; . as $process |
    ([$list[] | select(.session == $session.session and .pid == $process.pid)] | sort_by(.image)) as $images |
    ([$images[].image] == [$process.images[].image]) and
    ($images[-1].total.live_bytes == $process.live_bytes) and
    (([$images[].total.peak_bytes] | max) == $process.peak_bytes) and
    ($images[-1].state == $process.state) and ($images[0].parent == $process.parent))' report.json list.json
}

@test "a session is shown while it runs, and each process once though it is named twice" {
  hold '' "$RATION" run --quiet -- bash -c 'sqlite3 :memory: "select 1" >/dev/null; echo here; exec cat'
  local id
  id=$held.$(cut -d ' ' -f 22 "/proc/$held/stat")
  until "$RATION" list --session "$id" 2>/dev/null | grep -q 'cat .* running$'; do sleep 0.01; done
  "$RATION" list --session "$id" --json >report.json
  session '.total.running == 1 and (.processes[0] | .program == "cat" and .threads == 1 and .uptime_seconds > 0)'
  "$RATION" list >list
  head -n 1 list | grep -Eq ' STATE +SESSION$'
  grep -Eq " cat .* running +$id\$" list
  pid=$(session '.processes[0].pid')
  "$RATION" list --session "$id" "$pid" "$RATION_DIR"/ration.*."$pid".* --json >again.json
  jq -es '[.[].sessions[0].processes | length] == [1, 1]' report.json again.json
  let_go
  # What has ended is gone, without keep=1.
  refuses 3 "ration: $id: no process of this session; *" list --session "$id"
}

@test "last is the session that was started last" {
  "$RATION" run --quiet --set keep=1 -- ls >/dev/null
  "$RATION" list --session last "$RATION_DIR"/ration.* --json >report.json
  first=$(session .session)
  "$RATION" run --quiet --set keep=1 -- sqlite3 :memory: 'select 1' >/dev/null
  "$RATION" list --session last "$RATION_DIR"/ration.* --json >report.json
  session '[.programs[].program] == ["sqlite3"]'
  "$RATION" list --session "$first" --json >report.json
  session '[.programs[].program] == ["ls"]'
}

@test "list shows those that are named" {
  "${SHIMMED[@]}" ls >/dev/null
  segment=$(ls "$RATION_DIR"/ration.*)
  "${SHIMMED[@]}" sqlite3 :memory: 'select 1' >/dev/null
  "$RATION" list "$segment" >list
  [ "$(wc -l <list)" = 2 ]
  grep -q ' ls ' list
  "$RATION" list --json "$RATION_DIR"/ration.* | jq -e '[.processes[].program] == ["ls", "sqlite3"]'
  "$RATION" list --json "$(basename "$segment" | cut -d. -f3)" | jq -e '[.processes[].program] == ["ls"]'
  refuses 3 'ration: ./none: no such file; *' list "$segment" ./none
  echo before >list # all of it, or as it was
  refuses 3 'ration: ./none: no such file; *' list "$segment" ./none --output list
  refuses 3 'ration: ./none: no such file; *' list ./none "$segment" --json --output list
  [ "$(cat list)" = before ]
  refuses 3 'ration: 999999999: no tracked process *' list 999999999
  refuses 2 'ration: 0: no pid; *' list 0
  refuses 3 'ration: /etc/passwd: no ration segment; *' list --session last /etc/passwd
}

@test "a session that is not there, or none, is one line" {
  for wrong in '' x 1 1. .1 0.1 1.0 1.2x 99999999999.1; do
    refuses 2 "ration: --session: \`$wrong\`: expected PID.START, *" list --session "$wrong"
  done
  refuses 3 'ration: 1.2: no process of this session; *' list --session 1.2
  "${SHIMMED[@]}" ls >/dev/null
  refuses 3 'ration: last: no process of a session; *' list --session last "$RATION_DIR"/ration.*
}

@test "a crowd of processes is counted right" {
  local crowd=50
  [ -z "${RATION_LONG:-}" ] || crowd=1000
  "$RATION" run --quiet --set keep=1 -- bash -c 'for ((i = 0; i < '$crowd'; i++)); do (exit 0) & done; wait'
  "$RATION" list --json | jq -r 'last(.processes[] | select(.session != null)) | .session' >id
  "$RATION" list --session "$(<id)" --json >report.json
  session ".total.processes == $crowd + 1 and (.processes | length) == $crowd + 1"
  session ".programs == [.programs[] | select(.program == \"bash\" and .processes == $crowd + 1)] and (.programs | length) == 1"
  session '([.processes[1:][] | .depth] | unique) == [1]'
  session '.total.allocations == ([.processes[].allocations] | add)'
}

@test "a recording has its session, the same as the segments" {
  "$RATION" record --quiet --output tree.ration --set keep=1 -- bash -c "$TREE"
  "$RATION" list --session last tree.ration --json >recorded.json
  "$RATION" list --session last "$RATION_DIR"/ration.* --json >report.json
  # What nobody could know who did not wait: how the started program ended. Which images a recorder still met may differ.
  same='.sessions[0] | {session, total: (.total | del(.error_bound_bytes)), processes: [.processes[] | {pid, parent, depth, program, live_bytes, peak_bytes}]}'
  diff <(jq "$same" recorded.json) <(jq "$same" report.json)
  # Both at once: each process once.
  "$RATION" list --session last tree.ration "$RATION_DIR"/ration.* --json | jq -e '.sessions[0].total.processes == 5'
  "$RATION" list tree.ration | grep -q ' sqlite3 '
}

@test "bent segments crash no list" {
  run_tree
  mkdir bent
  for ((i = 0; i < 8; i++)); do
    cp "$RATION_DIR"/ration.* bent
    for segment in bent/*; do
      dd if=/dev/urandom of="$segment" bs=1 count=8 seek=$((8 + RANDOM % 700)) conv=notrunc status=none
    done
    run env RATION_DIR="$PWD/bent" "$RATION" list --session last
    [ "$status" = 0 ] || [ "$status" = 3 ]
  done
}
