#!/usr/bin/env bats
# librationkit's pools under the shim: what `report --pools` shows of them is what they say of themselves.

load helpers
bats_require_minimum_version 1.5.0

segments() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

# pools STEP...: the program, tracked; its segment stays, its last line is in `told`.
pools() {
  "${SHIMMED[@]}" "$VICTIMS/kit_pools" "$@" >out
  tail -n 1 out >told
}

# shown [SEGMENT]: of each pool that is registered, sorted: [name, used, reserved, peak, takes, hits]. What is shown is
# the rate.
shown() {
  "$RATION" report --pools --json "${1:-$(segments)}" | jq -c '[.processes[0].pools[] | select(.state == "registered") |
    [.name, .used, .reserved, .peak, .takes, ((.hit_rate // 0) * .takes | round)]] | sort'
}

# exact: what is shown is what was told.
exact() {
  shown | diff <(jq -c sort told) -
}

# near MORE: each figure differs by at most 1, 1/64, or MORE.
near() {
  jq -n -e --argjson more "$1" --argjson told "$(jq -c sort told)" --argjson shown "$(shown)" '
    ($told | map(.[0])) == ($shown | map(.[0])) and
    all([$told, $shown] | transpose[] | transpose[1:][];
        (.[0] - .[1] | fabs) <= ([1, .[0] / 64, $more] | max))' || { cat told; shown; false; }
}

@test "what is shown is near what is so, and exact once it was published" {
  pools take:3000 give:2000 print
  near 0
  rm "$RATION_DIR"/ration.*
  pools take:3000 give:2000 publish print
  exact
  [ "$(jq -c . told)" = '[["struct bolt",1000,2048,3000,3000,2997]]' ]
}

@test "hits are shown also of a pool whose use stays" {
  pools take:1 swing:100000 print
  near 0
  [ "$(jq -c '.[0][4]' told)" = 100001 ]
  rm "$RATION_DIR"/ration.*
  pools swings:20000 print
  near 512
  [ "$(jq -c '.[0][4]' told)" = 160000 ]
}

@test "categories, sizes and names are the pools' own" {
  pools take:10 threads:2 publish print
  [ "$("$RATION" report --pools --json "$(segments)" |
    jq -c '.processes[0].pools | map([.name, .category, .object_bytes, .state]) | sort')" = \
    '[["struct bolt","world/bolts",24,"registered"],["struct message","net/messages",100,"registered"]]' ]
  "$RATION" report --pools "$(segments)" | grep -Eq '^ +struct message +net/messages +100 B +200 '
}

@test "the pools' blocks are counted in their category" {
  pools take:3000
  [ "$(figure "$(segments)" '.categories[] | select(.name == "world/bolts") | .live_bytes')" -ge $((4096 * 24)) ]
}

@test "while it runs, from outside" {
  mkfifo told_by asked
  "${SHIMMED[@]}" "$VICTIMS/kit_pools" take:5000 give:100 print wait take:5000 give:9000 print wait publish print wait \
    >told_by <asked 3>&- &
  local program=$!
  exec 5<told_by 4>asked
  local more
  for more in near near exact; do
    read -r -t 20 line <&5
    echo "$line" >told
    if [ $more = near ]; then near 0; else exact; fi
    echo >&4
  done
  exec 4>&- 5<&-
  wait "$program"
}

@test "done leaves the last figures, exact, of a pool that is gone" {
  pools take:3000 give:2000 swing:999 threads:2 print end
  jq -c sort told >expected
  "$RATION" report --pools --json "$(segments)" | jq -c '.processes[0].pools | map(select(.state == "gone") |
    [.name, .used, .reserved, .peak, .takes, (.hit_rate * .takes | round)]) | sort' | diff expected -
  [ "$(shown)" = '[]' ]
}

@test "many pools, one after another, are shown while they are there" {
  pools cycles:400 publish print
  exact
  [ "$(jq -c 'map(.[1:5]) | unique' told)" = '[[1,1024,1,1]]' ]
}

@test "those that the shim has no room for are shown once it has" {
  pools crowd
  [ "$(cat told)" = '200 56 200' ]
  "$RATION" report --pools --json "$(segments)" | jq -e '.processes[0].pools | map(select(.state == "registered")) |
    length == 200 and all(.used == 1)'
}

@test "several threads on a shared pool" {
  pools threads:8 print
  near 512
  rm "$RATION_DIR"/ration.*
  pools threads:8 publish print
  exact
  [ "$(jq -c '.[0][1]' told)" = 800 ]
}

@test "a forked child shows its own figures from then on, its parent those that it had" {
  pools take:3000 threads:3 publish print fork give:500 threads:2 publish print
  [ "$(segments | wc -l)" = 2 ]
  for segment in $(segments); do shown "$segment"; done | sort >seen
  jq -c sort out | sort | diff - seen
  [ "$(jq -c '.[] | select(.[0] == "struct message")[1]' out | paste -sd,)" = 300,500 ]
}

@test "clear is shown at once" {
  pools take:3000 threads:3 clear print
  exact
  [ "$(jq -c 'map(.[1])' told)" = '[0,0]' ]
}

@test "the same without the shim, and where the shim shows nothing" {
  local steps=(take:3000 give:2000 threads:2 publish print clear print end cycles:3)
  "$VICTIMS/kit_pools" "${steps[@]}" | jq -c 'map(.[0,1,2,4])' >plain
  env RATION_OPTIONS=only=nothing LD_PRELOAD="$SHIM" "$VICTIMS/kit_pools" "${steps[@]}" | jq -c 'map(.[0,1,2,4])' | diff plain -
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/kit_pools" "${steps[@]}" | jq -c 'map(.[0,1,2,4])' | diff plain -
}
