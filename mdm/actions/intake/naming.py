"""Records that name an enterprise ID: they claim reserved ones; what names another than its own is shown, never merged.

Runs inside `ingest`. Costs nothing where no record names an ID.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mdm import audit
from mdm.actions import retrying
from mdm.actions.intake import storing
from mdm.engine.preparing import Key, Prepared
from mdm.engine.releases import Release
from mdm.models import Crosswalk, Drift, Golden, Reservation, User
from mdm.readers.golden import ids
from mdm.rules.exchange.drift import DriftKind
from mdm.rules.golden.reservation_states import ReservationStatus, check_arrow
from mdm.rules.intake import named_ids

KIND = DriftKind.NAMES_ANOTHER_ID.value
CHUNK = 2_000
"""Open differences that are looked at in one transaction at night."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reserved ID, and the first record of the batch that names it."""

    item: Prepared
    reservation: Reservation


def judge(items: Sequence[Prepared], *, release: Release, at: datetime) -> list[Claim]:
    """Refuse records that name an ID which they cannot have; returns the claims, one a reserved ID.

    Only what the sender said beside the payload, or what this hub reserved, keeps a record out: a stamp that another hub left
    in a payload is noted. Locks the reservations that can be claimed when inside a transaction.
    """
    naming = [item for item in items if item.is_open and item.named and not item.incoming.is_deleted]
    if not naming:
        return []
    reserved = _reserved({item.named for item in naming})
    issued = _issued({item.named for item in naming} - reserved.keys())
    claims: dict[str, Claim] = {}
    for item in naming:
        row = reserved.get(item.named)
        is_known = row is not None or item.named in issued
        problem = named_ids.refusal(item.named, prefix=release.spec.prefix, ended=_end(row, at), is_known=is_known)
        is_newcomer = item.before is None or not item.before.is_live
        if problem is not None and (item.is_told or (row is not None and is_newcomer)):
            item.problems.append(problem)
        elif problem is not None:
            item.notes = [problem]
        elif row is not None and row.status == "RESERVED":
            claims.setdefault(item.named, Claim(item, row))
    return list(claims.values())


def claiming(items: Sequence[Prepared]) -> list[Prepared]:
    """Those that come under an ID said beside the payload, or one that was ever reserved: only `ingest` takes them. One query."""
    reserved = _reserved({item.named for item in items if item.named})
    return [item for item in items if item.named and (item.is_told or item.named in reserved)]


def remark(items: Sequence[Prepared], *, release: Release) -> None:
    """Note the stamps of another hub: IDs of another domain, or that were never given out here. One query."""
    naming = [item for item in items if item.named]
    issued = _issued({item.named for item in naming})
    for item in naming:
        problem = named_ids.refusal(item.named, prefix=release.spec.prefix, is_known=item.named in issued)
        item.notes = [problem] if problem is not None else item.notes


def _reserved(names: Collection[str]) -> dict[str, Reservation]:
    """Reservations by ID; those that can be claimed are locked, in the order of their IDs."""
    rows = {row.enterprise_id: row for row in Reservation.objects.filter(enterprise_id__in=names)} if names else {}
    waiting = [row.pk for row in rows.values() if row.status == "RESERVED"]
    if waiting and transaction.get_connection().in_atomic_block:
        locked = Reservation.objects.select_for_update().filter(id__in=waiting).order_by("enterprise_id")
        rows |= {row.enterprise_id: row for row in locked}
    return rows


def _issued(names: Collection[str]) -> set[str]:
    return set(Golden.objects.filter(enterprise_id__in=names).values_list("enterprise_id", flat=True)) if names else set()


def _end(row: Reservation | None, at: datetime) -> str:
    """How a reservation ended; one whose time is over counts as lapsed before the night."""
    if row is None or row.status == "CLAIMED":
        return ""
    return row.status if row.status != "RESERVED" else "LAPSED" if row.expires_at <= at else ""


def by_record(claims: Sequence[Claim]) -> dict[int, str]:
    """The claimed ID of each stored record, for newborn golden records to take."""
    rows = storing.by_key([claim.item.key for claim in claims])
    return {rows[claim.item.key].pk: claim.reservation.enterprise_id for claim in claims if claim.item.key in rows}


def close(claims: Sequence[Claim], *, actor: User, at: datetime) -> None:
    """Note which record claimed each reserved ID, once the golden records are written."""
    if not claims:
        return
    records = {name: record for record, name in by_record(claims).items()}
    for claim in claims:
        row = claim.reservation
        check_arrow(ReservationStatus(row.status), ReservationStatus.CLAIMED)
        row.status, row.ended_at, row.ended_by, row.record_id = "CLAIMED", at, actor, records[row.enterprise_id]
        row.reason = claim.item.name
        row.save(update_fields=["status", "ended_at", "ended_by", "record", "reason"])
        new = {"id": row.enterprise_id, "record": claim.item.name}
        audit.record(at=at, actor=actor, verb="id.claim", subject=f"reservation:{row.pk}", domain=row.domain, new=new)


