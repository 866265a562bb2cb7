"""The same work in sentence-transformers: peer_reclm_emb.py embed|tokenize|tune MODEL FILE N LENGTH

`tokenize` runs its tokenizer, Hugging Face's, one text at a time on one thread. `tune` runs its trainer
where `datasets` and `accelerate` are installed, else the same steps in a loop."""
import json, os, resource, sys, time

os.environ.update(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", WANDB_DISABLED="true")
from sentence_transformers import InputExample, SentenceTransformer, losses
import torch
from torch.utils.data import DataLoader

work, model, path, n, length = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
BATCH, WARM = 32, 1  # steps before the watch starts
no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
encoder = SentenceTransformer(model, device="cpu", config_kwargs=no_dropout)
encoder.max_seq_length = length
with open(path) as file:
    rows = [json.loads(line) for line in file]


def now():
    return time.perf_counter(), time.process_time()


def embed():
    texts = [rows[i % len(rows)]["text"] for i in range(n)]
    encoder.encode(texts[:8])
    start = now()
    encoder.encode(texts, batch_size=32)
    return "encode", start, now()


def tokenize():
    titles = [rows[i % len(rows)]["title"] for i in range(n)]
    tokenizer = encoder.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    start = now()
    for title in titles:
        tokenizer.encode(title)
    return "tokenizers", start, now()


def tune_in_trainer(pairs):
    import tempfile
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from transformers import TrainerCallback

    times = []

    class Watch(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            times.append(now())

    with tempfile.TemporaryDirectory() as folder:
        SentenceTransformerTrainer(
            model=encoder,
            train_dataset=Dataset.from_dict({"anchor": [p[0] for p in pairs], "positive": [p[1] for p in pairs]}),
            loss=losses.MultipleNegativesRankingLoss(encoder),
            callbacks=[Watch()],
            args=SentenceTransformerTrainingArguments(
                output_dir=folder, per_device_train_batch_size=BATCH, max_steps=n + WARM, learning_rate=1e-4,
                max_grad_norm=0.0, save_strategy="no", report_to=[], disable_tqdm=True, logging_strategy="no"),
        ).train()
    return "trainer", times[WARM - 1], times[-1]


def tune_in_loop(pairs):
    examples = [InputExample(texts=list(p)) for p in pairs]
    loader = DataLoader(examples, shuffle=True, batch_size=BATCH, collate_fn=encoder.smart_batching_collate)
    loss = losses.MultipleNegativesRankingLoss(encoder)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-4)
    encoder.train()
    start = None
    for step, (features, labels) in enumerate(loader):
        loss(features, labels).backward()
        optimizer.step()
        optimizer.zero_grad()
        if step == WARM - 1:
            start = now()
    return "loop", start, now()


def tune():
    pairs = [(r["query"], r["pos"][0]) for r in rows][: BATCH * (n + WARM)]
    try:
        import accelerate, datasets  # noqa: F401
    except ImportError:
        return tune_in_loop(pairs)
    return tune_in_trainer(pairs)


how, start, stop = {"embed": embed, "tokenize": tokenize, "tune": tune}[work]()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"how": how, "seconds": round(stop[0] - start[0], 4), "cpu": round(stop[1] - start[1], 4),
                  "peak_mb": round(peak)}))
