#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# `ration diff`: real programs beside one another: two runs, two builds, and one before and after.
# once: how the reporter compares figures, wherever they come from

load helpers

bats_require_minimum_version 1.5.0

# keeps NAME SETTINGS CMD...: a tracked run of CMD, whose segment is then NAME.
keeps() {
  local name=$1 settings=$2
  shift 2
  rm -f "$RATION_DIR"/ration.*
  RATION_OPTIONS=keep=1,$settings LD_PRELOAD=$SHIM "$@" >/dev/null
  mv "$RATION_DIR"/ration.* "$name"
}

# Of blocks of 1000 and of 5000 bytes, all that is usable.
setup_file() {
  small=$(usable 1000) large=$(usable 5000)
  export small large
}

# mib BYTES, rise BEFORE AFTER: as text has them.
mib() {
  awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'
}

rise() {
  awk -v before="$1" -v after="$2" 'BEGIN { printf "%+.1f %%", (after - before) / before * 100 }'
}

# build PROGRAM FLAGS...: keeps blocks of two kinds: as many as its arguments say; with -DMORE, of a third kind.
build() {
  local program=$1
  shift
  cat >app.c <<'END'
#include <stdlib.h>
static void *kept[100000];
static int count;
#define KEEPS(name, bytes) \
  __attribute__((noinline, noclone)) void name(int blocks) { while (blocks-- > 0) kept[count++] = malloc(bytes); }
#ifdef MORE
KEEPS(more, 3000)
int shift(int n) { return n * 3 + 1; }
#endif
KEEPS(parse, 1000)
KEEPS(cache, 5000)
int main(int argc, char **argv) {
  free(malloc(1)); /* a process's first block is always the system heap's */
#ifdef MORE
  more(500);
#endif
  parse(atoi(argv[1]));
  cache(atoi(argv[2]));
  return argc == 7;
}
END
  mkdir -p "$(dirname "$program")"
  "${CC:-gcc}" -std=c11 -g -fno-builtin -fno-optimize-sibling-calls "$@" app.c -o "$program"
}

diffs() {
  "$RATION" diff --json --output diff.json "$@"
}

# in_diff FILTER: of the first pair.
in_diff() {
  jq -e ".processes[0] | $1" diff.json
}

site_of='def site(f): .sites[] | select(any(.frames[]; .function == f) and .frames[0].module == "app"); '

# ---- categories --------------------------------------------------------------------------------------------

@test "categories of two runs: sqlite3 with a larger table" {
  local rows
  for rows in 100 20000; do
    keeps "with.$rows" sample=1 sqlite3 :memory: "create table t(a); with recursive n(i) as (select 1 union all select i + 1 from n
      limit $rows) insert into t select hex(i) from n; select count(*) from t"
  done
  diffs --by peak with.100 with.20000
  jq -e '.by == "peak" and (.processes | length) == 1' diff.json
  in_diff '.total.change == "grown" and .total.after.peak_bytes > .total.before.peak_bytes'
  in_diff '.categories[0] | .name == "lib/libsqlite3.so.0" and .change == "grown"
    and .difference == .after.peak_bytes - .before.peak_bytes'
  local name
  for name in with.100 with.20000; do "$RATION" report --json --output "$name.json" "$name"; done
  jq -e -n --slurpfile d diff.json --slurpfile a with.100.json --slurpfile b with.20000.json '
    def plain: with_entries(select(.key | test("subtree_|growth_|^name$") | not));
    ($d[0].processes[0].total.before == ($a[0].processes[0].total | plain))
    and ($d[0].processes[0].total.after == ($b[0].processes[0].total | plain))'
  run -0 "$RATION" diff --by peak with.100 with.20000
  [[ $output = *"lib/libsqlite3.so.0 "*" +"*"iB "*"grown"* ]]
}

@test "a process and itself are the same" {
  keeps one sample=64K sqlite3 :memory: 'select 1'
  diffs one one --fail-if 'total.live>+0' --fail-if 'total.allocations<-0'
  in_diff '(.categories | all(.change == "same" and .difference == 0)) and (.sites | all(.change == "same"))'
  run -0 "$RATION" diff one one
  [[ $output = *"no site has changed"* ]]
}

