"""Reference outputs of the released RecLM-emb for tests/models/reclm_emb/original/test_golden.c and
tests/harness/tasks/test_emb_reclm.c.

    python reclm_emb.py PATH_OF_RecAI/RecLM-emb OUT_FOLDER

Runs, on an invented catalogue, preprocess/utils.get_item_text and cal_item2pos and the judging functions of
infer_metrics.py (RecAI, revision of 28 Sep 2025). Needs numpy, pandas, tqdm, python-dateutil. Texts and
sets are compared exactly, figures to 1e-12.
"""

import ast
import datetime
import gzip
import hashlib
import json
import math
import os
import random
import sys

import numpy as np

upstream, out = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(upstream, "preprocess"))
import utils  # noqa: E402

np.asfarray = lambda x: np.asarray(x, dtype=float)  # gone in NumPy 2
metrics = {"np": np, "json": json, "datetime": datetime, "random": random}
tree = ast.parse(open(os.path.join(upstream, "infer_metrics.py")).read())
wanted = {"coverage_at_k", "recall_at_k", "precision_at_k", "hit_at_k", "dcg_at_k", "ndcg_at_k",
          "evaluate_once_id", "cal_feature_coverage", "cal_vague_feature_coverage"}
tree.body = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in wanted]
exec(compile(tree, "infer_metrics.py", "exec"), metrics)

N_ITEMS, N_USERS = 1100, 160
rng = random.Random(7)
WORDS = "Amber Birch Cedar Delta Ember Fjord Glade Harbor Iris Juniper Kite Lumen Moss Nectar Opal".split()
TAGS = ["puzzle", "space", "co-op", "calm", "räuber", "2D", "音楽", "story rich", "fast", "night"]
MONTHS = ["January", "may", "July", "DECEMBER", "Feb", "October"]


def name():
    return " ".join(rng.sample(WORDS, 2))


def maybe(item, key, values, share=0.4):
    if rng.random() < share:
        item[key] = rng.choice(values)() if callable(values[0]) else rng.choice(values)


def title():
    return name() + rng.choice(["", "", ",", " 2", "!", ": 音", " ", "\u00a0", ",,"])


def tags():
    return [rng.choice(TAGS) for _ in range(rng.randint(0, 4))]


def date():
    y, m, d = rng.randint(1985, 2024), rng.randint(1, 12), rng.randint(1, 31)
    return rng.choice([f"{y}-{m:02d}-{d:02d}", f"{y}-{m}-{d}", f"{rng.choice(MONTHS)} {d}, {y}",
                       f"{y}", f"May {y}", "Coming soon", "", f"{m:02d}/{d:02d}/{y}"])


def price():
    return rng.choice([0, 0.0, 5, 9.99, 19.989999999999998, 60, 1e-05, 1e15, "4.99", "0", " 7.5 ",
                       "Free to Play", "", "9,99", "1e3", True, None, round(rng.uniform(1, 80), 2)])


def text():
    return rng.choice(["", " ", "(A calm game.)", "  Night falls, again! \n", "…", "\u00a0Fog\u00a0.",
                       f"{name()} returns", "Ends with space \t", "---"])


def catalogue():
    items = []
    for _ in range(N_ITEMS):
        item = {}
        titles = [k for k in ("TitleName", "app_name", "title") if rng.random() < 0.5] or ["title"]
        for key in titles:
            item[key] = title()
        maybe(item, "GPT_tags", ["", "a,b", "a, b,a", "solo", ","], 0.3)
        maybe(item, "tags", [tags, tags, lambda: "xyz", lambda: ""], 0.4)
        maybe(item, "popular_tags", [tags], 0.3)
        maybe(item, "genres", [tags], 0.4)
        maybe(item, "specs", [tags, lambda: ["", ""], lambda: "ab"], 0.4)
        maybe(item, "game_details", ["", "Single-player,Co-op", "VR"], 0.4)
        for key in ("PublisherCurated", "publisher", "DeveloperCurated", "developer", "PrimaryGenre", "SubGenre"):
            maybe(item, key, [name, name, lambda: "", lambda: None], 0.4)
        for key in ("SuggestPrice", "price"):
            maybe(item, key, [price], 0.5)
        for key in ("ReleaseDateCurated", "release_date"):
            maybe(item, key, [date], 0.5)
        for key in ("ProductDescription", "desc_snippet", "game_description", "description"):
            maybe(item, key, [text], 0.35)
        items.append(item)
    return items


