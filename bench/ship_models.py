"""Makes the numbers of the shipped models: python bench/ship_models.py DATA_DIR [model ...]

For each model it trains without labels (EM) on the set named below, calibrates the probability on labelled candidates of the same set, solves
the thresholds, and writes matching/models/NAME.yaml and matching/data/frequencies_NAME.csv. The structure of a model (attributes, keys,
comparisons, constraints) is read from the YAML that is there and kept.
"""

import csv, datetime, sys
from dataclasses import replace
from pathlib import Path
import numpy as np, pyarrow.parquet as pq, yaml

sys.path.insert(0, str(Path(__file__).parent.parent))
from matching.config.load import SHIPPED, load_model
from matching.config.model import Thresholds, Tie, probability_of
from matching.pipeline.steps import standardise
from matching.pipeline.train import candidates, train
from matching.pipeline.tables import mapped_columns
from matching.score import calibrate, thresholds
from matching.score.fellegi_sunter import score

SETS = {"customer": "orgs_100k", "legal_entity": "orgs_100k", "person": "historical_50k"}
# A second set for the comparisons that the first has no data for.
ALSO = {"person": "febrl3"}
# Among labelled candidates at or above the automatic threshold at most this share is wrong (before clustering weeds out more).
FALSE_AUTO = {"customer": 0.02, "legal_entity": 0.02, "person": 0.02}
# Keys that more than a hundred of so many records would share are listed as too common.
POPULATION = 1_000_000
# The mean weight between two sides must reach this share of the automatic threshold. Records of one person come in many spellings, few alike.
TIE = {"customer": 1.0, "legal_entity": 1.0, "person": 0.5}


def ship(name, data):
    path = SHIPPED / f"{name}.yaml"
    raw = stretched(yaml.safe_load(path.read_text()))
    table = pq.read_table(f"{data}/{SETS[name]}/records.parquet")
    model = load_model(
        raw
        | {
            "frequencies": {t: {"unlisted": 14.0, "bits": {}} for t in tables_of(raw)},
            "provenance": {k: v for k, v in raw.get("provenance", {}).items() if k != "calibration"},
        }
    )
    columns, _ = mapped_columns(model, table)
    model = train(model, columns, date=str(datetime.datetime.now(datetime.UTC).date()), source=SETS[name], population=POPULATION)
    if name in ALSO:
        model = also(model, f"{data}/{ALSO[name]}/records.parquet", ALSO[name])
    std = standardise(model, columns)
    left, right = candidates(model, std)
    truth = np.unique(table["cluster"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    match = truth[left] == truth[right]
    weight = score(model, std, left, right).weight
    found = calibrate.platt(weight, match)
    model = calibrate.scaled(model, found)
    scores = score(model, std, left, right)
    auto = thresholds.least_weight(scores.weight, match, FALSE_AUTO[name])
    error = calibrate.expected_error(scores.probability, match)
    said = {
        **model.provenance,
        "calibration": {
            "scale": found.scale,
            "shift": found.shift,
            "pairs": len(match),
            "labels": f"truth of {SETS[name]}",
            "expected_error": round(error, 4),
        },
        "thresholds": f"auto: at most {FALSE_AUTO[name]:.0%} of labelled candidates wrong; review: probability 0.6; tie: the mean over all pairs between two sides must reach {TIE[name]:g} of the automatic threshold",
        "training": {**model.provenance["training"]},
    }
    auto = round(probability_of(auto), 4)
    model = replace(
        model,
        thresholds=Thresholds(auto, min(0.6, auto)),
        tie=Tie(round(Thresholds(auto, auto).auto_weight * TIE[name], 3), 10.0),
        provenance=said,
    )
    write(model, path, name)
    print(name, found, "auto", model.thresholds, model.tie, "ece", round(error, 4))


def also(model, path, name):
    """The model with the weights of another set for comparisons that learned nothing from the first."""
    columns, _ = mapped_columns(model, pq.read_table(path))
    other = train(model, columns, source=name)
    taken = [b.name for a, b in zip(model.comparisons, other.comparisons) if not a.m and b.m]
    comparisons = tuple(b if b.name in taken else a for a, b in zip(model.comparisons, other.comparisons))
    return replace(
        model, comparisons=comparisons, provenance={**model.provenance, "training_also": {"source": name, "comparisons": taken}}
    )


def stretched(raw):
    """Weights repeated or cut to the number of levels the structure asks for, so that a changed structure can be trained."""
    from matching.compare.catalogue import COMPARATORS

    scale = raw.get("provenance", {}).get("calibration", {}).get("scale", 1.0)
    for entry in raw["comparisons"].values():
        # What no training touches must not be scaled again each time.
        entry["weights"] = [round(weight / scale, 3) for weight in entry.get("weights") or []]
        if "tf" in entry:
            entry["tf"]["scale"] = round(entry["tf"].get("scale", 1.0) / scale, 4)
        size = len(COMPARATORS[entry["comparator"]].levels)
        blocks = len(entry["given"]["groups"]) if "given" in entry else 1
        entry["weights"] = (
            ((entry.get("weights") or []) + [0.0] * size)[:size] * blocks
            if len(entry.get("weights") or []) != size * blocks
            else entry["weights"]
        )
        entry.pop("m", None), entry.pop("u", None)
    return raw


def tables_of(raw):
    found = {c["words"] for c in raw["comparisons"].values() if "words" in c} | {
        c["tf"]["table"] for c in raw["comparisons"].values() if "tf" in c
    }
    found |= {k["common"] for k in raw["keys"].values() if "common" in k}
    return found | {p["table"] for k in raw["keys"].values() for p in k["parts"] if isinstance(p, dict) and "table" in p}


def write(model, path, name):
    data = model.to_dict()
    listed = data.pop("frequencies")
    file = SHIPPED.parent / "data" / f"frequencies_{name}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(
            f"# How common words and values are: table,value,bits (-log2 of the share of records; * = not listed).\n# Learned by bench/ship_models.py from {SETS[name]}. Licence: Apache-2.0, with the code.\n"
        )
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["table", "value", "bits"])
        for table, entry in listed.items():
            rows.writerow([table, "*", entry["unlisted"]])
            rows.writerows([table, value, bits] for value, bits in entry["bits"].items())
    data["frequencies"] = f"../data/{file.name}"
    head = f"# The shipped model {name!r}. Structure by hand; weights, prior, calibration and thresholds by bench/ship_models.py (see provenance).\n"
    path.write_text(
        head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=170, default_flow_style=None), encoding="utf-8"
    )


if __name__ == "__main__":
    for name in sys.argv[2:] or SETS:
        ship(name, sys.argv[1])
