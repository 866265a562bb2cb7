"""Tokens per second of recai serve with CLIENTS clients, beside llama-cpp-python's server in the same run.
Needs SmolLM2 (scripts/fetch smollm2) and, for the second figure, pip install 'llama-cpp-python[server]'."""
import glob
import http.client
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS, REQUESTS, TOKENS, ROUNDS = 16, 3, 64, 2
THREADS = os.environ.get("RECAI_BENCH_THREADS", str(len(os.sched_getaffinity(0))))
FILMS = ["Toy Story", "Heat", "Jumanji", "Casino", "Fargo", "Twelve Monkeys", "Babe", "Seven", "Braveheart", "Taxi Driver",
         "Apollo 13", "Batman Forever", "Clerks", "Star Wars", "Pulp Fiction", "Speed"]


def find(name):
    places = os.environ.get("RECAI_DATA", "").split(":") + [os.path.expanduser("~/.cache/recai")]
    return next((p for place in places if place for p in glob.glob(f"{place}/{name}/*.gguf")), None)


def body(i, k):
    return json.dumps({"model": "smol", "temperature": 0, "max_tokens": TOKENS, "messages": [
        {"role": "user", "content": f"Write a long review of the film {FILMS[i]}, part {k + 1}, in detail."}]})


def client(port, i, done):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for k in range(REQUESTS):
        connection.request("POST", "/v1/chat/completions", body(i, k), {"Content-Type": "application/json"})
        answer = json.load(connection.getresponse())
        done.append(answer["usage"]["completion_tokens"])
    connection.close()


def rate(port):
    """Generated tokens per second of one round."""
    done = []
    threads = [threading.Thread(target=client, args=(port, i, done)) for i in range(CLIENTS)]
    begin = time.time()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(done) == CLIENTS * REQUESTS, f"{len(done)} answers"
    return sum(done) / (time.time() - begin)


def peak_megabytes(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) / 1e3 for line in f if line.startswith("VmHWM"))


def wait_for(port, server):
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/v1/models")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        if server.poll() is not None:
            sys.exit(f"the server on port {port} ended with {server.returncode}")
    sys.exit(f"no server on port {port}")


def ours(program, model, folder):
    config = os.path.join(folder, "serve.yaml")
    with open(config, "w") as f:
        f.write(f'lms: {{smol: {{backend: local, path: "{model}", weights: {os.environ.get("RECAI_BENCH_WEIGHTS", "q8_0")}}}}}\n')
    server = subprocess.Popen([program, "serve", config, "--port", "0", "-q", "--threads", THREADS],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return server, int(server.stdout.readline().rsplit(":", 1)[1])


def theirs(model):
    port = 18000 + os.getpid() % 1000
    server = subprocess.Popen([sys.executable, "-m", "llama_cpp.server", "--model", model, "--port", str(port),
                               "--n_threads", THREADS, "--n_threads_batch", THREADS, "--n_ctx", "2048",
                               "--interrupt_requests", "false", "--verbose", "false"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server, port


def main():
    model = find("smollm2")
    if model is None:
        return
    has_peer = importlib.util.find_spec("llama_cpp") and importlib.util.find_spec("uvicorn")
    with tempfile.TemporaryDirectory() as folder:
        pairs = [ours(sys.argv[1], model, folder)] + ([theirs(model)] if has_peer else [])
        try:
            for server, port in pairs:
                wait_for(port, server)
            # in turns, so that a busy machine is busy for both; an idle server costs nothing
            rates = [[rate(port) for _, port in pairs] for _ in range(ROUNDS)]
            memory = peak_megabytes(pairs[0][0].pid)
        finally:
            for server, _ in pairs:
                server.terminate()
            for server, _ in pairs:
                server.wait()
    best = [max(r[i] for r in rates) for i in range(len(pairs))]
    peer = f"{best[1]:.1f} llama-cpp-python" if has_peer else "not installed"
    ratio = f"{best[0] / best[1]:.2f}x" if has_peer else "-"
    print(f"recai serve, {CLIENTS} clients: tokens/s|{best[0]:.1f}|{peer}|{ratio}|{memory:.0f}")


main()
