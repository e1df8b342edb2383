#!/usr/bin/env bats
# The rule files of docs/examples: of a real program at work, at least 90 % of the bytes at the peak of its heap lie in
# categories that the file names.
#
# Categories have their peaks at different moments. What is compared is therefore a bound: at the moment of the
# process's own peak, each unnamed category held at most its peak. So what is named then is at least the peak of the
# process less the sum of those. No report has to be taken at the right moment for that.
# once: whether the names of libraries' parts are those of today

load helpers

EXAMPLES=$BATS_TEST_DIRNAME/../../docs/examples

# Named categories: not those that the shim made by itself.
NAMED='def named: test("^(lib|bin)/|^(anonymous|other|total)$") | not;'

# names_90_percent [PROCESS]: of that process in report.json, the started one by default.
names_90_percent() {
  jq -e "$NAMED"' .processes[$process | tonumber]
    | (.total.subtree_peak_bytes - .total.subtree_peak_error_bytes) as $peak
    | [.categories[] | select(.name | named | not) | .peak_bytes] | add // 0
    | {peak: $peak, unnamed: ., share: (1 - . / $peak)} | debug | .share >= 0.9' \
    --arg process "${1:-0}" report.json
}

# holds PROCESS CATEGORY...: each has had blocks, so that it is not one category that names everything.
holds() {
  local process=$1 category
  shift
  for category in "$@"; do
    jq -e '.processes[$process | tonumber].categories[] | select(.name == $name) | .peak_bytes > 0' \
      --arg process "$process" --arg name "$category" report.json >/dev/null || {
      echo "nothing in $category"
      return 1
    }
  done
}

# holds_at_most PERCENT PROCESS CATEGORY: the peak of the one that takes what is left is no more of the process's.
holds_at_most() {
  jq -e '.processes[$process | tonumber] | .total.subtree_peak_bytes as $peak
    | .categories[] | select(.name == $name) | 100 * .peak_bytes / $peak | debug | . <= ($percent | tonumber)' \
    --arg percent "$1" --arg process "$2" --arg name "$3" report.json
}

# tracked FILE CMD...: CMD with that rule file, the report in report.json.
tracked() {
  local file=$EXAMPLES/$1
  shift
  "$RATION" run --config "$file" --json --output report.json -- "$@"
}

# until_done CMD...: CMD again and again, until it succeeds, while $! runs.
until_done() {
  local tries
  for tries in {1..300}; do
    if "$@" >/dev/null 2>&1; then return 0; fi
    kill -0 "$running" || break
    sleep 0.1
  done
  echo "after $tries tries: $*"
  return 1
}

# By a signal that a server takes its workers along at; `ration run` ends with it.
teardown() {
  if [ -n "${server:-}" ]; then kill -TERM "$server"; fi
}

# ---- redis-server ------------------------------------------------------------------------------------------------------

redis_commands() {
  awk 'BEGIN {
    for (i = 0; i < 20000; i++) {
      printf "SETEX session:%d 10000 %0100d\n", i, i
      printf "RPUSH list:%d %0200d\n", i % 50, i
      printf "SADD set:%d member%d\nSADD numbers:%d %d\n", i % 10, i, i % 100, i
      printf "HSET hash:%d field%d value%d\n", i % 300, i, i * 7
      printf "ZADD zset:%d %d member%d\n", i % 10, i * 7919 % 1009, i
      printf "XADD stream:%d * field%d value%d\n", i % 20, i, i * 7
      printf "PFADD visitors:%d %d\n", i % 50, i
      if (i % 40 == 0) printf "SET page:%d %08000d\n", i, i
    }
    for (i = 0; i < 50; i++) {
      printf "EVAL \"local t = {} for i = 1, 5000 do t[i] = i .. string.rep(\\\"x\\\", %d) end ", i
      print "return #table.concat(t)\" 0"
    }
  }'
}

@test "redis.ini: redis-server with data of every type" {
  # Debian's package redis-tools has the server under another name.
  ln -s "$(command -v redis-check-rdb)" redis-server
  tracked redis.ini ./redis-server --port 0 --unixsocket "$PWD/socket" --save '' --appendonly yes --dir "$PWD" \
    >redis.log 2>&1 3>&- &
  running=$!
  until_done redis-cli -s socket ping
  server=$(redis-cli -s socket info server | tr -d '\r' | sed -n 's/^process_id://p')
  redis-benchmark -s socket -q -n 10000 -r 10000 -d 64 -P 8 -c 50 -t set,get,incr,lpush,rpush,sadd,hset,zadd,mset
  redis_commands | redis-cli -s socket --pipe
  redis-cli -s socket bgrewriteaof
  kill -TERM "$server"
  wait "$running"
  server=
  jq -e '.processes[0].allocator | startswith("libjemalloc.so")' report.json
  names_90_percent
  holds 0 data/{strings,keys,expires,lists,sets,hashes,sorted_sets,streams} clients persistence scripts statistics \
    server tls
  holds_at_most 10 0 server
}

# ---- python3 -----------------------------------------------------------------------------------------------------------

