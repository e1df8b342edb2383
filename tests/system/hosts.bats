#!/usr/bin/env bats
# Where the host is unkind, or the program is not to be tracked: it runs on as without the shim, with what tracking is
# still possible.

load helpers
load alike

# limited LIMITS...: victims run under prlimit. Each further arena of glibc's maps 128 MiB for a moment, to lay 64 of them
# right: where two threads get one at once, the next one's stack finds no room under a limit of 200, with the shim or not.
limited() {
  host=(env MALLOC_ARENA_MAX=1 prlimit "$@")
}

# ---- no room for the segment -------------------------------------------------------------------------------

@test "/dev/shm is too small for some of the segment, or for all" {
  local kib
  for kib in $(seq 4 24 148) $(seq 164 8 204) 260 1024; do
    echo "with $kib KiB:"
    in_mounts "mount -t tmpfs -o size=${kib}k none /dev/shm && unset RATION_DIR"
    expected=4 unharmed "" work 60
  done
  for kib in 100 180; do
    in_mounts "mount -t tmpfs -o size=${kib}k none /dev/shm && unset RATION_DIR"
    held_to=unharmed expected=4 everywhere work 60
  done
}

@test "/dev/shm is full, and many threads come later" {
  in_mounts "mount -t tmpfs -o size=64k none /dev/shm && export RATION_DIR=/dev/shm"
  unharmed "" threads_at_once
  in_mounts "mount -t tmpfs -o size=640k none /dev/shm && export RATION_DIR=/dev/shm"
  unharmed "" threads_at_once
  unharmed "" fork_exact
}

@test "/dev/shm is read-only, or not there" {
  for where in "mount -t tmpfs -o ro none /dev/shm" "umount /dev/shm" \
    "mkdir -p dev && touch dev/null && mount --bind /dev/null dev/null && mount --rbind dev /dev"; do
    echo "after $where:"
    in_mounts "$where && unset RATION_DIR"
    held_to=unharmed expected=4 everywhere work
  done
}

@test "RATION_DIR is no folder that can be written" {
  local folder
  touch file
  for folder in /no/such/folder file "$PWD/file" . "" /proc /sys "$(printf '/%01000d' 0)"; do
    echo "with RATION_DIR=$folder:"
    in_mounts "mount -t tmpfs none /dev/shm && export RATION_DIR='$folder'"
    expected=4 unharmed "" work
  done
}

@test "the segment then lies in /dev/shm" {
  in_mounts "mount --bind '$RATION_DIR' /dev/shm && export RATION_DIR=/no/such/folder"
  expected=4 victim work
}

@test "the segment then lies in TMPDIR" {
  in_mounts "mount -t tmpfs -o ro none /dev/shm && export TMPDIR='$RATION_DIR' && unset RATION_DIR XDG_RUNTIME_DIR"
  expected=4 victim work
}

# ---- limits ------------------------------------------------------------------------------------------------

@test "little address space" {
  local kib
  for kib in 20000 200000 2000000; do
    echo "with $kib KiB:"
    limited "--as=$((kib * 1024))"
    expected=4 unharmed "" work
  done
  [ "$(figure "$(find "$RATION_DIR" -type f | head -n 1)" .passive)" != no_memory ]
  limited --as=50000000
  expected=4 unharmed "" work
  [ "$(figure "$(find "$RATION_DIR" -type f | head -n 1)" .passive)" = no_memory ]
}

@test "little room for data" {
  local kib
  for kib in 3000 6000 12000 50000 400000; do
    echo "with $kib KiB:"
    limited "--data=$((kib * 1024))"
    unharmed "" all_the_data
  done
}

@test "files of no size" {
  local bytes
  for bytes in 0 1 4096 65536; do
    limited "--fsize=$bytes"
    unharmed "" no_file
    [ "$(segments)" = 0 ]
  done
  limited --fsize=2000000
  victim no_file
}

@test "few descriptors" {
  local number
  for number in 4 5 10; do
    host=(bash -c 'for open in {3..255}; do eval "exec $open>&-"; done; ulimit -n "$0"; exec "$@"' "$number")
    held_to=unharmed expected=4 both_heaps work
  done
}

