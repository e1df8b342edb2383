#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # words in single quotes are the tool's; a test is a function
# `ration set`: settings of a running process, changed from outside.

load helpers

bats_require_minimum_version 1.5.0

# start [NAME=VALUE]: starts the victim, tracked; its pid is $victim.
start() {
  mkfifo gate said
  env RATION_OPTIONS="keep=1,$1" LD_PRELOAD="$SHIM" "$VICTIMS/allocates_when_told" <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  read -r -u 8 line
  [ "$line" = ready ]
}

# tell: the victim allocates, and has done so.
tell() {
  printf x >&9
  read -r -u 8 line
  [ "$line" = "done" ]
}

teardown() {
  exec 8<&- 9>&-
  if [ -n "${victim:-}" ]; then kill -KILL "$victim" 2>/dev/null || true; fi
}

# refuses STATUS LINE ARGS...: `ration set ARGS` leaves that status, and says that one line alone (a glob).
refuses() {
  local status_wanted=$1 line=$2
  shift 2
  run "-$status_wanted" "$RATION" set "$@"
  # shellcheck disable=SC2053
  if [ "${#lines[@]}" -ne 1 ] || [[ $output != $line ]]; then
    printf 'expected one line: %s\ngot: %s\n' "$line" "$output"
    return 1
  fi
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
  until ! kill -0 "$asking" 2>/dev/null; do tell; done
  wait "$asking"
  [ "$(cat answer)" = "allocates_when_told (pid $victim): memory=1: taken" ]
  [ "$(memory)" = 1 ]
}

@test "set waits for a program that does not, and says so; it is taken up later" {
  start memory=0
  run -0 "$RATION" set "$victim" memory=1
  [ "$output" = "allocates_when_told (pid $victim): memory=1: pending: it has not allocated since; it is taken up as soon as it does" ]
  [ "$(memory)" = 0 ]
  "$RATION" set "$RATION_DIR"/ration.*."$victim".* memory=0 memory=1 --json >report.json
  jq -e ".answer == \"pending\" and .settings == \"memory=0,memory=1\" and .pid == $victim" report.json
  tell
  [ "$(memory)" = 1 ]
}

@test "settings that cannot be changed, or are none, are refused before anything is asked" {
  start memory=0
  refuses 2 'ration: set: `memory=2`: expected one of 0, 1' "$victim" memory=2
  refuses 2 'ration: set: `keep=1`: cannot be changed while the program runs; `memory` can' "$victim" keep=1
  refuses 2 'ration: set: *kep*' "$victim" kep=1
  refuses 2 'ration: set: *' "$victim" memory=1 memory=x
  refuses 2 'ration: set: *' "$victim" memory=1,memory=0
  refuses 2 'ration: set: *' "$victim" memory
  refuses 2 'ration: set: takes a pid or *' "$victim"
  refuses 2 'ration: set: takes a pid or *'
  refuses 2 'ration: 99999999999: no pid; *' 99999999999 memory=1
  tell
  [ "$(memory)" = 0 ]
}

@test "set says which processes take no settings" {
  refuses 3 'ration: 999999999: no tracked process *' 999999999 memory=1
  refuses 3 'ration: ./none: no such file; *' ./none memory=1
  start memory=0
  cp "$RATION_DIR"/ration.* copy
  refuses 3 'ration: ./copy: a copy of a segment; *' ./copy memory=1
  kill -KILL "$victim"
  wait "$victim" || true
  refuses 3 "ration: $victim: has ended; *" "$victim" memory=1
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
  refuses 3 "ration: $victim: is not tracked, *" "$victim" memory=1
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
  refuses 3 "ration: $victim: tracked by an older libration.so, *" "$victim" memory=1
}

@test "only the owner sets, not even root" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  start memory=0
  chown 65534 "$RATION_DIR"/ration.*."$victim".*
  refuses 3 "ration: $victim: belongs to user 65534, *" "$victim" memory=1
}

@test "many at once are all answered, and each in its turn" {
  start memory=0
  local i pids=()
  for i in 1 2 3 4 5 6 7 8; do
    "$RATION" set "$victim" memory=$((i % 2)) >"answer.$i" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    until ! kill -0 "$i" 2>/dev/null; do tell; done
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
