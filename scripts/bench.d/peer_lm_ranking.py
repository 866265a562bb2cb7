"""Seconds for SAMPLES ranking samples with SmolLM2 at Q8_0, multiplied in 8 bits by both: a run of recai,
beside llama-cpp-python (where it is installed) asked one after the other with the prompts that the run
recorded, the same limit of tokens and the same number of threads. The peer sees every PEER_EVERY-th prompt;
its seconds are scaled up. Needs MovieLens 100K, SmolLM2 (scripts/fetch) and h5py."""
import glob
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time

import h5py

SAMPLES = int(os.environ.get("RECAI_BENCH_SAMPLES", "200"))
PEER_EVERY = 20
MAX_TOKENS = 448  # as configs/tasks/ranking.yaml has it
THREADS = os.environ.get("RECAI_BENCH_THREADS", str(len(os.sched_getaffinity(0))))

CONFIG = """
name: bench
seed: 1
dataset: {{type: recbole, path: "data:ml-100k", split: {{type: leave_one_out, order: [time, file]}}}}
lms: {{smol: {{backend: local, path: "data:smollm2", weights: q8_0, activations: int8}}}}
systems: [{{name: smol, type: lm, lm: smol}}]
tasks: [{{type: ranking, candidates: 20, history_max: 20, lm_samples: {samples}}}]
"""


def find(name):
    places = os.environ.get("RECAI_DATA", "").split(":") + [os.path.expanduser("~/.cache/recai")]
    return next((p for place in places if place for p in glob.glob(f"{place}/{name}/*.gguf")), None)


def ours(program, folder):
    """Seconds of a run, the prompts it asked (messages), peak megabytes."""
    config, report = os.path.join(folder, "bench.yaml"), os.path.join(folder, "bench.h5")
    with open(config, "w") as f:
        f.write(CONFIG.format(samples=SAMPLES))
    begin = time.time()
    subprocess.run([program, "run", config, "--out", report, "--fresh", "-q", "--threads", THREADS],
                   check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - begin
    with h5py.File(report) as f:
        prompts = [p.decode() for p in f["tasks/ranking/smol/text/prompt"][:]]
    return seconds, prompts, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3


def messages(prompt):
    """The report keeps a chat as "[role]" lines, each followed by the text of the message."""
    found = []
    for line in prompt.split("\n"):
        if line in ("[system]", "[user]", "[assistant]"):
            found.append({"role": line[1:-1], "content": []})
        else:
            found[-1]["content"].append(line)
    return [{**m, "content": "\n".join(m["content"]).strip("\n")} for m in found]


def theirs(prompts, folder, program):
    """Seconds of the loop over every PEER_EVERY-th prompt."""
    from llama_cpp import Llama
    model = os.path.join(folder, "smol.gguf")
    subprocess.run([program, "lm", "convert", "--model", find("smollm2"), "--weights", "q8_0", "--out", model, "-q"],
                   check=True, stdout=subprocess.DEVNULL)
    llama = Llama(model, n_ctx=4096, n_threads=int(THREADS), n_threads_batch=int(THREADS), verbose=False)
    begin = time.time()
    for prompt in prompts[::PEER_EVERY]:
        llama.create_chat_completion(messages(prompt), temperature=0, max_tokens=MAX_TOKENS)
    return (time.time() - begin) * len(prompts) / len(prompts[::PEER_EVERY])


def main(program):
    if find("smollm2") is None:
        sys.exit("lm_ranking: no SmolLM2 here: scripts/fetch smollm2")
    with tempfile.TemporaryDirectory() as folder:
        seconds, prompts, peak = ours(program, folder)
        peer = "not installed|"
        if importlib.util.find_spec("llama_cpp") is not None:
            loop = theirs(prompts, folder, program)
            peer = f"llama-cpp-python {loop:.0f} s|{loop / seconds:.2f}"
        print(f"{len(prompts)} ranking samples, SmolLM2 Q8_0|{seconds:.1f} s|{peer}|{peak:.0f}", flush=True)


main(sys.argv[1])
