"""Load on recai serve, and whether its memory grows. By hand:

    python3 tests/interop/serve_load.py build/recai [SECONDS [CLIENTS]]      (600 and 32)

Clients send chats, completions with echoed log-probabilities, embeddings, streams (some left in the
middle, some read slowly), malformed and oversized bodies. After a third of the time (caches have their
size then) memory in use is the baseline; at the end it may not be 5 % above it. Exit code 1 if it is.
"""
import collections
import http.client
import json
import random
import sys
import threading
import time
import urllib.parse

from lm_common import work_folder
from serve_common import KEY, metric, serving

SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
CLIENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 32
WORDS = "the user watched heat jumanji and lion king then asked for a film like toy story but longer".split()
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


def sentence(rng):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(3, 60)))


def chat(rng, **more):
    return "/v1/chat/completions", {"model": "smol", "max_tokens": rng.randrange(1, 40), "temperature": 0.7,
                                    "messages": [{"role": "user", "content": sentence(rng)}], **more}


def request_of(rng):
    kind = rng.randrange(10)
    if kind < 3:
        return chat(rng)
    if kind < 6:
        return chat(rng, stream=True)
    if kind == 6:
        return "/v1/completions", {"model": "smol", "prompt": sentence(rng), "max_tokens": 4, "echo": True, "logprobs": 2}
    if kind == 7:
        return "/v1/embeddings", {"model": "smol", "input": [sentence(rng) for _ in range(rng.randrange(1, 8))]}
    if kind == 8:
        return chat(rng, n=3, stop=["film"], logprobs=True, top_logprobs=3)
    return rng.choice([("/v1/completions", {"model": "none", "prompt": "x"}), ("/v1/completions", "{"),
                       ("/v1/completions", "x" * (9 << 20)), ("/nowhere", {})])


def read_stream(answer, rng):
    """Whole, slowly, or left in the middle. False: the connection cannot be used again."""
    way = rng.randrange(4)
    if way == 0:
        answer.read1(100)
        return False
    while answer.read1(64 if way == 1 else 65536):
        if way == 1:
            time.sleep(0.002)
    return True


def client(url, number, until, counts, lock):
    rng = random.Random(number)
    place = urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(place, timeout=120)
    while time.time() < until:
        path, body = request_of(rng)
        text = body if isinstance(body, str) else json.dumps(body)
        keeps = rng.randrange(10) > 0
        try:
            connection.request("POST", path, text, HEADERS)
            answer = connection.getresponse()
            streams = isinstance(body, dict) and body.get("stream")
            keeps = (read_stream(answer, rng) if streams else answer.read() is not None) and keeps
            key = answer.status
        except OSError as error:
            key, keeps = type(error).__name__, False
        if not keeps:
            connection.close()
            connection = http.client.HTTPConnection(place, timeout=120)
        with lock:
            counts[key] += 1
    connection.close()


def megabytes(url):
    return metric(url, "process_resident_memory_bytes") / 1e6


# Few slots and a small cache: what may be kept for later prompts is full early.
with work_folder() as work, serving(work, "--set", "lms.smol.slots=8", "--set", "lms.smol.cache_tokens=4096") as (url, _):
    begin, counts, lock = time.time(), collections.Counter(), threading.Lock()
    threads = [threading.Thread(target=client, args=(url, i, begin + SECONDS, counts, lock)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    baseline = None
    while time.time() < begin + SECONDS:
        time.sleep(min(10.0, SECONDS / 10))
        now, passed = megabytes(url), time.time() - begin
        if baseline is None and passed >= SECONDS / 3:
            baseline = now
        tokens = metric(url, 'recai_tokens_total{model="smol",kind="generated"}')
        print(f"{passed:6.0f} s  {now:8.1f} MB  {sum(counts.values())} requests  {tokens:.0f} tokens", flush=True)
    for thread in threads:
        thread.join()
    time.sleep(1)
    end, running = megabytes(url), metric(url, 'recai_running{model="smol"}')
    print(f"answers: {dict(counts)}")
    print(f"memory: {baseline:.1f} MB after a third of the time, {end:.1f} MB at the end; {running:.0f} slots taken")
    good = end <= 1.05 * baseline and running == 0 and set(counts) <= {200, 400, 404, 413, 429}
sys.exit(0 if good else 1)
