"""Runs `python -m matching resolve` on each data set of a folder and prints one JSON object.

usage: engine.py DATA_DIR [NAME ...]     DATA_DIR/NAME/records.parquet with id, cluster (the truth: for scoring only), source and the fields
Each set is resolved by the model named below at the model's own thresholds; wall seconds include starting Python, reading and writing.
"""

import json, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# By beginning of the set's name: model, and the column whose values must differ where two files are linked.
MODELS = {
    "orgs": ("customer", None),
    "chicago_orgs": ("customer", None),
    "affiliations": ("customer", None),
    "historical": ("person", None),
    "febrl4": ("person", "source"),
    "febrl": ("person", None),
    "fake": ("person", None),
    "dblp_acm": (HERE / "models/bibliography.yaml", "source"),
    "abt_buy": (HERE / "models/products.yaml", "source"),
}


def command(*arguments):
    """Run one engine command; its last line as data, and its wall seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "matching", *map(str, arguments)], capture_output=True, text=True, cwd=HERE.parent
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - began


def measure(records, folder):
    model, link = next(found for name, found in MODELS.items() if records.parent.name.startswith(name))
    out, more, trained = folder / "out.parquet", ["--link", link] if link else [], 0.0
    if isinstance(model, Path):
        _, trained = command("train", records, "--model", model, "--output", folder / "model.json", *more)
        model = folder / "model.json"
    run, wall = command("resolve", records, "--model", model, "--output", out, *more)
    figures, _ = command("evaluate", out, "--truth", records, *more)
    kept = {
        key: run[key]
        for key in ("records", "pairs_compared", "pairs_auto", "pairs_review", "clusters", "seconds", "peak_rss_mb", "model")
    }
    score = {key: figures[key] for key in ("precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1")}
    return kept | {"train_s": round(trained, 2), "wall_s": round(wall, 2)} | score


def main(data, names):
    found = sorted(path for path in Path(data).resolve().glob("*/records.parquet") if not names or path.parent.name in names)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        for records in found:
            if any(records.parent.name.startswith(name) for name in MODELS):
                print(records.parent.name, file=sys.stderr, flush=True)
                result[records.parent.name] = measure(records, Path(folder))
    print(json.dumps({"engine": result}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
