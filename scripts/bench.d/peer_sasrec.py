"""Train SASRec in PyTorch: peer_sasrec.py bce|softmax|softmax_padded SEQUENCE_FILE [BATCHES]

The model of the paper's reference code (S3-Rec, CIKM 2020): d 64, two post-norm layers, two heads,
inner size 256, GELU, dropout .5, sequences padded on the left to length 50, batch 256, Adam.
softmax_padded is the plain way (logits of every position, padding ignored by the loss); softmax takes
the real positions out first. Prints JSON: sequences per second over BATCHES batches of an epoch (after
two to warm up) and peak MB.
"""
import json, resource, sys, time
import torch
from torch import nn

D, HEADS, LENGTH, BATCH, DROPOUT = 64, 2, 50, 256, 0.5


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(D, D) for _ in range(4))
        self.inner, self.outer = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)
        self.norm1, self.norm2 = nn.LayerNorm(D, 1e-12), nn.LayerNorm(D, 1e-12)
        self.drop, self.gelu = nn.Dropout(DROPOUT), nn.GELU()

    def heads(self, x):
        return x.view(len(x), LENGTH, HEADS, D // HEADS).transpose(1, 2)

    def forward(self, x, mask):
        scores = self.heads(self.q(x)) @ self.heads(self.k(x)).transpose(-1, -2)
        weights = self.drop(torch.softmax(scores / (D // HEADS) ** 0.5 + mask, -1))
        y = (weights @ self.heads(self.v(x))).transpose(1, 2).reshape(len(x), LENGTH, D)
        x = self.norm1(x + self.drop(self.out(y)))
        return self.norm2(x + self.drop(self.outer(self.gelu(self.inner(x)))))


class SasRec(nn.Module):
    def __init__(self, n_items):
        super().__init__()
        self.items = nn.Embedding(n_items, D, padding_idx=0)
        self.positions = nn.Embedding(LENGTH, D)
        self.norm, self.drop = nn.LayerNorm(D, 1e-12), nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(2))

    def forward(self, items):
        x = self.drop(self.norm(self.items(items) + self.positions.weight))
        visible = torch.tril(torch.ones(LENGTH, LENGTH, dtype=torch.bool)) & (items > 0)[:, None, None]
        mask = torch.where(visible, 0.0, -10000.0)
        for layer in self.layers:
            x = layer(x, mask)
        return x


def loss_of(model, kind, inputs, targets):
    states = model(inputs)
    real = targets > 0
    if kind == "softmax_padded":
        logits = states @ model.items.weight.T
        return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
    if kind == "softmax":
        return nn.functional.cross_entropy(states[real] @ model.items.weight.T, targets[real])
    negatives = torch.randint(1, len(model.items.weight), targets.shape)
    positive = (states * model.items(targets)).sum(-1)[real]
    negative = (states * model.items(negatives)).sum(-1)[real]
    return (nn.functional.softplus(-positive) + nn.functional.softplus(negative)).mean()


def main(kind, path, batches=6):
    with open(path) as lines:
        rows = [[int(i) for i in line.split()[1:-2]] for line in lines]

    def padded(items):
        return [0] * (LENGTH - len(items[-LENGTH:])) + items[-LENGTH:]

    inputs = torch.tensor([padded(r[:-1]) for r in rows])
    targets = torch.tensor([padded(r[1:]) for r in rows])
    torch.manual_seed(1)
    model = SasRec(max(max(r) for r in rows) + 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    order = torch.randperm(len(rows))
    start = None
    for b in range(2 + int(batches)):
        if b == 2:
            start = time.perf_counter()
        chosen = order[b * BATCH:(b + 1) * BATCH]
        optimizer.zero_grad()
        loss_of(model, kind, inputs[chosen], targets[chosen]).backward()
        optimizer.step()
    rate = int(batches) * BATCH / (time.perf_counter() - start)
    print(json.dumps({"rate": rate,
                      "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


main(*sys.argv[1:])
