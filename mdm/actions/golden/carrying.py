"""Pinned values follow the golden record they were pinned on: to whoever took its place, and back when it is restored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from mdm.models import Golden, IdLife, Override

MOST_HOPS = 1_000


def follow(goldens: Mapping[int, Golden], moves: Iterable[Mapping[str, Any]]) -> set[int]:
    """Let every pinned value around `goldens` act on the record that now stands for its own; returns whom that may concern.

    `goldens`: as they are about to be written. `moves`: of the regrouping under way. Nothing is noted for the way back: the
    answer depends on how the IDs stand alone, so that a restored one has its own again.
    """
    rows = Override.objects.filter(Q(carrier_id__in=goldens) | Q(golden_id__in=goldens), ended_at=None)
    touched: set[int] = set()
    heirs: dict[int, int] = {}
    for row in rows.only("id", "golden_id", "carrier_id"):
        if row.golden_id not in heirs:
            heirs[row.golden_id] = _heir(row.golden_id, goldens, moves)
        heir = heirs[row.golden_id]
        touched |= {row.carrier_id, heir}
        if heir != row.carrier_id:
            Override.objects.filter(pk=row.pk).update(carrier_id=heir)
    return touched


def _heir(start: int, goldens: Mapping[int, Golden], moves: Iterable[Mapping[str, Any]]) -> int:
    """The live record at the end of a chain of successors; one whose records are gone stands for itself. A query or two a hop."""
    number = start
    for _ in range(MOST_HOPS):
        golden = goldens.get(number) or Golden.objects.get(pk=number)
        if golden.status in {"LIVE", "RETIRED"}:
            return number
        if golden.status == "MERGED":
            name = golden.successors[0]
            known = next((one.pk for one in goldens.values() if one.enterprise_id == name), None)
            number = known or Golden.objects.values_list("pk", flat=True).get(enterprise_id=name)
        else:
            number = _largest_branch(number, moves)
    return number


def _largest_branch(number: int, moves: Iterable[Mapping[str, Any]]) -> int:
    """Where most records of a split golden record went when it was split; the older one of two alike."""
    went = Counter(move["to"] for move in moves if move["from"] == number and move["to"] is not None)
    if not went:
        life = IdLife.objects.filter(golden=number, cause="split").select_related("change_set").latest("id")
        said = life.change_set.moves if life.change_set else []
        went = Counter(move["to"] for move in said if move["from"] == number and move["to"] is not None)
    return min(went, key=lambda heir: (-went[heir], heir)) if went else number
