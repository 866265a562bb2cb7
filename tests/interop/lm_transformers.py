"""Folders that recai writes, read by transformers: log-probabilities of texts within 1e-4 of max(1, |x|).

Written from safetensors, from a GGUF file and back, and by full tuning.
"""
from lm_common import DECODERS, TEXTS, checkpoint, close, finish, need, recai, tiny_decoder, work_folder, write

torch, transformers = need("torch", "transformers")


def theirs(model, ids):
    with torch.no_grad():
        logprobs = torch.log_softmax(model(torch.tensor([ids])).logits[0, :-1].double(), -1)
    return logprobs[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


def compare(name, folder):
    """recai's numbers and transformers' on the same folder."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    scores = recai("score", "--model", folder, lines=[{"text": t} for t in TEXTS])
    worst = 0.0
    for score in scores:
        for a, b in zip(score["logprobs"], theirs(model, score["ids"])):
            worst = max(worst, abs(a - b) / max(1.0, abs(b)))
    close(name, worst, 1e-4)


with work_folder() as work:
    write(f"{work}/full.yaml", "full: true\ntuning: {batch_size: 2, training: {epochs: 2}, optimizer: {lr: 0.001}}\n")
    write(f"{work}/data.jsonl", "".join('{"text": "Toy Story (1995) %d"}\n' % i for i in range(4)))
    for decoder in DECODERS:
        source = tiny_decoder(decoder, work)
        recai("convert", "--model", source, "--weights", "f32", "--out", f"{work}/{decoder}-folder")
        compare(f"{decoder}: folder", f"{work}/{decoder}-folder")
        recai("train", "--model", source, "--config", f"{work}/full.yaml", "--input", f"{work}/data.jsonl",
              "--out", f"{work}/{decoder}-tuned")
        compare(f"{decoder}: tuned", f"{work}/{decoder}-tuned")
        if decoder == "gemma3":  # its two layers slide otherwise than GGUF can say
            continue
        recai("convert", "--model", source, "--out", f"{work}/{decoder}.gguf")
        recai("convert", "--model", f"{work}/{decoder}.gguf", "--out", f"{work}/{decoder}-back")
        compare(f"{decoder}: folder from GGUF", f"{work}/{decoder}-back")
    recai("init", "--out", f"{work}/scratch", lines=[{"text": t} for t in TEXTS])
    compare("from scratch", f"{work}/scratch")
    if checkpoint("smollm2") is not None:
        recai("convert", "--model", checkpoint("smollm2"), "--weights", "f32", "--out", f"{work}/smollm2")
        compare("smollm2: folder from GGUF Q4_1", f"{work}/smollm2")
        tokenizer = transformers.AutoTokenizer.from_pretrained(f"{work}/smollm2")
        ours = recai("tokenize", "--model", checkpoint("smollm2"), "--parse-special", lines=[{"text": t} for t in TEXTS])
        differ = sum(tokenizer(t)["input_ids"] != o["ids"] for t, o in zip(TEXTS, ours))
        close("smollm2: texts with other ids", differ, 0)
finish()
