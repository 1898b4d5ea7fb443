"""Runs `python -m matching` and its peers on the same data in the same run and prints one JSON object with the ratios.

usage: versus.py DATA_DIR [NAME ...] [--peers splink,dedupe]     by default the sets of DEFAULT and every peer that can read them
Peers run in .venv-bench (`.ci/setup bench` makes it) by bench/peers/bench_*.py, one after the other, each in a process of its
own. A peer that fails or takes too long is shown with `failed`, and the rest goes on. orgs_1m is made in bench/data the first
time, seed 7. Our wall_s is that of the whole process: started, read, resolved, written. A peer's leaves out starting Python and
choosing a threshold on the truth; its process_s is that of the whole process.
ratio: our wall_s over the peer's. ratio_trained: `train` and `resolve` over the peer's wall_s, as it trains in each run.
"""

import argparse, json, os, signal, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEER = HERE.parent / ".venv-bench/bin/python"
LIMIT = 180  # seconds for the whole process of a peer, but for Splink's
# By beginning of the set's name: model, the column whose values must differ.
SETS = {
    "orgs_": ("customer", None),
    "chicago_orgs": ("customer", None),
    "historical": ("person", None),
    "febrl4": ("person", "source"),
    "febrl": ("person", None),
    "fake": ("person", None),
}
# By peer: its script, seconds at most, and by beginning of name the sets that the script can read, with more options.
SMALL = {"orgs_10k": [], "febrl": []}
PEERS = {
    "splink": (
        ["bench_splink.py"],
        None,
        {"orgs_1m": ["--cap", "60"], "orgs_": ["--pairs", "1e6"], "historical": [], "febrl": []},
    ),
    "recordlinkage_logistic": (["bench_recordlinkage.py", "--classifier", "logistic"], LIMIT, SMALL),
    "recordlinkage_ecm": (["bench_recordlinkage.py", "--classifier", "ecm"], LIMIT, SMALL),
    "dedupe": (["bench_dedupe.py"], LIMIT, SMALL),
    "goldenmatch": (["bench_goldenmatch.py"], LIMIT, SMALL | {"fake": [], "chicago_orgs": [], "historical_50k": []}),
}
DEFAULT = ["orgs_10k", "orgs_100k", "historical_50k", "febrl3", "febrl4", "fake_1000", "chicago_orgs", "orgs_1m"]
KEPT = ("peer", "labels", "wall_s", "process_s", "cpu_s", "peak_rss_mb", "stages", "p", "r", "f1", "b3_f1")


def of(name, table):
    """What stands in a table for a set, by the first beginning of its name."""
    return next((found for beginning, found in table.items() if name.startswith(beginning)), None)


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


def last_line(command, limit):
    """What a peer's script prints last, as data, or why there is nothing; its own children end with it."""
    peer = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE / "peers", start_new_session=True
    )
    try:
        printed, complaint = peer.communicate(timeout=limit)
    except BaseException as error:
        os.killpg(peer.pid, signal.SIGKILL)
        peer.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return {"failed": f"not finished in {limit} s"}
        raise
    if peer.returncode < 0:
        return {"failed": f"ended by signal {-peer.returncode}"}
    if peer.returncode:
        return {"failed": (complaint.strip().splitlines() or [f"ended with {peer.returncode}"])[-1]}
    return json.loads(printed.strip().splitlines()[-1])


def beside(folder, peer, seconds, trained):
    """A peer's figures on one set, and ours over them."""
    script, limit, sets = PEERS[peer]
    print(f"{folder.name}: {peer}", file=sys.stderr, flush=True)
    began = time.perf_counter()
    found = last_line([PEER, *script, folder, *of(folder.name, sets)], limit)
    found["process_s"] = round(time.perf_counter() - began, 2)
    if "failed" in found:
        print(f"{folder.name}: {peer} failed: {found['failed']}", file=sys.stderr, flush=True)
        return found
    ratios = {"ratio": round(seconds / found["wall_s"], 3), "ratio_trained": round((seconds + trained) / found["wall_s"], 3)}
    return {name: found[name] for name in KEPT if name in found} | ratios


def measure(folder, scratch, peers):
    model, link = of(folder.name, SETS)
    print(f"{folder.name}: ours", file=sys.stderr, flush=True)
    records, out, more = folder / "records.parquet", scratch / "out.parquet", ["--link", link] if link else []
    resolved, wall = engine("resolve", records, "--model", model, "--output", out, *more)
    figures, _ = engine("evaluate", out, "--truth", records, *more)
    _, trained = engine("train", records, "--model", model, "--output", scratch / "model.json", *more)
    ours = {
        "wall_s": round(wall, 2),
        "train_s": round(trained, 2),
        "peak_rss_mb": resolved["peak_rss_mb"],
        "seconds": resolved["seconds"],
        "pairs_compared": resolved["pairs_compared"],
        **{name: figures[name] for name in ("precision", "recall", "f1", "b3_f1")},
    }
    readers = [peer for peer in peers if of(folder.name, PEERS[peer][2]) is not None]
    return {"ours": ours} | {peer: beside(folder, peer, wall, trained) for peer in readers}


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("data", type=Path)
    asked.add_argument("names", nargs="*", default=DEFAULT)
    asked.add_argument("--peers", default=",".join(PEERS), help="those to run, with commas between")
    o = asked.parse_args()
    peers, result = o.peers.split(","), {}
    if unknown := set(peers) - set(PEERS):
        asked.error(f"no such peer: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as scratch:
        for name in o.names:
            result[name] = measure(place(o.data.resolve(), name), Path(scratch), peers)
    print(json.dumps({"versus": result}))


if __name__ == "__main__":
    main()