@test "categories that are new and gone, of a part, and folded" {
  keeps a sample=1 "$VICTIMS/asks" 3 100000 old/one
  keeps b sample=1 "$VICTIMS/asks" 5 100000 new/one
  diffs a b
  in_diff '.categories | map({(.name): .change}) | add | ."old/one" == "gone" and ."new/one" == "new"'
  in_diff '.categories[] | select(.name == "new/one") | .before == null and .after.live_blocks == 5'
  diffs a b --category new
  in_diff '(.categories | map(.name) | sort == ["new", "new/one"]) and .total.after.live_blocks == 5'
  diffs a b --depth 1
  in_diff '.categories[] | select(.name == "new") | .change == "new" and .after.live_blocks == 5'
  refuses 2 'ration: --category: no process has a category `newer`; *' diff a b --category newer
}

# ---- sites -------------------------------------------------------------------------------------------------

@test "sites of two runs, wherever modules were loaded" {
  build app -O1
  keeps a sample=1 ./app 1000 200
  keeps b sample=1 ./app 3000 200
  diffs a b
  in_diff "$site_of"'[site("parse")] | length == 1 and (.[0] | .change == "grown" and .before.bytes == 1000 * '"$small"'
    and .after.samples == 3000 and .difference == .after.bytes - .before.bytes)'
  in_diff "$site_of"'[site("cache")] | length == 1 and .[0].change == "same"'
  run -0 "$RATION" diff a b
  [[ $output = *"parse at app.c:"*"main at app.c:"* ]]
  [[ $output != *"cache at app.c:"* ]]
  [ "$("$RATION" diff a b --frames 1 | grep -c 'at app.c')" = 1 ]
}

@test "sites of two builds, by names: grown, new, and none that only moved" {
  build old/app -O1
  build new/app -O2 -DMORE
  keeps a sample=1 old/app 1000 200
  keeps b sample=1 new/app 1000 300
  diffs a b
  in_diff "$site_of"'[site("parse")] | length == 1 and .[0].change == "same"'
  in_diff "$site_of"'[site("cache")] | length == 1 and (.[0] | .change == "grown" and .before.samples == 200)'
  in_diff "$site_of"'[site("more")] | length == 1 and (.[0] | .change == "new" and .before.bytes == 0)'
  diffs b a
  in_diff "$site_of"'[site("more")] | length == 1 and (.[0] | .change == "gone" and .after.bytes == 0)'
}

@test "a site has changed only if both intervals do not meet" {
  build app -O1
  keeps a sample=64K ./app 3000 2000
  keeps b sample=64K ./app 3300 4000
  diffs a b
  in_diff '.sites | length > 0 and all(
    (.change == "grown" or .change == "new") == (.after.interval_low_bytes > .before.interval_high_bytes)
    and (.change == "shrunk" or .change == "gone") == (.after.interval_high_bytes < .before.interval_low_bytes))'
  in_diff "$site_of"'[site("cache")] | length == 1 and .[0].change == "grown"'
  in_diff "$site_of"'[site("parse")] | length == 1 and .[0].change == "unclear"'
  keeps c sample=1 ./app 3000 2000
  diffs c b
  in_diff "$site_of"'site("cache") | .change == "grown" and .before.interval_low_bytes == .before.interval_high_bytes
    and .after.interval_low_bytes < .after.interval_high_bytes'
}

@test "without samples on one side sites are not compared, which is said" {
  keeps a sample=off sqlite3 :memory: 'select 1'
  keeps b sample=64K sqlite3 :memory: 'select 1'
  run -0 "$RATION" diff a b
  [[ $output = *"sites are not compared: there are no samples of the first process"* ]]
  diffs a b
  in_diff '.sites == [] and (.remark | test("first process"))'
}

# ---- conditions --------------------------------------------------------------------------------------------

