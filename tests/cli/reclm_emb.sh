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
  - {type: pop}
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
# files of rows made here share nothing, until a test's query is put among those of training
expect 0 '' "$recai" data reclm-emb emb.yaml --out own --layout original
expect 0 '' "$recai" data reclm-emb emb.yaml --out q --set defaults.data.files=own
grep -q '0 users, 0 items, 0 templates, 0 texts, 0 sets of conditions' out || fail 'audit of files'
python3 - <<'PY'
import json
row = json.loads(open("own/train/query2item.jsonl").readline())
row["query"] = json.loads(open("own/test/sparse_query2item.jsonl").readline())["text"]
open("own/train/query2item.jsonl", "a").write(json.dumps(row) + "\n")
PY
expect 3 'the split leaks' "$recai" data reclm-emb emb.yaml --out q --set defaults.data.files=own
expect 0 'shares all this by design' "$recai" data reclm-emb emb.yaml --out q --set defaults.data.files=own \
  --set defaults.data.compat=original

# mistakes
expect 2 '--out' "$recai" data reclm-emb emb.yaml
expect 2 'roles: price: the items have no column "prize"' \
  "$recai" data reclm-emb emb.yaml --out d --set defaults.data.roles.price=prize
sed 's/that resemble {query}/similar to {query}/' a/wording.yaml >shared.yaml
expect 2 'stands in two sets' "$recai" data reclm-emb emb.yaml --out d --set defaults.data.wording=shared.yaml

expect 2 'named twice' "$recai" data reclm-emb emb.yaml --out d --set defaults.data.roles.words='[tags]'
expect 2 'nothing is left for training' \
  "$recai" data reclm-emb emb.yaml --out d --set defaults.data.test_users=0.9 --set defaults.data.dev_users=0.2
expect 2 'history_max: 0 is out of range' "$recai" run emb.yaml --set defaults.data.history_max=0
expect 2 'unknown task "sa3i", did you mean "sa2i"?' "$recai" run emb.yaml --set systems.tuned.train.own_group=sa3i
expect 2 'sa3i: unknown key' "$recai" run emb.yaml --set systems.tuned.train.weights.sa3i=2
expect 2 'would see no negative' "$recai" run emb.yaml --set systems.tuned.train.tuning.in_batch=false
expect 3 'uh2i has no row to test' "$recai" run emb.yaml --set tasks.emb_sa2i.type=emb_uh2i \
  --set dataset.split.type=none --set 'expected=[]'
expect 3 'no row to train on' "$recai" run emb.yaml --out untrained.h5 --set defaults.data.train_rows=0

# texts of a model: asked once, replayed from the file, named in tables; so are recorded ones
cat >texts.yaml <<'YAML'
include: emb.yaml
name: texts
lms: {echo: {backend: scripted, role: echo}}
defaults: {data: {history_max: 2, train_rows: 40, test_rows: 30, generator: local-lm, texts: {lm: echo, file: texts.jsonl}}}
tasks: [{type: emb_us2i, k: [5]}, {type: emb_dialogue, k: [5]}]
expected: []
YAML
expect 2 'texts: {lm: NAME, file: FILE}' "$recai" data reclm-emb emb.yaml --out t --set defaults.data.generator=local-lm
expect 0 '' "$recai" data reclm-emb texts.yaml --out t
grep -q 'us2i train, local-lm-1: ' out || grep -q '"generator":"local-lm-1"' t/train/us2i.jsonl || fail 'no writer named'
cp texts.jsonl once.jsonl
expect 0 '' "$recai" data reclm-emb texts.yaml --out again
cmp texts.jsonl once.jsonl && diff -r t again || fail 'asked twice'
expect 0 '' "$recai" data reclm-emb texts.yaml --out replayed --set defaults.data.generator=replay --set defaults.data.answers=texts.jsonl
sed 's/local-lm-1/replay-1/' t/train/us2i.jsonl | cmp - replayed/train/us2i.jsonl || fail 'replayed texts differ'
printf '{"id":"us2i/train/nobody/0","status":"failed"}\n' >unknown.jsonl
expect 3 'unknown.jsonl:1: "us2i/train/nobody/0": names no user' "$recai" data reclm-emb texts.yaml --out u \
  --set defaults.data.generator=replay --set defaults.data.answers=unknown.jsonl

