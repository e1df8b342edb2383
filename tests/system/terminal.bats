#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are other shells'; a test is a function
# What is different where stdout is a terminal: colours, the pager, progress. And where writing fails.
# once: how the reporter shows things

load helpers
load held
bats_require_minimum_version 1.5.0

# on_terminal ROWS CMD: by sh, on a terminal of that size; leaves what it shows in `shown`, without carriage returns.
on_terminal() {
  script -qec "stty rows $1 cols 200; $2" /dev/null </dev/null >typed 2>&1 || true
  tr -d '\r' <typed >shown
}

# uncoloured: the same without colours.
uncoloured() {
  sed 's/\x1b\[[0-9;]*m//g'
}

# has_colours FILE
has_colours() {
  grep -q $'\x1b\\[[0-9;]*m' "$1"
}

setup_terminal() {
  export TERM=xterm
  unset NO_COLOR RATION_PAGER PAGER LESS LINES COLUMNS
  hold_one
}

# hold_one: a program with a segment of its own; each block a sample, so that it has leaks whatever chance says.
hold_one() {
  hold '' env RATION_OPTIONS=keep=1,held=1M,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  "$RATION" report "$held" >plain
}

@test "colours are on a terminal alone, and change nothing but colours" {
  setup_terminal
  kill -STOP "$held"
  until grep -q '^State:.T' "/proc/$held/status"; do sleep 0.01; done
  "$RATION" report --category held "$held" >plain
  on_terminal 9999 "$RATION report --category held $held"
  has_colours shown
  grep -q $'critical\x1b' shown
  # But for what moves while the process is stopped, time, and what goes by it: how wide its column is, too.
  moving='s/ after .*//; /^ *[0-9,]* allocation/d; s/[0-9.]* [mµn]*s$//; s/  */ /g'
  diff <(uncoloured <shown | sed "$moving") <(sed "$moving" plain)
  run ! has_colours plain
  on_terminal 9999 "NO_COLOR=1 $RATION list"
  run ! has_colours shown
  on_terminal 9999 "NO_COLOR= $RATION list"
  has_colours shown
  on_terminal 9999 "TERM=dumb $RATION list"
  run ! has_colours shown
  on_terminal 9999 "env -u TERM $RATION list"
  run ! has_colours shown
  on_terminal 9999 "$RATION list --json"
  run ! has_colours shown
  on_terminal 9999 "$RATION list --output /dev/tty >out 2>err"
  has_colours shown
  on_terminal 9999 "$RATION list --output file; $RATION list | cat"
  run ! has_colours shown
  run ! has_colours file
  kill -CONT "$held"
  let_go
}

@test "run shows colours where stderr is a terminal" {
  setup_terminal
  on_terminal 9999 "$RATION run -- sh -c 'kill -9 \$\$' >/dev/null"
  grep -q $'\x1b\\[31m  killed' shown
  on_terminal 9999 "$RATION run -- true 2>err"
  run ! has_colours err
  let_go
}

@test "what is longer than the terminal goes through the pager" {
  setup_terminal
  export PAGER='sed s/^/paged:/'
  on_terminal 5 "$RATION report $held"
  [ "$(grep -c '^paged:' shown)" = "$(wc -l <shown)" ]
  RATION_PAGER='sed "s/^/own:/"' on_terminal 5 "$RATION report $held"
  [ "$(grep -c '^own:' shown)" = "$(wc -l <shown)" ]
  for plain in 'report --no-pager' 'report --json' 'report --output=/dev/tty'; do
    on_terminal 5 "$RATION $plain $held"
    run ! grep -q '^paged:' shown
    [ "$(wc -l <shown)" -gt 5 ]
  done
  on_terminal 9999 "$RATION report $held"
  run ! grep -q '^paged:' shown
  on_terminal 5 "$RATION report $held | cat"
  run ! grep -q '^paged:' shown
  on_terminal 5 "RATION_PAGER= $RATION report $held; RATION_PAGER=cat $RATION report $held"
  run ! grep -q '^paged:' shown
  let_go
}

@test "a look that follows, and a program's report, go through no pager" {
  setup_terminal
  let_go
  export PAGER='sed s/^/paged:/'
  on_terminal 3 "$RATION report --events --follow $(ls "$RATION_DIR"/ration.*)"
  run ! grep -q '^paged:' shown
  [ "$(wc -l <shown)" -ge 2 ]
  on_terminal 3 "$RATION run -- ls /"
  run ! grep -q '^paged:' shown
}

