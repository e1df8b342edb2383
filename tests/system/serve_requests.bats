#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are others'; helpers assign
# `ration serve`: who may ask, and what it must bear: an error, or an escaped right result, and it serves on.
# once: what a server must bear, whatever it has read

load helpers
load growing
load exporting
load serving
bats_require_minimum_version 1.5.0

teardown() {
  stop_serving
  end_growing
  if [ -n "${open:-}" ]; then rm -r "$open"; fi
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

@test "the units are what systemd takes, and its socket starts it with the rights that they leave it" {
  sed "s|/usr/local/bin/ration|$RATION|" "$BATS_TEST_DIRNAME/../../docs/examples/systemd/ration-serve.service" >ration-serve.service
  cp "$BATS_TEST_DIRNAME/../../docs/examples/systemd/ration-serve.socket" .
  systemd-analyze verify --man=no ./ration-serve.service ./ration-serve.socket 2>said
  [ ! -s said ] || { cat said && false; }
  local port rights=() as=()
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  if [ "$(id -u)" = 0 ]; then # then it is to read what is another user's, with no more rights than these
    mapfile -t rights < <(sed -n 's/^CapabilityBoundingSet=CAP_\([A-Z_]*\) CAP_\([A-Z_]*\)$/-all,+\L\1,+\2/p' ration-serve.service)
    rights=(setpriv --no-new-privs --inh-caps -all --bounding-set "${rights[0]}")
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    open=$(mktemp -d) # whose folders above it others may enter
    chmod 1777 "$open"
    cp "$SHIM" "$open"
    export RATION_DIR=$open
  fi
  beside "${as[@]}" env RATION_OPTIONS=memory=1 "LD_PRELOAD=${open:-${SHIM%/*}}/libration.so" sleep 1000
  until compgen -G "$RATION_DIR/ration.*.$beside.*" >/dev/null; do sleep 0.01; done
  "${rights[@]}" systemd-socket-activate --listen "127.0.0.1:$port" --setenv "RATION_DIR=$RATION_DIR" "$RATION" serve \
    >where 2>said_by_serve 3>&- 8<&- 9>&- &
  serving=$! url=http://127.0.0.1:$port
  until ask /metrics >metrics 2>said; do sleep 0.01; done
  grep -q "^ration_live_bytes{pid=\"$beside\",program=\"sleep\"" metrics
  grep -q "^ration_process_rss_bytes{pid=\"$beside\"" metrics
  grep -qx "$url/" where
  end_serving
}

# ---- what it must bear -------------------------------------------------------------------------------------

@test "paths outside, methods, bodies, arguments: an error, and it serves on" {
  serve
  for path in /../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd //etc/passwd /metrics/ /metricsx /api/v1/processes/ /api/v1/processes/0 \
    /api/v1/processes/-1 /api/v1/processes/1/ /api/v1/processes/1/x /debug/pprof /debug/pprof/heap/ /metrics%00x /%00 /metrics%0a \
    /metrics%zz '/debug/pprof/heap?pid=1%00x' '/debug/pprof/heap?program=a%00b' "/api/v1/processes/$BASHPID/timeline?since=5%00x"; do
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
  for _ in {1..4}; do
    (for _ in {1..12}; do LD_PRELOAD=$SHIM RATION_OPTIONS=sample=1 /bin/true; done) 3>&- 8<&- 9>&- &
  done
  # shellcheck disable=SC2046
  for _ in {1..10}; do
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
  # One that belongs to another user than the process does is somebody's who has made a file of that name.
  chown 65534 "/proc/$(pgrep -P "$other")/root/dev/shm"/ration.*
  ask /metrics >metrics
  [ "$(grep -c 'program="victim"' metrics)" = 0 ]
  grep -qx 'ration_serve_unreadable 1' metrics
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
