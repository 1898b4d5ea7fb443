"""The versions of one golden record in words: what changed, when, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from mdm.models import ChangeSet, Golden, GoldenVersion, SourceRecord
from mdm.readers.golden import changes
from mdm.readers.golden.merge_preview import Change
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import UNDOABLE, ChangeKind

MOST = 50


@dataclass(frozen=True, slots=True)
class Changed(Change):
    """A value that did change. `is_decimal`: it is a decimal, of an amount of money perhaps."""

    is_decimal: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One version beside the one before it. `joined`, `left`: source records by system and native ID.

    `cause`: born, data, matching, or the kind of a person's act. `who`: the person or system that acted, empty where data
    came in. `change`: the change set, 0 where there is none that the viewer may see. `is_undoable`: it is a person's act that
    nobody took back yet.
    """

    number: int
    at: datetime
    status: str
    cause: str
    who: str
    reason: str
    changes: tuple[Changed, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    change: int = 0
    is_undoable: bool = False


def versions(golden: Golden, *, sight: Sight) -> tuple[Version, ...]:
    """The latest versions, newest first; two queries."""
    rows = list(
        GoldenVersion.objects.filter(golden=golden)
        .select_related("change_set__actor", "change_set__undone_by")
        .order_by("-version")[: MOST + 1]
    )
    moved = {record for newer, older in pairwise(rows) for record in set(newer.members) ^ set(older.members)}
    names = _names(moved | {record for row in rows[-1:] for record in row.members})
    found = [_version(newer, older, names, golden=golden, sight=sight) for newer, older in pairwise(rows)]
    if rows and rows[-1].version == 1:
        found.append(_version(rows[-1], None, names, golden=golden, sight=sight))
    return tuple(_only_seen(found[:MOST], sight))


def _only_seen(versions: list[Version], sight: Sight) -> list[Version]:
    """Without the change sets that reach outside the viewer's regions; one query for who is confined, none else."""
    if not sight.viewer.regions:
        return versions
    seen = set(changes.seen(sight.viewer).filter(pk__in=[one.change for one in versions]).values_list("pk", flat=True))
    return [one if one.change in seen else replace(one, change=0, is_undoable=False) for one in versions]


def _names(records: Iterable[int]) -> dict[int, str]:
    rows = SourceRecord.objects.filter(pk__in=list(records)).values_list("id", "source__system__title", "native_id")
    return {record: f"{system} {native_id}" for record, system, native_id in rows}


def _version(
    row: GoldenVersion, before: GoldenVersion | None, names: Mapping[int, str], *, golden: Golden, sight: Sight
) -> Version:
    is_erased = row.is_erased or bool(before and before.is_erased)
    joined = set(row.members) - set(before.members if before else [])
    left = set(before.members if before else []) - set(row.members)
    return Version(
        number=row.version,
        at=row.recorded_at,
        status=row.status,
        cause="erased" if row.is_erased else _cause(row.change_set, before),
        who=(row.change_set.actor.title or row.change_set.actor.name) if row.change_set else "",
        reason=row.change_set.reason if row.change_set else "",
        changes=_changes(row.values, before.values if before else {}, golden=golden, sight=sight)
        if before and not is_erased
        else (),
        joined=() if is_erased else tuple(sorted(names.get(record, f"record {record}") for record in joined)),
        left=() if is_erased else tuple(sorted(names.get(record, f"record {record}") for record in left)),
        change=row.change_set_id or 0,
        is_undoable=_is_undoable(row.change_set),
    )


def _is_undoable(change_set: ChangeSet | None) -> bool:
    return change_set is not None and change_set.kind in UNDOABLE and getattr(change_set, "undone_by", None) is None


def _cause(change_set: ChangeSet | None, before: GoldenVersion | None) -> str:
    if change_set is not None:
        return "matching" if change_set.kind == ChangeKind.RESOLVE else change_set.kind
    return "data" if before else "born"


def _changes(after: Mapping[str, Any], before: Mapping[str, Any], *, golden: Golden, sight: Sight) -> tuple[Changed, ...]:
    decimals = {item.name for item in sight.spec(golden.domain).attributes if item.kind == "decimal"}
    titles = sight.titles(golden.domain)
    names = [name for name in titles if after.get(name) != before.get(name)]
    return tuple(
        Changed(
            titles[name],
            sight.shown(golden.domain, name, before.get(name)),
            sight.shown(golden.domain, name, after.get(name)),
            is_decimal=name in decimals,
        )
        for name in names
    )
