#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# What a program does wrong with its blocks over the page heap: it goes on as if nothing had been, and the report says what
# was noticed, how often, and where.

load helpers
bats_require_minimum_version 1.5.0

COUNT=100

# misuses KIND [SETTINGS]: the victim, over the page heap; its segment stays, and its report is in report.json.
misuses() {
  rm -f "$RATION_DIR"/ration.*
  run --separate-stderr -0 env RATION_OPTIONS="keep=1,heap=page${2:+,$2}" LD_PRELOAD="$SHIM" "$VICTIMS/misuses_blocks" "$1" "$COUNT"
  [ "$output" = "done" ]
  [ -z "$stderr" ]
  "$RATION" report --heap --json --output report.json "$(segment)"
}

segment() {
  find "$RATION_DIR" -name 'ration.*'
}

# noticed LOSS MISUSE LEAST [MOST]: the books have so many, and as many have an event.
noticed() {
  local count
  count=$(json ".processes[0].losses.$1")
  echo "# ${BATS_TEST_DESCRIPTION%%:*}: $count of $COUNT noticed" >&3
  [ "$count" -ge "$3" ]
  [ "$count" -le "${4:-$3}" ]
  json --arg misuse "$2" --argjson count "$count" \
    '[.processes[0].page_heap.misuses[] | select(.misuse == $misuse).times] | (add // 0) == $count' >/dev/null
}

# only [MISUSE]: it was, and nothing else.
only() {
  json --arg wanted "$*" '[.processes[0].page_heap.misuses[].misuse] | unique == ($wanted / " ")' >/dev/null
}

# below FUNCTION...: each stack has one of these.
below() {
  json --arg functions "$*" '.processes[0].page_heap.misuses | length > 0 and
    all([.frames[].function] - ($functions / " ") != [.frames[].function])' >/dev/null
}

# of CATEGORY: each is.
of() {
  json --arg category "$1" '.processes[0].page_heap.misuses | length > 0 and all(.category == $category)' >/dev/null
}

@test "a block that is given back twice" {
  for settings in '' harden=1; do
    misuses double "$settings"
    noticed double_frees double_free $COUNT
    only double_free
    below misuse
    of bin/misuses_blocks
  done
}

@test "a block that another thread gives back once more" {
  for settings in '' harden=1; do
    misuses other "$settings"
    noticed double_frees double_free $COUNT
    only double_free
    below give_back
    of bin/misuses_blocks
  done
}

@test "an address within a block" {
  for settings in '' harden=1; do
    misuses inside "$settings"
    noticed wild_frees wild_free $COUNT
    only wild_free
    below misuse
    of other
    json '.processes[0].page_heap.misuses[0] | .bytes == 0 and (.address | endswith("10"))' >/dev/null
  done
}

@test "a block that nobody was ever given" {
  for settings in '' harden=1; do
    for how in far far-other; do
      misuses $how "$settings"
      noticed wild_frees wild_free $COUNT
      only wild_free
      below misuse give_back
      of other
    done
  done
}

# Blocks become free 4 KiB of them at a time, and those count as given back.
@test "a block beside one that the program has" {
  for settings in '' harden=1; do
    misuses beside "$settings"
    noticed wild_frees wild_free 0 $COUNT
    noticed double_frees double_free 0 $COUNT
    json --argjson count $COUNT '.processes[0].losses | .wild_frees + .double_frees == $count' >/dev/null
    below misuse
  done
}

# It is noticed when the block is to be used again, so that others may be at it than who wrote.
@test "a write behind the first word of a block that was given back" {
  misuses late
  noticed late_writes late_write 0
  only
  misuses late harden=1
  noticed late_writes late_write $COUNT
  only late_write
  below misuse behave
  of bin/misuses_blocks
}

@test "a write to the first word of a block that was given back" {
  misuses link
  noticed late_writes late_write 1 $COUNT
  only late_write
  below main
  misuses link harden=1
  noticed late_writes late_write $COUNT
  only late_write
  below misuse behave
}

# Without harden=1 it may hit the next block's first word, where that is free.
@test "a write behind the end of a block" {
  misuses overrun
  noticed overruns overrun 0
  json '.processes[0] | [.page_heap.misuses[] | select(.misuse != "late_write")] == []' >/dev/null
  misuses overrun harden=1
  noticed overruns overrun $COUNT
  only overrun
  below misuse
  of bin/misuses_blocks
}

@test "in text there is a table, with what was under way; the page says what shows it" {
  misuses double
  "$RATION" report --heap "$(segment)" >look
  grep -A 2 '^  MISUSE' look >table
  [[ "$(sed -n 1p table)" =~ ^\ \ MISUSE\ +TIMES\ +CATEGORY\ +LAST\ AFTER\ +BLOCK\ +ADDRESS$ ]]
  [[ "$(sed -n 2p table)" =~ ^\ \ double\ free\ +$COUNT\ +bin/misuses_blocks\ +[0-9.]+\ s\ +1\.8\ KiB\ +0x[0-9a-f]+$ ]]
  [[ "$(sed -n 3p table)" =~ ^\ {8}misuse\ at\ misuses_blocks\.c:[0-9]+ ]]
  grep -qx "  $COUNT frees of a block that was free already: left alone, and wrong" look
  "$RATION" report "$(segment)" | grep -qxF \
    "  $COUNT frees of a block that was free already: left alone, and wrong; \`ration report --heap\` shows where"
  "$RATION" report --heap --frames 1 "$(segment)" | grep -q '^        … [0-9]* more$'
  [ -z "$("$RATION" report --heap --ignore '^misuse$' "$(segment)" | grep MISUSE)" ]
  [ -z "$("$RATION" report --heap --category other "$(segment)" | grep MISUSE)" ]
  "$RATION" report --events "$(segment)" | grep -Eq 'misuse .* given back before: block of 1\.8 KiB at 0x[0-9a-f]+$'
}

@test "a run whose segment does not stay says how to have it shown" {
  "$RATION" run --set heap=page --output page -- "$VICTIMS/misuses_blocks" inside 3 >/dev/null
  grep -qxF '  3 frees of an address at which no block begins: left alone, and wrong; with keep=1, `ration report --heap` shows where' page
}

@test "only the newest events are kept; the rest is counted" {
  COUNT=5000 misuses double
  json '.processes[0] | .losses.double_frees == 5000 and ([.page_heap.misuses[].times] | add <= 4096 and add > 4000)' >/dev/null
  "$RATION" report --heap "$(segment)" |
    grep -Eqx '  9[0-9]{2} more misuses were noticed, of which no event is there: only the newest are kept'
}

@test "a recording says the same, with the names of functions" {
  "$RATION" record -q -o t.ration --set keep=1,heap=page,harden=1 -- "$VICTIMS/misuses_blocks" overrun $COUNT >/dev/null
  "$RATION" report --heap --json "$(segment)" | jq '.processes[0].page_heap.misuses' >segment.json
  "$RATION" report --heap --json --sysroot "$BATS_TEST_TMPDIR" t.ration | jq '.processes[0].page_heap.misuses' >recorded.json
  jq -e '.[0] | .times == 100 and any(.frames[]; .function == "misuse")' recorded.json >/dev/null
  diff segment.json recorded.json
}

@test "an export has them" {
  misuses double
  "$RATION" export --format json "$(segment)" | jq '.processes[0].page_heap.misuses' >exported.json
  jq '.processes[0].page_heap.misuses' report.json | diff - exported.json
}
