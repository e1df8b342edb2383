# shellcheck shell=bash disable=SC2154 # host is of helpers.bash
# alike.bash: runs victims with the shim and without, and compares. `load alike` after helpers.

# What the shim is told.
options=keep=1

# unharmed LIBRARY NAME ARGS...: the victim over an allocator ("": libc's) says the same with the shim and without, and
# ends with the same status, which `$expected` gives. alike: the same, and it was counted.
alike() {
  unharmed "$@"
  was_tracked "$2"
}

unharmed() {
  local library=$1 name=$2
  shift 2
  rm -f "$RATION_DIR"/ration.*
  record "plain$library" "${host[@]}" env ${library:+"LD_PRELOAD=$library"} "$VICTIMS/$name" "$@"
  record "shim$library" "${host[@]}" env "RATION_OPTIONS=$options" "LD_PRELOAD=$SHIM:$library" "$VICTIMS/$name" "$@"
  tail -n 4 "plain$library.out" "shim$library.out" "shim$library.err"
  [ "$(cat "plain$library.status")" = "${expected:-0}" ]
  compare "plain$library" "shim$library"
}

# victim NAME ARGS...: over libc's allocator alone. everywhere NAME ARGS...: over each, but not
# over `$but_over`.
victim() {
  alike "" "$@"
}

everywhere() {
  local library
  for library in "" "${OTHER_ALLOCATORS[@]}"; do
    if [ "$library" = "${but_over:-none}" ]; then continue; fi
    echo "over ${library:-libc}:"
    alike "$library" "$@"
  done
}

# segments: how many there are. the_segment: the only one.
segments() {
  find "$RATION_DIR" -name 'ration.*' | wc -l
}

# own SEGMENT CATEGORY FIGURE: a category's own figure.
own() {
  figure "$1" ".categories[] | select(.name == \"$2\") | .$3"
}

the_segment() {
  [ "$(segments)" = 1 ] && echo "$RATION_DIR"/ration.*
}
