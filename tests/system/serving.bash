# shellcheck shell=bash disable=SC2034,SC2154 # names for the tests; growing and exporting have others
# serving.bash: `ration serve` beside a test. `load serving` behind `load helpers`.

# serve [OPTION...]: starts it at a port of its own; its URL is $url, its pid $serving, what it says on stderr in `said_by_serve`.
serve() {
  serve_by "$RATION" serve --listen 127.0.0.1:0 "$@"
}

# serve_by CMD...: the same of any command that says its URL.
serve_by() {
  rm -f where
  "$@" >where 2>said_by_serve 3>&- 7>&- 8<&- 9>&- &
  serving=$!
  until [ -s where ]; do
    if has_ended "$serving"; then cat said_by_serve && return 1; fi
    sleep 0.01
  done
  url=$(<where) url=${url%/}
}

# ask PATH [OPTION...]: curl, whose body is stdout; fails unless the status is 200.
ask() {
  local path=$1
  shift
  curl --silent --show-error --fail --path-as-is "$@" "$url$path"
}

# status PATH [OPTION...]: the status alone; the body is in `body`.
status() {
  local path=$1
  shift
  curl --silent --path-as-is --output body --write-out '%{http_code}' "$@" "$url$path"
}

# answers STATUS WORDS PATH [OPTION...]: it does, with a body that has these words.
answers() {
  local expected=$1 words=$2
  shift 2
  local got
  got=$(status "$@")
  if [ "$got" != "$expected" ] || ! grep -qF -- "$words" body; then
    echo "$1: $got, and not $expected with: $words"
    cat body
    return 1
  fi
}

# metric NAME [LABELS...]: the value of the one sample that has all of these.
metric() {
  local name=$1 label
  ask /metrics >metrics
  grep "^${name}[{ ]" metrics >samples || { echo "no $name"; return 1; }
  shift
  for label in "$@"; do grep -F -- "$label" samples >fewer && mv fewer samples; done
  [ "$(wc -l <samples)" = 1 ] || { echo "not one:" && cat samples && return 1; }
  sed 's/.* //' samples
}

# end_serving: it is told to end, and leaves status 0.
end_serving() {
  local status=0
  kill -TERM "$serving"
  wait "$serving" || status=$?
  serving=
  [ "$status" = 0 ]
}

stop_serving() {
  if [ -n "${serving:-}" ]; then kill -KILL "$serving" 2>/dev/null || true; fi
  if [ -n "${other:-}" ]; then kill -KILL "$other" 2>/dev/null || true; fi
}

teardown() {
  stop_serving
  if [ "$(type -t end_growing)" = function ]; then end_growing; fi
}
