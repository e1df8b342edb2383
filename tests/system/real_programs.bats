#!/usr/bin/env bats
# Programs that nobody here wrote behave under the shim as without it: the same bytes on stdout and stderr, the same
# status, the same files; over glibc's allocator, and for some over each of the others.

load helpers

sqlite_script() {
  cat <<'SQL'
CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, v TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
  INSERT INTO t SELECT i, i * 7919 % 10007, printf('row %d of many', i) FROM n;
CREATE INDEX t_k ON t(k);
SELECT count(*), sum(k), max(length(v)) FROM t;
SELECT a.id, b.v FROM t AS a JOIN t AS b ON a.k = b.id WHERE a.id % 5000 = 0 ORDER BY b.v;
SELECT json_group_array(k) FROM (SELECT DISTINCT k FROM t ORDER BY k DESC LIMIT 2000);
SELECT * FROM no_such_table;
SQL
}

python_script() {
  cat <<'PYTHON'
import collections, json, re, threading, zlib

def work(seed, parts):
    table = {f"key{i * seed % 7919}": list(range(i % 50)) for i in range(20000)}
    text = json.dumps(table, sort_keys=True)
    parts[seed] = zlib.crc32(text.encode()), len(json.loads(text)), len(re.findall(r"key\d*7", text))

parts = {}
threads = [threading.Thread(target=work, args=(seed, parts)) for seed in (3, 5, 7, 11)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(parts.items()))
print(collections.Counter(hex(7 ** 20000)).most_common())
raise SystemExit(7)
PYTHON
}

@test "sqlite3 gives the same output" {
  sqlite_script >script.sql
  same_under_shim sqlite3 :memory: ".read script.sql"
  was_tracked sqlite3
}

@test "sqlite3 gives the same output over other allocators" {
  sqlite_script >script.sql
  same_over_allocators sqlite3 sqlite3 :memory: ".read script.sql"
}

@test "sqlite3 makes the same database file" {
  sqlite_script >script.sql
  make_database() { rm -f made.db && sqlite3 made.db ".read script.sql" && sha256sum made.db; }
  same_under_shim make_database
  was_tracked sqlite3
}

@test "python3 gives the same output and status" {
  python_script >script.py
  same_under_shim /usr/bin/python3 -I script.py
  [ "$(cat shim.status)" = 7 ]
  was_tracked python3.11
}

@test "python3 gives the same output over other allocators" {
  python_script >script.py
  same_over_allocators python3.11 /usr/bin/python3 -I script.py
}

@test "python3 with every object from malloc gives the same output" {
  python_script >script.py
  export PYTHONMALLOC=malloc
  same_under_shim /usr/bin/python3 script.py
  was_tracked python3.11
}

@test "perl gives the same output" {
  export PERL_HASH_SEED=0
  # shellcheck disable=SC2016 # perl's variables
  same_under_shim perl -e '
    my %seen; my $text = join " ", map { "word" . $_ * 7919 % 4001 } 1 .. 60000;
    $seen{$1}++ while $text =~ /(\w+)/g;
    print "$_ $seen{$_}\n" for sort keys %seen;
    my @tree = map { { left => [1 .. $_ % 9], name => "n$_" } } 1 .. 20000;
    print join(",", map { scalar @{ $_->{left} } } @tree[0 .. 99]), "\n";
    exit 3;'
  [ "$(cat shim.status)" = 3 ]
  was_tracked perl
}

@test "git makes the same history" {
  export HOME=$BATS_TEST_TMPDIR GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
  export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
  export GIT_AUTHOR_DATE="2001-02-03T04:05:06Z" GIT_COMMITTER_DATE="2001-02-03T04:05:06Z"
  make_history() {
    rm -rf repo && git init -q -b main repo && cd repo || return 1
    local i
    for i in 1 2 3 4 5 6; do
      seq "$i" "$((i * 700))" >numbers
      echo "$i" >"file$i"
      git add . && git commit -q -m "Commit $i" || return 1
    done
    git checkout -q -b side HEAD~2 && seq 9000 >other && git add . && git commit -q -m Side &&
      git merge -q --no-edit main && git gc -q && git fsck --full && git log --graph --stat -p --all &&
      git blame numbers | tail -n 50
    local status=$?
    cd ..
    return "$status"
  }
  same_under_shim make_history
  [ "$(cat shim.status)" = 0 ]
  was_tracked git
}