python_script() {
  cat <<'PYTHON'
import ast, collections, decimal, json, re, sqlite3, ssl, threading, xml.etree.ElementTree

class Order:
    def __init__(self, number, name, lines):
        self.number, self.name, self.lines = number, name, lines

def work(seed, done):
    orders = [Order(i, f"customer {i * seed % 997}", [{"item": f"item {j}", "price": i * j / 7} for j in range(4)])
              for i in range(4000)]
    text = json.dumps([vars(order) for order in orders])
    back = json.loads(text)
    base = sqlite3.connect(":memory:", check_same_thread=False)
    base.execute("CREATE TABLE lines(number INTEGER, name TEXT, item TEXT, price REAL)")
    base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?)",
                     ((o["number"], o["name"], line["item"], line["price"]) for o in back for line in o["lines"]))
    base.execute("CREATE INDEX by_name ON lines(name)")
    rows = base.execute("SELECT name, sum(price) FROM lines GROUP BY name").fetchall()
    words = collections.Counter(re.findall(r"[a-z]+ \d+", text))
    powers = tuple(2 ** (i % 3000) for i in range(2000))
    done[seed] = orders, back, base, rows, words, {order.name for order in orders}, powers, text.encode()

done = {}
threads = [threading.Thread(target=work, args=(seed, done)) for seed in (3, 5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tree = ast.parse(open(ast.__file__).read())
context = ssl.create_default_context()
page = xml.etree.ElementTree.fromstring("<a>" + "<b c='d'>e</b>" * 5000 + "</a>")
decimal.getcontext().prec = 2000
numbers = [decimal.Decimal(i) / 7 for i in range(1000)]
print(len(done), len(page), len(numbers))
PYTHON
}

@test "python.ini: python3 with every object from malloc" {
  python_script >script.py
  run env PYTHONMALLOC=malloc "$RATION" run --config "$EXAMPLES/python.ini" --json --output report.json -- \
    /usr/bin/python3 script.py
  [ "$output" = "2 5000 1000" ]
  names_90_percent
  holds 0 objects/{strings,numbers,containers,instances,dict_tables,arrays,small} libraries/{sqlite,tls,xml,other} \
    code interpreter
  holds_at_most 20 0 objects/small
}

# ---- gdb ---------------------------------------------------------------------------------------------------------------

@test "gdb.ini: gdb on a program with debug information" {
  unset DEBUGINFOD_URLS
  export HOME=$PWD
  tracked gdb.ini /usr/bin/gdb -nx -batch -ex 'break main' -ex 'info line main' -ex 'info functions ration' \
    -ex 'info types' -ex 'run list' -ex backtrace -ex 'info locals' \
    -ex 'python print("objects: %d" % len(gdb.objfiles()))' "$RATION" >out 2>err
  grep -q '^Line [0-9]* of "tools/ration/main.c"' out
  grep -q '^objects: [0-9]' out
  names_90_percent
  holds 0 symbols sections objects python terminal gdb
  holds_at_most 15 0 gdb
}

# ---- nginx -------------------------------------------------------------------------------------------------------------

nginx_config() {
  cat <<NGINX
user $(id -un) $(id -gn);
worker_processes 2;
daemon off;
pid nginx.pid;
error_log error.log;
events { worker_connections 768; }
http {
  access_log access.log;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  gzip on;
  gzip_types *;
  server {
    listen 127.0.0.1:$1;
    root $PWD/files;
    location ~ ^/page/(.*)$ { rewrite ^/page/(.*)$ /\$1 break; }
  }
}
NGINX
}

fetch_pages() {
  cat <<'PYTHON'
import concurrent.futures, sys, urllib.request

def fetch(i):
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/page/{i % 50}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Encoding"] == "gzip" and len(answer.read()) > 0

with concurrent.futures.ThreadPoolExecutor(40) as pool:
    print(sum(pool.map(fetch, range(400))))
PYTHON
}

@test "nginx.ini: nginx with two workers" {
  local nginx port i
  # Or what scripts/setup has unpacked.
  nginx=$(PATH=$PATH:/usr/sbin command -v nginx || echo "$BATS_TEST_DIRNAME/../../build/unpacked/usr/sbin/nginx")
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  nginx_config "$port" >nginx.conf
  mkdir files
  for i in {0..49}; do seq "$i" "$((i * 2000 + 1000))" >"files/$i"; done
  fetch_pages >fetch.py
  tracked nginx.ini "$nginx" -p "$PWD" -c nginx.conf -e error.log 3>&- &
  running=$!
  until_done test -s nginx.pid
  server=$(cat nginx.pid)
  [ "$(/usr/bin/python3 fetch.py "$port")" = 400 ]
  kill -QUIT "$server"
  wait "$running"
  server=
  [ "$(jq '[.processes[] | select(.program == "nginx")] | length' report.json)" = 3 ]
  for i in 0 1 2; do
    names_90_percent "$i"
    holds "$i" config tls expressions nginx
    holds_at_most 20 "$i" nginx
  done
  for i in 1 2; do holds "$i" connections connections/tables requests requests/buffers; done
}

# ---- all of them -------------------------------------------------------------------------------------------------------

@test "every rule file is here, and says what was measured" {
  local file
  for file in "$EXAMPLES"/*.ini; do
    grep -qE "^@test \"${file##*/}: " "$BATS_TEST_FILENAME"
    "$RATION" config "$file" >/dev/null
    grep -q '^# Measured ' "$file"
  done
}
