"""Expected p-values, quantiles and intervals from SciPy: python3 make.py, writes *.txt beside itself.

Made with SciPy 1.17.1, NumPy 2.4.6. Read by tests/harness/stats/; tolerances stand there (1e-9 for
p-values, 1e-12 for adjusted ones, a fiftieth of the width for bootstrap ends, which are random).
Line format: name, counts, numbers with 17 digits.
"""
import os
import numpy as np
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20240501)


def fmt(values):
    return " ".join(f"{float(v):.17g}" for v in values)


def pairs(n, kind):
    a = rng.normal(0.3, 0.2, n)
    b = a + rng.normal(0.02, 0.1, n)
    if kind == "tied":
        a, b = np.round(a, 1), np.round(b, 1)
    if kind == "binary":
        a, b = (a > 0.3).astype(float), (b > 0.35).astype(float)
    return a, b


def permutation(d):
    """Exact, over all signs; tied data are tenths and are added up as whole numbers."""
    signs = 1 - 2 * (np.arange(2 ** len(d))[:, None] >> np.arange(len(d)) & 1)
    sums = np.abs(signs @ d)
    return np.mean(sums >= np.abs(d.sum()) * (1 - 1e-12))


def binomial(n_plus, n_minus):
    if n_plus + n_minus == 0:
        return 1.0
    return stats.binomtest(int(n_plus), int(n_plus + n_minus), 0.5).pvalue


def write_paired(out):
    for n in (2, 3, 5, 8, 12, 19, 25, 26, 40, 150, 300):
        for kind in ("continuous", "tied", "binary"):
            a, b = pairs(n, kind)
            d = a - b
            used = d[d != 0]
            t = stats.ttest_rel(a, b) if np.ptp(d) > 0 else None
            if len(used) == 0:
                w = (0.0, 1.0)
            else:
                ties = len(np.unique(np.abs(used))) < len(used)
                exact = len(used) <= 25 and not ties
                r = stats.wilcoxon(used, method="exact" if exact else "asymptotic")
                w = (r.statistic, r.pvalue)
            plus, minus = (d > 0).sum(), (d < 0).sum()
            if n <= 12:
                perm = permutation(d if kind == "continuous" else np.round(10 * d))
            else:
                perm = np.nan
            print(kind, n, fmt(a), fmt(b), fmt([t.statistic if t else np.nan, t.pvalue if t else np.nan,
                  w[0], w[1], plus, binomial(plus, minus), perm]), file=out)


def write_distributions(out):
    for df in (1, 2, 3, 4.5, 10, 30, 39, 41, 100, 942, 1e4, 1e6):
        for t in (-40, -3.2, -1.96, -0.1, 0.3, 1, 2.5, 8, 30):
            print("t_cdf", df, t, fmt([stats.t.cdf(t, df)]), file=out)
            print("t_two_sided", df, t, fmt([2 * stats.t.sf(abs(t), df)]), file=out)
        for p in (1e-10, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999):
            print("t_quantile", df, p, fmt([stats.t.ppf(p, df)]), file=out)
    for z in (-37, -8, -2, -0.5, 0, 1, 3, 6):
        print("normal_cdf", 0, z, fmt([stats.norm.cdf(z)]), file=out)
    for p in (1e-300, 1e-12, 0.001, 0.2, 0.5, 0.6, 0.975, 1 - 1e-10):
        print("normal_quantile", 0, p, fmt([stats.norm.ppf(p)]), file=out)
    for n in (1, 2, 7, 30, 101, 1000, 100000):
        for share in (0.0, 0.3, 0.45, 0.49, 0.5, 0.51, 1.0):
            k = int(share * n)
            print("coin_cdf", n, k, fmt([stats.binom.cdf(k, n, 0.5)]), file=out)
    for k in (2, 3, 5, 12, 40):
        for df in (1, 2, 5, 20, 120, 5000, np.inf):
            for q in (0.1, 1.0, 2.5, 3.5, 5.0, 9.0, 40.0):
                print(f"range_{k}", df, q, fmt([stats.studentized_range.sf(q, k, df)]), file=out)


def holm(p, up):
    m, order = len(p), np.argsort(p, kind="stable")
    scaled = (m - np.arange(m)) * p[order]
    scaled = np.minimum.accumulate(scaled[::-1])[::-1] if up else np.maximum.accumulate(scaled)
    out = np.empty(m)
    out[order] = np.minimum(1, scaled)
    return out


def write_adjust(out):
    for m in (1, 2, 5, 10, 50):
        for scale in (1.0, 0.05):
            p = rng.uniform(0, scale, m)
            if m == 10:
                p[3] = p[7]
            bh = stats.false_discovery_control(p, method="bh")
            print(m, fmt(p), fmt(holm(p, False)), fmt(holm(p, True)), fmt(bh), file=out)


def tukey_blocked(x):
    m, n = x.shape
    residual = x - x.mean(1, keepdims=True) - x.mean(0, keepdims=True) + x.mean()
    df = (m - 1) * (n - 1)
    mse = (residual**2).sum() / df
    q = np.abs(x.mean(1)[:, None] - x.mean(1)[None]) / np.sqrt(mse / n)
    return stats.studentized_range.sf(q, m, df)


def write_tukey(out):
    for m, n in ((2, 5), (3, 12), (5, 40)):
        x = rng.normal(0, 0.2, n) + rng.normal(0, 0.1, (m, n)) + 0.05 * np.arange(m)[:, None]
        print(m, n, fmt(x.ravel()), fmt(stats.tukey_hsd(*x).pvalue.ravel()),
              fmt(tukey_blocked(x).ravel()), file=out)


def write_bootstrap(out):
    for n in (20, 80):
        x = rng.exponential(1.0, n)
        ends = []
        for method in ("percentile", "BCa"):
            r = stats.bootstrap((x,), np.mean, n_resamples=200000, method=method, rng=7).confidence_interval
            ends += [r.low, r.high]
        print(n, fmt(x), fmt(ends), file=out)


for name, write in (("paired", write_paired), ("distributions", write_distributions),
                    ("adjust", write_adjust), ("tukey", write_tukey), ("bootstrap", write_bootstrap)):
    with open(os.path.join(HERE, name + ".txt"), "w") as f:
        write(f)
