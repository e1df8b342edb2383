# shellcheck shell=bash disable=SC2034 # names for the tests
# exporting.bash: what is exported, and what reads it. `load exporting` behind `load helpers`.

SOURCES=$BATS_TEST_DIRNAME/../victims/sites
UNPACKED=$BATS_TEST_DIRNAME/../../build/unpacked
FORMATS=(pprof folded speedscope json csv massif openmetrics)

# What scripts/setup has unpacked, where the system has none.
pprof() {
  local go
  if go=$(type -P go); then
    "$go" tool pprof "$@"
  else
    PPROF_TMPDIR=$BATS_TEST_TMPDIR "$UNPACKED/usr/lib/go-1.19/pkg/tool/linux_amd64/pprof" "$@"
  fi 2>pprof.err || { cat pprof.err && false; }
}

promtool() {
  "$(type -P promtool || echo "$UNPACKED/usr/bin/promtool")" "$@"
}

read_export() {
  /usr/bin/python3 "$BATS_TEST_DIRNAME/read_export.py" "$@"
}

# track SETTINGS CMD...: runs it; its segment stays.
track() {
  local settings=$1
  shift
  RATION_OPTIONS=keep=1,$settings LD_PRELOAD=$SHIM "$@" >/dev/null
}

# known: a program whose stacks are known, every block a sample.
known() {
  gcc -g -O2 -std=c11 -D_GNU_SOURCE -Wall -Wextra -fno-builtin "-I$BATS_TEST_DIRNAME/../../include" "-I$SOURCES" -pthread \
    "$SOURCES/known.c" -o known
  track sample=1 ./known
}

QUERY="create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000)
insert into t select x, hex(randomblob(50)) from c; select count(*) from t;"

export_to() {
  "$RATION" export --format "$1" --output "out.$1" "${@:2}"
}
