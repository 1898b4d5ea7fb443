"""Values that people pinned, as survivorship takes them: those that stand now, and those that counted in a past version."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mdm.models import Override
from mdm.rules.golden import survivorship

if TYPE_CHECKING:
    from datetime import datetime

Pins = dict[int, survivorship.Override]
"""By the ID of their rows."""


def standing(carriers: Collection[int]) -> dict[int, Pins]:
    """What acts on these golden records until somebody ends it, by their row IDs. One query, none for none."""
    found: dict[int, Pins] = {}
    rows = Override.objects.filter(carrier_id__in=carriers, ended_at=None).select_related("made_by") if carriers else ()
    for row in rows:
        found.setdefault(row.carrier_id, {})[row.pk] = of_row(row, row.carrier_id)
    return found


def of_versions(wanted: Sequence[tuple[int, Collection[int]]]) -> list[list[survivorship.Override]]:
    """What counted in past versions, each (golden record, its `overrides`). One query, none for none."""
    ids = {number for _, numbers in wanted for number in numbers}
    rows = {row.pk: row for row in Override.objects.filter(pk__in=ids).select_related("made_by")} if ids else {}
    return [[of_row(rows[number], golden) for number in numbers if number in rows] for golden, numbers in wanted]


def active(pins: Mapping[int, survivorship.Override], at: datetime) -> list[int]:
    """The IDs of those that count at `at`, sorted."""
    return sorted(number for number, pin in pins.items() if pin.is_active(at))


def inherited(pins: Pins) -> Pins:
    """The same as they count for a golden record that takes another one's place."""
    return {number: replace(pin, is_own=False) for number, pin in pins.items()}


def of_row(row: Override, carrier: int) -> survivorship.Override:
    """One row as it counts for `carrier`; `made_by` must be loaded."""
    return survivorship.Override(
        row.attribute, row.value, row.made_by.name, row.reason, row.made_at, row.expires_at, is_own=row.golden_id == carrier
    )