@test "--fail-if: status 1, and a line for each that holds" {
  build app -O1
  keeps a sample=1 ./app 1000 200
  keeps b sample=1 ./app 3000 200
  diffs a b --fail-if 'total.live>+100%' --fail-if 'total.live>5M' --fail-if 'total.live<+1' --fail-if 'total.leaks>+2000'
  jq -e '.conditions | length == 4 and all(.is_met and .program == "app") and .[3].value == 3200' diff.json
  run --separate-stderr -1 "$RATION" diff a b --fail-if 'total.live>+99%' --fail-if 'bin/app.live>3M' \
    --fail-if 'total.leaks>+1999' --fail-if 'total.live>+100%'
  [[ $output = *"CATEGORY"* ]]
  [ "${#stderr_lines[@]}" = 3 ]
  before=$((1000 * small + 200 * large)) after=$((3000 * small + 200 * large))
  [[ ${stderr_lines[0]} = "ration: diff: total.live>+99%: $(mib $before) before, $(mib $after) after ($(rise $before $after)) in app (pid "* ]]
  [[ ${stderr_lines[1]} = "ration: diff: bin/app.live>3M: "* ]]
  [[ ${stderr_lines[2]} = "ration: diff: total.leaks>+1999: 1,200 before, 3,200 after (+166.7 %) in app (pid "* ]]
  run --separate-stderr -1 "$RATION" diff b a --fail-if 'total.live<-10%'
}

@test "--fail-if about what is not there, or of no sense" {
  keeps a sample=off,idle.budget=1M sqlite3 :memory: 'select 1'
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'parsr.live>5M'
  [[ $stderr = 'ration: diff: parsr.live>5M: no process that was compared has a category `parsr`;'* ]]
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'total.breaches>0'
  [[ $stderr = 'ration: diff: total.breaches>0: `total` has no budget in any process that was compared' ]]
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'total.high_seconds>5s'
  [[ $stderr = 'ration: diff: total.high_seconds>5s: `total` has no budget in any process that was compared' ]]
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'idle.worst_at_seconds>5s'
  [[ $stderr = 'ration: diff: idle.worst_at_seconds>5s: not known: of no pair both have charged anything to the budget of `idle`' ]]
  run --separate-stderr -0 "$RATION" diff a a --fail-if 'idle.high_seconds>5s'
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'total.leaks>0'
  [[ $stderr = 'ration: diff: total.leaks>0: leaks are not known: no samples were taken, '* ]]
  refuses 2 'ration: --fail-if: no figure `liv`; there are live, *' diff a a --fail-if 'total.liv>5'
  refuses 2 'ration: --fail-if: `10%`: of a share say whether it is more or less: +10% or -10%' diff a a --fail-if 'total.live>10%'
  refuses 2 'ration: --fail-if: `+x%`: expected a share like +10% or +2.5%' diff a a --fail-if 'total.live>+x%'
  refuses 2 'ration: --fail-if: `total.live`: expected CATEGORY.FIGURE, > or <, *' diff a a --fail-if total.live
  refuses 2 'ration: --fail-if: `5`: expected *' diff a a --fail-if 'total.high_seconds>5'
}

# ---- a moment gone by --------------------------------------------------------------------------------------

# Of a live process: "$pid", to whom `tell LINE` speaks.
start_victim() {
  coproc VICTIM { exec env LD_PRELOAD="$SHIM" "$VICTIMS/grows_when_told"; }
  pid=$VICTIM_PID
  read -r line <&"${VICTIM[0]}"
  [ "$line" = ready ]
}

tell() {
  echo "$1" >&"${VICTIM[1]}"
  read -r line <&"${VICTIM[0]}"
  [ "$line" = "done" ]
}

# Points are at least 10 ms apart: it beats until one has so many bytes.
until_point() {
  until "$RATION" report --timeline --json "$pid" |
    jq -e "any(.processes[0].timeline[]; (.categories.cache // 0) >= $1)" >/dev/null; do tell "="; done
}

