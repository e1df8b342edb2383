# shellcheck shell=bash disable=SC2034 # names for the tests
# helpers.bash: what the bats tests share. `load helpers` at the top of a test file.
#
# Each test has a folder of its own, $BATS_TEST_TMPDIR, and in it a private RATION_DIR, so that tests see no
# segment but their own.

RATION_BUILD=$(realpath "${RATION_BUILD:-$BATS_TEST_DIRNAME/../../build}")
RATION=$RATION_BUILD/ration
SHIM=$RATION_BUILD/libration.so
VICTIMS=$RATION_BUILD/victims
export LC_ALL=C.UTF-8

# The command that ration or a victim is run by, as `prlimit ...`; none unless a test sets it. It is not under the shim.
host=()

setup() {
  RATION_DIR=$BATS_TEST_TMPDIR/segments
  mkdir "$RATION_DIR"
  export RATION_DIR
  cd "$BATS_TEST_TMPDIR" || return 1
}

# "${SHIMMED[@]}" CMD...: CMD, tracked, without `ration run`; leaves its segments, for was_tracked. An array and no
# function, so that what bash says of a command that a signal ended is not taken for the command's own output, and
# that $! is the command.
SHIMMED=(env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM")

# The other allocators that the shim can stand on.
OTHER_ALLOCATORS=(libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2.0)

# same_under_shim CMD...: fails unless stdout, stderr and status of CMD are the same with the shim and without. CMD may
# be a function; it then runs in a bash of its own.
same_under_shim() {
  if [ "$(type -t "$1")" = function ]; then
    export -f "${1?}"
    set -- bash -c "$1" "$@"
  fi
  record plain "$@"
  record shim "${SHIMMED[@]}" "$@"
  compare plain shim
}

# same_over_allocators PROGRAM CMD...: the same with the shim over each of the other allocators, PROGRAM tracked.
same_over_allocators() {
  local program=$1 library
  shift
  record plain "$@"
  for library in "${OTHER_ALLOCATORS[@]}"; do
    rm -f "$RATION_DIR"/ration.*
    record "$library" env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM:$library" "$@"
    compare plain "$library"
    was_tracked "$program"
  done
}

# record NAME CMD...: runs CMD; leaves its stdout, stderr and status in NAME.out, NAME.err, NAME.status.
record() {
  local name=$BATS_TEST_TMPDIR/$1 status=0
  shift
  "$@" >"$name.out" 2>"$name.err" </dev/null || status=$?
  echo "$status" >"$name.status"
}

# compare A B: fails, and says how, where two records differ.
compare() {
  local part
  for part in status out err; do
    if ! cmp "$BATS_TEST_TMPDIR/$1.$part" "$BATS_TEST_TMPDIR/$2.$part"; then
      diff "$BATS_TEST_TMPDIR/$1.$part" "$BATS_TEST_TMPDIR/$2.$part" | head -n 20
      return 1
    fi
  done
}

# was_tracked PROGRAM: fails unless a segment here says that PROGRAM's blocks were counted. A shim that did nothing
# would pass every comparison.
was_tracked() {
  local segment
  for segment in "$RATION_DIR"/ration.*; do
    if [ "$(figure "$segment" '"\(.program) \(.total.subtree_allocations > 0)"')" = "$1 true" ]; then return 0; fi
  done
  echo "no segment with blocks of $1 among: $(ls "$RATION_DIR")"
  return 1
}

# figure SEGMENT|PID FILTER: a figure of a report, by jq: figure "$pid" .total.subtree_live_bytes
figure() {
  "$RATION" report --json "$1" | jq -r ".processes[0] | $2"
}

# usable BYTES: how many bytes of a block are usable where so many are asked for, of the heap that blocks come
# from where no setting says which. Tests that count bytes ask, so that they hold over either.
usable() {
  env RATION_OPTIONS= "RATION_DIR=${RATION_DIR:-$BATS_FILE_TMPDIR}" "LD_PRELOAD=$SHIM" "$VICTIMS/usable_of" "$@"
}

# kib BYTES: as text has them.
kib() {
  awk -v bytes="$1" 'BEGIN { printf "%.1f KiB", bytes / 1024 }'
}

# heap_here: which heap blocks come from where no setting says which: system, or page (make HEAP=page).
heap_here() {
  if [ "$(usable 1000)" = 1008 ]; then echo page; else echo system; fi
}

# make_build TARGET...: make for the build under test, so that it has nothing to build anew.
make_build() {
  local compiler=gcc debug='' heap='' build=${RATION_BUILD##*/}
  if [[ $build == *clang* ]]; then compiler=clang; fi
  if [[ $build == *debug* ]]; then debug=full; fi
  if [[ $build == *page* ]]; then heap=page; fi
  make -s --no-print-directory -C "$BATS_TEST_DIRNAME/../.." CC=$compiler DEBUG=$debug HEAP=$heap "$@"
}

# json [OPTION...] FILTER: of report.json, which a test has left.
json() {
  jq -er "$@" report.json
}

# in_mounts COMMANDS: `host` has a mount namespace of its own, after these commands.
in_mounts() {
  needs_mounts
  # shellcheck disable=SC2016 # the inner shell's
  host=(unshare -m bash -c "$1"' && exec "$@"' bash)
}

needs_mounts() {
  unshare -m true 2>/dev/null || skip "mount namespaces are not permitted here"
}

# left_behind: how many segments there are.
left_behind() {
  find "$RATION_DIR" -name 'ration.*' | wc -l
}

# said LINE: the last `run` printed one line only, on stderr or stdout, and it is this one (a glob).
said() {
  # shellcheck disable=SC2053
  if [ "${#lines[@]}" -ne 1 ] || [[ $output != $1 ]]; then
    printf 'expected one line: %s\ngot %s: %s\n' "$1" "${#lines[@]}" "$output"
    return 1
  fi
}

# refused_by PROGRAM STATUS LINE ARGS...: `PROGRAM ARGS` leaves that status, and says that one line on stderr and nothing
# else.
refused_by() {
  local program=$1 status_wanted=$2 line=$3
  shift 3
  run --separate-stderr "-$status_wanted" "$program" "$@"
  [ -z "$output" ]
  # shellcheck disable=SC2154
  output=$stderr lines=("${stderr_lines[@]}")
  said "$line"
}

# refuses STATUS LINE ARGS...: ration does.
refuses() {
  refused_by "$RATION" "$@"
}

# has_ended PID: a child has, whether bash has been told or not; for loops in which no other child ends. `kill -0` finds
# one until bash has waited for it, and where a DEBUG trap is set, as bats sets one, bash 5.2 may not do so: behind each
# such trap there is a moment at which it only notes a SIGCHLD, and looks at what has ended with the next one.
has_ended() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  [[ ${stat##*) } == Z* ]]
}

# to_nobody CMD...: its stdout is a pipe whose reader has gone.
to_nobody() {
  local status=0
  mkfifo nobody
  # shellcheck disable=SC2094 # it is opened at both ends, so that none waits for the other
  exec 7<>nobody 6>nobody 7<&-
  "$@" >&6 6>&- || status=$?
  exec 6>&-
  rm nobody
  return "$status"
}
