"""A running `recai serve` for the scripts serve_*.py (see lm_common.py for how they are run)."""
import contextlib
import os
import signal
import subprocess
import urllib.request

from lm_common import RECAI, checkpoint, tiny_decoder, write

KEY = "interop-key"


def models(folder):
    """lms: of a config: SmolLM2 and MiniLM where they are, a tiny model of random weights otherwise."""
    smol, mini = checkpoint("smollm2"), checkpoint("minilm")
    entries = {"smol": smol if smol is not None else tiny_decoder("qwen2", folder)}
    if mini is not None:
        entries["minilm"] = mini
    return entries, smol is not None


@contextlib.contextmanager
def serving(folder, *flags):
    """URL of a server over these models, and whether they are the real ones; it must stop cleanly."""
    entries, real = models(folder)
    config = os.path.join(folder, "serve.yaml")
    write(config, "lms:\n" + "".join(f'  {name}: {{backend: local, path: "{path}"}}\n'
                                     for name, path in entries.items()))
    environment = dict(os.environ, RECAI_INTEROP_KEY=KEY)
    server = subprocess.Popen([RECAI, "serve", config, "--port", "0", "--api-key-env", "RECAI_INTEROP_KEY",
                               "-q", *flags], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        line = server.stdout.readline()
        assert line.startswith("listening on "), line
        yield line.split()[-1], real
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    assert code == 143, f"exit code {code} after SIGTERM"


def metric(url, name):
    """A value of /metrics by its name with labels."""
    request = urllib.request.Request(url + "/metrics", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request) as answer:
        for line in answer.read().decode().splitlines():
            if line.rpartition(" ")[0] == name:
                return float(line.rpartition(" ")[2])
    return 0.0