@test "gcc makes the same objects" {
  cat >c.c <<'C'
#include <stdio.h>
struct pair { const char *name; long value; };
static int larger(const struct pair *a, const struct pair *b) { return a->value > b->value; }
int main(int argc, char **argv) {
  struct pair pairs[64];
  for (int i = 0; i < 64; i++) pairs[i] = (struct pair){argv[argc - 1], i * argc % 17};
  for (int i = 1; i < 64; i++) if (larger(&pairs[i], &pairs[i - 1])) printf("%s %ld\n", pairs[i].name, pairs[i].value);
  return 0;
}
C
  cat >cc.cc <<'CC'
#include <map>
#include <regex>
#include <string>
std::map<std::string, std::regex> rules(const std::string &text) {
  std::map<std::string, std::regex> made;
  for (std::size_t i = 0; i < text.size(); i++) made.emplace(text.substr(i), std::regex(text.substr(0, i)));
  return made;
}
CC
  compile() {
    gcc -O2 -g -c c.c -o c.o && g++ -O1 -c cc.cc -o cc.o && sha256sum c.o cc.o && gcc c.o -o c && sha256sum c &&
      gcc -Wall -Wextra -fsyntax-only -x c - <<<'int main(void) { int unused; return "text"; }'
  }
  same_under_shim compile
  [ "$(cat shim.status)" = 0 ]
  was_tracked cc1plus
}

@test "xz -T2 makes the same file" {
  seq 400000 >numbers
  same_under_shim xz -T2 --block-size=512KiB -c numbers
  was_tracked xz
  xz -dc shim.out | cmp - numbers
}

@test "sort --parallel=2 gives the same order" {
  awk 'BEGIN { srand(7); for (i = 0; i < 200000; i++) printf "%d line %d\n", rand() * 1e9, i }' >lines
  same_under_shim sort --parallel=2 -S 4M lines
  was_tracked sort
}

@test "bash forking some hundred children gives the same output" {
  # shellcheck disable=SC2016 # the inner bash's variables
  same_under_shim bash -c '
    for i in {1..200}; do (echo "child $i"; exit $((i % 7))); echo "status $?"; done
    for i in {1..50}; do echo "line $i" | { read -r word rest; echo "$rest" "$(echo "$word")"; }; done
    for i in {1..100}; do (sleep 0; exit $((i % 3))) & pids+=($!); done
    for pid in "${pids[@]}"; do wait "$pid"; echo "waited $?"; done
    exit 9'
  [ "$(cat shim.status)" = 9 ]
  was_tracked bash
}

@test "stress-ng --malloc --verify ends well" {
  "${SHIMMED[@]}" stress-ng --malloc 2 --verify --malloc-ops 5000 --malloc-bytes 32M --temp-path . >out 2>&1 || {
    cat out
    false
  }
  was_tracked stress-ng
}

# redis_start ENV...: a redis-server on ./socket and a free port; sets redis_pid and redis_port. Debian's package
# redis-tools has the server under another name.
redis_start() {
  ln -sf "$(command -v redis-check-rdb)" redis-server
  redis_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$@" ./redis-server --bind 127.0.0.1 --port "$redis_port" --unixsocket "$BATS_TEST_TMPDIR/socket" --save '' \
    --enable-debug-command yes --dir . >redis.log 2>&1 3>&- &
  redis_pid=$!
  local tries
  for tries in {1..300}; do
    if redis-cli -s socket ping >/dev/null 2>&1; then return 0; fi
    kill -0 "$redis_pid" || break
    sleep 0.1
  done
  echo "redis-server did not answer after $tries tries"
  cat redis.log
  return 1
}

redis_stop() {
  local status=0
  kill -TERM "$redis_pid" || return 1
  wait "$redis_pid" || status=$?
  redis_pid=
  return "$status"
}

teardown() {
  if [ -n "${redis_pid:-}" ]; then kill -KILL "$redis_pid"; fi
}

