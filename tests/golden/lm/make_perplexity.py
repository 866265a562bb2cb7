"""Perplexity of SmolLM2 on perplexity.txt by llama.cpp: what test_checkpoints.c and docs/lm.md compare with.

    python3 tests/golden/lm/make_perplexity.py build/recai SMOLLM2_FOLDER

llama-cpp-python 0.3.36. recai writes the checkpoint (Q4_1 dequantised) as F32, F16, Q8_0 and Q4_1 GGUF;
llama.cpp and recai then score the same file, llama.cpp with keys and values in float16 (its default) and
in float32. Printed: perplexities, and the root mean square over tokens of the change of a
log-probability against the program's own F32.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import llama_cpp
import numpy

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "perplexity.txt")) as f:
    TEXT = f.read()


def recai(*arguments, text=None):
    return subprocess.run([sys.argv[1], "lm", *arguments, "-q"], input=text, check=True, capture_output=True,
                          text=True).stdout


def ours(path):
    score = json.loads(recai("score", "--model", path, text=json.dumps({"text": TEXT}) + "\n"))
    return score["ids"], numpy.array(score["logprobs"])


def theirs(path, ids, float32_cache):
    types = {"type_k": 0, "type_v": 0} if float32_cache else {}
    model = llama_cpp.Llama(path, n_ctx=1024, n_threads=2, logits_all=True, verbose=False, **types)
    assert model.tokenize(TEXT.encode(), add_bos=False, special=False) == ids
    model.reset()
    model.eval(ids)
    logits = numpy.array(model.scores[:len(ids) - 1], dtype=numpy.float64)
    logits -= numpy.logaddexp.reduce(logits, axis=1, keepdims=True)
    return logits[numpy.arange(len(ids) - 1), ids[1:]]


first = None
with tempfile.TemporaryDirectory() as work:
    for weights in ("f32", "f16", "q8_0", "q4_1"):
        path = os.path.join(work, weights + ".gguf")
        recai("convert", "--model", sys.argv[2], "--weights", weights, "--out", path)
        ids, logprobs = ours(path)
        rows = {"recai": logprobs, "llama.cpp": theirs(path, ids, False),
                "llama.cpp, float32 cache": theirs(path, ids, True)}
        first = first or rows
        for name, row in rows.items():
            moved = math.sqrt(((row - first[name]) ** 2).mean())
            print(f"{weights:5s} {name:25s} {len(ids)} tokens, perplexity {math.exp(-row.mean()):.4f}, moved {moved:.5f}")
