#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a function; run assigns stderr
# `ration doctor`: what it says of programs and processes of each kind, and that it comes out so when they run.

load helpers
load held

bats_require_minimum_version 1.5.0

host=() # what ration is run by, and under: limits, a mount namespace

# compiled NAME [FLAG...]: a program that allocates, by gcc.
compiled() {
  local name=$1
  shift
  [ -e program.c ] || printf '#include <stdlib.h>\nint main(void) { void *p = malloc(100); free(p); return p == 0; }\n' \
    >program.c
  gcc -g program.c -o "$name" "$@"
}

# waiting NAME [FLAG...]: one that allocates, says so, and waits for the end of its stdin.
waiting() {
  local name=$1
  shift
  printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' 'int main(void) { free(malloc(100)); puts("up");' \
    'fflush(stdout); while (getchar() != EOF) {} return 0; }' >waiting.c
  gcc -g waiting.c -o "$name" "$@"
}

# finds FINDINGS [ARG...]: doctor finds what stops or limits, in that order: "stops static", none: "".
finds() {
  local wanted=$1
  shift
  "${host[@]}" "$RATION" doctor --json --output report.json "$@"
  local found
  found=$(json '[.findings[] | select(.severity != "note") | "\(.severity) \(.finding)"] | join(", ")' || true)
  if [ "$found" != "$wanted" ]; then
    echo "of $*: expected '$wanted', found '$found'"
    return 1
  fi
}

# notes FINDING: the last doctor has a note of this kind.
notes() {
  json --arg name "$1" '.findings[] | select(.finding == $name) | .severity == "note" and .words != "" and .advice != ""'
}

# has_no FINDING: it has none of this kind.
has_no() {
  run ! jq -e --arg name "$1" '.findings[] | select(.finding == $name)' report.json
}

json() {
  jq -er "$@" report.json
}

# agrees CMD...: what the last doctor said of CMD, `run` comes to: no table, or passive, and for that reason; or tracked.
agrees() {
  "${host[@]}" "$RATION" run --json --output after.json -- "$@" >/dev/null 2>&1 </dev/null || true
  jq -es '.[0] as $before | .[1].processes[0] as $after |
    if $after == null or .[1].processes == [] then $before.verdict == "untracked"
    elif $after.passive then [$before.findings[] | select(.severity == "stops").finding] | index($after.passive) != null
    else $before.verdict != "untracked" end' report.json after.json
}

# in_mounts COMMANDS: ration runs in a mount namespace of its own, after these commands.
in_mounts() {
  if ! unshare -m true; then skip "mount namespaces are not permitted here"; fi
  host=(unshare -m bash -c "$1"' && exec "$@"' bash)
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
  run -0 "$RATION" doctor ./program
  rmdir "$RATION_DIR"
  said './program: will be tracked'
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

@test "a program with capabilities, for who is not root" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give capabilities"
  local open_folder
  open_folder=$(mktemp -d /tmp/doctor.XXXXXX) # which another user can reach, with ration in it
  compiled program
  cp program "$RATION" "$SHIM" "$open_folder"
  cd "$open_folder"
  chown 65534 .
  RATION=$PWD/ration RATION_DIR=$PWD
  host=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  finds '' ./program
  agrees ./program
  # CAP_NET_RAW, permitted and effective, as capabilities(7) lays it out
  /usr/bin/python3 -c 'import os
os.setxattr("program", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))'
  finds 'stops privileged' ./program
  agrees ./program
  cd / && rm -r "$open_folder"
}

@test "a program of another machine, or for another kernel" {
  cp /bin/true foreign
  printf '\x16\x00' | dd of=foreign bs=1 seek=18 conv=notrunc status=none # e_machine: S/390
  finds 'stops foreign' ./foreign
  agrees ./foreign
  cp /bin/true narrow
  printf '\x01' | dd of=narrow bs=1 seek=4 conv=notrunc status=none # 32 bits
  finds 'stops foreign' ./narrow
}

