"""sequence_models.txt: scores of sasrec and gru4rec after a few full-batch steps, by PyTorch 2.13.0.

Initial weights are drawn here as core/rng.h and the models' files say (Philox4x32-10, a stream per
tensor name); everything after that (forward, softmax loss over all items, backward, AdamW) is
PyTorch's, on padded sequences. No dropout, one batch per epoch: order does not matter. Tolerance of
the test: 2e-4 of the largest score.

Usage: sequence_models.py > sequence_models.txt
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)  # the reference is exact; float32 is ours
N_USERS, N_ITEMS, LENGTH, D, HEADS, INNER, HIDDEN, MAX = 6, 12, 7, 8, 2, 16, 10, 5
M64 = (1 << 64) - 1


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & M64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & M64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & M64
    return x ^ (x >> 31)


def words(seed, name):
    """The 32-bit words of the stream (seed, name)."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & M64
    key = mix(mix(seed) ^ h)
    block = 0
    while True:
        c, k = [block, 0, 0, 0], [key & 0xFFFFFFFF, key >> 32]
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [p1 >> 32 ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, p0 >> 32 ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        yield from c
        block += 1


def normal(name, sd, *shape):
    w, values = words(1, name), []
    for _ in range(math.prod(shape)):
        u, v = ((next(w) | next(w) << 32) >> 11 for _ in range(2))
        u, v = 1 - u * 2.0**-53, v * 2.0**-53
        values.append(np.float32(sd) * np.float32(math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)))
    return nn.Parameter(torch.tensor(np.array(values, float).reshape(shape)))


def uniform(name, bound, *shape):
    w = words(1, name)
    values = [np.float32(bound) * (2 * np.float32((next(w) >> 8) * 2.0**-24) - 1) for _ in range(math.prod(shape))]
    return nn.Parameter(torch.tensor(np.array(values, float).reshape(shape)))


def zeros(n):
    return nn.Parameter(torch.zeros(n))


def ones(n):
    return nn.Parameter(torch.ones(n))


def key(name):
    return "w/" + name.replace(".", "/")  # a ParameterDict takes neither dots nor "items"


def parameters(p):
    return nn.ParameterDict({key(name): value for name, value in p.items()})


