"""A recommender that recai asks through lines of JSON (docs/process.md): items that share users with
the items of the history, counted on the training rows.

    systems: [{type: process, command: [python3, docs/process_example.py]}]
"""

import collections
import json
import sys


class CoOccurrence:
    def __init__(self):
        self.together = collections.defaultdict(collections.Counter)

    def train(self, items):
        items = set(items)
        for item in items:
            self.together[item].update(items - {item})

    def score(self, history):
        scores = collections.Counter()
        for item in history:
            scores.update(self.together.get(item, {}))
        return {"items": list(scores), "scores": list(scores.values())}


def answer(message):
    print(json.dumps(message), flush=True)


def main():
    model = CoOccurrence()
    for line in sys.stdin:
        message = json.loads(line)
        kind = message["type"]
        if kind == "train":
            model.train(message["items"])
        elif kind == "fit":
            answer({"type": "ready"})
        elif kind == "score":
            results = [model.score(query["history"]) for query in message["queries"]]
            answer({"id": message["id"], "results": results})


if __name__ == "__main__":
    main()
