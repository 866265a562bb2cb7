"""Corpus of replies to a multiple-choice question: writes letters.jsonl.

The standard expectation is stated by hand, with its mode. RecLM-eval's is computed by its rules
(evaluates/evaluate.py, compute_metrics_on_multi_choices, revision of 28 Sep 2025), written here again
over Python's re and difflib. "-" is no answer. Fuzzy cases state difflib's ratio.
"""
import difflib
import json
import re

OPTIONS = ["Toy Story", "Portal", "Portal 2", "Up", "Half-Life", "Me, Myself & Irene", "Monsters, Inc.",
           "Amélie", "The Sims 3", "Mission X"]
EAST = ["海街日记", "千と千尋の神隠し", "七人の侍"]
LONG = ["a" * 150 + "bcd" + "e" * 60, "xyz" * 80, "the quick brown fox " * 12]

NEAR = "qwertyuiopasdfghjklzxcvbnmmnbvcxzlkjhgfdsapoiuytrewq"


def clean(s):
    return re.sub(r" +", " ", re.sub(r"[^a-z0-9 ]", "", s.lower())).strip()


def reclm(reply, options):
    text = re.sub(r"^\s*\d+\s*[.)]\s*", "", reply.strip(), count=1)
    m = re.search(r"\b([A-J])\b", text)
    if m:
        return m.group(1)
    cleaned = clean(text)
    titles = []
    for letter, option in zip("ABCDEFGHIJ", options):
        m = re.match(r"\s*([A-Ja-j])[.)]\s*(.+)", f"{letter}. {option}")
        if m:
            titles.append((letter, clean(m.group(2))))
    for letter, title in titles:
        if title and title in cleaned:
            return letter
    best, found = 0.0, "-"
    for letter, title in titles:
        ratio = difflib.SequenceMatcher(None, cleaned, title).ratio()
        if ratio > best:
            best, found = ratio, letter
    return found if best >= 0.55 else "-"


