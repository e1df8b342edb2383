#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a function; run assigns stderr
# `ration doctor` of the machine and of processes, and what it says of bad input; doctor.bats has programs.
# once: what the reporter finds of the machine and in files

load helpers
load held
load doctoring

bats_require_minimum_version 1.5.0

# ---- the machine -------------------------------------------------------------------------------------------

@test "settings that keep a program out, that none could follow, or that take no stacks" {
  compiled program
  ln -s program called_otherwise
  export RATION_OPTIONS='sample=4K,not=pro*|other'
  finds 'stops kept_out' ./program
  agrees ./program
  finds 'stops kept_out' ./called_otherwise # its file is what counts
  agrees ./called_otherwise
  finds ''
  RATION_OPTIONS='not=program,not=other'
  finds '' ./program
  agrees ./program
  RATION_OPTIONS='only=other|p?ogram'
  finds '' ./program
  agrees ./program
  RATION_OPTIONS='only=other'
  finds 'stops kept_out' ./program
  agrees ./program
  RATION_OPTIONS='sample=off,keep=1'
  finds '' ./program
  notes no_stacks
  agrees ./program
  RATION_OPTIONS='keep=1,no_such_thing=1'
  finds 'stops bad_settings' ./program
  json '.findings[0].words | contains("no_such_thing")'
  run -2 "$RATION" run ./program
}

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

@test "strict overcommit, and hardly anything left to promise" {
  compiled program
  echo 2 >mode # it is the whole machine's, and not for a test to set: this says so to who looks, and refuses nothing
  sed -E 's/^(CommitLimit): .*/\1: 9000000 kB/; s/^(Committed_AS): .*/\1: 1000000 kB/' /proc/meminfo >meminfo
  in_mounts "mount --bind '$PWD/mode' /proc/sys/vm/overcommit_memory && mount --bind '$PWD/meminfo' /proc/meminfo"
  finds '' ./program
  notes strict_overcommit
  agrees ./program
  sed -i -E 's/^(CommitLimit): .*/\1: 1100000 kB/' meminfo
  finds 'limits no_commit' ./program
  json '.findings[0].words | contains("97.7 MiB")'
  agrees ./program
  echo 0 >mode
  finds '' ./program
  has_no strict_overcommit
}

@test "a kernel that keeps processes from each other's memory" {
  as_nobody
  local become=("${host[@]}") scope
  for scope in 1 0; do
    in_mounts "mount -t tmpfs none /proc/sys/kernel && mkdir -p /proc/sys/kernel/yama &&
      echo $scope >/proc/sys/kernel/yama/ptrace_scope"
    host+=("${become[@]}")
    finds ''
    if [ $scope = 1 ]; then notes ptrace_scope; else has_no ptrace_scope; fi
  done
  leave_nobody
}

@test "an old kernel, by what uname says" {
  compiled program
  host=(setarch --uname-2.6)
  finds 'limits old_kernel' ./program
  agrees ./program
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
  json '.verdict == "tracked" and [.findings[].finding] - ["bare_libraries", "folder_on_disk"] == []'
  run -0 "$RATION" doctor "$held"
  [ "${lines[0]}" = "$PWD/program (pid $held): is tracked" ]
  rm program # the file is gone, the process is not
  finds '' "$held"
  let_go
}

@test "processes that have nothing in their way" {
  ln -s "$(command -v redis-check-rdb)" redis-server
  local how with
  for how in 'stops not_loaded:' ":RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM"; do
    read -ra with <<<"env ${how#*:}"
    hold up "${with[@]}" sqlite3 -cmd '.shell echo up' :memory:
    finds "${how%%:*}" "$held"
    let_go
    rm gate
    hold up "${with[@]}" /usr/bin/python3 -c 'print("up", flush=True); __import__("sys").stdin.read()'
    finds "${how%%:*}" "$held"
    let_go
    rm gate
    hold initialized "${with[@]}" ./redis-server --port 0 --save '' --unixsocket "$PWD/socket"
    finds "${how%%:*}" "$held"
    kill "$held"
    let_go
    rm gate
  done
}