# the original's rows: what they share is said and no error; its files, written, read and written again
expect 0 'the original shares all this by design' \
  "$recai" data reclm-emb emb.yaml --out o --layout original --set defaults.data.compat=original
grep -q '"item_id":[0-9]*,"text":' o/test/vaguequery2item.jsonl && grep -q '"padding"' o/item_embedding_prompt.jsonl ||
  fail 'layout of the original'
expect 0 '' "$recai" data reclm-emb emb.yaml --out p --layout original --set defaults.data.compat=original \
  --set defaults.data.files=o
diff -r o p || fail 'rows changed on their way through files'
expect 3 'neither in train/ nor in test/' "$recai" data reclm-emb emb.yaml --out q --set defaults.data.files=o/test
echo '{"text": "x"' >>p/test/user2item.jsonl
expect 3 'user2item.jsonl:' "$recai" data reclm-emb emb.yaml --out q --set defaults.data.files=p
expect 0 '' "$recai" run emb.yaml --quiet --set defaults.data.files=o --set defaults.data.compat=original --out o.h5
"$recai" show o.h5 -f csv >original.csv
grep -q "^emb_sa2i,tuned,reclm_coverage@5," original.csv || fail 'figures of the original'

# a model that is not here is refused before any work
sed 's/^systems:/lms: {rule: {backend: scripted}}\n&/; s/type: reclm_emb, /&lm: rule, /' emb.yaml >rule.yaml
for command in validate plan run; do
  expect 2 'rule.yaml:9:40: lm: "rule" (backend: scripted) lacks: train' "$recai" $command rule.yaml
done

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
"$recai" show results/emb.h5 >out
grep -q '^oracle.* ceiling' out || fail 'the ceiling has no mark'
"$recai" compare results/emb.h5 --test bootstrap -m ncoverage@5 -f csv >pairs.csv
[ "$(wc -l <pairs.csv)" = 4 ] || fail "the ceiling competes: $(cat pairs.csv)"
expect 2 'a ceiling, no competitor' "$recai" compare results/emb.h5 -s tuned,oracle

# the same rows for other harnesses, and back: the levels of chance do not change on the way
expect 0 '' "$recai" data reclm-emb emb.yaml --layout beir --out beir
head -1 beir/sa2i/qrels/test.tsv | grep -qx $'query-id\tcorpus-id\tscore' || fail 'qrels'
cat >beir.yaml <<'YAML'
dataset: {type: beir, path: beir/sa2i}
systems: [{type: chance}, {name: oracle, type: ideal}, {type: bm25}]
tasks: [{type: search, k: [5], metrics: [hit, ndcg, recall, mrr, map_min]}]
YAML
expect 0 '' "$recai" run beir.yaml --out beir.h5 --quiet
value() { "$recai" show "$1" -s "$2" -m "$3" -f csv | tail -1 | cut -d, -f4; }
python3 - "$(value beir.h5 chance hit@5)" "$(value results/emb.h5 chance hit@5)" <<'PY'
import sys
assert abs(float(sys.argv[1]) - float(sys.argv[2])) < 1e-12, sys.argv
PY
[ "$(value beir.h5 oracle ndcg@5)" = 1 ] || fail 'ceiling of a BEIR folder'
expect 0 '' "$recai" data beir/uh2i
grep -q 'queries without judgment' out || fail 'the format of a BEIR folder was not guessed'
# items that came after the run: found by their texts at once, nothing trained again, old scores the same (to
# rounding: some products sum in another order where there are more columns)
python3 - "$recai" <<'PY'
import json, subprocess, sys
COLD = [("space", ["stars", "crew"]), ("heist", ["loot", "planning"]), ("western", ["gold", "duels"]),
        ("castle", ["oaths", "royalty"]), ("haunting", ["fog", "ghosts"]), ("robots", ["ethics", "machines"]),
        ("ocean", ["islands", "storms"]), ("kitchen", ["spices", "chefs"])]
