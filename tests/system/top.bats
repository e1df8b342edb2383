#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are other shells'; hold assigns held, start_growing victim
# `ration top`: each of its keys, on terminals of several sizes and kinds; and printed once.
# once: how the reporter shows things, and takes keys

load helpers
load held
load growing
load topping
bats_require_minimum_version 1.5.0

teardown() {
  exec 7>&-
  end_terminal
  end_held
  end_growing
  if [ -n "${open:-}" ]; then rm -r "$open"; fi
}

# hold_more CMD...: the same as hold, beside it; its pid is $victim.
hold_more() {
  mkfifo gate_of_more
  "$@" <gate_of_more >said_more 2>/dev/null 3>&- 9>&- &
  victim=$!
  exec 7>gate_of_more
  until [ -s said_more ]; do sleep 0.01; done
}

# hold_some: a program with a few categories, each block a sample, and a budget that is exceeded.
hold_some() {
  hold '' env RATION_OPTIONS=keep=1,sample=1,held/large=1M LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
}

# selects NAME: it is the row whose sites are shown.
selects() {
  until_shows "^── $1"
}

# keys_at WIDTH HEIGHT
keys_at() {
  hold_some
  on_screen "$1" "$2" "$RATION top $held"
  until_shows "^holds_blocks $held +1\\.0 MiB "
  grep -q '^├─ held ' screen || grep -q '^└─ held ' screen
  selects "holds_blocks \\(pid $held\\)"
  type_keys Down
  selects "held in holds_blocks \\(pid $held\\)"
  type_keys j
  selects 'held/large in'
  type_keys Down
  selects 'held/small in'
  type_keys k
  selects 'held/large in'
  type_keys Up Up
  selects 'holds_blocks \('
  type_keys G
  selects '[^ ]+ in'
  last=$(grep '^── ' screen)
  type_keys g
  selects 'holds_blocks \('
  type_keys NPage
  until_shows "^${last%% in *}"
  type_keys PPage
  selects 'holds_blocks \('
  type_keys End
  until_shows "^${last%% in *}"
  type_keys Home
  selects 'holds_blocks \('
  folds
  sorts
  filters
  shows_sites
  freezes
  helps
  type_keys C-l
  until_shows "^holds_blocks $held "
  type_keys q
  has_left 0
  let_go
}

folds() {
  type_keys Space
  until_shows "^▸ holds_blocks $held"
  run ! grep -q '─ held ' screen
  type_keys Right
  until_shows '─ held '
  type_keys Enter
  until_shows "^▸ holds_blocks $held"
  type_keys x
  until_shows '─ large '
  type_keys x
  until_shows "^▸ holds_blocks $held"
  type_keys Right Down
  selects 'held in'
  type_keys Left
  until_shows '▸ held '
  run ! grep -q '─ large ' screen
  type_keys Left
  selects 'holds_blocks \('
  type_keys Down Right
  until_shows '─ large '
  type_keys x
  until_shows "^▸ holds_blocks $held"
  type_keys x
  until_shows '─ large '
}

# The largest first, then the smallest; by any column, and by one that there is no room for.
sorts() {
  until_shows 'LIVE▼'
  type_keys r
  until_shows 'LIVE▲'
  grep -A 1 '─ held ' screen | grep -q 'small'
  type_keys r
  until_shows 'LIVE▼'
  grep -A 1 '─ held ' screen | grep -q 'large'
  type_keys '>'
  until_shows 'PEAK▼'
  type_keys '>'
  until_shows 'BUDGET▼'
  type_keys '<' '<' '<'
  until_shows 'NAME▼'
  type_keys '>'
  until_shows 'LIVE▼'
}

filters() {
  type_keys /
  until_shows '^ filter:$'
  type_text SmalX
  until_shows 'no name has that text'
  type_keys BSpace
  until_gone '─ large '
  grep -q '─ small ' screen
  type_keys Enter
  until_shows 'filter: Smal   \(Esc shows all\)'
  type_keys Escape
  until_shows '─ large '
  type_keys /
  until_shows '^ filter:$'
  type_text bin
  until_gone '─ large '
  type_keys Escape
  until_shows '─ large '
}

