#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a function; run assigns stderr
# `ration doctor` of programs: what it says of each kind of them, and that it comes out so when they run.
# once: what the reporter finds in files and of the machine

load helpers
load held
load doctoring

bats_require_minimum_version 1.5.0

teardown() {
  end_held
  leave_nobody
}

# ---- what has nothing in its way ---------------------------------------------------------------------------

@test "plain programs: nothing stops them, nothing limits them, and they are tracked" {
  ln -s "$(command -v redis-check-rdb)" redis-server
  local program
  for program in sqlite3 /usr/bin/python3 ./redis-server perl git bash "$RATION"; do
    finds '' "$program"
    json '.pid == null and .verdict == "tracked" and (.program | startswith("/") or startswith("./"))'
    agrees "$program" --version
  done
}

@test "of a program with debug information, and room in memory, there is not even a note" {
  compiled program
  RATION_DIR=$(mktemp -d /dev/shm/doctor.XXXXXX)
  finds '' ./program
  rmdir "$RATION_DIR"
  json '[.findings[].finding] - ["bare_libraries"] == []' # whether libc has any is the machine's
}

@test "the machine alone" {
  finds ''
  json '.program == null and .pid == null and .verdict == "tracked"'
  run -0 "$RATION" doctor
  [ "${lines[0]}" = 'programs on this machine: will be tracked' ]
}

# ---- what is not to be tracked -----------------------------------------------------------------------------

@test "a static program" {
  compiled program -static
  finds 'stops static' ./program
  agrees ./program
  compiled program -static-pie -fPIE
  finds 'stops static' ./program
  agrees ./program
}

@test "a program that gains privileges" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give files away"
  compiled program
  cp program user && chown 65534 user && chmod u+s user
  cp program group && chgrp 65534 group && chmod g+s group
  finds 'stops privileged' ./user
  agrees ./user
  finds 'stops privileged' ./group
  agrees ./group
  cp program own && chmod u+s own
  finds '' ./own # it becomes who we are
  agrees ./own
  host=(setpriv --no-new-privs)
  finds '' ./user
  agrees ./user
}

@test "a program that gains privileges, and may not be read" {
  compiled program
  as_nobody program
  chown 0 program && chmod 4711 program
  finds 'stops privileged' ./program
  json '[.findings[].finding] - ["privileged", "folder_on_disk", "ptrace_scope", "seccomp_inherited"] == []'
  agrees ./program
  chmod 711 program
  run --separate-stderr -3 "${host[@]}" "$RATION" doctor ./program
  [[ $stderr == 'ration: ./program: cannot be read: '* ]]
}

@test "a program with capabilities, for who is not root" {
  compiled program
  as_nobody program
  finds '' ./program
  agrees ./program
  # CAP_NET_RAW, permitted and effective, as capabilities(7) lays it out
  /usr/bin/python3 -c 'import os
os.setxattr("program", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))'
  finds 'stops privileged' ./program
  agrees ./program
}

@test "a program of another machine, or for 32 bits" {
  echo 'void _start(void) { for (;;) {} }' >ends.c
  clang --target=aarch64-linux-gnu -nostdlib -static -fuse-ld=lld ends.c -o foreign
  finds 'stops foreign' ./foreign
  agrees ./foreign
  echo 'void _start(void) { __asm__ volatile("int $0x80" ::"a"(1), "b"(0)); }' >ends.c
  gcc -m32 -nostdlib -static ends.c -o narrow
  finds 'stops foreign' ./narrow
  agrees ./narrow
  gcc -m32 -nostdlib -shared -fPIC -x c /dev/null -o libnone.so
  gcc -m32 -nostdlib -pie -fPIE ends.c -Wl,--no-as-needed ./libnone.so -o narrow # with a loader, as a game has
  finds 'stops foreign' ./narrow
  agrees ./narrow
}

@test "a program for musl" {
  [ -e program.c ] || compiled program
  musl-gcc program.c -o for_musl
  finds 'stops musl' ./for_musl
  agrees ./for_musl
  # Its loader somewhere else, under another name.
  cp "$(realpath /lib/ld-musl-x86_64.so.1)" moved.so && chmod +x moved.so
  musl-gcc program.c -o moved "-Wl,--dynamic-linker=$PWD/moved.so"
  ./moved
  finds 'stops musl' ./moved
  agrees ./moved
  # Without one it is as any program without.
  musl-gcc -static program.c -o all_in
  finds 'stops static' ./all_in
  agrees ./all_in
}

