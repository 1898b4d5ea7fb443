"""Change sets: what people and matching did to golden records, and what depends on what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from mdm.errors import NotFound
from mdm.models import (
    ChangeSet,
    ChangeTrace,
    Crosswalk,
    Decision,
    Golden,
    GoldenVersion,
    Override,
    SourceRecord,
    System,
    User,
)
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import PERSONS, UNDOABLE, ChangeKind

MOST = 100
UNDO_SECONDS = 30
"""The undo window where no system is told of the records."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change set as its page shows it. `undone_by`: the change set that took it back, 0 where none did.

    `goldens`: enterprise IDs it touched. `moves`: (record, from, to), IDs of golden records, empty for none.
    """

    id: int
    kind: str
    at: datetime
    actor: str
    reason: str
    domain: str
    goldens: tuple[str, ...]
    moves: tuple[tuple[str, str, str], ...]
    lives: tuple[tuple[str, str, str], ...]
    overrides: tuple[str, ...]
    undoes: int
    undone_by: int
    is_undoable: bool


def seen(viewer: User) -> QuerySet[ChangeSet]:
    """Change sets whose golden records lie within the viewer's confines; none is half in."""
    sight = Sight(viewer)
    rows = ChangeSet.objects.filter(sight.in_domains())
    if viewer.regions:
        rows = rows.filter(_touching()).exclude(_touching(outside=sight))
    return rows.select_related("actor", "undone_by")


def _touching(*, outside: Sight | None = None, **which: str) -> Q:
    """Whether a change set touched a golden record of that kind: by its versions, or by what retention left of them."""
    versions = GoldenVersion.objects.filter(change_set=OuterRef("pk"), **which)
    traces = ChangeTrace.objects.filter(change_set=OuterRef("pk"), **which)
    if outside is not None:
        versions, traces = (versions.exclude(golden__in=outside.goldens()), traces.exclude(golden__in=outside.goldens()))
    return Q(Exists(versions)) | Q(Exists(traces))


def page(
    *, viewer: User, domain: str = "", kind: str = "", enterprise_id: str = "", before: int = 0, limit: int = MOST
) -> list[Change]:
    """The latest changes first, with ID below `before`; acts of people unless a kind is named."""
    rows = seen(viewer).filter(kind__in=[kind] if kind else [str(one) for one in PERSONS])
    rows = rows.filter(domain=domain) if domain else rows
    rows = rows.filter(pk__lt=before) if before else rows
    if enterprise_id:
        rows = rows.filter(_touching(golden__enterprise_id=enterprise_id))
    return _shown(list(rows.order_by("-pk")[:limit]))


