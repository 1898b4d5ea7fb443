"""Stored records in the form that another release gives them: values, what is compared of them, match keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mdm.engine import columns, preparing
from mdm.engine.columns import Standardised
from mdm.engine.preparing import Prepared
from mdm.engine.releases import Release
from mdm.models import SourceRecord
from mdm.rules.governance.releasing.release_stages import Stage, Touched

LOADED = ("source", "delivery")
"""What must be loaded with the records: `SourceRecord.objects.select_related(*LOADED)`."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """Records in their new form, and its standardised values, a row each."""

    items: list[Prepared]
    table: Standardised

    @property
    def told(self) -> list[Prepared]:
        """Those that say something else than before."""
        return [item for item in self.items if says_else(item)]


def renew(release: Release, rows: Sequence[SourceRecord], *, touched: Touched, today: date) -> Renewed:
    """`rows` under `release`, from the first step that differs (`touched`): from payloads, or from values that stay. Pure."""
    if Stage.PREPARE in touched.stages:
        return Renewed(*preparing.work_out_stored(release, rows, today=today))
    items = [preparing.as_stored(place, row) for place, row in enumerate(rows)]
    if Stage.STANDARDISE in touched.stages:
        table = columns.standardise(release, [item.attributes for item in items])
    else:
        table = columns.stored(release, [item.standardised for item in items])
    for item, row, keys in zip(items, table.rows(), columns.keys(release, table), strict=True):
        item.standardised, item.keys = row, keys
    return Renewed(items, table)


def says_else(item: Prepared) -> bool:
    """Whether the record's values, relations or their validity are others than stored: that makes a version."""
    row = item.before
    assert row is not None
    return (item.attributes, item.relations, item.invalid) != (row.attributes, row.relations, row.invalid)


def is_other(item: Prepared) -> bool:
    """Whether anything that is stored of the record beside its match keys is another."""
    row = item.before
    assert row is not None
    return says_else(item) or (item.standardised, item.content_hash) != (row.standardised, row.content_hash)
