#!/usr/bin/env bats
# shellcheck disable=SC2154 # held.bash assigns held
# What each subcommand says with --json, of processes in every state, is what docs/schema says of it: no field is missing, none
# is there that does not stand there; and what is wrong is refused.

load helpers
load held
bats_require_minimum_version 1.5.0

SCHEMAS=$BATS_TEST_DIRNAME/../../docs/schema
LOOKS=("" --sites --largest --leaks --timeline --sizes --threads --events --pools)

validate() {
  /usr/bin/python3 "$BATS_TEST_DIRNAME/validate.py" "$@"
}

# look_at PID|FILE: each look of report, and export; for validate_looks.
look_at() {
  local i
  looked=$((${looked:-0} + 1))
  for i in "${!LOOKS[@]}"; do
    # shellcheck disable=SC2086 # an option or none
    "$RATION" report --json ${LOOKS[i]} --output "report.$looked.$i.json" "$1"
  done
  "$RATION" export --json --output "export.$looked.json" "$1"
}

validate_looks() {
  validate report report.*.json
  validate export export.*.json
}

# look_at_all: each segment here; and all of them as a list.
look_at_all() {
  local segment
  for segment in "$RATION_DIR"/ration.*; do look_at "$segment"; done
  validate_looks
  "$RATION" list --json --output list.json
  validate list list.json
}

# track SETTINGS CMD...: runs it, whatever its status; its segment stays.
track() {
  local settings=$1
  shift
  RATION_OPTIONS=keep=1,$settings LD_PRELOAD=$SHIM "$@" >/dev/null 2>&1 </dev/null || true
}

QUERY="create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000)
insert into t select x, hex(randomblob(50)) from c; select count(*) from t;"