@test "little memory may be locked" {
  if [ "$(id -u)" != 0 ]; then skip "needs root, to become another user"; fi
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" && chmod 1777 "$RATION_DIR"
  cp "$SHIM" "$VICTIMS/locks_its_memory" .
  local heap as=(setpriv --reuid=65534 --regid=65534 --clear-groups prlimit --memlock=65536)
  record plain "${as[@]}" ./locks_its_memory
  [ "$(cat plain.out)" = $'not permitted\ndone' ]
  for heap in system page; do
    rm -f "$RATION_DIR"/*
    record shim "${as[@]}" env "LD_PRELOAD=$PWD/libration.so" RATION_OPTIONS=keep=1,heap=$heap ./locks_its_memory
    cmp plain.out shim.out
    cmp plain.status shim.status
    was_tracked locks_its_memory
  done
}

@test "a program lowers its own limits" {
  options=keep=1,heap=system # the page heap has its address space from the start: a limit refuses nothing
  victim limits_lowered
}

@test "descriptor numbers are the program's" {
  everywhere descriptors
  host=(bash -c '"$@" <&-' bash)
  everywhere descriptors
  host=(bash -c '"$@" <&- 2>&-' bash)
  victim descriptors
}

# ---- another root, no /proc, a sandbox ---------------------------------------------------------------------

@test "no /proc" {
  for where in "umount -l /proc" "mount -t tmpfs none /proc"; do
    in_mounts "$where"
    expected=4 everywhere work
    held_to=unharmed everywhere raw_clone
  done
}

@test "a program that goes to another root" {
  mkdir root
  everywhere chrooted "$PWD/root"
}

@test "a sandbox that allows few system calls" {
  expected=5 both_heaps sandboxed _exit
}

@test "a sandbox that allows to read, to write and to end, for who asks for no more than the heap has" {
  for options in keep=1,heap=system,sample=1 keep=1,heap=page,sample=1,decay=never keep=1,heap=system keep=1,heap=page,decay=never; do
    expected=5 victim sandboxed _exit strictly
    [ "$(figure "$(the_segment)" .losses.untracked_blocks)" = 0 ]
    if [[ $options == *sample* ]]; then [ "$(figure "$(the_segment)" .losses.samples_lost)" -gt 0 ]; fi
  done
  options=keep=1,heap=page,decay=1
  expected=5 victim sandboxed _exit frees
}

@test "a sandbox that allows few system calls, and a normal exit" {
  skip "a normal exit removes the segment, which takes system calls that such a sandbox kills for"
  expected=5 victim sandboxed
}

@test "a pid namespace of its own" {
  if ! unshare --fork --pid true; then skip "pid namespaces are not permitted here"; fi
  host=(unshare --fork --pid)
  expected=4 everywhere work
}

@test "a set-user-ID program, where the loader drops the shim" {
  cp "$VICTIMS/work" set_user_id
  chown 65534 set_user_id
  chmod u+s set_user_id
  chmod 755 . ..
  record plain env ./set_user_id
  record shim env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./set_user_id
  [ "$(cat plain.status)" = 4 ]
  compare plain shim
  [ "$(segments)" = 0 ]
}

# ---- programs and preloads that are not for us -------------------------------------------------------------

@test "a program with a malloc of its own, in whole or in part" {
  local name
  for name in own_malloc partly_own_malloc; do
    held_to=unharmed both_heaps "$name"
    [ "$(figure "$(the_segment)" .passive)" = own_malloc ]
    [ "$(figure "$(the_segment)" .total.subtree_allocations)" = 0 ]
  done
}

@test "a program under AddressSanitizer" {
  gcc -fsanitize=address -I"$BATS_TEST_DIRNAME/../victims" -I"$BATS_TEST_DIRNAME/../../include" -D_GNU_SOURCE \
    "$BATS_TEST_DIRNAME/../victims/work.c" -o asan -pthread
  clang -fsanitize=address -I"$BATS_TEST_DIRNAME/../victims" -I"$BATS_TEST_DIRNAME/../../include" -D_GNU_SOURCE \
    "$BATS_TEST_DIRNAME/../victims/work.c" -o clang_asan -pthread
  export ASAN_OPTIONS=detect_leaks=0
  record plain ./asan
  record shim env RATION_OPTIONS=keep=1 "LD_PRELOAD=$(gcc -print-file-name=libasan.so):$SHIM" ./asan
  compare plain shim
  [ "$(figure "$(the_segment)" .passive)" = sanitizer ]
  rm "$RATION_DIR"/ration.*
  record shim env RATION_OPTIONS=keep=1 "LD_PRELOAD=$SHIM" ./clang_asan
  compare plain shim
  [ "$(figure "$(the_segment)" .passive)" = sanitizer ]
}

@test "the shim is preloaded twice, by one path and by two" {
  cp "$SHIM" copy.so
  local preloads
  record plain env "$VICTIMS/work"
  for preloads in "$SHIM:$SHIM" "$SHIM:$PWD/copy.so" "$PWD/copy.so:$SHIM"; do
    rm -f "$RATION_DIR"/ration.*
    record shim env RATION_OPTIONS=keep=1 "LD_PRELOAD=$preloads" "$VICTIMS/work"
    compare plain shim
    was_tracked work
    for segment in "$RATION_DIR"/ration.*; do [ "$(figure "$segment" .state)" != replaced ]; done
    rm -f "$RATION_DIR"/ration.*
    record shim env "LD_PRELOAD=$preloads" "$VICTIMS/work"
    [ "$(segments)" = 0 ]
  done
}

# ---- who is tracked ----------------------------------------------------------------------------------------

# tracked OPTIONS: what family says of itself, on one line.
tracked() {
  RATION_OPTIONS=$1 LD_PRELOAD=$SHIM "$VICTIMS/family" 2>&1 | tr '\n' ' '
}

@test "follow says which children are tracked" {
  [ "$(tracked keep=1)" = "parent 1 child 1 program 1 program 1 " ]
  [ "$(segments)" = 4 ]
  rm "$RATION_DIR"/ration.*
  [ "$(tracked keep=1,follow=exec)" = "parent 1 child 0 program 1 program 1 " ]
  [ "$(segments)" = 3 ]
  rm "$RATION_DIR"/ration.*
  [ "$(tracked keep=1,follow=none)" = "parent 1 child 0 program 0 program 0 " ]
  [ "$(segments)" = 1 ]
}

@test "only and not say which programs are tracked" {
  cp "$VICTIMS/family" relative
  [ "$(tracked "only=fam*")" = "parent 1 child 1 program 1 program 1 " ]
  rm "$RATION_DIR"/ration.*
  [ "$(tracked "only=relative|other")" = "parent 0 child 0 program 0 program 0 " ]
  [ "$(tracked "not=family")" = "parent 0 child 0 program 0 program 0 " ]
  [ "$(segments)" = 0 ]
  [ "$(tracked "not=relative,keep=1")" = "parent 1 child 1 program 1 program 1 " ]
}

@test "a session that is over means nothing" {
  RATION_SESSION=999999.1 victim ends return || true
  rm -f "$RATION_DIR"/ration.*
  RATION_SESSION=999999.1 LD_PRELOAD=$SHIM "$VICTIMS/work" || [ $? = 4 ]
  [ "$(segments)" = 0 ]
  for session in "" . 1 1. x.y 4294967296.1 99999999999999999999.1; do
    RATION_SESSION=$session LD_PRELOAD=$SHIM "$VICTIMS/work" || [ $? = 4 ]
    [ "$(segments)" = 0 ]
  done
}

# ---- what dead processes leave -----------------------------------------------------------------------------

@test "the oldest segments of many dead processes are swept, never those to keep" {
  local i
  for i in $(seq 5); do "${SHIMMED[@]}" "$VICTIMS/ends" _exit || true; done >/dev/null
  local kept
  kept=$(ls "$RATION_DIR")
  for i in $(seq 70); do LD_PRELOAD=$SHIM "$VICTIMS/ends" _exit || true; done >/dev/null
  [ "$(segments)" -le $((64 + 5 + 1)) ]
  [ "$(segments)" -ge 64 ]
  for i in $kept; do [ -e "$RATION_DIR/$i" ]; done
}

@test "of dead processes that ended at one moment some are swept, too" {
  local i
  for i in $(seq 70); do LD_PRELOAD=$SHIM "$VICTIMS/ends" _exit || true; done >/dev/null
  for i in $(seq 10); do
    touch -d @1000000000 "$RATION_DIR"/*
    LD_PRELOAD=$SHIM "$VICTIMS/ends" _exit >/dev/null || true
  done
  [ "$(segments)" = 65 ]
}

@test "of children that end by _exit few segments are left, however many there were" {
  local i
  for i in 1 2 3; do LD_PRELOAD=$SHIM "$VICTIMS/fork_in_signal_handler"; done
  [ "$(segments)" -ge 64 ]
  [ "$(segments)" -le 150 ] # of 450
}