shows_sites() {
  type_keys g Down Down
  selects 'held/large in'
  until_shows '^ +1\.0 MiB +100\.0 % .*main ← '
  type_keys s
  until_gone '^── '
  type_keys s
  selects 'held/large in'
}

freezes() {
  type_keys f
  until_shows ' FROZEN '
  type_keys g
  selects 'holds_blocks \('
  type_keys f
  until_gone ' FROZEN '
}

helps() {
  type_keys '?'
  until_shows 'Ctrl-L +draw the screen anew'
  grep -q 'policy=refuse' screen
  type_keys Space
  until_shows '─ large '
  type_keys h
  until_shows 'Ctrl-L'
  type_keys Escape
  until_gone 'Ctrl-L'
}

@test "every key, on 80 columns and 24 lines" {
  keys_at 80 24
}

@test "every key, on 200 columns and 50 lines" {
  keys_at 200 50
}

@test "a budget is set from within, and what is wrong is said" {
  start_growing cache=64M
  order +16000000
  on_screen 80 24 "$RATION top $victim"
  until_shows '─ cache +15\.3 MiB .* 23 % none'
  type_keys Down
  selects 'cache in grows_when_told'
  type_keys b
  until_shows "^ budget of cache in grows_when_told \\(pid $victim\\):\$"
  type_text '7 apples'
  type_keys Enter
  until_shows '`cache.budget=apples`: a size from 1 to 127T'
  type_keys b
  until_shows '^ budget of cache'
  type_keys Enter
  until_shows 'no budget was given; nothing has changed'
  type_keys b
  type_text 16M
  type_keys Escape
  until_gone '^ budget of cache'
  type_keys b
  type_text '16M policy=refuse'
  type_keys Enter
  until_shows 'cache.budget=16M,cache.policy=refuse: pending'
  order '='
  until_shows '─ cache .* 95 % critical'
  until_shows '1 under pressure \(critical\)'
  until_shows '15\.3 MiB of 16\.0 MiB '
  [ "$(figure "$victim" '.budgets[] | select(.category == "cache") | "\(.limit_bytes) \(.policy)"')" = '16777216 refuse' ]
  type_keys q
  has_left 0
  end_victim
}

@test "pressure has colours, and without them words and bold" {
  start_growing cache=16M
  order +16000000
  on_screen 80 24 "$RATION top $victim"
  until_shows $'\e\\[1m\e\\[31m *95 %.*critical' -e
  type_keys q
  has_left 0
  for plain in NO_COLOR=1 TERM=vt100; do
    rm -f after
    on_screen 80 24 "env $plain $RATION top $victim"
    until_shows '95 % critical'
    read_screen -e
    run ! grep -qE $'\e\\[[0-9;]*3[0-7]m' screen
    type_keys q
    has_left 0
  done
  rm -f after
  on_screen 80 24 "env LC_ALL=C $RATION top $victim"
  until_shows '^.- cache .*####.* 95 % critical'
  run ! grep -qP '[^\x00-\x7f]' screen
  type_keys q
  has_left 0
  end_victim
}

@test "a terminal that cannot be drawn on, or none: one line, status 2" {
  hold_some
  for kind in dumb nosuch ''; do
    rm -f after
    on_screen 80 24 "env TERM=$kind $RATION top $held 2>err"
    has_left 2
    [ "$(<err)" = "ration: top: a terminal of the kind \`$kind\` (TERM) cannot be drawn on; --once prints once" ]
  done
  refuses 2 'ration: top: stdout is no terminal; --once prints once, to anything' top "$held"
  refuses 2 'ration: top: --json and --output are of what is printed once; add --once' top --json "$held"
  refuses 2 'ration: top: --json and --output are of what is printed once; add --once' top --output file "$held"
  [ ! -e file ]
  let_go
}

