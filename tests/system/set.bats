#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # words in single quotes are the tool's; a test is a function
# `ration set`: settings of a running process, changed from outside.

load helpers
load growing

bats_require_minimum_version 1.5.0

start() {
  start_told allocates_when_told "$@"
}

# tell: the victim allocates, and has done so.
tell() {
  printf x >&9
  read -r -u 8 line
  [ "$line" = "done" ]
}

# refuses_set STATUS LINE ARGS...: `ration set ARGS` does.
refuses_set() {
  refuses "$1" "$2" set "${@:3}"
}

# memory: what the segment has of the setting.
memory() {
  python3 - "$RATION_DIR"/ration.*."$victim".* <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read(4096)
for i in range(16):
    kind, stride, offset, rows = struct.unpack_from("<IIQQ", data, 24 + 24 * i)
    if kind == 3:
        print(struct.unpack_from("<I", data, offset)[0])
PY
}

@test "set is taken by a program that allocates" {
  start memory=0
  [ "$(memory)" = 0 ]
  "$RATION" set "$victim" memory=1 >answer 3>&- &
  local asking=$!
  until has_ended "$asking"; do tell; done
  wait "$asking"
  [ "$(cat answer)" = "allocates_when_told (pid $victim): memory=1: taken" ]
  [ "$(memory)" = 1 ]
}

@test "set waits for a program that does not, and says so; it is taken up later" {
  start memory=0
  run -0 "$RATION" set "$victim" memory=1
  [ "$output" = "allocates_when_told (pid $victim): memory=1: pending: it has allocated too little since; it is taken up by the next thread with 1,000 blocks or 1 MiB" ]
  [ "$(memory)" = 0 ]
  "$RATION" set "$RATION_DIR"/ration.*."$victim".* memory=0 memory=1 --json >report.json
  jq -e ".answer == \"pending\" and .settings == \"memory=0,memory=1\" and .pid == $victim" report.json
  tell
  [ "$(memory)" = 1 ]
}

@test "a program that polls takes settings up though it allocates nothing" {
  start memory=0
  "$RATION" set "$victim" memory=1 >answer 3>&- 8<&- 9>&- &
  local asking=$!
  until has_ended "$asking"; do
    printf p >&9
    read -r -u 8 line
    [ "$line" = "done" ]
  done
  wait "$asking"
  [ "$(cat answer)" = "allocates_when_told (pid $victim): memory=1: taken" ]
  [ "$(memory)" = 1 ]
}

@test "settings that cannot be changed, or are none, are refused before anything is asked" {
  start memory=0
  refuses_set 2 'ration: set: `memory=2`: expected one of 0, 1' "$victim" memory=2
  refuses_set 2 'ration: set: `keep=1`: cannot be changed while the program runs; `memory`, `sample` and budgets can' "$victim" keep=1
  refuses_set 2 'ration: set: `accounts=1`: cannot be changed *' "$victim" accounts=1
  refuses_set 2 'ration: set: `a.match=lib:a`: cannot be changed *' "$victim" a.match=lib:a
  refuses_set 2 'ration: set: *kep*' "$victim" kep=1
  refuses_set 2 'ration: set: *' "$victim" memory=1 memory=x
  refuses_set 2 'ration: set: *' "$victim" memory=1,memory=0
  refuses_set 2 'ration: set: *' "$victim" memory
  refuses_set 2 'ration: set: takes a pid or *' "$victim"
  refuses_set 2 'ration: set: takes a pid or *'
  refuses_set 2 'ration: 99999999999: no pid; *' 99999999999 memory=1
  tell
  [ "$(memory)" = 0 ]
}

@test "set says which processes take no settings" {
  refuses_set 3 'ration: 999999999: no tracked process *' 999999999 memory=1
  refuses_set 3 'ration: ./none: no such file; *' ./none memory=1
  start memory=0
  cp "$RATION_DIR"/ration.* copy
  refuses_set 3 'ration: ./copy: a copy of a segment; *' ./copy memory=1
  kill -KILL "$victim"
  wait "$victim" || true
  refuses_set 3 "ration: $victim: has ended; *" "$victim" memory=1
}

@test "a passive process takes no settings" {
  mkfifo gate
  echo '#include <stdlib.h>
    #include <unistd.h>
    void *malloc(size_t size) { return (void *)0; }
    void free(void *block) {}
    int main(void) { char byte; return read(0, &byte, 1) == 1; }' >own.c
  cc -w own.c -o own
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" ./own <gate 3>&- &
  victim=$!
  exec 9>gate 8</dev/null
  until "$RATION" report "$victim" >/dev/null 2>&1; do sleep 0.01; done
  refuses_set 3 "ration: $victim: is not tracked, *" "$victim" memory=1
}

