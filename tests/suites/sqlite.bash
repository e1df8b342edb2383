# shellcheck shell=bash disable=SC2034,SC2154 # what tests/suites/run sets, and reads
# sqlite.bash: sqlite's tests, by a program that is built of its source, for tests/suites/run.

sqlite_program=testfixture

sqlite_parts() {
  echo veryquick
}

sqlite_prepare() {
  [ -x "$fetched/sqlite/testfixture" ] || { echo 'not fetched; tests/suites/fetch sqlite' && return 1; }
}

# sqlite_part SCRIPT: not as root, as which some tests refuse to run.
sqlite_part() {
  local as=()
  if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
  as_told "${as[@]}" timeout 3600 "$fetched/sqlite/testfixture" "$fetched/sqlite/test/$1.test" 2>&1 | tee /dev/stderr |
    sed -nE 's/^(\S+)\.\.\. Ok$/ok \1/p; s/^! (\S+) (expected|got|result).*/failed \1/p; s/^(\S+)\.\.\. Omitted$/skipped \1/p'
}
