"""Pairs that wait for a steward: the queue and its order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from mdm.errors import BadInput
from mdm.models import Crosswalk, Decision, MatchPair, SourceRecord, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.golden import blast_radius
from mdm.readers.golden.blast_radius import Attached
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import ChangeKind

PAGE = 50
ORDER = ("-risk", "-weight", "-id")
BANDS = ("AUTO", "REVIEW", "ASKED")
HEAVY = ("left__payload", "left__standardised", "right__payload", "right__standardised")
"""Columns of the two records that a line of a list does not need."""
WAITING = ("OPEN", "UNSURE")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue: every empty text is no limit. `source`: a system's code. `status`: OPEN or UNSURE."""

    domain: str = ""
    band: str = ""
    source: str = ""
    status: str = "OPEN"


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair, as a line of a list shows it. `label` is masked where it must be."""

    record_id: int
    label: str
    system: str
    chip: str
    native_id: str
    enterprise_id: str


@dataclass(frozen=True, slots=True)
class Clue:
    """What one comparison saw: `verdict` is same, close or differs."""

    label: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting pair. `holder`: the colleague who has it open now, else empty.

    `stakes`: the money behind it, as last weighed.
    """

    id: int
    domain: str
    domain_title: str
    band: str
    weight: float
    probability: float
    stakes: tuple[Attached, ...]
    left: Side
    right: Side
    clues: tuple[Clue, ...]
    found_at: datetime
    status: str
    holder: str


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: where the following page begins, empty on the last one. `held`: pairs that colleagues have open."""

    rows: tuple[Row, ...]
    next: str
    total: Count
    held: Count

    @property
    def has_stakes(self) -> bool:
        """Whether money is known behind any of the rows."""
        return any(row.stakes for row in self.rows)


def waiting(wanted: Wanted, *, sight: Sight) -> QuerySet[MatchPair]:
    """The pairs of that part of the queue that the viewer may see, in no order."""
    rows = MatchPair.objects.filter(sight.in_domains(), status=wanted.status if wanted.status in WAITING else "OPEN")
    rows = rows.filter(sight.record_is_near("left_id"), sight.record_is_near("right_id"))
    if wanted.domain:
        rows = rows.filter(domain=wanted.domain)
    if wanted.band:
        rows = rows.filter(band=wanted.band)
    if wanted.source:
        rows = rows.filter(Q(left__source__system=wanted.source) | Q(right__source__system=wanted.source))
    return rows


def is_near(pair: MatchPair, *, viewer: User) -> bool:
    """Whether both records of a pair lie in the viewer's regions; one query for somebody who is confined."""
    sight = Sight(viewer)
    near = MatchPair.objects.filter(sight.record_is_near("left_id"), sight.record_is_near("right_id"), pk=pair.pk)
    return not viewer.regions or near.exists()


def for_person(rows: QuerySet[MatchPair], *, viewer: User, at: datetime) -> QuerySet[MatchPair]:
    """Those of `rows` that this person can be given: free, or held by themselves, and not passed on by them as unsure."""
    mine = Decision.objects.filter(
        left=OuterRef("left_id"), right=OuterRef("right_id"), undone_at=None, verdict="UNSURE", decided_by=viewer
    )
    free = Q(leased_until=None) | Q(leased_until__lte=at) | Q(leased_by=viewer)
    return rows.filter(free).exclude(Exists(mine))


def queue(wanted: Wanted, *, viewer: User, at: datetime, after: str = "", limit: int = PAGE) -> Page:
    """One page of the queue: highest risk first, then strongest. A fixed number of queries, whatever the length.

    Raises:
        BadInput: `after` is no place in the queue.
    """
    sight = Sight(viewer)
    rows = waiting(wanted, sight=sight)
    places = list(_after(rows, after).order_by(*ORDER).values_list("id", flat=True)[: limit + 1])  # before any join
    page = list(
        MatchPair.objects.filter(id__in=places)
        .select_related("left__source", "right__source", "leased_by")
        .defer(*HEAVY)
        .order_by(*ORDER)
    )
    shown = page[:limit]
    homes = homes_of({record for pair in shown for record in (pair.left_id, pair.right_id)})
    return Page(
        rows=tuple(_row(pair, homes, sight=sight, at=at) for pair in shown),
        next=_place(shown[-1]) if len(page) > limit else "",
        total=counting.up_to(rows),
        held=counting.up_to(rows.filter(leased_until__gt=at).exclude(leased_by=viewer)),
    )


def count(wanted: Wanted, *, sight: Sight) -> Count:
    """How many pairs wait there; one query."""
    return counting.up_to(waiting(wanted, sight=sight))


def homes_of(records: Collection[int]) -> dict[int, str]:
    """Record to the enterprise ID it stands for now; one query."""
    rows = Crosswalk.objects.filter(record_id__in=records, valid_to=None)
    return dict(rows.values_list("record_id", "golden__enterprise_id"))


def side(record: SourceRecord, homes: dict[int, str], *, sight: Sight) -> Side:
    """One record as a line shows it."""
    label = sight.spec(record.domain).label
    return Side(
        record_id=record.pk,
        label=str(sight.shown(record.domain, label, record.attributes.get(label)) or record.native_id),
        system=record.source.system_id,
        chip=sight.systems[record.source.system_id].chip,
        native_id=record.native_id,
        enterprise_id=homes.get(record.pk, ""),
    )


