#!/usr/bin/env bash
# recai completion: the scripts parse where their shell is there, and bash completes.
. "$(dirname "$0")/common.bash"

for shell in bash zsh fish; do
  "$recai" completion $shell >script.$shell
  [ -s script.$shell ] || fail $shell
  if command -v $shell >/dev/null; then
    $shell -n script.$shell || fail "$shell does not parse it"
  fi
done
code=0
"$recai" completion csh 2>err || code=$?
[ $code = 2 ] && grep -q 'bash, zsh, fish' err || fail "csh: $code"

# shellcheck disable=SC1091
source ./script.bash
complete_line() { # complete_line WORD... : candidates for the last word
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _recai
  echo "${COMPREPLY[*]-}"
}
[ "$(complete_line recai sho)" = show ] || fail 'command'
[[ " $(complete_line recai '') " == *' compare '* ]] || fail 'commands'
[ "$(complete_line recai show --form)" = --format ] || fail 'flag'
[ "$(complete_line recai show r.h5 --format j)" = json ] || fail 'choice'
[ "$(complete_line recai show -f m)" = md ] || fail 'choice of a letter'
[ "$(complete_line recai --quiet export --format t)" = trec ] || fail 'after a global flag'
[ -z "$(complete_line recai show r)" ] || fail 'files are for the shell'
