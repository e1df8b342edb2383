#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are others'; helpers assign
# `ration serve` as a fleet uses it: a real Prometheus scrapes it, with the rules and the dashboard of docs/examples/.
# once: what other readers make of the metrics

load helpers
load growing
load exporting
load serving
bats_require_minimum_version 1.5.0

EXAMPLES=$BATS_TEST_DIRNAME/../../docs/examples

# start_prometheus: with the examples' configuration, in seconds for minutes; its URL is $prometheus, its pid $other.
start_prometheus() {
  local program port
  program=$(type -P prometheus || echo "$UNPACKED/usr/bin/prometheus")
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  sed 's/: 15s/: 1s/; s/127.0.0.1:9470/'"${url#http://}/" "$EXAMPLES/prometheus/prometheus.yml" >prometheus.yml
  sed 's/for: .*/for: 0s/' "$EXAMPLES/prometheus/ration.rules.yml" >ration.rules.yml
  "$program" --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="127.0.0.1:$port" \
    --log.level=warn >prometheus.said 2>&1 3>&- 8<&- 9>&- &
  other=$!
  prometheus=http://127.0.0.1:$port
  until curl --silent --fail "$prometheus/-/ready" >/dev/null; do
    if has_ended "$other"; then cat prometheus.said && return 1; fi
    sleep 0.1
  done
}

# query EXPRESSION: its samples, as JSON, a line each.
query() {
  curl --silent --show-error --get --data-urlencode "query=$1" "$prometheus/api/v1/query" >answer
  jq -e '.status == "success"' answer >/dev/null || { echo "$1:" && cat answer && return 1; }
  jq -c '.data.result[]' answer
}

# value EXPRESSION: of its one sample.
value() {
  query "$1" | jq -r '.value[1]'
}

# alerts NAME: how many stand.
alerts() {
  curl --silent "$prometheus/api/v1/alerts" | jq --arg name "$1" '[.data.alerts[] | select(.labels.alertname == $name and .state == "firing")] | length'
}

@test "promtool accepts configuration and rules, and the rules do what they say" {
  cd "$EXAMPLES/prometheus"
  promtool check config prometheus.yml
  promtool check rules ration.rules.yml
  promtool test rules ration.rules.test.yml
}

@test "Prometheus has the figures of report; an alert fires and clears; each query of the dashboard has data" {
  unshare --time --fork true 2>/dev/null || skip "time namespaces are not permitted here"
  start_growing memory=1,sample=1,cache=16M
  order +4000000
  # To whoever sees all this seven minutes later it has grown for more than five.
  serve_by unshare --time --monotonic 420 --fork --kill-child "$RATION" serve --listen 127.0.0.1:0
  ask /metrics | grep -q '^ration_growth_bytes_per_hour{.*window="5m"}'
  start_prometheus
  until [ "$(value 'up{job="ration"}')" = 1 ]; do sleep 0.2; done
  kill -STOP "$victim"
  "$RATION" report --json "$victim" >report.json
  until [ "$(value 'sum(ration_live_bytes)')" = "$(json '.processes[0].total.live_bytes')" ]; do sleep 0.2; done
  for figure in live_blocks peak_bytes allocations_total frees_total; do
    json --arg figure "${figure%_total}" '.processes[0].categories[] | "\(.name) \(.[$figure])"' | sort >reported
    query "ration_$figure" | jq -r '"\(.metric.category) \(.value[1])"' | sort >stored
    diff reported <(grep -F -f <(sed 's/ .*/ /' reported) stored)
  done
  [ "$(value 'ration_budget_bytes{category="cache"}')" = 16777216 ]
  kill -CONT "$victim"
  [ "$(alerts RationPressure)" = 0 ]
  order +12500000
  until [ "$(alerts RationPressure)" = 1 ]; do sleep 0.2; done
  order -
  until [ "$(alerts RationPressure)" = 0 ]; do sleep 0.2; done
  # Rates need some time.
  jq -r '.panels[].targets[].expr' "$EXAMPLES/grafana/ration.json" | sed 's/\$__rate_interval/30s/g; s/\$\(instance\|program\|pid\)/.*/g' >queries
  [ "$(wc -l <queries)" -ge 10 ]
  while read -r expression; do
    until [ -n "$(query "$expression")" ]; do sleep 0.2; done
  done <queries
  # And so do those by which its variables are filled.
  jq -r '.templating.list[].query.query? // empty' "$EXAMPLES/grafana/ration.json" |
    sed -n 's/^label_values(\(.*\), \([a-z]*\))$/count by (\2) (\1)/p' | sed 's/\$[a-z]*/.*/g' >variables
  [ "$(wc -l <variables)" = 3 ]
  while read -r expression; do [ -n "$(query "$expression")" ]; done <variables
  kill -TERM "$other"
  wait "$other" || true
  other=
}
