"""Random runs through `recai eval`, pytrec_eval and ranx: every value of every query to 1e-12.

    python3 tests/interop/compare_eval.py build/recai [RUNS=10000] [SEED=1]

Needs pytrec_eval (trec_eval 9's code) and ranx; run by hand, the last result stands in
docs/metrics.md. Per run 1 to 200 queries, lists of 0 to 1000, 0 to 50 relevant documents, grades 0 to
4; every second batch of runs has heavy ties, negative judgments and unjudged documents, which ranx does not
define and sits out. ranx hashes ids into doubles, so ids are small numbers.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pytrec_eval

TREC = ("map,Rprec,bpref,recip_rank,infAP,iprec_at_recall,11pt_avg,P.1,5,10,1000,recall.1,5,10,1000,ndcg,"
        "ndcg_cut.1,5,10,1000,map_cut.1,5,10,1000,success.1,5,10,relative_P.5,10,set_P,set_recall,set_F,"
        "set_map,set_relative_P,binG,G,ndcg_rel,Rndcg,Rprec_mult,utility,num_ret,num_rel,num_rel_ret,"
        "num_nonrel_judged_ret")
BATCH = 50  # runs in one pair of files
RANX = {"ndcg@10": "ndcg@10", "ndcg_burges@10": "ndcg_exp@10", "map@10": "map@10", "map": "map",
        "mrr@10": "mrr@10", "mrr": "recip_rank", "precision@10": "precision@10", "recall@10": "recall@10",
        "f1@10": "f1@10", "hit_rate@10": "hit@10", "r-precision": "r_precision"}


def size(rng, low, high):
    """Log-uniform: most are small, some are large."""
    return int(np.exp(rng.uniform(np.log(low + 1), np.log(high + 1.999)))) - 1


def make_run(qrels, run, name, rng, nasty):
    for q in (f"{name}-{i}" for i in range(size(rng, 1, 200))):
        ids = rng.permutation(2000).astype(str)
        n, n_relevant, n_judged = size(rng, 0, 1000), size(rng, 0, 50), size(rng, 1, 60)
        grades = np.concatenate([rng.integers(1, 5, n_relevant), np.zeros(n_judged, int)])
        if nasty and n_judged > 2:
            grades[n_relevant:n_relevant + 2] = -1, -2
        judged = rng.permutation(ids[:max(n, len(grades))])[:len(grades)]
        qrels[q] = {d: int(g) for d, g in zip(judged, grades)}
        scores = rng.integers(0, 4, n) / 4 if nasty else rng.permutation(n) / 8 - 20
        if n > 0:
            run[q] = {d: float(s) for d, s in zip(ids, scores)}


def write(path, lines):
    with open(path, "w") as f:
        f.writelines(lines)


def ours(recai, folder, measures, *flags):
    command = [recai, "eval", "-q", "--format", "json", "--threads", "1", "-m", measures, *flags,
               os.path.join(folder, "qrels"), os.path.join(folder, "run")]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["queries"]


def worst(pairs):
    return max((abs(a - b) for a, b in pairs), default=0.0)


def compare_pytrec(recai, folder, qrels, run):
    measures = {m for m in TREC_LIST}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)
    mine = ours(recai, folder, TREC, "--trec-compat", "9")
    assert mine.keys() == theirs.keys()
    return worst((mine[q][m], theirs[q][m]) for q in mine for m in mine[q]), sum(map(len, mine.values()))


def compare_ranx(recai, folder, qrels, run):
    import ranx
    binary = {q: {d: min(g, 1) for d, g in docs.items()} for q, docs in qrels.items()}
    order = sorted(qrels)
    full = {q: run.get(q, {"9999": 0.0}) for q in order}  # ranx cannot hold an empty list
    n, largest = 0, 0.0
    mine = ours(recai, folder, ",".join(RANX.values()) + ",rbp.95")
    theirs = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(full), list(RANX), return_mean=False)
    theirs["rbp.95"] = ranx.evaluate(ranx.Qrels(binary), ranx.Run(full), "rbp.95", return_mean=False)
    for name, values in theirs.items():
        for q, value in zip(order, values):
            largest = max(largest, abs(mine[q][RANX.get(name, name)] - value))
            n += 1
    return largest, n


def split(names):
    """"P.1,5,map" -> {"P.1,5", "map"}: what pytrec_eval takes."""
    out = []
    for part in names.split(","):
        if part.replace(".", "").isdigit():
            out[-1] += "," + part
        else:
            out.append(part)
    return out


TREC_LIST = split(TREC)


def main():
    recai, n_runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    rng = np.random.default_rng(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    counts, largest = {"pytrec_eval": 0, "ranx": 0}, {"pytrec_eval": 0.0, "ranx": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        for batch in range(0, n_runs, BATCH):
            nasty = batch // BATCH % 2 == 0
            qrels, run = {}, {}
            for i in range(batch, min(batch + BATCH, n_runs)):
                make_run(qrels, run, f"run{i}", rng, nasty)
            write(os.path.join(folder, "qrels"),
                  (f"{q} 0 {d} {g}\n" for q, docs in qrels.items() for d, g in docs.items()))
            write(os.path.join(folder, "run"),
                  (f"{q} Q0 {d} 0 {s!r} t\n" for q, docs in run.items() for d, s in docs.items()))
            checks = [("pytrec_eval", compare_pytrec)] + ([] if nasty else [("ranx", compare_ranx)])
            for name, check in checks:
                difference, n = check(recai, folder, qrels, run)
                counts[name] += n
                largest[name] = max(largest[name], difference)
                if not difference <= 1e-12:
                    sys.exit(f"runs from {batch} on: {name} differs by {difference}")
            print(f"{batch + BATCH} runs, {counts}", file=sys.stderr, flush=True)
    for name in counts:
        print(f"{name}: {counts[name]} values of {n_runs} runs, largest difference {largest[name]:.2g}")


main()
