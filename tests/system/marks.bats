#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# ration_mark and ration_profiling: what a program says of itself, and whether samples are taken.

load helpers
load alike
bats_require_minimum_version 1.5.0

segment() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

# marks STEP...: the victim, tracked, with every block a sample.
marks() {
  env RATION_OPTIONS="keep=1,${SAMPLING:-sample=1}" LD_PRELOAD="$SHIM" "$VICTIMS/marks" "$@"
}

# events FILTER: of the segment's events, by jq.
events() {
  "$RATION" report --events --json "$(segment)" | jq -c ".processes[0].events | map(select(.kind == \"mark\")) | $1"
}

@test "marks are events: name, number, moment, thread" {
  marks mark:frame:1 tag:frame:2 signal:frame:1000000000000000 mark:"$(printf 'level loaded')":0
  [ "$(events 'map([.kind, .name, .number])')" = '[["mark","frame",1],["mark","frame",2],["mark","frame",1000000000000000],["mark","level loaded",0]]' ]
  [ "$(events 'map(.category) | unique')" = '[null]' ]
  [ "$(events 'map(.tid) | unique | length')" = 1 ]
  [ "$(events 'map(.at_seconds) | . == sort and .[0] >= 0')" = true ]
  "$RATION" report --events "$(segment)" | grep -Eq '^ +[0-9.]+ s  mark +[0-9]+  frame 1 to 1000000000000000, 3 marks until [0-9.]+ s$'
  "$RATION" report --events "$(segment)" | grep -Eq '  level loaded 0$'
}

@test "a name is cut at 24 bytes, between characters" {
  marks mark:abcdefghijklmnopqrstuvwxyz:1 mark:abcdefghijklmnopqrstuvwö:2 mark:abcdefghijklmnopqrstuvö:3 mark:öööööööööööö:4 mark:aööööööööööööö:5
  [ "$(events 'map(.name)')" = '["abcdefghijklmnopqrstuvwx","abcdefghijklmnopqrstuvw","abcdefghijklmnopqrstuvö","öööööööööööö","aööööööööööö"]' ]
}

@test "from many threads at once: each is there, or counted" {
  marks threads:4
  [ "$("$RATION" report --events --json "$(segment)" | jq '.processes[0] | (.events | map(select(.kind == "mark")) | length) + .losses.events_lost + .events_overwritten >= 4000')" = true ]
}

@test "samples are switched off and on" {
  run -0 --separate-stderr marks take:10 off take:20 off on take:5 on
  [ "$stderr" = $'was on\nwas off\nwas off\nwas on' ]
  [ "$("$RATION" report --sizes --json "$(segment)" | jq '.processes[0].size_histogram | map(select(.up_to_bytes == 1024) | .blocks) | add')" = 15 ]
  [ "$(figure "$(segment)" '.categories[] | select(.name == "bin/marks") | .live_blocks')" -ge 35 ]
}

@test "a program may switch on what settings had switched off; a child goes on as its parent was" {
  SAMPLING=sample=off
  run -0 --separate-stderr marks take:10 on fork off on
  [ "$stderr" = $'was off\nwas on\nwas off' ]
}

@test "does nothing without the shim, and in a passive process" {
  [ -z "$("$VICTIMS/marks" mark:frame:1 tag:frame:2 signal:frame:3 off on threads:2 2>&1)" ]
  [ -z "$(SAMPLING=only=nothing marks mark:frame:1 tag:frame:2 signal:frame:3 off on threads:2 2>&1)" ]
  same_under_shim "$VICTIMS/marks" mark:frame:1 tag:frame:2 threads:2
}
