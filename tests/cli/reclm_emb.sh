#!/usr/bin/env bash
# RecLM-emb from the command line: rows and their audit, a run with its gate, free-text requests.
source "$(dirname "$0")/common.bash"

cat >emb.yaml <<'YAML'
name: emb
seed: 1
dataset: {type: synth, users: 200, items: 120, generator_seed: 42}
defaults:
  data: {roles: {lists: [tags], words: [genre], price: price, noun: film, nouns: films}, train_rows: 300, test_rows: 60}
  new: {layers: 1, d_model: 32, d_ff: 64, heads: 2, vocab_size: 600}
systems:
  - {name: tuned, type: reclm_emb, train: {pairs: 1600, group: 1, tuning: {batch_size: 16, optimizer: {lr: 0.004}, training: {epochs: 2}}}}
  - {type: chance}
  - {name: oracle, type: ideal}
tasks: [{type: emb_sa2i, k: [5]}]
expected: [{system: tuned, task: emb_sa2i, metric: ncoverage@5, value: 0.05, tol: 0, side: at_least}]
YAML

# rows: the same bytes again, nothing shared
expect 0 '' "$recai" data reclm-emb emb.yaml --out a
grep -q '0 users, 0 items, 0 templates, 0 texts, 0 sets of conditions' out || fail 'audit'
expect 0 '' "$recai" data reclm-emb emb.yaml --out b
diff -r a b || fail 'the same seed, other rows'
[ -s a/train/uh2i.jsonl ] && [ -s a/test/sa2i.jsonl ] && [ -s a/items.jsonl ] || fail 'files'
grep -q '"query":' a/train/sa2i.jsonl && grep -q '"ground_truth":\[\[' a/test/sa2i.jsonl || fail 'layout'
expect 0 '' "$recai" data reclm-emb emb.yaml --out c --set defaults.data.wording=a/wording.yaml
diff -r a c || fail 'the words that were written are not those that were used'

# mistakes
expect 2 '--out' "$recai" data reclm-emb emb.yaml
expect 2 'roles: price: the items have no column "prize"' \
  "$recai" data reclm-emb emb.yaml --out d --set defaults.data.roles.price=prize
sed 's/that resemble {query}/similar to {query}/' a/wording.yaml >shared.yaml
expect 2 'stands in two sets' "$recai" data reclm-emb emb.yaml --out d --set defaults.data.wording=shared.yaml

# a run, its gate, requests
expect 0 '' "$recai" run emb.yaml --gate --quiet
expect 0 '' "$recai" recommend results/emb.h5 -s tuned --query 'a heist film, without fog, price less than 20' -k 3
grep -q 'genre: heist' out && grep -q 'price less than 20' out || fail "request: $(cat out)"

# floor and ceiling: in the table, never among competitors
"$recai" show results/emb.h5 -f csv >shown.csv
python3 - <<'PY'
import csv
mean = {r["system"]: float(r["mean"]) for r in csv.DictReader(open("shown.csv")) if r["metric"] == "ncoverage@5"}
assert abs(mean["oracle"] - 1) < 1e-12 and abs(mean["chance"]) < 1e-9, mean
PY
"$recai" show results/emb.h5 | grep -q '^oracle.* ceiling' || fail 'the ceiling has no mark'
"$recai" compare results/emb.h5 --test bootstrap -m ncoverage@5 -f csv >pairs.csv
[ "$(wc -l <pairs.csv)" = 2 ] || fail "the ceiling competes: $(cat pairs.csv)"
expect 2 'a ceiling, no competitor' "$recai" compare results/emb.h5 -s tuned,oracle
printf 'space\n\nocean\n' >requests
"$recai" recommend results/emb.h5 -s tuned --query - -k 2 <requests >out
[ "$(grep -c '^rank' out)" = 2 ] || fail 'a file of requests'
