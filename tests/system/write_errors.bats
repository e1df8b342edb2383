#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are the tool's; hold assigns held
# Whatever ration writes may not arrive: a full disk, a pipe that nobody reads. Each command then says so in one line, and
# its status is a failure.
# once: what the reporter writes, and who does not read it

load helpers
load held
bats_require_minimum_version 1.5.0

# Each line is a command that writes to stdout; PID is a process that runs, ADDR a block of it, RULES a rule file, RATION a program.
table() {
  cat <<'END'
--help
--version
list
list --json
list --session last
top --once PID
top --once --json PID
report PID
report --json PID
report --sites PID
report --timeline PID
report --events PID
diff PID PID
diff --json PID PID
diff --since 1s PID
export --format folded PID
export --format pprof PID
export --format openmetrics PID
doctor
doctor --json PID
doctor RATION
whose PID ADDR
set PID sample=64K
watch PID --on held:critical --exec ./act
plan PID
plan --dry-run RULES PID
export --format json PID
serve --listen 127.0.0.1:0
clean
config RULES
completion bash
completion zsh
completion fish
help
help report
report --help
run --help
record --help
check --help
END
}

# start_session: a tracked process of a session, under pressure, and what the table names.
start_session() {
  # Every block is a sample: a profile without any is empty, and nothing of it could fail.
  hold '' "$RATION" run --quiet --set keep=1 --set sample=1 --set held=1M -- "$VICTIMS/holds_blocks"
  pid=$("$RATION" list --json "$RATION_DIR"/ration.* | jq -r '.processes[] | select(.program == "holds_blocks") | .pid')
  read -r address _ <said
  printf '#!/bin/sh\necho >acted\n' >act
  chmod +x act
  printf '[category held]\nbudget = 1M\n' >rules
}

# fails WHY COMMAND...: its stdout is descriptor 7, which nobody can write to.
fails() {
  local why=$1 status=0 words
  shift
  words=$(sed "s/PID/$pid/g; s/ADDR/$address/; s/RULES/rules/; s|RATION|$RATION|" <<<"$*")
  if [[ $words == watch* ]]; then # once it has acted, and said so, it is told to end
    rm -f acted
    # shellcheck disable=SC2086
    "$RATION" $words >&7 2>err 7>&- 3>&- &
    watch=$!
    until [ -s acted ] || has_ended "$watch"; do sleep 0.01; done
    kill "$watch"
    wait "$watch" || status=$?
  else
    # shellcheck disable=SC2086
    "$RATION" $words >&7 2>err || status=$?
  fi
  if [ "$status" != 3 ] || [ "$(wc -l <err)" != 1 ] || ! grep -q "^ration: stdout: cannot be written: $why" err; then
    echo "ration $words: status $status, expected 3 and one line of $why; got:"
    cat err
    return 1
  fi
}

# fail_all WHY: every command of the table.
fail_all() {
  while read -r words; do fails "$1" "$words"; done < <(table)
}

