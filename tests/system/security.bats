#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words in single quotes are other shells'; a test is a function
# Who is not trusted: other users, what they put where segments lie, and the environment of programs with privileges.

load helpers
load alike
load held

bats_require_minimum_version 1.5.0

# needs_root: to make files of another user.
needs_root() {
  [ "$(id -u)" = 0 ] || skip "needs root, to become another user"
}

as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# open_to_all: another user can reach this folder, and ration, shim and victims in it.
open_to_all() {
  needs_root
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$RATION_DIR"
  cp "$RATION" "$SHIM" "$@" .
}

# shared: the folder of segments is as /dev/shm is, everybody's, and sticky.
shared() {
  chmod 1777 "$RATION_DIR"
}

# ---- the segment, and what stands in its place -------------------------------------------------------------------------

@test "a segment, its copies and recordings are their user's alone" {
  open_to_all "$VICTIMS/work"
  shared
  (umask 0 && expected=4 options="keep=1,report=$PWD/copy,total=1,total.dump=breach" victim work)
  (umask 0 && "${as_nobody[@]}" env "LD_PRELOAD=$PWD/libration.so" RATION_OPTIONS=keep=1 ./work >/dev/null || [ $? = 4 ])
  "$RATION" record -q -o recording -- true
  stat -c '%a %u %h' copy recording "$RATION_DIR"/* | sort | uniq -c >modes
  cat modes
  [ "$(awk '$2 != "600" || $4 != 1' modes)" = '' ]
  [ "$(awk '$3 == 65534 { print $1 }' modes)" = 2 ] # it forks
  [ "$(awk '$3 == 0 { print $1 }' modes)" -ge 4 ]
  run -3 "${as_nobody[@]}" ./ration report "$(find "$RATION_DIR" -user 0 -name '*.0' | head -n 1)"
  said 'ration: *: not readable; read it as its owner or as root'
}

# What stands where the image before this one had its segment: $place. The program runs, has a segment of its own, and does
# not touch what is there, nor what that leads to.
@test "links, pipes, folders, devices and others' files in the place of a segment are left alone" {
  needs_root
  shared
  head -c 8192 /dev/zero | tr '\0' A >precious
  cp precious untouched
  record plain "$VICTIMS/work"
  local plant place old
  for plant in 'ln -s "$PWD/precious" "$place"' 'ln precious "$place"' 'ln -s nowhere "$place"' 'mkfifo "$place"' \
    'mkdir "$place"' 'mknod "$place" c 1 3' 'cp precious "$place"; chown 65534 "$place"' \
    'cp precious "$place"; chmod 666 "$place"' ': >"$place"' 'cp "$old" "$place"'; do
    echo "$plant"
    old=$(find "$RATION_DIR" -name '*.1' | head -n 1)
    cp "${old:-precious}" old
    rm -rf "${RATION_DIR:?}"/*
    record shim env plant="$plant" old="$PWD/old" timeout 60 bash -c '
      place=$RATION_DIR/ration.$(stat -Lc %i /proc/self/ns/pid).$$.$(cut -d" " -f22 /proc/$$/stat).0
      eval "$plant"
      stat -c "%n %F %s %a %u %h" "$place" >before
      exec env RATION_OPTIONS=keep=1 "LD_PRELOAD=$0" "$1"' "$SHIM" "$VICTIMS/work"
    compare plain shim
    place=$(cut -d' ' -f1 before)
    stat -c '%n %F %s %a %u %h' "$place" | cmp before -
    cmp precious untouched
    if [[ $plant == cp* ]]; then cmp -s precious "$place" || cmp old "$place"; fi
    [ "$(figure "${place%0}1" .state)" = exited ]
  done
}

@test "a segment goes to the next folder where the first one is a trap" {
  local trap
  for trap in 'ln -s loop loop' 'mkfifo loop' 'ln -s /dev/null loop' 'mkdir -m 0 loop'; do
    rm -rf loop
    eval "$trap"
    in_mounts "mount --bind '$RATION_DIR' /dev/shm && export RATION_DIR='$PWD/loop'"
    if [[ $trap == mkdir* ]]; then host+=("${as_nobody[@]}") && open_to_all && shared && cp -r "$VICTIMS/work" . && continue; fi
    expected=4 victim work
  done
  VICTIMS=$PWD SHIM=$PWD/libration.so expected=4 victim work
  [ "$(find "$RATION_DIR" -user 65534 | wc -l)" = 2 ] # it forks
}

# ---- the reader --------------------------------------------------------------------------------------------------------

@test "the reader follows nothing, waits for nothing, and opens nothing but files" {
  needs_root
  "${SHIMMED[@]}" true
  local real kind name
  real=$(the_segment)
  mkdir -m 1777 other
  mv "$real" other/
  name=$RATION_DIR/${real##*/}
  for kind in 'ln -s "$PWD/other/${name##*/}" "$name"' 'mkfifo "$name"' 'mkdir "$name"' 'mknod "$name" c 1 3' 'mknod "$name" b 7 99'; do
    eval "$kind"
    run -3 timeout 60 "$RATION" report "$name"
    said "ration: $name: *"
    [[ $output == *'a symbolic link; name the segment itself' || $output == *'no regular file; name a segment' ||
      $output == *'cannot be opened: '* ]]
    timeout 60 "$RATION" list --json | jq -e '.processes == []'
    timeout 60 "$RATION" clean
    [ -e "$name" ]
    rm -r "$name"
  done
  [ -s other/"${real##*/}" ]
}

