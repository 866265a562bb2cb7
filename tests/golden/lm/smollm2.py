"""Trim the reference outputs of SmolLM2-135M-Instruct (GGUF Q4_1, all weights dequantised to float32;
transformers 5.23.0, torch 2.13.0, CPU, eager attention) to what the tests need:

    python smollm2.py REFERENCE_FOLDER

smollm2.h5: per chat i `ids_i`, `hidden_i` (576: last position, behind the final norm), `top_ids_i` and
`top_logits_i` (the ten largest logits), `some_logits_i` (every 64th of 49152), `greedy_i`, `margins_i`;
`loglik_ids_j`, `loglik_j` (log-probabilities of tokens 2..n). minilm.h5 is copied.
Tolerances: logits and hidden states 2e-3, log-probabilities 1e-3, embeddings 2e-5; greedy ids equal
up to the first margin below 0.01."""
import json
import shutil
import sys

import h5py
import numpy as np

source = sys.argv[1]
reference = h5py.File(f"{source}/smollm2.h5")
with h5py.File("smollm2.h5", "w") as out:
    for i, line in enumerate(open(f"{source}/smollm2_chat.jsonl")):
        chat = json.loads(line)
        logits = reference[f"logits_last_{i}"][:]
        top = np.argsort(-logits, kind="stable")[:10]
        out[f"ids_{i}"] = np.array(chat["ids"], np.int64)
        out[f"greedy_{i}"] = np.array(chat["greedy_ids"], np.int64)
        out[f"margins_{i}"] = np.array(chat["margins"], np.float32)
        out[f"hidden_{i}"] = reference[f"hidden_last_{i}"][:]
        out[f"top_ids_{i}"] = top.astype(np.int64)
        out[f"top_logits_{i}"] = logits[top]
        out[f"some_logits_{i}"] = logits[::64]
    for j, line in enumerate(open(f"{source}/smollm2_loglik.jsonl")):
        row = json.loads(line)
        out[f"loglik_ids_{j}"] = np.array(row["ids"], np.int64)
        out[f"loglik_{j}"] = np.array(row["logprobs"], np.float32)
shutil.copy(f"{source}/minilm.h5", "minilm.h5")
