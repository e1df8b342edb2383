#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are others'; helpers assign
# `ration serve`: what it answers is what report says, to whoever may ask, whatever else is asked.

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
  ask "/api/v1/processes/$victim/timeline" | without_time | diff <("$RATION" report --timeline --json "$victim" | without_time) -
  ask "/api/v1/processes/$victim/sites" | without_time | diff <("$RATION" report --sites --json "$victim" | without_time) -
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

# ---- who may ask, and how ----------------------------------------------------------------------------------

@test "a token: as Bearer, or as a password; without it there is the page alone" {
  echo 'a-Secret.42' >token
  serve --token-file token
  answers 401 'the token is missing' /metrics --dump-header head
  grep -qi '^www-authenticate: bearer' head
  grep -qi '^www-authenticate: basic' head
  answers 401 'the token is missing' /metrics --header 'Authorization: Bearer a-Secret.4'
  answers 401 'the token is missing' /metrics --header 'Authorization: Bearer a-Secret.42x'
  answers 401 'the token is missing' /metrics --header 'Authorization: Bearer '
  answers 401 'the token is missing' /metrics --user 'a-Secret.42:'
  answers 401 'the token is missing' /nothing
  answers 401 error /api/v1/processes
  [ "$(status / )" != 401 ]
  ask /metrics --header 'Authorization: Bearer a-Secret.42' >/dev/null
  ask /metrics --header 'authorization: bearer a-Secret.42' >/dev/null
  ask /metrics --user 'who:a-Secret.42' >/dev/null
  end_serving
  printf 'two words\n' >token
  refuses 2 'ration: token: holds no token: *' serve --listen 127.0.0.1:0 --token-file token
  : >token
  refuses 2 'ration: token: holds no token: *' serve --listen 127.0.0.1:0 --token-file token
  refuses 3 'ration: nowhere: cannot be read: No such file*' serve --listen 127.0.0.1:0 --token-file nowhere
}