@test "a live process against what it was: a copy, and a point of its timeline, whose age is told" {
  start_victim
  tell +5000000
  until_point 5000000
  cp --sparse=always "$RATION_DIR"/ration.* early
  tell +20000000
  until_point 25000000
  diffs early "$pid"
  in_diff '.categories[0] | .name == "cache" and .change == "grown" and .after.live_blocks == 1 + .before.live_blocks
    and .difference >= 20000000'
  in_diff '.before.pid == .after.pid and .after.state == "running"'
  diffs --since 1000h "$pid"
  in_diff '.since_seconds == 3600000 and .age_seconds > 0 and .age_seconds <= .after.uptime_seconds + 1'
  in_diff '.categories[0] | .name == "cache" and .after.live_bytes >= 25000000 and .before.live_bytes < 25000000
    and (.change == "grown" or .change == "new") and (.before | keys == ["live_bytes"])'
  in_diff '.sites == []'
  run -0 "$RATION" diff --since 1000h "$pid"
  [[ ${lines[0]} = "grows_when_told  pid $pid  running for "* ]]
  [[ ${lines[1]} = "before is "*" earlier, the point of its timeline that is nearest to 41 d 16 h" ]]
  run --separate-stderr -1 "$RATION" diff --since 1000h "$pid" --fail-if 'cache.live>+1M'
  [[ $stderr = "ration: diff: cache.live>+1M: "*" in grows_when_told (pid $pid)" ]]
  diffs --since 1ms "$pid" --fail-if 'total.live>+0' --fail-if 'total.live<-0'
  in_diff '.total.change == "unclear" or .total.change == "same"'
  local input=${VICTIM[1]}
  exec {input}>&-
  wait "$pid"
  run --separate-stderr -3 "$RATION" diff --since 1ms "$pid"
  [[ $stderr = "ration: $pid: no tracked process of this pid; "* ]]
}

@test "--since: what it does not know is refused" {
  keeps a sample=1 sqlite3 :memory: 'select 1'
  refuses 2 'ration: --by: only live bytes are known of a moment gone by; *' diff --since 1m --by peak a
  refuses 2 'ration: --fail-if: `total.peak>1`: only live and subtree_live are known of a moment gone by' \
    diff --since 1m --fail-if 'total.peak>1' a
  refuses 2 'ration: --since: `10`: expected a time *' diff --since 10 a
  refuses 2 'ration: diff: --since compares one process with itself; leave out `b`' diff --since 1m a b
  refuses 2 'ration: diff: no process; name its pid' diff --since 1m
}

# lasts FILE SECONDS: the segment, as if its process had ended so much later.
lasts() {
  /usr/bin/python3 - "$@" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    place = file.read(8192).index(b"sqlite3\0") + 208  # of struct ration_segment_header: ended_at_ns, by program
    file.seek(place)
    ended_at = struct.unpack("<Q", file.read(8))[0]
    file.seek(place)
    file.write(struct.pack("<Q", ended_at + int(sys.argv[2]) * 10**9))
END
}

@test "conditions on growth: of processes that have lived as long as it is told over" {
  keeps a sample=1 sqlite3 :memory: 'select 1'
  run --separate-stderr -2 "$RATION" diff a a --fail-if 'total.growth_5m_per_hour<1'
  [[ $stderr = 'ration: diff: total.growth_5m_per_hour<1: not known: of no pair both have `total` and have lived for half of that, '* ]]
  lasts a 600
  [ "$("$RATION" report --json a | jq .processes[0].total.growth_5m_bytes_per_hour)" = 0 ]
  run --separate-stderr -1 "$RATION" diff a a --fail-if 'total.growth_5m_per_hour<1'
  [[ $stderr = 'ration: diff: total.growth_5m_per_hour<1: 0 B/h before, 0 B/h after in sqlite3 (pid '* ]]
  run --separate-stderr -0 "$RATION" diff a a --fail-if 'total.subtree_growth_5m_per_hour>+1K'
  refuses 2 'ration: --fail-if: `+1%`: a growth may be 0 or below, *' diff a a --fail-if 'total.growth_5m_per_hour>+1%'
}

# ---- recordings --------------------------------------------------------------------------------------------

# records NAME CMD...: NAME is a recording of CMD, with every block a sample.
records() {
  local name=$1
  shift
  "$RATION" record --quiet --set sample=1 --output "$name" -- "$@" >/dev/null
}

