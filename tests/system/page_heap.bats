#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr, hold assigns held
# heap=page, as its readers see it: the page, report --heap, whose, the closing line, recordings, exports.

load helpers
load held
load exporting
bats_require_minimum_version 1.5.0

KIB=1024
MIB=$((1024 * 1024))

# pages STEP...: the victim, over the page heap; its segment stays, and what it says is in `said`.
pages() {
  env RATION_OPTIONS=keep=1,heap=page,sample=${sample:-512K} LD_PRELOAD="$SHIM" "$VICTIMS/holds_pages" "$@" >said
}

segment() {
  find "$RATION_DIR" -name 'ration.*'
}

# heap FILTER [PID|FILE]: of page_heap, by jq.
heap() {
  "$RATION" report --heap --json "${2:-$(segment)}" | jq -c ".processes[0].page_heap | $1"
}

# of_category NAME FILTER: of its row.
of_category() {
  heap ".categories[] | select(.name == \"$1\") | $2"
}

@test "the page names the heap, and JSON says which" {
  "$RATION" run --set heap=page --output page -- sqlite3 :memory: 'select 1' >/dev/null
  head -n 1 page | grep -Eq '^sqlite3  pid [0-9]+  exited 0 after [0-9.]+ s  page heap over libc\.so\.6$'
  "$RATION" run --set heap=page --json --output report.json -- sqlite3 :memory: 'select 1' >/dev/null
  json '.processes[0] | .heap == "page" and .heap_refusal == null and (has("page_heap") | not)'
  "$RATION" run --set heap=system --json --output report.json -- sqlite3 :memory: 'select 1' >/dev/null
  json '.processes[0] | .heap == "system" and .heap_refusal == null'
}

# Of 1013 every second one is gone: 500 small ones, the second large one, and five of the middle.
@test "what a process holds at its end is exact, though blocks are kept back" {
  sample=512K,harden=1 pages take:pages/small:1000:100 take:pages/large:3:200000 take:pages/middle:10:5000 free:2
  [ "$(heap '.categories | map(select(.name | startswith("pages/"))) | length == 3 and all(.used_bytes == .live_bytes)')" = true ]
  [ "$(of_category pages/small .blocks)$(of_category pages/middle .blocks)" = 5005 ]
}

