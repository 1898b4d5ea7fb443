"""Records that were refused: the list, and one with its problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from mdm.errors import NotFound
from mdm.models import QuarantinedRecord, SourceObject, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[QuarantinedRecord, ...]
    next: int
    total: Count


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused record. `payload` and `problems` are masked; `is_masked`: something is, and saving would keep the mask."""

    row: QuarantinedRecord
    payload: Any
    problems: tuple[dict[str, str], ...]
    is_masked: bool


def waiting(*, sight: Sight) -> QuerySet[QuarantinedRecord]:
    """Refused records that wait for somebody, within the viewer's domains and regions."""
    return QuarantinedRecord.objects.filter(sight.in_domains(), sight.in_regions(), status="OPEN")


def filtered(
    rows: QuerySet[QuarantinedRecord], *, system: str = "", code: str = "", domain: str = ""
) -> QuerySet[QuarantinedRecord]:
    """Those of one system, cause and domain; an empty one is no limit."""
    rows = rows.filter(system=system) if system else rows
    rows = rows.filter(domain=domain) if domain else rows
    return rows.filter(codes__contains=[code]) if code else rows


def page(*, viewer: User, system: str = "", code: str = "", domain: str = "", before: int = 0) -> Page:
    """Waiting records, newest first; two queries. `code`: a cause."""
    rows = filtered(waiting(sight=Sight(viewer)), system=system, code=code, domain=domain)
    listed = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])
    return Page(tuple(listed[:PAGE]), listed[PAGE - 1].pk if len(listed) > PAGE else 0, counting.up_to(rows))


def one(quarantined_id: int, *, viewer: User) -> Refused:
    """One refused record, open or closed.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    sight = Sight(viewer)
    row = (
        QuarantinedRecord.objects.filter(sight.in_domains(), sight.in_regions(), pk=quarantined_id)
        .select_related("closed_by")
        .first()
    )
    if row is None:
        raise NotFound(f"There is no quarantined record {quarantined_id}.")
    return masked(row, sight)


def masked(row: QuarantinedRecord, sight: Sight) -> Refused:
    """A refused record as the viewer may see it."""
    paths = _hidden_paths(row, sight)
    payload = _masked(row.payload, paths)
    names = _hidden_names(row, sight) | paths
    problems = tuple(
        {**problem, "value": roles.MASK, "message": "This value has a problem that you may not see."}
        if problem.get("field") in names
        else problem
        for problem in row.problems
    )
    return Refused(row, payload, problems, is_masked=payload != row.payload)


def _hidden_names(row: QuarantinedRecord, sight: Sight) -> frozenset[str]:
    return sight.hidden(row.domain) if row.domain in sight.domains else frozenset()


def _hidden_paths(row: QuarantinedRecord, sight: Sight) -> frozenset[str]:
    """Payload paths of attributes this role may not see: by the source's mapping, else by their own names."""
    names = _hidden_names(row, sight)
    source = SourceObject.objects.filter(system=row.system, object=row.object).first() if names else None
    mapped = frozenset(str(item[1]) for item in (source.mapping or [] if source else []) if item[0] in names)
    return names | mapped


def _masked(payload: Any, paths: frozenset[str], above: str = "") -> Any:
    """The payload with MASK in place of what stands at one of the dotted `paths`."""
    if not isinstance(payload, Mapping):
        return payload
    return {
        name: roles.MASK if f"{above}{name}" in paths and value not in (None, "") else _masked(value, paths, f"{above}{name}.")
        for name, value in payload.items()
    }
