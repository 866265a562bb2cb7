"""Reads the report of tests/harness/report/fixture.c with h5py alone and checks every part of it."""

import json
import sys

import h5py
import numpy as np


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


def texts(dataset):
    return [text(v) for v in dataset[:]]


with h5py.File(sys.argv[1], "r") as f:
    assert list(f) == ["dataset", "expected", "systems", "tasks"]
    assert f.attrs["schema"] == 1 and text(f.attrs["name"]) == "fixture"
    assert "café" in text(f.attrs["config"])
    assert len(text(f.attrs["config_hash"])) == len(text(f.attrs["content_hash"])) == 64
    assert f.attrs["seeds"].dtype == np.uint64 and list(f.attrs["seeds"]) == [1, 2**64 - 1]
    assert json.loads(text(f.attrs["host"]))["cores"] == 2 and f.attrs["wall_seconds"] == 12.25

    data = f["dataset"]
    assert (data.attrs["n_users"], data.attrs["n_items"], data.attrs["n_interactions"]) == (100, 7, 321)
    assert json.loads(text(data.attrs["rules"])) == {"split": "leave_one_out"}
    assert texts(data["item_ids"])[3] == "i3" and texts(data["item_titles"])[2] == ""

    ease = f["systems/ease"]
    assert text(ease.attrs["fit_on"]) == "train" and json.loads(text(ease.attrs["options"])) == {"lambda": 250}
    assert ease["loss_train"][:].tolist() == [1, 0.5, 1 / 3] and ease["loss_valid"].shape == (2,)
    odd = f["systems/odd%2F%25name"]
    assert text(odd.attrs["name"]) == "odd/%name" and text(odd.attrs["flags"]).startswith("saw_test_rows")

    result = f["tasks/ranking20/ease"]
    assert result.attrs["candidates"] == 20 and result.attrs["skipped"] == 2
    assert result.attrs["cost_microdollars"] == -1 and "not_applicable" not in result.attrs
    assert text(f["tasks/ranking20/agent"].attrs["not_applicable"]) == "the system cannot score"

    metrics = result["metrics"][:]
    assert metrics.dtype.names == ("label", "metric", "k", "mean", "stderr", "ci_low", "ci_high", "n",
                                   "sd_seeds", "higher_is_better")
    assert metrics.dtype["higher_is_better"] == bool and metrics.dtype["mean"] == np.float64
    assert [text(m) for m in metrics["label"]] == ["ndcg@10", "ndcg@20", "rank"]
    assert metrics["k"].tolist() == [10, 20, 0] and metrics["higher_is_better"].tolist() == [True, True, False]
    assert np.isnan(metrics["sd_seeds"][2])

    samples = result["samples"]
    assert set(samples) == {"sample_id", "user", "cluster", "seed", "turn", "ndcg@10", "ndcg@20", "rank"}
    assert texts(samples["sample_id"])[40] == "18446744073709551615/u0" and samples["turn"][0] == -1
    for row in metrics:
        values = samples[text(row["label"])][:]
        assert values.dtype == np.float64
        assert abs(np.nanmean(values) - row["mean"]) < 1e-12 and np.isfinite(values).sum() == row["n"]
        assert samples[text(row["label"])].attrs["k"] == row["k"]

    items, scores = result["lists/items"][:], result["lists/scores"][:]
    assert items.shape == scores.shape == (80, 3) and scores.dtype == np.float32
    assert items[0, 2] == 2**32 - 1 and scores[1].tolist() == [1, 0.5, np.float32(1 / 3)]
    start = result["targets/start"][:]
    assert len(start) == 81 and start[-1] == len(result["targets/items"]) == len(result["targets/gains"])

    reply = texts(f["tasks/retrieval/agent/text/reply"])
    assert reply[0] == "" and reply[1] == 'line one\nline "two" € 1'

    expected = f["expected"][:]
    assert [text(v) for v in expected["side"]] == ["both", "at_least"]
    assert expected["within"].tolist() == [True, False] and expected["digits"].tolist() == [4, -1]
print("ok")
