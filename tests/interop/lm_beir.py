"""Rows exported in BEIR's layout, evaluated by sentence-transformers' InformationRetrievalEvaluator: its figures for
our lists (1e-12), and, with MiniLM, for its own vectors (a query in ties may differ: 0.01)."""
import json
import os
import subprocess
import sys

from lm_common import RECAI, checkpoint, close, finish, need, work_folder, write

(sentence_transformers,) = need("sentence_transformers")
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator  # noqa: E402

K = [1, 5, 10]
NAMES = {"accuracy@k": "hit", "precision@k": "precision", "recall@k": "recall", "mrr@k": "mrr", "ndcg@k": "ndcg",
         "map@k": "map_min"}
DATA = """
dataset: {type: synth, users: 300, items: 200, generator_seed: 42}
defaults: {data: {roles: {lists: [tags], words: [genre, maker], price: price, date: released}, test_rows: 100}}
"""


def run(*arguments):
    done = subprocess.run([RECAI, *arguments, "-q"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"recai {' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def lines(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def evaluator(folder):
    with open(f"{folder}/qrels/test.tsv") as f:
        judgments = [line.rstrip("\n").split("\t") for line in f][1:]
    relevant = {}
    for query, passage, _ in judgments:
        relevant.setdefault(query, set()).add(passage)
    queries = {q["_id"]: q["text"] for q in lines(f"{folder}/queries.jsonl") if q["_id"] in relevant}
    corpus = {p["_id"]: p["text"] for p in lines(f"{folder}/corpus.jsonl")}
    return InformationRetrievalEvaluator(queries, corpus, relevant, accuracy_at_k=K, precision_recall_at_k=K,
                                         mrr_at_k=K, ndcg_at_k=K, map_at_k=K, show_progress_bar=False, batch_size=64,
                                         score_functions={"cosine": sentence_transformers.util.cos_sim})


def our_lists(report, out, system, evaluate):
    """The stored lists of a report in the order of the evaluator's queries."""
    run("export", report, "--format", "trec", "--out", out)
    found = {}
    (path,) = [os.path.join(folder, f) for folder, _, files in os.walk(out) for f in files
               if f.endswith(".run") and system in f]
    with open(path) as f:
        for line in f:
            query, _, passage, _, score, _ = line.split()
            name = query.split("/")[1]  # SEED/QUERY/TURN
            found.setdefault(name, []).append({"corpus_id": passage, "score": float(score)})
    return [found[q] for q in evaluate.queries_ids]


def compare(name, theirs, report, system, tolerance):
    figures = json.loads(run("show", report, "-f", "json"))["tasks"]["search"][system]
    worst = max(abs(theirs[key][k] - figures[f"{ours}@{k}"]["mean"]) for key, ours in NAMES.items() for k in K)
    close(name, worst, tolerance)


with work_folder() as work:
    write(f"{work}/rows.yaml", DATA)
    run("data", "reclm-emb", f"{work}/rows.yaml", "--layout", "beir", "--out", f"{work}/beir")
    minilm = checkpoint("minilm")
    systems = ["{type: bm25, fields: [text]}"]
    if minilm is not None:
        systems.append("{name: minilm, type: embedder, lm: minilm, item_text: [text]}")
    for task in ("sa2i", "nm2i"):  # nothing is masked in these
        folder, report = f"{work}/beir/{task}", f"{work}/{task}.h5"
        write(f"{work}/{task}.yaml", f"dataset: {{type: beir, path: '{folder}'}}\n"
              + (f"lms: {{minilm: {{backend: local, path: '{minilm}', weights: f32}}}}\n" if minilm else "")
              + f"systems: [{', '.join(systems)}]\n"
              "tasks: [{type: search, k: [1, 5, 10], metrics: [hit, precision, recall, mrr, ndcg, map_min]}]\n")
        run("run", f"{work}/{task}.yaml", "--out", report)
        evaluate = evaluator(folder)
        lists = our_lists(report, f"{work}/{task}-trec", "bm25", evaluate)
        compare(f"{task}: our lists, their metrics", evaluate.compute_metrics(lists), report, "bm25", 1e-12)
        if minilm is not None:
            model = sentence_transformers.SentenceTransformer(minilm, device="cpu")
            theirs = evaluate.compute_metrices(model)["cosine"]
            compare(f"{task}: their vectors", theirs, report, "minilm", 0.01)
finish()
