"""Tokenizers as checkpoints of SentencePiece models carry them, trained on made-up titles.

    python3 tests/golden/tokenizers/make_sentencepiece.py

sentencepiece 0.2.3, tokenizers 0.23.3. `spm-llama`: BPE with byte fallback whose merges are every way to
cut a token, by score, as transformers' converter writes them. `unigram-precompiled`: Unigram behind a
compiled character map (a small one: ligatures, full-width letters, composed accents, controls dropped,
odd white space), as XLM-R and multilingual E5 have it. Each with expected.jsonl: text, ids with what the
post-processor adds, decoded with special tokens skipped.
"""
import io
import json
import os
import random
import tempfile

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as pb
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = ("Toy Story Heat Jumanji The Lion King Casino Babe Seven Clueless Dead Man Walking City Lost Children Braveheart "
         "Taxi Driver Apollo Crimson Tide Star Wars Pulp Fiction Quiz Show office finale caf\u00e9 r\u00e9sum\u00e9").split()
RULES = [  # source, target
    ("\uFB01", "fi"), ("\uFB02", "fl"), ("\uFF21", "A"), ("\uFF22", "B"), ("\uFF41", "a"), ("e\u0301", "\u00e9"),
    ("a\u0308", "\u00e4"), ("\u3000", " "), ("\u00a0", " "), ("\t", " "), ("\u200b", ""), ("\u00bd", "1/2"),
    ("\u2026", "..."), ("\u0130", "I"), ("\u1e9b\u0323", "\u1e69"),
]
TEXTS = ["Toy Story (1995)", "The Lion King and the \uFB01nale", "\uFF21\uFF22\uFF41 office", "cafe\u0301 r\u00e9sume\u0301",
         "caf\u00e9", "a\u0308b a\u0308\u0301", "one\u3000two\u00a0three\tfour", "zero\u200bwidth", "\u00bd price\u2026",
         "  two  spaces ", "", " ", "\U0001f600 \u4f60\u597d", "e\u0301\u0308 \u1e9b\u0323", "\u0130stanbul \u0130\u0307",
         "x\uFB02ow", "1234 567", "\u0628\u064e\u0631", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a\u200b\u200bb",
         "\r\nHeat\n", "I\u0301\uFF41\u0301"]


def train(folder, kind, **options):
    random.seed(1)
    lines = [" ".join(random.choice(WORDS) for _ in range(random.randint(2, 6))) + f" ({random.randint(1950, 1999)})"
             for _ in range(400)]
    lines += TEXTS * (kind == "unigram")
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=out, model_type=kind, num_threads=1,
                                   minloglevel=2, **options)
    proto = pb.ModelProto()
    proto.ParseFromString(out.getvalue())
    return spm.SentencePieceProcessor(model_proto=out.getvalue()), proto


def merges_of(pieces):
    """transformers' generate_merges: cuts of a token in the order of their parts, tokens by score."""
    ids = {p.piece: i for i, p in enumerate(pieces)}
    merges = []
    for p in pieces:
        cuts = [(p.piece[:i], p.piece[i:]) for i in range(1, len(p.piece))]
        cuts = [c for c in cuts if c[0] in ids and c[1] in ids]
        merges += [(*c, p.score) for c in sorted(cuts, key=lambda c: (ids[c[0]], ids[c[1]]))]
    merges.sort(key=lambda m: (m[2], len(m[0]), len(m[1])), reverse=True)
    return [(a, b) for a, b, _ in merges]


def write(name, tokenizer, texts):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tokenizer.json"), "w") as f:
        json.dump(json.loads(tokenizer.to_str()), f, ensure_ascii=True)
    with open(os.path.join(folder, "expected.jsonl"), "w") as f:
        for text in texts:
            ids = tokenizer.encode(text).ids
            f.write(json.dumps({"text": text, "ids": ids, "decoded": tokenizer.decode(ids)}) + "\n")


def llama():
    processor, proto = train(HERE, "bpe", vocab_size=420, byte_fallback=True, normalization_rule_name="identity",
                             add_dummy_prefix=True, remove_extra_whitespaces=False)
    vocab = {p.piece: i for i, p in enumerate(proto.pieces)}
    tokenizer = Tokenizer(models.BPE(vocab, merges_of(proto.pieces), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s> $B", [("<s>", 1)])
    for text in TEXTS:
        if text != "":
            assert tokenizer.encode(text, add_special_tokens=False).ids == processor.encode(text), text
    write("spm-llama", tokenizer, TEXTS)


def unigram():
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as f:
        for source, target in RULES:
            f.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
    _, proto = train(HERE, "unigram", vocab_size=120, normalization_rule_tsv=f.name, character_coverage=1.0)
    os.unlink(f.name)
    tokenizer = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B </s>", [("<s>", 1), ("</s>", 2)])
    print(len(proto.normalizer_spec.precompiled_charsmap), "bytes of character map")
    write("unigram-precompiled", tokenizer, TEXTS)


llama()
unigram()