@test "a process whose segment cannot be read" {
  waiting program
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  local segment=("$RATION_DIR"/ration.*)
  printf 'no segment' | dd "of=${segment[0]}" conv=notrunc status=none
  finds 'stops unreadable_segment' "$held"
  json '.verdict == "untracked" and (.findings[0].words | contains("no ration segment"))'
  run -1 "$RATION" doctor --exit-code "$held"
  let_go
  rm gate
  hold up ./program # what bears its name may be another's, that had its pid before
  local name
  name=$(basename "${segment[0]}")
  cp "${segment[0]}" "$RATION_DIR/$(sed -E "s/[0-9]+/$held/" <<<"$name")"
  finds 'stops not_loaded' "$held"
  let_go
}

@test "limits of a process, as they are, and as they were at its start" {
  waiting program
  hold up prlimit --fsize=10000000 ./program
  finds 'stops not_loaded, limits small_file' "$held"
  let_go
  rm gate
  hold up prlimit --fsize=10000000 --as=400000000 env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  finds 'limits little_memory, limits small_file' "$held"
  let_go
  rm gate
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  prlimit --pid "$held" --fsize=1000000 --as=200000000
  finds '' "$held"
  let_go
}

@test "the machine and the libraries of a process" {
  echo 'int one(void) { return 1; }' >library.c
  gcc -s -shared -fPIC library.c -o libone.so
  echo 'int two(void) { return 2; }' >library.c
  gcc -s -shared -fPIC library.c -o libunwind-own.so
  waiting program -Wl,--no-as-needed "$PWD/libone.so" "$PWD/libunwind-own.so"
  hold up ./program
  RATION_DIR=/no/such/folder finds 'stops not_loaded' "$held"
  notes passed_over_folder
  json '.findings[] | select(.finding == "bare_libraries").words | contains("libone.so")'
  let_go
  rm gate
  hold up env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  finds '' "$held"
  json '.findings[] | select(.finding == "bare_libraries").words |
    contains("libone.so") and contains("libunwind-own.so") and
    (contains("libration") or contains("libunwind-x86_64") or contains("libunwind.so") | not)'
  let_go
}

@test "a process whose segment has little room, or lies in no folder" {
  needs_mounts
  waiting program
  hold up unshare -m bash -c "mount -t tmpfs -o size=3m none '$RATION_DIR' &&
    RATION_OPTIONS=keep=1 LD_PRELOAD='$SHIM' exec ./program"
  host=(nsenter -t "$held" -m "--wd=$PWD")
  finds 'limits full_folder' "$held"
  let_go
  rm gate
  hold up unshare -m bash -c "mount -t tmpfs -o ro none /dev/shm && unset RATION_DIR XDG_RUNTIME_DIR TMPDIR &&
    LD_PRELOAD='$SHIM' exec ./program"
  host=(nsenter -t "$held" -m "--wd=$PWD")
  finds 'limits no_folder' "$held" # a memfd
  let_go
}

