"""Golden records by how good they are: those below a score, those that fail a rule, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from mdm.errors import BadInput
from mdm.models import Crosswalk, Golden, User
from mdm.models.golden.goldens import GoldenQuerySet
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight
from mdm.rules.governance.domains import DomainSpec

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """`below`: a score, 101 for any. `failing`: a rule's code. `system`: one that holds a member; empty is no limit."""

    below: int = 101
    failing: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One golden record: `reasons` why it is not perfect, in plain words."""

    enterprise_id: str
    label: str
    score: int
    reasons: tuple[str, ...]
    member_count: int


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: (score, row ID) after which the following page begins, None on the last one."""

    lines: tuple[Line, ...]
    next: tuple[int, int] | None
    total: Count


def narrowed(rows: GoldenQuerySet, wanted: Wanted, spec: DomainSpec) -> GoldenQuerySet:
    """Those of `rows` that are wanted.

    Raises:
        BadInput: the domain has no such rule.
    """
    if wanted.failing:
        codes = [rule.code for rule in spec.quality]
        if wanted.failing not in codes:
            known = ", ".join(codes) or "none"
            raise BadInput(f"failing={wanted.failing[:60]!r} is no quality rule of {spec.name}; there are: {known}.")
        rows = rows.filter(failing__contains=[wanted.failing])
    rows = rows.filter(quality__lt=wanted.below) if wanted.below <= 100 else rows
    if wanted.system:
        homes = Crosswalk.objects.filter(golden=OuterRef("pk"), valid_to=None, record__source__system=wanted.system)
        rows = rows.filter(Exists(homes))
    return rows


def worst(domain: str, wanted: Wanted, *, viewer: User, after: tuple[int, int] | None = None) -> Page:
    """Live golden records of a domain that have a fault, the lowest score first; two queries.

    Raises:
        BadInput: the domain has no such rule.
        NotFound: the domain is not released.
    """
    sight = Sight(viewer)
    spec = sight.spec(domain)
    rows = narrowed(sight.goldens().live().filter(domain=domain, quality__lt=100), wanted, spec)
    score, number = after or (-1, 0)
    later = Q(quality__gt=score) | Q(quality=score, pk__gt=number)
    listed = list(rows.filter(later, quality__gte=score).order_by("quality", "id")[: PAGE + 1])
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    lines = tuple(_line(row, spec, sight) for row in listed[:PAGE])
    return Page(lines, (last.quality or 0, last.pk) if last else None, counting.up_to(rows))


def _line(golden: Golden, spec: DomainSpec, sight: Sight) -> Line:
    reasons = tuple(reason["title"] for reason in shown(golden, spec=spec)["failing"])
    return Line(golden.enterprise_id, sight.label(golden), golden.quality or 0, reasons, golden.member_count)


def shown(golden: Golden, *, spec: DomainSpec) -> dict[str, Any]:
    """The score, None where it was not graded, and what is wrong: code and plain words of each rule that fails."""
    titles = {rule.code: rule.title for rule in spec.quality}
    failing: Sequence[str] = golden.failing
    return {"score": golden.quality, "failing": [{"code": code, "title": titles.get(code, code)} for code in failing]}
