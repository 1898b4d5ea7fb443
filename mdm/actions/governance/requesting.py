"""Keeps the change requests of golden records in step with what their records say, under the locks of the writer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from mdm import audit, permissions
from mdm.engine.members import Row
from mdm.engine.releases import Release
from mdm.models import ChangeRequest, Golden, copying
from mdm.rules.governance import proposals
from mdm.rules.governance.ownership import Requests
from mdm.rules.governance.proposals import Proposal
from mdm.rules.governance.request_states import ANSWERED, WAITING, RequestKind, RequestStatus, check_arrow
from mdm.rules.intake.content import content_hash
from mdm.rules.values import token

OPENED = [status.value for status in WAITING]
Wish = tuple[int, str, str]
"""(golden record, attribute, hash of the value)"""


def value_hash(value: Any) -> str:
    """Equal for equal values."""
    return content_hash(token(value))


def keep_up(goldens: Collection[Golden], rows: Mapping[int, list[Row]], *, release: Release, at: datetime) -> None:
    """Make the waiting requests of these golden records those that their records make now; the golden rows are locked.

    A value that waits already, or was answered, asks no second time. One that is golden by now is met; one that nobody says any
    more is withdrawn. Requests follow their record, and people's follow a merge. No query where nothing can wait.
    """
    before = _waiting([golden.pk for golden in goldens if golden.version > 1])
    wanted = _wanted(goldens, rows, release)
    if not before and not wanted:
        return
    keeping = _Keeping({golden.pk: golden for golden in goldens}, wanted, at)
    for row in sorted(before, key=lambda row: _wish(row) not in wanted):  # whoever stays goes before whoever comes
        keeping.settle(row)
    fresh = [wish for wish in wanted if wish not in keeping.kept]
    keeping.ask(fresh, _answered(fresh, wanted), release)
    keeping.write()


def expires_at(release: Release, at: datetime) -> datetime:
    """Until when a request that is made at `at` waits."""
    return at + timedelta(days=(release.spec.change_requests or Requests()).expire_days)


def _wish(row: ChangeRequest) -> Wish:
    return row.golden_id, row.attribute, row.value_hash


def _waiting(numbers: Sequence[int]) -> list[ChangeRequest]:
    """Waiting requests, locked in ID order: whoever ends one at its expiry holds no golden record meanwhile."""
    if not numbers:
        return []
    rows = ChangeRequest.objects.filter(golden_id__any=numbers, status__in=OPENED).select_related("override")
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("id"))


def _wanted(goldens: Collection[Golden], rows: Mapping[int, list[Row]], release: Release) -> dict[Wish, Proposal]:
    if not release.spec.asking:
        return {}
    return {
        (golden.pk, proposal.attribute, value_hash(proposal.value)): proposal
        for golden in goldens
        if len(mine := rows.get(golden.pk, ())) > 1
        for proposal in proposals.waiting(release.spec, [row.member for row in mine], golden.values)
    }


def _answered(fresh: Sequence[Wish], wanted: Mapping[Wish, Proposal]) -> set[Wish]:
    """Those of the new wishes that were answered before: on their golden record, or for a record of theirs. One query."""
    if not fresh:
        return set()
    records = {record: wish for wish in fresh for record in wanted[wish].records}
    rows = ChangeRequest.objects.filter(
        Q(golden_id__in={golden for golden, _, _ in fresh}) | Q(record_id__in=records),
        status__in=[status.value for status in ANSWERED],
        value_hash__in={value for _, _, value in fresh},
    )
    said = set(rows.values_list("golden_id", "record_id", "attribute", "value_hash"))
    by_golden = {(golden, attribute, value) for golden, _, attribute, value in said}
    by_record = {(record, attribute, value) for _, record, attribute, value in said}
    return {
        wish for wish in fresh if wish in by_golden or any((record, *wish[1:]) in by_record for record in wanted[wish].records)
    }


@dataclass(slots=True)
class _Keeping:
    """One pass over the golden records of one writer."""

    goldens: Mapping[int, Golden]
    wanted: Mapping[Wish, Proposal]
    at: datetime
    kept: set[Wish] = field(default_factory=set)
    moved: list[ChangeRequest] = field(default_factory=list)
    closed: list[ChangeRequest] = field(default_factory=list)
    made: list[ChangeRequest] = field(default_factory=list)
    _said_at: dict[tuple[int, str, str], int] = field(init=False)
    _names: dict[str, Golden] = field(init=False)

    def __post_init__(self) -> None:
        self._said_at = {
            (record, name, value): golden for (golden, name, value), by in self.wanted.items() for record in by.records
        }
        self._names = {golden.enterprise_id: golden for golden in self.goldens.values()}

    def settle(self, row: ChangeRequest) -> None:
        """Keep one that waits where it is, move it after its record, or close it."""
        home = self._home(row)
        wish = (home or 0, row.attribute, row.value_hash)
        if row.kind != RequestKind.CONTEST.value and wish in self.kept:
            home = None
        if home is None:
            self._close(row)
            return
        if row.kind == RequestKind.CONTEST.value:
            is_stale = row.golden_id != home
        else:
            self.kept.add(wish)
            is_stale = self._is_stale(row, self.goldens[home])
        if is_stale:
            row.golden_id, row.version = home, row.version + 1
            self.moved.append(row)

    def _is_stale(self, row: ChangeRequest, home: Golden) -> bool:
        """Whether it moved, another record says it, or what it would replace is another value; that is noted on it."""
        before = (row.golden_id, row.record_id, token(row.old_value))
        row.old_value = home.values.get(row.attribute)
        by = self.wanted.get((home.pk, row.attribute, row.value_hash))
        if row.kind == RequestKind.SYSTEM.value and by is not None and row.record_id not in by.records:
            row.record_id, row.system = by.records[0], by.system
        return before != (home.pk, row.record_id, token(row.old_value))

    def _home(self, row: ChangeRequest) -> int | None:
        """The golden record that a request is about now, None where it has no sense any more."""
        if row.kind == RequestKind.CONTEST.value:
            return row.override.carrier_id if row.override is not None and row.override.ended_at is None else None
        if row.kind == RequestKind.SYSTEM.value:
            is_here = _wish(row) in self.wanted
            return row.golden_id if is_here else self._said_at.get((row.record_id or 0, row.attribute, row.value_hash))
        golden: Golden | None = self.goldens[row.golden_id]
        if golden is not None and golden.status == "MERGED":
            golden = self._names.get(golden.successors[0])
        is_open = golden is not None and golden.status == "LIVE" and not _is_met(row, golden)
        return golden.pk if golden is not None and is_open else None

    def _close(self, row: ChangeRequest) -> None:
        is_met = row.kind != RequestKind.CONTEST.value and _is_met(row, self.goldens[row.golden_id])
        status = RequestStatus.MET if is_met else RequestStatus.WITHDRAWN
        check_arrow(RequestStatus(row.status), status)
        row.status, row.version, row.closed_at, row.closed_by = status.value, row.version + 1, self.at, permissions.machine()
        self.closed.append(row)

    def ask(self, fresh: Sequence[Wish], answered: Collection[Wish], release: Release) -> None:
        """New requests for what nobody asked or answered before."""
        for wish in fresh:
            if wish not in answered:
                self.made.append(_made(self.wanted[wish], wish, self.goldens[wish[0]], release=release, at=self.at))

    def write(self) -> None:
        """Closings first: another request may take the place of a closed one."""
        ChangeRequest.objects.bulk_update(self.closed, ["status", "version", "closed_at", "closed_by"], batch_size=500)
        ChangeRequest.objects.bulk_update(self.moved, ["golden", "record", "system", "old_value", "version"], batch_size=500)
        copying.append(self.made, numbers=True)
        for verb, rows in (("request.close", self.closed), ("request.ask", self.made)):
            if facts := [audit.Fact(f"change_request:{row.pk}", row.domain, new=said(row)) for row in rows]:
                audit.record_all(facts, at=self.at, actor=permissions.machine(), verb=verb)


def _is_met(row: ChangeRequest, golden: Golden) -> bool:
    return golden.status == "LIVE" and value_hash(golden.values.get(row.attribute)) == row.value_hash


def _made(proposal: Proposal, wish: Wish, golden: Golden, *, release: Release, at: datetime) -> ChangeRequest:
    return ChangeRequest(
        domain=release.domain,
        golden=golden,
        kind=RequestKind.SYSTEM.value,
        attribute=proposal.attribute,
        value=proposal.value,
        value_hash=wish[2],
        old_value=golden.values.get(proposal.attribute),
        system=proposal.system,
        record_id=proposal.records[0],
        asked_by=permissions.machine(),
        asked_at=at,
        expires_at=expires_at(release, at),
    )


def said(row: ChangeRequest) -> dict[str, Any]:
    """A request as its audit entries tell it."""
    return {"attribute": row.attribute, "value": row.value, "status": row.status, "golden": row.golden_id}
