#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are other shells'; run assigns stderr
# `ration export`: each format read by a program that people read it with, and the same figures in all of them.
# once: the reporter's formats, held to one another

load helpers
load exporting
bats_require_minimum_version 1.5.0

# ---- the same figures --------------------------------------------------------------------------------------

# figures_in WORDS: lines of read_export with these figures alone.
figures_in() {
  grep -E " ($1) " "$2" || true
}

# As text has bytes.
in_units() {
  awk -v bytes="$1" 'BEGIN { split("B KiB MiB GiB", unit); u = 1; n = bytes; while (n >= 1024) { n /= 1024; u++ }
    printf u == 1 ? "%d %s" : "%.1f %s", n, unit[u] }'
}

# has_row CATEGORY LIVE PEAK ALLOCATIONS: report.txt says so.
has_row() {
  local allocations
  allocations=$(printf "%'d" "$4" | sed 's/\([0-9]\)\([0-9]\{3\}\)\b/\1,\2/')
  awk -v name="$1" '$1 == name' report.txt | grep -qE "^ *$1 +$(in_units "$2") +$(in_units "$3") .* $allocations " ||
    { echo "not in the table: $1 $2 $3 $4" && cat report.txt && return 1; }
}

# same_everywhere PID|FILE: all formats, and report, say the same of it.
same_everywhere() {
  local format category live peak allocations
  for format in "${FORMATS[@]}"; do export_to "$format" "$@"; done
  pprof -raw out.pprof >out.raw
  mv out.raw out.pprof
  for format in json csv openmetrics pprof speedscope folded; do read_export "$format" "out.$format" >"figures.$format"; done
  [ "$(wc -l <figures.json)" -ge 5 ]
  diff figures.json figures.csv
  diff figures.json figures.openmetrics
  diff <(figures_in "live_bytes|live_blocks|allocations" figures.json) \
    <(figures_in "live_bytes|live_blocks|allocations" figures.pprof)
  diff <(figures_in "live_bytes|allocated_bytes|allocations" figures.pprof) figures.speedscope
  diff <(figures_in live_bytes figures.json) <(sed 's/ weight / live_bytes /' figures.folded)
  "$RATION" report --json --output report.json "$@"
  diff figures.json <(read_export json report.json)
  "$RATION" report "$@" >report.txt
  while read -r category live peak allocations; do
    has_row "$category" "$live" "$peak" "$allocations"
  done < <(jq -r '.processes[0].categories[] | select(.allocations > 0) | "\(.name) \(.live_bytes) \(.peak_bytes) \(.allocations)"' report.json)
}

@test "the same figures in table, JSON, CSV, OpenMetrics, pprof, speedscope and folded stacks" {
  track sample=1 sqlite3 :memory: "$QUERY"
  same_everywhere "$RATION_DIR"/ration.*
  "$RATION" clean >/dev/null
  track sample=1 /usr/bin/python3 -c 'import json; kept = [json.dumps(list(range(n))) for n in range(200)]'
  same_everywhere "$RATION_DIR"/ration.*
}

@test "the same figures of a recording, and of a process of one" {
  "$RATION" record --quiet --set sample=1 --output one.ration -- sqlite3 :memory: "$QUERY" >/dev/null
  same_everywhere one.ration
  "$RATION" record --quiet --set sample=1 --output two.ration -- bash -c 'sqlite3 :memory: "$1" >/dev/null; ls /; true' bash "$QUERY" >/dev/null
  pid=$("$RATION" report --json two.ration | jq '.processes[] | select(.program == "sqlite3").pid')
  same_everywhere "two.ration:$pid"
}

