#!/usr/bin/env bats
# Call stacks that are known by construction: at sample=1 `report --sites` has exactly the sites of these programs, with
# exactly their frames and figures (tests/victims/sites/*.sites; sites.jq says what stands there). What lives for the
# loader is not theirs.

load helpers

SOURCES=$BATS_TEST_DIRNAME/../victims/sites
FLAGS=(-g -D_GNU_SOURCE -Wall -Wextra -Werror -fno-builtin "-I$BATS_TEST_DIRNAME/../../include" "-I$SOURCES" -pthread)

# build PROGRAM COMPILER FLAGS...: from known.c or known_cxx.cc.
build() {
  local program=$1 compiler=$2 source standard=-std=c11
  shift 2
  source=$(echo "$SOURCES/$program".*c)
  if [[ $source = *.cc ]]; then standard=-std=c++17; fi
  "$compiler" $standard "${FLAGS[@]}" "$@" "$source" -o "$program"
}

# report PROGRAM [SETTINGS]: runs it with every block a sample; leaves report.json.
report() {
  rm -f "$RATION_DIR"/ration.*
  RATION_OPTIONS=keep=1,sample=1${2:+,$2} LD_PRELOAD=$SHIM "./$1"
  "$RATION" report --sites --json --output report.json "$RATION_DIR"/ration.*
  all_is_told
}

# Sites add up to the books, and nothing was lost.
all_is_told() {
  jq -e '.processes[0] | .sampling as $s | .total as $t | (.sites | map(.total_blocks) | add) == $t.subtree_allocations
    and (.sites | map(.total_bytes) | add) == $t.subtree_allocated_bytes
    and (.sites | map(.live_blocks) | add) == $t.subtree_live_blocks
    and (.sites | map(.live_bytes) | add) == $t.subtree_live_bytes
    and (.sites | map(.total_bytes - .slack_bytes) | add) == $t.subtree_requested_bytes
    and (.sites | map(.reallocations) | add) == $t.subtree_reallocations
    and (.sites | all(.interval_low_bytes == .live_bytes and .interval_high_bytes == .live_bytes
      and .samples == .total_blocks and .live_samples == .live_blocks
      and (.lifetimes | map(.blocks) | add) == .total_blocks - .live_blocks))
    and $s.mean_bytes == 1 and $s.samples == $t.subtree_allocations and $s.unattributed_bytes == 0
    and ([$s | to_entries[] | select(.key | test("_lost|busy")).value] | add) == 0' report.json
}

sites() {
  jq -r --arg program "$1" -f "$BATS_TEST_DIRNAME/sites.jq" report.json | LC_ALL=C sort
}

# has_exactly PROGRAM [SED]: its sites are those that are known, changed by the script.
has_exactly() {
  sed "${2:-}" "$SOURCES/$1.sites" | LC_ALL=C sort | comparable >expected
  sites "$1" | comparable >found
  diff expected found
}

# Their bytes are of glibc's heap; over the page heap stacks and numbers of blocks are compared.
comparable() {
  if [ "$heap" = page ]; then sed -E 's,[0-9]+(/[0-9]+) [0-9]+(/[0-9]+) .*,\1 \2,' | LC_ALL=C sort; else cat; fi
}

setup_file() {
  heap=$(heap_here)
  export heap
}

# Where no tail call is made.
no_tail_calls='s/^tail_target < /&tail_caller < /; s/^calls_jump < /jumps_to_malloc < &/'

@test "known stacks of C, by gcc and clang" {
  for compiler in gcc clang; do
    build known $compiler -O2
    report known
    has_exactly known
    build known $compiler -O3 -flto
    report known
    has_exactly known
    jq -e '.processes[0].sampling | .stacks_truncated == 1 and .stacks_unknown == 1 and .stacks_astray == 0' report.json
  done
}

@test "known stacks of C without optimisation: no tail call is made" {
  for compiler in gcc clang; do
    build known $compiler -O0
    report known
    has_exactly known "$no_tail_calls"
  done
}

@test "known stacks of C++, by g++ and clang++" {
  for compiler in g++ clang++; do
    build known_cxx $compiler -O2
    report known_cxx
    has_exactly known_cxx
  done
}

# The library's function objects are functions of their own then.
@test "known stacks of C++ without optimisation" {
  for compiler in g++ clang++; do
    build known_cxx $compiler -O0
    report known_cxx
    has_exactly known_cxx 's/ < in_thread < / < in_thread < std < /'
  done
}

# By frame pointers a walk knows code that has them: what passes by libc is left out, and so is what it says of the end,
# which lies in libc.
@test "known stacks of C by frame pointers" {
  for compiler in gcc clang; do
    build known $compiler -O2 -fno-omit-frame-pointer
    report known unwind=fp
    sites known | grep -v '\.so\.' | sed 's/ incomplete$//' | comparable >found
    grep -v '\.so\.' "$SOURCES/known.sites" | comparable | diff - found
    [ "$(wc -l <found)" -ge 25 ]
    jq -e '[.processes[0].sites[] | select(any(.frames[]; .function == "main")) | .incomplete] | all' report.json
  done
}

# lines_of FUNCTIONS: FUNCTION:LINE of each frame of these, parted by |.
lines_of() {
  jq -r '.processes[0].sites[].frames[] | "\(.function):\(.line)"' report.json | grep -E "^($1):" | LC_ALL=C sort -u
}

@test "each frame has its line" {
  marked=$(grep -n '/\* line: ' "$SOURCES/known.c" | sed -E 's|^([0-9]+):.*/\* line: ([a-z_]+).*|\2:\1|' | LC_ALL=C sort)
  functions=$(echo "$marked" | sed 's/:.*//' | sort -u | paste -s -d '|')
  [ "$(echo "$marked" | wc -l)" = 7 ]
  for compiler in "gcc -O0" "gcc -O2" "clang -O0" "clang -O2"; do
    # shellcheck disable=SC2086 # words
    build known $compiler
    report known
    [ "$(lines_of "$functions")" = "$marked" ]
  done
}

@test "without debug information symbols are demangled, static ones too" {
  build known_cxx g++ -O2
  objcopy --strip-debug known_cxx
  report known_cxx
  functions=$(jq -r '.processes[0].sites[].frames[] | select(.module == "known_cxx") | .function' report.json | sort -u)
  for name in '(anonymous namespace)::hidden(int)' '(anonymous namespace)::Other::more(unsigned int)' 'plain_new()' \
    'void of_template<240>()' 'void for_each<char>(char const&)' 'by_lambda()::{lambda(unsigned long)#1}::operator()(unsigned long) const'; do
    grep -qxF "$name" <<<"$functions"
  done
  [[ $functions != *_Z* ]]
  strip known_cxx
  report known_cxx
  jq -e '[.processes[0].sites[].frames[] | select(.module == "known_cxx")]
    | length > 20 and all(.function == null and .offset > 0)' report.json
}
