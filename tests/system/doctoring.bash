# shellcheck shell=bash disable=SC2016,SC2034 # words in single quotes are jq's; names for the tests
# doctoring.bash: what `ration doctor` says, beside what `ration run` comes to. `load doctoring` behind `load helpers`.

# compiled NAME [FLAG...]: a program that allocates, by gcc.
compiled() {
  local name=$1
  shift
  [ -e program.c ] || printf '#include <stdlib.h>\nint main(void) { void *p = malloc(100); free(p); return p == 0; }\n' \
    >program.c
  gcc -g program.c -o "$name" "$@"
}

# waiting NAME [FLAG...]: one that allocates, says so, and waits for the end of its stdin.
waiting() {
  local name=$1
  shift
  printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' 'int main(void) { free(malloc(100)); puts("up");' \
    'fflush(stdout); while (getchar() != EOF) {} return 0; }' >waiting.c
  gcc -g waiting.c -o "$name" "$@"
}

UNPACKED=$BATS_TEST_DIRNAME/../../build/unpacked # by scripts/setup, what the system has not

# real NAME: a program's path, wherever it is.
real() {
  command -v "$1" || echo "$UNPACKED/usr/bin/$1"
}

# finds FINDINGS [ARG...]: doctor finds what stops or limits, in that order: "stops static", none: "".
finds() {
  local wanted=$1
  shift
  "${host[@]}" "$RATION" doctor --json --output report.json "$@"
  local found
  found=$(json '[.findings[] | select(.severity != "note") | "\(.severity) \(.finding)"] | join(", ")' || true)
  if [ "$found" != "$wanted" ]; then
    echo "of $*: expected '$wanted', found '$found'"
    return 1
  fi
}

# notes FINDING: the last doctor has a note of this kind.
notes() {
  json --arg name "$1" '.findings[] | select(.finding == $name) | .severity == "note" and .words != "" and .advice != ""'
}

# has_no FINDING: it has none of this kind.
has_no() {
  run ! jq -e --arg name "$1" '.findings[] | select(.finding == $name)' report.json
}

# agrees CMD...: what the last doctor said of CMD, `run` comes to: no table, or passive, and for that reason; or tracked.
agrees() {
  rm -f after.json
  "${host[@]}" "$RATION" run --json --output after.json -- "$@" >/dev/null 2>&1 </dev/null || true
  [ -e after.json ] || echo '{}' >after.json # what cannot be started has nothing to say
  jq -es '.[0] as $before | .[1].processes[0] as $after |
    if $after == null or .[1].processes == [] then $before.verdict == "untracked"
    elif $after.passive then [$before.findings[] | select(.severity == "stops").finding] | index($after.passive) != null
    else $before.verdict != "untracked" end' report.json after.json
}

# as_nobody FILE...: goes to a folder that another user can reach, with ration and these files in it; there ration runs as
# that user. leave_nobody, in teardown: takes it away.
as_nobody() {
  [ "$(id -u)" = 0 ] || skip "needs root, to become another user"
  nobodys=$(mktemp -d /tmp/doctor.XXXXXX)
  cp "$RATION" "$SHIM" "$@" "$nobodys"
  cd "$nobodys" || return 1
  chown 65534 .
  RATION=$PWD/ration RATION_DIR=$PWD
  host=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}

leave_nobody() {
  cd / || return 1
  if [ -n "${nobodys:-}" ]; then rm -r "$nobodys"; fi
}