@test "several processes: rows, labels and outermost frames of their own; massif has room for one" {
  "$RATION" record --quiet --set sample=1 --output two.ration -- bash -c 'sqlite3 :memory: "$1" >/dev/null; ls /; true' bash "$QUERY" >/dev/null
  for format in pprof folded speedscope json csv openmetrics; do export_to "$format" two.ration; done
  jq -r '.processes[] | select(.state == "exited") | "\(.program) \(.pid)"' out.json >processes
  [ "$(wc -l <processes)" = 3 ]
  while read -r program pid; do
    grep -qE "^$program( \(pid $pid\))?;" out.folded
    grep -q "^$pid,$program,[0-9]*," out.csv
    grep -q "^ration_allocations_total{pid=\"$pid\",program=\"$program\",.* [1-9][0-9]*$" out.openmetrics
    jq -e --arg name "$program (pid $pid)" 'any(.profiles[]; (.name | endswith($name)) and (.weights | length > 0))' out.speedscope
  done <processes
  awk '/^#/ { print; next } { print $0, 1790000000 }' out.openmetrics >timed
  promtool tsdb create-blocks-from openmetrics timed blocks >/dev/null
  [ "$(grep -v '^#' out.openmetrics | sed 's/ [^ ]*$//' | sort | uniq -d | wc -l)" = 0 ]
  pprof -raw out.pprof >raw
  for program in bash ls sqlite3; do grep -q "program:\[$program\]" raw; done
  # What one process has is that under its label.
  pid=$(awk '$1 == "sqlite3" { print $2 }' processes)
  [ "$(pprof -tags -sample_index=alloc_objects out.pprof | awk '/^ program:/ { here = 1 } here && $NF == "sqlite3" { print int($1); exit }')" = \
    "$(jq '.processes[] | select(.program == "sqlite3").total.allocations' out.json)" ]
  refuses 2 "ration: two.ration: has 5 processes, and massif has room for one; name it, as FILE:*" export -f massif two.ration
  export_to massif "two.ration:$pid"
  ms_print out.massif | grep -q 'Command: *sqlite3'
}

@test "several processes: what exec has replaced has no live memory any more" {
  "$RATION" record --quiet --set sample=1 --output two.ration -- bash -c 'exec bash -c "exec ls /"' >/dev/null
  for format in pprof folded speedscope json csv; do export_to "$format" two.ration; done
  jq -e '[.processes[] | [.image, .program, .state]] | sort == [[0, "bash", "replaced"], [1, "bash", "replaced"], [2, "ls", "exited"]]' out.json
  jq -e 'all(.processes[]; .total.live_bytes > 0)' out.json
  grep -q ';' out.folded
  run ! grep -vE '^ls;' out.folded
  "$RATION" export -f folded --by total two.ration | grep -q '^bash;'
  [ "$(jq '[.profiles[] | select((.name | startswith("live bytes of bash")) and .endValue > 0)] | length' out.speedscope)" = 0 ]
  [ "$(pprof -tags -sample_index=inuse_space out.pprof | awk '$NF == "bash" { print $1 }')" = 0.0B ]
  pprof -tags -sample_index=alloc_space out.pprof | awk '$NF == "bash" { print $1 }' | grep -q '^[1-9]'
  [ "$(cut -d, -f2,3 out.csv | sort -u | grep -c '^bash,[01]$')" = 2 ]
}

# by_category OF: sums of a figure of sites as JSON has them.
by_category() {
  jq -r ".processes[0].sites | group_by(.category)[] | \"\(.[0].category) $1 \(map(.$1) | add)\" | select(endswith(\" 0\") | not)" \
    sites.json | LC_ALL=C sort
}

