#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# creatures, as its users meet it: what it prints, that runs are the same where they should be, worlds that are saved and
# loaded, pressure by scripts and in earnest, and what it says of bad input.

load helpers
bats_require_minimum_version 1.5.0

CREATURES=$RATION_BUILD/creatures

# simulate ARGS...: a run, its result in result.json.
simulate() {
  "$CREATURES" --json "$@" >result.json
}

# result FILTER: of the last run.
result() {
  jq -er "$1" result.json
}

# checksum ARGS...
checksum() {
  simulate "$@"
  result .checksum
}

# refuses_creatures STATUS LINE ARGS...
refuses_creatures() {
  refused_by "$CREATURES" "$1" "creatures: $2" "${@:3}"
}

# live ARGS...: a run that goes on until it is told to end, its result then in result.json. Its pid is $living.
live() {
  "$CREATURES" --json --seconds 1000000 "$@" >result.json 3>&- &
  living=$!
}

# until_true FILTER: waits until a report says so of $living.
until_true() {
  local until=$((SECONDS + 120))
  while [ "$(figure "$living" "$1" 2>wrong)" != true ]; do
    if has_ended "$living" || [ "$SECONDS" -ge "$until" ]; then
      echo "never: $1"
      cat wrong
      return 1
    fi
    sleep 0.05
  done
}

# It is told to end.
end_living() {
  local status=0
  kill -TERM "$living"
  wait "$living" || status=$?
  living=
  return "$status"
}

teardown() {
  if [ -n "${living:-}" ]; then kill -KILL "$living" 2>/dev/null || true; fi
}

@test "a run says all that it is to say, and loses no creature" {
  simulate --creatures 200 --seconds 2
  for name in creatures frames frames_per_second frame_ms_p50 frame_ms_p99 frame_ms_max allocations_per_frame \
    bytes_per_creature checksum lost_creatures budget_bytes peak_bytes allocations_per_second frees_per_second \
    fragmentation pool_hit_rate management_seconds memory_gigabytes_per_second counters limits pressure; do
    echo "$name"
    result "has(\"$name\")"
  done
  [ "$(result .frames)" = 120 ]
  [ "$(result .lost_creatures)" = 0 ]
  [ "$(result .budget_bytes)" = 4294967296 ]
  result '.creatures > 100 and .creatures < 400'
  result '.frame_ms_p50 > 0 and .frame_ms_p50 <= .frame_ms_p99 and .frame_ms_p99 <= .frame_ms_max'
  result '.peak_bytes > 1000000 and .bytes_per_creature > 1000 and .memory_gigabytes_per_second > 0'
  result '.pool_hit_rate > 0.9 and .fragmentation >= 0 and .fragmentation < 1'
  result '.checksum | test("^[0-9a-f]{16}$")'
  result '.counters.sensed > 200 * 119 and .counters.decided > 200 * 14'
  [ "$(result '.limits | length')" = 9 ]
}

@test "as text it shows the limits, the pools and the work done" {
  "$CREATURES" --creatures 100 --seconds 0.5 >text
  for words in 'checksum' 'frames' 'render_commands' 'memories  *100  drop_oldest' 'struct warm' 'decided' 'freed_bytes'; do
    echo "$words"
    grep -q -- "$words" text
  done
}

@test "after the warm-up a frame asks for no memory" {
  simulate --creatures 300 --seconds 6
  result '.allocations_per_frame == 0'
}

@test "it is the same with any number of threads, and with and without the shim" {
  local once
  once=$(checksum --creatures 300 --seconds 4 --seed 3)
  [ "$(checksum --creatures 300 --seconds 4 --seed 3 --threads 2)" = "$once" ]
  [ "$(checksum --creatures 300 --seconds 4 --seed 3 --threads 7)" = "$once" ]
  [ "$(result .allocations_per_frame)" != null ]
  [ "$(RATION_OPTIONS=not=creatures checksum --creatures 300 --seconds 4 --seed 3)" = "$once" ]
  RATION_OPTIONS=not=creatures simulate --creatures 300 --seconds 1
  result '.allocations_per_frame == null and .peak_bytes > 1000000'
  [ "$(checksum --creatures 300 --seconds 4 --seed 4)" != "$once" ]
}