class SasRec(nn.Module):
    def __init__(self, pre):
        super().__init__()
        self.pre, sd = pre, 0.2
        p = {"items": normal("items", sd, N_ITEMS, D), "positions": normal("positions", sd, MAX, D)}
        for name in ["norm"] + (["final_norm"] if pre else []):
            p[name + ".weight"], p[name + ".bias"] = ones(D), zeros(D)
        for i in range(2):
            for part, rows, cols in [("query", D, D), ("key", D, D), ("value", D, D), ("attention_out", D, D),
                                     ("inner", INNER, D), ("outer", D, INNER)]:
                name = f"layer.{i}.{part}"
                p[name + ".weight"], p[name + ".bias"] = normal(name + ".weight", sd, rows, cols), zeros(rows)
            for part in ("attention_norm", "feed_norm"):
                name = f"layer.{i}.{part}"
                p[name + ".weight"], p[name + ".bias"] = ones(D), zeros(D)
        self.p = parameters(p)

    def get(self, name):
        return self.p[key(name)]

    def linear(self, x, name):
        return F.linear(x, self.get(name + ".weight"), self.get(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, (D,), self.get(name + ".weight"), self.get(name + ".bias"), 1e-12)

    def attend(self, x, layer, mask):
        q, k, v = (self.linear(x, f"{layer}.{n}").view(len(x), MAX, HEADS, -1).transpose(1, 2)
                   for n in ("query", "key", "value"))
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(D // HEADS) + mask, -1)
        return self.linear((weights @ v).transpose(1, 2).reshape(len(x), MAX, D), layer + ".attention_out")

    def feed(self, x, layer):
        f = F.relu if self.pre else F.gelu
        return self.linear(f(self.linear(x, layer + ".inner")), layer + ".outer")

    def forward(self, items, real):
        x = self.norm(self.get("items")[items] + self.get("positions"), "norm")
        visible = torch.tril(torch.ones(MAX, MAX, dtype=torch.bool)) & real[:, None, None]
        mask = torch.where(visible, 0.0, -1e9)
        for layer in ("layer.0", "layer.1"):
            if self.pre:
                x = x + self.attend(self.norm(x, layer + ".attention_norm"), layer, mask)
                x = x + self.feed(self.norm(x, layer + ".feed_norm"), layer)
            else:
                x = self.norm(x + self.attend(x, layer, mask), layer + ".attention_norm")
                x = self.norm(x + self.feed(x, layer), layer + ".feed_norm")
        return self.norm(x, "final_norm") if self.pre else x


class Gru4Rec(nn.Module):
    def __init__(self):
        super().__init__()
        p = {"items": normal("items", math.sqrt(2 / (N_ITEMS + D)), N_ITEMS, D)}
        self.gru = nn.GRU(D, HIDDEN, 2, bias=False, batch_first=True)
        for i in range(2):
            for part, ours in (("ih", "input"), ("hh", "hidden")):
                shape = getattr(self.gru, f"weight_{part}_l{i}").shape
                w = uniform(f"layer.{i}.{ours}.weight", np.float32(math.sqrt(6 / sum(shape))), *shape)
                setattr(self.gru, f"weight_{part}_l{i}", w)
        bound = 1 / math.sqrt(HIDDEN)
        p["dense.weight"], p["dense.bias"] = uniform("dense.weight", bound, D, HIDDEN), uniform("dense.bias", bound, D)
        self.p = parameters(p)

    def get(self, name):
        return self.p[key(name)]

    def forward(self, items, real):
        """Left padding must not reach the state: run each sequence on its own rows."""
        rows = []
        for own, is_real in zip(items, real):
            n = int(is_real.sum())
            y = self.gru(self.get("items")[own[MAX - n:]][None])[0][0]
            y = F.linear(y, self.get("dense.weight"), self.get("dense.bias"))
            rows.append(torch.cat([torch.zeros(MAX - n, D), y]))
        return torch.stack(rows)


def padded(sequences):
    items = torch.tensor([[0] * (MAX - len(s[-MAX:])) + s[-MAX:] for s in sequences])
    real = torch.tensor([[False] * (MAX - len(s[-MAX:])) + [True] * len(s[-MAX:]) for s in sequences])
    return items, real


def train(model, prefixes, weight_decay, clip, steps=8):
    users = [[(u * 5 + 3 * i) % N_ITEMS for i in range(LENGTH - u % 3)] for u in range(N_USERS)]
    if prefixes:
        samples = [(u[:n], u[n:n + 1]) for u in users for n in range(1, len(u))]
    else:
        samples = [(u[:-1], u[1:]) for u in users]
    items, real = padded([s for s, _ in samples])
    targets, wanted = padded([t for _, t in samples])
    decays = [p for n, p in model.named_parameters() if not n.endswith("bias") and "norm" not in n]
    others = [p for n, p in model.named_parameters() if n.endswith("bias") or "norm" in n]
    groups = [{"params": decays, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, 1e-2)
    for _ in range(steps):
        optimizer.zero_grad()
        logits = model(items, real)[wanted] @ model.get("items").T
        F.cross_entropy(logits, targets[wanted]).backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    states = model(*padded(users))[:, -1]
    for row in (states @ model.get("items").T).detach().numpy():
        print(" ".join(f"{x:.8g}" for x in row))


train(SasRec(pre=False), prefixes=False, weight_decay=0.0, clip=0.0)
train(SasRec(pre=True), prefixes=False, weight_decay=0.1, clip=0.5)
train(Gru4Rec(), prefixes=False, weight_decay=0.0, clip=0.0)
train(Gru4Rec(), prefixes=True, weight_decay=0.1, clip=0.5)