@test "a program whose loader is not there" {
  compiled program -Wl,--dynamic-linker=/no/such/loader.so
  finds 'stops no_loader' ./program
  json '.findings[0].words | contains("/no/such/loader.so")'
  agrees ./program
}

@test "a loader of another libc, whatever it is called, and an old one" {
  compiled program
  cp /lib64/ld-linux-x86-64.so.2 any_name.so
  compiled program "-Wl,--dynamic-linker=$PWD/any_name.so"
  finds '' ./program
  agrees ./program
  sed 's/GLIBC_2\.35/GLIBC_2.34/' any_name.so >old.so
  compiled program "-Wl,--dynamic-linker=$PWD/old.so"
  finds 'stops old_libc' ./program
  cp "$(realpath /lib/ld-musl-x86_64.so.1)" other.so && chmod +x other.so
  musl-gcc program.c -o program "-Wl,--dynamic-linker=$PWD/other.so"
  sed -i 's/libc\.so\x00/libm.so\x00/' program # which is as good for this loader
  ./program
  finds 'stops other_libc, limits no_unwind_tables' ./program
  agrees ./program
}

@test "a malloc of its own, in whole or in part" {
  local name
  for name in own_malloc partly_own_malloc; do
    finds 'stops own_malloc' "$VICTIMS/$name"
    agrees "$VICTIMS/$name"
  done
}

# brings NAME ADVICE LIBRARY...: a program with that allocator linked in is stopped by it, stripped or not.
brings() {
  local name=$1 advice=$2
  shift 2
  compiled program -Wl,-Bstatic "$@" -Wl,-Bdynamic -lstdc++ -lm -pthread
  finds 'stops own_malloc' ./program
  json --arg name "$name" --arg advice "$advice" \
    '.findings[0] | (.words | contains($name)) and (.advice | contains($advice))'
  agrees ./program
  strip program
  finds 'stops own_malloc' ./program
  json --arg name "$name" '.findings[0].words | contains($name)'
  agrees ./program
}

@test "jemalloc and tcmalloc linked in, also into stripped programs" {
  brings jemalloc -ljemalloc -ljemalloc_pic
  brings tcmalloc -ltcmalloc -ltcmalloc_minimal
}

# rjemalloc: jemalloc under the names that Rust gives it, in a program whose other blocks are libc's.
rjemalloc() {
  local names=() name
  for name in malloc free calloc realloc posix_memalign aligned_alloc memalign valloc malloc_usable_size mallctl \
    mallctlnametomib mallctlbymib malloc_stats_print mallocx rallocx xallocx sallocx dallocx sdallocx nallocx; do
    names+=(--redefine-sym "$name=_rjem_$name")
  done
  objcopy "${names[@]}" "$(gcc -print-file-name=libjemalloc_pic.a)" librjem.a
  printf '%s\n' '#include <stdlib.h>' 'void *_rjem_malloc(size_t); void _rjem_free(void *);' \
    'int main(void) { free(malloc(10)); _rjem_free(_rjem_malloc(100)); return 0; }' >rust.c
  gcc -g rust.c -o rust librjem.a -lstdc++ -lm -pthread
}

@test "jemalloc linked in under other names, as Rust does it" {
  rjemalloc
  finds 'limits private_malloc' ./rust
  json '.findings[0].words | contains("jemalloc")'
  agrees ./rust
  strip rust
  finds 'limits private_malloc' ./rust # by the texts that it holds
  agrees ./rust
}

@test "PartitionAlloc linked in, by the driver that comes with Chromium" {
  local driver
  driver=$(real chromedriver)
  finds 'stops own_malloc' "$driver"
  json '.findings[0] | (.words | contains("PartitionAlloc")) and (.advice | contains("use_partition_alloc_as_malloc"))'
  agrees "$driver" --version
  hold 'started successfully' env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" "$driver" --port=0
  finds 'stops own_malloc' "$held"
  json '.findings[0].words | contains("PartitionAlloc")'
  kill "$held"
  let_go || [ $? = 143 ]
}

@test "mimalloc linked in, by a linker" {
  local mold
  mold=$(real mold)
  finds 'stops own_malloc' "$mold"
  json '.findings[0] | (.words | contains("mimalloc")) and (.advice | contains("-lmimalloc"))'
  agrees "$mold" --version
}

