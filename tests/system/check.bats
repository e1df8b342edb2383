#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# `ration check`: real programs held to conditions, and the outcome as people, CI servers and test harnesses read it.
# once: how the reporter judges figures, wherever they come from

load helpers
load held

bats_require_minimum_version 1.5.0

# check STATUS ARGS...: leaves output, and stderr.
check() {
  local status_wanted=$1
  shift
  run --separate-stderr "-$status_wanted" "$RATION" check "$@"
}

# told LINE: stderr has it (a glob).
told() {
  local line
  for line in "${stderr_lines[@]}"; do
    # shellcheck disable=SC2053
    if [[ $line == $1 ]]; then return 0; fi
  done
  printf 'expected: %s\ngot: %s\n' "$1" "$stderr"
  return 1
}

query='create table t(a); insert into t values(1),(2); select sum(a) from t'

# ---- what is met, and what is not --------------------------------------------------------------------------

@test "sqlite3 keeps to its conditions, and has its output and its status" {
  check 0 --max total.peak=512M --min total.allocations=10 -- sqlite3 :memory: "$query"
  [ "$output" = 3 ]
  told "  --max total.peak=512M *met*sqlite3"
  check 0 --quiet --max total.peak=512M -- sqlite3 :memory: "$query"
  [ -z "$stderr" ]
  check 1 --quiet --max total.peak=512M -- sqlite3 :memory: "select wrong"
  [[ $stderr = *"no such column"* ]]
  [[ $stderr != *"ration: "* ]]
}

@test "a line for each condition that is broken, and status 1" {
  check 1 --quiet --max total.peak=1K --max total.live=1G --min total.allocations=1000000 -- sqlite3 :memory: "$query"
  [ "$output" = 3 ]
  [ "${#stderr_lines[@]}" = 2 ]
  told "ration: check: total.peak is * of at most 1.0 KiB in sqlite3 (pid *)"
  told "ration: check: total.allocations is * of at least 1,000,000 in sqlite3 (pid *)"
}

@test "figures are those of the report" {
  RATION_OPTIONS=keep=1 check 1 --json --output check.json --max total.peak=0 --max total.allocations=0 \
    --max total.allocated=0 -- sqlite3 :memory: "$query"
  "$RATION" report --json --output report.json "$RATION_DIR"/ration.*
  jq -e --slurpfile report report.json '.conditions | map(.value) == ($report[0].processes[0].total
    | [.peak_bytes, .allocations, .allocated_bytes])' check.json
  jq -e --slurpfile report report.json '.conditions | all(.program == "sqlite3" and .is_met == false
    and .pid == $report[0].processes[0].pid and .limit == 0 and .processes_broken == 1)' check.json
}

@test "the program's own failure counts first" {
  check 7 --quiet --max total.peak=1 -- bash -c 'exit 7'
  told "ration: check: total.peak is *"
  check 143 --quiet --max total.peak=1G -- bash -c 'kill $$'
}

@test "each process of the tree is held to them, the worst one told" {
  check 1 --quiet --json --output check.json --max total.peak=1M --max total.allocations=100000000 -- \
    bash -c '/usr/bin/python3 -c "a = bytearray(50 << 20)"; sqlite3 :memory: "select 1"; true'
  told "ration: check: total.peak is 5*MiB of at most 1.0 MiB in python3* (pid *)*"
  jq -e '.conditions | .[0].processes_checked >= 3 and .[1].is_met' check.json
}

@test "a category that one of them has is held, the others have no say" {
  check 1 --quiet --max lib/libsqlite3.so.0.allocations=1 -- bash -c 'sqlite3 :memory: "select 1"; true'
  told "ration: check: lib/libsqlite3.so.0.allocations is * of at most 1 in sqlite3 (pid *)"
}

@test "budgets: breaches, refusals, time under pressure" {
  check 1 --quiet --set cache=5M --max cache.breaches=0 --max cache.worst=6M --max cache.none_seconds=1h -- \
    "$VICTIMS/asks" 100 100000 cache
  [ "$output" = "granted 100 of 100" ]
  told "ration: check: cache.breaches is 1 of at most 0 in asks (pid *)"
  told "ration: check: cache.worst is * MiB of at most 6.0 MiB in asks (pid *)"
  [ "${#stderr_lines[@]}" = 2 ]
  check 1 --quiet --set cache=5M --set cache.policy=refuse --max cache.refused=0 -- "$VICTIMS/asks" 100 100000 cache
  told "ration: check: cache.refused is $((100 - 5242880 / $(usable 100000))) of at most 0 in asks (pid *)"
}

# ---- leaks -------------------------------------------------------------------------------------------------

