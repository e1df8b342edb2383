#!/usr/bin/env bats
# Leaks: what `report --leaks` has at the end of a program is what LeakSanitizer has with all its roots off: the same
# blocks and requested bytes, by the same stacks, line by line, inlined functions and all.
#
# One thing differs: the loader allocates for each thread (its DTV, in pthread_create), where LeakSanitizer looks away.
# once: what LeakSanitizer says of the same program

load helpers

SOURCES=$BATS_TEST_DIRNAME/../victims/sites
LSAN=use_globals=0:use_stacks=0:use_registers=0:use_tls=0:fast_unwind_on_malloc=0:malloc_context_size=200:max_leaks=0
LSAN+=':exitcode=0:stack_trace_format="    FRAME %f|%s|%l|%m"'

# build SOURCE FLAGS...: PROGRAM, and PROGRAM.lsan with LeakSanitizer.
build() {
  local source=$SOURCES/$1 compile=("${CC:-gcc}" -std=c11) program=${1%.*}
  if [[ $1 = *.cc ]]; then compile=("${CXX:-g++}" -std=c++17); fi
  shift
  compile+=(-g -D_GNU_SOURCE -Wall -Wextra -Werror -fno-builtin "$@" "$source" -pthread)
  "${compile[@]}" -o "$program"
  "${compile[@]}" -fsanitize=leak -o "$program.lsan"
}

# lsan_leaks PROGRAM: BLOCKS BYTES STACK, of LeakSanitizer's report; a stack is FILE:LINE of the program's frames.
lsan_leaks() {
  LSAN_OPTIONS=$LSAN "./$1.lsan" >/dev/null 2>"$1.said"
  grep -q '^SUMMARY: LeakSanitizer: ' "$1.said"
  awk -v program="/$1.lsan" '
    function add() { if (blocks) { of[stack] += blocks; bytes_of[stack] += bytes } blocks = 0; stack = "" }
    /^(Direct|Indirect) leak of / { add(); bytes = $4; blocks = $7 }
    sub(/^ *FRAME /, "") {
      n = split($0, part, "|")
      if (substr(part[n], length(part[n]) - length(program) + 1) != program || part[n - 2] == "<null>") next
      sub(/.*\//, "", part[n - 2])
      stack = stack " " part[n - 2] ":" part[n - 1]
    }
    END { add(); for (stack in of) print of[stack] " " bytes_of[stack] stack }' "$1.said" | LC_ALL=C sort
}

# Runs PROGRAM with every block a sample; leaves PROGRAM.json.
run_sampled() {
  rm -f "$RATION_DIR"/ration.*
  RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD=$SHIM "./$1" >/dev/null
  "$RATION" report --leaks --json --output "$1.json" "$RATION_DIR"/ration.*
}

of_loader='any(.frames[]; .function == "pthread_create") and .frames[0].module == "ld-linux-x86-64.so.2"'

# ration_leaks PROGRAM: the same of ours.
ration_leaks() {
  jq -r --arg program "$1" ".processes[0].leaks | map(select($of_loader | not)
    | {blocks, bytes: .requested_bytes, stack: (.frames
        | map(select(.module == \$program and .file) | \" \(.file | split(\"/\")[-1]):\(.line)\") | add)})
    | group_by(.stack)[] | \"\(map(.blocks) | add) \(map(.bytes) | add)\(.[0].stack // \"\")\"" "$1.json" | LC_ALL=C sort
}

# same_leaks SOURCE THREADS STACKS FLAGS...: both say the same, of at least so many stacks.
same_leaks() {
  local program=${1%.*} threads=$2 stacks=$3
  build "$1" "${@:4}"
  run_sampled "$program"
  lsan_leaks "$program" >lsan
  ration_leaks "$program" >ration
  diff lsan ration
  [ "$(wc -l <lsan)" -ge "$stacks" ]
  jq -e --argjson threads "$threads" ".processes[0] | ([.leaks[] | select($of_loader).blocks] | add) == \$threads
    and (.leaks | map(.blocks) | add) == .leaked_blocks and (.leaks | map(.bytes) | add) == .leaked_bytes
    and (.leaks | map(.requested_bytes) | add) == .leaked_requested_bytes and .leaked_bytes == .total.subtree_live_bytes
    and (.sampling | .samples_lost_no_room + .samples_lost_no_site + .samples_lost_nested) == 0" "$program.json"
}

@test "leaks of every entry point and many sizes are LeakSanitizer's" {
  same_leaks leaky.c 4 15 -O2
  same_leaks leaky.c 4 15 -O0
}

@test "leaks of a C program with threads are LeakSanitizer's" {
  same_leaks word_index.c 4 6 -O2
  same_leaks word_index.c 4 6 -O0
}

@test "leaks of a C++ program with threads are LeakSanitizer's" {
  same_leaks scene.cc 3 60 -O2
  same_leaks scene.cc 3 60 -O0
}

@test "leaks that are suppressed are LeakSanitizer's" {
  build leaky.c -O2
  printf '%s\n' '# known' 'leak:^make_pair$' 'leak:deep' >suppressions
  LSAN_OPTIONS=$LSAN:suppressions=suppressions:print_suppressions=1 ./leaky.lsan 2>leaky.said
  run_sampled leaky
  "$RATION" report --leaks --suppressions suppressions --json "$RATION_DIR"/ration.* >some.json
  suppressed=$(awk '$3 == "^make_pair$" || $3 == "deep" { blocks += $1 } END { print blocks }' leaky.said)
  [ "$(jq '.processes[0].suppressed_blocks' some.json)" = "$suppressed" ]
  [ "$suppressed" -ge 60 ]
  jq -e --slurpfile all leaky.json '.processes[0] | $all[0].processes[0] as $a
    | .leaked_blocks + .suppressed_blocks == $a.leaked_blocks and .leaked_bytes + .suppressed_bytes == $a.leaked_bytes' some.json
}