@test "a saved world is the same, and goes on as if it had never ended" {
  local whole
  whole=$(checksum --creatures 200 --seconds 5)
  simulate --creatures 200 --seconds 2 --save world
  cp result.json saved.json
  [ "$(ls)" = "$(printf 'result.json\nsaved.json\nsegments\nworld')" ]
  [ "$(checksum --seconds 0 --load world)" = "$(jq -r .checksum saved.json)" ]
  [ "$(checksum --seconds 3 --load world)" = "$whole" ]
  [ "$(checksum --seconds 3 --load world --threads 3)" = "$whole" ]
  simulate --seconds 0 --load world --save again
  cmp world again
}

@test "a script of levels is the same with any number of threads, and sheds by each level" {
  local once
  printf '30 low\n60 medium\n90 high\n120 critical\n240 none\n' >levels
  once=$(checksum --creatures 1000 --seconds 6 --pressure-script levels)
  result '.lost_creatures == 0 and .pressure.calls >= 8 and .pressure.archived > 0 and .pressure.demoted > 0'
  result '.pressure.simplified > 0 and .pressure.textures_evicted > 0 and .pressure.textures_halved > 0'
  result '.pressure.promoted > 0 and .pressure.level == 0'
  [ "$(checksum --creatures 1000 --seconds 6 --pressure-script levels --threads 3)" = "$once" ]
  [ "$(RATION_OPTIONS=not=creatures checksum --creatures 1000 --seconds 6 --pressure-script levels)" = "$once" ]
  [ "$(checksum --creatures 1000 --seconds 6)" != "$once" ]
}

@test "at the end every book is at zero, also after pressure" {
  printf '10 critical\n20 low\n40 high\n60 none\n' >levels
  RATION_OPTIONS=keep=1 simulate --creatures 200 --seconds 3 --pressure-script levels --save world
  was_tracked creatures
  figure "$(echo "$RATION_DIR"/ration.*)" '.categories[] | "\(.name) \(.live_bytes)"' >books
  cat books
  [ "$(grep -c -E '^(creatures|creatures/components|creatures/behaviors|world|rendering|ui|audio|temporary) 0$' books)" = 8 ]
  [ "$(figure "$(echo "$RATION_DIR"/ration.*)" .total.subtree_live_blocks)" = 0 ]
}

@test "with its budget cut to half of what it uses while it runs it sheds, and stays within it" {
  local peak half
  simulate --creatures 1000 --seconds 3
  peak=$(result .peak_bytes)
  half=$((peak / 2))
  # Each category has room for all that it wants. The reserve stays what it is: of the half it leaves too little.
  live --creatures 1000 --budget $((6 * peak))
  until_true ".handlers | map([.category, .priority]) == [[\"rendering\", 1], [\"creatures\", 10]]"
  until_true ".total.subtree_live_bytes >= $peak * 0.9"
  "$RATION" set "$living" total="$half"
  until_true ".budgets | any(.category == \"total\" and .limit_bytes == $half)"
  until_true ".total.subtree_live_bytes <= $half"
  for _ in $(seq 10); do
    [ "$(figure "$living" ".total.subtree_live_bytes <= $half")" = true ]
    sleep 0.1
  done
  end_living
  [ "$(result .lost_creatures)" = 0 ]
  result '.pressure.calls > 0 and .pressure.demoted > 0 and .pressure.archived > 0'
}

@test "a signal ends it after the frame, with its result and its world" {
  live --creatures 50 --save world
  until_true '.categories | any(.name == "rendering" and .live_blocks > 1)' # the first frame's textures
  end_living
  result '.frames > 0 and .frames < 60000000'
  cp result.json ended.json
  [ "$(checksum --seconds 0 --load world)" = "$(jq -r .checksum ended.json)" ]
}

@test "limits are what is said, and what goes over them is counted" {
  simulate --creatures 200 --seconds 2 --limits memories=20,events=50,render_commands=100,active_creatures=150
  result '.creatures <= 150'
  result '.limits[] | select(.name == "memories") | .maximum == 20'
  result '.limits[] | select(.name == "render_commands") | .maximum == 100 and .refused > 100 * 40'
  result '.limits[] | select(.name == "active_creatures") | .refused > 0'
  [ "$(result .lost_creatures)" = 0 ]
}

@test "ten times the memories are recalled at ten times the work" {
  local few many
  simulate --creatures 100 --seconds 2 --limits memories=10
  few=$(result .counters.recalled_memories)
  simulate --creatures 100 --seconds 2 --limits memories=100
  many=$(result .counters.recalled_memories)
  echo "$few, $many"
  [ "$many" -gt $((few * 5)) ]
}

