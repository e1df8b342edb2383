#!/usr/bin/env bats
# Where symbols come from: the module's file, by whatever path it was loaded; beside it; below --sysroot and --debug-dir;
# from a server of debuginfod; from the map of a runtime that compiles. And what there is where there are none.
# once: how the reporter names addresses

load helpers

bats_require_minimum_version 1.5.0

SOURCE=$BATS_TEST_DIRNAME/../victims/lib_plugged.c

# build: libplugged.so, here.
build() {
  gcc -O1 -g -shared -fPIC -fno-builtin -Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567 "$SOURCE" -o libplugged.so
}

# run_plugged PATH FOLDER: every block a sample; leaves its segment.
run_plugged() {
  rm -f "$RATION_DIR"/ration.*
  env RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD="$SHIM" "$VICTIMS/plugged" "$1" "${2:-.}"
}

# taker OPTIONS...: FUNCTION FILE:LINE of who has taken the 10 blocks, or MODULE+OFFSET; asked from another folder.
taker() {
  (cd / && "$RATION" report --sites --json "$@" "$(find "$RATION_DIR" -name 'ration.*')") |
    jq -r '.processes[0].sites[] | select(.total_blocks == 10 and .frames[0].module == "libplugged.so") | .frames[0]
      | if .function then "\(.function) \(.file // "-" | split("/")[-1]):\(.line)" else "\(.module)+\(.offset > 0)" end'
}

known="plugged_take lib_plugged.c:$(grep -n 'malloc(bytes)' "$SOURCE" | cut -d: -f1)"

@test "a library that was loaded by a relative path, from whatever folder it is looked at, and wherever the program went" {
  build
  mkdir sub
  cp libplugged.so sub/
  for path in ./libplugged.so sub/libplugged.so ././sub/../libplugged.so "$PWD/libplugged.so"; do
    for folder in . /; do
      run_plugged "$path" "$folder"
      [ "$(taker)" = "$known" ]
    done
  done
  LD_LIBRARY_PATH=. run_plugged libplugged.so /
  [ "$(taker)" = "$known" ]
}

@test "a library that is gone, or another one by now, has no names, and no false ones" {
  build
  run_plugged ./libplugged.so
  mv libplugged.so away
  [ "$(taker)" = "libplugged.so+true" ]
  gcc -O1 -g -shared -fPIC -Wl,--build-id=0xffff "$SOURCE" -o libplugged.so
  [ "$(taker)" = "libplugged.so+true" ]
  printf 'no library' >libplugged.so
  [ "$(taker)" = "libplugged.so+true" ]
  rm libplugged.so
  mkfifo libplugged.so
  [ "$(taker)" = "libplugged.so+true" ]
  rm libplugged.so
  mv away libplugged.so
  [ "$(taker)" = "$known" ]
}

# split: the library without debug information, which goes to whole.debug; and its symbols with it.
split() {
  build
  objcopy --only-keep-debug libplugged.so whole.debug
  strip libplugged.so
}

@test "a stripped library has the symbols of the loader, and all of them by a debug file beside it" {
  split
  run_plugged ./libplugged.so
  [ "$(taker)" = "plugged_take -:0" ]
  mv whole.debug libplugged.so.debug
  objcopy --add-gnu-debuglink=libplugged.so.debug libplugged.so
  run_plugged ./libplugged.so
  [ "$(taker)" = "$known" ]
}

@test "--debug-dir: a folder of debug files, by build-id" {
  split
  mkdir -p debug/.build-id/01
  cp whole.debug debug/.build-id/01/23456789abcdef0123456789abcdef01234567.debug
  run_plugged ./libplugged.so
  [ "$(taker)" = "plugged_take -:0" ]
  [ "$(taker --debug-dir "$PWD/debug")" = "$known" ]
  rm libplugged.so
  [ "$(taker)" = "libplugged.so+true" ]
  [ "$(taker --debug-dir "$PWD/debug")" = "$known" ]
  gcc -O1 -g -shared -fPIC -Wl,--build-id=0xffff "$SOURCE" -o debug/.build-id/01/23456789abcdef0123456789abcdef01234567.debug
  [ "$(taker --debug-dir "$PWD/debug")" = "libplugged.so+true" ]
}

