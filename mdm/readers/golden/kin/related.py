"""What a golden record points at, and what points at it: parents and children, customers and their projects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from mdm.models import Crosswalk, Golden, Override, SourceRecord
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.golden.kin import aims
from mdm.readers.governance.sight import Sight
from mdm.rules.governance.domains import Relation

MOST = 20


@dataclass(frozen=True, slots=True)
class Kin:
    """One golden record at the other end; no ID when nothing the viewer may see stands there. `said`: the key a system gave."""

    title: str
    enterprise_id: str
    label: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one domain that point here by one relation; `rows` are the first of `total`."""

    title: str
    domain: str
    is_hierarchy: bool
    rows: tuple[Kin, ...]
    total: Count


def outward(golden: Golden, *, sight: Sight) -> tuple[Kin, ...]:
    """What `golden` points at, each resolved to the golden record that stands there now; at most three queries."""
    said = list(golden.relations.items())
    ids = aims.resolve([aim for _, aim in said], viewer=sight.viewer)
    found_goldens = sight.goldens().filter(enterprise_id__in=ids) if any(ids) else ()
    labels = {row.enterprise_id: sight.label(row) for row in found_goldens}
    titles = sight.titles(golden.domain)
    return tuple(
        Kin(titles.get(name, name), found if found in labels else "", labels.get(found, ""), said=_said(aim))
        for (name, aim), found in zip(said, ids, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """What a relation may name: source records, whose `source` is loaded, and enterprise IDs (`aims.names_of`)."""

    records: Collection[SourceRecord]
    names: Collection[str] = ()

    @property
    def aims(self) -> list[dict[str, str]]:
        return [*map(_aim, self.records), *({"enterprise_id": name} for name in sorted(self.names))]


def inward(ends: Ends, *, domain: str, sight: Sight) -> tuple[Group, ...]:
    """What points at any of `ends`, by domain and relation. Two queries a relation that names `domain`."""
    return tuple(group for name, relation in _naming(domain, sight) if (group := _group(name, relation, ends, sight)).total)


def inward_counts(ends: Ends, *, domain: str, sight: Sight) -> tuple[tuple[str, Count], ...]:
    """How many golden records point at `ends`, by the plural title of their domain; one query a relation."""
    found: list[tuple[str, Count]] = []
    for name, relation in _naming(domain, sight):
        total = counting.up_to(_pointing(name, relation, ends, sight))
        if total:
            found.append((sight.spec(name).title_plural, total))
    return tuple(found)


def _naming(domain: str, sight: Sight) -> Iterator[tuple[str, Relation]]:
    for name in sight.domains:
        for relation in sight.spec(name).relations:
            if relation.domain == domain:
                yield name, relation


def _group(domain: str, relation: Relation, ends: Ends, sight: Sight) -> Group:
    spec = sight.spec(domain)
    goldens = _pointing(domain, relation, ends, sight)
    rows = tuple(Kin(spec.title, row.enterprise_id, sight.label(row)) for row in goldens.order_by("label", "id")[:MOST])
    children = "Children" if len(spec.hierarchies) == 1 else f"Children, {relation.kind}"
    title = children if relation.is_hierarchy else spec.title_plural
    return Group(title, domain, relation.is_hierarchy, rows, counting.up_to(goldens) if len(rows) == MOST else Count(len(rows)))


def _pointing(domain: str, relation: Relation, ends: Ends, sight: Sight) -> QuerySet[Golden]:
    """Live golden records of `domain` whose own relation leads to one of `ends`: a claim that lost to another one does not count.

    Looked at are those with a live member that names one, by the GIN index, and those on which a person pinned one.
    """
    named = [Q(relations__contains={relation.name: aim}) for aim in ends.aims]
    if not named:
        return Golden.objects.none()
    leads_here = reduce(or_, named)
    members = SourceRecord.objects.filter(leads_here, domain=domain, is_live=True).exclude(relations={})
    homes = Crosswalk.objects.filter(record__in=members, valid_to=None).values("golden_id")
    pins = Override.objects.filter(attribute=relation.name, value__enterprise_id__in=ends.names, ended_at=None)
    return sight.goldens().live().filter(leads_here, domain=domain, pk__in=homes.union(pins.values("carrier_id")))


def _aim(record: SourceRecord) -> dict[str, str]:
    """The whole key: the same number in another scope is another record."""
    system, object = record.source.system_id, record.source.object
    return {"system": system, "object": object, "scope": record.scope, "native_id": record.native_id}


def _said(aim: dict[str, str]) -> str:
    return aim.get("enterprise_id") or " ".join(part for part in (aim.get("system", ""), aim.get("native_id", "")) if part)