@test "leaks are those of report --leaks, but for what is suppressed" {
  "${CC:-gcc}" -std=c11 -g -D_GNU_SOURCE -fno-builtin "$BATS_TEST_DIRNAME/../victims/sites/leaky.c" -pthread -o leaky
  RATION_OPTIONS=keep=1 check 1 --json --output check.json --set sample=1 --max total.leaks=0 -- ./leaky
  told "ration: check: total.leaks is * of at most 0 in leaky (pid *)"
  [ "${#stderr_lines[@]}" = 1 ] # no remark: no block is missed
  "$RATION" report --leaks --json --output report.json "$RATION_DIR"/ration.*
  [ "$(jq '.conditions[0].value' check.json)" = "$(jq '.processes[0].leaked_blocks' report.json)" ]
  [ "$(jq '.conditions[0].value' check.json)" = "$(jq '.processes[0].total.subtree_live_blocks' report.json)" ]

  echo 'leak:in_thread' >known
  rm "$RATION_DIR"/ration.*
  RATION_OPTIONS=keep=1 check 1 --json --output check.json --set sample=1 --suppressions known --max total.leaks=0 -- ./leaky
  "$RATION" report --leaks --suppressions known --json --output report.json "$RATION_DIR"/ration.*
  [ "$(jq '.conditions[0].value' check.json)" = "$(jq '.processes[0].leaked_blocks' report.json)" ]
  jq -e '.processes[0] | .suppressed_blocks > 0 and .leaked_blocks > 0' report.json
  echo 'leak:leaky.c' >known
  check 0 --quiet --set sample=1 --suppressions known --max total.leaks=0 --max bin/leaky.leaks=0 -- ./leaky
}

@test "that samples may miss a leak is said, once" {
  check 0 --max total.leaks=1000000 --max total.subtree_leaks=1000000 -- \
    bash -c 'sqlite3 :memory: "select 1"; sqlite3 :memory: "select 2"'
  [ "$(grep -c 'leaks are counted from samples, 512.0 KiB apart' <<<"$stderr")" = 1 ]
  check 2 --quiet --set sample=off --max total.leaks=0 -- sqlite3 :memory: "$query"
  told "ration: check: total.leaks=0: no samples were taken, so leaks are not known; leave out sample=0"
}

@test "where few samples tell of leaks, they are no more than what lives" {
  check 1 --quiet --json --output check.json --max total.leaks=0 --max total.live_blocks=0 --max total.subtree_leaks=0 -- \
    /usr/bin/python3 -c 'kept = [bytearray(5000) for _ in range(3000)]; import os; os._exit(0)'
  jq -e '.conditions | map(.value) | .[1] > 3000 and .[0] > 0 and .[0] <= .[1] and .[2] <= .[1]' check.json
}

# ---- what is there already -----------------------------------------------------------------------------------

@test "--of: a process that runs, one that was kept, a recording: the same figures" {
  local wanted limits=(--max total.peak=1K --max total.leaks=0 --max bin/bash.allocations=1 --min total.frees=1)
  "$RATION" record --quiet --set keep=1,sample=1 --output t.ration -- bash -c 'sqlite3 :memory: "select 1"; sqlite3 :memory: "select 2"; true' >/dev/null
  set --
  for wanted in "$RATION_DIR"/ration.*; do set -- "$@" --of "$wanted"; done
  check 1 --json --output kept.json "${limits[@]}" "$@"
  [ "${#stderr_lines[@]}" = 3 ]
  check 1 --json --output recorded.json "${limits[@]}" --of t.ration
  diff kept.json recorded.json
  jq -e '.conditions | map(.processes_checked >= 3 or .category != "total") | all' kept.json
  "$RATION" report --json t.ration | jq -e --slurpfile checked kept.json '[.processes[].total.peak_bytes] | max == $checked[0].conditions[0].value'
  check 0 --junit out.xml --tap --max total.peak=1G --of "t.ration:$("$RATION" list --json t.ration | jq '.processes[0].pid')"
  [[ $output = "TAP version 13"* ]]
  well_formed out.xml
  hold '' env RATION_OPTIONS=sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  check 1 --json --output alive.json --max total.live_blocks=0 --max total.leaks=0 --of "$held"
  jq -e --argjson pid "$held" '.conditions | .[0].value > 0 and .[0].value == .[1].value and all(.pid == $pid)' alive.json
}

@test "--of: what is not there, was not counted, or is of a program that is started" {
  refuses 3 'ration: nowhere: no such file; *' check --max total.peak=1 --of nowhere
  refuses 3 'ration: 999999999: no tracked process *' check --max total.peak=1 --of 999999999
  refuses 2 'ration: check: --of is of what is there already; leave out `ls`, or --of' check --max total.peak=1 --of 1 ls
  refuses 2 'ration: check: --set is of a program that is started; *' check --max total.peak=1 --of 1 --set sample=1
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM "$VICTIMS/own_malloc" >/dev/null
  refuses 3 '*: nothing is known of its memory: none of its processes was counted; *' check --quiet --max total.peak=1 --of "$RATION_DIR"/ration.*
}

# ---- files -------------------------------------------------------------------------------------------------

@test "conditions out of a file" {
  printf '# all\n--max total.peak=512M   # enough\n\n--min=total.allocations=1\n' >conditions
  check 0 --conditions conditions --json --output check.json --max total.live=1G -- sqlite3 :memory: "$query"
  jq -e '.conditions | map(.figure) == ["live", "peak", "allocations"]' check.json
}

# well_formed FILE: by the parts of the schema that readers of JUnit's XML agree on.
well_formed() {
  xmllint --noout --relaxng "$BATS_TEST_DIRNAME/junit.rng" "$1"
}

