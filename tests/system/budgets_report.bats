#!/usr/bin/env bats
# What reports say of budgets, pressure, handlers and refusals, to the byte: while the program runs, after its end, and
# from copies. A block of the victim's is of 4088 bytes, and has $each usable ones: 256 of them fit 1 MiB, and a 257th does not.
# once: what the reporter says of books

# shellcheck disable=SC2154 # run assigns stderr

load helpers
load held

bats_require_minimum_version 1.5.0

setup_file() {
  each=$(usable 4088)
  all=$((256 * each))
  export each all
}

OPTIONS=keep=1,total=64M,cache=1M,cache.policy=refuse,cache.thresholds=60/80/90/95

# meet STEP...: the victim, under $OPTIONS. What it says goes to said.
meet() {
  env RATION_OPTIONS="$OPTIONS" LD_PRELOAD="$SHIM" "$VICTIMS/meets_budgets" "$@" >said
}

# start STEP...: the same, until it waits; let_go ends it.
start() {
  hold waiting env RATION_OPTIONS="$OPTIONS" LD_PRELOAD="$SHIM" "$VICTIMS/meets_budgets" "$@" wait
}

segment() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

copies() {
  find "$RATION_DIR" -name 'ration.*.dump.*' | sort
}

# budget FIELD...: those of the cache's budget, on one line. total_budget: of total's.
budget() {
  figure "$(segment)" "$(fields '.budgets[] | select(.category == "cache")' "$@")"
}

total_budget() {
  figure "$(segment)" "$(fields '.budgets[] | select(.category == "total")' "$@")"
}

fields() {
  local from=$1
  shift
  printf '%s | [%s] | map(tostring) | join(" ")' "$from" "$(printf '.%s, ' "$@" | sed 's/, $//')"
}

