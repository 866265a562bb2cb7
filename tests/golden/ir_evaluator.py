#!/usr/bin/env python3
"""Metrics of random rankings by sentence-transformers' InformationRetrievalEvaluator.

    python3 tests/golden/ir_evaluator.py > tests/golden/ir_evaluator.txt

Made with sentence-transformers 6.2.0. A line per ranking: length of the list, number of relevant
documents, 0 or 1 for each place, then accuracy, precision, recall, MRR, nDCG and MAP at 1, 3, 5, 10, 20.
Lists are shorter and longer than the cut-offs, with none to all of the relevant documents. Tolerance 1e-12.
"""
import numpy as np
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

K = [1, 3, 5, 10, 20]
KEYS = ("accuracy@k", "precision@k", "recall@k", "mrr@k", "ndcg@k", "map@k")
rng = np.random.default_rng(23)

for _ in range(250):
    n = int(rng.integers(1, 31))
    hits = (rng.random(n) < rng.choice([0.05, 0.3, 0.9])).astype(int)
    n_relevant = max(1, int(hits.sum()) + int(rng.integers(0, 4)))
    relevant = {f"d{i}" for i in range(n) if hits[i]}
    relevant |= {f"unranked{i}" for i in range(n_relevant - len(relevant))}
    evaluator = InformationRetrievalEvaluator(
        queries={"q": ""}, corpus={f"d{i}": "" for i in range(n)}, relevant_docs={"q": relevant}, accuracy_at_k=K,
        precision_recall_at_k=K, mrr_at_k=K, ndcg_at_k=K, map_at_k=K)
    ranking = [{"corpus_id": f"d{i}", "score": float(-i)} for i in range(n)]
    values = evaluator.compute_metrics([ranking])
    numbers = [values[key][k] for key in KEYS for k in K]
    print(n, n_relevant, *hits, *(repr(float(x)) for x in numbers))
