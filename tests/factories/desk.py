"""Work for stewards: pairs that wait, records that were refused, jobs that gave up, differences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mdm.models import Drift, Golden, Job, MatchPair, ReconcileRun, SourceObject
from tests.factories import records
from tests.factories.times import NOON

BIRDS = (
    "Avocet", "Bittern", "Curlew", "Dunlin", "Egret", "Fulmar", "Gannet", "Heron", "Ibis", "Jacana", "Kittiwake", "Linnet",
    "Merlin", "Nuthatch", "Osprey", "Plover", "Quail", "Redshank", "Siskin", "Turnstone", "Umbrette", "Vireo", "Whimbrel",
    "Yaffle",
)  # fmt: skip
CRAFTS = ("Foundry", "Bakery", "Shipping", "Optics", "Textiles", "Granite", "Orchards", "Ceramics")
TOWNS = (
    ("GB", "Leeds"),
    ("DE", "Hamburg"),
    ("FR", "Lyon"),
    ("US", "Boston"),
    ("IT", "Turin"),
    ("ES", "Bilbao"),
    ("SE", "Malmö"),
    ("NL", "Utrecht"),
)


def firm(number: int) -> dict[str, Any]:
    """A customer that nothing takes for another one."""
    country, city = TOWNS[number % len(TOWNS)]
    name = f"{BIRDS[number % len(BIRDS)]} {CRAFTS[(number * 3 + number // len(BIRDS)) % len(CRAFTS)]}"
    return {"name": name, "country": country, "city": city, "address": f"{number + 3} Harbour Road"}


def pair(
    number: int = 0,
    *,
    left: dict[str, Any] | None = None,
    right: dict[str, Any] | None = None,
    weight: float = 3.0,
    systems: tuple[str, str] = ("crm", "erp"),
    **columns: Any,
) -> MatchPair:
    """Two customers of two systems and an open question about them, whatever matching would say."""
    first, second = f"L-{number:03}", f"R-{number:03}"
    records.send(
        records.customer(first, left or firm(2 * number), system=systems[0]),
        records.customer(second, right or firm(2 * number + 1), system=systems[1]),
    )
    ids = sorted([records.record(first, system=systems[0]).pk, records.record(second, system=systems[1]).pk])
    said = {"probability": 0.88, "band": "REVIEW", "status": "OPEN", "release": 1, "found_at": NOON, "weight": weight, **columns}
    row, _ = MatchPair.objects.update_or_create(left_id=ids[0], right_id=ids[1], domain="customer", defaults=said)
    return row


def pairs(count: int, *, start: int = 0, **columns: Any) -> list[MatchPair]:
    """`count` open questions, the first the strongest."""
    return [pair(number, weight=6.0 - number / 10, **columns) for number in range(start, start + count)]


def dead_letter(golden: Golden, *, target: str = "erp", at: datetime = NOON, **columns: Any) -> Job:
    """A push that gave up."""
    said = {
        "status": "DEAD",
        "error_code": "INVALID_FIELD",
        "error": "The field is unknown.",
        "attempts": 8,
        "exchange": {"answer": 400},
    }
    defaults = {"target": target, "subject": golden.pk, "due_at": at, "created_at": at, "changed_at": at, **said, **columns}
    row, _ = Job.objects.update_or_create(kind="sync", key=f"{target}:{golden.pk}", defaults=defaults)
    return row


def drift(native_id: str, *, system: str = "crm", attribute: str = "city", at: datetime = NOON, **columns: Any) -> Drift:
    """A value that the system holds otherwise."""
    source = SourceObject.objects.get(system=system)
    run, _ = ReconcileRun.objects.get_or_create(source=source, status="DONE", defaults={"started_at": at, "ended_at": at})
    said = {
        "kind": "DRIFTED",
        "expected": "Leeds",
        "actual": "York",
        "first_seen_at": at,
        "last_seen_at": at,
        "first_run": run,
        "last_run": run,
    }
    record = records.record(native_id, system=system)
    return Drift.objects.create(source=source, record=record, native_id=native_id, attribute=attribute, **{**said, **columns})