def clues(pattern: str, comparisons: Iterable[Any]) -> tuple[Clue, ...]:
    """A stored pattern in words: one clue for each comparison that could compare. Level 1 is the best, the last the worst."""
    found = []
    for digit, comparison in zip(pattern, comparisons, strict=False):
        level = int(digit, 36) if digit.isalnum() else 0
        if level:
            verdict = "same" if level == 1 else "differs" if level >= len(comparison.weights) else "close"
            found.append(Clue(comparison.label, verdict))
    return tuple(found)


def _row(pair: MatchPair, homes: dict[int, str], *, sight: Sight, at: datetime) -> Row:
    release = sight.release(pair.domain)
    return Row(
        id=pair.pk,
        domain=pair.domain,
        domain_title=release.spec.title,
        band=pair.band,
        weight=pair.weight,
        probability=pair.probability,
        stakes=_stakes(pair, sight),
        left=side(pair.left, homes, sight=sight),
        right=side(pair.right, homes, sight=sight),
        clues=clues(pair.pattern, release.model.comparisons),
        found_at=pair.found_at,
        status=pair.status,
        holder=holder(pair, viewer=sight.viewer, at=at),
    )


def _stakes(pair: MatchPair, sight: Sight) -> tuple[Attached, ...]:
    """The money behind a pair as the viewer may see it. It was summed over all regions: who is confined to some sees none."""
    stake = pair.stake or {}
    known = [domain for domain in sorted(stake) if domain in sight.domains and not sight.viewer.regions]
    titles = {domain: money.title for domain in known if (money := sight.spec(domain).money)}
    hidden = {domain for domain in titles if blast_radius.is_hidden(domain, sight=sight)}
    sums = {domain: {code: Decimal(amount) for code, amount in stake[domain].items()} for domain in titles}
    return tuple(
        Attached(domain, titles[domain], {} if domain in hidden else sums[domain], is_masked=domain in hidden)
        for domain in titles
    )


def holder(pair: MatchPair, *, viewer: User, at: datetime) -> str:
    """The colleague who has the pair open now; empty when nobody has, or the viewer."""
    if pair.leased_by is None or pair.leased_until is None or pair.leased_until <= at or pair.leased_by_id == viewer.pk:
        return ""
    return pair.leased_by.title or pair.leased_by.name


def _place(pair: MatchPair) -> str:
    """Names the row and not its risk: an address must not tell what the page masks."""
    return str(pair.pk)


def _after(rows: QuerySet[MatchPair], place: str) -> QuerySet[MatchPair]:
    """The rows that follow `place` in the queue's order."""
    if not place:
        return rows
    known = MatchPair.objects.filter(pk=int(place)).values_list("risk", "weight", "id").first() if _is_number(place) else None
    if known is None:
        raise BadInput("That is no place in the queue; start from its first page.")
    risk, weight, number = known
    return rows.filter(Q(risk__lt=risk) | Q(risk=risk, weight__lt=weight) | Q(risk=risk, weight=weight, id__lt=number))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@dataclass(frozen=True, slots=True)
class Said:
    """One past decision, as the list of recent ones shows it."""

    id: int
    pair_id: int | None
    verdict: str
    left: str
    right: str
    by: str
    at: datetime
    undone_at: datetime | None
    is_mine: bool


def recent(*, viewer: User, everyone: bool = False, limit: int = 20) -> tuple[Said, ...]:
    """The latest decisions, newest first: the viewer's own, or everyone's that lie within the viewer's confines."""
    sight = Sight(viewer)
    rows = Decision.objects.filter(change_set__kind=ChangeKind.DECISION).order_by("-id")  # those of a merge stand with the merge
    rows = rows.select_related("left", "right", "decided_by").defer(*HEAVY)
    if everyone:
        rows = rows.filter(sight.in_domains("left__domain")).filter(
            sight.record_is_near("left_id"), sight.record_is_near("right_id")
        )
    else:
        rows = rows.filter(decided_by=viewer)
    found: Sequence[Decision] = list(rows[:limit])
    pairs = {
        (left, right): pair
        for pair, left, right in MatchPair.objects.filter(left_id__in=[row.left_id for row in found]).values_list(
            "id", "left_id", "right_id"
        )
    }
    return tuple(_said(row, pairs.get((row.left_id, row.right_id)), sight) for row in found)


def standing(pair: MatchPair, *, sight: Sight) -> Said | None:
    """The decision that stands on a pair, None when nobody has decided it; one query."""
    rows = Decision.objects.filter(left_id=pair.left_id, right_id=pair.right_id, undone_at=None)
    row = rows.select_related("left", "right", "decided_by").defer(*HEAVY).first()
    return _said(row, pair.pk, sight) if row else None


def _said(row: Decision, pair: int | None, sight: Sight) -> Said:
    return Said(
        id=row.pk,
        pair_id=pair,
        verdict=row.verdict,
        left=_label(row.left, sight),
        right=_label(row.right, sight),
        by=row.decided_by.title or row.decided_by.name,
        at=row.decided_at,
        undone_at=row.undone_at,
        is_mine=row.decided_by_id == sight.viewer.pk,
    )


def _label(record: SourceRecord, sight: Sight) -> str:
    name = sight.spec(record.domain).label
    return str(sight.shown(record.domain, name, record.attributes.get(name)) or record.native_id)


def decided_since(since: datetime, *, viewer: User) -> int:
    """How many pairs this person decided since then and did not take back; one query."""
    return Decision.objects.filter(decided_by=viewer, decided_at__gte=since, undone_at=None).count()