with open("cold.jsonl", "w") as f:
    for i, (genre, tags) in enumerate(COLD):
        f.write(json.dumps({"id": f"cold{i}", "title": f"New {i}", "genre": genre, "tags": tags, "price": 3 + i}) + "\n")

def ask(query, *more):
    command = [sys.argv[1], "recommend", "results/emb.h5", "-s", "tuned", "--query", query, "-k", "200", "--format", "csv"]
    lines = subprocess.run([*command, "-q", *more], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split(",")[1]: line.split(",")[:3] for line in lines[1:]}

ranks = []
for i, (genre, tags) in enumerate(COLD):
    query = f"films with genre: {genre}, tags: {', '.join(tags)}"
    found = ask(query, "--items", "cold.jsonl")
    assert len(found) == 128, len(found)
    ranks.append(int(found[f"cold{i}"][0]))
    for item, (_, _, score) in ask(query).items():
        assert abs(float(found[item][2]) - float(score)) < 1e-5, item
# by chance the mean of 8 ranks among 128 is 64.5 with a standard deviation of 13: three of them below it
assert sum(ranks) / len(ranks) < 25, ranks
PY
expect 3 'pop knows the items' "$recai" recommend results/emb.h5 -s pop --items cold.jsonl --query x
echo '{"id": "1", "title": "again"}' >again.jsonl
expect 3 'item "1" is in the data already' "$recai" recommend results/emb.h5 -s tuned --items again.jsonl --query x
echo '{"id": "n", "price": "dear"}' >dear.jsonl
expect 3 'price: "dear" is not a number' "$recai" recommend results/emb.h5 -s tuned --items dear.jsonl --query x

printf 'space\n\nocean\n' >requests
"$recai" recommend results/emb.h5 -s tuned --query - -k 2 <requests >out
[ "$(grep -c '^rank' out)" = 2 ] && head -1 out | grep -qx space || fail 'a file of requests'
"$recai" recommend results/emb.h5 -s tuned --query - -k 2 -f csv <requests >out
[ "$(wc -l <out)" = 5 ] && head -1 out | grep -q '^query,rank,item,score,title,attributes,' || fail 'one table of all'
printf 'heist, price less than 20, without fog\nspace\n' | "$recai" recommend results/emb.h5 -s tuned --query - -k 3 -f json >out
python3 - <<'PY'
import json
first, second = map(json.loads, open("out"))
assert first["query"].startswith("heist") and second["conditions"] == ["genre: space"], second
assert sorted(first["conditions"]) == ["genre: heist", "not tags: fog", "price less than 20"], first
for i, item in enumerate(first["items"]):
    held = dict(zip(first["conditions"], item["holds"]))
    assert item["rank"] == i + 1 and item["title"] and item["id"]
    assert held["genre: heist"] == ("genre: heist" in item["attributes"]), item
    price = [float(p[7:]) for p in item["attributes"].split(", ") if p.startswith("price: ")]
    assert held["price less than 20"] == bool(price and price[0] < 20), item
PY
printf '\xef\xbb\xbfspace\n \t\n' >bom
"$recai" recommend results/emb.h5 -s tuned --query - -k 2 -f json <bom >out
[ "$(wc -l <out)" = 1 ] && grep -q '{"query":"space",' out || fail 'byte order mark, blank lines'
expect 2 '--query: an empty request' "$recai" recommend results/emb.h5 -s tuned --query ' '
expect 2 '--query: not UTF-8 at byte 2' "$recai" recommend results/emb.h5 -s tuned --query $'x\xff'
printf 'space\n\nx\xff\n' >broken
expect 3 'standard input:3: not UTF-8 at byte 2' "$recai" recommend results/emb.h5 -s tuned --query - <broken
printf 'space\0x\n' >broken
expect 3 'standard input:1: a NUL byte' "$recai" recommend results/emb.h5 -s tuned --query - <broken
mkdir taken
expect 2 'taken: a folder; the report is a file' "$recai" run emb.yaml --quiet --out taken
expect 2 'ranks by the answers' "$recai" recommend results/emb.h5 -s oracle --query x