def settle(prepared: Sequence[Prepared], *, actor: User, at: datetime) -> None:
    """After the batch: see whether each record stands for the ID it names; what does not gets a note and an open difference."""
    took = {"created", "updated", "unchanged"}
    items = [item for item in prepared if item.named and not item.problems and item.status in took and item.source is not None]
    if items:
        _settle([item for item in items if not item.incoming.is_deleted], actor=actor, at=at)


@retrying.on_conflict
@transaction.atomic
def _settle(items: Sequence[Prepared], *, actor: User, at: datetime) -> None:
    homes = _homes(items)
    items = [item for item in items if item.key in homes]
    apart = [item for item in items if homes[item.key][1] != item.named]
    if apart:
        close(_late_claims(apart, at), actor=actor, at=at)
    ends, issued = ids.ends({item.named for item in apart}), _issued({item.named for item in apart})
    lived = _lived(apart, homes)
    strays = []
    for item in apart:
        record, home = homes[item.key]
        if home in ends.get(item.named, ()) and item.named not in issued:
            item.notes = [named_ids.known_already(item.named, home)]
        elif home not in ends.get(item.named, ()) and (record, item.named) not in lived and _is_ours(item):
            item.notes = item.notes or [named_ids.stray(item.named, home)]
            strays.append(item)
    _heal([homes[item.key][0] for item in items if item not in strays], at=at)
    for item in strays:
        _note(item, *homes[item.key], at=at)


def _homes(items: Sequence[Prepared]) -> dict[Key, tuple[int, str]]:
    """Each record by key, with the enterprise ID it stands for."""
    rows = storing.by_key([item.key for item in items])
    names = storing.enterprise_ids(items)
    return {key: (row.pk, names[key]) for key, row in rows.items() if key in names}


def _late_claims(items: Sequence[Prepared], at: datetime) -> list[Claim]:
    """Reserved IDs that records name which are known already; they lead to these from now on."""
    reserved = _reserved({item.named for item in items})
    claims: dict[str, Claim] = {}
    for item in items:
        row = reserved.get(item.named)
        is_open = row is not None and row.status == "RESERVED" and not _end(row, at)
        if row is not None and is_open and item.source is not None and row.domain == item.source.domain:
            claims.setdefault(item.named, Claim(item, row))
    return list(claims.values())


def _lived(items: Sequence[Prepared], homes: Mapping[Key, tuple[int, str]]) -> set[tuple[int, str]]:
    """(record, ID) where the record stood for that ID once: an old stamp is no contradiction."""
    if not items:
        return set()
    past = Crosswalk.objects.filter(
        record__in=[homes[item.key][0] for item in items], golden__enterprise_id__in=[item.named for item in items]
    )
    return set(past.values_list("record_id", "golden__enterprise_id"))


def _is_ours(item: Prepared) -> bool:
    """Whether nobody else watches this: wrong stamps in rows that a target has had are found and mended by reconciliation."""
    assert item.source is not None
    return item.is_told or item.status == "created" or not item.source.is_target


def _heal(records: Sequence[int], *, at: datetime) -> None:
    gone = Drift.objects.filter(record__in=records, kind=KIND, status="OPEN")
    gone.update(status="HEALED", closed_at=at, last_seen_at=at)


def _note(item: Prepared, record: int, home: str, *, at: datetime) -> None:
    """Write the contradiction into the ledger of differences; one that is known there is seen once more."""
    place = {"source": item.source, "scope": item.incoming.scope, "native_id": item.incoming.native_id, "kind": KIND}
    drift = Drift.objects.select_for_update().filter(**place, status="OPEN").first()
    drift = drift or Drift(**place, record_id=record, first_seen_at=at, seen=0)
    drift.expected, drift.actual, drift.last_seen_at, drift.seen = home, item.named, at, drift.seen + 1
    drift.save()


def sweep(*, at: datetime) -> int:
    """Close what was settled elsewhere: the record stands now where the ID that it named leads, or is gone. Returns how many.

    2,000 a transaction, in ID order; can be run again from any point.
    """
    healed = 0
    last: int | None = 0
    while last is not None:
        count, last = _sweep_some(last, at=at)
        healed += count
    return healed


@retrying.on_conflict
@transaction.atomic
def _sweep_some(last: int, *, at: datetime) -> tuple[int, int | None]:
    """How many of the next open ones were closed, and the last of them; None at the end. Those that a writer holds wait."""
    waiting = Drift.objects.select_for_update(skip_locked=True).filter(kind=KIND, status="OPEN", id__gt=last).order_by("id")
    part = list(waiting.values_list("id", "record_id", "actual")[:CHUNK])
    present = Crosswalk.objects.filter(record__in=[record for _, record, _ in part], valid_to=None)
    homes = dict(present.values_list("record_id", "golden__enterprise_id"))
    ends = ids.ends({str(name) for _, _, name in part})
    done = [drift for drift, record, name in part if record not in homes or homes[record] in ends.get(str(name), ())]
    count = Drift.objects.filter(id__in=done).update(status="HEALED", closed_at=at, last_seen_at=at)
    return count, part[-1][0] if len(part) == CHUNK else None
