"""Prints the worst errors of the engine on one data set, to be read by a person: wrong merges by falling weight, then misses by rising weight.

usage: errors.py RECORDS.parquet MODEL [--link COLUMN] [--most 20]     RECORDS has id and cluster (the truth), MODEL as for `matching resolve`
A miss is a true pair in two clusters; its explanation says whether it was compared and what spoke against it.
"""

import argparse, sys
from itertools import combinations
from pathlib import Path
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import matching
from matching.pipeline.tables import ids_of, link_of, mapped_columns, read_table

ap = argparse.ArgumentParser()
ap.add_argument("records", type=Path)
ap.add_argument("model")
ap.add_argument("--link")
ap.add_argument("--most", type=int, default=20)
o = ap.parse_args()

model, table = matching.load_model(o.model), read_table(o.records)
ids, link, truth = ids_of(table, o.records), link_of(table, o.link), table["cluster"].to_pylist()
columns, _ = mapped_columns(model, table)
found = matching.resolve(model, columns, ids=ids, link=link)
std, labels = matching.standardise(model, columns), found.clusters.labels.tolist()


def pairs_within(groups):
    members = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    listed = (pair for rows in members.values() for pair in combinations(rows, 2))
    return [(a, b) for a, b in listed if link is None or link[a] != link[b]]


def shown(title, pairs, order):
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    weight = matching.score(model, std, left, right).weight if pairs else np.zeros(0)
    print(f"== {title}: {len(pairs)}")
    for place in np.argsort(order * weight, kind="stable")[: o.most].tolist():
        a, b = pairs[place]
        said = matching.explain(model, std, a, b)
        seen = "; ".join(f"{step.label} {step.weight:+.1f} {step.level_label}" for step in said.steps if step.level)
        print(f"{weight[place]:+6.1f} {'compared' if said.shared_keys else 'never compared'} | {seen}")
        for row in (a, b):
            print(
                "       ",
                " | ".join(str(table[name][row]) for name in table.column_names if name not in ("id", "cluster", "source")),
            )


shown("wrong merges", [(a, b) for a, b in pairs_within(labels) if truth[a] != truth[b]], -1)
shown("misses", [(a, b) for a, b in pairs_within(truth) if labels[a] != labels[b]], 1)
