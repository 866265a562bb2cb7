"""Fit a model of the `implicit` library: peer_implicit.py als|bpr INTER_FILE [REPEATS]

Prints JSON: seconds of the fastest fit, mean ndcg@10 over the fits (leave-one-out by time, then
file order; train and validation items masked) and peak MB.
"""
import json, resource, sys, time
import numpy, scipy.sparse
import implicit

MODELS = {
    "als": lambda seed: implicit.als.AlternatingLeastSquares(
        factors=64, iterations=15, random_state=seed),
    "bpr": lambda seed: implicit.bpr.BayesianPersonalizedRanking(
        factors=64, iterations=50, random_state=seed),
}


def leave_one_out(path):
    with open(path) as lines:
        header = [field.split(":")[0] for field in next(lines).rstrip("\n").split("\t")]
        user, item, when = (header.index(name) for name in ("user_id", "item_id", "timestamp"))
        rows = [line.rstrip("\n").split("\t") for line in lines]
    users = numpy.unique([r[user] for r in rows], return_inverse=True)[1]
    items = numpy.unique([r[item] for r in rows], return_inverse=True)[1]
    order = numpy.lexsort((numpy.arange(len(rows)), [float(r[when]) for r in rows], users))
    users, items = users[order], items[order]
    end = numpy.flatnonzero(numpy.diff(users, append=-1))
    part = numpy.zeros(len(users), int)
    part[end], part[end - 1] = 2, 1
    shape = (users.max() + 1, items.max() + 1)

    def matrix(keep):
        return scipy.sparse.csr_matrix(
            (numpy.ones(keep.sum(), numpy.float32), (users[keep], items[keep])), shape=shape)

    return matrix(part == 0), matrix(part < 2), items[end]


def ndcg(model, seen, target):
    ids, _ = model.recommend(numpy.arange(seen.shape[0]), seen, N=10)
    user, rank = numpy.nonzero(ids == target[:, None])
    return float((1 / numpy.log2(rank + 2)).sum() / len(target))


def main(name, path, repeats=3):
    train, seen, target = leave_one_out(path)
    seconds, values = [], []
    for seed in range(1, int(repeats) + 1):
        model = MODELS[name](seed)
        start = time.perf_counter()
        model.fit(train, show_progress=False)
        seconds.append(time.perf_counter() - start)
        values.append(ndcg(model, seen, target))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": min(seconds), "ndcg": sum(values) / len(values), "peak_mb": peak}))


main(*sys.argv[1:])
