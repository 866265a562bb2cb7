"""Expected length of the longest increasing subsequence of a random permutation of n values.

Prints the table of harness/replies/subsequence.c (n = 0 .. 40, sums over partitions in exact fractions)
and the two coefficients fitted to n = 24 .. 40, then compares the continuation with simulations.
"""
import bisect
from fractions import Fraction
from math import factorial, sqrt

import numpy as np

N_EXACT = 40


def partitions(n, largest=None):
    if n == 0:
        yield []
        return
    for k in range(min(n, n if largest is None else largest), 0, -1):
        for rest in partitions(n - k, k):
            yield [k] + rest


def tableaux(shape, n):
    columns = [sum(1 for x in shape if x > j) for j in range(shape[0])]
    hooks = 1
    for i, row in enumerate(shape):
        for j in range(row):
            hooks *= row - j + columns[j] - i - 1
    return factorial(n) // hooks


def expected(n):
    return float(Fraction(sum(s[0] * tableaux(s, n) ** 2 for s in partitions(n)), factorial(n))) if n else 0.0


def leading(n):
    return 2 * n ** 0.5 - 1.7710868074 * n ** (1 / 6) + 0.5


def increasing(values):
    tails = []
    for x in values:
        at = bisect.bisect_left(tails, x)
        tails[at:at + 1] = [x]
    return len(tails)


def main():
    table = [expected(n) for n in range(N_EXACT + 1)]
    print(", ".join(map(repr, table)))
    n = np.arange(24, N_EXACT + 1.0)
    design = np.stack([n ** (-1 / 6), n ** -0.5], 1)
    c = np.linalg.lstsq(design, np.array(table[24:]) - leading(n), rcond=None)[0]
    print(c)
    rng = np.random.default_rng(1)
    for size in (60, 100, 200):
        lengths = [increasing(rng.permutation(size)) for _ in range(40000)]
        print(size, np.mean(lengths), "+-", np.std(lengths) / 200,
              leading(size) + c[0] * size ** (-1 / 6) + c[1] / sqrt(size))


if __name__ == "__main__":
    main()