# Another user's file, by the name of a process of ours, in the folder that all may write to. That it is not in the process's
# own folder lets its number be the same.
@test "what another user says of a process is not believed, and that is said" {
  needs_root
  shared
  mkdir -m 1777 tmp
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  local real forged
  real=$(the_segment)
  forged=$PWD/tmp/${real##*/}
  cp "$real" "$forged"
  # It says that it is the later one: started_at_ns, behind `allocator` and so on, is the last of `started_at_ns, program`.
  /usr/bin/python3 - "$forged" <<'PY'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    header = file.read(4096)
    at = header.index(b"holds_blocks\0") - 8
    started = struct.unpack_from("<Q", header, at)[0]
    file.seek(at)
    file.write(struct.pack("<Q", started + 1000))
    file.seek(at + 8)
    file.write(b"forged\0")
PY
  export TMPDIR=$PWD/tmp
  [ "$(figure "$held" .program)" = forged ] # of root itself: the later one
  chown 65534 "$forged"
  [ "$(figure "$held" .program)" = holds_blocks ]
  run -0 --separate-stderr "$RATION" list --json
  [ "$(jq -r '.processes[].program' <<<"$output")" = holds_blocks ]
  [[ $stderr == "ration: $forged: belongs to user 65534, and process $held does not, so it is not read; "* ]]
  run -3 "$RATION" report "$forged"
  said "ration: $forged: belongs to user 65534, and process $held does not, *"
  let_go
}

@test "root reads what belongs to another user's process, which root sees, and another user does not" {
  open_to_all "$VICTIMS/holds_blocks"
  shared
  hold '' "${as_nobody[@]}" env RATION_OPTIONS=keep=1 "LD_PRELOAD=$PWD/libration.so" ./holds_blocks
  [ "$(figure "$held" .program)" = holds_blocks ]
  run -3 setpriv --reuid=65533 --regid=65533 --clear-groups ./ration report "$held"
  said "ration: $held: *; read it as its owner or as root"
  run -3 setpriv --reuid=65533 --regid=65533 --clear-groups ./ration list
  said 'ration: list: all 1 segments belong to other users; look as root'
  let_go
}

@test "settings go to a segment that nobody else can write to" {
  hold '' "${SHIMMED[@]}" "$VICTIMS/holds_blocks"
  local mode
  for mode in 0660 0606; do
    chmod "$mode" "$(the_segment)"
    run -3 "$RATION" set "$held" memory=1
    said "ration: $held: its segment may be written by others (mode $mode); see chmod(1)"
  done
  let_go
}

# ---- what is swept -----------------------------------------------------------------------------------------------------

# dead COUNT: segments of that many dead processes.
dead() {
  for _ in $(seq "$1"); do LD_PRELOAD=$SHIM "$VICTIMS/ends" _exit || true; done >/dev/null
}

@test "others' segments, links and files that are none are never swept" {
  needs_root
  shared
  dead 66
  local file files
  files=("$RATION_DIR"/ration.*)
  chown 65534 "${files[@]::20}"
  for file in "${files[@]:20:20}"; do echo nothing >"$file"; done
  mkdir others
  for file in "${files[@]:40:20}"; do mv "$file" others/ && ln -s "$PWD/others/${file##*/}" "$file"; done
  dead 70
  for file in "${files[@]::60}"; do [ -e "$file" ]; done
  [ "$(find others -type f | wc -l)" = 20 ]
  [ "$(segments)" -lt $((60 + 64 + 8)) ] # of the others some were
}

@test "where the process's own namespace is not known nothing is swept" {
  in_mounts 'mount -t tmpfs none /proc'
  for _ in $(seq 70); do "${host[@]}" env "LD_PRELOAD=$SHIM" "$VICTIMS/ends" _exit || true; done >/dev/null
  [ "$(segments)" = 70 ]
}

# ---- privileges --------------------------------------------------------------------------------------------------------

# A program that links the shim itself, where the loader drops nothing, and leaves its segment.
linked() {
  gcc -I"$BATS_TEST_DIRNAME/../victims" -I"$BATS_TEST_DIRNAME/../../include" -D_GNU_SOURCE -fno-builtin \
    "$BATS_TEST_DIRNAME/../victims/ends.c" -o linked -pthread -Wl,--no-as-needed "$SHIM" -Wl,-rpath,"$PWD"
  ln -s libration.so libration.so.0
}

# made: segments of these two users, in any folder.
made() {
  find "$RATION_DIR" /dev/shm -name 'ration.*' -newer linked \( -user 65533 -o -user 65534 \)
}

@test "a program with privileges is not touched, whether the shim is preloaded or linked" {
  open_to_all
  shared
  linked
  local way preload
  for way in plain user group capable; do
    cp linked "$way"
    case $way in
    user) chown 65533 "$way" && chmod u+s "$way" ;;
    group) chgrp 65533 "$way" && chmod g+s "$way" ;;
    # CAP_NET_RAW, permitted and effective, as capabilities(7) lays it out
    capable) /usr/bin/python3 -c 'import os
