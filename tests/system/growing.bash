# shellcheck shell=bash disable=SC2034 # names for the tests
# growing.bash: a victim that grows when it is told to, for tests of budgets. `load growing` behind `load helpers`.

# start_told VICTIM [NAME=VALUE,...]: starts one that does what it is told, tracked; its pid is $victim.
start_told() {
  mkfifo gate said
  env RATION_OPTIONS="keep=1,${2:-}" LD_PRELOAD="$SHIM" "$VICTIMS/$1" <gate >said 3>&- &
  victim=$!
  exec 9>gate 8<said
  read -r -u 8 line
  [ "$line" = ready ]
}

start_growing() {
  start_told grows_when_told "$@"
}

# order LINE: the victim does it; its answer is $line.
order() {
  echo "$1" >&9
  read -r -u 8 line
}

# beside CMD...: runs it at the same time, without the ends of the pipes, so that the victim can see its stdin end; what
# it says is in `lines` and `wrongs`, its pid is $beside.
beside() {
  "$@" >lines 2>wrongs 3>&- 8<&- 9>&- &
  beside=$!
}

# end_victim: the victim leaves by itself.
end_victim() {
  exec 9>&-
  wait "$victim"
  exec 8<&-
  victim=
}

teardown() {
  end_growing
}

end_growing() {
  exec 8<&- 9>&-
  if [ -n "${beside:-}" ]; then kill -KILL "$beside" 2>/dev/null || true; fi
  if [ -n "${victim:-}" ]; then kill -KILL "$victim" 2>/dev/null || true; fi
}
