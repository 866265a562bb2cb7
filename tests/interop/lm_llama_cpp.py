"""GGUF files that recai writes, run by llama.cpp: log-probabilities of texts.

F32 must agree closely, F16 within what llama.cpp loses by rounding activations to half precision.
llama.cpp rounds activations to 8 bits for Q8_0 and Q4_1 products, and so
do kernels of recai: both are compared with the exact product of the same weights in float32, and the
distance of recai may not be larger than llama.cpp's by more than a quarter.
"""
import json
import math
import os
import shutil

from lm_common import DECODERS, GOLDEN, TEXTS, checkpoint, close, finish, need, recai, tiny_decoder, work_folder, write

numpy, llama_cpp, safetensors_numpy = need("numpy", "llama_cpp", "safetensors.numpy")

FLOAT32 = 0  # ggml's number of the type: keys and values of llama.cpp are float16 by default


def theirs(path, texts):
    """Token ids and log-probabilities of tokens 2..n."""
    model = llama_cpp.Llama(path, n_ctx=128, n_threads=2, logits_all=True, verbose=False, type_k=FLOAT32,
                            type_v=FLOAT32)
    for text in texts:
        ids = model.tokenize(text.encode(), add_bos=False, special=False)
        model.reset()
        model.eval(ids)
        logits = numpy.array(model.scores[:len(ids) - 1], dtype=numpy.float64)
        logprobs = logits - numpy.logaddexp.reduce(logits, axis=1, keepdims=True)
        yield ids, [logprobs[i, ids[i + 1]] for i in range(len(ids) - 1)]


def root_mean_square(a, b):
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)) / len(a))


def compare(name, source, work):
    for weights in ("f32", "f16", "q8_0", "q4_1"):
        path = f"{work}/{name}-{weights}.gguf"
        recai("convert", "--model", source, "--weights", weights, "--out", path)
        ours = recai("score", "--model", path, lines=[{"text": t} for t in TEXTS])
        other = list(theirs(path, TEXTS))
        differ = sum(o["ids"] != list(ids) for o, (ids, _) in zip(ours, other))
        close(f"{name} {weights}: texts with other ids", differ, 0)
        a = [x for o in ours for x in o["logprobs"]]
        b = [x for _, logprobs in other for x in logprobs]
        if len(a) != len(b):
            continue
        if weights in ("f32", "f16"):
            close(f"{name} {weights}: log-probabilities", root_mean_square(a, b), 1e-4 if weights == "f32" else 1e-2)
            continue
        exact = [x for o in recai("score", "--model", path, "--weights", "f32", lines=[{"text": t} for t in TEXTS])
                 for x in o["logprobs"]]
        close(f"{name} {weights}: distance to exact products, llama.cpp's {root_mean_square(b, exact):.3g}",
              root_mean_square(a, exact), 1.25 * root_mean_square(b, exact) + 1e-4)


def sentencepiece(work):
    """A model with a SentencePiece tokenizer: llama.cpp cuts texts by our scores as we do by merges."""
    source = tiny_decoder("llama3-rope", os.path.join(work, "spm"))
    shutil.copy(os.path.join(GOLDEN, "tokenizers/spm-llama/tokenizer.json"), source)
    tensors = safetensors_numpy.load_file(f"{source}/model.safetensors")
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        if name in tensors:
            tensors[name] = numpy.resize(tensors[name], (420, tensors[name].shape[1]))
    safetensors_numpy.save_file(tensors, f"{source}/model.safetensors", {"format": "pt"})
    with open(f"{source}/config.json") as f:
        config = json.load(f)
    config.update(vocab_size=420, bos_token_id=1, eos_token_id=2)
    write(f"{source}/config.json", json.dumps(config))
    compare("spm", source, work)


with work_folder() as work:
    sentencepiece(work)
    for decoder in DECODERS:
        # Gemma's two layers slide otherwise than GGUF can say; llama.cpp knows no window for Mistral
        if decoder not in ("gemma3", "mistral-window"):
            compare(decoder, tiny_decoder(decoder, work), work)
    if checkpoint("smollm2") is not None:
        compare("smollm2", checkpoint("smollm2"), work)
finish()