@test "the terminal may change its size, to any" {
  hold_some
  on_screen 200 50 "$RATION top $held"
  until_shows 'GROWTH 6h'
  tmux resize-window -x 80 -y 24
  until_gone 'GROWTH'
  until_shows '^ Enter fold .* q quit'
  for size in '20 5' '10 3' '2 2' '1 1' '60 16'; do
    tmux resize-window -x "${size% *}" -y "${size#* }"
    type_keys f # it is alive
    type_keys f
  done
  until_shows '^holds_blocks '
  tmux resize-window -x 200 -y 50
  until_shows 'GROWTH 6h'
  type_keys q
  has_left 0
  let_go
}

@test "signals that end it leave the terminal as it was, status 0" {
  hold_some
  for signal in INT TERM HUP QUIT; do
    rm -f after
    on_screen 80 24 "sh -c 'echo \$\$ >pid; exec $RATION top $held'"
    until_shows '─ large '
    kill "-$signal" "$(<pid)"
    has_left 0
  done
  let_go
}

@test "it is stopped and goes on, and the terminal is the shell's meanwhile" {
  hold_some
  on_screen 80 24 "PS1='ready ' bash --norc -i"
  until_shows '^ready'
  type_text "$RATION top $held"
  type_keys Enter
  until_shows '─ large '
  type_keys C-z
  until_shows 'Stopped'
  type_text 'stty -a >stopped'
  type_keys Enter
  until [ -s stopped ]; do sleep 0.01; done
  type_text fg
  type_keys Enter
  until_shows '─ large '
  type_keys q
  until_shows '^ready$'
  type_text 'stty -a >ended'
  type_keys Enter
  until [ -s ended ]; do sleep 0.01; done
  diff stopped ended
  end_terminal
  let_go
}

@test "processes appear, are marked when they end, and go" {
  hold_some
  on_screen 80 24 "$RATION top"
  until_shows "^holds_blocks $held "
  hold_more env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/grows_when_told"
  until_shows "^grows_when_told $victim "
  type_keys End
  kill -KILL "$victim"
  until_shows "^grows_when_told $victim .* gone [0-9]+ s ago"
  until_gone "^grows_when_told $victim"
  until_shows "^holds_blocks $held "
  type_keys q
  has_left 0
  let_go
}

@test "one that was named stays when it has ended, with its figures, and takes no budget" {
  hold '' env LD_PRELOAD="$SHIM" "$VICTIMS/holds_blocks"
  pid=$held
  on_screen 80 24 "$RATION top $pid"
  until_shows "^holds_blocks $pid +1\\.0 MiB"
  let_go
  until_shows "^holds_blocks $pid +1\\.0 MiB ended [0-9]+ s ago"
  type_keys b
  until_shows 'it has ended; budgets are for running processes'
  type_keys q
  has_left 0
}

@test "names of any bytes and widths are shown as what they are" {
  cp "$VICTIMS/holds_blocks" $'\e[31mx\e]0;t\a\xff'
  cp "$VICTIMS/holds_blocks" 中文
  hold '' env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "./中文"
  wide=$held
  hold_more env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" $'./\e[31mx\e]0;t\a\xff'
  on_screen 200 40 "$RATION top"
  until_shows "^\\\\x1b\\[31mx\\\\x1b\\]0;t\\\\x07\\\\xff $victim +1\\.0 MiB"
  until_shows "^中文 $wide +1\\.0 MiB"
  # Both end in the same column: a wide character takes two.
  [ "$(grep -m 1 "^中文" screen | sed 's/中文/abcd/; s/MiB.*//' | wc -m)" = "$(grep -m 1 '^.x1b' screen | sed 's/MiB.*//' | wc -m)" ]
  type_keys q
  has_left 0
  let_go
}

