"""What the scripts lm_*.py share. Each runs by hand or under ctest (interop/NAME):

    python3 tests/interop/lm_NAME.py build/recai

and ends with exit code 77 and a line that says so when a package is missing (cmake -DRECAI_PYTHON=
names an interpreter that has them). Public checkpoints are used where RECAI_DATA has them
(scripts/fetch minilm smollm2).
"""
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("OMP_NUM_THREADS", "2")

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
DECODERS = ("llama3-rope", "mistral-window", "qwen2", "qwen3", "gemma3")
RECAI = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "build/recai"


def need(*packages):
    """Import, or skip the script."""
    try:
        modules = [importlib.import_module(p) for p in packages]
    except ImportError as error:
        print(f"skipped: {error}")
        sys.exit(77)
    if "transformers" in sys.modules:
        sys.modules["transformers"].utils.logging.disable_progress_bar()
    return modules


def recai(*arguments, lines=None):
    """Run `recai lm ...`; JSON lines in, JSON lines out."""
    text = "".join(json.dumps(line) + "\n" for line in lines) if lines is not None else None
    done = subprocess.run([RECAI, "lm", *arguments, "-q"], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"recai lm {' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()] if arguments[0] not in ("init", "train", "convert") else []


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def work_folder():
    return tempfile.TemporaryDirectory(prefix="recai-interop-")


def tiny_decoder(name, folder):
    """A golden decoder with a tokenizer of its vocabulary."""
    target = os.path.join(folder, name)
    os.makedirs(target)
    for source, names in ((f"lm/{name}", ("config.json", "model.safetensors")),
                          ("lm/tokenizer", ("tokenizer.json", "tokenizer_config.json"))):
        for file in names:
            shutil.copy(os.path.join(GOLDEN, source, file), target)
    return target


def checkpoint(name):
    """Folder of a public checkpoint, or None."""
    places = os.environ.get("RECAI_DATA", "").split(":") + [os.path.expanduser("~/.cache/recai")]
    return next((os.path.join(p, name) for p in places if p and os.path.isdir(os.path.join(p, name))), None)


def close(name, difference, tolerance):
    """Report one comparison; the script fails at its end if one did."""
    good = difference <= tolerance
    close.failed |= not good
    print(f"{'ok  ' if good else 'FAIL'} {name}: {difference:.3g} (at most {tolerance:.3g})")


close.failed = False


def finish():
    sys.exit(1 if close.failed else 0)


TEXTS = ["Toy Story (1995)", "The user watched Heat, Jumanji and The Lion King.",
         "na\u00efve caf\u00e9 \u4f60\u597d \U0001f600 \u0440\u0443\u0441\u0441\u043a\u0438\u0439",
         "  two  spaces\tand\n\nlines 1234567890", "I'll we've they're DON'T", "a<|im_end|>b"]
