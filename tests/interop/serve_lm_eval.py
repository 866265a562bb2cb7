"""lm-evaluation-harness, unmodified, against recai serve: multiple choice by log-likelihood through
local-completions, generation through local-chat-completions. Every log-likelihood and every answer is the
one that `recai lm` gives."""
import json
import logging
import os

from lm_common import checkpoint, close, finish, need, recai, work_folder, write
from serve_common import KEY, serving

os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
lm_eval, tasks, _, _ = need("lm_eval", "lm_eval.tasks", "tenacity", "transformers")
logging.getLogger().setLevel(logging.ERROR)
os.environ["OPENAI_API_KEY"] = KEY

QUESTIONS = [("The capital of France is", ["Paris", "Berlin", "a banana"], 0),
             ("Two plus two is", ["five", "four", "France"], 1),
             ("The opposite of hot is", ["warm", "loud", "cold"], 2),
             ("Hamlet was written by", ["William Shakespeare", "Isaac Newton", "the sea"], 0),
             ("Water freezes at zero degrees", ["Celsius", "Monday", "metres"], 0),
             ("The sun rises in the", ["west", "east", "kitchen"], 1)]

CHOICE = """task: recai_choice
dataset_path: json
dataset_kwargs: {{data_files: {{test: "{data}"}}}}
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: answer
metric_list: [{{metric: acc, aggregation: mean, higher_is_better: true}}]
"""

GENERATE = """task: recai_generate
dataset_path: json
dataset_kwargs: {{data_files: {{test: "{data}"}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{choices[answer]}}}}"
generation_kwargs: {{until: ["\\n\\n"], max_gen_toks: 16, temperature: 0}}
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
"""


def write_tasks(folder):
    data = os.path.join(folder, "questions.jsonl")
    write(data, "".join(json.dumps({"question": q, "choices": c, "answer": a}) + "\n" for q, c, a in QUESTIONS))
    os.makedirs(os.path.join(folder, "tasks"))
    for name, text in (("choice", CHOICE), ("generate", GENERATE)):
        write(os.path.join(folder, "tasks", f"{name}.yaml"), text.format(data=data))
    return tasks.TaskManager(include_path=os.path.join(folder, "tasks"), include_defaults=False)


def tokenizer_folder(folder, model):
    """A folder that transformers reads the tokenizer of."""
    if os.path.exists(os.path.join(model, "tokenizer.json")):
        return model
    recai("convert", "--model", model, "--weights", "f16", "--out", os.path.join(folder, "hf"))
    return os.path.join(folder, "hf")


def choice(url, model, folder, manager):
    """Accuracy and every log-likelihood."""
    result = lm_eval.simple_evaluate(
        model="local-completions", tasks=["recai_choice"], task_manager=manager, log_samples=True, bootstrap_iters=0,
        model_args={"model": "smol", "base_url": url + "/v1/completions", "num_concurrent": 4, "max_retries": 1,
                    "tokenizer_backend": "huggingface", "tokenizer": tokenizer_folder(folder, model), "batch_size": 4})
    lines = [{"prompt": f"Question: {q}\nAnswer:", "completion": " " + c} for q, choices, _ in QUESTIONS for c in choices]
    sums = iter(line["sum"] for line in recai("score", "--model", model, lines=lines))
    expected = [[next(sums) for _ in choices] for _, choices, _ in QUESTIONS]
    samples = sorted(result["samples"]["recai_choice"], key=lambda s: s["doc_id"])
    got = [[float(r[0][0]) for r in s["resps"]] for s in samples]
    close("choice: log-likelihoods", max(abs(a - b) for x, y in zip(got, expected) for a, b in zip(x, y)), 1e-4)
    accuracy = sum(max(range(len(e)), key=e.__getitem__) == a for e, (_, _, a) in zip(expected, QUESTIONS)) / len(QUESTIONS)
    close("choice: accuracy", abs(result["results"]["recai_choice"]["acc,none"] - accuracy), 1e-9)
    print(f"     accuracy {accuracy:.3f}")


def generate(url, model, manager):
    result = lm_eval.simple_evaluate(
        model="local-chat-completions", tasks=["recai_generate"], task_manager=manager, log_samples=True,
        bootstrap_iters=0, apply_chat_template=True,
        model_args={"model": "smol", "base_url": url + "/v1/chat/completions", "num_concurrent": 4, "max_retries": 1})
    lines = [{"messages": [{"role": "user", "content": q}]} for q, _, _ in QUESTIONS]
    expected = [line["text"] for line in recai("generate", "--model", model, "--max-tokens", "16", "--stop", "\n\n",
                                               lines=lines)]
    samples = sorted(result["samples"]["recai_generate"], key=lambda s: s["doc_id"])
    close("generate: answers that differ from recai lm generate",
          sum(s["resps"][0][0] != e for s, e in zip(samples, expected)), 0)


with work_folder() as work, serving(work) as (url, real):
    manager = write_tasks(work)
    model = checkpoint("smollm2") or f"{work}/qwen2"
    choice(url, model, work, manager)
    generate(url, model, manager)
finish()
