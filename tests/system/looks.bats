#!/usr/bin/env bats
# Looks at samples: `report --sites` in each of its orders and shapes, `--largest`, `--leaks`, on a program each of whose
# functions is first in one order (tests/victims/looks.c); while it runs, stopped, killed, and at its end.
# once: how the reporter orders samples

load helpers

bats_require_minimum_version 1.5.0

# What lives at the end: bytes, and KiB of all.
setup_file() {
  documents=$((3 * $(usable 40000)))
  sprites=$((200 * $(usable 100)))
  all=$(((documents + sprites) / 1024))
  export documents sprites all
}

segment() {
  find "$RATION_DIR" -name 'ration.*'
}

# run_looks [SETTINGS]: to its end, with every block a sample; leaves its segment.
run_looks() {
  env RATION_OPTIONS="keep=1,${1:-sample=1}" LD_PRELOAD="$SHIM" "$VICTIMS/looks"
}

# report OPTIONS...: of the only segment.
report() {
  "$RATION" report "$@" "$(segment)"
}

# first OPTIONS...: FIGURE FUNCTION of the first row in text, or nothing.
first() {
  report --sites --frames=1 "$@" | sed -n '4,5p' | sed -E '1s/^ *([0-9.,]+( [KM]?i?B)?) .*/\1/; 2s/^ *([a-z_]+) .*/\1/' | paste -s -d ' '
}

# functions OPTIONS...: the innermost function of each row, first rows first.
functions() {
  report --json "$@" | jq -r '.processes[0] | (.sites // .largest // .leaks) | map(.frames[0].function) | unique_by(.) | join(" ")'
}

# tree OPTIONS...: the lines of the program's own functions.
tree() {
  report "$@" | grep -oE '(- )?\b(main|parse|draw|keep_document|keep_sprite|scratch|fill_screen|fill_cache)$'
}

@test "sites in each order" {
  run_looks
  [ "$(first)" = "$(kib "$documents") keep_document" ]
  [ "$(first --by live)" = "$(kib "$documents") keep_document" ]
  [ "$(first --by total)" = "980.0 KiB fill_screen" ]
  [ "$(first --by peak)" = "980.0 KiB fill_screen" ]
  [ "$(first --by temporary)" = "100 scratch" ]
  [ "$(first --by count)" = "200 keep_sprite" ]
  report --sites --by lifetime --frames=1 | sed -n 5p | grep -q '^ *fill_cache at '
  for order in live total peak temporary count lifetime; do
    report --sites --json --by "$order" >report.json
    jq -e '.processes[0].sites | (map(.share) | add) as $sum | $sum > 0.999 and $sum < 1.001
      and (map(.share) | . == (sort | reverse))' report.json
  done
  refuses 2 "ration: --by: \`size\`: expected live, total, peak, temporary, count or lifetime" report --sites --by size
}

@test "what a site says of itself" {
  run_looks
  report --sites --json | jq -c '.processes[0].sites[] | select(.category == "bin/looks")
    | [.frames[0].function, .total_blocks, .live_blocks, .total_bytes - .slack_bytes, .temporary_blocks, .largest_bytes >= 100]' |
    sort >found
  diff - found <<'EOF'
["fill_cache",1,0,9000,0,true]
["fill_screen",1,0,1000000,1,true]
["keep_document",3,3,120000,0,true]
["keep_sprite",200,200,20000,0,true]
["scratch",100,0,100000,100,true]
EOF
  report --sites --json | jq -e '.processes[0].sites | all(.average_bytes == ((.total_bytes / .total_blocks) | round)
    and .peak_bytes >= .live_bytes and .at_process_peak_bytes <= .peak_bytes and .at_category_peak_bytes <= .peak_bytes)
    and (map(select(.frames[0].function == "fill_screen"))[0] | .at_process_peak_bytes == .total_bytes and .live_bytes == 0)
    and (map(select(.frames[0].function == "keep_sprite"))[0] | .at_process_peak_bytes == .live_bytes)
    and (map(select(.frames[0].function == "fill_cache"))[0] | .mean_lifetime_seconds >= 0.05)'
}

@test "--most and --frames say how much is shown" {
  run_looks
  [ "$(report --sites --most 2 --frames 2 | grep -c ' bin/looks$')" = 2 ]
  [ "$(report --sites --most 1 --frames 2 | grep -c ' at looks.c:')" = 2 ]
  report --sites --most 1 --frames 2 | grep -qE '^        … [0-9]+ more$'
  [ "$(report --sites --most 0 --by count --frames 0 | grep -c ' bin/looks$')" = 5 ]
  run -0 report --sites --frames 0
  [[ $output != *more* ]]
}

