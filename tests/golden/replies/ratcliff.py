"""Goldens of rec_ratcliff: writes ratcliff.jsonl. difflib.SequenceMatcher(None, a, b).ratio(), Python 3.11.7."""
import difflib
import json
import random


def main():
    rng = random.Random(11)
    pairs = [("", ""), ("", "a"), ("a", ""), ("abcd", "bcde"), ("tide", "diet"), ("diet", "tide")]
    for n_max, alphabet, count in ((40, "abcdefghij klmno", 150), (12, "ab", 80), (400, "abcdefghijklmnopqrstuvwxyz0123456789 ", 60),
                                   (300, "abcdefgh", 30)):
        for _ in range(count):
            a = "".join(rng.choice(alphabet) for _ in range(rng.randint(n_max // 2, n_max)))
            b = list(a)
            for _ in range(rng.randint(0, len(b) // 3)):
                at = rng.randrange(len(b) + 1)
                b[at:at + rng.randint(0, 3)] = rng.choice(alphabet) * rng.randint(0, 2)
            pairs.append((a, "".join(b)))
    with open("ratcliff.jsonl", "w") as f:
        for a, b in pairs:
            print(json.dumps({"a": a, "b": b, "ratio": difflib.SequenceMatcher(None, a, b).ratio()}), file=f)


if __name__ == "__main__":
    main()
