"""Findings about relations, for people: what was seen, in words, as far as the viewer may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from mdm.models import Finding, Golden, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.kin.findings import MEANINGS, FindingKind, FindingStatus

PAGE = 50


@dataclass(frozen=True, slots=True)
class End:
    """Another golden record that plays a part, and the record that says so; no ID where the viewer may not see it."""

    enterprise_id: str
    label: str
    said_by: str


@dataclass(frozen=True, slots=True)
class Row:
    """One finding. `relation`: its title. `ends`: of a circle those around from the record itself on, of two parents the parents.

    `system`, `scope`, `count`, `example`: where a record is missing, how many need it there, and the name of one of them.
    """

    id: int
    kind: str
    meaning: str
    domain: str
    enterprise_id: str
    label: str
    relation: str
    status: str
    first_seen_at: datetime
    last_seen_at: datetime
    ends: tuple[End, ...] = ()
    system: str = ""
    scope: str = ""
    count: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[Row, ...]
    next: int
    total: Count


def seen(*, sight: Sight, status: str = "OPEN", golden: int | None = None) -> QuerySet[Finding]:
    """Findings of that status within the viewer's confines; those of one golden record where one is given."""
    rows = Finding.objects.filter(sight.in_domains("golden__domain"), status=status if status in list(FindingStatus) else "OPEN")
    rows = rows.filter(golden__regions__overlap=sight.viewer.regions) if sight.viewer.regions else rows
    return rows if golden is None else rows.filter(golden=golden)


def page(*, viewer: User, status: str = "OPEN", kind: str = "", domain: str = "", before: int = 0, limit: int = PAGE) -> Page:
    """Findings, newest first; a fixed number of queries. `domain`: of the golden record."""
    sight = Sight(viewer)
    rows = seen(sight=sight, status=status)
    rows = rows.filter(kind=kind) if kind in list(FindingKind) else rows
    rows = rows.filter(golden__domain=domain) if domain else rows
    chosen = rows.filter(pk__lt=before) if before else rows
    listed = list(chosen.select_related("golden").order_by("-id")[: limit + 1])
    shown = listed[:limit]
    return Page(_rows(shown, sight), shown[-1].pk if len(listed) > limit else 0, counting.up_to(rows))


def one(finding_id: int, *, viewer: User) -> Row:
    """One finding that the viewer just acted on."""
    return _rows([Finding.objects.select_related("golden").get(pk=finding_id)], Sight(viewer))[0]


def of_golden(golden: Golden, *, sight: Sight) -> tuple[Row, ...]:
    """What is open about one golden record; two queries, one when there is none."""
    return _rows(list(seen(sight=sight, golden=golden.pk).select_related("golden").order_by("id")[:PAGE]), sight)


def _rows(found: Sequence[Finding], sight: Sight) -> tuple[Row, ...]:
    names = {said["enterprise_id"] for row in found for said in _said(row)}
    labels = _labels(names, sight)
    return tuple(_row(row, labels, sight) for row in found)


def _labels(names: Collection[str], sight: Sight) -> dict[str, str]:
    rows = sight.goldens().filter(enterprise_id__in=names) if names else ()
    return {row.enterprise_id: sight.label(row) for row in rows}


def _said(row: Finding) -> list[dict[str, str]]:
    return list(row.detail.get("around") or row.detail.get("parents") or [])


def _row(row: Finding, labels: Mapping[str, str], sight: Sight) -> Row:
    golden, detail = row.golden, row.detail
    missing: dict[str, Any] = {part: detail[part] for part in ("scope", "count") if part in detail}
    if "system" in detail:
        system = sight.systems.get(detail["system"])
        missing |= {"system": system.title if system else detail["system"], "example": detail["example"]}
    return Row(
        id=row.pk,
        kind=row.kind,
        meaning=MEANINGS[FindingKind(row.kind)],
        domain=golden.domain,
        enterprise_id=golden.enterprise_id,
        label=sight.label(golden),
        relation=_title(row, sight),
        status=row.status,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        ends=tuple(
            End(
                said["enterprise_id"] if said["enterprise_id"] in labels else "",
                labels.get(said["enterprise_id"], ""),
                said["said_by"],
            )
            for said in _said(row)
        ),
        **missing,
    )


def _title(row: Finding, sight: Sight) -> str:
    """The title of the relation in the domain whose records have it; its name for who may not see that domain."""
    if row.domain not in sight.domains:
        return row.relation
    return sight.titles(row.domain).get(row.relation, row.relation)