@test "a session, and nothing to show" {
  hold '' "$RATION" run --quiet --set keep=1 -- "$VICTIMS/holds_blocks"
  on_screen 80 24 "$RATION top --session last"
  until_shows '^holds_blocks [0-9]+ +1\.0 MiB'
  type_keys q
  has_left 0
  rm after
  on_screen 80 24 "$RATION top --session 1.1"
  until_shows 'no tracked process runs; start one with `ration run -- CMD`'
  type_keys b Enter Down x q
  has_left 0
  let_go
  refuses 2 'ration: --session: `x`: expected PID.START, as in the column SESSION of `ration list`, or last' top --session x
  refuses 2 'ration: top: processes and a session; expected one of them' top --session 1.1 --once 1
}

@test "--once: text, to anything; JSON; a file" {
  hold_some
  "$RATION" top --once "$held" | cat >text
  grep -qE "^  NAME +LIVE +PEAK +USED +LIMIT +LEVEL +ALLOCS/s +FREES/s +CHANGE/s$" text
  grep -qE "^  holds_blocks $held +1\\.0 MiB " text
  grep -qE '^      large +1\.0 MiB +1\.0 MiB +100\.[0-9] % +1\.0 MiB  critical +0 +0 +0 B$' text
  run ! grep -q $'\e' text
  "$RATION" top --once --json --output file.json "$held" "$held"
  [ "$(jq -r '.processes | length' file.json)" = 1 ]
  [ "$(jq -r '.processes[0].categories[0] | "\(.name) \(.subtree_change_bytes_per_second)"' file.json)" = 'total 0' ]
  [ "$(jq -r '.processes[0].categories[] | select(.name == "held/large") | .level' file.json)" = critical ]
  [ "$(jq -r '.processes[0].categories[] | select(.name == "held/large") | .subtree_live_bytes' file.json)" = \
    "$(figure "$held" '.categories[] | select(.name == "held/large") | .live_bytes')" ]
  refuses 3 'ration: nowhere: *' top --once nowhere
  refuses 3 'ration: 999999999: no tracked process of this pid; *' top --once 999999999
  refuses 2 'ration: 0: no pid; *' top --once 0
  "$RATION" record --quiet --output a.ration -- true
  refuses 3 'ration: a.ration: a recording; `ration report` shows it, top what runs' top --once a.ration
  let_go
}

@test "a budget that is exceeded is full by as much as it is" {
  start_growing cache=1M
  order +4000000
  "$RATION" top --once "$victim" >text
  grep -qE '^    cache +3\.8 MiB +3\.8 MiB +381\.[0-9] % +1\.0 MiB  critical ' text
  on_screen 80 24 "$RATION top $victim"
  until_shows '─ cache +3\.8 MiB .* 381 % critical'
  type_keys q
  has_left 0
  end_victim
}

@test "growth is shown once it is known: by top, once and on the screen, and by report" {
  unshare --time --fork true 2>/dev/null || skip "time namespaces are not permitted here"
  start_growing
  order +4000000
  for show in 'top --once' report; do
    # shellcheck disable=SC2086 # a command and its option
    "$RATION" $show "$victim" >young
    run ! grep -q GROWTH young
    # To whoever looks seven minutes later it has lived for half of five minutes, not of six hours.
    # shellcheck disable=SC2086
    unshare --time --monotonic 420 --fork "$RATION" $show "$victim" >old
    grep -qE '  GROWTH 5m$' old
    grep -qE '^ +cache .* 0 B/h$' old
  done
  on_screen 200 50 "unshare --time --monotonic 420 --fork $RATION top $victim"
  until_shows '─ cache .* 0 B/h +- '
  type_keys q
  has_left 0
  end_victim
}

@test "that all there is belongs to other users is said" {
  [ "$(id -u)" = 0 ] || skip "another user is needed"
  open=$(mktemp -d) # whose folders above it others may enter
  chmod 777 "$open"
  export RATION_DIR=$open
  cp "$RATION" "$open/top"
  hold_some
  as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
  [ "$("${as[@]}" "$open/top" top --once)" = 'nothing but 1 segment of other users; look as root' ]
  let_go
}
