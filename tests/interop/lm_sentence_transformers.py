"""Embedders that recai tuned, read by sentence-transformers: equal vectors (2e-5), and the other way round."""
import importlib
import os
import shutil

from lm_common import GOLDEN, checkpoint, close, finish, need, recai, work_folder, write

torch, sentence_transformers = need("torch", "sentence_transformers")

TITLES = ["Toy Story (1995)", "Heat", "The Lion King (1994), a film about lions", "na\u00efve caf\u00e9", "x"]


def compare(name, folder):
    model = sentence_transformers.SentenceTransformer(folder, device="cpu")
    theirs = torch.tensor(model.encode(TITLES, batch_size=1, show_progress_bar=False))
    ours = torch.tensor([v["embedding"] for v in recai("embed", "--model", folder, lines=[{"text": t} for t in TITLES])])
    close(name, (theirs - ours).abs().max().item(), 2e-5)


def tiny_bert(work, pooling):
    """A folder as sentence-transformers writes it."""
    plain = f"{work}/plain-{pooling}"
    os.makedirs(plain)
    for source in ("lm/bert/config.json", "lm/bert/model.safetensors", "tokenizers/wordpiece-cased/tokenizer.json"):
        shutil.copy(os.path.join(GOLDEN, source), plain)
    write(f"{plain}/tokenizer_config.json",
          '{"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, "pad_token": "[PAD]", '
          '"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "mask_token": "[MASK]"}')
    modules = importlib.import_module("sentence_transformers.sentence_transformer.modules")
    transformer = modules.Transformer(plain)
    parts = [transformer, modules.Pooling(transformer.get_embedding_dimension(), pooling_mode=pooling),
             modules.Normalize()]
    folder = f"{work}/{pooling}"
    sentence_transformers.SentenceTransformer(modules=parts, device="cpu").save(folder)
    return folder


def tuned(folder, work, name):
    write(f"{work}/pairs.jsonl", "".join('{"query": "toy %d", "pos": "Toy Story %d"}\n' % (i, i) for i in range(8)))
    write(f"{work}/pairs.yaml", "method: contrastive\nfull: true\n"
                                "tuning: {batch_size: 8, training: {epochs: 2}, optimizer: {lr: 0.0005}}\n")
    out = f"{work}/{name}-tuned"
    recai("train", "--model", folder, "--config", f"{work}/pairs.yaml", "--input", f"{work}/pairs.jsonl", "--out", out)
    return out


with work_folder() as work:
    for pooling in ("mean", "cls"):
        folder = tiny_bert(work, pooling)
        compare(f"bert, {pooling}: theirs here", folder)
        compare(f"bert, {pooling}: tuned", tuned(folder, work, pooling))
    if checkpoint("minilm") is not None:
        compare("minilm: theirs here", checkpoint("minilm"))
        compare("minilm: tuned", tuned(checkpoint("minilm"), work, "minilm"))
        recai("convert", "--model", checkpoint("minilm"), "--weights", "f32", "--out", f"{work}/minilm")
        compare("minilm: converted", f"{work}/minilm")
finish()