# events [FILE] FILTER: of a report with events; of the segment's where there is no FILE.
events() {
  if [ $# = 1 ]; then set -- "$(segment)" "$1"; fi
  "$RATION" report --events --json "$1" | jq -c ".processes[0] | $2"
}

# Of all that happened, what happened to budgets.
OF_BUDGETS='[.events[] | select(.kind | IN("pressure", "breach", "refusal", "handler"))]'

# shows LINE: fails unless a line of `report` has these words, whatever the blanks between them.
shows() {
  "$RATION" report "$(segment)" | tr -s ' ' >page
  grep -qF -- "$1" page || { echo "not there: $1" && cat page && return 1; }
}

@test "a budget that refuses, to the byte" {
  meet take:cache:300
  [ "$(cat said)" = 'cache: 256 of 300' ]
  [ "$(budget limit_bytes reserve_bytes policy used_bytes worst_bytes)" = "1048576 0 refuse $all $all" ]
  [ "$(budget level simulated_level breaches refused)" = 'critical null 0 44' ]
  [ "$(total_budget limit_bytes policy level breaches refused)" = '67108864 notify none 0 0' ]
  local cache='.categories[] | select(.name == "cache")'
  [ "$(figure "$(segment)" "$(fields "$cache" live_bytes live_blocks refused subtree_refused)")" = "$all 256 44 44" ]
  [ "$(figure "$(segment)" "$(fields .total refused subtree_refused)")" = '44 44' ]
  shows ' cache 1.0 MiB █████████████████ 1.0 MiB critical refuse 0 44 1.0 MiB '
}

@test "who was refused, and where it asked" {
  meet take:cache:300
  local refusal='.refusals[0]'
  [ "$(figure "$(segment)" '.refusals | length')" = 1 ]
  [ "$(figure "$(segment)" "$(fields $refusal category budget module requests bytes)")" = \
    "cache cache meets_budgets 44 $((44 * 4088))" ]
  offset=$(figure "$(segment)" "$refusal.offset")
  [ "$(addr2line -fe "$VICTIMS/meets_budgets" "$(printf '0x%x' $((offset - 1)))" | head -n 1)" = take ]
  [ "$(figure "$(segment)" "$refusal.last_at_seconds <= .uptime_seconds + 0.001")" = true ]
  shows " cache cache meets_budgets+$(printf '0x%x' "$offset") 44 175.7 KiB "
  shows 'CATEGORY LIVE PEAK ALLOCATIONS FREED REFUSED'
}

@test "no column, no table, where there is nothing of the kind" {
  OPTIONS=keep=1
  meet take:cache:300
  "$RATION" report "$(segment)" >page
  run -1 grep -E 'REFUSED|BUDGET|TIME AT|HANDLER' page
  [ "$(figure "$(segment)" '[.budgets, .handlers, .refusals | length] | add')" = 0 ]
  [ "$(events "[.events_overwritten, ($OF_BUDGETS | length)]")" = '[0,0]' ]
}

@test "the time in all levels together is the time that it ran" {
  start take:cache:300
  local of_cache='.budgets[] | select(.category == "cache")'
  until [ "$(figure "$held" "$of_cache | .level_seconds >= 0.1")" = true ]; do sleep 0.01; done
  local sum='(.none_seconds + .low_seconds + .medium_seconds + .high_seconds + .critical_seconds)'
  [ "$(figure "$held" "$of_cache | .critical_seconds >= .level_seconds and .none_seconds > 0")" = true ]
  let_go
  [ "$(figure "$(segment)" ".uptime_seconds as \$up | [.budgets[] | $sum - \$up | fabs < 0.25] | all")" = true ]
  [ "$(budget level)" = critical ]
  shows 'TIME AT LEVEL NONE LOW MEDIUM HIGH CRITICAL'
}

@test "a handler: what it claims, and what was freed" {
  meet handler:cache:7 take:cache:200 poll
  local handler='.handlers[0]'
  [ "$(figure "$(segment)" "$(fields $handler category priority lowest_level dispatch state calls)")" = \
    'cache 7 low polled registered 1' ]
  [ "$(figure "$(segment)" "$(fields $handler claimed_bytes freed_bytes running_seconds)")" = \
    "$((100 * 4088)) $((10 * each)) null" ]
  [ "$(figure "$(segment)" "$handler | .seconds > 0 and .longest_seconds == .seconds and .wanted_bytes > 0")" = true ]
  [ "$(events '.events[] | select(.kind == "handler") |
    [.category, .budget, .priority, .level, .claimed_bytes, .freed_bytes]')" = \
    '["cache","cache",7,"low",408800,'$((10 * each))']' ]
  shows ' cache 7 low polled 1 '
  shows " 399.2 KiB $(kib $((10 * each))) "
}

@test "what is set aside is used, and not live" {
  OPTIONS=keep=1,cache=1M
  meet set-aside:cache:100000 take:world:1
  [ "$(budget used_bytes)" = 100000 ]
  [ "$(figure "$(segment)" '[.categories[] | select(.name == "cache") | .live_bytes, .subtree_live_bytes] | add')" = 0 ]
  [ "$(figure "$(segment)" .error_bound_bytes)" = 0 ]
  [ "$(figure "$(segment)" '.total.subtree_live_bytes == .total.live_bytes')" = true ]
}

@test "a breach of a budget that only notifies" {
  OPTIONS=keep=1,cache=1M
  meet set-aside:cache:2000000
  [ "$(budget policy level breaches refused used_bytes)" = 'notify critical 1 0 2000000' ]
  [ "$(events '.events[] | select(.kind == "breach") | [.category, .budget, .used_bytes, .limit_bytes]')" = \
    '["cache","cache",2000000,1048576]' ]
  "$RATION" report -e "$(segment)" | grep -Eq ' breach +cache +[a-z]+ +[0-9]+  uses 1.9 MiB of 1.0 MiB$'
}

@test "events in their order, with levels up and down" {
  meet take:cache:300 drop:256
  local pressure='[.events[] | select(.kind == "pressure" and .category == "cache")]'
  [ "$(events "$pressure | map(.level)")" = '["low","medium","high","critical","high","medium","low","none"]' ]
  [ "$(events "$pressure | map(.old_level)")" = '["none","low","medium","high","critical","high","medium","low"]' ]
  [ "$(events "$pressure | .[0:4] | [map(.used_bytes), [629146, 838861, 943719, 996148]] | transpose |
    map(.[0] >= .[1] and .[0] <= 1048576) | all")" = true ]
  [ "$(events '[.events[] | select(.kind == "refusal")] | [length, (map(.bytes) | unique), (map(.limit_bytes) | unique),
    (map(.module) | unique)]')" = '[44,[4088],[1048576],["meets_budgets"]]' ]
  [ "$(events '.events | map(.at_seconds) | [., sort] | .[0] == .[1]')" = true ]
  [ "$(events '[.events_overwritten, .losses.events_lost]')" = '[0,0]' ]
  [ "$(events '[.events[].tid] | unique | length')" = 1 ]
  "$RATION" report -e "$(segment)" >page
  [ "$(events "$OF_BUDGETS | length")" = 52 ]
  [ "$(tail -n 1 page)" = "  $(events '.events | length') events; 0 overwritten by later ones; 0 lost" ]
  grep -Eq '^ +[0-9.]+ s  refusal +cache +critical +[0-9]+  175.7 KiB to meets_budgets\+0x[0-9a-f]+ in 44 requests' page
  "$RATION" report -e --category other "$(segment)" >page
  [ "$(tail -n 1 page)" = '  0 events; 0 overwritten by later ones; 0 lost' ]
}

@test "a ring that has come round says how many it has overwritten" {
  meet take:cache:5000
  # 4748 of the budget, and a few at the start.
  [ "$(events '[(.events | length), .events_overwritten >= 652 + 2, .events_overwritten < 680, .losses.events_lost]')" = \
    '[4096,true,true,0]' ]
  [ "$("$RATION" report -e "$(segment)" | tail -n 1)" = \
    "  4,096 events; $(events .events_overwritten) overwritten by later ones; 0 lost" ]
  [ "$(figure "$(segment)" '.refusals[0].requests')" = 4744 ]
}

@test "reports and events of a running, a stopped and a killed program" {
  start take:cache:300
  for state in running stopped gone; do
    case $state in
    stopped) kill -STOP "$held" ;;
    gone) kill -KILL "$held" && ! let_go ;;
    esac
    until [ "$(figure "$(segment)" .state)" = "$state" ]; do sleep 0.01; done
    [ "$(budget used_bytes level refused)" = "$all critical 44" ]
    [ "$(events "$OF_BUDGETS | length")" = 48 ]
  done
  [ "$(budget level_seconds)" = "$(budget level_seconds)" ] # nothing goes on
}