# What a segment of version 1.0 lacks is lacking here too.
@test "a process of an older shim takes no settings" {
  start memory=0
  python3 - "$RATION_DIR"/ration.*."$victim".* <<'PY'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    for i in range(16):
        file.seek(24 + 24 * i)
        if struct.unpack("<I", file.read(4))[0] == 4:
            file.seek(24 + 24 * i)
            file.write(bytes(4))
PY
  refuses_set 3 "ration: $victim: tracked by an older libration.so, *" "$victim" memory=1
}

@test "only the owner sets, not even root" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  start memory=0
  chown 65534 "$RATION_DIR"/ration.*."$victim".*
  refuses_set 3 "ration: $victim: belongs to user 65534, *" "$victim" memory=1
}

@test "many at once are all answered, and each in its turn" {
  start memory=0
  local i pids=()
  for i in 1 2 3 4 5 6 7 8; do
    "$RATION" set "$victim" memory=$((i % 2)) >"answer.$i" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    until has_ended "$i"; do tell; done
    wait "$i"
  done
  [ "$(cat answer.* | grep -c ': taken$')" = 8 ]
}

@test "nothing but the control table is written" {
  start memory=0
  kill -STOP "$victim"
  cp "$RATION_DIR"/ration.*."$victim".* before
  run -0 "$RATION" set "$victim" memory=1
  cp "$RATION_DIR"/ration.*."$victim".* after
  run cmp -l before after
  [ "${#lines[@]}" -gt 0 ]
  for line in "${lines[@]}"; do
    read -r at _ <<<"$line"
    ((at > 4096 && at <= 8192))
  done
}

# ---- budgets ----------------------------------------------------------------------------------------------------

# set_now ARGS...: `ration set PID ARGS`, while the victim comes by heartbeats. Leaves `answer`, `said_wrong`, $status.
set_now() {
  "$RATION" set "$victim" "$@" >answer 2>said_wrong 3>&- 8<&- 9>&- &
  local asking=$!
  until has_ended "$asking"; do order '='; done
  status=0
  wait "$asking" || status=$?
}

# budget CATEGORY: limit, reserve, policy of it, by the segment.
budget() {
  python3 - "$1" "$RATION_DIR"/ration.*."$victim".* <<'PY'
import struct, sys
data = open(sys.argv[2], "rb").read()
tables = {}
for i in range(16):
    kind, stride, offset, rows = struct.unpack_from("<IIQQ", data, 24 + 24 * i)
    tables[kind] = (offset, stride)
for row in range(1, 256):
    at = tables[1][0] + row * tables[1][1]
    if data[at + 64:at + 256].split(b"\0")[0].decode() == sys.argv[1]:
        at = tables[9][0] + row * tables[9][1]
        print(*struct.unpack_from("<QQ", data, at), struct.unpack_from("<I", data, at + 80)[0])
        break
PY
}

@test "budgets are set while the program runs, shares and properties as well" {
  start_growing
  set_now total=64M cache=25% cache.reserve=1M cache.grace=4K cache.policy=refuse
  [ "$(cat answer said_wrong)" = "grows_when_told (pid $victim): total=64M,cache=25%,cache.reserve=1M,cache.grace=4K,cache.policy=refuse: taken" ]
  [ "$(budget cache)" = "16777216 1048576 2" ]
  order +16000000
  [ "$line" = refused ]
  order +15000000
  [ "$line" = "done" ]
  set_now cache=none
  [ "$status" = 0 ]
  order +80000000
  [ "$line" = "done" ] # total only notifies
  set_now total.policy=refuse cache=50% --json
  jq -e '.answer == "taken" and (.budgets | map(.category) == ["total", "cache"])' answer
  order +1000000
  [ "$line" = refused ]
}

@test "a budget below what is used is taken, with a line that says by how much" {
  start_growing
  order +10485760
  set_now cache=8M cache.policy=refuse
  [ "$status" = 0 ]
  [ "$(sed -n 1p answer)" = "grows_when_told (pid $victim): cache=8M,cache.policy=refuse: taken" ]
  [[ $(sed -n 2p answer) == "  cache uses 10.0 MiB, 2.0 MiB more than its budget of 8.0 MiB: its level is critical, and nothing is granted until that is freed" ]]
  order +1000000
  [ "$line" = refused ]
  order -
  order +1000000
  [ "$line" = "done" ]
  order +6000000
  set_now cache=4M cache.policy=notify --json
  jq -e '.budgets == [.budgets[0]] and (.budgets[0] | .category == "cache" and .limit_bytes == 4194304 and
    .over_bytes == .used_bytes - .limit_bytes and .over_bytes > 2800000 and .note == "its level is critical")' answer
  order +100
  [ "$line" = "done" ]
  order -
  set_now cache=8M --json
  jq -e '.budgets[0] | .over_bytes == 0 and .note == null' answer
}

# asks_for COUNT: the victim asks so often.
asks_for() {
  local i
  for ((i = 0; i < $1; i++)); do
    echo -n x >&9
    read -r -u 8 line
    [ "$line" = "done" ]
  done
}

