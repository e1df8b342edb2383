# shellcheck shell=bash
# count.sh: passed and failed tests, added up over runners of any kind. To be sourced.
#
#   count_tap NAME CMD ...      CMD prints TAP on stdout
#   count_later NAME CMD ...    likewise, beside others, as many at a time as there are processors, and ...
#   count_laters                ... waits for them, and counts
#   count_unit NAME CMD ...     CMD is a Criterion program
#   count_checks NAME CMD ...   CMD's stdout ends in a line `N passed, N failed`; it shows its failures itself
#   count_step NAME CMD ...     CMD passes or fails as a whole
#   count_end                   the closing line; status 0 where all passed
#
# A runner that ran no test, crashed, or whose status belies what it printed counts as one failure.

count_passed=0
count_failed=0
count_skipped=0
count_since=$SECONDS
count_scratch=$(mktemp -d)
trap 'rm -rf "$count_scratch"' EXIT

count_tap() {
  local name=$1 status=0
  shift
  "$@" >"$count_scratch/tap" 2>"$count_scratch/err" </dev/null || status=$?
  count_tap_file "$name" "$status" "$count_scratch"
}

count_names=()

count_later() {
  local name=$1 folder=$count_scratch/later/$1
  shift
  mkdir -p "$folder"
  if [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; then wait -n || true; fi
  (
    status=0 begun=$SECONDS
    "$@" >"$folder/tap" 2>"$folder/err" </dev/null || status=$?
    echo "$status $((SECONDS - begun))" >"$folder/ended"
  ) &
  count_names+=("$name")
}

count_laters() {
  local name status seconds
  wait
  for name in "${count_names[@]}"; do
    read -r status seconds <"$count_scratch/later/$name/ended"
    count_since=$((SECONDS - seconds)) # its own, beside the others'
    count_tap_file "$name" "$status" "$count_scratch/later/$name"
  done
  count_names=()
}

count_unit() {
  local name=$1 status=0
  shift
  : >"$count_scratch/tap"
  "$@" --tap="$count_scratch/tap" >"$count_scratch/err" 2>&1 </dev/null || status=$?
  count_tap_file "$name" "$status" "$count_scratch"
}

# count_tap_file NAME STATUS FOLDER: adds up FOLDER/tap; where anything is wrong shows the failures, or all there is.
count_tap_file() {
  local name=$1 status=$2 folder=$3 plan passed failed skipped
  plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$folder/tap" | head -n 1)
  skipped=$(grep -Eci '^ok\b.*# *skip' "$folder/tap" || true)
  passed=$(($(grep -c '^ok\b' "$folder/tap" || true) - skipped))
  failed=$(grep -c '^not ok\b' "$folder/tap" || true)

  local wrong=
  if [ $((passed + failed + skipped)) = 0 ]; then
    wrong="ran no test"
  elif [ "${plan:-0}" != $((passed + failed + skipped)) ]; then
    wrong="planned ${plan:-no} tests, ran $((passed + failed + skipped))"
  elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    wrong="status $status with no failed test"
  elif grep -q 'ERROR: LeakSanitizer' "$folder/err"; then
    wrong="a test leaks" # Criterion's status does not say so
  fi
  grep -Ei '^ok\b.*# *skip' "$folder/tap" | sed "s|^ok|$name: skipped|" || true
  # A failed test, and what it said: all up to the next test.
  awk '/^not ok/ { show = 1 } /^(ok|1\.\.)/ { show = 0 } show' "$folder/tap"
  if [ "$failed" != 0 ] || [ -n "$wrong" ]; then tail -n 200 "$folder/err"; fi
  if [ -n "$wrong" ]; then
    echo "not ok - $name: $wrong (status $status)"
    failed=$((failed + 1))
  fi
  count_skipped=$((count_skipped + skipped))
  count_add "$name" "$passed" "$failed"
}

count_checks() {
  local name=$1 status=0 closing passed failed
  shift
  "$@" </dev/null | tee "$count_scratch/checks" | sed -u '/^[0-9]* passed, [0-9]* failed$/d' || status=${PIPESTATUS[0]}
  closing=$(tail -n 1 "$count_scratch/checks")
  passed=0 failed=1
  if [[ $closing =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then
      echo "not ok - $name: status $status after '$closing'"
      failed=1
    fi
  else
    echo "not ok - $name: ended with status $status and no closing line"
  fi
  count_add "$name" "$passed" "$failed"
}

count_step() {
  local name=$1 status=0
  shift
  "$@" >"$count_scratch/step" 2>&1 </dev/null || status=$?
  if [ "$status" = 0 ]; then
    count_add "$name" 1 0
  else
    tail -n 200 "$count_scratch/step"
    echo "not ok - $name: status $status"
    count_add "$name" 0 1
  fi
}

count_add() {
  printf '%-40s %5d passed, %d failed, %4d s\n' "$1:" "$2" "$3" $((SECONDS - count_since))
  count_since=$SECONDS
  count_passed=$((count_passed + $2))
  count_failed=$((count_failed + $3))
}

count_end() {
  if [ "$count_skipped" != 0 ]; then echo "$count_skipped skipped"; fi
  echo "$count_passed passed, $count_failed failed"
  [ "$count_failed" = 0 ] && [ "$count_passed" != 0 ]
}
