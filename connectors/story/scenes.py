"""The scenes of the story, in order; each returns what it has to tell."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from connectors import declare, extract, reconcile, registry
from connectors.story import stewards
from connectors.story.stage import LOGINS, TWINS, Stage, StoryFailed
from connectors.twins import sample
from connectors.twins.sample import plant
from connectors.twins.sample.firm import domain_of
from mdm import permissions, ports
from mdm.actions.exchange import jobs
from mdm.actions.governance import access, releases
from mdm.readers.exchange import drifts, sync
from mdm.readers.intake import counts
from mdm.rules.governance import domains
from mdm.rules.governance.reading_order import reading_order
from mdm.rules.governance.roles import Role

Told = dict[str, Any]
Scene = Callable[[Stage], Told]
PATIENCE_SECONDS = 180
"""How long sync may stand still before the story gives up."""


def prepare(stage: Stage) -> Told:
    """Release the domains, declare the systems, make the logins."""
    machine, now = permissions.machine(), timezone.now()
    registry.report()
    for spec in domains.read(settings.DOMAINS_FOLDER):
        releases.publish(spec=spec, actor=machine, at=now)
    declare.systems(at=now, scheduled=False)
    if stage.memory.is_first_run:
        for name, role in LOGINS.items():
            access.put_user(name=name, role=Role(role), password=stage.memory.passwords[name], actor=machine, at=now)
    stage.memory.keep(is_complete=not stage.memory.is_first_run)
    return {}


def seed(stage: Stage) -> Told:
    """Fill the twins and write the files; on the first run plant faults into the twins."""
    firm, memory = stage.firm, stage.memory
    salesforce, netsuite = (stage.controls[name] for name in TWINS)
    rows = sample.seed_twins(firm, os.environ["SALESFORCE_URL"], os.environ["NETSUITE_URL"], os.environ["TWIN_ADMIN_KEY"])
    files = sample.write_files(firm, stage.folder)
    if memory.is_first_run and not memory.faults:
        memory.faults = [asdict(fault) for fault in plant.plant_push_faults(firm, salesforce, netsuite)]
        memory.keep(is_complete=False)
    return {"seeded": rows, "files": len(files)}


def pull(stage: Stage) -> Told:
    """Pull everything from both twins over their own protocols."""
    return {
        "pulled": {
            name: extract.pull(name, progress=lambda source, count: stage.say(f"  {source}: {count:,} rows")) for name in TWINS
        }
    }


def files(stage: Stage) -> Told:
    """Load the other systems' files."""
    loaded = {}
    order = reading_order(domains.read(settings.DOMAINS_FOLDER))
    for path in sorted(stage.folder.glob("*.*"), key=lambda path: (order.index(_domain(path.name)), path.name)):
        system, name = path.name.split(".")[:2]
        if path.name.endswith(".rejects.csv"):
            continue
        said = StringIO()
        call_command("load", str(path), system=system, object=name, bulk=True, stdout=said, stderr=StringIO())
        loaded[path.name] = said.getvalue().splitlines()[0]
        stage.say(f"  {path.name}: {loaded[path.name]}")
    return {"files": loaded}


def _domain(name: str) -> str:
    """What a file is about; whoever is pointed at is loaded first, though it need not."""
    system, object_name = name.split(".")[:2]
    return domain_of(system, object_name)


def rest(stage: Stage) -> Told:
    """The home-made delivery system sends its records over REST."""
    machine = permissions.machine()
    user = access.put_user(name="delivery", role=Role.STEWARD, kind="system", actor=machine, at=timezone.now())
    token = access.issue_token(user=user, actor=machine, at=timezone.now())
    counted: Counter[str] = Counter()
    for body in sample.rest_batches(stage.firm, size=250):
        answer = _post(f"http://127.0.0.1:{settings.PORT}/api/v1/records:batch", token, body)
        counted.update(result["status"] for result in answer["results"])
        stage.say(f"  delivery: {counted.total():,} records")
    return {"rest": dict(counted)}


