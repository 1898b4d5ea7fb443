"""Golden records and all their kept versions, made again from members, pinned values, the released rules and their time."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.engine import members, past, releases
from mdm.engine.members import Asked
from mdm.engine.people import pinned
from mdm.models import Golden, GoldenVersion
from mdm.readers.governance.rebuilding.verdict import Verdict, differing

CHUNK = 500
"""Golden records, or versions, that are held in memory at once."""


def present(*, chunk: int = CHUNK) -> Verdict:
    """All live golden records by ID. Four queries a chunk.

    One that seems to differ is read once more: it may have been written between two queries.
    """
    counted, after = 0, 0
    while rows := list(Golden.objects.live().filter(pk__gt=after).order_by("id")[:chunk]):
        suspects = {golden.pk for golden, _ in _unlike(rows)}
        if suspects and (found := _unlike(list(Golden.objects.live().filter(pk__in=suspects).order_by("id")))):
            golden, names = found[0]
            return Verdict(counted, f"{golden.enterprise_id} is stored otherwise than its members give it: {', '.join(names)}.")
        counted, after = counted + len(rows), rows[-1].pk
    return Verdict(counted)


def _unlike(goldens: Sequence[Golden]) -> list[tuple[Golden, list[str]]]:
    """Those that their members give otherwise, with the names of what differs."""
    ids = [golden.pk for golden in goldens]
    rows, pins = members.read(ids), pinned.standing(ids)
    numbers = {(golden.domain, golden.release) for golden in goldens}
    rules = {(domain, number): releases.numbered(domain, number) for domain, number in sorted(numbers)}
    asked = [
        Asked(
            rules[golden.domain, golden.release],
            rows.get(golden.pk, []),
            golden.changed_at,
            list(pins.get(golden.pk, {}).values()),
        )
        for golden in goldens
    ]
    found = []
    for golden, made in zip(goldens, members.survive_each(asked), strict=True):
        names = [
            *differing(golden.values, made.values),
            *differing(golden.relations, made.relations),
            *(f"why {name}" for name in differing(golden.provenance, made.provenance)),
        ]
        found += [(golden, names)] if names else []
    return found


def kept(*, chunk: int = CHUNK) -> Verdict:
    """All kept versions, past ones too, by domain and ID. Three queries a chunk; versions never change once they are written."""
    counted = 0
    for domain in releases.domains():
        after = 0
        while rows := _versions(domain, after, chunk):
            if wrong := past.unproven(rows, domain=domain):
                name = f"{wrong[0].golden.enterprise_id} version {wrong[0].version}"
                return Verdict(counted, f"{name} cannot be computed again as it was stored.")
            counted, after = counted + len(rows), rows[-1].pk
    return Verdict(counted)


def _versions(domain: str, after: int, most: int) -> list[GoldenVersion]:
    rows = GoldenVersion.objects.filter(pk__gt=after, golden__domain=domain).select_related("golden")
    return list(rows.order_by("id")[:most])
