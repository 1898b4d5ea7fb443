"""Kills a bulk load with -9 at random moments, runs it again each time, and compares what it leaves with a load that nobody killed.

usage: bench/kills.py RECORDS.parquet [--records 1000000] [--kills 5] [--seed 1]   (exit code 1 when the two differ)
Everything runs in scratch data folders that are removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOLDS = {
    "records": "SELECT key, payload, attributes, standardised, version, is_live FROM mdm_sourcerecord",
    "quarantined": "SELECT system, native_id, payload, codes, status FROM mdm_quarantinedrecord",
    "goldens": """
        SELECT golden.values, golden.label, golden.status, golden.version, golden.member_count,
               (SELECT array_agg(record.key ORDER BY record.key) FROM mdm_crosswalk home
                JOIN mdm_sourcerecord record ON record.id = home.record_id
                WHERE home.golden_id = golden.id AND home.valid_to IS NULL),
               (SELECT jsonb_object_agg(name, why - 'record' - 'at') FROM jsonb_each(golden.provenance) AS each (name, why))
        FROM mdm_golden golden""",
    "pairs": """
        SELECT one.key, other.key, pair.weight, pair.probability, pair.band, pair.pattern, pair.status
        FROM mdm_matchpair pair JOIN mdm_sourcerecord one ON one.id = least(pair.left_id, pair.right_id)
        JOIN mdm_sourcerecord other ON other.id = greatest(pair.left_id, pair.right_id)""",
    "keys": "SELECT record.key, held.key FROM mdm_matchkey held JOIN mdm_sourcerecord record ON record.id = held.record_id",
    "versions": "SELECT version.values, version.version, version.status FROM mdm_goldenversion version",
    "events": "SELECT type, sequence, data FROM mdm_event",
    "lives": "SELECT status, cause FROM mdm_idlife",
}
"""What a load leaves, without the numbers and times that differ from run to run."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path)
    parser.add_argument("--records", dest="count", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with scratch() as folder:
        file, systems = cut(options.records, options.count, folder)
        plain, seconds = run(file, systems, moments=[])
        pick = random.Random(options.seed)
        killed, _ = run(file, systems, moments=[pick.uniform(0.02, 0.98) * seconds for _ in range(options.kills)])
    print(json.dumps({"records": options.count, "kills": options.kills, "not killed": plain, "killed": killed}, indent=1))
    if differing := [name for name in plain if plain[name] != killed[name]]:
        raise SystemExit(f"They differ in {', '.join(differing)}.")


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="concord-kills-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cut(path: Path, count: int, folder: Path) -> tuple[Path, list[str]]:
    """The first `count` rows without the truth, and the systems that they are of."""
    from pyarrow import parquet

    table = parquet.read_table(path).slice(0, count).drop(["cluster"])
    parquet.write_table(table, folder / "records.parquet")
    return folder / "records.parquet", sorted(set(table.column("source").to_pylist()))


def run(file: Path, systems: list[str], *, moments: list[float]) -> tuple[dict[str, str], float]:
    """One hub: a load that is killed after each of `moments` seconds, then run to its end; returns what the hub holds, and the
    seconds of that last run.
    """
    with scratch() as folder:
        hub = Hub(folder)
        try:
            hub.manage("migrate", "--verbosity=0")
            hub.manage("domains", "release")
            for system in systems:
                hub.manage("systems", "add", system, system)
            load = ["load", str(file), "--bulk", "--system-column=source", "--object=Account", "--domain=customer", "--id=id"]
            for moment in moments:
                hub.kill_after(moment, *load)
                say(stage=f"killed after {moment:.0f} s", stored=hub.count())
            began = time.perf_counter()
            hub.manage(*load)
            seconds = time.perf_counter() - began
            say(stage="ran to its end", seconds=seconds)
            hub.manage("verify", "tables")
            return hub.holds(), seconds
        finally:
            hub.manage("postgres", "stop")


class Hub:
    """A hub in a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "CONCORD_DATA": str(folder), "CONCORD_LOG": "WARNING"}
        self.environment.pop("DATABASE_URL", None)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet, start_new_session=True)

    def manage(self, *arguments: str) -> None:
        if code := self.start(*arguments).wait():
            raise SystemExit(f"manage.py {arguments[0]} ended with {code}.")

    def kill_after(self, seconds: float, *arguments: str) -> None:
        """Start a command and kill it and its workers, all at once, unless it ends before."""
        process = self.start(*arguments)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def count(self) -> int:
        return int(self.ask("SELECT count(*) FROM mdm_sourcerecord")[0])

    def holds(self) -> dict[str, str]:
        """Of each kind of row how many there are, and a sum of their hashes: equal for equal rows, in whatever order."""
        sums = "SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) FROM ({}) AS row"
        return {name: " / ".join(map(str, self.ask(sums.format(sql)))) for name, sql in HOLDS.items()}

    def ask(self, sql: str) -> list[str]:
        script = (
            "import django, json, sys; django.setup(); from django.db import connection\n"
            "with connection.cursor() as cursor: cursor.execute(sys.argv[1]); print(json.dumps([str(c) for c in cursor.fetchone()]))"
        )
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "mdm.settings"}
        told = subprocess.run([sys.executable, "-c", script, sql], cwd=ROOT, env=environment, check=True, capture_output=True)
        return json.loads(told.stdout)


def say(**words: object) -> None:
    print(json.dumps({name: round(word, 1) if isinstance(word, float) else word for name, word in words.items()}), flush=True)


if __name__ == "__main__":
    main()