@test "what is preloaded into a process lies where it is, not where we are" {
  waiting program
  mkdir inner
  gcc -shared -fPIC -x c /dev/null -o inner/one.so
  cp "$(realpath "$(gcc -print-file-name=libasan.so)")" one.so
  hold up env -C inner LD_PRELOAD=./one.so ../program
  finds 'stops not_loaded' "$held"
  has_no preload_missing
  let_go
  needs_mounts
  rm gate
  hold up unshare -m bash -c "mount --bind '$PWD/inner' /mnt && LD_PRELOAD=/mnt/one.so exec ./program"
  finds 'stops not_loaded' "$held"
  has_no preload_missing
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

@test "a thread, and a dead process" {
  printf '%s\n' '#include <pthread.h>' '#include <stdio.h>' '#include <sys/wait.h>' '#include <unistd.h>' \
    'static void *tell(void *none) { printf("%d\n", gettid()); fflush(stdout); while (getchar() != EOF) {} return none; }' \
    'int main(void) { pthread_t thread; siginfo_t dead; if (fork() == 0) _exit(0);' \
    'if (waitid(P_ALL, 0, &dead, WEXITED | WNOWAIT) || pthread_create(&thread, NULL, tell, NULL)) return 1;' \
    'pthread_join(thread, NULL); return 0; }' >threaded.c
  gcc -D_GNU_SOURCE threaded.c -o threaded -pthread
  hold '' env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./threaded
  local thread dead
  thread=$(cat said)
  refuses 3 "ration: $thread: a thread of process $held; name that one" doctor "$thread"
  finds '' "$held"
  dead=$(pgrep --runstates Z -P "$held")
  refuses 3 "ration: $dead: no process of this pid runs; *" doctor "$dead"
  let_go
}

@test "a process that has no program any more, as threads of the kernel have none" {
  printf '%s\n' '#include <pthread.h>' '#include <stdio.h>' 'static pthread_t leader;' \
    'static void *stay(void *none) { pthread_join(leader, NULL); puts("up"); fflush(stdout);' \
    'while (getchar() != EOF) {} return none; }' \
    'int main(void) { pthread_t thread; leader = pthread_self();' \
    'if (pthread_create(&thread, NULL, stay, NULL)) return 1; pthread_exit(NULL); }' >stays.c
  gcc stays.c -o stays -pthread
  hold up ./stays
  refuses 3 "ration: $held: a thread of the kernel, or at its end: *; name another pid" doctor "$held"
  let_go
}

@test "a forked child that asks for memory later" {
  printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' '#include <sys/wait.h>' '#include <unistd.h>' \
    'int main(void) { free(malloc(10)); pid_t child = fork(); char word;' \
    'if (child) { printf("%d\n", child); fflush(stdout); wait(NULL); return 0; }' \
    'if (read(0, &word, 1) != 1) return 1; free(malloc(10)); if (write(1, "later\n", 6) != 6) return 1;' \
    'return read(0, &word, 1) != 0; }' >forks.c
  gcc forks.c -o forks
  local child
  hold '' env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./forks
  child=$(head -n 1 said)
  finds 'limits no_blocks_yet' "$child"
  json '.verdict == "limited"'
  echo >&9
  until grep -q later said; do sleep 0.01; done
  finds '' "$child"
  let_go
  rm gate
  hold '' env RATION_OPTIONS=keep=1,follow=exec "LD_PRELOAD=$SHIM" ./forks
  finds 'stops passive' "$(head -n 1 said)" # and it never will be
  json '.findings[0].advice | contains("`follow`")'
  echo >&9
  let_go
}

@test "a process whose segment lies elsewhere, or nowhere any more" {
  waiting program
  mkdir elsewhere
  hold up env RATION_OPTIONS=keep=1 "RATION_DIR=$PWD/elsewhere" "LD_PRELOAD=$SHIM" ./program
  finds 'limits other_folders' "$held"
  json --arg folder "$PWD/elsewhere" '.verdict == "limited" and (.findings[0].words | contains($folder))'
  RATION_DIR=$PWD/elsewhere finds '' "$held"
  rm elsewhere/ration.*
  finds 'stops unreadable_segment' "$held"
  json '.findings[0].words | contains("removed")'
  let_go
}

@test "a process that could not be tracked if it were started anew" {
  waiting program -static
  hold up ./program
  finds 'stops static' "$held"
  let_go
  echo 'void _start(void) { for (;;) __asm__ volatile("int $0x80" ::"a"(29)); }' >narrow.c # pause()
  gcc -m32 -nostdlib -static narrow.c -o narrow
  ./narrow 3>&- &
  held=$!
  until [ "$(readlink "/proc/$held/exe")" = "$PWD/narrow" ]; do
    if has_ended "$held"; then held='' && skip "programs of 32 bits do not run here"; fi
    sleep 0.01
  done
  finds 'stops foreign' "$held"
}

@test "a process that has gained privileges" {
  [ "$(id -u)" = 0 ] || skip "needs root, to give a file away"
  waiting program
  chown 65534 program && chmod u+s program
  chmod 755 . ..
  hold up env "LD_PRELOAD=$SHIM" ./program
  finds 'stops privileged' "$held"
  let_go
}

@test "a process of another user's" {
  waiting program
  hold up ./program
  local gate_folder=$PWD
  as_nobody
  run --separate-stderr -3 "${host[@]}" "$RATION" doctor "$held"
  [[ $stderr == "ration: $held: its program cannot be seen: "*'; look as root' ]]
  cd "$gate_folder"
  let_go
  leave_nobody
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
  json '.verdict == "limited" and (.findings[0].advice | contains("keep=1"))'
  let_go
  # What it advises is so, of a filter that kills.
  run -5 "$RATION" run -- "$VICTIMS/sandboxed"
  RATION_OPTIONS=keep=1 LD_PRELOAD=$SHIM run -5 "$VICTIMS/sandboxed"
  RATION_OPTIONS=keep=0 LD_PRELOAD=$SHIM run -159 "$VICTIMS/sandboxed" # 128 + SIGSYS
}

@test "a filter on everything here, as in containers" {
  printf '%s\n' '#include <linux/filter.h>' '#include <linux/seccomp.h>' '#include <sys/prctl.h>' '#include <unistd.h>' \
    'int main(int argc, char **argv) { struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);' \
    'struct sock_fprog program = {.len = 1, .filter = &all};' \
    'if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 1;' \
    'execvp(argv[1], argv + 1); return argc; }' >fence.c
  gcc fence.c -o fence
  waiting program
  host=(./fence)
  finds '' ./program
  notes seccomp_inherited
  agrees true
  hold up ./fence env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./program
  finds '' "$held"
  notes seccomp_inherited
  host=()
  finds 'limits seccomp' "$held" # seen from outside, it has one more
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
  head -c 100 /bin/true >short && chmod +x short
  cp /usr/lib/x86_64-linux-gnu/libm.so.6 library && chmod +x library
  refuses 3 'ration: no-such-program: not found; *' doctor no-such-program
  refuses 3 'ration: ./folder: a folder; name a program in it' doctor ./folder
  refuses 3 'ration: ./plain_file: no file that may be executed; *' doctor ./plain_file
  refuses 3 'ration: : not found; *' doctor ''
  refuses 2 'ration: ./text: no ELF file; *' doctor ./text
  refuses 2 'ration: ./short: *ELF file; *' doctor ./short
  refuses 2 'ration: ./library: a library; *' doctor ./library
  gcc -c -x c /dev/null -o object && chmod +x object
  refuses 2 'ration: ./object: an object file; *' doctor ./object
  sleep 100 3>&- &
  gcore -o core $! >/dev/null 2>&1
  kill $!
  chmod +x core.*
  refuses 2 'ration: ./core.*: a core dump; *' doctor ./core.*
  refuses 2 'ration: 0: no pid; *' doctor 0
  refuses 2 'ration: 99999999999999999999: no pid; *' doctor 99999999999999999999
  refuses 3 'ration: 2147483647: no process of this pid *; *' doctor 2147483647
  refuses 2 'ration: doctor: `b` is not understood, *' doctor sqlite3 b
  bash -c : &
  local ended=$!
  wait "$ended"
  refuses 3 "ration: $ended: no process of this pid *; *" doctor "$ended"
}

@test "a program where none may be executed" {
  in_mounts "mount -t tmpfs -o noexec none /mnt && cp /bin/true /mnt/program"
  run --separate-stderr -3 "${host[@]}" "$RATION" doctor /mnt/program
  [ "$stderr" = 'ration: /mnt/program: its file system is mounted noexec; copy it to another' ]
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
