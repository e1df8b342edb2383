# shellcheck shell=bash
# held.bash: a program that waits for the end of its stdin, and is looked at meanwhile. `load held` behind `load helpers`.

# hold WORD CMD...: starts it, and returns once it has said WORD on stdout, which is in `said`; '': any line. Its pid is
# $held.
hold() {
  local word=$1
  shift
  mkfifo gate
  "$@" <gate >said 2>/dev/null 3>&- &
  held=$!
  exec 9>gate
  until grep -q -- "$word" said; do sleep 0.01; done
}

# let_go: it ends, and this with its status.
let_go() {
  local status=0
  exec 9>&-
  wait "$held" || status=$?
  held=
  return "$status"
}

teardown() {
  end_held
}

end_held() {
  exec 9>&-
  if [ -n "${held:-}" ]; then kill -KILL "$held" 2>/dev/null || true; fi
}
