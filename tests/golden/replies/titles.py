"""Goldens of the forms of titles: writes titles.jsonl.

RecLM-eval's three (evaluates/TFIDF_model.py, call_models/vllm_models.py, preprocess/generate_data.py) by
Python's re and unicodedata. The canonical form of standard mode is stated by hand.
"""
import json
import re
import unicodedata

# text, folded words of standard mode
TITLES = [
    ("Half-Life 2", "half life 2"), ("  The  Sims™ 3 ", "the simstm 3"), ("Amélie", "amélie"),
    ("AMÉLIE", "amélie"), ("Ame\u0301lie", "amélie"), ("千と千尋の神隠し", "千と千尋の神隠し"),
    ("Straße", "strasse"), ("STRASSE", "strasse"), ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
    ("M*A*S*H", "m a s h"), ("10,000 BC", "10 000 bc"), ("!!!", ""), ("", ""), ("\t\n", ""),
    ("Tab\there", "tab here"), ("line\nend", "line end"), ("Kelvin \u212a", "kelvin k"),
    ("ﬁnal", "final"), ("Ⅷ", "viii"), ("½ price", "1 2 price"), ("a_b", "a b"), ("C'est la vie", "c est la vie"),
    ("Москва слезам не верит", "москва слезам не верит"), ("ΌΔΟΣ", "όδοσ"), ("한글", "한글"),
    ("#1: [the] (best) = {?}", "1 the best"), ("<SOI>Up<EOI>", "soi up eoi"), ("emoji 😀 here", "emoji here"),
    ("soft\u00adhyphen", "softhyphen"), ("zero\u200bwidth", "zerowidth"), ("Don’t Look Up", "don t look up"),
    ("A.I. Artificial Intelligence", "a i artificial intelligence"), ("naïve café №5", "naïve café no5"),
]


def clean(s):
    return re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9 ]+", "", s.lower())).strip()


def ascii_form(s):
    s = unicodedata.normalize("NFKD", s).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", s.lower())


def sanitise(s):
    return re.sub(r"[^A-Za-z0-9_.,!?;:<>\n ]", "", s)


def main():
    with open("titles.jsonl", "w", encoding="utf-8") as f:
        for title, folded in TITLES + [("İstanbul", None)]:
            print(json.dumps({"title": title, "folded": folded, "clean": clean(title), "ascii": ascii_form(title),
                              "sanitised": sanitise(title)}, ensure_ascii=False), file=f)


if __name__ == "__main__":
    main()
