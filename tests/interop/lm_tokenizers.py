"""tokenizer.json files that recai writes (from a GGUF file), read by Hugging Face tokenizers: equal ids."""
import json
import os
import shutil

from lm_common import GOLDEN, TEXTS, checkpoint, close, finish, need, recai, tiny_decoder, work_folder, write

(tokenizers,) = need("tokenizers")


def strings(name):
    path = os.path.join(GOLDEN, "tokenizers", name, "expected.jsonl")
    with open(path) as f:
        return TEXTS + [json.loads(line)["text"] for line in f]


def compare(name, folder, texts):
    theirs = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    theirs.no_padding()
    theirs.no_truncation()
    for flags, special in ((["--parse-special"], False), (["--parse-special", "--add-special"], True)):
        ours = recai("tokenize", "--model", folder, *flags, lines=[{"text": t} for t in texts])
        differ = sum(theirs.encode(t, add_special_tokens=special).ids != o["ids"] for t, o in zip(texts, ours))
        close(f"{name}{', what it adds' if special else ''}: texts with other ids", differ, 0)


with work_folder() as work:
    for form in ("gpt2", "qwen2", "llama3", "spm-bpe", "unigram", "wordpiece-cased", "spm-llama", "unigram-precompiled"):
        source = tiny_decoder("qwen2", os.path.join(work, form))
        shutil.copy(os.path.join(GOLDEN, "tokenizers", form, "tokenizer.json"), source)
        compare(form, source, strings(form))
    write(f"{work}/init.yaml", "layers: 1\nd_model: 16\nheads: 2\nvocab_size: 320\n")
    recai("init", "--config", f"{work}/init.yaml", "--out", f"{work}/trained", lines=[{"text": t} for t in strings("qwen2")])
    compare("trained here", f"{work}/trained", strings("gpt2"))
    source = tiny_decoder("qwen2", f"{work}/plain")
    recai("convert", "--model", source, "--out", f"{work}/tiny.gguf")
    recai("convert", "--model", f"{work}/tiny.gguf", "--out", f"{work}/back")
    compare("through GGUF", f"{work}/back", strings("gpt2"))
    if checkpoint("smollm2") is not None:
        recai("convert", "--model", checkpoint("smollm2"), "--weights", "f32", "--out", f"{work}/smollm2")
        compare("smollm2 from GGUF", f"{work}/smollm2", strings("gpt2"))
    if checkpoint("minilm") is not None:
        compare("minilm", checkpoint("minilm"), strings("wordpiece-cased"))
finish()