@test "estimates of a profile are those of report --sites, scaled or not" {
  track sample=16K perl "$BATS_TEST_DIRNAME/../bench/programs/words.pl"
  for raw in "" --raw; do
    "$RATION" report --sites $raw --json --output sites.json
    [ "$(jq '.processes[0].sites | map(select(.scaled)) | length > 0' sites.json)" = "$([ -z "$raw" ] && echo true || echo false)" ]
    "$RATION" export --format pprof $raw --output out.pb
    pprof -raw out.pb >out.raw
    read_export pprof out.raw >figures
    diff <(figures_in live_bytes figures) <(by_category live_bytes)
    diff <(figures_in allocated_bytes figures | sed 's/allocated/total/') <(by_category total_bytes)
    grep -q '^Period: 16384$' out.raw
    for order in live:live_bytes total:total_bytes peak:at_process_peak_bytes; do
      # shellcheck disable=SC2086 # an option or none
      "$RATION" export --format folded $raw --by "${order%:*}" --output out.folded
      # Lines of stacks that read the same were rounded once, sites each by itself.
      awk '{ sum += $NF } END { print sum }' out.folded >sum
      jq ".processes[0].sites | (map(.${order#*:}) | add) - $(cat sum) | fabs < 100" sites.json | grep -qx true
    done
  done
}

# ---- a format, a reader ------------------------------------------------------------------------------------

@test "pprof: functions, inlined ones, lines, modules with build-ids" {
  known
  export_to pprof
  gzip -t <out.pprof
  pprof -raw out.pprof >raw
  # The program's own module comes first; its build-id is the file's.
  id=$(readelf -n known | sed -n 's/.*Build ID: //p')
  sed -n '/^Mappings/,$p' raw | sed -n 2p | grep -q "^1: 0x[0-9a-f]*/0x[0-9a-f]*/0x0 .*/known $id "
  id=$(readelf -n "$(ldd known | awk '$1 == "libc.so.6" { print $3 }')" | sed -n 's/.*Build ID: //p')
  grep -q "/libc.so.6 $id" raw
  # All frames lie in their mapping.
  awk '/^Locations/ { in_table = 1; next } /^Mappings/ { exit } in_table && / M=/ { found++; if ($2 !~ /^0x[0-9a-f]+$/) exit 1 }
    END { exit found < 10 }' raw
  # A location of inlined functions has a line for each, the outermost last.
  pprof -traces -lines out.pprof >traces
  grep -q '(inline)' traces
  # What is asked for by category is that category's.
  [ "$(pprof -top -sample_index=alloc_objects -tagfocus category=bin/known out.pprof | sed -n 's/.*accounting for [0-9]*, .* of \([0-9]*\) total/\1/p')" = \
    "$("$RATION" report --json | jq '.processes[0].total.allocations')" ]
  pprof -tags out.pprof | grep -q 'bin/known'
  pprof -top -sample_index=alloc_objects -cum out.pprof | grep -qE ' main$'
}

@test "pprof: each sample has the frames that report --sites has" {
  known
  export_to pprof
  "$RATION" report --sites --json --output sites.json
  pprof -raw out.pprof >raw
  /usr/bin/python3 - <<'P'
import json, re
names, locations, at = [], {}, None
part = None
for line in open("raw"):
    if line.rstrip() in ("Samples:", "Locations", "Mappings"):
        part = line.rstrip()
    elif part == "Locations":
        head = re.match(r"\s+(\d+): 0x[0-9a-f]+ (?:M=\d+ )?(.*)$", line)
        if head:
            at, rest = int(head[1]), head[2]
            locations[at] = []
        else:
            rest = line.strip()
        function = re.match(r"(\S.*?) \S*:\d+", rest)
        if function:
            locations[at].append(function[1])
found = set()
for line in open("raw"):
    sample = re.match(r"\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+): ([\d ]+)$", line)
    if sample:
        stack = [name for location in sample[5].split() for name in locations[int(location)]]
        found.add((int(sample[2]), tuple(stack)))
sites = json.load(open("sites.json"))["processes"][0]["sites"]
expected = {(site["total_bytes"], tuple(frame["function"] for frame in site["frames"] if frame["function"])) for site in sites if site["frames"]}
assert len(expected) > 20
assert found >= expected, sorted(expected - found)[:3]
P
}

