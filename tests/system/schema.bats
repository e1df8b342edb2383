#!/usr/bin/env bats
# shellcheck disable=SC2154 # held.bash assigns held
# What each subcommand says with --json, of processes in every state, is what docs/schema says of it: no field is missing, none
# is there that does not stand there; and what is wrong is refused.
# once: which fields the reporter emits; of both heaps, each said by name

load helpers
load held
bats_require_minimum_version 1.5.0

SCHEMAS=$BATS_TEST_DIRNAME/../../docs/schema
LOOKS=("" --sites --largest --leaks --timeline --sizes --threads --events --pools --heap)

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
  track sample=1,heap=page "$VICTIMS/misuses_blocks" double 3
  track heap=page "$VICTIMS/misuses_blocks" inside 3
  look_at_all
  [ "$(jq '[.processes[].state] | unique | length > 1' list.json)" = true ]
}

@test "report, export: budgets, handlers, pools, accounts, marks, threads, refusals, rules" {
  track sample=16K,total=400K,total.policy=refuse sqlite3 :memory: "$QUERY"
  for victim in pools accounts marks names_threads meets_budgets; do track sample=1,total=100M "$VICTIMS/$victim"; done
  track sample=1 "$VICTIMS/pressure_handlers"
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
  (ulimit -f 1900 && track sample=1 ls /)
  [ -n "$(find "$RATION_DIR" -name '*.dump.*')" ]
  look_at_all
  jq -e 'any(.processes[]; .passive == "own_malloc" and .remark)' list.json
}

@test "top: budgets, a session, a passive process, nothing" {
  "$RATION" top --once --json --session 1.1 --output top1.json
  hold '' "$RATION" run --quiet --set keep=1 --set held=1M -- "$VICTIMS/holds_blocks"
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM "$VICTIMS/own_malloc" >/dev/null 2>&1 || true
  "$RATION" top --once --json --session last --output top2.json
  "$RATION" top --once --json --output top3.json "$RATION_DIR"/ration.*
  validate top top?.json
  jq -e '.processes == [] and .remark' top1.json
  jq -e '.processes[0].categories | any(.level == "critical" and .used_bytes > 0) and any(.limit_bytes == null)' top2.json
  jq -e '.processes | any(.passive == "own_malloc")' top3.json
  let_go
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

@test "list --session, report, export, plan, diff: processes of a session, and recordings" {
  local script='ls / >/dev/null; (exec sqlite3 :memory: "select 1" >/dev/null) & wait; exec ls . >/dev/null'
  "$RATION" run --quiet --set keep=1 --set sample=1 -- bash -c "$script"
  "$RATION" list --json --session last --output sessions.json
  validate --strict list sessions.json
  jq -e '.sessions[0].processes | any(.images | length > 1)' sessions.json
  "$RATION" record --quiet --set sample=1 --output a.ration -- bash -c "$script"
  "$RATION" record --quiet --largest --set sample=4K,total=10M --output b.ration -- bash -c "ls . >/dev/null; $script"
  look_at b.ration
  validate_looks
  jq -e '.processes | length > 1' export.1.json
  "$RATION" list --json --output list.json a.ration b.ration
  validate list list.json
  "$RATION" diff --json --output diff1.json a.ration b.ration
  "$RATION" diff --json --by peak --output diff2.json --fail-if 'total.live>+1T' a.ration b.ration
  track sample=off sqlite3 :memory: "$QUERY"
  "$RATION" diff --json --since 1h --output diff4.json "$(grep -l sqlite3 "$RATION_DIR"/ration.* | tail -n 1)"
  "$RATION" record --quiet --output c.ration -- bash -c "'$VICTIMS/own_malloc' >/dev/null; true"
  "$RATION" diff --json --since 1h --output diff5.json c.ration
  validate diff diff1.json diff2.json diff4.json diff5.json
  jq -e '.processes | any(.before == null and .remark)' diff5.json
  jq -e '.processes | any(.before == null)' diff1.json
}

@test "check: met, broken, of nobody, by samples" {
  "$RATION" check --json --output check1.json --max total.peak=1K --min total.allocations=1 --max total.leaks=0 -- ls / >/dev/null ||
    [ $? = 1 ]
  "$RATION" check --json --output check2.json --max none.live=3 -- ls / >/dev/null || [ $? = 2 ]
  "$RATION" check --json --output check3.json --max total.live=1M --set sample=1 -- ls / >/dev/null
  validate check check?.json
  jq -e '.conditions | any(.is_met | not) and any(.is_met)' check1.json
}

@test "doctor: a sound program, one that is not tracked, the machine, a process" {
  printf 'int main(void) { return 0; }' >static.c && gcc -static static.c -o static
  "$RATION" doctor --json --output doctor1.json /bin/ls
  "$RATION" doctor --json --output doctor2.json ./static
  "$RATION" doctor --json --output doctor3.json
  "$RATION" doctor --json --output doctor4.json $$
  RATION_OPTIONS=what=ever "$RATION" doctor --json --output doctor5.json "$VICTIMS/own_malloc"
  "$RATION" doctor --promises --json --output doctor6.json
  validate doctor doctor?.json
  [ "$(jq -r .verdict doctor2.json)" = untracked ]
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
  dead=$("$RATION" list --json | jq '[.processes[] | select(.state != "running" and .state != "stopped")] | length')
  "$RATION" clean --json --output clean1.json
  "$RATION" clean --json --output clean2.json
  validate clean clean?.json
  jq -e --argjson dead "$dead" '.removed == $dead and $dead >= 1' clean1.json
  jq -e '.removed == 0' clean2.json
}

@test "creatures" {
  "$RATION_BUILD/creatures" --creatures 50 --seconds 1 --json >creatures.json
  validate creatures creatures.json
}

# ---- what must be refused ----------------------------------------------------------------------------------

# A document of each command that has all that the cases are about.
documents() {
  RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD=$SHIM "$VICTIMS/pressure_handlers" >/dev/null &
  local pid=$!
  wait $pid
  "$RATION" report --sites --json --output report.json $pid
  "$RATION" export --json --output export.json $pid
  "$RATION" list --json --output list.json
  "$RATION" plan --json --output plan.json $pid
  printf '[category db]\nmatch = lib:libsqlite3*\nbudget = 10M\n' >rules.ini
  "$RATION" config --json --output config.json rules.ini
  "$RATION" clean --json --output clean.json
  "$RATION" run --json --output run.json -- ls /
  "$RATION" check --json --output check.json --max total.live=1G -- ls / >/dev/null
  track sample=1 ls /
  "$RATION" diff --json --output diff.json "$RATION_DIR"/ration.* "$RATION_DIR"/ration.*
  "$RATION" doctor --json --output doctor.json "$VICTIMS/own_malloc"
  hold '' env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  "$RATION" whose --json --output whose.json "$held" "$(cut -d ' ' -f 1 said)"
  "$RATION" set --json --output set.json "$held" total=50M
  "$RATION" top --once --json --output top.json "$held"
  let_go
  "$RATION_BUILD/creatures" --creatures 50 --seconds 0 --json >creatures.json
}

@test "fields that are missing, fields that are not ours, wrong values: each is refused" {
  documents
  cases=$BATS_TEST_DIRNAME/schema_cases.json
  for name in report export list top run check diff whose set plan config clean doctor creatures; do
    [ -s $name.json ]
    validate --cases $name $name.json "$cases"
    validate --strict $name $name.json
  done
  # Every case was one of these.
  [ "$(jq '[.[].of] | unique | length' "$cases")" = 14 ]
}
