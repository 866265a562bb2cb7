#!/usr/bin/env python3
"""Expected scores of recommenders on a small 0/1 matrix, computed densely with numpy and scikit-learn.

    python3 tests/golden/recommenders.py > tests/golden/recommenders.txt

Made with numpy 2.4.6 and scikit-learn 1.9.1. Every block is "TYPE OPTIONS" and then one line of
scores per user, the user's row of the matrix being the query. Tolerance 2e-5 of the largest score
(weights are stored in float32; scikit-learn stops at a duality gap).
"""
import warnings

import numpy as np
from sklearn.linear_model import ElasticNet

warnings.filterwarnings("ignore")
N_USERS, N_ITEMS = 24, 17
rng = np.random.default_rng(2021)
popularity = np.linspace(0.55, 0.08, N_ITEMS)
X = (rng.random((N_USERS, N_ITEMS)) < popularity).astype(float)
X[5] = 0  # a user without history
X[:, 16] = 0  # an item without interactions


def top(values, k):
    """Indices of the k greatest positive values, ties to the lower index."""
    order = np.lexsort((np.arange(len(values)), -values))[:k]
    return [i for i in order if values[i] > 0]


def top_per_column(S, k):
    W = np.zeros_like(S)
    for j in range(S.shape[1]):
        keep = top(S[:, j], k)
        W[keep, j] = S[keep, j]
    return W


def bm25(D):  # rows are documents
    idf = np.log(D.shape[0] / (1 + (D > 0).sum(0)))
    length = D.sum(1, keepdims=True)
    return D * 2.2 / (1.2 * (0.25 + 0.75 * length / length.mean()) + D) * idf


def tf_idf(D):
    return np.sqrt(D) * np.log(D.shape[0] / (1 + (D > 0).sum(0)))


def similarity(rows, kind, k, shrink=0, alpha=0.5, t_alpha=1, t_beta=1):
    """W[other, target] between rows."""
    C = rows @ rows.T
    n = (rows**2).sum(1)
    with np.errstate(divide="ignore"):
        if kind == "cosine":
            d = np.sqrt(n)[:, None] * np.sqrt(n)[None, :]
        elif kind == "asymmetric":
            d = n[:, None] ** (1 - alpha) * n[None, :] ** alpha
        elif kind == "jaccard":
            d = n[:, None] + n[None, :] - C
        elif kind == "dice":
            d = (n[:, None] + n[None, :]) / 2
            shrink = shrink / 2
        elif kind == "tversky":
            d = C + t_alpha * (n[None, :] - C) + t_beta * (n[:, None] - C)
    S = C / (d + shrink + (5e-7 if kind == "dice" else 1e-6))
    S[C == 0] = 0
    np.fill_diagonal(S, 0)
    return top_per_column(S, k)


def random_walk(k, alpha, beta):
    p_ui = X / np.maximum(X.sum(1, keepdims=True), 1)
    p_iu = X.T / np.maximum(X.T.sum(1, keepdims=True), 1)
    p_ui = np.where(X > 0, p_ui**alpha, 0)
    p_iu = np.where(X.T > 0, p_iu**alpha, 0)
    W = (p_iu @ p_ui) * np.maximum(X.sum(0), 1) ** -beta
    np.fill_diagonal(W, 0)
    W = top_per_column(W.T, k).T
    W = W / np.maximum(W.sum(1, keepdims=True), 1e-300)
    return top_per_column(W.astype(np.float32).astype(float), k)


def ease(lam):
    P = np.linalg.inv(X.T @ X + lam * np.eye(N_ITEMS))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0)
    return B


def slim(k, alpha, l1_ratio):
    W = np.zeros((N_ITEMS, N_ITEMS))
    for j in range(N_ITEMS):
        A = X.copy()
        A[:, j] = 0
        net = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, positive=True, fit_intercept=False,
                         max_iter=100000, tol=1e-14)
        net.fit(A, X[:, j])
        W[:, j] = net.coef_
    return top_per_column(W, k)


def pure_svd(factors):
    V = np.linalg.svd(X)[2][:factors]
    return V.T @ V


def block(name, options, scores):
    print(name, options)
    for row in scores:
        print(" ".join("%.9g" % v for v in row))


def main():
    print(N_USERS, N_ITEMS)
    for row in X:
        print(" ".join("%d" % v for v in row))
    block("item_knn", "{k: 5, shrink: 3}", X @ similarity(X.T, "cosine", 5, 3))
    block("item_knn", "{k: 6, shrink: 2, weighting: bm25, similarity: asymmetric, asymmetric_alpha: 0.7}",
          X @ similarity(bm25(X.T), "asymmetric", 6, 2, alpha=0.7))
    block("item_knn", "{k: 6, weighting: tf_idf}", X @ similarity(tf_idf(X.T), "cosine", 6))
    block("item_knn", "{k: 4, similarity: jaccard}", X @ similarity(X.T, "jaccard", 4))
    block("user_knn", "{k: 6, similarity: dice}", similarity(X, "dice", 6) @ X)
    block("user_knn", "{k: 6, weighting: bm25, shrink: 1}", similarity(bm25(X), "cosine", 6, 1) @ X)
    block("user_knn", "{k: 5, similarity: tversky, tversky_alpha: 0.4, tversky_beta: 1.7}",
          similarity(X, "tversky", 5, t_alpha=0.4, t_beta=1.7) @ X)
    block("p3alpha", "{k: 6, alpha: 1.3}", X @ random_walk(6, 1.3, 0))
    block("rp3beta", "{k: 5, alpha: 0.8, beta: 0.6}", X @ random_walk(5, 0.8, 0.6))
    block("ease", "{lambda: 3}", X @ ease(3))
    block("pure_svd", "{factors: 4}", X @ pure_svd(4))
    block("slim_elastic_net", "{k: 5, alpha: 0.05, l1_ratio: 0.2, tolerance: 1e-12, max_sweeps: 100000}",
          X @ slim(5, 0.05, 0.2))


main()