@test "folded: the root first, inlined functions marked, lines in order" {
  known
  export_to folded --by total
  LC_ALL=C sort -c out.folded
  grep -qE '^bin/known;.*;main;.* [0-9]+$' out.folded
  grep -q '_\[i\]' out.folded
  # Every stack of the program by itself comes from its start.
  [ "$(grep -c ';main;' out.folded)" -ge 10 ]
  "$RATION" export -f folded --by count --focus '^main$' | awk '{ sum += $NF } END { exit sum == 0 }'
  [ "$("$RATION" export -f folded --by total --focus 'no such function' | wc -l)" = 0 ]
  diff <("$RATION" export -f folded --by total --ignore '^main$') <(grep -v ';main\(;\| \)' out.folded)
}

@test "folded: names of C++ do not break lines or frames" {
  g++ -g -O1 -x c++ -o cxx - <<'C'
#include <map>
#include <string>
#include <cstdlib>
template <class T, char C> struct odd { __attribute__((noinline)) static void *get() { return std::malloc(sizeof(T) + C); } };
void *volatile kept;
int main() { kept = odd<std::map<std::string, int>, ';'>::get(); }
C
  track sample=1 ./cxx
  export_to folded
  grep -qE ";main;odd<std::map<[^;]*>::get\(?\)? [0-9]+$" out.folded
  read_export folded out.folded >/dev/null
}

@test "massif: ms_print draws it, with the peak and what lived then" {
  track sample=1 sqlite3 :memory: "$QUERY"
  export_to massif
  ms_print out.massif >printed
  "$RATION" report --json --output report.json
  peak=$(json .processes[0].total.peak_bytes) live=$(json .processes[0].total.live_bytes)
  grep -q '^Command: *sqlite3$' printed
  grep -qE ' Detailed snapshots: \[[0-9]+ \(peak\), [0-9]+\]' printed
  grep -q "^100.00% ($(printf "%'d" "$peak" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta')B) (heap allocation functions)" printed
  grep -q "^100.00% ($(printf "%'d" "$live" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta')B) (heap allocation functions)" printed
  grep -qE '^->[0-9.]+% \([0-9,]+B\) 0x0: lib/libsqlite3.so.0$' printed
  grep -q 'sqlite3Malloc' printed
  # Time never runs back, and nothing is above the peak.
  sed -n 's/^time=//p' out.massif | sort -nc
  [ "$(sed -n 's/^mem_heap_B=//p' out.massif | sort -n | tail -n 1)" = "$peak" ]
}

@test "openmetrics: Prometheus takes it, as text and as OpenMetrics" {
  track total=64M,total.policy=refuse,sample=4K,lib/libsqlite3.so.0=8M sqlite3 :memory: "$QUERY"
  export_to openmetrics
  [ "$(tail -n 1 out.openmetrics)" = "# EOF" ]
  # What reads text alone knows counters by their full name.
  sed -E 's/^# (HELP|TYPE) (ration_(allocations|frees|refused|lost)) /# \1 \2_total /' out.openmetrics |
    promtool check metrics >checked 2>&1 || { cat checked && false; }
  [ ! -s checked ]
  # What is read back in holds all of it; it wants times.
  awk '/^#/ { print; next } { print $0, 1790000000 }' out.openmetrics >timed
  promtool tsdb create-blocks-from openmetrics timed blocks >made
  awk -v expected="$(grep -vc '^#' out.openmetrics)" 'NR == 2 { exit !($7 == expected) }' FS='  +' made || { cat made && false; }
  # Sums over categories are the process's.
  "$RATION" report --json --output report.json
  for figure in live_bytes live_blocks allocations frees; do
    sum=$(awk -v name="ration_$figure" '{ split($1, part, "{") } part[1] == name || part[1] == name "_total" { sum += $NF } END { print sum }' out.openmetrics)
    [ "$sum" = "$(json ".processes[0].total.$figure")" ]
  done
  grep -q '^ration_budget_bytes{.*category="total"} 67108864$' out.openmetrics
  grep -q '^ration_budget_bytes{.*category="lib/libsqlite3.so.0"} 8388608$' out.openmetrics
  grep -q '^ration_pressure_level{.*category="total"} 0$' out.openmetrics
  grep -q '^ration_slack_bytes{' out.openmetrics
  grep -q '^ration_lost_total{.*what="samples_lost"} 0$' out.openmetrics
}

