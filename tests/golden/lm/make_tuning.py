"""smollm2_tuning.h5: the parts of the reference run that tests/models/lm/training/test_tuning.c needs.

Made by transformers 5.23.0, peft 0.21.2, torch 2.13.0 (CPU, float32, eager attention). SmolLM2: two
sequences, prompt masked, loss = mean over the label tokens; 5 steps of AdamW lr 1e-5 in full, 8 steps
of AdamW lr 1e-3 with LoRA r 4, alpha 8 on q_proj and v_proj, A as stored, B zero (betas .9 .999, eps
1e-8, no decay, no clipping). MiniLM: four query-passage pairs, cross-entropy of cos / 0.05 against the
diagonal; 6 steps of AdamW lr 2e-5, decay .01 on every parameter.

Usage: make_tuning.py REFERENCE_FOLDER (with smollm2.h5 and minilm.h5)
"""
import sys

import h5py
import numpy as np

folder = sys.argv[1]
with h5py.File(f"{folder}/smollm2.h5") as s, h5py.File(f"{folder}/minilm.h5") as m, h5py.File(
    "smollm2_tuning.h5", "w"
) as out:
    for key in ("input_ids", "labels", "full_loss", "full_grad_norm"):
        out[key] = s["sft"][key][()]
    lora = s["sft/lora"]
    out["lora_loss"] = lora.attrs["loss"]
    out["lora_a"] = np.stack(
        [
            np.stack([lora[f"model.layers.{l}.self_attn.{p}_proj"][()] for p in "qv"])
            for l in range(30)
        ]
    )  # (30, 2, 4, 576)
    out["contrastive_loss"] = m["contrastive/loss"][()]