@test "a program for musl" {
  [ -e program.c ] || compiled program
  musl-gcc program.c -o for_musl
  finds 'stops musl' ./for_musl
  agrees ./for_musl
}

@test "a program whose loader is not there" {
  compiled program -Wl,--dynamic-linker=/no/such/loader.so
  finds 'stops no_loader' ./program
  json '.findings[0].words | contains("/no/such/loader.so")'
  agrees ./program
}

@test "a malloc of its own, in whole or in part" {
  local name
  for name in own_malloc partly_own_malloc; do
    finds 'stops own_malloc' "$VICTIMS/$name"
    agrees "$VICTIMS/$name"
  done
}

@test "jemalloc linked in, also into a stripped program" {
  compiled program -Wl,-Bstatic -ljemalloc_pic -Wl,-Bdynamic -lstdc++ -lm -pthread
  finds 'stops own_malloc' ./program
  json '.findings[0] | (.words | contains("jemalloc")) and (.advice | contains("-ljemalloc"))'
  agrees ./program
  strip program
  finds 'stops own_malloc' ./program
  json '.findings[0].words | contains("jemalloc")'
  agrees ./program
}

# rjemalloc FLAG...: jemalloc under the names that Rust gives it, in a program whose other blocks are libc's.
rjemalloc() {
  local names=() name
  for name in malloc free calloc realloc posix_memalign aligned_alloc memalign valloc malloc_usable_size mallctl \
    mallctlnametomib mallctlbymib malloc_stats_print mallocx rallocx xallocx sallocx dallocx sdallocx nallocx; do
    names+=(--redefine-sym "$name=_rjem_$name")
  done
  objcopy "${names[@]}" "$(gcc -print-file-name=libjemalloc_pic.a)" librjem.a
  printf '%s\n' '#include <stdlib.h>' 'void *_rjem_malloc(size_t); void _rjem_free(void *);' \
    'int main(void) { free(malloc(10)); _rjem_free(_rjem_malloc(100)); return 0; }' >rust.c
  gcc -g rust.c -o rust librjem.a -lstdc++ -lm -pthread "$@"
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

@test "PartitionAlloc linked in: a program with functions of its names, since a browser is too large to be built here" {
  printf '%s\n' '#include <stdlib.h>' 'static char heap[1 << 20]; static size_t used;' \
    'namespace partition_alloc { struct PartitionRoot { void *Alloc(size_t); };' \
    'void *PartitionRoot::Alloc(size_t n) { used += n + 15 & ~15ul; return heap + used; } }' \
    'extern "C" void *malloc(size_t n) { static partition_alloc::PartitionRoot root; return root.Alloc(n); }' \
    'extern "C" void free(void *) {}' 'int main() { free(malloc(10)); }' >browser.cc
  g++ -g browser.cc -o browser
  finds 'stops own_malloc' ./browser
  json '.findings[0] | (.words | contains("PartitionAlloc")) and (.advice | contains("use_partition_alloc_as_malloc"))'
  agrees ./browser
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

@test "a Go program" {
  finds 'limits go' fzf
  agrees fzf --version
  # Without C code Go links statically; a static program gets the section by which one of Go is known.
  compiled program -static
  echo x >empty
  objcopy --add-section .go.buildinfo=empty program
  finds 'stops static, limits go' ./program
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
  refuses 3 'ration: ./broken: not found, or what its #! line names is not; *' doctor ./broken
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

# ---- the machine -------------------------------------------------------------------------------------------

@test "limits of address space, data and files" {
  compiled program
  host=(prlimit --as=200000000)
  finds 'stops no_memory' ./program
  agrees ./program
  host=(prlimit --data=200000000)
  finds 'stops no_memory' ./program
  agrees ./program
  host=(prlimit --as=400000000)
  finds 'limits little_memory' ./program
  agrees ./program
  host=(env LD_PRELOAD=libjemalloc.so.2 prlimit --as=400000000) # above other allocators the books are larger
  finds 'stops no_memory' ./program
  agrees ./program
  host=(env LD_PRELOAD=libjemalloc.so.2 prlimit --as=420000000)
  finds 'limits little_memory' ./program
  agrees ./program
  host=(prlimit --fsize=1900000)
  finds 'stops no_file' ./program
  agrees ./program
  host=(prlimit --fsize=10000000)
  finds 'limits small_file' ./program
  agrees ./program
}

@test "a small /dev/shm, a full one, and none" {
  compiled program
  in_mounts "mount -t tmpfs -o size=64k none /dev/shm && unset RATION_DIR XDG_RUNTIME_DIR TMPDIR"
  finds 'limits full_folder' ./program
  json '.findings[0].words | contains("64.0 KiB in /dev/shm")'
  agrees ./program
  "${host[@]}" "$RATION" run --set sample=1 --json --output after.json -- sqlite3 :memory: 'select 1'
  jq -e '.processes[0].losses | .samples_lost > 0' after.json
  in_mounts "mount -t tmpfs -o size=8k none /dev/shm && unset RATION_DIR XDG_RUNTIME_DIR TMPDIR"
  finds 'limits no_folder' ./program
  "${host[@]}" "$RATION" run --json --output after.json -- ./program
  jq -e '.processes == [] and (.remark | contains("left no segment"))' after.json
  in_mounts "mount -t tmpfs -o ro none /dev/shm && unset RATION_DIR XDG_RUNTIME_DIR TMPDIR"
  finds 'limits no_folder' ./program
  in_mounts "mount -t tmpfs -o ro none /dev/shm && export TMPDIR='$PWD' && unset RATION_DIR XDG_RUNTIME_DIR"
  finds '' ./program
  agrees ./program
}

@test "a RATION_DIR that is passed over" {
  local folder
  touch file
  for folder in /no/such/folder "$PWD/file" relative; do
    RATION_DIR=$folder finds ''
    notes passed_over_folder
  done
}

@test "no libunwind" {
  compiled program
  in_mounts "touch '$PWD/nothing' && for file in /usr/lib/x86_64-linux-gnu/libunwind-x86_64.so.8*; do
    mount --bind '$PWD/nothing' \$file; done"
  finds 'limits no_libunwind' ./program
  agrees ./program
  [ "$(jq -r '.processes[0] | "\(.unwind_asked) \(.unwind)"' after.json)" = 'libunwind tables' ]
}

@test "strict overcommit" {
  if [ "$(cat /proc/sys/vm/overcommit_memory)" != 2 ]; then
    skip "vm.overcommit_memory is the whole machine's: not for a test to set"
  fi
  "$RATION" doctor --json --output report.json
  json '[.findings[].finding] | index("strict_overcommit") or index("no_commit")'
}

# ---- processes ---------------------------------------------------------------------------------------------

@test "a process that is tracked, and one that is not" {
  waiting program
  hold up ./program one 'two three'
  finds 'stops not_loaded' "$held"
  json --argjson pid "$held" '.pid == $pid and .verdict == "untracked" and .program == "'"$PWD"'/program"'
  json '.findings[0].advice == "start it anew: ration run -- ./program one two three"'
  let_go
  rm gate
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  finds '' "$held"
  json '.verdict == "tracked" and .findings == []'
  run -0 "$RATION" doctor "$held"
  said "$PWD/program (pid $held): is tracked"
  rm program # the file is gone, the process is not
  finds '' "$held"
  let_go
}

@test "a process that is passive, and one that is kept out" {
  waiting program -fsanitize=address
  hold up env ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 "LD_PRELOAD=$SHIM" ./program
  finds 'stops sanitizer' "$held"
  [ "$(figure "$held" .passive)" = sanitizer ]
  let_go
  rm gate
  waiting program
  hold up env 'RATION_OPTIONS=not=prog*' "LD_PRELOAD=$SHIM" ./program
  finds 'stops passive' "$held"
  json '.findings[0].advice | contains("`not`")'
  let_go
}

@test "a process that has gained privileges" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give a file away"
  waiting program
  chown 65534 program && chmod u+s program
  chmod 755 . ..
  hold up env "LD_PRELOAD=$SHIM" ./program
  finds 'stops privileged, stops not_loaded' "$held"
  let_go
}

@test "a process behind a seccomp filter of its own" {
  printf '%s\n' '#include <linux/filter.h>' '#include <linux/seccomp.h>' '#include <stdio.h>' '#include <stdlib.h>' \
    '#include <sys/prctl.h>' 'int main(void) { free(malloc(100));' \
    'struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);' \
    'struct sock_fprog program = {.len = 1, .filter = &all};' \
    'if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 1;' \
    'puts("up"); fflush(stdout); while (getchar() != EOF) {} return 0; }' >fenced.c
  gcc -g fenced.c -o fenced
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./fenced
  finds 'limits seccomp' "$held"
  notes no_new_privileges
  json '.verdict == "limited"'
  let_go
}

@test "a process in a container" {
  if ! unshare --fork --pid --mount true; then skip "namespaces are not permitted here"; fi
  waiting program
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" unshare --fork --pid --mount \
    bash -c 'mount -t tmpfs none /dev/shm && ./program; exit $?'
  local inner
  inner=$(pgrep -P "$(pgrep -P "$held")")
  finds 'limits other_pids, limits other_folders' "$inner"
  json '.verdict == "limited"'
  let_go
}

# ---- wrong usage and input ---------------------------------------------------------------------------------

@test "what is no program, or no process, is refused in one line" {
  mkdir folder
  touch plain_file
  echo text >text && chmod +x text
  head -c 100 /bin/true >cut && chmod +x cut
  cp /usr/lib/x86_64-linux-gnu/libm.so.6 library && chmod +x library
  refuses 3 'ration: no-such-program: not found, *; *' doctor no-such-program
  refuses 3 'ration: ./folder: no file that may be executed; *' doctor ./folder
  refuses 3 'ration: ./plain_file: no file that may be executed; *' doctor ./plain_file
  refuses 3 'ration: : not found, *' doctor ''
  refuses 2 'ration: ./text: no ELF file; *' doctor ./text
  refuses 2 'ration: ./cut: *ELF file; *' doctor ./cut
  refuses 2 'ration: ./library: a library; *' doctor ./library
  refuses 2 'ration: 0: no pid; *' doctor 0
  refuses 2 'ration: 99999999999999999999: no pid; *' doctor 99999999999999999999
  refuses 3 'ration: 2147483647: no process of this pid *; *' doctor 2147483647
  refuses 2 'ration: doctor: `b` is not understood, *' doctor true b
  sh -c 'exit 0' &
  local ended=$!
  wait "$ended"
  refuses 3 "ration: $ended: no process of this pid *; *" doctor "$ended"
}

@test "names of digits, and of any bytes" {
  compiled 12345
  finds '' ./12345
  compiled program
  cp program $'new\nline'
  run -0 "$RATION" doctor ./$'new\nline'
  [ "${lines[0]}" = './new\x0aline: will be tracked' ]
}

@test "a status for scripts" {
  compiled program -static
  run -0 "$RATION" doctor ./program
  run -1 "$RATION" doctor --exit-code ./program
  [ "${lines[0]}" = './program: will not be tracked' ]
  [[ ${lines[1]} == '  stops   static: it is statically linked, '* ]]
  [[ ${lines[2]} == '          do: '* ]]
  run -0 "$RATION" doctor --exit-code fzf
  [ "${lines[0]}" = '/usr/bin/fzf: will be tracked, with limits' ]
}

@test "the man page has every finding" {
  local name page=$BATS_TEST_DIRNAME/../../docs/man/ration-doctor.1 count=0
  while read -r name; do
    grep -qw -- "$name" "$page" || { echo "$name is missing"; return 1; }
    count=$((count + 1))
  done < <(sed -nE 's/.*\.name = "(\w+)".*/\1/p' "$BATS_TEST_DIRNAME/../../tools/ration/doctor/finding.c")
  [ "$count" -gt 40 ]
}
