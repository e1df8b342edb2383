#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # a test is a function
# The closing line: live - untouched + slack + shim + mappings + stacks + files = RSS, to the byte, of a program whose
# shape is known.

load helpers

bats_require_minimum_version 1.5.0

# What the program itself needs, for its own pages and the kernel's; and for those of the page heap's table.
PAGES=$((8 * 4096 + ${table_bytes:-0}))

setup_file() {
  if [ "$(heap_here)" = page ]; then export table_bytes=$((8 * 4096)); fi
}

# start [LIBRARY]: the victim, tracked, over LIBRARY if that is named; its pid is $victim.
start() {
  mkfifo gate said
  env RATION_OPTIONS="keep=1,sample=off,memory=${memory:-1}${heap:+,heap=$heap}" LD_PRELOAD="$SHIM:${1:-}" "$VICTIMS/memory_shape" <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  grow -
}

# grow HOW: the victim grows; $held is what its heap holds by then; report.json is of that moment, before.json of the
# one before.
grow() {
  printf %s "$1" >&9
  read -r -u 8 held
  if [ -e report.json ]; then mv report.json before.json; fi
  "$RATION" report "$victim" --json >report.json
  adds_up
}

teardown() {
  exec 8<&- 9>&-
  if [ -n "${victim:-}" ]; then kill -KILL "$victim" 2>/dev/null || true; fi
  if [ -n "${open_folder:-}" ]; then rm -r "$open_folder"; fi
}

memory() {
  jq -er ".processes[0].memory | $1" "${2:-report.json}"
}

adds_up() {
  memory '.live_bytes - .untouched_bytes + (.slack_bytes // 0) + .shim_bytes + .mapping_bytes + .stack_bytes +
          .file_bytes + .unexplained_bytes == .rss_bytes' >/dev/null
  memory '.unexplained_bytes == 0' >/dev/null
}

# grew FIGURE LEAST MOST: by so many bytes since the last time.
grew() {
  local by=$(($(memory ".$1_bytes") - $(memory ".$1_bytes" before.json)))
  if [ "$by" -lt "$2" ] || [ "$by" -gt "$3" ]; then
    echo "$1 grew by $by, expected $2 to $3"
    memory . before.json
    memory .
    return 1
  fi
}

# others_stood FIGURE...: all that are not named grew by a few pages at most.
others_stood() {
  local figure
  for figure in live untouched slack shim mapping stack file rss; do
    if [[ " $* " != *" $figure "* ]]; then grew "$figure" -$PAGES $PAGES; fi
  done
}

MIB=$((1024 * 1024))

@test "each part of a process is where it belongs" {
  start
  grow t
  grew live $((20 * MIB)) $((20 * MIB + 4096))
  grew rss $((20 * MIB)) $((20 * MIB + PAGES))
  others_stood live rss
  grow u
  grew live $((30 * MIB)) $((30 * MIB + 4096))
  grew untouched $((30 * MIB - PAGES)) $((30 * MIB + PAGES))
  others_stood live untouched
  grow m
  grew mapping $((8 * MIB)) $((8 * MIB + 8192))
  grew rss $((8 * MIB)) $((8 * MIB + PAGES))
  others_stood mapping rss
  grow l
  grew file $((4 * MIB)) $((4 * MIB + 8192))
  others_stood file rss
  grow s
  grew stack $((1 * MIB)) $((1 * MIB + 8192))
  others_stood stack rss file # more of libc is run now
}

# mallinfo2 says what of the system heap there is.
@test "what is freed in the middle of the heap is slack; it and live bytes are what glibc holds" {
  heap=system start
  grow f
  grew slack $((800 * 10000 - 132 * 1024)) $((800 * 10008 + 200 * 16 + 132 * 1024 + 8192)) # it had a top already
  others_stood slack live rss untouched shim # whose tags cover more of the heap now
  for how in t f u f s; do
    grow "$how"
    [ "$(memory '.live_bytes + .slack_bytes')" = "$held" ]
  done
}

@test "a block that the kernel keeps as several mappings is a block all the same" {
  start
  grow a
  grew live $((20 * MIB)) $((20 * MIB + 4096))
  grew rss $((20 * MIB)) $((20 * MIB + PAGES))
  others_stood live rss
  # mallinfo2 does not know the page heap.
  [ "$(heap_here)" = page ] || [ "$(memory '.live_bytes + .slack_bytes')" = "$held" ]
}

# read_bytes BYTES: how many of so many the kernel says are resident that were only read: none, or, as Linux 6.18, all.
read_bytes() {
  /usr/bin/python3 -c '
import mmap, sys
def resident(): return int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE
memory = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
before = resident()
for at in range(0, len(memory), mmap.PAGESIZE): memory[at]
print(sys.argv[1] if resident() - before > 8 << 20 else 0)' "$1"
}

@test "pages that were only read are resident where the kernel says so" {
  local read
  read=$(read_bytes $((8 * MIB)))
  start
  grow z
  grew mapping $((read - PAGES)) $((read + PAGES))
  grew rss $((read - PAGES)) $((read + PAGES))
  others_stood mapping rss
  grow m
  grew mapping $((8 * MIB)) $((8 * MIB + 8192))
  others_stood mapping rss
}

