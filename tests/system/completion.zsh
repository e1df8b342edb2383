# completion.zsh: types each LINE and a tab into a zsh that has the completion of `ration`; prints for each what zsh
# answers, and then <the line as it is then>.
#
#   zsh -f completion.zsh SETUP LINE...      SETUP: what loads the completion
zmodload zsh/zpty

say() {
  zpty -w it "$1"
}

# until_has PATTERN: reads until that has come, into $seen.
until_has() {
  local chunk
  seen=
  while [[ $seen != *$~1* ]]; do
    zpty -r it chunk || { print -r -- "zsh has ended: $seen"; exit 1 }
    seen+=$chunk
  done
}

setup=$1
shift
zpty it TERM=dumb zsh -f -i
say 'PS1=; PS2=; PROMPT_EOL_MARK=; unsetopt beep prompt_sp; bindkey -e; stty cols 200 rows 50'
say $setup
say 'show() { print -r -- "E""ND<$BUFFER>"; BUFFER= }; zle -N show; bindkey "^T" show'
say 'LISTMAX=0; setopt noalwayslastprompt; print REA""DY'
until_has READY
for line; do
  zpty -w -n it "$line"$'\t'$'\x14'
  until_has 'END<*>'
  print -r -- "${${seen//$'\r'/}/END</<}"
done
zpty -d it
