#!/usr/bin/env bats
# shellcheck disable=SC2154 # start_growing assigns victim, hold held
# report --events --follow: each event once, in its order, or counted as lost; to the end of the process.
# once: how the reporter reads the ring

load helpers
load growing
load held
bats_require_minimum_version 1.5.0

teardown() {
  end_growing
  end_held
}

@test "what has happened is shown to the end, and no event twice" {
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/marks" mark:frame:1 take:10 mark:frame:2 >/dev/null
  timeout 20 "$RATION" report --events --follow "$(ls "$RATION_DIR"/ration.*)" >seen
  [ "$(grep -c ' mark ' seen)" = 2 ]
  grep -Eq '^ +[0-9.]+ s  mark +[0-9]+  frame 1$' seen
  [ "$(grep -c ' sample ' seen)" -ge 10 ]
  [ "$(sort seen | uniq -d | wc -l)" = 0 ]
  # In the order of time.
  [ "$(grep -o '^ *[0-9.]* s' seen)" = "$(grep -o '^ *[0-9.]* s' seen | sort -n)" ]
  ! grep -q '^lost' seen
}

@test "a process that runs is followed until it ends; what was overwritten is counted" {
  hold up env RATION_OPTIONS=sample=1 LD_PRELOAD="$SHIM" sqlite3 -cmd 'select "up"' :memory:
  timeout 120 "$RATION" report --events --follow "$held" >seen 3>&- 9>&- &
  local follower=$!
  until [ -s seen ]; do sleep 0.01; done
  echo 'with recursive c(x) as (select 1 union all select x + 1 from c where x < 400000) select sum(length(printf("%d", x))) from c;' >&9
  let_go
  wait "$follower"
  # The numbers that were lost and the lines add up to all samples.
  grep -q ' sample_freed ' seen
  awk '$1 == "lost" && $3 ~ /^samples/ { gsub(",", "", $2); lost += $2 } / sample(_freed)? / { shown++ }
       END { exit !(lost + shown > 100000) }' seen
}

@test "follow is text" {
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" true
  refuses 2 'ration: *: --follow is text, as it comes; leave out --json' report --events --follow --json \
    "$(ls "$RATION_DIR"/ration.*)"
}

@test "follow goes to a file where it is told to" {
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/marks" mark:frame:1 >/dev/null
  run -0 --separate-stderr "$RATION" report --follow --output seen "$(ls "$RATION_DIR"/ration.*)"
  [ -z "$output$stderr" ]
  grep -q ' mark ' seen
}

@test "a file that follow is told to write to is emptied as it begins, and grows line by line" {
  start_growing sample=1
  echo before >seen
  beside "$RATION" report --follow --output seen "$victim"
  while grep -q before seen; do sleep 0.01; done
  order +100000
  until grep -q ' sample ' seen; do sleep 0.01; done
  [[ -e /proc/$victim && -e /proc/$beside ]]
  end_victim
  wait "$beside"
  beside=
  [ ! -s wrongs ]
  echo before >seen
  refuses 3 'ration: 1999999: *' report --follow --output seen 1999999
  [ "$(cat seen)" = before ]
}

@test "a reader that has gone, and a full disk, are said once, with a status" {
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/marks" take:1000 >/dev/null
  segment=$(ls "$RATION_DIR"/ration.*)
  run -3 to_nobody "$RATION" report --follow "$segment"
  [ "$output" = "ration: stdout: cannot be written: Broken pipe; name another file with --output" ]
  refuses 3 'ration: /dev/full: cannot be written: No space left on device; *' report --follow -o /dev/full "$segment"
}
