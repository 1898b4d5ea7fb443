"""What a golden record points at, and what points at it: parents and children, customers and their projects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from mdm.models import Crosswalk, Golden, SourceRecord
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.golden import crosswalk
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
    """What `golden` points at, each resolved to the golden record that stands there now; two queries."""
    aims = list(golden.relations.items())
    keys = [(aim.get("system", ""), aim.get("object", ""), aim.get("scope", ""), aim.get("native_id", "")) for _, aim in aims]
    homes = crosswalk.lookup(keys, viewer=sight.viewer)
    ids = [aim.get("enterprise_id") or (home.enterprise_id if home else "") for (_, aim), home in zip(aims, homes, strict=True)]
    found_goldens = sight.goldens().filter(enterprise_id__in=ids) if any(ids) else ()
    labels = {row.enterprise_id: sight.label(row) for row in found_goldens}
    titles = sight.titles(golden.domain)
    return tuple(
        Kin(titles.get(name, name), found if found in labels else "", labels.get(found, ""), said=_said(aim))
        for (name, aim), found in zip(aims, ids, strict=True)
    )


def inward(records: Collection[SourceRecord], *, domain: str, sight: Sight) -> tuple[Group, ...]:
    """What points at any of `records`, by domain and relation. Two queries a relation that names `domain`."""
    return tuple(group for name, relation in _naming(domain, sight) if (group := _group(name, relation, records, sight)).total)


def inward_counts(records: Collection[SourceRecord], *, domain: str, sight: Sight) -> tuple[tuple[str, Count], ...]:
    """How many golden records point at `records`, by the plural title of their domain; one query a relation."""
    found: list[tuple[str, Count]] = []
    for name, relation in _naming(domain, sight):
        total = counting.up_to(_pointing(name, relation, records, sight))
        if total:
            found.append((sight.spec(name).title_plural, total))
    return tuple(found)


def _naming(domain: str, sight: Sight) -> Iterator[tuple[str, Relation]]:
    for name in sight.domains:
        for relation in sight.spec(name).relations:
            if relation.domain == domain:
                yield name, relation


def _group(domain: str, relation: Relation, records: Collection[SourceRecord], sight: Sight) -> Group:
    spec = sight.spec(domain)
    goldens = _pointing(domain, relation, records, sight)
    rows = tuple(Kin(spec.title, row.enterprise_id, sight.label(row)) for row in goldens.order_by("label", "id")[:MOST])
    title = "Children" if relation.is_hierarchy else spec.title_plural
    return Group(title, domain, relation.is_hierarchy, rows, counting.up_to(goldens) if len(rows) == MOST else Count(len(rows)))


def _pointing(domain: str, relation: Relation, records: Collection[SourceRecord], sight: Sight) -> QuerySet[Golden]:
    """Live golden records of `domain` with a live member whose relation names one of `records`, by the GIN index."""
    if not records:
        return Golden.objects.none()
    aims = (Q(relations__contains={relation.name: _aim(record)}) for record in records)
    members = SourceRecord.objects.filter(reduce(or_, aims), domain=domain, is_live=True)
    homes = Crosswalk.objects.filter(record__in=members, valid_to=None).values("golden_id")
    return sight.goldens().live().filter(pk__in=homes)


def _aim(record: SourceRecord) -> dict[str, str]:
    return {"system": record.source.system_id, "object": record.source.object, "native_id": record.native_id}


def _said(aim: dict[str, str]) -> str:
    return aim.get("enterprise_id") or " ".join(part for part in (aim.get("system", ""), aim.get("native_id", "")) if part)
