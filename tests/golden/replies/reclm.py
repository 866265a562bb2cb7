"""Goldens of RecLM-eval's list metrics and error rates: writes reclm.h5.

The formulas of evaluates/evaluate.py and metrics4rec.py (revision of 28 Sep 2025), written again from
their description in docs/replies.md on top of scikit-learn's TfidfVectorizer, over 1,000 synthetic
answers of 1 to 25 titles: repeats, look-alikes, short and non-Latin titles, with and without
candidates. Only numbers and the pool of titles are kept. scikit-learn 1.9.1; tolerance 1e-12.
"""
import math
import random
import re

import h5py
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

WORDS = """dark light ring star night iron river glass stone empire winter ghost road city machine silent
golden last first broken hunter garden shadow planet ocean mountain secret letter summer dream""".split()


def title_pool(rng):
    titles = [
        "Half-Life 2", "Half-Life", "Portal", "Portal 2", "Up", "The Sims 3", "The Sims 4", "Dota 2",
        "Counter-Strike: Source", "Counter-Strike", "Call of Duty: Black Ops",
        "Call of Duty: Black Ops II", "FIFA 19", "FIFA 20", "Halo 1", "Halo 2", "海街日记", "千と千尋の神隠し",
        "It", "Ran", "M", "Me, Myself & Irene", "Amélie", "Die Hard", "Die Hard 2", "Se7en", "1984", "300",
        "Ｆｕｌｌ Ｗｉｄｔｈ", "İstanbul Tales", "the\tTab", "Kelvin 300 \u212a",
    ]
    while len(titles) < 120:
        n = rng.randint(1, 4)
        t = " ".join(rng.choice(WORDS).capitalize() for _ in range(n))
        if rng.random() < 0.3:
            t += rng.choice([" 2", " II", ": The Return", " (1999)", "!", " - Special Edition"])
        if t not in titles:
            titles.append(t)
    return titles


def clean(s):
    s = re.sub(r"[^a-z0-9 ]", "", s.lower())
    return re.sub(r" +", " ", s).strip()


def trigrams(s):
    s = clean(s)
    return [s[i:i + 3] for i in range(len(s) - 2) if " " not in s[i:i + 3]]


def similarities(corpus, titles):
    v = TfidfVectorizer(analyzer=trigrams).fit(corpus)
    m = v.transform(titles)
    return cosine_similarity(m, m)


def list_metrics(sim, predicted, target, k):
    p = predicted[:k]
    rel, hits = [], 0
    for x in p:
        hit = sim[x, target] >= 0.6 and hits < 1
        rel.append(1 if hit else 0)
        hits += hit
    dcg = sum(r / math.log2(i + 2) for i, r in enumerate(rel))
    best = sum(r / math.log2(i + 2) for i, r in enumerate(sorted(rel, reverse=True)))
    precisions = [sum(rel[:i + 1]) / (i + 1) for i, r in enumerate(rel) if r]
    first = rel.index(1) + 1 if 1 in rel else 0
    return [
        dcg / best if best else 0.0,
        sum(rel) / 1,
        1.0 if sum(rel) > 0 else 0.0,
        sum(rel) / len(p),
        sum(precisions) / len(precisions) if precisions else 0.0,
        1 / first if first else 0.0,
    ]


def common(a, b, equal):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if equal(x, y) else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def errors(sim, predicted, history, candidates):
    same = lambda x, y: sim[x, y] >= 0.8
    return [
        float(any(same(x, h) for x in predicted for h in history)),
        float(any(same(x, y) for i, x in enumerate(predicted) for y in predicted[:i])),
        float(any(not any(same(x, c) for c in candidates) for x in predicted) if candidates else 0),
        float(common(predicted, history + candidates, same)),
    ]


def main():
    rng = random.Random(43)
    pool = title_pool(rng)
    n_catalogue = 100  # the last 20 titles are out of the catalogue
    catalogue = pool[:n_catalogue]
    sim_list = similarities(catalogue, pool)
    sim_error = similarities(["padding"] + catalogue, pool)
    rows = {name: [] for name in ("predicted", "history", "candidates")}
    starts = {name: [0] for name in rows}
    targets, metrics, wrong = [], [], []
    for _ in range(1000):
        history = rng.sample(range(n_catalogue), rng.randint(0, 15))
        candidates = rng.sample(range(n_catalogue), 20) if rng.random() < 0.6 else []
        target = rng.choice(candidates) if candidates else rng.randrange(n_catalogue)
        source = candidates if candidates and rng.random() < 0.7 else range(len(pool))
        predicted = [rng.choice(source) for _ in range(rng.randint(1, 25))]
        if rng.random() < 0.3:
            predicted = list(dict.fromkeys(predicted))
        if candidates and rng.random() < 0.2:
            predicted = candidates[: rng.randint(1, 20)]
        if rng.random() < 0.3:
            predicted[rng.randrange(len(predicted))] = target
        for name, row in (("predicted", predicted), ("history", history), ("candidates", candidates)):
            rows[name] += row
            starts[name].append(len(rows[name]))
        targets.append(target)
        metrics.append([list_metrics(sim_list, predicted, target, k) for k in (1, 5, 10, 20)])
        wrong.append(errors(sim_error, predicted, history, candidates))
    for sim, threshold in ((sim_list, 0.6), (sim_error, 0.8)):
        assert np.abs(sim - threshold).min() > 1e-9
    with h5py.File("reclm.h5", "w", track_order=True) as f:
        put = lambda name, x, t: f.create_dataset(name, data=np.asarray(x, t), compression=9, shuffle=True)
        put("pool", np.frombuffer("\n".join(pool).encode() + b"\n", np.uint8), np.uint8)
        put("n_catalogue", [n_catalogue], np.int64)
        put("similarity_list", sim_list, np.float64)
        put("similarity_error", sim_error, np.float64)
        for name in rows:
            put(name, rows[name], np.int64)
            put(name + "_start", starts[name], np.int64)
        put("target", targets, np.int64)
        put("metrics", metrics, np.float64)
        put("errors", wrong, np.float64)


if __name__ == "__main__":
    main()