@test "an allocator that is linked as a library is counted above" {
  local library
  for library in "${OTHER_ALLOCATORS[@]}"; do
    compiled program -Wl,--no-as-needed "-l:${library%.so*}.so.${library#*.so.}" || gcc -g program.c -o program \
      -Wl,--no-as-needed "/usr/lib/x86_64-linux-gnu/$library"
    finds '' ./program
    notes links_malloc
    agrees ./program
    [ "$(jq -r '.processes[0].allocator' after.json)" != libc.so.6 ]
  done
}

@test "Go programs, with C code and without" {
  local tool=$UNPACKED/usr/lib/go-1.19/pkg/tool/linux_amd64/pack
  finds 'limits go' fzf
  agrees fzf --version
  if command -v go >go; then tool=$("$(cat go)" env GOTOOLDIR)/compile; fi
  finds 'stops static, limits go' "$tool"
  json '.findings[1].words | contains("no C code")'
  agrees "$tool" -V
}

@test "programs built with a sanitizer" {
  compiled plain
  local flag
  export ASAN_OPTIONS=detect_leaks=0
  for flag in address leak thread; do
    compiled program "-fsanitize=$flag"
    finds 'stops sanitizer' ./program
    [ "$flag" = thread ] || agrees ./program # ThreadSanitizer does not start on every kernel
  done
  clang -fsanitize=address program.c -o program
  finds 'stops sanitizer' ./program
  agrees ./program
  clang -fsanitize=memory program.c -o program
  finds 'stops sanitizer' ./program
  compiled program -fsanitize=undefined
  finds '' ./program
  agrees ./program
}

# ---- what is worth knowing ---------------------------------------------------------------------------------

@test "a script is its interpreter, and env's the one that it starts" {
  printf '#!/bin/sh\nexit 0\n' >script
  printf '#!/usr/bin/env -S perl -w\nexit 0;\n' >by_env
  printf '#!/no/such/interpreter\n' >broken
  compiled program -static
  printf '#!%s\n' "$PWD/program" >by_static
  chmod +x script by_env broken by_static
  finds '' ./script
  notes script
  json '.program == "/bin/sh"'
  agrees ./script
  finds '' ./by_env
  json '.program | endswith("/perl")'
  agrees ./by_env
  finds 'stops static' ./by_static
  agrees ./by_static
  refuses 3 'ration: ./broken: its #! line names what is not there; *' doctor ./broken
}

@test "symbols, debug information, build-ids" {
  compiled program
  finds '' ./program
  has_no no_lines
  gcc program.c -o no_lines
  finds '' ./no_lines
  notes no_lines
  json '.findings[] | select(.finding == "no_lines").advice | contains("/usr/lib/debug/.build-id/")'
  DEBUGINFOD_URLS=http://localhost:1 "$RATION" doctor --json --output report.json ./no_lines
  json '.findings[] | select(.finding == "no_lines").advice | contains("DEBUGINFOD_URLS")'
  strip -o stripped program
  finds '' ./stripped
  notes no_symbols
  has_no no_lines
  objcopy --only-keep-debug program stripped.debug
  objcopy --add-gnu-debuglink=stripped.debug stripped
  finds '' ./stripped
  has_no no_symbols
  compiled anonymous -Wl,--build-id=none
  finds '' ./anonymous
  notes no_build_id
}

@test "debug information of libraries" {
  echo 'int one(void) { return 1; }' >library.c
  mkdir libraries
  gcc -g -shared -fPIC library.c -o libraries/libone.so
  compiled program -Wl,--no-as-needed -Llibraries -lone '-Wl,-rpath,$ORIGIN/libraries'
  finds '' ./program
  run ! jq -e '.findings[] | select(.finding == "bare_libraries").words | contains("libone.so")' report.json
  strip libraries/libone.so
  finds '' ./program
  json '.findings[] | select(.finding == "bare_libraries").words | contains("libone.so")'
}

