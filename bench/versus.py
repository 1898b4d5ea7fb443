"""Runs `python -m matching` and Splink 5 on the same data in the same run and prints one JSON object with the ratios.

usage: versus.py DATA_DIR [NAME ...]     by default orgs_10k, orgs_100k, historical_50k, febrl3, febrl4 and orgs_1m
Splink runs in .venv-bench (`.ci/setup bench` makes it), by bench/peers/bench_splink.py; its seconds leave out starting Python and choosing its
threshold on the truth. Ours are whole processes, started, read and written. orgs_1m is made in bench/data the first time (seed 7).
ratio: our wall seconds over Splink's. ratio_trained: `train` and `resolve` over Splink's, which trains in each run.
"""

import json, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEER = HERE.parent / ".venv-bench/bin/python"
# By beginning of the set's name: model, the column whose values must differ, Splink's own options.
SETS = {
    "orgs_1m": ("customer", None, ["--cap", "60"]),
    "orgs_": ("customer", None, ["--pairs", "1e6"]),
    "historical": ("person", None, []),
    "febrl4": ("person", "source", []),
    "febrl": ("person", None, []),
}
DEFAULT = ["orgs_10k", "orgs_100k", "historical_50k", "febrl3", "febrl4", "orgs_1m"]


def run(command, where):
    began = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=where)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1]), time.perf_counter() - began


def engine(*arguments):
    return run([sys.executable, "-m", "matching", *arguments], HERE.parent)


def place(data, name):
    """The folder of a set; the million is made when it is not there."""
    for folder in (data / name, HERE / "data" / name):
        if (folder / "records.parquet").is_file():
            return folder
    if name != "orgs_1m":
        raise SystemExit(f"there is no {data / name}/records.parquet")
    print("making bench/data/orgs_1m", file=sys.stderr, flush=True)
    subprocess.run([PEER, HERE / "orgs_generator.py", "1000000", HERE / "data" / name], check=True, stdout=subprocess.DEVNULL)
    return HERE / "data" / name


def measure(folder, scratch):
    model, link, options = next(found for name, found in SETS.items() if folder.name.startswith(name))
    records, out, more = folder / "records.parquet", scratch / "out.parquet", ["--link", link] if link else []
    resolved, wall = engine("resolve", records, "--model", model, "--output", out, *more)
    figures, _ = engine("evaluate", out, "--truth", records, *more)
    _, trained = engine("train", records, "--model", model, "--output", scratch / "model.json", *more)
    peer, _ = run([PEER, "bench_splink.py", folder, *options], HERE / "peers")
    return {
        "ours": {
            "wall_s": round(wall, 2),
            "train_s": round(trained, 2),
            "peak_rss_mb": resolved["peak_rss_mb"],
            "seconds": resolved["seconds"],
            "pairs_compared": resolved["pairs_compared"],
            **{name: figures[name] for name in ("precision", "recall", "f1", "b3_f1")},
        },
        "splink": {name: peer[name] for name in ("wall_s", "cpu_s", "peak_rss_mb", "stages", "p", "r", "f1", "b3_f1")},
        "ratio": round(wall / peer["wall_s"], 3),
        "ratio_trained": round((wall + trained) / peer["wall_s"], 3),
    }


def main(data, names):
    result = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in names or DEFAULT:
            print(name, file=sys.stderr, flush=True)
            result[name] = measure(place(Path(data).resolve(), name), Path(scratch))
    print(json.dumps({"versus": result}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