os.setxattr("capable", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))' ;;
    esac
    for preload in '' "$PWD/libration.so"; do
      record "$way" "${as_nobody[@]}" env LD_PRELOAD="$preload" RATION_OPTIONS=keep=1 "./$way" _exit
      compare plain "$way"
      made >segments_made
      case $way in
      plain) [ "$(wc -l <segments_made)" = 1 ] && rm "$(<segments_made)" ;;
      *) [ ! -s segments_made ] ;;
      esac
    done
  done
}

# ---- what is written, and where ----------------------------------------------------------------------------------------

# written FILE: what the traced processes opened for writing, made, renamed or removed.
written() {
  grep -hE '(open|openat|openat2)\(.*(O_WRONLY|O_RDWR|O_CREAT)|^[0-9]+ +(rename|unlink|mkdir|mknod|link|symlink|truncate|chmod|chown|fchmodat|fchownat)[a-z0-9]*\(' "$1" |
    grep -v ' = -1 ' | grep -oE '"[^"]*"' | tr -d '"' | sort -u
}

@test "no option and no variable has the shim write anywhere but to segments and the files named" {
  if ! strace -o traced true; then skip "strace is not permitted here"; fi
  local -A values=([keep]=1 [verbose]=1 [follow]=exec [only]=work [not]=other [transparent]=libc.so.6 [wrapper]=xmalloc
    [inherit]=none [mmap]=1 [memory]=1 [unwind]=fp [outside]=cgroup [accounts]=1 [sample]=1 [report]=$PWD/named.%p
    [report-signal]=USR1 [heap]=page [harden]=1 [decay]=0
    [match]='lib:libc*' [budget]=4096 [policy]=refuse [thresholds]=10/20/30/40 [reserve]=100 [grace]=10 [dump]=breach
    [fail]=every:1000000)
  "$RATION" help config | sed -n '/^\[options\]/,$p' | sed -nE 's/^  ([a-z-]+) .*/\1/p' | sort -u >known
  printf '%s\n' "${!values[@]}" | sort | diff known - # each option and property there is
  local name setting wrong
  for name in "${!values[@]}" RATION_DIR RATION_SESSION RATION_HOME HOME TMPDIR XDG_RUNTIME_DIR; do
    setting=$name=${values[$name]:-}
    if grep -qx "$name" <("$RATION" help config | sed -n '/^\[category/,$p' | sed -nE 's/^  ([a-z-]+) .*/\1/p'); then
      setting=total=1M,total.$setting
      if [ "$name" = match ]; then setting='some.match=lib:libc*'; fi
    fi
    local variables=("RATION_OPTIONS=$setting")
    if [[ $name =~ ^[A-Z] ]]; then variables=("$name=$PWD/elsewhere"); fi
    strace -f -s 300 -o traced -e trace=%file -E "LD_PRELOAD=$SHIM" "${variables[@]/#/-E}" "$VICTIMS/work" >/dev/null 2>&1 || true
    wrong=$(written traced | grep -vE "^($RATION_DIR|/dev/shm)/ration\.[0-9.]+(\.dump\.[0-9]+)?$" || true)
    if [ "$name" = report ]; then wrong=$(grep -vE "^$PWD/(named\.[0-9]+|\.named\.[0-9]+\.[0-9]+)$" <<<"$wrong" || true); fi
    if [ -n "$wrong" ]; then
      echo "$setting: $wrong"
      return 1
    fi
    grep -q 'O_CREAT' traced # it was tracked
  done
  [ "$(find . -name 'named.*' | wc -l)" -ge 1 ]
  [ "$(find . -name 'elsewhere*' | wc -l)" = 0 ]
}