@test "faults that were injected are told apart from budgets" {
  OPTIONS=keep=1,cache=1M,cache.fail=every:10
  meet take:cache:100
  [ "$(cat said)" = 'cache: 90 of 100' ]
  [ "$(figure "$(segment)" "$(fields '.refusals[0]' category budget requests)")" = 'cache null 10' ]
  [ "$(figure "$(segment)" '[.faults_injected, .total.refused, .budgets[0].refused] | tostring')" = '[10,10,0]' ]
  shows ' 10 requests refused by `fail`'
  shows ' cache (fail) meets_budgets+'
}

@test "a copy: policy=abort leaves one, which shows how the books stood" {
  OPTIONS=keep=1,cache=1M,cache.policy=abort
  run -134 --separate-stderr meet take:cache:300
  copy=$(copies)
  [[ $stderr == *"see: ration report $copy" ]]
  [ "$(figure "$copy" '[.state, .copy, (.uptime_seconds < 60), .threads] | tostring')" = '["running",1,true,1]' ]
  [ "$(figure "$copy" '.budgets[0] | [.level, .policy, .used_bytes, .refused] | tostring')" = \
    '["critical","abort",'"$all"',1]' ]
  [ "$(figure "$copy" '.categories[] | select(.name == "cache") | .live_bytes')" = "$all" ]
  [ "$(events "$copy" "$OF_BUDGETS | map(.kind)")" = '["pressure","pressure","pressure","pressure","refusal"]' ]
  [ "$(figure "$copy" '.remark | startswith("a copy that the process made of its books: ")')" = true ]
  "$RATION" report "$copy" | grep -qF '  a copy that the process made of its books: '
  cp "$copy" "$BATS_TEST_TMPDIR/kept" # under another name it is the segment of a process that is gone
  [ "$(figure "$BATS_TEST_TMPDIR/kept" '[.state, .copy] | tostring')" = '["running",0]' ]
}

@test "copies are no processes; clean takes them with the segment, when the process is dead" {
  OPTIONS=keep=1,cache=1M,cache.dump=grow:+200K
  start take:cache:200
  [ "$(copies | wc -l)" -ge 3 ]
  [ "$("$RATION" list --json | jq "[.processes[] | select(.pid == $held)] | length")" = 1 ]
  [ "$("$RATION" report --json "$held" | jq '.processes[0].copy')" = null ]
  for copy in $(copies); do
    [ "$(figure "$copy" "[.pid, .state] | tostring")" = "[$held,\"running\"]" ]
  done
  "$RATION" clean
  [ "$(copies | wc -l)" -ge 3 ]
  made=$(copies | wc -l)
  let_go
  "$RATION" clean --json >cleaned
  [ "$(jq ".removed_copies >= $made and .removed > .removed_copies" cleaned)" = true ]
  [ -z "$(ls "$RATION_DIR")" ]
}

@test "run's closing screen has the same tables" {
  "$RATION" run -- "$VICTIMS/meets_budgets" limit:cache:1048576 handler:cache:7 take:cache:300 poll >said 2>page
  tr -s ' ' <page >words
  grep -qF ' BUDGET USED OF LIMIT LEVEL POLICY BREACHES REFUSED WORST AFTER' words
  grep -qF ' cache 7 low polled 1 ' words
  grep -qF ' REFUSED TO BY BUDGET ASKER REQUESTS BYTES LAST AFTER' words
  "$RATION" run --json --output report.json -- "$VICTIMS/meets_budgets" limit:cache:1048576 take:cache:300 >said
  [ "$(jq '.processes[0].budgets[0] | [.used_bytes, .refused, .level] | tostring' report.json)" = \
    '"['"$all"',44,\"critical\"]"' ]
}

@test "a damaged ring, and a file that is none: clear words, no crash" {
  meet take:cache:300
  cp "$(segment)" damaged
  head -c 4096 "$(segment)" >short
  run -3 --separate-stderr "$RATION" report --events short
  [[ $stderr == 'ration: short: truncated: '* ]]
  run -3 "$RATION" report --events /etc/passwd
  for at in 100000 300000 500000 700000; do
    head -c 65536 /dev/urandom | dd of=damaged bs=1 seek="$at" conv=notrunc status=none
    timeout 20 "$RATION" report --events damaged >/dev/null 2>&1 || [ "$?" = 3 ]
    timeout 20 "$RATION" report --json damaged >/dev/null 2>&1 || [ "$?" = 3 ]
  done
}