@test "--sysroot: the files of the process lie elsewhere" {
  build
  run_plugged ./libplugged.so
  mkdir -p "root$PWD"
  mv libplugged.so "root$PWD/"
  [ "$(taker)" = "libplugged.so+true" ]
  [ "$(taker --sysroot "$PWD/root")" = "$known" ]
  objcopy --only-keep-debug "root$PWD/libplugged.so" whole.debug
  strip "root$PWD/libplugged.so"
  [ "$(taker --sysroot "$PWD/root")" = "plugged_take -:0" ]
  mkdir -p root/usr/lib/debug/.build-id/01
  mv whole.debug root/usr/lib/debug/.build-id/01/23456789abcdef0123456789abcdef01234567.debug
  [ "$(taker --sysroot "$PWD/root")" = "$known" ]
}

# serve FOLDER: by HTTP, on a port of its own; leaves `url`, and the server's number in `server`.
serve() {
  python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$1" >served 2>asked 3>&- &
  server=$!
  until grep -q 'port [0-9]' served; do
    kill -0 "$server"
    sleep 0.05
  done
  url=$(sed -n 's|.*(\(http://[0-9.:]*\)/).*|\1|p' served)
}

teardown() {
  if [ -n "${server:-}" ]; then kill "$server"; fi
}

@test "a server of debuginfod, where DEBUGINFOD_URLS names one" {
  if ! ldconfig -p | grep -q 'libdebuginfod\.so\.1'; then skip "libdebuginfod1 is not installed"; fi
  split
  folder=www/buildid/0123456789abcdef0123456789abcdef01234567
  mkdir -p "$folder"
  cp whole.debug "$folder/debuginfo"
  run_plugged ./libplugged.so
  serve www
  export DEBUGINFOD_CACHE_PATH=$PWD/cache DEBUGINFOD_TIMEOUT=20
  [ "$(taker)" = "plugged_take -:0" ]
  [ ! -s asked ]
  [ "$(DEBUGINFOD_URLS=$url taker)" = "$known" ]
  grep -q '"GET /buildid/0123456789abcdef0123456789abcdef01234567/debuginfo ' asked
  # Its file is gone, and so is the debug file: the server has the library itself.
  build
  mv libplugged.so "$folder/executable"
  rm -r cache "$folder/debuginfo"
  [ "$(taker)" = "libplugged.so+true" ]
  [ "$(DEBUGINFOD_URLS=$url taker)" = "$known" ]
  # A server that is down says nothing, and what is not there is no failure.
  rm -r cache
  kill "$server"
  wait "$server" || true
  server=
  [ "$(DEBUGINFOD_URLS=$url taker)" = "libplugged.so+true" ]
}

@test "code of a runtime that compiles has the names of its map" {
  if ! command -v node >/dev/null; then skip "node is not installed"; fi
  cat >compiled.js <<'EOF'
function growsAndGrows(list) { for (let i = 0; i < 200; i++) list.push(Buffer.allocUnsafeSlow(20000)); return list.length; }
for (let i = 0; i < 300; i++) growsAndGrows([]);
EOF
  RATION_OPTIONS=keep=1,sample=256K LD_PRELOAD=$SHIM node --perf-basic-prof compiled.js &
  pid=$!
  wait "$pid"
  [ -s "/tmp/perf-$pid.map" ]
  "$RATION" report --sites --json "$pid" >named.json
  rm "/tmp/perf-$pid.map"
  "$RATION" report --sites --json "$pid" >nameless.json
  count='[.processes[0].sites[].frames[] | select(.module == null and .function)] | length'
  [ "$(jq "$count" named.json)" -gt 0 ]
  [ "$(jq "$count" nameless.json)" = 0 ]
  jq -e '[.processes[0].sites[].frames[] | select(.module == null) | .function // "" | test("growsAndGrows|compiled\\.js")] | any' named.json
}

@test "a folder that is none is said, and not taken for one without files" {
  touch file
  refuses 2 "ration: --sysroot: \`nowhere\`: no folder" report --sites --sysroot nowhere
  refuses 2 "ration: --debug-dir: \`file\`: no folder" report --leaks --debug-dir file
}