@test "a call tree goes from main inward, and callers go outward" {
  run_looks
  tree --calltree --by total >found
  diff - found <<'EOF'
main
- draw
- fill_screen
- keep_sprite
- parse
- keep_document
- scratch
- fill_cache
EOF
  report --calltree --by total | grep -qE '^ 100\.0 % +[0-9.]+ [KM]iB +main$'
  report --calltree --by count | grep -qE '^ +65\.[0-9] % +200 +keep_sprite$'
  tree --callers --by total >found
  diff - found <<'EOF'
- fill_screen
draw
main
- keep_document
parse
main
- scratch
parse
main
- keep_sprite
draw
main
- fill_cache
main
EOF
  [ "$(report --calltree --json | jq '.processes[0].sites | length')" = "$(report --sites --json | jq '.processes[0].sites | length')" ]
}

@test "--focus and --ignore, by function, file and module, in every look at samples" {
  run_looks
  [ "$(functions --sites --focus '^parse$')" = "keep_document scratch" ]
  [ "$(functions --sites --ignore '^parse$')" = "fill_cache fill_screen keep_sprite" ]
  [ "$(functions --sites --focus '^parse$' --ignore '^scratch$')" = keep_document ]
  [ "$(functions --sites --focus '/looks\.c$' --ignore '^(draw|parse)$')" = fill_cache ]
  [ "$(functions --sites --focus '^looks$' --ignore 'keep')" = "fill_cache fill_screen scratch" ]
  [ "$(functions --sites --focus nothing)" = "" ]
  [ "$(functions --largest --focus '^draw$')" = keep_sprite ]
  [ "$(functions --leaks --ignore '^draw$')" = keep_document ]
  tree --calltree --focus '^draw$' --by total >found
  diff - found <<'EOF'
main
draw
- fill_screen
- keep_sprite
EOF
  refuses 2 "ration: --focus: \`a(b\` is no regular expression: *" report --sites --focus 'a(b'
  refuses 2 "ration: --ignore: \`[\` is no regular expression: *" report --sites --ignore '['
}

@test "the largest blocks that live" {
  run_looks
  report --largest --json >report.json
  jq -e '.processes[0].largest | length == 20 and (map(.bytes) | . == (sort | reverse))
    and (.[0:3] | all(.frames[0].function == "keep_document" and .bytes >= 40000))
    and all(.category == "bin/looks" and .age_seconds >= 0.05 and (.address | test("^0x[0-9a-f]+$")))
    and (map(.address) | unique | length) == 20' report.json
  [ "$(report --largest=2 --json | jq '.processes[0].largest | length')" = 2 ]
  [ "$(report --largest=0 --json | jq '.processes[0].largest | length')" = 203 ]
  [ "$("$RATION" report --largest 3 "$(segment)" --json | jq '.processes[0].largest | length')" = 3 ]
  [ "$("$RATION" report "$(segment)" --largest 3 --json | jq '.processes[0].largest | length')" = 3 ]
  [ "$("$RATION" report --largest "$(segment)" --json | jq '.processes[0].largest | length')" = 20 ]
  refuses 2 "ration: report: *" report --largest 3 4 5
  [ "$(report --largest=4 --frames=1 | grep -c ' bin/looks$')" = 4 ]
  report --largest=4 --frames=1 | sed -n 5p | grep -q '^        keep_document at looks.c:'
}

@test "leaks, their suppressions, and an exit status" {
  run_looks
  report --leaks --json | jq -e '.processes[0] | .leaked_blocks == 203 and .leaked_requested_bytes == 140000
    and .leaked_bytes == .total.subtree_live_bytes and .suppressed_blocks == 0 and (.leaks | length) == 2'
  run -0 report --leaks
  grep -qE "^  203 blocks of $all\.[0-9] KiB never freed$" <<<"$output"
  grep -qx '  all that lived at the end, whether the program could still reach it or not' <<<"$output"
  run -1 report --leaks --exit-code
  printf '%s\n' '# known' '' 'leak:^parse$' >some
  run -1 report --leaks --exit-code --suppressions some
  grep -qxF "  200 blocks of $(kib "$sprites") never freed; 3 blocks suppressed of $(kib "$documents")" <<<"$output"
  printf '%s\n' 'leak:parse' 'leak:*/loo*.c$' >all
  run -0 report --leaks --exit-code --suppressions all
  grep -qE '^  nothing lives; 203 blocks suppressed of ' <<<"$output"
  printf '%s\n' 'leak:parse' 'race:parse' >wrong
  refuses 2 "ration: *wrong:2: \`race:parse\`: expected leak:PATTERN" report --leaks --suppressions wrong "$(segment)"
  refuses 3 "ration: *absent: cannot be read: No such file or directory" report --leaks --suppressions absent "$(segment)"
}

