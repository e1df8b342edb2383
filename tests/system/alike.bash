# shellcheck shell=bash disable=SC2154 # host is of helpers.bash
# alike.bash: runs victims with the shim and without, and compares. `load alike` after helpers.

# What the shim is told.
options=keep=1

# unharmed LIBRARY NAME ARGS...: the victim over an allocator ("": libc's) says the same with the shim and without, and
# ends with the same status, which `$expected` gives. alike: the same, and it was counted.
alike() {
  unharmed "$@"
  was_tracked "$2"
  note "$2" "${1:-libc}" tracked
}

unharmed() {
  local library=$1 name=$2
  shift 2
  note "$name" "${library:-libc}" begun
  rm -f "$RATION_DIR"/ration.*
  record "plain$library" "${host[@]}" env ${library:+"LD_PRELOAD=$library"} "$VICTIMS/$name" "$@"
  record "shim$library" "${host[@]}" env "RATION_OPTIONS=$options" "LD_PRELOAD=$SHIM:$library" "$VICTIMS/$name" "$@"
  tail -n 4 "plain$library.out" "shim$library.out" "shim$library.err"
  [ "$(cat "plain$library.status")" = "${expected:-0}" ]
  compare "plain$library" "shim$library"
  note "$name" "${library:-libc}" same
}

# note VICTIM LIBRARY WORD: for scripts/reliability, which counts runs, a line in $RATION_RUNS if that is set.
note() {
  local heap=system
  if [[ ,$options, == *,heap=page,* ]]; then heap=page; fi
  if [ -n "${RATION_RUNS:-}" ]; then printf '%s\t%s\t%s\t%s\n' "$1" "$heap" "$2" "$3" >>"$RATION_RUNS"; fi
}

# victim NAME ARGS...: over libc's allocator alone. both_heaps NAME ARGS...: over that, and with heap=page. everywhere NAME
# ARGS...: over each allocator, and with heap=page; under RATION_LONG three times, and with heap=page over each. None of
# them over those in `$but_over`, where the program fails without the shim, too; there `page` is heap=page. `$held_to`
# is alike, or unharmed.
victim() {
  alike "" "$@"
}

both_heaps() {
  only_over=libc everywhere "$@"
}

everywhere() {
  local library times=1
  if [ -n "${RATION_LONG:-}" ]; then times=3; fi
  for _ in $(seq "$times"); do
    for library in "" "${OTHER_ALLOCATORS[@]}"; do
      if [[ " ${but_over:-} " == *" ${library:-libc} "* || ${library:-libc} != "${only_over:-${library:-libc}}" ]]; then continue; fi
      echo "over ${library:-libc}:"
      "${held_to:-alike}" "$library" "$@"
      if ! has_page_heap_left "$library"; then continue; fi
      echo "over ${library:-libc}, heap=page:"
      options=$options,heap=page "${held_to:-alike}" "$library" "$@"
    done
  done
}

# has_page_heap_left LIBRARY: its run with heap=page is due, and another one: no setting says which heap, nor does the build.
has_page_heap_left() {
  [[ -z "$1" || -n "${RATION_LONG:-}" ]] && [[ ,$options != *,heap=* && $RATION_BUILD != *page* ]] &&
    [[ " ${but_over:-} " != *" page "* ]]
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
