#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are others'; helpers assign
# `ration serve`: what it answers is what report says, to whoever may ask, whatever else is asked.
# once: how the reporter serves what it has read

load helpers
load growing
load exporting
load serving
bats_require_minimum_version 1.5.0

# ---- the same figures --------------------------------------------------------------------------------------

@test "metrics are the figures of report, in both formats, and Prometheus takes them" {
  start_growing memory=1,sample=1,cache=16M
  order +4000000
  serve
  ask /metrics >out.open
  [ "$(tail -n 1 out.open)" = "# EOF" ]
  grep -v '^ration_serve_' out.open | grep -v ' ration_serve_' >of_processes
  read_export openmetrics of_processes >figures.served
  "$RATION" report --json "$victim" | read_export json /dev/stdin >figures.reported
  [ -s figures.reported ]
  diff figures.reported figures.served
  [ "$(metric ration_budget_bytes 'category="cache"')" = 16777216 ]
  [ "$(metric ration_pressure_level 'category="cache"')" = 0 ]
  order +12500000
  [ "$(metric ration_pressure_level 'category="cache"')" = 4 ]
  metric ration_process_rss_bytes "pid=\"$victim\"" | grep -qx '[1-9][0-9]*'
  [ "$(metric ration_serve_processes)" = 1 ]
  # What knows only the older format gets that.
  ask /metrics --dump-header head --header 'Accept: text/plain;version=0.0.4' >out.text
  grep -qi '^content-type: text/plain; version=0.0.4' head
  promtool check metrics <out.text
  run ! grep -qE '^# (UNIT|EOF)' out.text
  diff <(grep -v '^#' out.open | sed 's/ .*//' | sort) <(grep -v '^#' out.text | sed 's/ .*//' | sort)
  ask /metrics --dump-header head --header 'Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' >/dev/null
  grep -qi '^content-type: application/openmetrics-text' head
  end_serving
}

# without_time: of an object of JSON what does not change by itself.
without_time() {
  jq -S 'walk(if type == "object" then with_entries(select(.key | test("seconds$|per_second$|^memory$|^threads$") | not)) else . end)'
}

@test "the API has the objects of --json" {
  start_growing sample=1
  order +1000000
  "$RATION" run --quiet --set keep=1 -- true
  serve
  ask /api/v1/processes | without_time >served
  "$RATION" list --json | without_time >listed
  diff listed served
  [ "$(jq -r '.processes | map(.state) | join(" ")' served)" = 'running exited' ]
  ask "/api/v1/processes/$victim" | without_time | diff <("$RATION" report --json "$victim" | without_time) -
  ask "/api/v1/processes/$victim/timeline" | without_time | jq 'del(.processes[] | .events, .events_overwritten)' |
    diff <("$RATION" report --timeline --json "$victim" | without_time) -
  # For the page: a timeline with the events of its course, and sites with each frame once.
  "$RATION" report --html page.html "$victim"
  sed -n 's|^<script type="application/json" id="data">||p' page.html >data.json
  ask "/api/v1/processes/$victim/timeline" | jq -S '.processes[0].events' | diff <(jq -S '.processes[0].events' data.json) -
  ask "/api/v1/processes/$victim/sites" | without_time | diff <(without_time <data.json | jq 'del(.processes[] | .events, .events_overwritten, .timeline)') -
  # From a moment on there are the points since, behind the one that held then.
  ask "/api/v1/processes/$victim/timeline" | jq '.processes[0].timeline | map(.seconds)' >all
  last=$(jq 'last' all)
  ask "/api/v1/processes/$victim/timeline?since=$last" | jq -e --argjson last "$last" '.processes[0].timeline | length > 0 and all(.seconds >= $last)'
}

@test "profiles: go tool pprof fetches them, of a pid and of a program" {
  start_growing sample=1
  order +1000000
  serve
  pprof -raw "$url/debug/pprof/heap?pid=$victim" >served.raw
  "$RATION" export --format pprof --output exported.pb "$victim"
  pprof -raw exported.pb >exported.raw
  diff <(grep -v '^Time\|^Duration' exported.raw) <(grep -v '^Time\|^Duration' served.raw)
  pprof -top -sample_index=inuse_space "$url/debug/pprof/heap?pid=$victim" | grep -q grow
  pprof -top -sample_index=alloc_space "$url/debug/pprof/heap?program=grows_when_told" | grep -q grow
  ask /debug/pprof/ | grep -qF "<a href=\"heap?pid=$victim\">$victim</a>"
  answers 400 'of which process' /debug/pprof/heap
  answers 404 'no tracked process of this program' '/debug/pprof/heap?program=nobody'
  answers 404 'no tracked process of pid 1' '/debug/pprof/heap?pid=1'
  answers 400 'a pid expected' '/debug/pprof/heap?pid=x'
  answers 400 'a pid expected' '/debug/pprof/heap?pid=99999999999999999999'
  answers 400 'of one moment' "/debug/pprof/heap?pid=$victim&seconds=5"
}

@test "of many categories and processes there are so many rows, and sums stay right" {
  start_growing
  order +1000000
  serve --categories 2 --processes 1
  [ "$(ask /metrics | grep -c '^ration_live_bytes{')" = 2 ]
  ask /metrics | grep -q '^ration_live_bytes{.*category="(others)"}'
  [ "$(ask /metrics | awk '/^ration_live_bytes/ { sum += $NF } END { print sum }')" = "$(figure "$victim" .total.live_bytes)" ]
  [ "$(metric ration_serve_left_out)" = 0 ]
  mkfifo orders
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM "$VICTIMS/grows_when_told" <orders >other.said 3>&- 8<&- 9>&- &
  other=$!
  exec 7>orders
  until [ -s other.said ]; do sleep 0.01; done
  [ "$(metric ration_serve_left_out)" = 1 ]
  [ "$(ask /metrics | grep -c '^ration_process_threads{')" = 1 ]
  exec 7>&-
  wait "$other"
  other=
  [ "$(metric ration_serve_left_out)" = 0 ]
}

