"""contrastive.h5: gradients and AdamW steps of the reference for contrastive tuning of encoders, which
tests/models/lm/training/test_tuning_contrastive.c compares with.

Made by transformers 5.23.0, torch 2.13.0 (CPU, float64, eager attention, dropout 0). Four queries, their
positives and one more passage each: mean over queries of the cross-entropy of cos / 0.05 against the
positive among all eight passages, vectors pooled by the mean. For `bert` (in this folder, random weights) and
`minilm` (sentence-transformers/all-MiniLM-L6-v2, not here): per tensor the norm of the gradient and its 64
largest entries. For `bert` also five steps of AdamW (lr 1e-4, betas .9 .999, eps 1e-8, no decay, gradients
clipped at norm 1, factors .5 1 1 2/3 1/3 on the rate): losses, every 8th parameter after them.

Usage: make_contrastive.py MINILM_FOLDER
"""
import sys

import h5py
import numpy as np
import torch
from transformers import AutoModel

N, TAU = 4, 0.05


def texts_of(vocab, rng):
    """12 sequences: queries, positives, negatives; ids away from the special ones."""
    return [rng.integers(5, vocab, rng.integers(4, 21)).tolist() for _ in range(3 * N)]


def loss_of(model, texts):
    longest = max(map(len, texts))
    ids = torch.tensor([t + [0] * (longest - len(t)) for t in texts])
    mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts])
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask[:, :, None].double()
    pooled = torch.nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=1)
    scores = pooled[:N] @ pooled[N:].T / TAU
    return torch.nn.functional.cross_entropy(scores, torch.arange(N))


def load(folder):
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
    return model.double().eval()


def write_gradients(group, model, texts):
    group["ids"] = np.concatenate(texts).astype(np.int32)
    group["lengths"] = np.array([len(t) for t in texts], np.int32)
    loss = loss_of(model, texts)
    loss.backward()
    group["loss"] = np.float64(loss.item())
    for name, p in model.named_parameters():
        g = p.grad.flatten()
        top = g.abs().topk(64).indices
        group[f"{name}/norm"] = np.float64(g.norm().item())
        group[f"{name}/index"] = top.numpy().astype(np.int32)
        group[f"{name}/value"] = g[top].float().numpy()


def write_steps(group, model, texts):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0)
    losses = []
    for factor in (0.5, 1, 1, 2 / 3, 1 / 3):
        optimizer.zero_grad()
        loss = loss_of(model, texts)
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = 1e-4 * factor
        optimizer.step()
    group["losses"] = np.array(losses)
    for name, p in model.named_parameters():
        group[f"{name}/after"] = p.detach().flatten()[::8].float().numpy()


rng = np.random.default_rng(7)
with h5py.File("contrastive.h5", "w", libver="latest") as out:
    for name, folder, vocab in (("bert", "bert", 320), ("minilm", sys.argv[1], 30522)):
        group, model, texts = out.create_group(name), load(folder), texts_of(vocab, rng)
        write_gradients(group, model, texts)
        if name == "bert":
            write_steps(group, model, texts)