@test "what a process holds at its end is exact" {
  pages take:pages/small:1000:100 take:pages/large:3:200000 take:pages/middle:10:5000 free:2
  [ "$(of_category pages/small '[.blocks, .used_bytes, .live_bytes]')" = "[500,$((500 * 112)),$((500 * 112))]" ]
  [ "$(of_category pages/large '[.blocks, .used_bytes, .live_bytes]')" = "[2,$((2 * 49 * 4096)),$((2 * 49 * 4096))]" ]
  [ "$(of_category pages/middle '[.blocks, .used_bytes]')" = "[5,$((5 * 5120))]" ]
  [ "$(of_category pages/small '.held_bytes % 65536 == 0 and .fragmentation == (.held_bytes - .used_bytes) / .held_bytes')" = true ]
  [ "$(heap '.size_classes[] | select(.block_bytes == 112) | .blocks >= 500 and .occupancy == .used_bytes / .held_bytes')" = true ]
  [ "$(heap '[.size_classes[] | select(.block_bytes == null) | .blocks]')" = '[2]' ]
  # By category, by size, and in all it is the same.
  [ "$(heap 'def sums(list): [list | map(.blocks), map(.used_bytes), map(.held_bytes)] | map(add);
    [.blocks, .used_bytes, .held_bytes] == sums(.categories) and sums(.categories) == sums(.size_classes)')" = true ]
  [ "$(heap '.age_seconds < 60 and .free_bytes >= .free_resident_bytes')" = true ]
}

@test "in text there are two tables, and what is free" {
  pages take:pages/small:1000:100 take:pages/large:2:200000
  "$RATION" report --heap "$(segment)" >page
  grep -Eq '^  CATEGORY +LIVE +HELD +FRAGMENTATION$' page
  [[ "$(sed -n 4p page)" =~ ^\ +pages/large\ +392\.0\ KiB\ +512\.0\ KiB\ +█+\ +23\.4\ %$ ]]
  [[ "$(sed -n 5p page)" =~ ^\ +pages/small\ +109\.4\ KiB\ +128\.0\ KiB\ +█+.*\ +14\.6\ %$ ]]
  grep -Eq '^  SIZE +BLOCKS +USED +HELD +OCCUPANCY$' page
  grep -Eq '^  112 B +1,0[0-9]{2} +[0-9.]+ KiB +[0-9.]+ KiB +█+[^ ]* +[0-9.]+ %$' page
  grep -Eq '^  larger +2 +392\.0 KiB +512\.0 KiB ' page
  grep -Eq '^  [0-9.]+ [KM]?i?B free, of which [0-9.]+ [KM]?i?B in memory; [0-9.]+ [KM]?i?B went back to the system so far$' page
  grep -Eq '^  counted .* before its end$' page
}

@test "by category: its own and those below it; folded by depth" {
  pages take:pages/small:100:100 take:pages/large:2:200000 take:elsewhere:100:100
  [ "$("$RATION" report --heap --category pages --json "$(segment)" | jq -c '.processes[0].page_heap.categories | map(.name)')" = \
    '["pages/large","pages/small"]' ]
  [ "$("$RATION" report --heap --depth 1 --json "$(segment)" |
    jq -c '.processes[0].page_heap.categories[] | select(.name == "pages") | [.blocks, .held_bytes]')" = "[102,$((512 * KIB + 64 * KIB))]" ]
  "$RATION" report --heap --depth 1 "$(segment)" | grep -Eq '^  pages +'
  run -2 --separate-stderr "$RATION" report --heap --tree "$(segment)"
  [[ "$stderr" == *'--tree is of the page, --timeline; leave it out'* ]]
}

@test "over the system heap there is none, and the look says what to do" {
  RATION_OPTIONS=keep=1,heap=system LD_PRELOAD=$SHIM "$VICTIMS/holds_pages" take:pages:10:100 >/dev/null
  [ "$(heap .)" = null ]
  "$RATION" report --heap "$(segment)" | grep -q 'no page heap: .*; start the program with heap=page for one'
  run -2 --separate-stderr "$RATION" check --of "$(segment)" --max total.held=1
  [ "${stderr_lines[0]}" = 'ration: check: total.held=1: not known of any process: none has its blocks from the page heap (heap=page)' ]
}

@test "what is wrong with frees is seen on the page, under --heap, and among the losses" {
  pages take:a:10:100 twice twice within take:b:10:3000 over
  [ "$("$RATION" report --json "$(segment)" | jq -c '.processes[0].losses | [.double_frees, .wild_frees, .lists_lost]')" = '[2,1,1]' ]
  for look in '' --heap; do
    # shellcheck disable=SC2086 # an option or none
    "$RATION" report $look "$(segment)" >page
    where=${look:-'; `ration report --heap` shows where'}
    where=${where#--heap}
    grep -qx "  2 frees of a block that was free already: left alone, and wrong$where" page
    grep -qx "  1 free of an address at which no block begins: left alone, and wrong$where" page
    grep -qx "  1 page lost free blocks, since the program had written over them$where" page
  done
  "$RATION" export --format openmetrics "$(segment)" | grep -Eq '^ration_lost_total\{.*what="double_frees"\} 2$'
}

@test "without such faults no page speaks of them" {
  pages take:a:10:100
  "$RATION" report "$(segment)" >page
  [ -z "$(grep -E 'wrong|lost|system heap' page)" ]
}

# ---- while it runs -----------------------------------------------------------------------------------------------

@test "whose knows blocks of every size, of samples too, and what is free" {
  for every in 512K 1; do
    rm -f gate said
    hold waiting env RATION_OPTIONS=keep=1,heap=page,sample=$every LD_PRELOAD="$SHIM" "$VICTIMS/holds_pages" \
      take:held/small:100:100 take:held/middle:3:9000 take:held/large:2:$MIB wait
    mapfile -t at <said
    whose() { "$RATION" whose "$held" "$1" | cut -d : -f 2; }
    [ "$(whose "${at[0]}")" = ' block of held/small, 112 usable bytes' ]
    [ "$(whose "${at[1]}")" = ' block of held/middle, 10,240 usable bytes' ]
    [ "$(whose "${at[2]}")" = ' block of held/large, 1,048,576 usable bytes' ]
    for address in "${at[@]:0:3}"; do [ "$(whose $((address + 16)))" = ' foreign' ]; done
    [ "$(whose 16)" = ' foreign' ]
    let_go
  done
  rm -f gate said
  hold waiting env RATION_OPTIONS=heap=page LD_PRELOAD="$SHIM" "$VICTIMS/holds_pages" \
    take:held:3:100 take:held:1:$MIB free:1 take:held:1:200 wait
  mapfile -t at <said
  [ "$(whose "${at[0]}")" = ' foreign' ]
  [ "$(whose "${at[1]}")" = ' foreign' ]
  [ "$(whose "${at[3]}")" = ' block of held, 208 usable bytes' ]
  let_go
}

@test "of a program that waits all is as it is now" {
  hold waiting env RATION_OPTIONS=keep=1,heap=page LD_PRELOAD="$SHIM" "$VICTIMS/holds_pages" \
    take:pages/small:1000:100 take:pages/large:3:200000 thread:pages/middle:10:5000 free:2 wait
  "$RATION" report --heap --json --output report.json "$held"
  json '.processes[0].page_heap.age_seconds == 0'
  [ "$(json -c '.processes[0].page_heap.categories | map(select(.name | test("pages/[sl]")) | [.name, .blocks, .used_bytes]) | sort')" = \
    "[[\"pages/large\",2,$((2 * 49 * 4096))],[\"pages/small\",500,$((500 * 112))]]" ]
  # What one thread has freed of another's is sent there now and then.
  json '.processes[0].page_heap.categories[] | select(.name == "pages/middle") | .blocks >= 5 and .blocks <= 10 and .held_bytes == 65536'
  "$RATION" check --of "$held" --min pages.subtree_held=700K --max pages.subtree_held=800K >/dev/null
}

@test "the figures of a running program are counted as it goes" {
  hold on env RATION_OPTIONS=keep=1,heap=page LD_PRELOAD="$SHIM" PYTHONMALLOC=malloc /usr/bin/python3 -uc '
print("on")
while True: kept = [bytearray(5000) for _ in range(2000)]'
  until [ "$(heap '.age_seconds != null' "$held")" = true ]; do sleep 0.01; done
  [ "$(heap '.held_bytes > 1000000 and .used_bytes <= .held_bytes and (.categories | length) > 0' "$held")" = true ]
  "$RATION" report --heap "$held" | grep -Eq '^  counted .* ago$'
  "$RATION" check --of "$held" --max total.held=1G --min total.held=100K >/dev/null
  run -1 "$RATION" check --of "$held" --max total.held=100K
}

@test "what is empty goes back to the system, and the look says how much" {
  hold '' env RATION_OPTIONS=keep=1,heap=page,decay=0 LD_PRELOAD="$SHIM" /usr/bin/python3 -uc '
import sys
kept = bytearray(8 << 20)
del kept
for i in range(200000): kept = bytearray(600)
print("on")
sys.stdin.read()'
  let_go
  [ "$(heap ".returned_bytes >= 8 * $MIB")" = true ]
}

# ---- the closing line ---------------------------------------------------------------------------------------------

memory() {
  jq -er ".processes[0].memory | $1" "${2:-report.json}"
}

# grow HOW: as in memory.bats.
grow() {
  printf %s "$1" >&9
  read -r -u 8 held_bytes
  if [ -e report.json ]; then mv report.json before.json; fi
  "$RATION" report "$held" --json >report.json
  memory '.live_bytes - .untouched_bytes + .slack_bytes + .shim_bytes + .mapping_bytes + .stack_bytes + .file_bytes +
    .unexplained_bytes == .rss_bytes and .unexplained_bytes == 0' >/dev/null
}

# grew FIGURE LEAST MOST: by so many bytes since the last time.
grew() {
  local by=$(($(memory ".$1_bytes") - $(memory ".$1_bytes" before.json)))
  [ "$by" -ge "$2" ] && [ "$by" -le "$3" ] || { echo "$1 grew by $by, expected $2 to $3" && false; }
}

@test "the closing line explains resident memory to the byte" {
  local few=$((32 * 4096)) # rows, bits and points that come with the first large block; Linux 6.18 counts what is only read, too
  mkfifo gate said
  env RATION_OPTIONS=keep=1,sample=off,memory=1,heap=page LD_PRELOAD="$SHIM" "$VICTIMS/memory_shape" <gate >said 3>&- &
  held=$!
  exec 9>gate 8<said
  grow -
  grow t
  grew live $((20 * MIB)) $((20 * MIB + 4096))
  grew rss $((20 * MIB)) $((20 * MIB + few))
  for figure in untouched slack shim mapping stack; do grew $figure -$few $few; done
  grow u
  grew live $((30 * MIB)) $((30 * MIB + 4096))
  grew untouched $((30 * MIB - few)) $((30 * MIB + few))
  grew rss 0 $few
  grow f # 200 blocks of 10,000 bytes live, and 800 are free
  grew live $((200 * 10240)) $((200 * 10240))
  grew slack $((800 * 10240)) $((800 * 10240 + 10 * 64 * KIB))
  grow m
  grew mapping $((8 * MIB)) $((8 * MIB + 8192))
  grew rss $((8 * MIB)) $((8 * MIB + few))
  grow a
  grew live $((20 * MIB)) $((20 * MIB + 4096))
  grow p
  grow t
  exec 8<&-
}

# ---- recordings, exports, schemas ---------------------------------------------------------------------------------

@test "a recording has it, and so have its looks" {
  "$RATION" record --quiet --set heap=page --output it.ration -- "$VICTIMS/holds_pages" take:pages:1000:100 free:2 >/dev/null
  [ "$(heap '.categories[] | select(.name == "pages") | [.blocks, .used_bytes]' it.ration)" = "[500,$((500 * 112))]" ]
  [ "$(heap '.size_classes | map(select(.block_bytes == 112).blocks) | .[0] >= 500' it.ration)" = true ]
  "$RATION" report it.ration | head -n 1 | grep -q 'page heap over libc'
}

@test "export: everything, and held bytes for openmetrics, as promtool wants them" {
  pages take:pages:1000:100
  "$RATION" export --format json --output export.json "$(segment)"
  jq -e '.processes[0].page_heap.categories | length > 0' export.json
  export_to openmetrics "$(segment)"
  grep -Eq '^ration_held_bytes\{.*category="pages"\} 131072$' out.openmetrics
  # What reads text alone knows counters by their full name.
  sed -E 's/^# (HELP|TYPE) (ration_(allocations|frees|refused|lost)) /# \1 \2_total /' out.openmetrics |
    promtool check metrics >checked 2>&1 || { cat checked && false; }
}

@test "JSON is as the schemas have it" {
  pages take:pages:1000:100 take:pages:2:200000 twice
  "$RATION" report --json --heap --output report1.json "$(segment)"
  "$RATION" report --json --output report2.json "$(segment)"
  /usr/bin/python3 "$BATS_TEST_DIRNAME/validate.py" report report?.json
  "$RATION" export --json --output export.json "$(segment)"
  /usr/bin/python3 "$BATS_TEST_DIRNAME/validate.py" export export.json
}

# ---- where it cannot be had ---------------------------------------------------------------------------------------

@test "under a limit of address space blocks come from the system heap, and the page says why" {
  (ulimit -v 32000000 && RATION_OPTIONS=keep=1,heap=page LD_PRELOAD=$SHIM ls / >/dev/null)
  "$RATION" report "$(segment)" | head -n 1 | grep -q 'system heap over libc'
  for look in '' --heap; do
    # shellcheck disable=SC2086 # an option or none
    "$RATION" report $look "$(segment)" |
      grep -qx '  blocks come from the system heap, not from the page heap: the process may map only so much (RLIMIT_AS, RLIMIT_DATA)'
  done
  [ "$("$RATION" report --heap --json "$(segment)" | jq -c '.processes[0] | [.heap, .heap_refusal, .page_heap]')" = '["system","limited",null]' ]
}

@test "a program that limits or locks its memory leaves the page heap, and the page says why" {
  for how in addresses:limited data:limited lock:locked; do
    rm -f "$RATION_DIR"/ration.*
    RATION_OPTIONS=keep=1,heap=page LD_PRELOAD=$SHIM "$VICTIMS/limits_itself" "${how%:*}"
    [ "$("$RATION" report --json "$(segment)" | jq -c '.processes[0] | [.heap, .heap_refusal, .total.subtree_live_bytes < 1000000]')" = \
      "[\"page\",\"${how#*:}\",true]" ]
  done
  "$RATION" report "$(segment)" |
    grep -qx '  new blocks come from the system heap, since the program has locked its memory (mlockall)'
}

@test "a large block is resized near a limit: what fits is granted, the rest refused" {
  for way in system:budget page:budget page:exactly system:data page:data; do
    RATION_OPTIONS=heap=${way%:*} LD_PRELOAD=$SHIM "$VICTIMS/realloc_near_limit" "${way#*:}"
  done
  "$VICTIMS/realloc_near_limit" data
}

@test "settings that make no sense are named: by the command before anything runs, by the library in the report" {
  refuses 2 'ration: --set: `heap=nonsense`: expected one of system, page' run --set heap=nonsense -- touch ran
  refuses 2 'ration: --set: `decay=1s`: milliseconds, at most 86400000 (a day), or never expected' run --set decay=1s -- touch ran
  [ ! -e ran ]
  RATION_OPTIONS=keep=1,heap=nonsense,decay=nonsense LD_PRELOAD=$SHIM ls / >/dev/null
  "$RATION" report "$(segment)" >page
  grep -q '^  setting ignored: heap=nonsense: system or page expected$' page
  grep -q '^  setting ignored: decay=nonsense: milliseconds, at most 86400000 (a day), or never expected$' page
}
