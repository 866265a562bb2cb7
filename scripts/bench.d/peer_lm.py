"""The works of tests/bench/bench_lm.c by other programs: peer_lm.py WORK MODEL [REPEATS [THREADS [TEXTS]]]

embed: sentence-transformers; encode, prompt_torch: transformers on torch; prompt, decode, batch, load:
llama.cpp (llama-cpp-python, its C interface); tokenize: tokenizers. Prints JSON like bench_lm."""
import json, resource, sys, time

work, model = sys.argv[1], sys.argv[2]
repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 1
threads = int(sys.argv[4]) if len(sys.argv) > 4 else 2
texts = sys.argv[5] if len(sys.argv) > 5 else None

PROMPT, SHORT_PROMPT, NEW_TOKENS, STREAMS, COMMON, OWN = 512, 16, 64, 64, 64, 16
ENCODE_TEXTS, ENCODE_TOKENS = 64, 32


def lines():
    return open(texts, encoding="utf-8").read().splitlines()


def random_ids(n, vocab_size):
    state, ids = 1, []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        ids.append(1000 + (state >> 8) % (vocab_size - 2000))
    return ids


def sentence_transformers():
    import torch
    from sentence_transformers import SentenceTransformer
    torch.set_num_threads(threads)
    encoder, sentences = SentenceTransformer(model, device="cpu"), lines()
    encoder.encode(sentences[:64])
    return lambda: len(encoder.encode(sentences))


def torch_encode():
    import torch, transformers
    torch.set_num_threads(threads)
    bert = transformers.AutoModel.from_pretrained(model).eval()
    ids = torch.tensor(random_ids(ENCODE_TEXTS * ENCODE_TOKENS, bert.config.vocab_size))
    ids = ids.reshape(ENCODE_TEXTS, ENCODE_TOKENS)

    def run():
        with torch.inference_mode():
            hidden = bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
            torch.nn.functional.normalize(hidden.mean(1), dim=-1)
        return ENCODE_TEXTS
    run()
    return run


def torch_prompt(): # random weights of SmolLM2's shape: speed does not depend on them
    import torch, transformers
    torch.set_num_threads(threads)
    llama = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=49152, hidden_size=576, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, intermediate_size=1536, max_position_embeddings=2048,
        rms_norm_eps=1e-5, tie_word_embeddings=True)).eval()
    ids = torch.tensor([random_ids(PROMPT, 49152)])

    def run():
        with torch.inference_mode():
            llama(input_ids=ids, logits_to_keep=1)
        return PROMPT
    run()
    return run


class LlamaCpp:
    def __init__(self):
        import ctypes, llama_cpp
        self.api, self.ctypes = llama_cpp, ctypes
        silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
        self.silent = silent
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(
            model.encode(), llama_cpp.llama_model_default_params())
        options = llama_cpp.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_ubatch = 1024, PROMPT, PROMPT
        options.n_threads = options.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        self.vocab_size = 49152
        self.greedy = llama_cpp.llama_sampler_init_greedy()

    def feed(self, ids):
        array = (self.api.llama_token * len(ids))(*ids)
        if self.api.llama_decode(self.context, self.api.llama_batch_get_one(array, len(ids))) != 0:
            sys.exit("llama_decode failed")

    def next(self):
        return self.api.llama_sampler_sample(self.greedy, self.context, -1)

    def generate(self, ids, n):
        self.api.llama_memory_clear(self.api.llama_get_memory(self.context), True)
        self.feed(ids)
        for i in range(n):
            token = self.next()
            if i + 1 < n:
                self.feed([token])

    def free(self):
        self.api.llama_free(self.context)
        self.api.llama_model_free(self.model)


def llama_prompt():
    llama = LlamaCpp()
    ids = random_ids(PROMPT, llama.vocab_size)

    def run():
        llama.generate(ids, 1)
        return PROMPT
    run()
    return run


def llama_decode():
    llama = LlamaCpp()
    ids = random_ids(SHORT_PROMPT, llama.vocab_size)

    def run():
        llama.generate(ids, NEW_TOKENS)
        return NEW_TOKENS
    return run


def llama_batch(): # one after the other, like its users without a server
    llama = LlamaCpp()
    ids = random_ids(STREAMS * (COMMON + OWN), llama.vocab_size)
    streams = 4 # of the 64: its time is proportional

    def run():
        for i in range(streams):
            llama.generate(ids[:COMMON] + ids[i * OWN + COMMON:(i + 1) * OWN + COMMON], NEW_TOKENS)
        return streams * NEW_TOKENS
    return run


def llama_load():
    def run():
        llama = LlamaCpp()
        llama.generate(random_ids(8, llama.vocab_size), 1)
        llama.free()
        return 1
    return run


def tokenize():
    import os, tokenizers
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = tokenizers.Tokenizer.from_file(model)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    sentences = lines()

    def run():
        for text in sentences:
            tokenizer.encode(text, add_special_tokens=False)
        return sum(len(text.encode()) for text in sentences)
    return run


run = {"embed": sentence_transformers, "encode": torch_encode, "prompt_torch": torch_prompt,
       "prompt": llama_prompt, "decode": llama_decode, "batch": llama_batch, "load": llama_load,
       "tokenize": tokenize}[work]()
best = best_cpu = 1e9
for _ in range(repeats):
    wall, cpu = time.perf_counter(), time.process_time()
    units = run()
    best = min(best, time.perf_counter() - wall)
    best_cpu = min(best_cpu, time.process_time() - cpu)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": round(best, 4), "cpu": round(best_cpu, 4), "units": units,
                  "rate": round(units / best, 1), "peak_mb": round(peak)}))
