# shellcheck shell=bash
# topping.bash: `ration top` on a terminal of tmux's, whose keys are typed and whose screen is read. `load topping` behind
# `load helpers`; whoever has a teardown of his own calls end_terminal there.

# on_screen WIDTH HEIGHT CMD: sh has it on a terminal of that size, and says its status when it ends.
on_screen() {
  export TMUX_TMPDIR=$PWD
  unset TMUX NO_COLOR LINES COLUMNS
  tmux -f /dev/null new-session -d -x "$1" -y "$2" "stty -a >before; $3; echo status \$?; stty -a >after; cat" \
    3>&- 7>&- 8<&- 9>&-
}

# type_keys KEY...: as tmux calls them.
type_keys() {
  tmux send-keys "$@"
}

# type_text TEXT: character by character.
type_text() {
  tmux send-keys -l "$1"
}

# read_screen: leaves what is on the screen in `screen`.
read_screen() {
  tmux capture-pane -p "$@" >screen
}

# until_shows REGEX [OPTION...]: waits until a line of the screen fits; OPTION is of capture-pane.
until_shows() {
  local tries regex=$1
  shift
  for tries in {1..3000}; do
    read_screen "$@"
    if grep -qE -- "$regex" screen; then return 0; fi
    sleep 0.02
  done
  echo "after $tries tries no line fits $regex:"
  cat screen
  return 1
}

# until_gone REGEX: waits until no line of the screen fits.
until_gone() {
  local tries
  for tries in {1..3000}; do
    read_screen
    if ! grep -qE -- "$1" screen; then return 0; fi
    sleep 0.02
  done
  echo "after $tries tries a line still fits $1:"
  cat screen
  return 1
}

# has_left STATUS: top has, and the terminal is as it was.
has_left() {
  until_shows "^status $1\$"
  until [ -s after ]; do sleep 0.01; done
  diff before after
  [ "$(tmux display-message -p '#{alternate_on}#{cursor_flag}')" = 01 ]
  end_terminal
}

# end_terminal: the test's own, if it has one; and its server has gone, before another comes to its socket.
end_terminal() {
  local server
  if [ "${TMUX_TMPDIR:-}" != "$BATS_TEST_TMPDIR" ]; then return; fi
  server=$(tmux display-message -p '#{pid}' 2>/dev/null) || return 0
  tmux kill-server 2>/dev/null || true
  until has_ended "$server"; do sleep 0.01; done
}