@test "TLS, and certificates that are none" {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
  serve --cert cert.pem --key key.pem
  [[ $url == https://127.0.0.1:* ]]
  ask /metrics --cacert cert.pem | grep -q '^ration_serve_processes 0$'
  run -60 ask /metrics # curl: it does not trust the certificate
  run ! curl --silent "http${url#https}/metrics"
  ask /metrics --cacert cert.pem >/dev/null
  end_serving
  echo nothing >cert.pem
  refuses 2 'ration: cert.pem: certificate and key cannot be used: *' serve --listen 127.0.0.1:0 --cert cert.pem --key key.pem
  refuses 2 'ration: --cert: a certificate and its key belong together; give --key, too' serve --cert cert.pem
  refuses 3 'ration: --key: nowhere: cannot be read: *' serve --listen 127.0.0.1:0 --cert cert.pem --key nowhere
}

@test "a name that leads here from elsewhere gets nothing, unless there is a token" {
  serve
  answers 403 'name this machine by its address' /metrics --header 'Host: evil.example:9470'
  answers 403 'name this machine by its address' /metrics --header 'Host:'
  for host in localhost LOCALHOST:9470 127.0.0.1 127.0.0.1:1 '[::1]:9470' '[::1]'; do ask /metrics --header "Host: $host" >/dev/null; done
  end_serving
  echo secret >token
  serve --token-file token
  ask /metrics --header 'Host: name.example' --header 'Authorization: Bearer secret' >/dev/null
}

@test "where it listens: a taken port, no address, a socket that is given" {
  serve
  refuses 3 "ration: --listen: ${url#http://} is taken by another program; *" serve --listen "${url#http://}"
  refuses 2 'ration: --listen: `nowhere`: ADDRESS:PORT expected*' serve --listen nowhere
  refuses 2 'ration: --listen: `127.0.0.1:99999`: ADDRESS:PORT expected*' serve --listen 127.0.0.1:99999
  refuses 2 'ration: --listen: `::1:80`: ADDRESS:PORT expected*' serve --listen ::1:80
  refuses 2 'ration: --listen: `no such host:80`: no address: *' serve --listen 'no such host:80'
  refuses 3 'ration: --listen: cannot listen at 192.0.2.1:9470: *' serve --listen 192.0.2.1:9470
  refuses 2 'ration: --timeout: `1`: expected a time from 1s to 1h*' serve --timeout 1
  refuses 2 'ration: --push: no URL of http or https*' serve --listen 127.0.0.1:0 --push ftp://127.0.0.1/
  end_serving
  serve_by "$RATION" serve --listen 0.0.0.0:0
  grep -qx 'ration: 0.0.0.0:[0-9]*: note: others than this machine may reach it, .*' said_by_serve
  end_serving
  cat >give.py <<'P'
import os, socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS=sys.argv[1], LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
P
  serve_by /usr/bin/python3 give.py 1 "$RATION" serve
  ask /metrics | grep -q '^ration_serve_processes 0$'
  end_serving
  refused_by /usr/bin/python3 3 'ration: --listen: 2 sockets were given; one is expected' give.py 2 "$RATION" serve
  refused_by /usr/bin/python3 2 'ration: --listen: a socket was given*' give.py 1 "$RATION" serve --listen 127.0.0.1:0
}

# ---- what it must bear -------------------------------------------------------------------------------------

@test "paths outside, methods, bodies, arguments: an error, and it serves on" {
  serve
  for path in /../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd //etc/passwd /metrics/ /metricsx /api/v1/processes/ /api/v1/processes/0 \
    /api/v1/processes/-1 /api/v1/processes/1/ /api/v1/processes/1/x /debug/pprof /debug/pprof/heap/; do
    [[ $(status "$path") == 40[04] ]] || { echo "$path: $(cat body)" && false; }
  done
  answers 405 'only GET and HEAD' /metrics --request POST --dump-header head
  grep -qi '^allow: GET, HEAD' head
  for method in PUT DELETE PATCH OPTIONS TRACE; do [ "$(status /metrics --request "$method")" = 405 ]; done
  answers 413 'no body' /metrics --request GET --data x
  head -c 3000000 /dev/zero | answers 413 'no body' /metrics --request GET --data-binary @- --header 'Expect:' || [ "$(cat body)" = '' ]
  [ "$(status /metrics --header "X: $(printf 'x%.0s' {1..60000})")" = 431 ]
  [[ $(status "/$(printf 'x%.0s' {1..60000})") == 4[13][14] ]]
  curl --silent --head "$url/metrics" | grep -q '^HTTP/1.1 200'
  ask /metrics >/dev/null
  end_serving
}

@test "garbage and half requests are cut off, and a thousand connections leave room for one more" {
  serve --timeout 1s
  cat >trouble.py <<'P'
import random, resource, socket, sys
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
host, port = sys.argv[1].split(":")
def connect():
    one = socket.create_connection((host, int(port)))
    one.settimeout(100)
    return one
def until_closed(one):
    try:
        while one.recv(65536):
            pass
    except ConnectionError:
        pass
random.seed(1)
for size in (1, 100, 10000):
    one = connect()
    try:
        one.sendall(random.randbytes(size) + b"\r\n\r\n")
    except ConnectionError:
        pass
    until_closed(one)
for half in (b"", b"G", b"GET /metrics", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n", b"GET / HTTP/1.1\r\nContent-Length: 9\r\n"):
    one = connect()
    one.sendall(half)
    until_closed(one)
crowd = [connect() for _ in range(1000)]
one = connect()
one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
assert b" 200 " in one.recv(100)
for one in crowd:
    until_closed(one)
P
  /usr/bin/python3 trouble.py "${url#http://}"
  metric ration_serve_cut_off_total | grep -qx '[1-9][0-9]*'
  end_serving
}

@test "a client that sends byte by byte is cut off, too, and one that reads nothing" {
  serve --timeout 1s
  cat >slow.py <<'P'
import select, socket, sys, time
host, port = sys.argv[1].split(":")
slow = socket.create_connection((host, int(port)))
slow.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
while not select.select([slow], [], [], 0.1)[0]:
    try:
        slow.sendall(b"x")
    except ConnectionError:
        break
deaf = socket.socket()
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
deaf.connect((host, int(port)))
for _ in range(2000):
    try:
        deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    except ConnectionError:
        break
P
  timeout 100 /usr/bin/python3 slow.py "${url#http://}"
  ask /metrics >/dev/null
  end_serving
}

@test "processes that end while they are read: each scrape is whole" {
  serve
  for _ in {1..6}; do
    (for _ in {1..15}; do LD_PRELOAD=$SHIM RATION_OPTIONS=sample=1 /bin/true; done) 3>&- 8<&- 9>&- &
  done
  # shellcheck disable=SC2046
  for _ in {1..20}; do
    ask /metrics >metrics
    [ "$(tail -n 1 metrics)" = "# EOF" ]
    ask /api/v1/processes | jq -e .ration >/dev/null
    [ "$(status '/debug/pprof/heap?program=true')" != 500 ] || { cat body && false; }
  done
  kill -0 "$serving"
  for job in $(jobs -p); do if [ "$job" != "$serving" ]; then wait "$job"; fi; done
  end_serving
}

@test "hostile names are escaped in labels, in JSON and in HTML" {
  name=$'a"b\\<script>alert(1)</script>\e[31m\n&'\''x'
  mkfifo gate2
  (exec env LD_PRELOAD="$SHIM" RATION_OPTIONS=keep=1,sample=1 /usr/bin/python3 -c '
import ctypes, sys
ctypes.CDLL(None)
input()' <gate2) 3>&- 8<&- 9>&- &
  other=$!
  exec 7>gate2
  until [ -n "$(ls "$RATION_DIR")" ]; do sleep 0.01; done
  segment=$(echo "$RATION_DIR"/ration.*)
  # The program's name, as the segment has it, becomes a hostile one; 15 bytes that the reader copies like any.
  /usr/bin/python3 - "$segment" "$name" <<'P'
import sys
path, name = sys.argv[1], sys.argv[2].encode()
data = bytearray(open(path, "rb").read())
at = data.index(b"python3")
with open(path, "r+b") as file:
    file.seek(at)
    file.write(name + b"\0")
P
  serve
  ask /metrics >metrics
  grep -qF 'program="a\"b\\x5c<script>alert(1)</script>\\x1b[31m\\x0a&'\''x"' metrics
  run ! grep -q $'\e' metrics
  ask /metrics --header 'Accept: text/plain' | promtool check metrics
  ask /debug/pprof/ >index
  grep -qF '&#60;script&#62;alert(1)&#60;/script&#62;' index
  run ! grep -qE '<script|'$'\e' index
  ask /api/v1/processes | jq -r '.processes[0].program' | grep -qF '<script>alert(1)</script>\x1b[31m\x0a'
  exec 7>&-
  wait "$other" || true
  other=
}

@test "processes of containers are seen, by the root of theirs" {
  unshare --pid --fork --mount true 2>/dev/null || skip "namespaces are not permitted here"
  mkfifo gate3
  mkdir inside
  env -u RATION_DIR unshare --pid --fork --kill-child --mount --mount-proc bash -c '
    mount -t tmpfs none /dev/shm && mount -t tmpfs none "$1" && mount -t tmpfs none inside && cp "$3" inside/victim &&
      LD_PRELOAD=$2 RATION_OPTIONS=keep=1,sample=1 exec inside/victim' bash \
    "$RATION_DIR" "$SHIM" "$VICTIMS/holds_blocks" <gate3 >said 3>&- 8<&- 9>&- &
  other=$!
  exec 7>gate3
  until [ -s said ]; do sleep 0.01; done
  serve
  [ "$(metric ration_live_bytes 'program="victim"' 'category="held/large"')" = "$(usable 1048576)" ]
  ask /api/v1/processes | jq -e '.processes | any(.program == "victim" and .state == "elsewhere")'
  pprof -top -sample_index=inuse_space "$url/debug/pprof/heap?program=victim" | grep -q main # by its own files, which are not here
  [ -z "$(ls inside)" ]
  exec 7>&-
  wait "$other"
  other=
  end_serving
}

@test "a signal ends it, with status 0, in the middle of requests" {
  start_growing sample=1
  for signal in INT TERM; do
    # A shell starts what runs beside it with SIGINT ignored.
    serve_by /usr/bin/python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$RATION" serve --listen 127.0.0.1:0
    for _ in {1..5}; do curl --silent --output /dev/null "$url/api/v1/processes/$victim/sites" 3>&- 8<&- 9>&- & done
    kill "-$signal" "$serving"
    wait "$serving"
    serving=
    for job in $(jobs -p); do if [ "$job" != "$victim" ]; then wait "$job" || true; fi; done
  done
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