@test "a small world lives on for generations, and one under pressure likewise" {
  echo '1 medium' >levels
  simulate --creatures 500 --seconds 200 --pressure-script levels
  result '.creatures > 300 and .counters.births > 200 and .pressure.demoted > 300'
  for seed in 1 2 3; do
    simulate --creatures 100 --seconds 400 --seed $seed
    result '.creatures >= 60 and .creatures <= 170 and .counters.deaths > 200'
  done
  for seed in 1 3 5; do
    simulate --creatures 10 --seconds 400 --seed $seed
    result '.creatures >= 8 and .counters.deaths > 20'
  done
}

@test "help lists the options, and nothing runs" {
  "$CREATURES" --help >help
  for option in creatures seconds seed threads budget limits pressure-script save load json view help; do
    grep -q -- " --$option" help
  done
  [ "$(grep -c checksum help)" = 0 ]
}

@test "wrong usage is one line and status 2" {
  refuses_creatures 2 '--nonsense: no such option*' --nonsense
  refuses_creatures 2 '--seed: no such option, or it lacks its value*' --seed
  refuses_creatures 2 '--creatures: `x` is no number from 1 to *' --creatures x
  refuses_creatures 2 '--seconds: `-1` is no number*' --seconds -1
  refuses_creatures 2 '--threads: `0` is no number from 1 to 64' --threads 0
  refuses_creatures 2 '--budget: `4X` is no size*' --budget 4X
  refuses_creatures 2 '*nonsense*' --limits nonsense=5
  refuses_creatures 2 'word: takes no arguments*' word
  refuses_creatures 2 '--view: stdout is no terminal' --view
}

@test "files that are not there or not right are one line and status 3" {
  simulate --creatures 30 --seconds 0.5 --save world
  refuses_creatures 3 'nowhere: cannot be read: No such file or directory' --load nowhere
  head -c 1000 world >shorter
  refuses_creatures 3 'shorter: truncated: 1000 of * bytes are there' --load shorter
  { cat world && echo; } >longer
  refuses_creatures 3 'longer: corrupted: there are 1 bytes behind its end' --load longer
  { head -c 5000 world && printf x && tail -c +5002 world; } >other
  cmp -s world other || refuses_creatures 3 'other: corrupted: *' --load other
  { head -c 16 world && printf '\2' && tail -c +18 world; } >version
  refuses_creatures 3 'version: of version 2, and this is version 1*' --load version
  refuses_creatures 3 '/dev/null: no file' --load /dev/null
  printf '5 low\n4 high\n' >levels
  refuses_creatures 3 'levels:2: *' --pressure-script levels
  refuses_creatures 3 'nowhere: cannot be read: *' --pressure-script nowhere
  refuses_creatures 3 'segments: cannot be read: Is a directory' --pressure-script segments
  refuses_creatures 3 'nowhere/world: cannot be written: *' --seconds 0 --save nowhere/world
}

@test "a budget that is too small to start is one line and status 3" {
  refuses_creatures 3 '--budget: 1024 bytes are too few for 1000 creatures: give more' --budget 1K
  refuses_creatures 3 '--budget: 2097152 bytes are too few for 1000 creatures: give more' --budget 2M
  simulate --creatures 30 --seconds 0.1 --save world
  refuses_creatures 3 '* too few for 30 creatures: give more' --budget 100K --load world
}

@test "a world that cannot be written leaves what was there" {
  mkdir folder
  echo before >folder/world
  run -3 --separate-stderr bash -c "ulimit -f 100; exec '$CREATURES' --creatures 200 --seconds 0 --save folder/world"
  [[ $stderr == "creatures: folder/world: cannot be written: File too large" ]]
  [ "$(ls folder)" = world ]
  [ "$(cat folder/world)" = before ]
}

@test "a result that does not arrive is an error" {
  run -3 --separate-stderr bash -c "'$CREATURES' --creatures 10 --seconds 0.1 --json >/dev/full"
  [[ $stderr == "creatures: stdout: the result did not arrive: No space left on device" ]]
}

@test "the view draws the world in a terminal, and leaves it as it was" {
  script -qec "stty cols 100 rows 40; '$CREATURES' --creatures 200 --seconds 0.5 --view" drawn </dev/null >/dev/null
  # shellcheck disable=SC1003
  grep -aq $'\033\\[?1049h' drawn
  grep -aq $'\033\\[?1049l' drawn
  grep -aq 'creatures  .* frames/s  pressure none' drawn
  grep -aq 'health .* energy' drawn
  grep -aq 'lost' drawn
}
