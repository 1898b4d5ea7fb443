"""The whole partition of a domain: which record lives in which golden record, and which pairs still ask."""

from __future__ import annotations

from mdm.models import Crosswalk, MatchPair
from mdm.readers.golden.crosswalk import Key

FIELDS = ("source__system_id", "source__object", "scope", "native_id")


def homes(domain: str) -> dict[Key, int]:
    """Every live record's key and the row ID of its golden record. Cost: one query, all records of the domain."""
    rows = Crosswalk.objects.filter(valid_to=None, golden__domain=domain).values_list(
        *(f"record__{name}" for name in FIELDS), "golden_id"
    )
    return {(system, object, scope, native_id): golden for system, object, scope, native_id, golden in rows}


def questions(domain: str) -> list[tuple[Key, Key]]:
    """The pairs that ask a steward now, or will once a stronger question between the same golden records is answered."""
    rows = MatchPair.objects.filter(domain=domain, status__in=["OPEN", "UNSURE", "COVERED"]).order_by("-weight", "id")
    sides = rows.values_list(*(f"left__{name}" for name in FIELDS), *(f"right__{name}" for name in FIELDS))
    return [((row[0], row[1], row[2], row[3]), (row[4], row[5], row[6], row[7])) for row in sides]
