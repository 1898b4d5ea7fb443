"""P3: the partition depends on the records and the model, not on order, batches or company."""

import csv
from pathlib import Path

import numpy as np
import pytest

import matching

MODEL = matching.load_model("customer")
GOLDEN = Path(__file__).parents[3] / "golden" / "organisations.csv"


def records():
    """Organisations, many "Germany GmbH" among them, so that common keys are really met."""
    with GOLDEN.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[:400]
    common = [
        {
            "id": f"G{number}",
            "name": f"Germany {form}",
            "country": "DE",
            "postcode": f"1{number % 40:04}",
            "city": ("Berlin", "Köln")[number % 2],
        }
        for number, form in enumerate(["GmbH", "AG", ""] * 50)
    ]
    return rows + common


def columns(rows):
    return {name: [row.get(name) or None for row in rows] for name in MODEL.attributes}


def partition(rows):
    found = matching.resolve(MODEL, columns(rows), ids=[row["id"] for row in rows])
    groups = {}
    for row, label in zip(rows, found.clusters.labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(row["id"])
    return frozenset(map(frozenset, groups.values())), found


def in_batches(rows, size):
    """As the hub does it: records arrive in batches and are compared with stored ones that share a key."""
    stored, index, edges = [], {}, {}
    for at in range(0, len(rows), size):
        batch = rows[at : at + size]
        fresh = matching.standardise(MODEL, columns(batch))
        made = matching.keys(MODEL, fresh)
        stored += [(row["id"], features) for row, features in zip(batch, fresh.rows(), strict=True)]
        pairs = set()
        for row, key in zip(made.row.tolist(), made.key.tolist(), strict=True):
            mates = index.setdefault(key, [])
            pairs |= {(mate, at + row) for mate in mates if mate != at + row}
            mates.append(at + row)
        if pairs:
            std = matching.Standardised.from_rows(MODEL, [features for _, features in stored])
            left, right = np.array(sorted(pairs), np.int32).T
            scores = matching.score(MODEL, std, left, right)
            edges |= {
                (a, b): w
                for a, b, w, band in zip(left.tolist(), right.tolist(), scores.weight.tolist(), scores.band.tolist(), strict=True)
                if band
            }
    std = matching.Standardised.from_rows(MODEL, [features for _, features in stored])
    left, right = np.array(list(edges), np.int32).reshape(-1, 2).T
    ids = [one for one, _ in stored]
    labels = matching.cluster(MODEL, std, (left, right, np.array(list(edges.values()))), ids=ids).labels.tolist()
    groups = {}
    for one, label in zip(ids, labels, strict=True):
        groups.setdefault(label, set()).add(one)
    return frozenset(map(frozenset, groups.values()))


@pytest.mark.timed
def test_shuffles_batches_and_bulk_give_the_identical_partition():
    rows = records()
    bulk, found = partition(rows)
    rng = np.random.default_rng(4)

    for size in (37, 200):
        shuffled = [rows[number] for number in rng.permutation(len(rows))]
        assert partition(shuffled)[0] == bulk
        assert in_batches(shuffled, size) == bulk
    assert len(bulk) < len(rows) - 100
    assert found.pairs_compared > 400


@pytest.mark.timed
def test_a_pair_is_compared_and_scored_alike_whoever_else_is_there():
    rows = records()
    _, whole = partition(rows)
    weight = {
        (rows[a]["id"], rows[b]["id"]): w
        for a, b, w in zip(whole.left.tolist(), whole.right.tolist(), whole.weight.tolist(), strict=True)
    }
    half = rows[::2]

    _, part = partition(half)
    names = [row["id"] for row in half]
    found = {
        (names[a], names[b]): w for a, b, w in zip(part.left.tolist(), part.right.tolist(), part.weight.tolist(), strict=True)
    }

    assert found == {pair: w for pair, w in weight.items() if set(pair) <= set(names)}
    assert found