@test "every subcommand that has --json has a schema, and each schema a subcommand" {
  local command with=
  for command in $("$RATION" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    if "$RATION" help "$command" | grep -q -- --json; then with+=$command$'\n'; fi
  done
  [ "$(wc -l <<<"$with")" -ge 12 ]
  diff <(printf '%screatures\nprocess\n' "$with" | sort) <(cd "$SCHEMAS" && ls ./*.json | sed 's|./||; s|\.json||' | sort)
}

@test "report, list, export: a process that runs, is stopped, is killed" {
  hold '' env RATION_OPTIONS=keep=1,sample=1,memory=1,total=10M LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  look_at "$held"
  jq -e '.processes[0] | .state == "running" and .memory.rss_bytes > 0' report.1.0.json
  kill -STOP "$held"
  until [[ $(cut -d ' ' -f 3 "/proc/$held/stat") == T ]]; do sleep 0.01; done
  look_at "$held"
  kill -KILL "$held"
  let_go || [ $? = 137 ]
  look_at_all
  [ "$(jq -r '.processes[0].state' report.3.0.json)" = gone ]
}

@test "report, export: with and without samples, with stacks of C++, with forks and execs" {
  track sample=off sqlite3 :memory: "$QUERY"
  track sample=4K sqlite3 :memory: "$QUERY"
  track sample=16K /usr/bin/python3 -c 'import os; os.fork() or os.execvp("true", ["true"]); os.wait()'
  track sample=1 "$VICTIMS/operators"
  track sample=1 "$VICTIMS/fork_chain"
  look_at_all
  [ "$(jq '[.processes[].state] | unique | length > 1' list.json)" = true ]
}

@test "report, export: budgets, handlers, pools, accounts, marks, threads, refusals, rules" {
  track sample=16K,total=400K,total.policy=refuse sqlite3 :memory: "$QUERY"
  for victim in pressure_handlers pools accounts marks names_threads meets_budgets; do track sample=1,total=100M "$VICTIMS/$victim"; done
  track 'accounts=1,mmap=1,sample=1,none.match=fn:no_such_function' "$VICTIMS/mappings"
  track 'sample=1,what=ever,cache.fail=share:1%' "$VICTIMS/scopes"
  track 'total=300K,total.policy=abort,sample=16K' sqlite3 :memory: "$QUERY"
  look_at_all
  jq -e 'any(.processes[]; .refusals | length > 0) and any(.processes[]; .handlers | length > 0) and
    any(.processes[]; .accounts | length > 0) and any(.processes[]; .budgets | length > 0) and
    any(.processes[]; .rules_unmatched | length > 0) and any(.processes[]; .losses.settings_ignored | length > 0)' list.json
}

@test "report, export: a passive process, a copy, a small segment" {
  track sample=1 "$VICTIMS/own_malloc"
  track 'sample=16K,total=100K,total.dump=breach' sqlite3 :memory: "$QUERY"
  (ulimit -f 1888 && track sample=1 ls /)
  [ -n "$(find "$RATION_DIR" -name '*.dump.*')" ]
  look_at_all
  jq -e 'any(.processes[]; .passive == "own_malloc" and .remark)' list.json
}

@test "list: nothing to show" {
  local alone=()
  # Others may be tracked on this machine: then their folder is hidden from view.
  [ "$("$RATION" list --json | jq '.processes | length')" = 0 ] ||
    alone=(unshare -m sh -c 'mount -t tmpfs none /dev/shm && exec "$@"' sh)
  "${alone[@]}" "$RATION" list --json >list.json
  validate list list.json
  jq -e '.processes == [] and .remark' list.json
}

@test "run: children, more of them than are shown, a program that is not tracked, no such category" {
  "$RATION" run --json --output run1.json --set sample=1 -- bash -c 'for i in {1..24}; do ls / >/dev/null; done; kill -KILL $$' || [ $? = 137 ]
  jq -e '.rest.processes > 0 and .processes[0].signal == 9' run1.json
  "$RATION" run --json --output run2.json --set total=1M,total.policy=refuse --category none -- ls /
  jq -e .remark run2.json
  printf 'int main(void) { return 0; }' >static.c && gcc -static static.c -o static
  "$RATION" run --json --output run3.json -- ./static
  jq -e '.remark and .processes == []' run3.json
  "$RATION" run --json --output run4.json --set only=none -- ls /
  validate run run?.json
}

@test "whose, set: a block, a foreign one; taken up, pending, below what is used" {
  hold '' env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  read -r -a addresses <said
  for i in "${!addresses[@]}"; do "$RATION" whose --json --output "whose$i.json" "$held" "${addresses[i]}"; done
  validate whose whose?.json
  [ "$(jq -s '[.[].block] | unique | length' whose?.json)" = 2 ]
  "$RATION" set --json --output set1.json "$held" total=50M sample=64K
  "$RATION" set --json --output set2.json "$held" held/large=10K memory=1
  validate set set?.json
  jq -e '.budgets[0].over_bytes > 0 and .answer == "pending"' set2.json
  let_go
  rm gate said
  hold '' env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" /usr/bin/python3 -uc '
import sys
print("on")
while True: kept = [bytearray(5000) for _ in range(2000)]'
  "$RATION" set --json --output set3.json "$held" total=1G
  validate set set3.json
  [ "$(jq -r .answer set3.json)" = taken ]
}

@test "plan, config, clean" {
  cat >rules.ini <<'I'
[options]
sample = 64K
[category db]
match = lib:libsqlite3*, fn:sqlite3_*
budget = 20M
policy = refuse
thresholds = 50/60/70/80
reserve = 1M
[category small]
budget = 1K
[category bin/sqlite3]
budget = cgroup:50%
[category lib/libsqlite3.so.0]
budget = 100K
dump = breach
I
  "$RATION" config --json --output config1.json rules.ini 2>/dev/null
  printf '[options]\nkeep = 1\n' >empty.ini
  "$RATION" config --json --output config2.json empty.ini
  validate config config?.json
  track sample=1 sqlite3 :memory: "$QUERY"
  "$RATION" plan --json --output plan1.json "$RATION_DIR"/ration.*
  "$RATION" plan --json --headroom 0% --output plan2.json "$RATION_DIR"/ration.*
  "$RATION" plan --json --dry-run rules.ini --output plan3.json "$RATION_DIR"/ration.*
  validate plan plan?.json
  jq -e '[.budgets[].outcome] | unique | length >= 3' plan3.json
  "$RATION" clean --json --output clean1.json
  "$RATION" clean --json --output clean2.json
  validate clean clean?.json
  # Others' segments may lie on this machine, too.
  jq -e '.removed >= 1 and .removed_bytes > 0' clean1.json
  [ -z "$(ls "$RATION_DIR")" ]
}

# ---- recordings --------------------------------------------------------------------------------------------

# Forks, execs, one that is killed, one that is passive, one without a block.
SESSION="sqlite3 :memory: '$QUERY'; $VICTIMS/own_malloc; bash -c 'kill -KILL \$\$'; $VICTIMS/fork_chain; exec true"

@test "report, export, list, plan: a recording, one that is not whole, one of a process that runs on" {
  "$RATION" record -q -o whole.ration -s sample=4K,total=100M --largest -- bash -c "$SESSION" >said.session 2>&1
  "$RATION" record -q -o events.ration -s sample=1,total=100M -- "$VICTIMS/pressure_handlers" >/dev/null 2>&1 || [ $? -lt 125 ]
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  "$RATION" record -q -o runs.ration "$held" &
  recorder=$!
  until "$RATION" list runs.ration >/dev/null 2>&1; do sleep 0.01; done
  kill -INT "$recorder"
  wait "$recorder"
  let_go
  head -c -1 runs.ration >part.ration
  pid=$("$RATION" list --json whole.ration | jq '[.processes[] | select(.program == "sqlite3")][0].pid')
  for file in whole.ration part.ration events.ration runs.ration; do
    look_at "$file"
    "$RATION" list --json --output "list.$looked.json" "$file"
  done
  for file in events.ration runs.ration part.ration "whole.ration:$pid"; do
    "$RATION" plan --json --output "plan.$((++planned)).json" "$file"
  done
  "$RATION" report --json --largest --output report.one.json "whole.ration:$pid"
  "$RATION" list --json --output list.one.json "whole.ration:$pid"
  validate_looks
  validate list list.*.json
  validate plan plan.*.json
  jq -e '[.processes[].state] | unique | length >= 3' list.1.json
  jq -e 'any(.processes[]; .passive == "own_malloc") and any(.processes[]; .state == "gone")' list.1.json
  jq -e '.processes[0].remark' list.2.json
  jq -e '.processes[0] | .state == "running" and .remark' list.4.json
  jq -e '.processes | length == 1' report.one.json
  # Looks are in the order of LOOKS.
  jq -e 'any(.processes[]; .largest_before) and any(.processes[]; has("largest") and (has("largest_before") | not))' report.1.2.json
  jq -e '[.processes[0].events[].kind] | unique | length >= 4' report.3.7.json
}

@test "list: of named ones, of a session" {
  "$RATION" run --quiet --set keep=1 -- bash -c "$SESSION" >/dev/null 2>&1
  "$RATION" list --json --session last --output session1.json
  "$RATION" record -q -o it.ration -- bash -c "$SESSION" >/dev/null 2>&1
  "$RATION" list --json --session last --output session2.json it.ration
  "$RATION" list --json --output named.json it.ration "$(find "$RATION_DIR" -name 'ration.*' | head -n 1)"
  hold '' "$RATION" run --quiet -- "$VICTIMS/holds_blocks"
  "$RATION" list --json --session last --output session3.json
  let_go
  validate list session?.json named.json
  for file in session1.json session2.json; do
    jq -e '.sessions[0] | any(.processes[]; .passive) and any(.processes[]; .state == "gone") and
      any(.processes[]; .images | length > 1) and ([.processes[].depth] | max) > 1' "$file"
  done
  jq -e '.sessions[0].total.running == 1' session3.json
}

# ---- diff, check, doctor -----------------------------------------------------------------------------------

# keeps NAME SETTINGS CMD...: its segment is then NAME.
keeps() {
  local name=$1
  shift
  track "$@"
  mv "$RATION_DIR"/ration.* "$name"
}

@test "diff: pairs and single ones, by each measure, without samples, passive, with conditions, of recordings" {
  keeps one sample=1,total=100M sqlite3 :memory: "select 1"
  keeps two sample=4K sqlite3 :memory: "$QUERY"
  keeps off sample=off sqlite3 :memory: "$QUERY"
  keeps passive sample=1 "$VICTIMS/own_malloc"
  "$RATION" record -q -o it.ration -s sample=4K -- bash -c "$SESSION" >/dev/null 2>&1
  for by in live total peak count; do
    "$RATION" diff --json --by $by --output "diff.$by.json" two off
    "$RATION" diff --json --by $by --output "passive.$by.json" passive two
  done
  "$RATION" diff --json --output recorded.json it.ration two
  "$RATION" diff --json --by total --output same.json two two
  "$RATION" diff --json --output judged.json --fail-if 'total.live>+0' --fail-if 'total.leaks>+10%' \
    --fail-if 'total.none_seconds<0' --fail-if 'total.used<0' --fail-if 'total.allocations<1000000' two one || [ $? = 1 ]
  "$RATION" diff --json --output unmatched.json two it.ration
  "$RATION" diff --json --output part.json --category lib --depth 1 one two
  validate diff ./*.json
  jq -e '.processes[0].remark and .processes[0].sites == []' diff.live.json
  jq -e '[.conditions[].is_met] | unique | length == 2' judged.json
  jq -e 'any(.processes[]; .before == null)' unmatched.json
  jq -e '[.processes[0].categories[].change] | unique | length > 1' passive.peak.json
  jq -e '.processes[0].sites | length > 0' same.json
}

@test "diff --since: of a process that runs, one that has ended, a recording" {
  keeps one sample=1,total=100M sqlite3 :memory: "select 1"
  "$RATION" record -q -o it.ration -- sqlite3 :memory: "$QUERY" >/dev/null
  "$RATION" diff --json --since 1h --output since1.json --fail-if 'total.live>1' one || [ $? = 1 ]
  "$RATION" diff --json --since 1ms --output since2.json it.ration
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  until "$RATION" diff --json --since 10ms --output since3.json "$held" 2>/dev/null; do sleep 0.01; done
  let_go
  validate diff since?.json
  jq -e '.processes[0].since_seconds == 3600 and .conditions[0].value > 1' since1.json
}

@test "check: kept, broken, of none, of samples, of what is not tracked" {
  local all=(--max total.peak=1G --min total.allocations=1 --max total.live=1 --max nowhere.peak=1 --max total.leaks=0
    --max total.used=1G --min total.none_seconds=1h)
  "$RATION" check --json --output check1.json "${all[@]}" -s total=100M -- \
    bash -c 'ls /; sqlite3 :memory: "select 1"; :' >/dev/null 2>&1 || [ $? = 2 ]
  "$RATION" check --json --output check2.json "${all[@]}" -s sample=off -- bash -c 'kill -KILL $$' 2>/dev/null || [ $? = 137 ]
  printf 'int main(void) { return 0; }' >static.c && gcc -static static.c -o static
  "$RATION" check --json --output check3.json "${all[@]}" -- ./static 2>/dev/null || [ $? = 125 ]
  "$RATION" check --json --output check4.json -q --max total.leaks=1000000 -s sample=1 -- ls / >/dev/null
  validate check check?.json
  jq -e '.remark and (.conditions | length == 7 and .[0].is_met and .[0].processes_checked > 1 and .[2].processes_broken > 0
    and .[3].value == null)' check1.json
  jq -e '[.conditions[].value] | unique == [null]' check3.json
  jq -e '(has("remark") | not) and .conditions[0].is_met' check4.json
}

@test "doctor: the machine, programs, processes, and what stands in their way" {
  "$RATION" doctor --json --output doctor1.json
  "$RATION" doctor --json --output doctor2.json /usr/bin/sqlite3
  printf 'int main(void) { return 0; }' >static.c && gcc -static static.c -o static
  "$RATION" doctor --json --output doctor3.json ./static
  "$RATION" doctor --json --output doctor4.json "$VICTIMS/own_malloc"
  printf '#!/bin/sh\n' >script && chmod +x script
  RATION_OPTIONS=unwind=off,sampel=1 RATION_DIR=nowhere "$RATION" doctor --json --output doctor5.json ./script
  (ulimit -v 200000 && "$RATION" doctor --json --output doctor6.json)
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  "$RATION" doctor --json --output doctor7.json "$held"
  "$RATION" doctor --json --output doctor8.json $$
  let_go
  validate doctor doctor?.json
  jq -e '.program == null' doctor1.json
  jq -e '[.findings[].severity] | length >= 3' doctor5.json
  jq -e -s '[.[].verdict] | contains(["tracked", "untracked"])' doctor?.json
  jq -e '.verdict == "untracked" and .pid > 0' doctor8.json
  # It has the names of all that can be found, and no other ones.
  diff <(sed -n 's/.*\.name = "\([a-z_]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../tools/ration/doctor/finding.c" | sort) \
    <(jq -r '."$defs"[].enum[]' "$SCHEMAS/doctor.json" | sort)
}

@test "creatures" {
  "$RATION_BUILD/creatures" --creatures 50 --seconds 1 --json >creatures.json
  validate creatures creatures.json
}

# ---- what must be refused ----------------------------------------------------------------------------------

# A document of each command that has all that the cases are about.
documents() {
  track sample=1,total=100M "$VICTIMS/pressure_handlers"
  local pid # it forks a child that has none of that
  pid=$("$RATION" list --json | jq '[.processes[] | select(.handlers != [])][0].pid')
  "$RATION" report --sites --json --output report.json "$pid"
  "$RATION" export --json --output export.json "$pid"
  "$RATION" list --json --output list.json
  "$RATION" plan --json --output plan.json "$pid"
  printf '[category db]\nmatch = lib:libsqlite3*\nbudget = 10M\n' >rules.ini
  "$RATION" config --json --output config.json rules.ini
  "$RATION" clean --json --output clean.json
  "$RATION" run --json --output run.json -- ls /
  hold '' env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  "$RATION" whose --json --output whose.json "$held" "$(cut -d ' ' -f 1 said)"
  "$RATION" set --json --output set.json "$held" total=50M
  let_go
  "$RATION_BUILD/creatures" --creatures 50 --seconds 0 --json >creatures.json
  "$RATION" record -q -o it.ration --largest -s sample=1 -- "$VICTIMS/holds_blocks" </dev/null >/dev/null
  "$RATION" report --json --largest --output "report --largest.json" it.ration
  "$RATION" list --json --session last --output "list --session.json" it.ration
  "$RATION" diff --json --output diff.json --fail-if 'total.live>+1G' it.ration it.ration
  "$RATION" diff --json --since 1ms --output "diff --since.json" it.ration
  "$RATION" check --json --output check.json --max total.peak=1G -- ls / >/dev/null
  printf 'int main(void) { return 0; }' >static.c && gcc -static static.c -o static
  "$RATION" doctor --json --output doctor.json ./static
}

DOCUMENTS=(report "report --largest" export list "list --session" run whose set plan config clean diff "diff --since" check
  doctor creatures)

@test "fields that are missing, fields that are not ours, wrong values: each is refused" {
  documents
  cases=$BATS_TEST_DIRNAME/schema_cases.json
  for name in "${DOCUMENTS[@]}"; do
    [ -s "$name.json" ]
    validate --cases "$name" "$name.json" "$cases"
    validate --strict "$name" "$name.json"
  done
  # Every case was one of these.
  [ "$(jq '[.[].of] | unique | length' "$cases")" = ${#DOCUMENTS[@]} ]
}
