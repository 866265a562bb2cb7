"""An adapter as PEFT writes it on the golden Qwen 2, and what the two say together.

    python3 tests/golden/lm/make_adapter.py      (from the repository; writes tests/golden/lm/adapter)

peft 0.21.2, transformers 5.23.0, torch 2.13.0. `ids` (1, 20); `logprobs` (19) of tokens 2..20, within
1e-4; attribute `loss`, their mean with the sign turned, within 1e-5.
"""
import json
import os
import sys

import h5py
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
out = os.path.join(here, "adapter")
torch.manual_seed(0)
base = AutoModelForCausalLM.from_pretrained(os.path.join(here, "qwen2"), attn_implementation="eager",
                                            dtype=torch.float32)
config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj", "o_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config)
for name, weight in model.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(weight, std=0.1)
model.save_pretrained(out)
os.remove(os.path.join(out, "README.md"))
with open(os.path.join(out, "adapter_config.json")) as f:
    written = json.load(f)
written["base_model_name_or_path"] = "qwen2"
with open(os.path.join(out, "adapter_config.json"), "w") as f:
    json.dump(written, f, indent=1, sort_keys=True)
with h5py.File(os.path.join(here, "qwen2", "expected.h5")) as f:
    ids = torch.tensor(f["ids"][:])
with torch.no_grad():
    logprobs = torch.log_softmax(model(ids).logits[0, :-1].double(), -1)
    logprobs = logprobs[torch.arange(ids.shape[1] - 1), ids[0, 1:]]
with h5py.File(os.path.join(out, "expected.h5"), "w") as f:
    f["ids"] = ids.numpy()
    f["logprobs"] = logprobs.float().numpy()
    f.attrs["loss"] = -logprobs.mean().item()
print(-logprobs.mean().item(), file=sys.stderr)