# the same seed: the same report, with one thread, and after a kill in the middle of the tuning
content() { "$recai" show "$1" --format json | grep -o '"content_hash":"[0-9a-f]*"'; }
expect 0 '' "$recai" run emb.yaml --fresh --quiet --threads 1 --out again.h5
[ "$(content again.h5)" = "$(content results/emb.h5)" ] || fail 'the same seed, another report'
"$recai" run emb.yaml --quiet --out killed.h5 \
  --set systems.tuned.train.tuning.training.checkpoint_seconds=0 >out 2>&1 &
pid=$!
for ((i = 0; i < 6000; i++)); do
  [ -n "$(ls killed.run/checkpoints 2>/dev/null)" ] && break
  sleep 0.01
done
kill -9 $pid && wait $pid 2>/dev/null || true
[ ! -e killed.h5 ] || fail 'the kill came too late to prove anything'
expect 0 '' "$recai" run emb.yaml --quiet --out killed.h5 \
  --set systems.tuned.train.tuning.training.checkpoint_seconds=0
"$recai" show killed.h5 --format csv >killed
"$recai" show again.h5 --format csv | diff - killed || fail 'a killed run gives other figures'
"$recai" show again.h5 --training >out
grep -q general_pairs out || fail 'general pairs before and after'
for fact in '"generator":"rules' '"compat":"fixed"' weights_sha256 wall_seconds '"cpu":'; do
  grep -qaF "$fact" again.h5 || fail "the report does not say $fact"
done

# more is asked for than there is
"$recai" recommend results/emb.h5 -s tuned --query space -k 500 >out
[ "$(tail -1 out | awk '{print $1}')" = 120 ] || fail 'all items, once each'
expect 0 '' "$recai" run emb.yaml --quiet --out wide.h5 --set 'tasks.emb_sa2i.k=[500]' --set 'expected=[]'
"$recai" show wide.h5 --format csv >out
! grep -qi 'nan\|inf' out || fail 'undefined figures'

# a model that was tampered with is named, and so is the reason
folder=$(dirname "$(ls results/emb.run/models/*/recai_emb.json)")
cp "$folder/recai_emb.json" manifest
sed 's/"dim":32/"dim":384/' manifest >"$folder/recai_emb.json"
expect 4 'recai_emb.json: it is of an encoder of 384 dimensions, the weights have 32' \
  "$recai" recommend results/emb.h5 -s tuned --query space
sed 's/"pooling":"mean"/"pooling":"cls"/' manifest >"$folder/recai_emb.json"
expect 4 'pooling "cls"' "$recai" recommend results/emb.h5 -s tuned --query space
sed 's/key-value-1/key-value-9/' manifest >"$folder/recai_emb.json"
expect 4 'layout "key-value-9"' "$recai" recommend results/emb.h5 -s tuned --query space
cp manifest "$folder/recai_emb.json"
rm "$folder/recai_emb.json"
expect 4 'recai_emb.json is gone' "$recai" recommend results/emb.h5 -s tuned --query space
cp manifest "$folder/recai_emb.json"
printf x | dd of="$folder/model.safetensors" bs=1 seek=9000 conv=notrunc status=none
expect 4 'written for other weights' "$recai" recommend results/emb.h5 -s tuned --query space
truncate -s 5000 "$folder/model.safetensors"
expect 4 'model.safetensors' "$recai" recommend results/emb.h5 -s tuned --query space