def one(change_id: int, *, viewer: User) -> Change:
    """One change set.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    row = seen(viewer).filter(pk=change_id).first()
    if row is None:
        raise NotFound(f"There is no change {change_id}.")
    return _shown([row])[0]


def _shown(rows: list[ChangeSet]) -> list[Change]:
    """Rows in words; four queries for any number."""
    moved = {move["record"] for row in rows for move in row.moves}
    keys = dict(SourceRecord.objects.filter(pk__in=moved).values_list("pk", "key"))
    numbers = {move[end] for row in rows for move in row.moves for end in ("from", "to")}
    numbers |= {life["golden"] for row in rows for life in row.lives}
    names = dict(Golden.objects.filter(pk__in=numbers - {None}).values_list("pk", "enterprise_id"))
    touched: dict[int, set[str]] = {}
    versions, traces = GoldenVersion.objects.filter(change_set__in=rows), ChangeTrace.objects.filter(change_set__in=rows)
    both = ("change_set_id", "golden__enterprise_id")
    for change, name in versions.values_list(*both).union(traces.values_list(*both)):
        touched.setdefault(change, set()).add(name)
    pins: dict[int, list[str]] = {}
    for change, attribute in (
        Override.objects.filter(change_set__in=rows).order_by("id").values_list("change_set_id", "attribute")
    ):
        pins.setdefault(change, []).append(attribute)
    return [_one(row, keys=keys, names=names, touched=touched.get(row.pk, set()), pins=pins.get(row.pk, [])) for row in rows]


def _one(row: ChangeSet, *, keys: dict[int, str], names: dict[int, str], touched: set[str], pins: list[str]) -> Change:
    undone_by = getattr(row, "undone_by", None)

    def name(number: int | None) -> str:
        return names.get(number or 0, "")

    return Change(
        id=row.pk,
        kind=row.kind,
        at=row.at,
        actor=row.actor.title or row.actor.name,
        reason=row.reason,
        domain=row.domain,
        goldens=tuple(sorted(touched)),
        moves=tuple((keys.get(move["record"], ""), name(move["from"]), name(move["to"])) for move in row.moves),
        lives=tuple((name(life["golden"]), life["from"] or "", life["to"]) for life in row.lives),
        overrides=tuple(pins),
        undoes=row.undoes_id or 0,
        undone_by=undone_by.pk if undone_by else 0,
        is_undoable=undone_by is None and ChangeKind(row.kind) in UNDOABLE,
    )


def goldens_of(change: ChangeSet) -> list[Golden]:
    """The golden records that a change set touched; one query."""
    versions = GoldenVersion.objects.filter(change_set=change).values("golden_id")
    traces = ChangeTrace.objects.filter(change_set=change).values("golden_id")
    return list(Golden.objects.filter(Q(pk__in=versions) | Q(pk__in=traces)).order_by("pk"))


def right_after(change: ChangeSet) -> list[tuple[int, list[int]]]:
    """The golden records that a change set touched, each with its members right after; one query."""
    versions = GoldenVersion.objects.filter(change_set=change).values_list("golden_id", "members")
    return list(versions.union(ChangeTrace.objects.filter(change_set=change).values_list("golden_id", "members"), all=True))


def undo_until(change: ChangeSet) -> datetime:
    """Until when a merge, split or move can be undone: the longest undo window among the targets that hold what it touched.

    One query.
    """
    members = Crosswalk.objects.filter(golden__versions__change_set=change, valid_to=None).values("record_id")
    told = System.objects.filter(source_objects__is_target=True, source_objects__records__in=members)
    longest = told.aggregate(longest=Max("undo_seconds"))["longest"]
    return change.at + timedelta(seconds=UNDO_SECONDS if longest is None else longest)


def dependents(change: ChangeSet) -> list[ChangeSet]:
    """Later acts of people, still standing, without which `change` cannot be taken back exactly; newest first.

    They moved records that it moved, or say that records are the same which would part. What depends on those comes along.
    """
    found: dict[int, ChangeSet] = {}
    waiting = [change]
    while waiting:
        for later in _next(waiting.pop()):
            if later.pk not in found:
                found[later.pk] = later
                waiting.append(later)
    return [found[number] for number in sorted(found, reverse=True)]


def _next(change: ChangeSet) -> list[ChangeSet]:
    records = [move["record"] for move in change.moves]
    moved = Crosswalk.objects.filter(record__in=records, change_set__gt=change.pk).values_list("change_set_id", flat=True)
    rows = ChangeSet.objects.filter(pk__in={*moved, *_tied(change)}, kind__in=UNDOABLE, undone_by=None)
    return list(rows.select_related("actor"))


def _tied(change: ChangeSet) -> set[int]:
    """Later acts whose word "the same" holds a record that moved to one that it would leave."""
    came = {move["record"]: move["from"] for move in change.moves if move["from"] is not None and move["to"] is not None}
    words = Decision.objects.filter(undone_at=None, verdict="SAME", change_set__gt=change.pk)
    rows = list((words.filter(left__in=came) | words.filter(right__in=came)).values_list("left_id", "right_id", "change_set_id"))
    others = {record for left, right, _ in rows for record in (left, right)} - came.keys()
    stayed = _stayed(change, others)
    origin = came | stayed
    return {act for left, right, act in rows if left in origin and right in origin and origin[left] != origin[right]}


def _stayed(change: ChangeSet, records: Collection[int]) -> dict[int, Any]:
    """Of `records`, those that were in a golden record the change brought others into, and which one."""
    return {record: golden for golden, members in right_after(change) for record in members if record in records}


def sentence(change: ChangeSet) -> str:
    """A change in a few words: what, of which IDs, by whom, when."""
    names = ", ".join(golden.enterprise_id for golden in goldens_of(change)[:4])
    return f"Change {change.pk} ({change.kind} of {names} by {change.actor.title or change.actor.name} on {change.at:%d %b %Y})"