@test "the table has every command that there is" {
  for command in $("$RATION" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    table | grep -Eq "^$command( |\$)" || { echo "$command is in no line of the table"; false; }
  done
}

@test "a full disk fails every command, in one line" {
  start_session
  exec 7>/dev/full
  fail_all 'No space left on device'
  exec 7>&-
  let_go
}

@test "a pipe that nobody reads fails every command, in one line" {
  start_session
  exec 7> >(exec true)
  wait "$!"
  fail_all 'Broken pipe'
  exec 7>&-
  let_go
}

@test "a file that cannot be written fails every command that takes one" {
  start_session
  while read -r words; do
    [[ $words != *help* && $words != --* && $words != completion* && $words != watch* && $words != serve* ]] || continue
    words=$(sed "s/PID/$pid/g; s/ADDR/$address/; s/RULES/rules/; s|RATION|$RATION|" <<<"$words")
    # shellcheck disable=SC2086
    refuses 3 'ration: /dev/full: cannot be written: No space left on device; *' $words --output /dev/full
    # shellcheck disable=SC2086
    refuses 3 'ration: ./none/x: cannot be written: No such file or directory; *' $words --output ./none/x
  done < <(table)
  let_go
}

@test "a program that is started ignores no signal that it would not without" {
  plain=$(grep SigIgn /proc/self/status)
  for command in 'run --quiet' 'record --quiet' 'record --quiet --output a.ration' 'check --quiet --max total.peak=1T'; do
    # shellcheck disable=SC2086
    [ "$("$RATION" $command -- grep SigIgn /proc/self/status)" = "$plain" ]
  done
}

@test "what starts a program fails where what it says does not arrive, unless the program failed" {
  for arguments in '--' '--json --'; do
    status=0
    # shellcheck disable=SC2086
    "$RATION" run $arguments true 2>/dev/full || status=$?
    [ "$status" = 125 ]
    status=0
    # shellcheck disable=SC2086
    "$RATION" run $arguments sh -c 'exit 7' 2>/dev/full || status=$?
    [ "$status" = 7 ]
  done
  status=0
  "$RATION" check --quiet --max total.peak=1T --tap -- true >/dev/full 2>err || status=$?
  [ "$status" = 125 ]
  [ "$(<err)" = 'ration: stdout: cannot be written: No space left on device' ]
  for arguments in 'record --output /dev/full' 'check --quiet --max total.peak=1T --junit /dev/full' \
    'check --quiet --max total.peak=1T --tap=/dev/full'; do
    # shellcheck disable=SC2086
    refuses 125 'ration: /dev/full: cannot be written: No space left on device; *' $arguments -- true
  done
  refuses 125 'ration: /dev/full: cannot be written: *' run --output /dev/full -- true
  refuses 7 'ration: /dev/full: cannot be written: *' run --output /dev/full -- sh -c 'exit 7'
}

@test "a command that fails, or is refused, leaves the file of --output as it was" {
  start_session
  echo old >kept
  refuses 3 'ration: nowhere: *' report nowhere --output kept
  refuses 3 'ration: nowhere: *' diff "$pid" nowhere --json --output kept
  refuses 3 'ration: nowhere: *' report --follow nowhere --output kept
  refuses 2 '*--follow is text, as it comes; leave out --json' report --follow --json "$pid" --output kept
  refuses 127 'ration: no-such-program: not found; *' run --output kept -- no-such-program
  refuses 127 'ration: no-such-program: not found; *' \
    check --max total.peak=1G --junit kept --tap=kept --output kept -- no-such-program
  [ "$(cat kept)" = old ]
  run --separate-stderr bash -c 'ulimit -f 1; "$1" report --sites --json "$2" -o kept' limited "$RATION" "$pid"
  [ "$status" = 3 ]
  [ "$stderr" = "ration: kept: cannot be written: File too large; name another file with --output" ]
  [ "$(cat kept)" = old ]
  [ -z "$(find . -name '.ration*')" ]
  "$RATION" report "$pid" --output kept
  grep -q '^  total ' kept
  let_go
}

@test "what is compared may be written over, once it is compared" {
  "$RATION" record --quiet --output a.ration -- true
  cp a.ration b.ration
  "$RATION" diff --json a.ration b.ration --output a.ration
  jq -e .ration a.ration
}

@test "the outcome of a check is written when all of it is there" {
  echo old >out.xml
  echo old >out.tap
  "$RATION" check --quiet --max total.peak=1T --junit out.xml --tap=out.tap -- sh -c 'cat out.xml out.tap' >seen
  [ "$(cat seen)" = "$(printf 'old\nold')" ]
  grep -q '<testsuite' out.xml
  grep -qx '1\.\.1' out.tap
}

@test "a report to what stdout is goes behind what stands there" {
  { echo first; "$RATION" run --output /dev/stdout -- echo second; echo last; } >all
  [ "$(sed -n '1p;2p;$p' all)" = "$(printf 'first\nsecond\nlast')" ]
  grep -q '^  total ' all
}

@test "a report to another descriptor, by its name, goes behind what stands there" {
  exec 7>all
  echo first >&7
  "$RATION" run --output /dev/fd/7 -- echo second
  echo last >&7
  exec 7>&-
  [ "$(sed -n '1p;$p' all)" = "$(printf 'first\nlast')" ]
  grep -q '^  total ' all
}
