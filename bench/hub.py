"""Figures of the hub itself: bulk load, live ingest; over HTTP crosswalk look-up against a bare DRF view, match query, preview of
a merge, a golden record at a past moment; the plan of another threshold.

usage: bench/hub.py RECORDS.parquet [--records 96000] [--seconds 5]   (run through `make bench`; prints one JSON object)
Everything runs in a scratch data folder that is removed afterwards. Server and client share the machine; the bare view runs under
the same server, workers and client in the same run, so that the ratio holds when the machine is slow.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIELDS = ("name", "address", "city", "postcode", "country", "tax_id", "lei", "domain", "phone", "email")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path)
    parser.add_argument("--records", dest="count", type=int, default=96_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--port", type=int, default=8471)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.environ |= {
        "CONCORD_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "mdm.settings",
        "CONCORD_LOG": "WARNING",
        "CONCORD_HOSTS": "127.0.0.1",
    }
    os.environ.pop("DATABASE_URL", None)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("domains", "release", stdout=open(os.devnull, "w"))
    try:
        print(json.dumps(measure(options), indent=1))
    finally:
        from django.db import connections

        from mdm import embedded

        connections.close_all()
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def measure(options: argparse.Namespace) -> dict:
    from django.utils import timezone

    from mdm import permissions
    from mdm.actions.governance import access
    from mdm.actions.intake import bulk, records, sources
    from mdm.rules.governance.roles import Role

    machine = permissions.machine()
    rows = read(options.records, options.count + 4_000)
    for system in sorted({row["source"] for row in rows}):
        sources.declare(code=system, title=system, objects=(), actor=machine, at=timezone.now())
    first, live = rows[: options.count], rows[options.count :]
    began = time.perf_counter()
    told = bulk.load(
        incoming=map(incoming, first), domain="customer", actor=machine, at=timezone.now(), workers=len(os.sched_getaffinity(0))
    )
    taken = [first[place] for place, outcome in told if outcome.status == "created"]
    bulk_seconds = time.perf_counter() - began
    batches, singles = live[:3_000], live[3_000:3_500]
    began = time.perf_counter()
    for start in range(0, len(batches), 100):
        records.ingest(records=[incoming(row) for row in batches[start : start + 100]], actor=machine, at=timezone.now())
    batched = time.perf_counter() - began
    one_by_one = timed(lambda row: records.ingest(records=[incoming(row)], actor=machine, at=timezone.now()), singles)
    user = access.put_user(name="bench", role=Role.ADMIN, kind="system", actor=machine, at=timezone.now())
    token = access.issue_token(user=user, actor=machine, at=timezone.now())
    result = {
        "records": len(first),
        "quarantined": len(first) - len(taken),
        "bulk_seconds": round(bulk_seconds, 1),
        "bulk_records_per_second": round(len(first) / bulk_seconds),
        "live_records_per_second_in_batches_of_100": round(len(batches) / batched),
        "single_record_ms": one_by_one,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return result | {"plan": planned(0.9)} | over_http(options, token, taken)


def planned(auto: float) -> dict:
    """What another automatic threshold would do to the whole population."""
    from dataclasses import replace

    from django.utils import timezone

    from mdm.engine import releases
    from mdm.readers.governance.releasing import plan

    now = releases.current("customer")
    spec = replace(now.spec, match=replace(now.spec.match, auto=auto))
    began = time.perf_counter()
    told = plan.plan("customer", releases.said_by(spec), number=now.number + 1, at=timezone.now())
    return {"seconds": round(time.perf_counter() - began, 1), "auto": auto, "goldens": told["goldens"]}


def incoming(row: dict):
    from mdm.engine.preparing import Incoming

    return Incoming(row["source"], "Account", row["id"], {name: row[name] for name in FIELDS if row[name]}, "customer")


def read(path: Path, count: int) -> list[dict]:
    from pyarrow import parquet

    return parquet.read_table(path).slice(0, count).to_pylist()


def timed(act, items) -> dict:
    """Median and 95th percentile of single calls, in ms."""
    took = []
    for item in items:
        began = time.perf_counter()
        act(item)
        took.append((time.perf_counter() - began) * 1_000)
    return quantiles(took)


def quantiles(took: list[float]) -> dict:
    took = sorted(took)
    return {
        "p50": round(took[len(took) // 2], 1),
        "p95": round(took[int(len(took) * 0.95)], 1),
        "p99": round(took[int(len(took) * 0.99)], 1),
    }


def over_http(options: argparse.Namespace, token: str, rows: list[dict]) -> dict:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    pick = random.Random(1)
    result = {}
    with server("mdm.wsgi", options.port):
        keys = [f"/api/v1/crosswalk/{row['source']}/Account/{row['id']}" for row in pick.sample(rows, 2_000)]
        result["crosswalk"] = load(options, headers, [("GET", key, None) for key in keys])
        bulk = {
            "keys": [{"system": row["source"], "object": "Account", "native_id": row["id"]} for row in pick.sample(rows, 1_000)]
        }
        many = load(options, headers, [("POST", "/api/v1/crosswalk:lookup", json.dumps(bulk))], clients=2)
        result["bulk_keys_per_second"] = many["requests_per_second"] * 1_000
        asked = [
            {"domain": "customer", "attributes": {n: row[n] for n in ("name", "country", "domain", "city") if row[n]}}
            for row in pick.sample(rows, 300)
        ]
        asked = [body for body in asked if "domain" in body["attributes"]]
        result["match"] = load(options, headers, [("POST", "/api/v1/match", json.dumps(body)) for body in asked], clients=2)
        result["merge_preview"] = load(options, headers, previews(), clients=2)
        result["as_of"] = load(options, headers, looks_back(), clients=2)
    with server("bench.bare:application", options.port):
        result["bare_view"] = load(options, headers, [("GET", f"/records/{number}", None) for number in some_ids()])
    result["crosswalk_ratio_to_bare_view"] = round(
        result["crosswalk"]["requests_per_second"] / result["bare_view"]["requests_per_second"], 2
    )
    return result


def previews() -> list[tuple]:
    """Merges of golden records that stewards are asked about."""
    from mdm.models import Crosswalk, MatchPair

    asked = list(MatchPair.objects.filter(status="OPEN").order_by("?").values_list("left_id", "right_id")[:500])
    homes = Crosswalk.objects.filter(record_id__in={record for pair in asked for record in pair}, valid_to=None)
    home = {link.record_id: link.golden for link in homes.select_related("golden")}
    bodies = []
    for left, right in asked:
        versions = {golden.enterprise_id: golden.version for golden in (home[left], home[right])}
        if len(versions) == 2:
            bodies.append(json.dumps({"enterprise_ids": list(versions), "versions": versions}))
    return [("POST", "/api/v1/merges:preview", body) for body in bodies]


def looks_back() -> list[tuple]:
    """Golden records as they were true a second ago."""
    from datetime import timedelta

    from django.utils import timezone

    from mdm.models import Golden

    moment = (timezone.now() - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    names = Golden.objects.filter(status="LIVE").order_by("?").values_list("enterprise_id", flat=True)[:1_000]
    return [("GET", f"/api/v1/golden/customer/{name}?as_of={moment}", None) for name in names]


def some_ids() -> list[int]:
    from mdm.models import SourceRecord

    return list(SourceRecord.objects.order_by("?").values_list("id", flat=True)[:2_000])


class server:
    """gunicorn with two workers of four threads, ready when it answers."""

    def __init__(self, application: str, port: int) -> None:
        self.application, self.port = application, port

    def __enter__(self) -> None:
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            self.application,
            f"--bind=127.0.0.1:{self.port}",
            "--workers=2",
            "--threads=4",
            "--worker-class=gthread",
            "--preload",
            "--log-level=warning",
            "--no-control-socket",
            "--keep-alive=30",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT)
        for _ in range(200):
            try:
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=1).connect()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)


def load(options: argparse.Namespace, headers: dict, requests: list, *, clients: int = 8) -> dict:
    """Closed loop of `clients` connections for some seconds after a warm-up of one second."""
    took: list[float] = []
    failures: list[int] = []
    began = time.perf_counter()
    warm, end = began + 1.0, began + 1.0 + options.seconds

    def client(number: int) -> None:
        connection, pick = http.client.HTTPConnection("127.0.0.1", options.port, timeout=30), random.Random(number)
        while (now := time.perf_counter()) < end:
            method, path, body = pick.choice(requests)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                failures.append(answer.status)
            if now >= warm:
                took.append((time.perf_counter() - now) * 1_000)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if failures:
        raise SystemExit(f"{len(failures)} of {len(took)} answers were no success, the first was {failures[0]}: {requests[0][1]}")
    return {
        "requests_per_second": round(len(took) / options.seconds),
        **{f"{name}_ms": value for name, value in quantiles(took).items()},
    }


if __name__ == "__main__":
    main()
