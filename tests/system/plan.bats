#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are the tool's; a test is a function
# `ration plan`: budgets from what was used, and what budgets would have come to.
# once: what the reporter makes of recordings and timelines

load helpers
load growing
bats_require_minimum_version 1.5.0

# refuses_plan STATUS LINE ARGS...: `ration plan ARGS` does.
refuses_plan() {
  refuses "$1" "$2" plan "${@:3}"
}

@test "plan proposes what config takes: total first, each a quarter above its peak" {
  start_growing
  order +83886080
  order -
  "$RATION" plan "$victim" >rules
  [[ $(sed -n 1p rules) == "; grows_when_told (pid $victim) in "*": its peaks and 25 % headroom" ]]
  [ "$(sed -n 3,4p rules)" = '[category total]
budget = 104M ; peak 80.0 MiB' ]
  [ "$(sed -n 6,7p rules)" = '[category cache]
budget = 104M ; peak 80.0 MiB' ]
  string=$("$RATION" config rules 2>notes)
  [[ $string == total.budget=104M,cache.budget=104M,bin.budget=64K,* ]]
  # They hold what they were made from.
  "$RATION" set "$victim" cache=104M >/dev/null
  end_victim
  start_again=$(mktemp -u ./again.XXXX)
  mkdir "$start_again" && cd "$start_again"
  start_growing "$string,total.policy=refuse"
  order +83886080
  [ "$line" = "done" ]
}

@test "plan --headroom, and as JSON" {
  start_growing
  order +83886080
  "$RATION" plan --json --headroom 0% "$victim" >plan.json
  jq -e ".basis == \"peaks\" and .headroom_percent == 0 and .program == \"grows_when_told\" and .pid == $victim" plan.json
  jq -e '.budgets[0] | .category == "total" and .limit_bytes >= .peak_bytes and .limit_bytes < .peak_bytes * 1.07' plan.json
  jq -e '.budgets[1] | .category == "cache" and .budget == "84M" and .limit_bytes == 88080384 and .peak_bytes > 83886080' plan.json
  "$RATION" plan --headroom 100 "$victim" | grep -q '^budget = 168M ; peak 80.0 MiB$'
}

@test "plan reads a dead process, and a copy of its segment" {
  start_growing
  order +83886080
  cp "$RATION_DIR"/ration.*."$victim".* copy
  "$RATION" plan ./copy | grep -q '^budget = 104M ; peak 80.0 MiB$'
  kill -KILL "$victim"
  wait "$victim" || true
  "$RATION" plan "$victim" | grep -q '^budget = 104M ; peak 80.0 MiB$'
}

@test "plan --dry-run: which budgets of a file would have been met" {
  start_growing
  order +83886080
  sleep 0.1 # or what comes next goes into the same point of the timeline
  order -
  printf '%s\n' '[category total]' 'budget = 128M' 'policy = refuse' 'reserve = 50%' '[category cache]' 'budget = 100M' \
    'thresholds = 50/60/70/90' '[category bin]' 'budget = 1K' 'policy = notify' '[category none]' 'budget = 50%' \
    '[category other]' 'budget = cgroup:5%' '[category held]' 'policy = abort' >rules
  "$RATION" plan --dry-run rules --json "$victim" >run.json
  jq -e '.basis == "timeline and peaks" and ([.budgets[] | [.category, .budget, .level, .outcome, .policy]] == [
    ["total", "128M", "critical", "refusal", "refuse"], ["cache", "100M", "high", "fits", "refuse"],
    ["bin", "1K", "critical", "perhaps", "notify"], ["none", "50%", "none", "unused", "refuse"],
    ["other", "cgroup:5%", null, "unknown", null]]) or ([.budgets[2].outcome] == ["breach"])' run.json
  jq -e '.budgets[0].first_at_seconds >= 0 and .budgets[0].first_at_seconds < .uptime_seconds' run.json
  jq -e '.budgets[1].first_at_seconds == null and .budgets[3].first_at_seconds == null' run.json
  jq -e '.budgets[0] | .limit_bytes == 134217728 and .over_bytes == .peak_bytes - 67108864' run.json
  jq -e '.budgets[1].over_bytes == 0 and .budgets[4].limit_bytes == null' run.json
  "$RATION" plan --dry-run rules "$victim" >run
  [[ $(sed -n 1p run) == "; grows_when_told (pid $victim) in "*": each budget by itself, by its timeline and peaks" ]]
  grep -Eq '^  total +128M +128.0 MiB +80.0 MiB +16.0 MiB +critical +refusal +[0-9.]+ .?s$' run
  grep -Eq '^  other +cgroup:5% +\? .* unknown +-$' run
}

@test "plan --dry-run agrees with what happens" {
  printf '%s\n' '[category cache]' 'budget = 40M' 'policy = refuse' >rules
  start_growing
  order +30000000
  "$RATION" plan --dry-run rules --json "$victim" | jq -e '.budgets[0].outcome == "fits"'
  order +30000000
  "$RATION" plan --dry-run rules --json "$victim" | jq -e '.budgets[0].outcome == "refusal"'
  end_victim
  mkdir again && cd again
  start_growing "$("$RATION" config ../rules)"
  order +30000000
  [ "$line" = "done" ]
  order +30000000
  [ "$line" = refused ]
}

@test "what plan cannot do is said in one line" {
  start_growing
  refuses_plan 2 'ration: plan: takes a pid, *'
  refuses_plan 2 'ration: --headroom: `-5%`: expected 0% to 1000%' "$victim" --headroom -5%
  refuses_plan 2 'ration: --headroom: `1001%`: expected 0% to 1000%' "$victim" --headroom 1001%
  refuses_plan 2 'ration: --headroom: `5x`: expected *' "$victim" --headroom 5x
  refuses_plan 3 'ration: none: cannot be read: *' --dry-run none "$victim"
  printf '%s\n' '[category a]' 'budget = 40%' >rules
  refuses_plan 2 'ration: rules:2: `a` is `40%` of nothing; *' --dry-run rules "$victim"
  printf '%s\n' '[category a]' 'budget = 4M' >rules
  refuses_plan 2 'ration: plan: --dry-run takes the budgets as they are; *' --dry-run rules --headroom 5% "$victim"
  refuses_plan 3 'ration: ./none: no such file; *' ./none
  refuses_plan 3 'ration: 999999999: no tracked process *' 999999999
}