# reply, letter, mode, options
CASES = [
    # one letter and marks
    ("C", "C", "alone"), ("c", "C", "alone"), ("C.", "C", "alone"), ("(D)", "D", "alone"),
    ("[B]", "B", "alone"), ("**E**", "E", "alone"), ("**E.**", "E", "alone"), ("`F`", "F", "alone"),
    ("\"G\"", "G", "alone"), (" \n H \n", "H", "alone"), ("I", "I", "alone"), ("A", "A", "alone"),
    ("A)", "A", "alone"), ("<B>", "B", "alone"), ("# B", "B", "alone"), ("```\nC\n```", "C", "alone"),
    ("<think>A or B? I say B.</think>D", "D", "alone"), ("j", "J", "alone"),
    # stated
    ("answer: g", "G", "stated"), ("Answer: G", "G", "stated"), ("**Answer:** G", "G", "stated"),
    ("The answer is B.", "B", "stated"), ("The answer is: B", "B", "stated"),
    ("The correct answer is (C) because A is too old.", "C", "stated"),
    ("My answer is option D, not B.", "D", "stated"),
    ("The answer is A. No wait, the answer is C.", "C", "stated"),
    ("ANSWER = E", "E", "stated"), ("Final answer: **I**", "I", "stated"),
    ("answer is a", "A", "stated"), ("I think A and B are close, but the answer would be J", "J", "stated"),
    ("The answer is Portal 2", "C", "contained"),
    ("The answer is a film about toys, Toy Story", "A", "contained"),
    ("The answer is A film", "-", "none"),
    ("Answer: K", "-", "none"),
    # the only letter
    ("I think C", "C", "unique"), ("I would go with D.", "D", "unique"),
    ("A good choice is B.", "B", "unique"), ("1. F", "F", "unique"), ("2) F", "F", "unique"),
    ("C. Portal 2", "C", "unique"), ("C) Portal 2", "C", "unique"), ("B: Portal", "B", "unique"),
    ("Option E", "E", "unique"), ("I'd say H", "H", "unique"), ("I choose (A).", "A", "unique"),
    ("A. Toy Story", "A", "unique"), ("A user like this would enjoy G", "G", "unique"),
    ("C, C and again C", "C", "unique"), ("The best option is J because of the mood", "J", "unique"),
    ("I choose I.", "I", "unique"), ("Choose A\n", "A", "unique"), ("我选 D。", "D", "unique"),
    ("J. Mission X", "J", "unique"), ("It must be option B, Portal.", "B", "unique"),
    ("H — Amélie", "H", "unique"),
    # letters that are none
    ("I'm not sure", "-", "none"), ("I don't know", "-", "none"), ("A user", "-", "none"),
    ("A or B", "B", "unique"), ("B or C", "-", "none"), ("B-movie", "-", "none"), ("C++", "-", "none"),
    ("Z", "-", "none"), ("K. Something", "-", "none"), ("ABC", "-", "none"), ("D2", "-", "none"),
    # titles
    ("Toy Story", "A", "exact"), ("Me, Myself & Irene", "F", "exact"), ("\"Up\"", "D", "exact"),
    ("**Half-Life**", "E", "exact"), ("toy story", "A", "canonical"), ("HALF LIFE", "E", "canonical"),
    ("monsters inc", "G", "canonical"), ("amélie.", "H", "canonical"),
    ("portal 2!", "C", "canonical"), ("I would play Portal 2 next", "C", "contained"),
    ("You should watch toy story tonight", "A", "contained"), ("maybe the sims 3", "I", "contained"),
    ("Portal, then Portal 2", "-", "none"), ("upside down", "-", "none"),
    ("toy story or up", "-", "none"),
    # similar titles
    ("tay stery", "A", "fuzzy"), ("half lief", "E", "fuzzy"), ("monster inc", "G", "fuzzy"),
    ("sims 3", "I", "fuzzy"), ("mision eks", "-", "none"), ("portal 3", "-", "none"),
    ("myself irene", "F", "fuzzy"), ("half", "E", "fuzzy"), ("completely different", "-", "none"),
    (NEAR[:14], "-", "none", [NEAR[:37], "zzz"]),  # 2 * 14 / 51 = 0.549
    (NEAR[:19], "A", "fuzzy", [NEAR[:50], "zzz"]),  # 2 * 19 / 69 = 0.551
    (NEAR[:20], "-", "none", [NEAR[:22], NEAR[:23], "zzz"]),  # 0.952 and 0.930: too close
    (NEAR[:20], "A", "fuzzy", [NEAR[:22], NEAR[:26], "zzz"]),  # 0.952 and 0.870
    # nothing
    ("", "-", "none"), ("   ", "-", "none"), ("None", "-", "none"), ("...", "-", "none"),
    ("I cannot help with that.", "-", "none"), ("42", "-", "none"), ("<think>The answer is C", "-", "none"),
    # other scripts, other numbers of options, long titles
    ("千と千尋の神隠し", "B", "exact", EAST), ("七人の侍です", "C", "fuzzy", EAST), ("我选 B", "B", "unique", EAST),
    ("D", "-", "none", EAST), ("七人 の 侍", "C", "canonical", EAST), ("日本語だけ", "-", "none", EAST),
    ("no letter here", "-", "none", []), ("B", "-", "none", []),
    ("bcd" + "a" * 150 + "e" * 60, "-", "none", LONG), ("xyz" * 79, "B", "fuzzy", LONG),
    ("the quick brown fox " * 11, "C", "fuzzy", LONG),
]


def main():
    with open("letters.jsonl", "w", encoding="utf-8") as f:
        for reply, letter, mode, *options in CASES:
            options = options[0] if options else OPTIONS
            print(json.dumps({"reply": reply, "options": options, "standard": letter, "mode": mode,
                              "reclm": reclm(reply, options)}, ensure_ascii=False), file=f)
    print(len(CASES), "replies")


if __name__ == "__main__":
    main()