redis_commands() {
  awk 'BEGIN {
    for (i = 0; i < 3000; i++) {
      printf "SET key:%d %s\n", i, sprintf("%0" (i % 700 + 1) "d", i)
      printf "LPUSH list:%d %d\n", i % 20, i
      printf "HSET hash:%d field%d value%d\n", i % 30, i, i * 7
      printf "ZADD zset:%d %d member%d\n", i % 10, i * 7919 % 1009, i
      if (i % 3 == 0) printf "APPEND key:%d tail\n", i / 3
      if (i % 5 == 0) printf "DEL key:%d\n", i / 2
    }
    print "LRANGE list:3 0 -1"; print "ZRANGE zset:4 0 -1 WITHSCORES"; print "SORT list:5 DESC"
    print "HLEN hash:7"; print "STRLEN key:699"; print "MEMORY USAGE key:699"; print "MEMORY USAGE list:3 SAMPLES 0"
    print "EVAL \"local t = {} for i = 1, 5000 do t[i] = i .. string.rep(\\\"x\\\", 50) end return #table.concat(t)\" 0"
    print "NOSUCHCOMMAND"; print "DBSIZE"; print "DEBUG DIGEST"
  }'
}

@test "redis-server, which links jemalloc, gives the same replies and data" {
  redis_commands >commands
  local name
  for name in plain shim; do
    # MEMORY USAGE tells what the allocator below gives.
    if [ "$name" = shim ]; then
      redis_start env RATION_OPTIONS=keep=1,heap=system "LD_PRELOAD=$SHIM"
    else
      redis_start env
    fi
    redis-cli -s socket <commands >"$name.out" 2>"$name.err"
    redis_stop
    echo 0 >"$name.status"
  done
  [ "$(wc -l <shim.out)" -gt 10000 ]
  tail -n 1 shim.out | grep -Eq '^[0-9a-f]{40}$'
  compare plain shim
  was_tracked redis-check-rdb
}

@test "redis-benchmark runs against a tracked server" {
  redis_start "${SHIMMED[@]}"
  redis-benchmark -h 127.0.0.1 -p "$redis_port" -n 2000 -c 20 -q
  redis_stop
  was_tracked redis-check-rdb
}

# fill_redis: far more than its budget, by values that are never asked for again; no maxmemory is set.
fill_redis() {
  redis-benchmark -h 127.0.0.1 -p "$redis_port" -t set -r 100000000 -d 200 -n "$1" -c 10 -q >benchmark
}

# budget_of_redis FIGURE: of its budget, in its own segment.
budget_of_redis() {
  "$RATION" report --json "$redis_pid" | jq ".processes[0].budgets[] | select(.category == \"total\") | .$1"
}

@test "redis-server without maxmemory breaches its budget, and with a watch --exec script keeps to it" {
  local requests=150000
  if [ -n "${RATION_LONG:-}" ]; then requests=5000000; fi
  redis_start env RATION_OPTIONS=keep=1,total=24M LD_PRELOAD="$SHIM"
  fill_redis "$requests"
  [ "$(budget_of_redis breaches)" -ge 1 ] # once more each time that a table it has outgrown is given back in between
  [ "$(budget_of_redis worst_bytes)" -gt 25165824 ]
  redis_stop
  rm "$RATION_DIR"/ration.*

  cat >evict <<'SH'
#!/bin/sh
redis-cli -h 127.0.0.1 -p "$REDIS_PORT" eval '
  for i = 1, ARGV[1] do
    local key = redis.call("RANDOMKEY")
    if not key then break end
    redis.call("DEL", key)
  end' 0 $((RATION_WANTED / 200 + 5000)) >/dev/null
SH
  chmod +x evict
  redis_start env RATION_OPTIONS=keep=1,total=24M LD_PRELOAD="$SHIM"
  REDIS_PORT=$redis_port "$RATION" watch "$redis_pid" --on total:low --every 100ms --exec ./evict >acts 3>&- &
  local watch=$!
  fill_redis "$requests"
  [ "$(budget_of_redis breaches)" = 0 ]
  [ "$(budget_of_redis worst_bytes)" -le 25165824 ]
  [ "$(budget_of_redis low_seconds)" != 0 ]
  redis_stop
  wait "$watch" # %% is no job any more where it has ended already
  grep -q '^total: low: ' acts
}
