"""Rankings with every nuisance and the per-query values pytrec_eval gives: python3 make.py.

Made with pytrec_eval-terrier 0.5.11 (trec_eval 9's code: scores compared in single precision), NumPy
2.4.6. Writes qrels.txt, run.txt and values.txt (query, measure, value with 17 digits) beside itself.
tests/harness/trec/test_evaluate.c wants 1e-12. Most scores are exact in single precision, so that
the order is the same in double; those of queries named "close" differ by 1e-9 only.
"""
import os
import numpy as np
import pytrec_eval

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20240502)


def levels(n, kind):
    if kind == "binary":
        return rng.choice([0, 1], n)
    if kind == "graded":
        return rng.choice([0, 0, 1, 2, 3, 4], n)
    if kind == "negative":
        return rng.choice([-2, -1, 0, 1, 2], n)
    return np.zeros(n, int)  # none relevant


def scores(n, kind):
    if kind == "distinct":
        return rng.permutation(n) * 0.5 - 8
    if kind == "tied":
        return rng.choice([-1.5, 0.0, 0.25, 3.0], n)
    if kind == "equal":
        return np.full(n, 0.5)
    return 1.0 + rng.permutation(n) * 1e-9  # equal in single precision


def query(judged, ranked, score_kind, level_kind):
    pool = [f"d{i}" for i in range(judged + ranked)] + ["D1", "zz", "\u00e9", "d"]
    docs = list(rng.permutation(pool))
    qrel = {d: int(l) for d, l in zip(docs[:judged], levels(judged, level_kind))}
    listed = list(rng.permutation(docs[judged // 2:judged // 2 + ranked]))
    return qrel, {d: float(s) for d, s in zip(listed, scores(ranked, score_kind))}


qrels, run = {}, {}
for score_kind in ("distinct", "tied", "equal", "close"):
    for level_kind in ("binary", "graded", "negative", "none"):
        for judged, ranked in ((1, 1), (6, 12), (40, 25)):
            name = f"{score_kind}-{level_kind}-{judged}"
            qrels[name], run[name] = query(judged, ranked, score_kind, level_kind)
qrels["absent"] = {"a": 1, "b": 0}
run["unjudged-query"] = {"a": 1.0}
run["distinct-binary-6"] = {"nobody": 1.0, "knows": 0.5}  # only unjudged documents

measures = {"num_ret", "num_rel", "num_rel_ret", "map", "Rprec", "bpref", "recip_rank", "iprec_at_recall",
            "P.1,5,10,1000", "recall.1,5,10,1000", "infAP", "Rprec_mult", "utility", "11pt_avg", "binG", "G",
            "ndcg", "ndcg_rel", "Rndcg", "ndcg_cut.1,5,10,1000", "map_cut.1,5,10,1000",
            "relative_P.1,5,10,1000", "success", "set_P", "set_relative_P", "set_recall", "set_map", "set_F",
            "num_nonrel_judged_ret"}
values = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)

with open(os.path.join(HERE, "qrels.txt"), "w") as f:
    for q, docs in qrels.items():
        for d, level in docs.items():
            f.write(f"{q} 0 {d} {level}\n")
with open(os.path.join(HERE, "run.txt"), "w") as f:
    lines = [f"{q} Q0 {d} 0 {score!r} golden\n" for q, docs in run.items() for d, score in docs.items()]
    f.writelines(lines[i] for i in rng.permutation(len(lines)))  # order in the file must not matter
with open(os.path.join(HERE, "values.txt"), "w") as f:
    for q in sorted(values):
        for m in sorted(values[q]):
            f.write(f"{q} {m} {values[q][m]:.17g}\n")