@test "JUnit: a schema, the counts, and texts that XML must not take for its own" {
  check 2 --junit out.xml --max total.peak=1K --max total.live=1G --max '<&">.live=1' -- sqlite3 :memory: "$query"
  well_formed out.xml
  /usr/bin/python3 - <<'END'
import xml.etree.ElementTree as tree
suite = tree.parse("out.xml").getroot().find("testsuite")
cases = suite.findall("testcase")
assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["3", "1", "1"]
assert len(cases) == 3 and len(suite.findall("testcase/failure")) == 1 and len(suite.findall("testcase/error")) == 1
assert cases[0].find("failure").text.startswith("total.peak is "), cases[0].find("failure").text
assert cases[2].get("name") == '--max <&">.live=1'
assert len(suite.find("system-out").text.splitlines()) == 3
END
  sed 's/<properties\/>//; s/tests=/test=/' out.xml >broken.xml
  run ! well_formed broken.xml
}

@test "TAP, as prove reads it" {
  check 1 --tap --max total.peak=1K --max total.live=1G -- sqlite3 :memory: "$query"
  [ "${lines[0]}" = 3 ]
  [ "${lines[1]}" = "TAP version 13" ]
  run -0 prove --exec "$RATION check --quiet --tap --max total.peak=1G --min total.allocations=1 --" "$VICTIMS/looks"
  [[ $output = *"Result: PASS"* ]]
  run ! prove --exec "$RATION check --quiet --tap --max total.peak=1 --max total.live=1G --" "$VICTIMS/looks"
  [[ $output = *"Failed test:  1"* ]]
  check 1 --tap=out.tap --max total.peak=1K -- sqlite3 :memory: "$query"
  [ "$output" = 3 ]
  grep -qx 'not ok 1 - --max total.peak=1K' out.tap
}

# ---- what cannot be checked --------------------------------------------------------------------------------

@test "a category, or a budget, that no process has" {
  check 2 --quiet --max parsr.live=1G --max total.peak=1 -- sqlite3 :memory: "$query"
  told 'ration: check: parsr.live=1G: no process has a category `parsr`; `ration run` shows which there are'
  told "ration: check: total.peak is *"
  check 2 --quiet --max total.breaches=0 -- sqlite3 :memory: "$query"
  told 'ration: check: total.breaches=0: `total` has no budget in any process; set one with --set or --config'
  check 2 --quiet --max total.growth_5m_per_hour=-1K --min total.allocations=1 -- sqlite3 :memory: "$query"
  told "ration: check: total.growth_5m_per_hour=-1K: not known of any process: none has lived for half of that, *"
}

@test "a program that is not tracked is none that passes" {
  printf 'int main(void) { return 0; }' | "${CC:-gcc}" -x c -static -o static -
  check 125 --quiet --max total.peak=1G -- ./static
  told "ration: check: nothing is known of its memory: */static: not tracked: it *"
}

@test "wrong figures, values, texts and files are named, and nothing runs" {
  refuses 2 'ration: --max: no figure `peek`; there are live, live_blocks, peak, *, accounted, held, and most with subtree_ *' \
    check --max total.peek=1M -- touch ran
  refuses 2 'ration: --min: `total`: expected CATEGORY.FIGURE, like total.peak' check --min total=1M -- touch ran
  refuses 2 'ration: --max: `total.peak`: expected CATEGORY.FIGURE=VALUE, like total.peak=512M' \
    check --max total.peak -- touch ran
  refuses 2 'ration: --max: `12MB`: expected a size: *' check --max total.peak=12MB -- touch ran
  refuses 2 'ration: --max: `1K`: expected a number, in digits alone' check --max total.leaks=1K -- touch ran
  refuses 2 'ration: --max: `3`: expected 0, or a time from 1ms to 1000h, like 10s' \
    check --max total.high_seconds=3 -- touch ran
  refuses 2 'ration: check: no condition; give one with --max, --min or --conditions, *' check -- touch ran
  refuses 2 'ration: check: no command to run; see `ration help check`' check --max total.peak=1M
  printf '\n--max total.peek=1\n' >wrong
  refuses 2 'ration: wrong:2: no figure `peek`; *' check --conditions wrong -- touch ran
  refuses 125 'ration: nowhere: cannot be read: No such file or directory; *' check --conditions nowhere -- touch ran
  refuses 125 'ration: no/where: cannot be written: No such file or directory; *' \
    check --junit no/where --max total.peak=1 -- touch ran
  refuses 125 'ration: --suppressions: nowhere: *' check --suppressions nowhere --max total.leaks=1 -- touch ran
  refuses 127 'ration: no-such-program: not found; *' check --max total.peak=1 -- no-such-program
  [ ! -e ran ]
}

@test "an outcome that cannot be written" {
  check 125 --quiet --junit /dev/full --max total.peak=1G -- sqlite3 :memory: "$query"
  told "ration: /dev/full: cannot be written: *"
  check 1 --quiet --junit /dev/full --max total.peak=1G -- bash -c 'exit 1'
}
