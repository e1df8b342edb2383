#!/usr/bin/env bats
# shellcheck disable=SC2154 # run assigns stderr
# ration_pool_register and report --pools: what a program tells of its object pools.

load helpers
load alike
bats_require_minimum_version 1.5.0

segments() {
  find "$RATION_DIR" -name 'ration.*' ! -name '*.dump.*'
}

# pools STEP...: the victim, tracked; its segment stays.
pools() {
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" "$VICTIMS/pools" "$@"
}

# listed FILTER [SEGMENT]: of the segment's pools, by jq.
listed() {
  "$RATION" report --pools --json "${2:-$(segments)}" | jq -c ".processes[0].pools | $1"
}

@test "pools are listed, those with the most bytes first" {
  pools register:tiles:24 tag:trees:4096 register:rocks:8 update:0:10 update:1:64 update:2:0
  [ "$(listed 'map([.name, .category, .object_bytes, .used, .reserved, .peak, .takes, .hit_rate, .state])')" = \
    '[["trees",null,4096,64,64,65,100,0.9,"registered"],["tiles","world/tiles",24,10,64,11,100,0.9,"registered"],["rocks","world/rocks",8,0,64,1,100,0.9,"registered"]]' ]
  [ "$("$RATION" report --json "$(segments)" | jq -c '.processes[0].performance.pool_hit_rate')" = 0.9 ]
  "$RATION" report "$(segments)" | grep -q 'pools hit 90.0 %'
}

@test "in text they are a table" {
  pools register:tiles:24 tag:trees:4096 update:0:16 update:1:64
  run -0 "$RATION" report --pools "$(segments)"
  [[ "${lines[1]}" =~ ^\ +POOL\ +CATEGORY\ +OBJECT\ +USED\ +RESERVED\ +PEAK\ +TAKES\ +HITS$ ]]
  [[ "${lines[2]}" =~ ^\ +trees\ +4\.0\ KiB\ +64\ +█+\ +64\ +65\ +100\ +90\.0\ %$ ]]
  [[ "${lines[3]}" =~ ^\ +tiles\ +world/tiles\ +24\ B\ +16\ +█+[^\ ]*\ +64\ +17\ +100\ +90\.0\ %$ ]]
  [[ "$output" != *"no more"* ]]
}

@test "one that is gone stays as it was last" {
  pools register:tiles:24 update:0:16 unregister:0
  [ "$(listed 'map([.name, .used, .state])')" = '[["tiles",16,"gone"]]' ]
  "$RATION" report --pools "$(segments)" | grep -q '1 of them is no more: as it was last'
}

@test "one that was never filled has no hit rate" {
  pools register:tiles:24
  [ "$(listed 'map(.hit_rate)')" = '[null]' ]
  [ "$("$RATION" report --json "$(segments)" | jq -c '.processes[0].performance.pool_hit_rate')" = null ]
}

@test "by category: its own and those below it" {
  pools register:tiles:24 register:trees:24 tag:none:8
  of_category() { "$RATION" report --pools --category "$1" --json "$(segments)" | jq -c '.processes[0].pools | map(.name)'; }
  [ "$(of_category world | jq -c sort)" = '["tiles","trees"]' ]
  [ "$(of_category world/trees)" = '["trees"]' ]
  [ "$(of_category total | jq -c sort)" = '["none","tiles","trees"]' ]
}

@test "a program without pools is told from one with" {
  env RATION_OPTIONS=keep=1 LD_PRELOAD="$SHIM" /bin/true
  [ "$(listed .)" = '[]' ]
  "$RATION" report --pools "$(segments)" | grep -q 'no pools'
}

@test "a forked child has its parent's, and its own figures from then on" {
  pools register:tiles:24 update:0:10 fork update:0:50 register:trees:8
  [ "$(segments | wc -l)" = 2 ]
  for segment in $(segments); do listed 'map([.name, .used]) | sort' "$segment"; done | sort >seen
  diff seen - <<<$'[["tiles",10]]\n[["tiles",50],["trees",0]]'
}

@test "wrong calls are told" {
  pools wrong
}

@test "does nothing without the shim, and in a passive process" {
  steps=(register:tiles:24 tag:trees:8 update:0:1 update:1:1 unregister:0 unregister:1 wrong)
  [ -z "$("$VICTIMS/pools" "${steps[@]}" 2>&1)" ]
  [ -z "$(env RATION_OPTIONS=only=nothing LD_PRELOAD="$SHIM" "$VICTIMS/pools" "${steps[@]}" 2>&1)" ]
}

@test "--pools is one look, and takes no option of another" {
  pools register:tiles:24
  run -2 --separate-stderr "$RATION" report --pools --sites "$(segments)"
  [[ "$stderr" == *'one thing at a time'* ]]
  run -2 --separate-stderr "$RATION" report --pools --raw "$(segments)"
  [[ "$stderr" == *'--raw is of --sites, --largest, --leaks, --html; leave it out'* ]]
}