# The kernel's own rules for such folders, which a shell's `>` is held to.
@test "--output does not follow others' links, nor write to their files, where all may write" {
  open_to_all
  "${SHIMMED[@]}" true
  mkdir -m 1777 tmp
  echo precious >precious
  if [ "$(cat /proc/sys/fs/protected_symlinks)" != 1 ]; then skip "fs.protected_symlinks is off"; fi
  ln -s ../precious tmp/link
  ln -s ../nowhere tmp/dangling
  mkfifo tmp/pipe
  echo theirs >tmp/file
  chown -h 65534 tmp/*
  local name
  for name in link dangling; do
    run ! bash -c "echo >tmp/$name" 2>/dev/null
    run -3 timeout 60 "$RATION" list --output "tmp/$name"
    said "ration: tmp/$name: *Permission denied*"
    run ! timeout 60 "$RATION" record -q -o "tmp/$name" -- true
  done
  [ "$(cat precious)" = precious ]
  [ ! -e nowhere ]
  if [ "$(cat /proc/sys/fs/protected_regular)" != 0 ]; then
    run -3 "$RATION" list --output tmp/file
    said 'ration: tmp/file: *Permission denied*'
    [ "$(cat tmp/file)" = theirs ]
  fi
  # One's own are followed, as they always were.
  ln -s ../precious tmp/own
  "$RATION" list --output tmp/own
  grep -q true precious
}

@test "report=FILE follows no link, and takes the place of none, nor of a pipe" {
  open_to_all "$VICTIMS/work"
  mkdir -m 1777 tmp
  echo precious >precious
  local user name as
  for user in 0 65534; do
    as=(setpriv --reuid="$user" --regid="$user" --clear-groups env "LD_PRELOAD=$PWD/libration.so")
    for name in link pipe; do
      rm -f tmp/*
      ln -s ../precious tmp/link
      mkfifo tmp/pipe
      chown -h 65533 tmp/*
      run -4 timeout 60 "${as[@]}" RATION_OPTIONS="report=$PWD/tmp/$name" ./work
      [ "$(cat precious)" = precious ]
      [ -p tmp/pipe ]
      [ "$(readlink tmp/link)" = ../precious ]
      [ "$(find tmp -name '.*.*' | wc -l)" = 0 ]
    done
  done
}
