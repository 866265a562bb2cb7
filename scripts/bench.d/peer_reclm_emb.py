"""The same work in sentence-transformers: peer_reclm_emb.py embed|tune MODEL FILE N"""
import json, os, resource, sys, time

work, model, path, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["TOKENIZERS_PARALLELISM"] = "false"
from sentence_transformers import InputExample, SentenceTransformer, losses
import torch
from torch.utils.data import DataLoader

encoder = SentenceTransformer(model, device="cpu")
encoder.max_seq_length = 128
rows = [json.loads(line) for line in open(path)]
if work == "embed":
    texts = [rows[i % len(rows)]["text"] for i in range(n)]
    encoder.encode(texts[:8])
    wall, cpu = time.perf_counter(), time.process_time()
    encoder.encode(texts, batch_size=32)
else:
    pairs = [InputExample(texts=[r["query"], r["pos"][0]]) for r in rows][: 32 * n]
    loader = DataLoader(pairs, shuffle=True, batch_size=32, collate_fn=encoder.smart_batching_collate)
    loss = losses.MultipleNegativesRankingLoss(encoder)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-4)
    encoder.train()
    wall, cpu = time.perf_counter(), time.process_time()
    for features, labels in loader:
        loss(features, labels).backward()
        optimizer.step()
        optimizer.zero_grad()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": round(time.perf_counter() - wall, 4),
                  "cpu": round(time.process_time() - cpu, 4), "peak_mb": round(peak)}))