# Names of categories have no odd bytes; those of programs may.
@test "a program with quotes, a backslash and other bytes in its name, in every format" {
  local name=$'o"d,\\ \xff'
  echo '#include <stdlib.h>
    void *volatile kept;
    int main(void) { kept = malloc(100); return 0; }' >odd.c
  gcc -O1 odd.c -o "$name"
  track sample=1 "./$name"
  for format in "${FORMATS[@]}"; do export_to "$format"; done
  pprof -raw out.pprof >out.raw
  mv out.raw out.pprof
  for format in json csv openmetrics pprof speedscope folded; do
    read_export "$format" "out.$format" | grep -q '^bin/o_d___~\{0,1\}' || { read_export "$format" "out.$format" && false; }
  done
  ms_print out.massif | grep -qF 'Command:            o"d,\x5c \xff'
  grep -qF 'program="o\"d,\\x5c \\xff"' out.openmetrics
  [ "$(/usr/bin/python3 -c 'import csv; print(next(csv.DictReader(open("out.csv", newline="")))["program"])')" = 'o"d,\x5c \xff' ]
}

@test "json: all looks in one object; the same process as report has" {
  known
  export_to json
  "$RATION" export --json | diff - out.json
  echo 'leak:callback' >suppressed
  for look in --sites --largest --leaks --timeline --sizes --threads --events --pools --heap '--largest=1' '--leaks --suppressions=suppressed'; do
    case $look in *=*) export_to json "${look#--leaks }" ;; esac
    # shellcheck disable=SC2086 # an option or two
    "$RATION" report --json $look --output look.json
    # Reports of one look have nothing that is not in it.
    jq -e -n 'input.processes[0] as $all | input.processes[0] | to_entries | all(.key == "sampling" or $all[.key] == .value)' \
      out.json look.json
  done
  jq -e '.processes[0] | .suppressed_blocks > 0 and .leaked_blocks > 0 and (.largest | length) == 20' out.json
  refuses 2 'ration: export: --largest is of --format json; leave it out' export -f csv --largest 3
  refuses 3 'ration: --suppressions: nowhere: *' export --json --suppressions nowhere
  refuses 2 'ration: --suppressions: look.json:1: *' export --json --suppressions look.json
}

@test "csv: columns are JSON's names, of all rows" {
  known
  export_to json
  for rows in categories:categories sites:sites; do
    "$RATION" export -f csv --rows "${rows%:*}" >out.csv
    list=${rows#*:}
    [ "$(head -n 1 out.csv | tr -d '\r')" = "$(jq -r ".processes[0].${list}[0] | del(.lifetimes) | [\"pid\", \"program\", \"image\"] + keys_unsorted | join(\",\")" out.json)" ]
    /usr/bin/python3 - "$list" <<'P'
import csv, json, sys
rows = list(csv.DictReader(open("out.csv", newline=""), strict=True))
listed = json.load(open("out.json"))["processes"][0][sys.argv[1]]
assert len(rows) == len(listed) > 0
for row, entry in zip(rows, listed):
    for name, value in row.items():
        if name in ("pid", "program", "image", "frames"):
            continue
        own = entry[name]
        assert (value == (own or "") if own is None or isinstance(own, str) else json.loads(value) == own), (name, value, own)
    if "frames" in row:
        assert [name for name in row["frames"].split(";") if "+0x" not in name and not name.startswith("0x")] == \
            [frame["function"] for frame in entry["frames"] if frame["function"]], row["frames"]
P
  done
  "$RATION" export -f csv --rows timeline >out.csv
  [ "$(head -n 1 out.csv | tr -d '\r')" = pid,program,image,seconds,category,live_bytes ]
  [ "$(wc -l <out.csv)" = "$(jq '1 + ([.processes[0].timeline[].categories | length] | add // 0)' out.json)" ]
}
