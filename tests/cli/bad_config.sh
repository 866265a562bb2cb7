#!/usr/bin/env bash
# Bad configs, bad data under a config, places that cannot be written: the exit code says which, one
# message says where and what to do, and what an earlier run left is intact.
set -euo pipefail
recai=$1
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

fail() { echo "FAILED: $*" >&2; exit 1; }
expect() { # expect CODE TEXT command...
  local code=0 want=$1 text=$2
  shift 2
  "$@" >out 2>err || code=$?
  [ "$code" = "$want" ] || fail "$*: exit $code, wanted $want: $(cat err)"
  grep -qF -- "$text" err || fail "$*: no '$text' in: $(cat err)"
  [ "$(grep -c '^recai: ' err)" = 1 ] || fail "$*: not one message: $(cat err)"
}
config() { cat >c.yaml; }
refuse() { # refuse TEXT <config: run and validate alike, exit 2, nothing is made
  config
  rm -rf o.h5 o.run
  expect 2 "$1" "$recai" validate c.yaml
  expect 2 "$1" "$recai" run c.yaml --out o.h5
  [ ! -e o.h5 ] && [ ! -e o.run ] || fail "$1: something was made"
}
data='dataset: {type: synth, users: 50, items: 30}'
systems='systems: [{type: pop}]'
tasks='tasks: [{type: retrieval, k: 5}]'

# the text
refuse 'empty: nothing is configured' <<<''
printf 'name: x\n\tseed: 1\n' | refuse 'c.yaml:2:1: tab used as indentation'
printf 'seed: 1\nname: x\nseed: 2\n' | refuse 'c.yaml:3:1: duplicate key "seed" (first on line 1)'
printf 'name: \xff\xfe\n' | refuse 'not valid UTF-8'
printf 'name: [a\n' | refuse 'c.yaml:2:1:'
printf -- '- 1\n' | refuse 'a config is a mapping'
printf 'name: !!python/object x\n' | refuse 'c.yaml:1:7: tags are not allowed'
head -c 10000 /dev/zero | tr '\0' '[' | sed 's/^/name: /' | refuse 'nested deeper than 64 levels'
{ echo 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]'
  for i in 1 2 3 4 5 6 7 8 9; do p=$((i - 1)); echo "a$i: &a$i [*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p]"; done
} | refuse 'more than 200000 values'

# the keys
refuse "c.yaml:4:1: sysetms: unknown key, did you mean \"systems\"?" <<<"$data
$systems
$tasks
sysetms: []"
refuse "lambda: expected a number, got \"big\"" <<<"$data
systems: [{type: ease, lambda: big}]
$tasks"
refuse 'c.yaml:2:24: lamda: unknown key, did you mean "lambda"?' <<<"$data
systems: [{type: ease, lamda: 3}]
$tasks"
refuse 'unknown system "eaze", did you mean "ease"?' <<<"$data
systems: [{type: eaze}]
$tasks"
refuse 'unknown metric "ndgc", did you mean "ndcg"?' <<<"$data
$systems
tasks: [{type: retrieval, metrics: [ndgc]}]"
refuse 'no system is named "eese"' <<<"$data
$systems
$tasks
expected: [{system: eese, task: retrieval, metric: ndcg@5, value: 1, digits: 4}]"
refuse 'unknown back end "cloud"' <<<"$data
$systems
$tasks
lms: {gpt: {backend: cloud}}"
refuse 'includes itself' <<<"include: c.yaml
$data
$systems
$tasks"
config <<<"$data
$systems
$tasks"
expect 2 'unknown key, did you mean "fit_on"?' "$recai" validate c.yaml --set systems.pop.fit_in=all
expect 2 'no entry is named "poo"' "$recai" validate c.yaml --set systems.poo.fit_on=all
expect 2 'absent.yaml' "$recai" run absent.yaml
expect 2 'unknown flag --sett' "$recai" run --sett x c.yaml
expect 2 'argument missing' "$recai" run

# a good run, whose report outlives all that follows
"$recai" run c.yaml --out good/r.h5 -q >/dev/null || fail 'the good run'
sum=$(sha256sum good/r.h5)

# the data under a config: exit 3, with file and line
read_sequence() { # read_sequence CODE TEXT [option]: data in s.txt
  config <<<"dataset: {type: sequence, path: s.txt${3:+, $3}}
$systems
tasks: [{type: ranking, negatives: stored, candidates: 0, k: 1}, {type: retrieval, k: 1}]"
  expect "$1" "$2" "$recai" run c.yaml --out good/r.h5
}
: >s.txt
read_sequence 3 's.txt'
printf '1 a b c d\n2 a c b d\n3 a d\xff\n' >s.txt
read_sequence 3 's.txt:3'
printf '1 a b c d\n2 b c a d\n' >s.txt
read_sequence 3 'the data set has none'
printf '1 b d\n2 c\n' >n.txt
read_sequence 3 'the stored negatives of user "1" contain "d"' 'negative_samples: n.txt'
printf '1 a b\n' >s.txt
printf '1 x\n' >n.txt
read_sequence 3 '' 'negative_samples: n.txt'
expect 3 'nowhere' "$recai" run c.yaml --set dataset.path=data:nowhere --out good/r.h5

# places
config <<<"$data
$systems
$tasks"
mkdir closed && chmod 500 closed
if [ "$(id -u)" != 0 ]; then expect 6 'closed' "$recai" run c.yaml --out closed/r.h5; fi
expect 6 'good/r.h5: cannot make the folder' "$recai" run c.yaml --out good/r.h5/not-a-folder/r.h5
if [ -w /dev/full ]; then
  code=0
  "$recai" run c.yaml --out good/r.h5 -q >/dev/full 2>err || code=$?
  [ "$code" = 6 ] || fail "full stdout: exit $code: $(cat err)"
fi
code=0
"$recai" run c.yaml --out good/r.h5 -q >&- 2>err || code=$?
[ "$code" = 6 ] || fail "closed stdout: exit $code: $(cat err)"

# reports and run directories that are none
head -c 1000 good/r.h5 >cut.h5
expect 3 'cut.h5' "$recai" show cut.h5
echo 'no report' >foreign.h5
expect 3 'foreign.h5' "$recai" show foreign.h5
expect 3 'not a run directory' "$recai" score foreign.h5
expect 3 'not a run directory' "$recai" recommend foreign.h5 --system pop --user 1
expect 2 'did you mean "pop"?' "$recai" recommend good/r.h5 --system popp --user 1
expect 3 'no user has the id' "$recai" recommend good/r.h5 --system pop --user nobody
expect 3 'no item has the id' "$recai" recommend good/r.h5 --system pop --history nothing
expect 2 'give --user, --history or --query' "$recai" recommend good/r.h5 --system pop

[ "$("$recai" show good/r.h5 --format json | grep -o '"content_hash":"[0-9a-f]*"')" != '' ] || fail 'the good report is gone'
[ "$(sha256sum good/r.h5)" = "$sum" ] || echo 'the good report was written again by a run that failed on stdout only'
