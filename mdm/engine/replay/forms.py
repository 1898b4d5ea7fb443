"""The form of many stored records under another release, portion by portion: what is compared of them, and what that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from mdm.engine import columns
from mdm.engine.columns import Standardised
from mdm.engine.preparing import Prepared
from mdm.engine.releases import Release
from mdm.engine.replay import renewing
from mdm.engine.replay.facts import Numbers
from mdm.engine.replay.renewing import LOADED
from mdm.models import MatchKey, SourceRecord
from mdm.rules.governance.releasing.release_stages import FORMS, Stage, Touched

PORTION = 5_000
"""Records read at once."""
EXAMPLES = 5
STORED = """
    SELECT record.key, record.standardised, source.is_unique, source.system_id, source.object, record.scope
    FROM mdm_sourcerecord record JOIN mdm_sourceobject source ON source.id = record.source_id
    WHERE record.id = ANY(%s) ORDER BY record.id
"""


@dataclass(slots=True)
class Forms:
    """Records in the order in which they were asked for. `names`: stable names; `tokens`: records that share one never meet.

    `other`: row IDs of those with another form or other match keys; `told`: of those that say something else. `restated`: how
    many are compared by other values; `refused`: how many the release would not let in, with `reasons` of some; `shown`: some of
    `told`, with the attributes that differ.
    """

    table: Standardised
    names: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    restated: int = 0
    refused: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)


def read(release: Release, records: Numbers, *, touched: Touched, today: date) -> Forms:
    """The form that `release` gives these records. Cost: from the payloads, from the values, or only reading what is stored."""
    forms, parts = Forms(Standardised(0, {})), list[Standardised]()
    work = _renewed if touched.any(FORMS) else _stored
    for start in range(0, len(records), PORTION):
        parts.append(work(forms, release, records[start : start + PORTION].tolist(), touched, today))
    forms.table = Standardised.concat(parts)
    return forms


def _stored(forms: Forms, release: Release, ids: list[int], touched: Touched, today: date) -> Standardised:  # noqa: PLR0917
    with connection.cursor() as cursor:
        cursor.execute(STORED, [ids])
        rows = cursor.fetchall()
    forms.names += [row[0] for row in rows]
    forms.tokens += [f"{row[3]}/{row[4]}/{row[5]}" if row[2] else None for row in rows]
    return columns.stored(release, [json.loads(row[1]) for row in rows])


def _renewed(forms: Forms, release: Release, ids: list[int], touched: Touched, today: date) -> Standardised:  # noqa: PLR0917
    rows = list(SourceRecord.objects.filter(pk__in=ids).select_related(*LOADED).order_by("id"))
    renewed = renewing.renew(release, rows, touched=touched, today=today)
    keyed = _keys(ids) if Stage.KEY in touched.stages else {}
    for row, item in zip(rows, renewed.items, strict=True):
        forms.names.append(row.key)
        forms.tokens.append(f"{row.source.system_id}/{row.source.object}/{row.scope}" if row.source.is_unique else None)
        forms.restated += item.standardised != row.standardised
        if renewing.is_other(item) or (keyed and keyed.get(row.pk, []) != item.keys):
            forms.other.append(row.pk)
        if renewing.says_else(item):
            forms.told.append(row.pk)
            _show(forms.shown, row.key, list(_differing(row, item)))
        if item.problems:
            forms.refused += 1
            _show(forms.reasons, row.key, [problem["field"] for problem in item.problems])
    return renewed.table


def _keys(ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for record, key in MatchKey.objects.filter(record__in=ids).order_by("key").values_list("record_id", "key"):
        found.setdefault(record, []).append(key)
    return found


def _show(shown: list[dict[str, Any]], name: str, fields: list[str]) -> None:
    """Names only: values stay where masking finds them."""
    if len(shown) < EXAMPLES:
        shown.append({"record": name, "fields": sorted(set(fields))})


def _differing(row: SourceRecord, item: Prepared) -> Iterator[str]:
    yield from (name for name in {*row.attributes, *item.attributes} if row.attributes.get(name) != item.attributes.get(name))
    yield from (name for name in {*row.relations, *item.relations} if row.relations.get(name) != item.relations.get(name))
    yield from {*row.invalid} ^ {*item.invalid}