@test "less leaves what fits, and what was left early is no error" {
  type less || skip "less is not installed"
  setup_terminal
  on_terminal 5 "LESS=FRX $RATION report --no-such 2>&1; $RATION report $held | head -n 3 >/dev/null"
  RATION_PAGER='head -n 1' on_terminal 5 "$RATION report $held; echo status \$?"
  grep -q '^holds_blocks  pid ' <(uncoloured <shown)
  [ "$(tail -n 1 shown)" = 'status 0' ]
  RATION_PAGER='true' on_terminal 5 "$RATION report --leaks --exit-code $held; echo status \$?"
  [ "$(cat shown)" = 'status 1' ]
  # less itself, told to leave.
  { until grep -q holds_blocks typed; do sleep 0.01; done; printf q; } 2>/dev/null |
    script -qec "stty rows 5; $RATION report $held; echo status \$?" /dev/null >typed
  [ "$(tail -n 1 typed | tr -d '\r' | grep -o 'status [0-9]*')" = 'status 0' ]
  let_go
}

@test "a pager that cannot be started is none" {
  setup_terminal
  for pager in /nonexistent/pager 'no-such-pager -x' 'no-such-pager 2>/dev/null | true; exit 127' /etc/passwd \
    "$(printf 'x %.0s' {1..40})"; do
    RATION_PAGER=$pager on_terminal 5 "$RATION report $held 2>&1; echo status \$?"
    grep -q '^holds_blocks  pid ' <(uncoloured <shown)
    [ "$(tail -n 1 shown)" = 'status 0' ]
  done
  let_go
}

# silent_server: answers questions for debug files, once it is told to by a line in `answer`; and ./libplugged.so, about whose
# functions it is asked. "${asking[@]}" CMD: asks it.
silent_server() {
  if ! ldconfig -p | grep -q 'libdebuginfod\.so\.1'; then skip "libdebuginfod1 is not installed"; fi
  export TERM=xterm
  mkfifo answer
  python3 -u -c 'import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
asked = server.accept()[0]
server.close()
open("answer").read()' >port 3>&- &
  server=$!
  until [ -s port ]; do
    kill -0 "$server"
    sleep 0.01
  done
  gcc -O1 -g -shared -fPIC -fno-builtin -Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567 \
    "$BATS_TEST_DIRNAME/../victims/lib_plugged.c" -o libplugged.so
  strip libplugged.so
  asking=(env "DEBUGINFOD_URLS=http://127.0.0.1:$(<port)/" "DEBUGINFOD_CACHE_PATH=$PWD/cache" DEBUGINFOD_TIMEOUT=600)
}

# until_shown WORDS: on a terminal, by CMD of a `script` that is $typist; what is typed there is in `typed`.
until_shown() {
  until grep -q "$1" typed; do
    kill -0 "$typist"
    sleep 0.01
  done
}

@test "what takes long says how far it is, and leaves nothing behind" {
  silent_server
  RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD=$SHIM "$VICTIMS/plugged" ./libplugged.so .
  "${asking[@]}" script -qec "$RATION report --sites $RATION_DIR/ration.* >sites" /dev/null </dev/null >typed 2>&1 3>&- &
  typist=$!
  until_shown 'ration: naming call stacks'
  echo >answer
  wait "$typist" "$server"
  grep -q 'samples, one every\|every block' sites
  [ "$(tail -c 4 typed)" = $'\r\x1b[K' ]
}

@test "record says how far it is with the names, and then what it has; --quiet says neither" {
  silent_server
  "${asking[@]}" script -qec "$RATION record -o t.ration -s sample=1 -- $VICTIMS/plugged ./libplugged.so ." /dev/null \
    </dev/null >typed 2>&1 3>&- &
  typist=$!
  until_shown 'ration: naming call stacks: [0-9]* of [0-9]'
  echo >answer
  wait "$typist" "$server"
  grep -q $'\r\x1b\[Kration: t\\.ration: .* of 1 process recorded, ' typed
  script -qec "$RATION record -q -o t.ration -s sample=1 -- true" /dev/null </dev/null >typed 2>&1
  [ ! -s typed ]
}