@test "what no sample tells of is no leak, and that is said" {
  run_looks sample=off
  run -0 report --leaks --exit-code
  grep -qx '  nothing that a sample tells of lives' <<<"$output"
  grep -q '^  no samples; none are taken (sample=off); 0 lost, ' <<<"$output"
  grep -qE "^  $all\.[0-9] KiB unattributed: they live in categories with too few samples to tell by whom$" <<<"$output"
}

@test "estimates have intervals, and are scaled to exact totals where samples allow it, unless they are to be raw" {
  run_looks sample=256
  report --sites --json >scaled.json
  report --sites --raw --json >raw.json
  jq -e '.processes[0] | .sampling.mean_bytes == 256 and (.sites | all(.interval_low_bytes <= .live_bytes
    and .live_bytes <= .interval_high_bytes)) and (.sites | any(.interval_low_bytes < .interval_high_bytes))
    and (.sites | all(.total_interval_low_bytes <= .total_bytes and .total_bytes <= .total_interval_high_bytes))' scaled.json
  report --leaks --json | jq -e '.processes[0].leaks | all(.interval_low_bytes <= .bytes and .bytes <= .interval_high_bytes)
    and any(.interval_low_bytes < .interval_high_bytes)'
  jq -e '.processes[0].sites | length > 2 and all(.scaled == false)' raw.json
  jq -e '.processes[0] as $p | ($p.categories[] | select(.name == "bin/looks")) as $c
    | [$p.sites[] | select(.category == "bin/looks")] | all(.scaled)
    and ((map(.live_bytes) | add) - $c.live_bytes | . * . <= length * length)' scaled.json
}

# belongs OPTION LOOKS ADVICE ARGS...: `report ARGS` is refused, since the option is of other looks.
belongs() {
  refuses 2 "ration: report: $1 is of $2; $3" report "${@:4}"
}

@test "what a look would take no notice of is refused" {
  local of_samples='--sites, --largest, --leaks, --html' of_stacks='--sites, --largest, --leaks, --heap' of_frames
  of_frames="$of_stacks, --html"
  belongs --by --sites 'leave it out' --leaks --by total
  belongs --by --sites 'leave it out' --by total --timeline
  belongs --calltree --sites 'leave it out' --largest --calltree
  belongs --exit-code --leaks 'leave it out' --sites --exit-code
  belongs --suppressions --leaks 'leave it out' --sites --suppressions known
  belongs --last --timeline 'leave it out' --follow --last 5s
  belongs --follow --events 'leave it out' --sites --follow
  belongs --focus "$of_frames" 'leave it out' --threads --focus x
  belongs --focus "$of_frames" 'give one of them' --focus --sites
  belongs --raw "$of_samples" 'give one of them' --raw
  belongs --raw "$of_samples" 'leave it out' --heap --raw
  for option in --most=3 --frames=3; do
    belongs "${option%=*}" "$of_stacks" 'give one of them' "$option"
    belongs "${option%=*}" "$of_stacks" 'leave it out' --sizes "$option"
  done
  for option in --ignore=x --sysroot=/ --debug-dir=/; do
    belongs "${option%=*}" "$of_frames" 'give one of them' "$option"
    belongs "${option%=*}" "$of_frames" 'leave it out' --sizes "$option"
  done
  refuses 2 'ration: report: lifetimes do not add up along a tree; *' report --callers --by lifetime
  refuses 2 'ration: report: a tree is shown whole; *' report --calltree --most 3
  refuses 2 'ration: report: a tree is shown whole; *' report --callers --frames 3
  refuses 2 'ration: report: shows one tree at a time; give --calltree or --callers' report --calltree --callers
}

