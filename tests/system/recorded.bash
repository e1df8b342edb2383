# shellcheck shell=bash disable=SC2016,SC2034 # words in single quotes are jq's; names for the tests
# recorded.bash: recordings, and what they say. `load recorded` behind `load growing`.

# What is looked at: the page, and each look.
LOOKS=('' --sites --leaks --largest --sizes --events --timeline --threads --pools)

# Of the JSON of a report what does not depend on where it was read from, and by whom: a segment knows no status, and
# memory is looked at in its own time.
SAME='.processes[] | select(.pid == $pid and .image == $image)
  | del(.exit_status, .signal, .state, .memory, .memory_missing, .uptime_seconds, .performance, .remark,
        .total.growth_5m_bytes_per_hour, .total.growth_6h_bytes_per_hour, .largest_before)
  | walk(if type == "object" then del(.age_seconds) else . end)'

# same_as_segments RECORDING LOOK...: fails unless each segment here says what the recording says of its image.
same_as_segments() {
  local recording=$1 segment look pid image count
  shift
  for look in "$@"; do
    "$RATION" report --json ${look:+"$look"} "$recording" >all.json
    count=0
    for segment in "$RATION_DIR"/ration.*; do
      IFS=. read -r _ _ pid _ image <<<"$(basename "$segment")"
      "$RATION" report --json ${look:+"$look"} "$segment" | jq --argjson pid "$pid" --argjson image "$image" "$SAME" >segment.json
      jq --argjson pid "$pid" --argjson image "$image" "$SAME" all.json >recorded.json
      [ -s segment.json ]
      if ! cmp segment.json recorded.json; then
        echo "$pid.$image $look"
        diff segment.json recorded.json | head -n 20
        return 1
      fi
      count=$((count + 1))
    done
    [ "$count" -gt 0 ]
  done
}

# recorded FILTER LOOK...: of the recording t.ration, by jq; nothing while it cannot be read.
recorded() {
  "$RATION" report --json "${@:2}" t.ration 2>/dev/null | jq -r "$1"
}

# record_growing OPTION...: a victim that grows when it is told to, recorded into t.ration; the recorder is $beside, the
# victim $victim.
record_growing() {
  mkfifo gate said
  "$RATION" record -q -o t.ration "$@" -- "$VICTIMS/grows_when_told" <gate >said 3>&- &
  beside=$!
  exec 9>gate 8<said
  read -r -u 8 line
  [ "$line" = ready ]
  read -r victim _ <"/proc/$beside/task/$beside/children" || [ -n "$victim" ]
}

# until_recorded BYTES: waits until the recording says that `cache` has at least so many.
until_recorded() {
  until [ "$(recorded "[.processes[0].categories[] | select(.name == \"cache\").live_bytes >= $1] == [true]")" = true ]; do
    sleep 0.02
  done
}
