#!/usr/bin/env bats
# shellcheck disable=SC2016 # words in single quotes are other shells'
# `ration completion`: what bash, zsh and fish make of it; the shells themselves are asked.
# once: the shells and the tables of the commands are asked, and no shim

load helpers
bats_require_minimum_version 1.5.0

setup_shell() {
  type "$1" || skip "$1 is not installed"
  export PATH=$RATION_BUILD:$PATH
  "$RATION" completion "$1" >script
  "$1" -n script
  mkdir folder
  touch file
}

# tracked: leaves a tracked process's segment, of a session; its pid is in $pid, the session in $session.
tracked() {
  "$RATION" run --quiet --set keep=1 -- ls >/dev/null
  pid=$("$RATION" list --json "$RATION_DIR"/ration.* | jq -r '.processes[0].pid')
  session=$("$RATION" list --json "$RATION_DIR"/ration.* | jq -r '.processes[0].session')
}

# words WORD...: what bash completes the last of them to, on one line.
words() {
  bash --norc -c 'source ./script; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _ration
    printf "%s\n" "${COMPREPLY[@]}" | sort -u | paste -sd " "' - "$@"
}

# completes WORDS... EXPECTED: the words, and all that bash completes the last to.
completes() {
  local got
  got=$(words "${@:1:$#-1}")
  if [ "$got" != "${!#}" ]; then
    echo "expected of ${*:1:$#-1}: ${!#}; got $got"
    return 1
  fi
}

@test "bash completes commands, options, words, files" {
  setup_shell bash
  completes ration rep 'report'
  completes ration report --by --by
  completes ration report --by = 'count lifetime live peak temporary total'
  completes ration report --by = li 'lifetime live'
  completes ration report --by t 'temporary total'
  completes ration report --by live fil 'file'
  completes ration report --by = live fil 'file'
  completes ration report --sysroot f 'folder'
  completes ration report --largest f 'file folder'
  completes ration report --most '' ''
  completes ration plan --dry-run f 'file folder'
  completes ration help rep 'report'
  completes ration export --format p 'pprof'
  completes ration export --by '' 'count live peak temporary total'
  completes ration export --rows '' 'categories sites timeline'
  completes ration diff --by '' 'count live peak total'
  completes ration diff folder fil 'file'
  completes ration record --symbols '' 'end later'
  completes ration record sqlite 'sqlite3'
  completes ration check --max total.peak=1G sqlite 'sqlite3'
  completes ration doctor fil 'file'
  completes ration completion '' 'bash fish zsh'
  completes ration --v '--version'
  completes ration run --set x=1 -- sqlite 'sqlite3'
  completes ration run ls f 'file folder'
  completes ration run ls --output f 'file folder'
  completes ration config file f ''
}

@test "bash completes tracked processes and sessions" {
  setup_shell bash
  tracked
  completes ration report "$pid" "$pid"
  completes ration whose "$pid" "$pid"
  completes ration whose "$pid" '' ''
  completes ration list --session "$session" "$session"
  completes ration list --session la last
}