def _post(url: str, token: str, body: Any) -> Any:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Authorization": f"Token {token}", "Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise StoryFailed(
            f"The hub refused the delivery system's records: {error.code} {error.read()[:300].decode(errors='replace')}"
        ) from error


def push(stage: Stage) -> Told:
    """Wait until the workers pushed what survived; clear the planted faults and replay what died of them."""
    _settle(stage)
    dead = sync.dead_letters()
    planted = sum(fault["times"] is None for fault in stage.memory.faults) if stage.memory.is_first_run else 0
    transient = sum(fault["times"] is not None for fault in stage.memory.faults) if stage.memory.is_first_run else 0
    if dead:
        for control in stage.controls.values():
            control.clear_faults()
        jobs.replay(
            job_ids=[job.pk for job in dead],
            actor=permissions.machine(),
            at=timezone.now(),
            reason="the planted faults were cleared",
        )
        _settle(stage)
    return {
        "faults": {
            "planted_permanent": planted,
            "dead_letters": len(dead),
            "planted_transient": transient,
            "dead_after_replay": len(sync.dead_letters()),
        },
        "pushed": sync.pushed(),
    }


def _settle(stage: Stage) -> None:
    """Wait until no sync task waits; patience runs out only while nothing moves."""
    last, since, said = -1, time.monotonic(), 0.0
    while left := sync.waiting():
        if left != last:
            last, since = left, time.monotonic()
        if time.monotonic() - since > PATIENCE_SECONDS:
            raise StoryFailed(f"{left} sync tasks have not moved for {PATIENCE_SECONDS} s; see the worker's log.")
        if time.monotonic() - said > 5:
            said = time.monotonic()
            stage.say(f"  {left:,} sync tasks to go")
        time.sleep(0.2)


def drift(stage: Stage) -> Told:
    """On the first run people edit rows in the twins; reconciliation finds exactly that, and heals it."""
    memory = stage.memory
    if memory.is_first_run and not memory.drifts:
        avoid = [tuple(fault["key"]) for fault in memory.faults]
        salesforce, netsuite = (stage.controls[name] for name in TWINS)
        memory.drifts = [asdict(each) for each in plant.plant_drifts(stage.firm, salesforce, netsuite, avoid=avoid)]
        memory.keep(is_complete=False)
    planted = len(memory.drifts) if memory.is_first_run else 0
    found = sum(reconcile.compare(name) for name in TWINS)
    _settle(stage)
    left = sum(reconcile.compare(name) for name in TWINS)
    return {"drift": {"planted": planted, "found": found, "left": left, "open": drifts.open_count()}}


def stamped(stage: Stage) -> Told:
    """Ask both twins over their own API: does every row that is not quarantined hold its enterprise ID?"""
    missing: dict[str, int] = {}
    asked = 0
    for name in TWINS:
        connector = ports.connector(name)
        for source in sync.sources(name):
            known = sync.stamps(source)
            for page in connector.scan(source.object) if connector else ():
                asked += len(page.records)
                wrong = [
                    row
                    for row in page.records
                    if (row.scope, row.native_id) in known
                    and row.payload.get(source.enterprise_id_field) != known[row.scope, row.native_id]
                ]
                missing[f"{name}/{source.object}"] = missing.get(f"{name}/{source.object}", 0) + len(wrong)
    return {"stamps": {"asked": asked, "missing": sum(missing.values())}}


def quarantined(stage: Stage) -> Told:
    """What had to be refused was refused, and nothing else."""
    expected, found = set(stage.firm.must_quarantine), counts.quarantined_keys()
    beyond = found - expected
    empty = beyond & stage.firm.placeholders
    return {
        "quarantine": {
            "expected": len(expected),
            "found": len(found & expected),
            "placeholders": len(empty),
            "beyond": len(beyond - empty),
        }
    }


SCENES: tuple[tuple[str, Scene], ...] = (
    ("prepare", prepare),
    ("seed", seed),
    ("pull", pull),
    ("files", files),
    ("rest", rest),
    ("split", stewards.split),
    ("push", push),
    ("reconcile", drift),
    ("stamped", stamped),
    ("quarantine", quarantined),
    ("look back", stewards.looked_back),
)