@test "a program that is refused all takes up a budget that is raised" {
  local before after asking
  for before in cache=50K,cache.policy=refuse cache.fail=every:1; do
    after=cache=1G
    if [ "$before" = cache.fail=every:1 ]; then after=cache.fail=none; fi
    mkfifo gate said
    env RATION_OPTIONS="keep=1,$before" LD_PRELOAD="$SHIM" "$VICTIMS/asks" 1000 100000 cache slowly <gate >said 3>&- &
    victim=$!
    exec 9>gate 8<said
    asks_for 5
    "$RATION" set "$victim" "$after" 3>&- 8<&- 9>&- >answer &
    asking=$!
    until has_ended "$asking"; do asks_for 1; done
    wait "$asking"
    [ "$(cat answer)" = "asks (pid $victim): $after: taken" ]
    asks_for 3
    [ "$(figure "$victim" '.categories[] | select(.name == "cache") | .subtree_live_bytes >= 300000')" = true ]
    exec 9>&-
    read -r -u 8 line
    wait "$victim"
    victim=
    rm -f gate said "$RATION_DIR"/ration.*
  done
}

@test "a budget that is pending is told so, with what it is below" {
  start_growing
  order +10485760
  run -0 "$RATION" set "$victim" cache=8M
  [ "${lines[0]}" = "grows_when_told (pid $victim): cache=8M: pending: it has allocated too little since; it is taken up by the next thread with 1,000 blocks or 1 MiB" ]
  [ "${lines[1]}" = "  cache uses 10.0 MiB, 2.0 MiB more than its budget of 8.0 MiB: its level will be critical" ]
  [ "$(budget cache)" = "0 0 0" ]
  order '='
  [ "$(budget cache)" = "8388608 0 1" ]
}

@test "what the process refuses is told, status 3, and the old setting stands" {
  start_growing cache=16M,cache.policy=refuse
  [ "$(budget cache)" = "16777216 0 2" ]
  order +10485760
  set_now cache=8M cache.policy=abort
  [ "$status" = 3 ]
  [ "$(cat answer said_wrong)" = "ration: $victim: refused: cache: more than this is used already, and its policy is abort" ]
  [ "$(budget cache)" = "16777216 0 2" ]
  set_now cache=25%
  [ "$status" = 3 ]
  [ "$(cat answer said_wrong)" = "ration: $victim: refused: cache: a share of nothing: no category above it has a budget" ]
  set_now cache.reserve=16M
  [ "$status" = 3 ]
  [ "$(cat answer said_wrong)" = "ration: $victim: refused: cache: its reserve takes all of the budget" ]
  set_now cache.grace=4K
  [ "$status" = 3 ]
  [ "$(budget cache)" = "16777216 0 2" ]
}

@test "budgets that cannot be are refused before anything is asked, and the old setting stands" {
  start_growing cache=16M
  local value
  for value in 130% 0% -1 -40% 128T 99999999999999999999 4X ram:0% ''; do
    refuses_set 2 "ration: set: \`cache.budget=$value\`: a size from 1 to 127T, a share *" "$victim" "cache.budget=$value"
  done
  refuses_set 2 'ration: set: `cache=130%`: a size *' "$victim" memory=1 cache=130%
  refuses_set 2 'ration: set: `cache.thresholds=80/60/90/95`: four percentages in ascending *' "$victim" cache.thresholds=80/60/90/95
  refuses_set 2 'ration: set: `total` is a part of nothing else, *' "$victim" total=50%
  refuses_set 2 'ration: set: `policy=deny`: expected one of notify, refuse, abort' "$victim" cache.policy=deny
  refuses_set 2 'ration: set: the reserve of `cache`, `2M`, takes all *' "$victim" cache=1M cache.reserve=2M
  refuses_set 2 'ration: set: `cahce=16` is no option; *' "$victim" cahce=16
  refuses_set 2 "ration: $victim: no category \`cahce\`; *" "$victim" cahce=16M
  refuses_set 2 "ration: $victim: no category \`cahce\`; *" "$victim" cache=8M cahce.policy=refuse
  refuses_set 2 'ration: set: `total/cache` is no category: *' "$victim" total/cache=16M
  order '='
  [ "$(budget cache)" = "16777216 0 1" ]
}

@test "another user's process is refused, and its budget stands" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  start_growing cache=16M
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$RATION_DIR"
  cp "$RATION" ration
  run -3 setpriv --reuid=65534 --regid=65534 --clear-groups env RATION_DIR="$RATION_DIR" ./ration set "$victim" cache=8M
  [ "${#lines[@]}" = 1 ]
  [[ $output == "ration: $victim: "* ]]
  [[ $output == *"as its owner or as root" ]]
  chown 65534 "$RATION_DIR"/ration.*."$victim".*
  refuses_set 3 "ration: $victim: belongs to user 65534, *" "$victim" cache=8M
  order '='
  [ "$(budget cache)" = "16777216 0 1" ]
}