@test "recordings say what the segments of the same processes say" {
  build app -O1
  local blocks
  for blocks in 1000 3000; do
    keeps "segment.$blocks" sample=1 ./app "$blocks" 200
    records "recording.$blocks" ./app "$blocks" 200
  done
  local nobody='walk(if type == "object" then del(.pid, .uptime_seconds, .exit_status) else . end)'
  diffs segment.1000 segment.3000
  jq "$nobody" diff.json >of_segments
  diffs recording.1000 recording.3000
  jq "$nobody" diff.json >of_recordings
  diff of_segments of_recordings
  diffs segment.1000 recording.3000
  jq "$nobody" diff.json | diff of_segments -
  in_diff "$site_of"'site("parse") | .change == "grown"'
}

@test "recordings of several processes: pairs by program and order, and those without a partner" {
  build app -O1
  # shellcheck disable=SC2016
  records a bash -c './app 10 20; ./app 30 40; sqlite3 :memory: "select 1"; true'
  records b bash -c 'ls; ./app 10 50; ./app 30 40; true'
  run --separate-stderr -1 "$RATION" diff --json --output diff.json a b --fail-if 'bin/app.live_blocks>+0'
  [ "${#stderr_lines[@]}" = 1 ]
  [[ $stderr = "ration: diff: bin/app.live_blocks>+0: 30 before, 60 after (+100.0 %) in app (pid "* ]]
  jq -e '.processes | map([.before.program, .after.program]) | sort == [[null, "ls"], ["app", "app"], ["app", "app"],
    ["bash", "bash"], ["sqlite3", null]]' diff.json
  jq -e '[.processes[] | select(.before.program == "app") | .total.difference] == [30 * '"$large"', 0]' diff.json
  run -0 "$RATION" diff a b
  [[ $output = *"only before: sqlite3  pid "*"only after: ls  pid "* ]]
  diffs "a:$(jq '[.processes[] | select(.before.program == "app")][1].before.pid' diff.json)" b
  jq -e '[.processes[] | select(.before)] | length == 1 and .[0].after.program == "app"' diff.json
}

@test "what exec has replaced stands beside its like, and has nothing that lives" {
  # shellcheck disable=SC2016
  local fills='x=$(head -c 3000000 /dev/zero | tr "\0" a)' one='sqlite3 :memory: "select 1"'
  "$RATION" record --quiet --set sample=64K,total=50M --output a -- bash -c "$fills; exec $one"
  "$RATION" record --quiet --set sample=64K,total=50M --output b -- bash -c "$fills; exec bash -c '$fills; $one; true'"
  diffs a b --fail-if 'bin/bash.live>1G' --fail-if 'bin/bash.leaks>1000000000' --fail-if 'total.used>1G'
  jq -e '[.processes[] | select(.before.program == "bash" and .before.state == "replaced")][0] | .after.state == "replaced"
    and .total.change == "same" and .total.before.live_bytes == 0 and .total.after.live_blocks == 0
    and .total.after.peak_bytes > 3000000 and (.remark | startswith("an image that exec replaced has nothing that lives; "))' diff.json
  jq -e '[.processes[] | select(.before.program == "bash" and .before.state == "replaced").after.pid][0] as $pid
    | [.conditions[] | select(.pid == $pid)][:3] | length == 3 and all(.value_before == 0 and .value == 0)' diff.json
  jq -e '.processes | all(.before == null or .after == null or (.before.state == "replaced") == (.after.state == "replaced"))' diff.json
  diffs --by total a b
  jq -e '[.processes[] | select(.before.program == "bash" and .before.state == "replaced")][0] | .total.before.allocated_bytes > 3000000
    and (.sites | any(.before.bytes > 1000000))' diff.json
  # Named alone, it stands as it was then.
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM bash -c "$fills; exec $one"
  "$RATION" list --json | jq -r '.processes[] | select(.program == "bash" and .state == "replaced").pid' >pid
  diffs "$(find "$RATION_DIR" -name "ration.*.$(head -n 1 pid).*.0")" "$(find "$RATION_DIR" -name "ration.*.$(head -n 1 pid).*.1")"
  in_diff '.before.state == "replaced" and .total.before.live_bytes > 0'
}