@test "what selects categories is refused in text by looks that have none, and counts in JSON" {
  run_looks
  refuses 2 'ration: *: --tree is of the page, --timeline; leave it out' report --sites --tree "$(segment)"
  refuses 2 'ration: *: --depth is of the page, --timeline, --sizes, --heap; leave it out' report --leaks --depth 1 "$(segment)"
  refuses 2 'ration: *: --category is of *, --sizes, --pools, --heap; leave it out' report --threads --category bin "$(segment)"
  "$RATION" report --json --threads --category bin "$(segment)" >report.json
  json '[.processes[0].categories[].name] | all(startswith("bin"))'
}

@test "an option of one look alone chooses it" {
  run_looks
  for option in --by=total:sites --calltree:sites --callers:sites --exit-code:leaks --last=1s:timeline; do
    run "$RATION" report --json "${option%:*}" "$(segment)"
    [ "$(jq ".processes[0] | has(\"${option#*:}\")" <<<"$output")" = true ]
  done
}

@test "one line says how far a look can be trusted" {
  run_looks
  line='  305 samples: every block; they stand for 100.0 % of the bytes allocated; 0 lost, 0 stacks cut at 128 frames'
  # The loader's own blocks are samples, too.
  for look in --sites --calltree --callers --largest --leaks; do
    report "$look" | grep -qE "^${line/305/30[0-9]}$"
  done
}

@test "losses are in every report" {
  run_looks
  for look in "" --sites --largest --leaks --sizes --threads --timeline --pools --events; do
    # shellcheck disable=SC2086 # none, or one
    report --json $look | jq -e '.processes[0].losses | [.samples_lost, .sites_lost, .stacks_truncated, .stacks_failed] == [0, 0, 0, 0]'
  done
}

@test "without libunwind every report says so, and all else is the same" {
  mkdir none
  : >none/libunwind-x86_64.so.8 # what the loader finds first
  LD_LIBRARY_PATH=$PWD/none run_looks
  for look in "" --sites --calltree --largest --leaks --sizes --threads --timeline --pools --events; do
    # shellcheck disable=SC2086 # none, or one
    report $look | grep -q ' without libunwind, .*; install libunwind8$'
    # shellcheck disable=SC2086
    report --json $look | jq -e '.processes[0] | .unwind == "tables" and .unwind_asked == "libunwind"'
  done
  [ "$(first --by total)" = "980.0 KiB fill_screen" ]
  rm "$(segment)"
  run_looks
  for look in "" --sites --events; do
    # shellcheck disable=SC2086
    run -0 report $look
    [[ $output != *libunwind* ]]
  done
}

# all_looks PID: each look has what it is to have of the program that waits.
all_looks() {
  [ "$("$RATION" report --sites --json "$1" | jq -r '.processes[0].sites[0].frames[0].function')" = keep_document ]
  [ "$("$RATION" report --largest=1 --json "$1" | jq -r '.processes[0].largest[0].frames[0].function')" = keep_document ]
  [ "$("$RATION" report --leaks --json "$1" | jq '[.processes[0].leaks[] | select(.category == "bin/looks").blocks] | add')" -ge 203 ]
  "$RATION" report --sizes --json "$1" | jq -e '[.processes[0].size_histogram[] | .live_blocks] | add >= 203'
  "$RATION" report --threads --json "$1" | jq -e '.processes[0].by_thread[0] | .name == "looks" and .allocations >= 305'
  "$RATION" report --timeline --json "$1" | jq -e '.processes[0].timeline | length > 0'
  "$RATION" report --events --json "$1" | jq -e '.processes[0].events | any(.kind == "module")'
}

@test "all looks at a program that runs, is stopped, is killed" {
  mkfifo gate
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/looks" wait <gate >said 3>&- &
  pid=$!
  exec 4>gate
  until grep -q ready said; do sleep 0.01; done
  all_looks "$pid"
  "$RATION" report --leaks "$pid" | grep -qx '  all that lives now: the program runs, and may yet free it'
  kill -STOP "$pid"
  until [ "$(figure "$pid" .state)" = stopped ]; do sleep 0.01; done
  all_looks "$pid"
  kill -KILL "$pid"
  wait "$pid" || true
  exec 4>&-
  all_looks "$(segment)"
  # Nobody knows when it ended; it was there at the last sample.
  report --largest=0 --json | jq -e '.processes[0] | .uptime_seconds == null and (.largest | any(.age_seconds > 0))'
  "$RATION" report --leaks "$(segment)" | grep -qx '  all that lived at the end, whether the program could still reach it or not'
}
