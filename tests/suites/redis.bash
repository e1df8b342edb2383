# shellcheck shell=bash disable=SC2034,SC2154 # what tests/suites/run sets, and reads
# redis.bash: redis's tests, of its source, of the server that is installed, which links jemalloc, for tests/suites/run.

redis_program=redis-server

redis_parts() {
  echo unit type integration
}

redis_prepare() {
  [ -x "$fetched/redis/src/redis-server" ] || { echo 'not fetched; tests/suites/fetch redis' && return 1; }
}

# redis_files PART: names of its tests.
redis_files() {
  case $1 in
  type) (cd tests && find unit/type -name '*.tcl') ;;
  unit) (cd tests && find unit -maxdepth 1 -name '*.tcl' | grep -Ev '/(maxmemory|memefficiency|tls|oom-score-adj|client-eviction)') ;;
  *) printf 'integration/%s\n' aof aof-multi-part rdb logging redis-cli shutdown replication-3 convert-ziplist-hash-on-load ;;
  esac | sed 's/\.tcl$//' | sort
}

# redis_part PART: on loopback. Without what asks how much memory processes have.
redis_part() {
  local name only=()
  cd "$fetched/redis" || return
  for name in $(redis_files "$1"); do only+=(--single "$name"); done
  as_told timeout 1800 ./runtest --clients 2 --baseport 22111 --portcount 2000 "${only[@]}" 2>&1 | tee /dev/stderr |
    sed -nE 's/\x1b\[[0-9;]*m//g; s/^\[ok\]: (.*) \([0-9]+ ms\)$/ok \1/p; s/^\[err\]: (.*) in tests.*/failed \1/p; s/^\[ignore\]: (.*)/skipped \1/p'
}
