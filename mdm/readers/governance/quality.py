"""How good the data is: each night's figures by domain, system and rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mdm.errors import BadInput, NotAllowed, NotFound
from mdm.models import QualityDay, User
from mdm.readers.governance.sight import Sight
from mdm.rules.governance.domains import DomainSpec

MOST_DAYS = 1_100
"""Three years of nights in one answer."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One rule of the last night. `failing` of `records` do not keep it; `score`: the share that does, 0..100."""

    code: str
    title: str
    dimension: str
    weight: int
    records: int
    failing: int
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """One system's live records of the last night; `score`: the mean of their scores, 0..100."""

    system: str
    title: str
    records: int
    failing: int
    score: float


@dataclass(frozen=True, slots=True)
class Board:
    """One domain, or one system's part of it, on `day`; None where no figures were made yet. `rules`: the worst first."""

    domain: str
    title: str
    day: date | None
    records: int
    failing: int
    score: float | None
    rules: tuple[Figure, ...]
    systems: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One night's figure."""

    day: date
    records: int
    failing: int
    score: float


def may_see(viewer: User) -> bool:
    """Whether the figures are for this person: they count the records of all regions."""
    return not viewer.regions


def boards(*, viewer: User) -> list[Board]:
    """All domains that declare rules, within the viewer's; two queries a domain.

    Raises:
        NotAllowed: the viewer is confined to regions.
    """
    _check(viewer)
    sight = Sight(viewer)
    return [_board(sight, name, "") for name in sight.domains if sight.spec(name).quality]


def board(domain: str, *, viewer: User, system: str = "") -> Board:
    """One domain; with `system` that system's records instead of the golden ones.

    Raises:
        NotAllowed: the viewer is confined to regions.
        NotFound: the domain is not released, declares no rules or is not the viewer's; or has no such system.
    """
    _check(viewer)
    sight = Sight(viewer)
    if domain not in sight.domains or not sight.spec(domain).quality:
        raise NotFound(f"There are no quality rules for {domain!r}.")
    found = _board(sight, domain, system)
    if system and found.day is None:
        raise NotFound(f"There are no figures of {system!r} for {domain}.")
    return found


def trend(
    domain: str, *, viewer: User, system: str = "", rule: str = "", since: date | None = None, until: date | None = None
) -> list[Day]:
    """Night by night, the oldest first; by default the last three years. One query.

    Raises:
        NotAllowed, NotFound: as for `board`.
        BadInput: the days are in the wrong order.
    """
    board(domain, viewer=viewer)
    if since and until and until < since:
        raise BadInput(f"to={until} is before from={since}; turn them round.")
    rows = QualityDay.objects.filter(domain=domain, system=system, rule=rule)
    rows = rows.filter(day__gte=since) if since else rows
    rows = rows.filter(day__lte=until) if until else rows
    listed = rows.order_by("-day").values_list("day", "records", "failing", "score")[:MOST_DAYS]
    return [Day(*row) for row in reversed(listed)]


def recent(domain: str, *, viewer: User, system: str = "", until: date) -> list[Day]:
    """The nights of the last 90 days, the oldest first."""
    return trend(domain, viewer=viewer, system=system, since=until - timedelta(days=90), until=until)


def _check(viewer: User) -> None:
    if not may_see(viewer):
        confined = ", ".join(sorted(viewer.regions))
        raise NotAllowed(f"Quality figures count the records of all regions; you are confined to {confined}.")


def _board(sight: Sight, domain: str, system: str) -> Board:
    spec = sight.spec(domain)
    day = QualityDay.objects.filter(domain=domain, rule="").order_by("-day").values_list("day", flat=True).first()
    rows = list(QualityDay.objects.filter(domain=domain, day=day)) if day else []
    total = next((row for row in rows if row.system == system and not row.rule), None)
    parts = [
        Part(row.system, sight.systems[row.system].title, row.records, row.failing, row.score)
        for row in rows
        if row.system and not row.rule and row.system in sight.systems
    ]
    return Board(
        domain=domain,
        title=spec.title_plural,
        day=total.day if total else None,
        records=total.records if total else 0,
        failing=total.failing if total else 0,
        score=total.score if total else None,
        rules=_figures(spec, (row for row in rows if row.system == system and row.rule)),
        systems=tuple(sorted(parts, key=lambda part: (part.score, part.system))),
    )


def _figures(spec: DomainSpec, rows: Iterable[QualityDay]) -> tuple[Figure, ...]:
    """Figures of rules that the domain still declares, what costs most first."""
    rules = {rule.code: rule for rule in spec.quality}
    found = [
        Figure(row.rule, rule.title, rule.dimension, rule.weight, row.records, row.failing, row.score)
        for row in rows
        if (rule := rules.get(row.rule)) is not None
    ]
    return tuple(sorted(found, key=lambda figure: (-figure.weight * (100 - figure.score), figure.code)))
