"""Adapters both ways: PEFT reads ours and gives our numbers; recai reads PEFT's and gives theirs."""
import os
import shutil

from lm_common import GOLDEN, TEXTS, checkpoint, close, finish, need, recai, tiny_decoder, work_folder, write

torch, transformers, peft = need("torch", "transformers", "peft")


def theirs(model, ids):
    with torch.no_grad():
        logprobs = torch.log_softmax(model(torch.tensor([ids])).logits[0, :-1].double(), -1)
    return logprobs[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


def open_base(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)


def compare(name, model, folder, adapter):
    """Mean loss and every log-probability of the texts."""
    scores = recai("score", "--model", folder, "--adapter", adapter, lines=[{"text": t} for t in TEXTS])
    plain = recai("score", "--model", folder, lines=[{"text": t} for t in TEXTS])
    worst, ours, other, moved, n = 0.0, 0.0, 0.0, 0.0, 0
    for score, before in zip(scores, plain):
        moved = max([moved] + [abs(a - b) for a, b in zip(score["logprobs"], before["logprobs"])])
        for a, b in zip(score["logprobs"], theirs(model, score["ids"])):
            worst = max(worst, abs(a - b) / max(1.0, abs(b)))
            ours, other, n = ours - a, other - b, n + 1
    close(f"{name}: log-probabilities", worst, 1e-4)
    close(f"{name}: loss", abs(ours - other) / n, 1e-5)
    if moved < 1e-3:
        close(f"{name}: the adapter changes nothing", 1, 0)


def both_ways(name, folder, work, targets):
    data, config, ours, peft_folder = (f"{work}/{name}-{x}" for x in ("data.jsonl", "tune.yaml", "ours", "theirs"))
    write(data, "".join('{"prompt": "Seen: Heat. Next:", "completion": " Toy Story %d"}\n' % i for i in range(6)))
    write(config, f"lora: {{rank: 4, alpha: 16, targets: [{', '.join(targets)}]}}\n"
                  "tuning: {batch_size: 3, training: {epochs: 3}, optimizer: {lr: 0.01}}\n")
    recai("train", "--model", folder, "--config", config, "--input", data, "--out", ours)
    compare(f"{name}: ours in PEFT", peft.PeftModel.from_pretrained(open_base(folder), ours), folder, ours)

    torch.manual_seed(1)
    listed = targets if targets != ["all-linear"] else "all-linear"
    model = peft.get_peft_model(open_base(folder), peft.LoraConfig(r=3, lora_alpha=9, target_modules=listed,
                                                                   use_rslora=True, task_type="CAUSAL_LM"))
    for parameter, weight in model.named_parameters():
        if "lora_B" in parameter:
            torch.nn.init.normal_(weight, std=0.05)
    model.save_pretrained(peft_folder)
    compare(f"{name}: PEFT's here", model, folder, peft_folder)


def encoder(work):
    """An adapter on a BERT: hidden states pooled by hand."""
    sentence = [t for t in TEXTS if "<|" not in t]
    folder = f"{work}/bert"
    os.makedirs(folder)
    for source in ("lm/bert/config.json", "lm/bert/model.safetensors", "tokenizers/wordpiece-cased/tokenizer.json"):
        shutil.copy(os.path.join(GOLDEN, source), folder)
    write(f"{work}/pairs.jsonl", "".join('{"query": "toy %d", "pos": "Toy Story %d"}\n' % (i, i) for i in range(6)))
    write(f"{work}/pairs.yaml", "method: contrastive\nlora: {rank: 2, targets: [all-linear]}\n"
                                "tuning: {batch_size: 6, training: {epochs: 20}, optimizer: {lr: 0.01}}\n")
    recai("train", "--model", folder, "--config", f"{work}/pairs.yaml", "--input", f"{work}/pairs.jsonl",
          "--out", f"{work}/bert-adapter")
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    model = peft.PeftModel.from_pretrained(model, f"{work}/bert-adapter")
    ids = recai("tokenize", "--model", folder, "--add-special", lines=[{"text": t} for t in sentence])
    ours = recai("embed", "--model", folder, "--adapter", f"{work}/bert-adapter", lines=[{"text": t} for t in sentence])
    worst = 0.0
    for tokens, vector in zip(ids, ours):
        with torch.no_grad():
            hidden = model(torch.tensor([tokens["ids"]])).last_hidden_state[0].mean(0)
        hidden = torch.nn.functional.normalize(hidden, dim=0)
        worst = max(worst, (hidden - torch.tensor(vector["embedding"])).abs().max().item())
    close("bert: ours in PEFT", worst, 2e-5)


with work_folder() as work:
    both_ways("qwen2", tiny_decoder("qwen2", work), work, ["q_proj", "down_proj"])
    both_ways("gemma3", tiny_decoder("gemma3", work), work, ["all-linear"])
    encoder(work)
    if checkpoint("smollm2") is not None:
        recai("convert", "--model", checkpoint("smollm2"), "--weights", "f32", "--out", f"{work}/smollm2")
        both_ways("smollm2", f"{work}/smollm2", work, ["q_proj", "v_proj"])
finish()