@test "a runtime with a heap of its own" {
  finds '' /usr/bin/python3
  json '.findings[] | select(.finding == "own_heap") | (.words | contains("Python")) and
    (.advice | contains("PYTHONMALLOC=malloc"))'
  agrees /usr/bin/python3 -c 'list(map(str, range(10000)))'
  local few many
  few=$(jq '.processes[0].total.allocations' after.json)
  PYTHONMALLOC=malloc agrees /usr/bin/python3 -c 'list(map(str, range(10000)))'
  many=$(jq '.processes[0].total.allocations' after.json)
  [ "$many" -gt $((few + 10000)) ]
  local program
  for program in node java php; do
    if ! command -v "$program" >/dev/null; then continue; fi
    finds '' "$program"
    notes own_heap
    agrees "$program" --version
  done
}

@test "a program without unwind tables" {
  compiled program -Wl,--no-eh-frame-hdr
  finds 'limits no_unwind_tables' ./program
  agrees ./program
}

@test "a program that links ration itself" {
  compiled program -Wl,--no-as-needed "$SHIM"
  finds '' ./program
  notes links_ration
}

@test "LD_PRELOAD" {
  compiled program
  host=(env LD_PRELOAD=libjemalloc.so.2)
  finds '' ./program
  notes preloaded_malloc
  agrees ./program
  cp "$SHIM" other.so && mkdir other && mv other.so other/libration.so
  host=(env "LD_PRELOAD=$PWD/other/libration.so")
  finds '' ./program
  notes preloaded_ration
  host=(env "LD_PRELOAD=$SHIM")
  finds '' ./program
  has_no preloaded_ration
  agrees ./program
  host=(env LD_PRELOAD=/no/such/thing.so)
  finds '' ./program
  notes preload_missing
  host=(env ASAN_OPTIONS=detect_leaks=0 "LD_PRELOAD=$(gcc -print-file-name=libasan.so)")
  LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 finds 'stops sanitizer' ./program
}

# ---- what is promised ------------------------------------------------------------------------------------------------------

# As Markdown has it.
promise_rows() {
  jq -r '.promises[] | "| " + ([.promise, .glibc, .jemalloc, .tcmalloc, .mimalloc, .page_heap, .aarch64] |
    map(. // "—") | join(" | ")) + " |"' promises.json
}

# shows FILE WORDS: a suite has such a test, or another file of tests such words. Its body is in `body`.
shows() {
  local file=$BATS_TEST_DIRNAME/$1
  [ -e "$file" ] || file=$BATS_TEST_DIRNAME/../$1
  if [[ $file == *.bats ]]; then
    awk -v title="@test \"$2" 'index($0, title) == 1 { inside = 1 } inside { print } /^}/ { inside = 0 }' "$file" >body
  else
    grep -F -- "$2" "$file" >body
  fi
  [ -s body ] || { echo "$1 has no test: $2" && return 1; }
}

@test "the promises are those of README and of docs/reliability.md, and each is shown by a test" {
  local root=$BATS_TEST_DIRNAME/../.. page promise shown part column library
  "$RATION" doctor --promises --json >promises.json
  for page in README.md docs/reliability.md; do
    sed -n '/^| promise /,/^$/p' "$root/$page" | grep '^| ' | tail -n +2 | diff - <(promise_rows)
  done
  while IFS=$'\t' read -r promise shown; do
    : >bodies
    while read -r part; do
      shows "${part%%: *}" "${part#*: }"
      cat body >>bodies
    done <<<"${shown//; /$'\n'}"
    # Of an allocator that the test does not run over, or passes over, nothing is said to hold.
    for column in jemalloc:libjemalloc.so.2 tcmalloc:libtcmalloc_minimal.so.4 mimalloc:libmimalloc.so.2.0; do
      library=${column#*:}
      if [ "$(jq -r --arg promise "$promise" ".promises[] | select(.promise == \$promise) | .${column%%:*}" promises.json)" = yes ]; then
        grep -qE 'everywhere|OTHER_ALLOCATORS|over_allocators' bodies || { echo "$promise: not over $library" && return 1; }
        ! grep -q "but_over=.*$library" bodies || { echo "$promise: not over $library" && return 1; }
      fi
    done
  done < <(jq -r '.promises[] | [.promise, .shown_by] | @tsv' promises.json)
  [ "$(jq -r '.promises[] | select((.aarch64 != null) != (.aarch64_shown != null)) | .promise' promises.json)" = '' ]
  for part in $(jq -r '.promises[].aarch64_shown // empty' promises.json); do grep -qw "$part" "$BATS_TEST_DIRNAME/../aarch64/run"; done
}
