#!/usr/bin/env bash
# recai data: every form of input, output formats, conversion, exit codes.
set -euo pipefail
recai=$1
fixtures=$(cd "$(dirname "$0")/../datasets/fixtures" && pwd)
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"
export RECAI_DATA=$fixtures

fail() { echo "FAILED: $*" >&2; exit 1; }
expect() { # expect CODE TEXT command...: exit code and text in the message
  local code=0 want=$1 text=$2
  shift 2
  "$@" >out 2>err || code=$?
  [ "$code" = "$want" ] || fail "$*: exit $code, wanted $want: $(cat err)"
  grep -qF -- "$text" err || fail "$*: no '$text' in: $(cat err)"
}

# the format of a path is guessed
"$recai" data "$fixtures/recbole" >out
grep -q '^interactions  *7$' out || fail 'recbole folder'
grep -q '^test users  *2$' out || fail 'split'
grep -q '^column  *type  *items  *example$' out || fail 'columns'
"$recai" data data:recai >out
grep -q '^items  *3$' out || fail 'recai folder'
"$recai" data --reader sequence "$fixtures/recai/sequential_data.txt" >out
grep -q '^users  *2$' out || fail 'sequence file'

# a config, with an override; the rest of the config may be missing
printf 'seed: 3\ndataset:\n  type: recbole\n  path: data:recbole\n' >c.yaml
"$recai" data c.yaml --set dataset.split.type=none -f json >out
grep -q '"train":7,"valid":0,"test":0' out || fail 'override'
grep -q '"sha256":"[0-9a-f]\{64\}"' out || fail 'hash'
printf 'dataset: {type: synth, users: 20, items: 30}\n' >s.yaml
"$recai" data s.yaml --seed 5 -f csv >one
"$recai" data s.yaml --seed 5 -f csv | diff one - || fail 'same seed'
"$recai" data s.yaml --seed 6 -f csv | diff -q one - >/dev/null && fail 'another seed'

# any format becomes RecBole files, and reads back as the same content
"$recai" data s.yaml --seed 5 --write converted >/dev/null
[ -s converted/synth.inter ] && [ -s converted/synth.item ] || fail 'files'
"$recai" data converted >two
for what in interactions items density 'popularity gini' 'first time' 'items without any metadata'; do
  diff <(grep "^$what " two) <("$recai" data s.yaml --seed 5 | grep "^$what ") || fail "$what"
done

# errors
expect 3 'nowhere: no known format' "$recai" data "$dir/nowhere"
expect 2 'unknown reader "recbol"' "$recai" data --reader recbol "$fixtures/recbole"
printf 'systems: []\n' >n.yaml
expect 2 'no `dataset:` mapping' "$recai" data n.yaml
printf 'dataset: {type: recbole, pth: x}\n' >b.yaml
expect 2 'b.yaml:1:26' "$recai" data b.yaml
printf 'user_id:token\titem_id:token\n1\t\xff\n' >bad.inter
expect 3 'bad.inter:2:3: not UTF-8' "$recai" data bad.inter
expect 2 'data' "$recai" data
"$recai" data c.yaml >/dev/full 2>err && fail 'full output'
grep -q 'No space' err || fail "no reason: $(cat err)"
