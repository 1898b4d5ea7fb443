"""Source records on their way in, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mdm import permissions
from mdm.actions.intake import records
from mdm.actions.intake.records import Outcome
from mdm.engine.preparing import Incoming
from mdm.models import Crosswalk, Golden, SourceRecord, User
from tests.factories.times import NOON

FIRM = {
    "name": "Kestrel Marine Ltd",
    "country": "GB",
    "city": "Leeds",
    "address": "12 Mill Lane",
    "postcode": "LS1 4AB",
    "domain": "kestrelmarine.co.uk",
}
"""A customer with enough to be recognised by."""
OTHER = {
    "name": "Brightwater Analytics GmbH",
    "country": "DE",
    "city": "Hamburg",
    "address": "Lindenallee 7",
    "postcode": "20095",
    "domain": "brightwater.de",
}
"""Another customer, which nothing takes for the first."""


def customer(
    native_id: str, payload: dict[str, Any] | None = None, *, system: str = "crm", object: str = "account", **more: Any
) -> Incoming:
    """A customer record. `more`: further fields of Incoming."""
    return Incoming(system, object, native_id, dict(FIRM if payload is None else payload), "customer", **more)


def send(*incoming: Incoming, actor: User | None = None, at: datetime = NOON, **more: Any) -> list[Outcome]:
    """Take records in through the one door."""
    return records.ingest(records=list(incoming), actor=actor or permissions.machine(), at=at, **more)


def drop(native_id: str, *, system: str = "crm", object: str = "account", at: datetime = NOON) -> Outcome:
    """Delete a record."""
    return records.delete(system=system, object=object, native_id=native_id, scope="", actor=permissions.machine(), at=at)


def home(native_id: str, *, system: str = "crm") -> Golden:
    """The golden record a source record stands for now."""
    link = Crosswalk.objects.select_related("golden").get(
        record__native_id=native_id, record__source__system=system, valid_to=None
    )
    return link.golden


def record(native_id: str, *, system: str = "crm") -> SourceRecord:
    return SourceRecord.objects.get(native_id=native_id, source__system=system)


def partition() -> frozenset[frozenset[str]]:
    """Which live records stand together, by their stable names."""
    groups: dict[int, set[str]] = {}
    for golden, key in Crosswalk.objects.filter(valid_to=None).values_list("golden_id", "record__key"):
        groups.setdefault(golden, set()).add(key)
    return frozenset(frozenset(group) for group in groups.values())


def in_batches(incoming: Sequence[Incoming], size: int, **more: Any) -> None:
    """Send records in batches of `size`."""
    for start in range(0, len(incoming), size):
        send(*incoming[start : start + size], **more)
