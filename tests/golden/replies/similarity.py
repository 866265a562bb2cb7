"""Goldens of title similarity: writes similarity.h5.

scikit-learn 1.9.1: TfidfVectorizer(analyzer=trigrams) with its defaults (smooth idf, L2), fitted to 800 of
1,000 titles, cosines of 5,000 pairs; tolerance 1e-12. The form of a title is that of RecLM-eval,
evaluates/TFIDF_model.py.
"""
import random

import h5py
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from reclm import WORDS, trigrams

N_TITLES, N_CATALOGUE, N_PAIRS = 1000, 800, 5000


def title(rng):
    words = [rng.choice(WORDS) for _ in range(rng.randint(1, 5))]
    words = [w[: rng.randint(2, len(w))] if rng.random() < 0.3 else w for w in words]
    if rng.random() < 0.3:
        words.append(rng.choice(["2", "II", "III", "1999", "of the", "é", "& co", "-", "of", "!"]))
    return " ".join(w.title() if rng.random() < 0.7 else w for w in words)


def main():
    rng = random.Random(7)
    titles = [title(rng) for _ in range(N_TITLES)]
    v = TfidfVectorizer(analyzer=trigrams).fit(titles[:N_CATALOGUE])
    x = v.transform(titles)
    pairs = [[rng.randrange(N_TITLES), rng.randrange(N_CATALOGUE)] for _ in range(N_PAIRS - N_TITLES)]
    everything = (x @ x[:N_CATALOGUE].T).toarray()
    pairs += [[i, int(everything[i].argmax())] for i in range(N_TITLES)]
    a, b = np.array(pairs).T
    cosine = np.asarray(x[a].multiply(x[b]).sum(1)).ravel()
    with h5py.File("similarity.h5", "w", track_order=True) as f:
        put = lambda name, data, t: f.create_dataset(name, data=np.asarray(data, t), compression=9, shuffle=True)
        put("titles", np.frombuffer("\n".join(titles).encode() + b"\n", np.uint8), np.uint8)
        put("n_catalogue", [N_CATALOGUE], np.int64)
        put("pairs", pairs, np.int64)
        put("cosine", cosine, np.float64)
        put("n_at_least_06", (everything >= 0.6).sum(1), np.int64)
        assert np.abs(everything - 0.6).min() > 1e-9


if __name__ == "__main__":
    main()