def sequences():
    pool = rng.sample(range(1, N_ITEMS + 1), 130)
    weights = [1 / (i + 3) for i in range(len(pool))]
    lines = []
    for user in range(1, N_USERS + 1):
        wanted, chosen = rng.randint(1, 25), []
        while len(chosen) < wanted:
            item = rng.choices(pool, weights)[0]
            if item not in chosen:
                chosen.append(item)
        lines.append(f"{user} " + " ".join(map(str, chosen)))
    return lines


def zipped(path, lines):
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
        f.write("".join(line + "\n" for line in lines).encode())


os.makedirs(out, exist_ok=True)
plain = {}
for label, lines in (("metadata.json", [json.dumps(i, ensure_ascii=False) for i in catalogue()]),
                     ("sequential_data.txt", sequences())):
    plain[label] = os.path.join("/tmp", "reclm_emb_" + label)
    with open(plain[label], "w") as f:
        f.write("".join(line + "\n" for line in lines))
    zipped(os.path.join(out, label + ".gz"), lines)

# ---- item texts and neighbours
texts, titles, features, moments = utils.get_item_text(plain["metadata.json"])
lines = [f"text {i} {hashlib.sha256(texts[i].encode()).hexdigest()[:16]}" for i in range(1, N_ITEMS + 1)]
near = utils.cal_item2pos(plain["sequential_data.txt"])

# which sets hang on the order of ties at the cut
freq, degree = {}, {}
for line in open(plain["sequential_data.txt"]):
    seq = [int(x) for x in line.split()[1:-1]]
    for x in seq:
        degree[x] = degree.get(x, 0) + len(seq) - 1
        for y in seq:
            if x != y:
                freq[x, y] = freq.get((x, y), 0) + 1
for item in sorted(near):
    sims = sorted((n / (math.sqrt(degree[item] * degree[y]) + 10) for (x, y), n in freq.items() if x == item), reverse=True)
    tied = len(sims) > 20 and sims[19] - sims[20] < 1e-12
    lines.append(f"{'tied' if tied else 'near'} {item} " + " ".join(map(str, sorted(near[item]))))
zipped(os.path.join(out, "items.txt.gz"), lines)

# ---- predicates: a test line and the items that satisfy it
lines = []
stats = utils.get_price_date_stats(moments)
known = [i for i in range(1, N_ITEMS + 1) if moments[i]["price"] and moments[i]["release date"]]
random.seed(11)
rest = [i for i in range(1, N_ITEMS + 1) if features[i] and
        all(value != [""] and "" not in value for key, value in features[i] if isinstance(value, list))]
for n in range(60):
    item = rng.choice(rest)
    pool = ([titles[item]] if n % 3 == 0 else []) + features[item]
    _, _, truth = utils.text4query2item(pool, titles[item][1], 1, min(1 + n % 3, len(pool)), 1, 2)
    own = [i for i in range(1, N_ITEMS + 1)
           if metrics["cal_feature_coverage"](truth, dict([titles[i]] + features[i]))]
    lines.append(json.dumps({"file": "query2item", "line": {"item_id": item, "text": "q", "ground_truth": truth},
                             "satisfied": own}, ensure_ascii=False))
for n in range(60):
    item = rng.choice(known)
    m = moments[item]
    _, combine, price_flag, month_flag, year_flag = utils.vaguequery(m["price"], m["release date"], m["next month"],
                                                                    m["last month"], stats)
    if month_flag:
        year_flag = (year_flag[0], year_flag[1].strftime("%B %d, %Y"))
    truth = [combine, price_flag, month_flag, year_flag]
    own = [i for i in range(1, N_ITEMS + 1) if metrics["cal_vague_feature_coverage"](truth, moments[i])]
    lines.append(json.dumps({"file": "vaguequery2item", "line": {"item_id": item, "text": "q", "ground_truth": truth},
                             "satisfied": own}, ensure_ascii=False))
zipped(os.path.join(out, "judged.jsonl.gz"), lines)

# ---- figures of rankings: list, truth -> precision, recall, coverage, ndcg, hit
lines = []
for n in range(240):
    k, n_items = rng.choice([1, 2, 5, 10, 20]), rng.choice([20, 40, 200])
    shown = rng.sample(range(n_items), min(k, n_items) if n % 7 else rng.randint(1, k))
    truth = rng.sample(range(n_items), rng.randint(1, 1 + n % 25 % n_items))
    truth = truth[:20] if n % 5 else truth[0]
    r = metrics["evaluate_once_id"](shown, truth)
    figures = [float(r[m + "@k"]) for m in ("precision", "recall", "coverage", "ndcg", "hit")]
    lines.append(json.dumps({"k": k, "shown": shown, "truth": truth if isinstance(truth, list) else [truth],
                             "figures": figures}))
zipped(os.path.join(out, "rankings.jsonl.gz"), lines)