@test "--fail-if: a process without a partner stands beside nothing" {
  build app -O1
  records a bash -c './app 10 20; true'
  records b bash -c './app 10 20; sqlite3 :memory: "select 1"; true'
  run --separate-stderr -1 "$RATION" diff a b --fail-if 'bin/sqlite3.allocations>0'
  [ "${#stderr_lines[@]}" = 1 ]
  [[ $stderr = "ration: diff: bin/sqlite3.allocations>0: 0 before, "*" after in sqlite3 (pid "* ]]
  run --separate-stderr -1 "$RATION" diff --json --output diff.json b a --fail-if 'bin/sqlite3.allocations<-0%' --fail-if 'bin/app.live>+0'
  jq -e '.conditions | map(select(.category == "bin/sqlite3")) | length == 1 and (.[0] | .value == 0 and .value_before > 0 and .program == "sqlite3")' diff.json
  run --separate-stderr -1 "$RATION" diff a b --fail-if 'total.leaks>+0'
  [[ $stderr = *"ration: diff: total.leaks>+0: 0 before, "*" after in sqlite3 (pid "* ]]
}

@test "--since: a process of a recording of which no moment is known is passed over" {
  build app -O1
  records a bash -c "'$VICTIMS/own_malloc' >/dev/null; ./app 10 20; true"
  diffs --since 1h --fail-if 'bin/app.live>+1T' a
  jq -e '[.processes[] | select(.after.program == "own_malloc")][0] | .before == null and (.remark | startswith("it has no timeline, for it is passive: "))' diff.json
  jq -e '[.processes[] | select(.after.program == "app")][0] | .before.program == "app" and .total' diff.json
  run -0 "$RATION" diff --since 1h a
  [[ $output = *"own_malloc  pid "*"  it has no timeline, for it is passive: "* ]]
  keeps b sample=1 "$VICTIMS/own_malloc"
  refuses 3 'ration: b: has no timeline, for it is passive: *' diff --since 1h b
}

@test "recordings of two builds, whose files are gone" {
  build old/app -O1
  build new/app -O2 -DMORE
  records a old/app 1000 200
  records b new/app 1000 300
  rm old/app new/app
  diffs a b
  in_diff "$site_of"'[site("parse")] | length == 1 and .[0].change == "same"'
  in_diff "$site_of"'[site("more")] | length == 1 and .[0].change == "new"'
}

@test "a recording that is cut: as far as it goes, or a line" {
  records a sqlite3 :memory: 'select 1'
  head -c 100 a >short
  run --separate-stderr -3 "$RATION" diff a short
  [[ $stderr = "ration: short: "* ]]
  [ "${#stderr_lines[@]}" = 1 ]
}

# ---- what cannot be compared -------------------------------------------------------------------------------

@test "subjects that are none, and wrong options" {
  keeps a sample=1 sqlite3 :memory: 'select 1'
  refuses 2 'ration: diff: two processes expected: *' diff a
  refuses 2 'ration: diff: `c` is not understood, *' diff a a c
  refuses 3 'ration: nowhere: no such file; *' diff a nowhere
  refuses 3 'ration: 4194304: no tracked process of this pid; *' diff 4194304 a
  refuses 2 'ration: --by: `size`: expected live, total, peak or count' diff --by size a a
  refuses 2 'ration: --most: `x`: a number expected' diff --most x a a
  refuses 2 'ration: --sysroot: `nowhere`: no folder' diff --sysroot nowhere a a
  head -c 5000 a >short
  refuses 3 'ration: short: *' diff a short
  head -c 100000 /dev/urandom >noise
  refuses 3 'ration: noise: *' diff noise a
}

@test "a segment with wrong bytes in it: a result or a line, never a crash" {
  build app -O1
  keeps a sample=64K ./app 1000 200
  local size at
  size=$(stat -c %s a)
  for at in $(seq 100 $((size / 40)) "$size"); do
    cp --sparse=always a bent
    head -c 64 /dev/urandom | dd of=bent bs=1 seek="$at" conv=notrunc status=none
    run "$RATION" diff a bent --fail-if 'total.live>+1000000%'
    [ "$status" -le 3 ]
  done
}

@test "a process that holds own malloc has nothing to compare, which is said" {
  keeps a sample=1 sqlite3 :memory: 'select 1'
  keeps b sample=1 "$VICTIMS/own_malloc"
  run -0 "$RATION" diff a b
  [[ $output = *"own_malloc (pid "*"): "* ]]
}