@test "nothing is written to a segment, and those that have ended are in no metrics" {
  start_growing
  order +1000000
  kill -STOP "$victim"
  segment=$(echo "$RATION_DIR"/ration.*)
  cp "$segment" before
  serve
  for path in /metrics /api/v1/processes "/api/v1/processes/$victim/sites" "/debug/pprof/heap?pid=$victim"; do ask "$path" >/dev/null; done
  cmp before "$segment"
  kill -KILL "$victim"
  wait "$victim" || true
  until [ "$(metric ration_serve_processes)" = 0 ]; do sleep 0.05; done
  run ! grep -q '^ration_live_bytes{' metrics
  ask "/api/v1/processes/$victim" | jq -e '.processes[0].state == "gone"'
  victim=
}

# ---- to others ---------------------------------------------------------------------------------------------

@test "node_exporter serves the file that --textfile writes" {
  exporter=$(type -P prometheus-node-exporter || echo "$UNPACKED/usr/bin/prometheus-node-exporter")
  start_growing
  order +1000000
  mkdir files
  serve --textfile files --interval 1s
  until [ -s files/ration.prom ]; do sleep 0.05; done
  promtool check metrics <files/ration.prom
  port=$(free_port)
  "$exporter" --web.listen-address="127.0.0.1:$port" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory=files >exporter.said 2>&1 3>&- 8<&- 9>&- &
  other=$!
  until curl --silent "http://127.0.0.1:$port/metrics" >exported; do sleep 0.1; done
  grep -q "^ration_live_bytes{.*category=\"cache\".*pid=\"$victim\".*} [1-9]" exported
  grep -qx '# TYPE ration_allocations_total counter' exported
  grep -q '^node_textfile_scrape_error 0$' exported
  [ -z "$(find files -name '.*' -type f)" ]
  chmod 500 files
  if [ "$(id -u)" != 0 ]; then until grep -q 'cannot be written' said_by_serve; do sleep 0.05; done; fi
  chmod 700 files
  end_serving
  refuses 2 'ration: --textfile: `nowhere`: no folder' serve --textfile nowhere
}

# free_port: one that nobody listens at.
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test "profiles are pushed as Pyroscope takes them, tried again, and given up where they are refused" {
  start_growing sample=1
  order +1000000
  cat >stand_in.py <<'P'
# What is posted to /ingest, written down as its protocol has it; the first answers are those of the arguments.
import email, http.server, json, sys, urllib.parse
answers = [int(word) for word in sys.argv[1:]]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = email.message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        status = answers.pop(0) if answers else 200
        at = urllib.parse.urlsplit(self.path)
        parts = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in form.get_payload()}
        if status == 200:
            for name, data in parts.items():
                open(name, "wb").write(data)
        with open("posts", "a") as to:
            print(json.dumps({"status": status, "path": at.path, "parts": sorted(parts), "authorization": self.headers["Authorization"],
                              **dict(urllib.parse.parse_qsl(at.query))}), file=to)
        self.send_response(status)
        self.end_headers()
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
P
  stand_in 503 200
  serve --push "http://who:pass@127.0.0.1:$port/base/" --interval 1s
  until [ -s posts ] && [ "$(grep -c '"status": 200' posts)" -ge 2 ]; do sleep 0.05; done
  jq -es --arg name "grows_when_told{pid=$victim" 'map(select(.status == 503))[0] | .path == "/base/ingest" and .format == "pprof" and
    .spyName == "ration" and (.name | startswith($name)) and (.until | tonumber) >= (.from | tonumber) and .parts == ["profile"] and
    .authorization == "Basic d2hvOnBhc3M="' posts
  [ "$(jq -c 'select(.status == 200).parts' posts | sed -n 2p)" = '["prev_profile","profile"]' ]
  pprof -raw profile >/dev/null
  pprof -raw prev_profile >/dev/null
  metric ration_serve_pushed_total | grep -qx '[1-9][0-9]*'
  [ "$(metric ration_serve_push_failed_total)" = 1 ]
  grep -qx "ration: --push: 127.0.0.1:$port answers with status 503; it is tried again" said_by_serve
  grep -qx 'ration: --push: note: profiles arrive again' said_by_serve
  run ! grep -q pass said_by_serve
  end_serving
  kill "$other" && wait "$other" || true
  # What is refused is dropped at once, and counted; where nobody answers, it waits, and is said to be left at the end.
  stand_in 400
  serve --push "http://127.0.0.1:$port" --interval 1s
  until [ "$(metric ration_serve_push_dropped_total)" = 1 ]; do sleep 0.05; done
  end_serving
  kill "$other" && wait "$other" || true
  other=
  serve --push "http://127.0.0.1:$port" --interval 1s
  until [ "$(metric ration_serve_push_failed_total)" != 0 ]; do sleep 0.05; done
  ask /metrics >/dev/null
  end_serving
}

# stand_in STATUS...: starts it; its port is $port, its pid $other.
stand_in() {
  rm -f posts port
  /usr/bin/python3 stand_in.py "$@" >port 3>&- 8<&- 9>&- &
  other=$!
  until [ -s port ]; do sleep 0.01; done
  port=$(<port)
}