@test "every command and option of --help is there, in each shell" {
  export PATH=$RATION_BUILD:$PATH
  "$RATION" completion bash >script
  for shell in zsh fish; do "$RATION" completion "$shell" >"$shell"; done
  commands=$("$RATION" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
  [ "$(words ration '')" = "$(sort <<<"$commands" | paste -sd ' ')" ]
  for command in $commands; do
    "$RATION" "$command" --help | grep -oE '^ {2,6}(-.,)? ?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort >said
    [ "$(words ration "$command" --)" = "$(paste -sd ' ' said)" ]
    sed -n "/^  $command)/,/;;/p" zsh | grep -oE -- '[,( ]?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u >offered
    grep -Fxf said offered | sort -u | cmp - said
    sed -n "s/.*'__ration_is $command'.* -l \([a-z-]*\).*/--\1/p" fish | sort | cmp - said
  done
}

@test "words of an option are those that the command knows" {
  setup_shell bash
  [ "$(words ration export --format '')" = \
    "$("$RATION" export --help | sed -n '/^Formats:/,$s/^  \([a-z]*\) .*/\1/p' | sort | paste -sd ' ')" ]
  # Each is taken: what is missing is another thing.
  for option in 'report --by' 'export --format json --by' 'export --rows' 'diff --by' 'record --symbols'; do
    # shellcheck disable=SC2086
    for word in $(words ration $option ''); do
      # shellcheck disable=SC2086
      run "$RATION" $option "$word"
      [[ $output != *"$word"'`: '* && $output != *'`'"$word"'` is not understood'* ]] || { echo "$option $word: $output"; false; }
    done
  done
}

@test "bash, as one types" {
  setup_shell bash
  printf 'source ./script\nration rep\t\nexit 0\n' |
    TERM=dumb script -qec 'bash --norc -i' /dev/null >typed
  grep -q 'ration report' typed
}

@test "fish completes" {
  setup_shell fish
  tracked
  # of LINE: what fish completes it to, on one line.
  of() {
    fish --no-config -c "source ./script; complete -C '$1'" | cut -f1 | sort | paste -sd ' '
  }
  [ "$(of 'ration rep')" = 'report' ]
  [ "$(of 'ration report --by=li')" = '--by=lifetime --by=live' ]
  [ "$(of 'ration report --by li')" = 'lifetime live' ]
  [ "$(of 'ration report --sysroot fo')" = 'folder/' ]
  [ "$(of 'ration report fi')" = 'file' ]
  [ "$(of "ration report $pid")" = "$pid" ]
  [ "$(of "ration list --session $session")" = "$session" ]
  [ "$(of 'ration list --session la')" = last ]
  [ "$(of 'ration help rep')" = report ]
  [ "$(of 'ration completion ')" = 'bash fish zsh' ]
  [ "$(of 'ration run sqlite')" = sqlite3 ]
  [ "$(of 'ration help --by')" = '' ]
  # By their places, wherever options stand and what those take.
  [ "$(of 'ration config file fi')" = '' ]
  [ "$(of 'ration config --output file fi')" = file ]
  [ "$(of 'ration help report re')" = '' ]
  [ "$(of 'ration diff folder fi')" = file ]
  [ "$(of 'ration diff --by live folder fi')" = file ]
  [ "$(of 'ration diff folder file fi')" = '' ]
  [ "$(of "ration whose $pid $pid")" = '' ]
  [ "$(of "ration list file $pid")" = "$pid" ]
  [ "$(of "ration record --interval 1s $pid")" = "$pid" ]
  [ "$(of 'ration run ls fi')" = file ]
  fish --no-config -c 'source ./script; complete -C "ration rep"' | grep -q $'^report\tshow the table'
}

@test "zsh completes, read from a file and by source" {
  setup_shell zsh
  tracked
  mkdir functions
  cp script functions/_ration
  for setup in 'autoload -Uz compinit; compinit -u -d ./dump; source ./script' \
    'fpath=(./functions $fpath); autoload -Uz compinit; compinit -u -d ./other_dump'; do
    timeout 60 zsh -f "$BATS_TEST_DIRNAME/completion.zsh" "$setup" 'ration repo' 'ration report --by=li' 'ration report --by lif' \
      'ration report --sysroot fo' 'ration report fil' "ration report $pid" "ration list --session $session" \
      'ration list --session la' 'ration help rep' 'ration completion ba' 'ration run -- sqlite' 'ration list --se' \
      'ration run -- ls fil' 'ration plan --dry-run=fi' >answers
    while read -r line; do
      grep -qxF -- "<$line>" <(grep -o '<[^<>]*>$' answers | sed 's/ >$/>/') || { echo "no <$line> in:"; cat answers; false; }
    done <<END
ration report
ration report --by=li
ration report --by lifetime
ration report --sysroot folder/
ration report file
ration report $pid
ration list --session $session
ration list --session last
ration help report
ration completion bash
ration run -- sqlite3
ration list --session=
ration run -- ls file
ration plan --dry-run=file
END
    grep -q 'lifetime  live' answers
  done
}

@test "what completion cannot do is said in one line" {
  refuses 2 'ration: completion: takes the name of a shell: bash, zsh or fish' completion
  refuses 2 'ration: tcsh: no shell that is known here; expected bash, zsh or fish' completion tcsh
  refuses 2 'ration: completion: `zsh` is not understood, *' completion bash zsh
}
