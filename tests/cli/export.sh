#!/usr/bin/env bash
# recai export: the files, and that TREC tools find the report's own figures in them.
. "$(dirname "$0")/common.bash"

"$make" a.h5
"$make" same.h5 times=other
for format in json csv trec; do
  expect 0 'files written to' "$recai" export a.h5 --format $format --out $format
  "$recai" export a.h5 --format $format --out again -q 2>err
  [ ! -s err ] || fail 'not quiet'
  diff -r $format again || fail "$format differs from run to run"
  "$recai" export same.h5 --format $format --out same -q
  diff -r $format same || fail "$format has times in it"
  rm -r again same
done
[ "$(cd csv && find . -type f | wc -l)" = 16 ] ||
  fail "names: $(cd csv && find . -type f | sort)"
[ -f 'json/retrieval/odd%2F%25name.jsonl' ] || fail 'encoded names'
cmp csv/figures.csv <("$recai" show a.h5 -f csv) || fail figures.csv
cmp json/report.json <("$recai" show a.h5 -f json) || fail report.json
python3 - <<'PY'
import csv, json, math
figures = json.load(open("json/report.json"))["tasks"]
for task in figures:
    rows = list(csv.DictReader(open(f"csv/{task}/ease.samples.csv")))
    lines = [json.loads(l) for l in open(f"json/{task}/ease.jsonl")]
    assert len(rows) == len(lines) == 80
    suffix = "[20]" if task == "ranking20" else ""
    for metric, figure in figures[task]["ease"].items():
        values = [float(r[metric + suffix]) for r in rows if r[metric + suffix] != ""]
        assert len(values) == figure["n"] and abs(sum(values) / len(values) - figure["mean"]) < 1e-12
        assert values == [l["values"][metric] for l in lines if l["values"][metric] is not None]
assert any("€" in l["text"].get("reply", "") for l in map(json.loads, open("json/retrieval/agent.jsonl")))
PY
expect 6 'a.h5' "$recai" export a.h5 --out a.h5/x
expect 2 'did you mean "ease"?' "$recai" export a.h5 --out x --system eas
expect 3 'none.h5' "$recai" export none.h5 --out x

# a run with real lists: eval, which equals trec_eval, finds the same figures
mkdir data
{
  printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'
  for u in $(seq 1 30); do
    for j in 1 2 3 4 5 6; do
      printf 'u%d\ti%d\t%d\t%d\n' "$u" $(((u * u + j * j * 3 + u * j) % 23)) $((j % 5 + 1)) $((u + j * 100))
    done
  done | sort -u -t$'\t' -k1,2
} >data/data.inter
cat >run.yaml <<'YAML'
name: tiny
seeds: [1, 2]
dataset: {type: recbole, path: data, split: {type: leave_one_out, order: [time, file]}}
systems: [{type: pop}, {type: item_knn}, {type: random}]
tasks: [{type: retrieval, k: [1, 5, 10]}, {type: ranking, candidates: 10, k: [1, 5, 10]}]
YAML
"$recai" run run.yaml --out run.h5 -q >/dev/null
"$recai" export run.h5 --format trec --out trec -q
for task in retrieval ranking; do
  for system in pop item_knn random; do
    "$recai" eval -c -m ndcg@5,ndcg@10,hit@5 --format json trec/$task/$system.qrels trec/$task/$system.run >$task.$system.json 2>/dev/null
  done
done
"$recai" show run.h5 -f json >figures.json
python3 - <<'PY'
import json
tasks = json.load(open("figures.json"))["tasks"]
for task in tasks:
    for system in tasks[task]:
        theirs = json.load(open(f"{task}.{system}.json"))["metrics"]
        for metric in theirs:
            ours = tasks[task][system][metric]
            assert abs(theirs[metric]["mean"] - ours["mean"]) < 1e-12, (task, system, metric)
PY
