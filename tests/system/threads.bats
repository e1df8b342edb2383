#!/usr/bin/env bats
# Who allocates, by thread, to the byte: while the program runs, after its end, after a fork; and the events of threads,
# categories, forks and execs. A block of the victim's is of 1000 bytes, and has $each usable ones.

# shellcheck disable=SC2154 # hold assigns held

load helpers
load held

bats_require_minimum_version 1.5.0

setup_file() {
  each=$(usable 1000)
  export each
}

# meet STEP...: the victim. start STEP...: the same, until it waits; let_go ends it.
meet() {
  "${SHIMMED[@]}" "$VICTIMS/names_threads" "$@" >said
}

start() {
  hold waiting "${SHIMMED[@]}" "$VICTIMS/names_threads" "$@" wait
}

segment() {
  find "$RATION_DIR" -name 'ration.*' | sort | tail -n 1
}

# threads [FILE|PID] FILTER: of the report by thread. events [FILE|PID] FILTER: of what happened.
threads() {
  if [ $# = 1 ]; then set -- "$(segment)" "$1"; fi
  "$RATION" report --threads --json "$1" | jq -c ".processes[0] | $2"
}

events() {
  if [ $# = 1 ]; then set -- "$(segment)" "$1"; fi
  "$RATION" report --events --json "$1" | jq -c ".processes[0] | $2"
}

# adds_up [FILE|PID]: the sums of all rows are the process's totals, whatever they are.
adds_up() {
  [ "$(threads "${1:-$(segment)}" '.by_thread as $by | .total as $total | ["allocations", "frees", "allocated_bytes"] |
    map(. as $key | ([$by[][$key]] | add) == $total[$key]) | all')" = true ]
}

# row NAME: allocations, frees and bytes of the thread called so.
row() {
  threads ".by_thread[] | select(.name == \"$1\") | [.allocations, .frees, .allocated_bytes]"
}

@test "each thread's own, and those of the ended in one row" {
  meet lives:reader:30:10 lives:writer:50:50 ended:gone:7:3 ended:too:5:1 main:200:20 die || [ $? = 137 ]
  [ "$(row reader)" = "[30,10,$((30 * each))]" ]
  [ "$(row writer)" = "[50,50,$((50 * each))]" ]
  # The main thread's name is the program's, cut by the kernel; libc allocates in it, too.
  [ "$(threads '.by_thread | map(select(.tid == '"$(threads .pid)"')) |
    map([.name, .allocations >= 200, .frees >= 20, .allocated_bytes >= 200000]) | .[0]')" = '["names_threads",true,true,true]' ]
  [ "$(threads '.by_thread[-1] | [.tid, .name, .allocations >= 12, .frees >= 4, .allocated_bytes >= 12000]')" = \
    '[null,null,true,true,true]' ]
  [ "$(threads '.by_thread | map(.tid) | length == 4 and (unique | length) == 4')" = true ]
  adds_up
}

@test "a slab that passes on begins anew" {
  meet ended:first:1000:500 ended:second:300:300 lives:third:20:5 die || [ $? = 137 ]
  [ "$(row third)" = "[20,5,$((20 * each))]" ]
  [ "$(row first)$(row second)" = '' ]
  [ "$(threads '.by_thread[-1] | .allocations >= 1300 and .frees >= 800')" = true ]
  adds_up
}

@test "a running program: names as they are now" {
  start lives:early:3:1 called:late lives:other:2:0
  [ "$(row late)" = "[3,1,$((3 * each))]" ]
  [ "$(row early)" = '' ]
  [ "$(row other)" = "[2,0,$((2 * each))]" ]
  adds_up "$held"
  let_go
  [ "$(threads '[.by_thread[].name] | sort')" = '[null,"early","names_threads","other"]' ] # as the shim has seen them
}

@test "a forked child: what its parent did is nobody's" {
  meet main:100:10 lives:inherited:40:0 fork main:20:5
  [ "$(threads '.by_thread | length')" = 2 ]
  [ "$(threads '.by_thread[0] | [.allocations >= 20 and .allocations < 100, .frees >= 5, .tid]')" = \
    "[true,true,$(threads .pid)]" ]
  [ "$(threads '.by_thread[-1].allocations >= 140')" = true ]
  adds_up
}

@test "text: the largest first, twenty of them, the others summed, and who the rest are" {
  local steps=() i
  for i in {1..25}; do steps+=("lives:t$i:$i:1"); done
  meet "${steps[@]}" main:100:0 die || [ $? = 137 ]
  "$RATION" report -t "$(segment)" >page
  grep -Eq '^  THREAD  NAME +ALLOCATED +ALLOCATIONS  FREES$' page
  [ "$(sed -n '/THREAD/,/^$/p' page | wc -l)" = 25 ] # headings, 20, more, all others, total, a blank line
  sed -n '/THREAD/,/^$/p' page | sed -n 3p | grep -Eq "^ +[0-9]+  t25 +$(kib $((25 * each))) "
  tr -s ' ' <page | grep -qx " 6 more $(kib $((21 * each))) 21 6"
  [ "$(tail -n 1 page)" = \
    '  26 threads; all others: threads that have ended or share one tally, and what was inherited over fork' ]
  [ "$(threads '.by_thread | length')" = 27 ]
  run -1 grep -q CATEGORY page
}

@test "no list where it was not asked for, and one look at a time" {
  meet main:1:1
  [ "$("$RATION" report --json "$(segment)" | jq '.processes[0] | has("by_thread")')" = false ]
  refuses 2 'ration: report: shows one thing at a time; give one of --events, --threads, *' report -t -e "$(segment)"
}

@test "threads without a slab are among the others" {
  local steps=() i
  for i in {1..70}; do steps+=("lives:t$i:$i:1"); done
  run bash -c 'ulimit -v 32000000; exec "$@"' - "${SHIMMED[@]}" "$VICTIMS/names_threads" "${steps[@]}" main:5:0
  [ "$status" = 0 ]
  [ "$(threads '[.passive, (.by_thread | length)]')" = '[null,65]' ] # where address space is limited, there are 64
  [ "$(threads '.by_thread[-1].allocations >= 7 * 64')" = true ]
  adds_up
}

# ---- what happened -----------------------------------------------------------------------------------------------

@test "events of threads, with their names, and of categories" {
  meet ended:first:2:0 ended:second:2:0
  [ "$(events '[.events[] | select(.kind == "thread_start")] | length')" = 3 ]
  [ "$(events '[.events[] | select(.kind == "thread_end") | .name]')" = '["first","second"]' ]
  [ "$(events '.events[] | select(.kind == "thread_start" and .name == "names_threads") | .tid')" = "$(events .pid)" ]
  [ "$(events '[.events[] | select(.kind == "category") | .category] | sort')" = \
    "$(events '[.categories[].name | select(. != "other")] | sort')" ]
  [ "$(events '[.events[] | select(.kind | startswith("thread")) | [.category, .budget, .level]] | unique')" = \
    '[[null,null,null]]' ]
  [ "$(events '.events | map(.at_seconds) | . == sort')" = true ]
  "$RATION" report -e "$(segment)" | grep -Eq '^ +[0-9.]+ s  thread_end +[0-9]+  second$'
}

@test "events of a fork, on both sides, and of an exec" {
  meet main:5:0 fork main:5:0
  child=$(segment)
  parent=$(find "$RATION_DIR" -name 'ration.*' | sort | head -n 1)
  [ "$(events "$parent" '[.events[] | select(.kind == "fork") | .parent]')" = '[null]' ]
  [ "$(events "$child" '[.events[] | select(.kind == "fork") | [.parent, .tid]]')" = \
    "[[$(events "$parent" .pid),$(events "$child" .pid)]]" ]
  [ "$(events "$child" '[.events[] | select(.kind == "category")]')" = '[]' ] # they were there before
  rm "$RATION_DIR"/ration.*
  "${SHIMMED[@]}" "$VICTIMS/exec_chain" 2
  [ "$(events "$(echo "$RATION_DIR"/ration.*.0)" '[.events[] | select(.kind == "exec")]')" = '[]' ]
  [ "$(events "$(echo "$RATION_DIR"/ration.*.1)" '[.events[] | select(.kind == "exec") | .image]')" = '[0]' ]
  "$RATION" report -e "$(echo "$RATION_DIR"/ration.*.1)" | grep -q ' took the place of image 0$'
}

@test "events of modules name their files" {
  RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD=$SHIM "$VICTIMS/names_threads" main:10:0
  [ "$(events '[.events[] | select(.kind == "module") | .module] | contains(["names_threads", "libc.so.6"])')" = true ]
  "$RATION" report -e "$(segment)" | grep -q ' met libc.so.6$'
}
