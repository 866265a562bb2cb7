"""The same steps as tests/bench/bench_lm_tuning.c in torch: peer_lm_tuning.py WORK [STEPS [THREADS]]"""
import json, resource, sys, time
import torch, transformers

torch.manual_seed(1)
work, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
if len(sys.argv) > 3:
    torch.set_num_threads(int(sys.argv[3]))

if work == "contrastive":
    model = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
            intermediate_size=1536, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0),
        add_pooling_layer=False)
    shape = (64, 32)
else:
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=49152, hidden_size=576, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, intermediate_size=1536, max_position_embeddings=2048,
        rms_norm_eps=1e-5, tie_word_embeddings=True))
    shape = (4, 128)
if work == "lora":
    import peft
    model = peft.get_peft_model(
        model, peft.LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
model.train()
ids = torch.randint(0, model.config.vocab_size, shape)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4,
                              weight_decay=0.01)


def loss_of_step():
    if work != "contrastive":
        return model(input_ids=ids, labels=ids).loss
    hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    pooled = torch.nn.functional.normalize(hidden.mean(1), dim=-1)
    scores = pooled[:32] @ pooled[32:].T / 0.05
    return torch.nn.functional.cross_entropy(scores, torch.arange(32))


best = best_cpu = 1e9
for step in range(steps + 1):
    wall, cpu = time.perf_counter(), time.process_time()
    loss = loss_of_step()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step > 0:
        best = min(best, time.perf_counter() - wall)
        best_cpu = min(best_cpu, time.process_time() - cpu)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": round(best, 4), "cpu": round(best_cpu, 4), "loss": loss.item(),
                  "peak_mb": round(peak)}))