@test "pages that a forked child has as well are resident, also beside some that were only read" {
  local read
  read=$(read_bytes "$MIB")
  start
  grow p # adds_up: nothing is unexplained
  grew live $((40 * MIB)) $((40 * MIB + 40 * 4096))
  grew rss $((39 * MIB + read)) $((40 * MIB + read)) # and the shim's tags for them
  grew untouched $((MIB - read - PAGES)) $((MIB - read + PAGES))
  grow t
  grew live $((20 * MIB)) $((20 * MIB + 4096))
}

@test "the line says it, above the last" {
  start
  grow t
  run -0 "$RATION" report "$victim"
  [[ ${lines[-2]} == '  live 20.'*' − untouched 0.'*' + slack 0.'*' + shim '*' + mappings '*' + stacks '*' + files '*' = RSS '*' MiB' ]]
  [[ ${lines[-1]} == '  every block counted, '* ]]
}

@test "over other allocators slack and mappings are one figure" {
  for library in "${OTHER_ALLOCATORS[@]}"; do
    rm -f gate said report.json before.json
    start "$library"
    memory '.slack_bytes == null and .mapping_bytes >= 0'
    grow t
    grew live $((20 * MIB)) $((25 * MIB))
    grow m
    grew mapping $((8 * MIB - PAGES)) $((8 * MIB + PAGES))
    grow s
    grew stack $((1 * MIB)) $((1 * MIB + PAGES))
    run -0 "$RATION" report "$victim"
    [[ $output == *' + slack and mappings '* ]]
    kill -KILL "$victim"
    wait "$victim" || true
  done
}

@test "without memory=1 nothing is taken; ration set turns it on" {
  mkfifo gate said
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/memory_shape" <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  printf t >&9
  read -r -u 8 held
  "$RATION" report "$victim" --json >report.json
  jq -e '.processes[0] | has("memory") == false' report.json
  run -0 "$RATION" report "$victim"
  [[ $output != *RSS* ]]
  "$RATION" set "$victim" memory=1 >/dev/null
  printf tt >&9
  read -r -u 8 held
  read -r -u 8 held
  "$RATION" report "$victim" --json >report.json
  adds_up
}

# begin_run ARGUMENT...: `ration run` with these, in the background; its pid is $run, and what the program says goes to said.
begin_run() {
  rm -f gate said
  mkfifo gate
  "$RATION" run "$@" <gate >said 3>&- &
  run=$!
  exec 9>gate
}

end_run() {
  exec 9>&-
  wait "$run"
}

# looked TIMES: waits until $run has woken so often from now on, and sleeps again. While nothing begins and nothing ends it
# wakes to take figures alone: of each process once a second.
looked() {
  local woken
  until woken=$(times_slept); do sleep 0.01; done
  woken=$((woken + $1))
  until [ "$(times_slept)" -ge "$woken" ]; do sleep 0.01; done 2>/dev/null
}

# Fails while it does not sleep.
times_slept() {
  awk '/^State:/ { is_asleep = $2 == "S" } /^voluntary/ { print $2 } END { exit !is_asleep }' "/proc/$run/status"
}

# run takes them once a second, and says so nowhere; what else wakes it, as starts of programs do, is not to be told from it.
looked_at_all() {
  sleep 5 # three turns, on a machine that is busy
}

# grow_under LETTERS [OPTION...]: the victim, under run, which looks at it after its last answer.
grow_under() {
  local letters=$1
  shift
  begin_run "$@" -- "$VICTIMS/memory_shape"
  printf %s "$letters" >&9
  until [ "$(wc -l <said)" = ${#letters} ]; do sleep 0.01; done
  looked 1
  end_run
}

@test "run takes them while the program lives, and shows the last with their age" {
  grow_under tf --json --output report.json
  adds_up
  memory '.age_seconds > 0 and .live_bytes > 20000000'
  grow_under t --output report
  grep -Eq '^  live 20\.[0-9] .* = RSS [0-9.]+ MiB \([0-9.]+ .?s before exit\)$' report
}

@test "run takes none of a program that is over at once, or where it is turned off" {
  "$RATION" run --json --output report.json -- true
  jq -e '.processes[0] | (has("memory") == false or .uptime_seconds > 0.1) and .memory_missing == null' report.json
  grow_under t --set memory=0 --json --output report.json
  jq -e '.processes[0] | has("memory") == false' report.json
}

# There are three at a time, whose turns may all be different.
@test "run takes those of children, and of what they exec" {
  mkfifo first second
  begin_run --json --output report.json -- bash -c 'cat first & cat second; exec cat'
  exec 7>first 8>second
  looked_at_all
  exec 8>&-
  while "$RATION" list --json | jq -e '[.processes[].program] | any(. == "bash")'; do sleep 0.01; done
  looked_at_all
  exec 7>&-
  end_run
  jq -e '[.processes[] | select(.state == "exited") | .memory.rss_bytes > 500000] | length == 3 and all' report.json
}

@test "a process that may not be looked at: the report says so" {
  [ "$(id -u)" = 0 ] || skip "needs root, to be somebody else"
  command -v setpriv >/dev/null || skip "needs setpriv"
  open_folder=$(mktemp -d)
  export RATION_DIR=$open_folder
  start
  chown 65534 "$RATION_DIR" "$RATION_DIR"/ration.*
  run setpriv --reuid 65534 --clear-groups "$RATION" report "$RATION_DIR"/ration.*
  [[ $output == *'no memory figures: /proc/'*' may not be read; '* ]]
}
