"""Grades rows by the quality rules of their domain: sets the columns, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from mdm.rules.intake import quality
from mdm.rules.intake.quality import Facts

if TYPE_CHECKING:
    from mdm.engine.members import Row
    from mdm.models import Golden, SourceRecord
    from mdm.rules.governance.domains import DomainSpec

R = TypeVar("R", "Golden", "SourceRecord")
Columns = tuple[int | None, list[str], datetime | None]


def goldens(spec: DomainSpec, rows: Sequence[Golden], members: Mapping[int, Sequence[Row]], *, at: datetime) -> list[Golden]:
    """Grade golden records, whose `members` are given by row ID; returns those whose grade is another one now.

    A golden value is invalid where the record that it comes from has it marked so; the newest word is that of the newest member.
    """
    facts = [_facts(golden, members.get(golden.pk, ()), at) for golden in rows]
    return _changed(rows, _grades(spec, facts, at))


def _facts(golden: Golden, members: Sequence[Row], at: datetime) -> Facts:
    marked = {row.member.record_id: row.member.invalid for row in members if row.member.invalid}
    invalid = (name for name in golden.values if name in marked.get(golden.provenance[name]["record"], ())) if marked else ()
    said_at = max((row.said_at for row in members), default=at)
    return Facts({**golden.values, **golden.relations}, frozenset(invalid), said_at)


def records(spec: DomainSpec, rows: Sequence[SourceRecord], *, at: datetime) -> list[SourceRecord]:
    """Grade source records; returns those whose grade is another one now."""
    facts = [Facts({**row.attributes, **row.relations}, frozenset(row.invalid), _said_at(row)) for row in rows]
    return _changed(rows, _grades(spec, facts, at))


def _said_at(row: SourceRecord) -> datetime:
    changed_at = row.source_updated_at or row.changed_at
    return max(changed_at, row.confirmed_at or changed_at)


def _grades(spec: DomainSpec, facts: Sequence[Facts], at: datetime) -> list[Columns]:
    """What the columns are to say; without rules nothing is graded."""
    if not spec.quality:
        return [(None, [], None)] * len(facts)
    return [(grade.score, list(grade.failing), grade.due_at) for grade in quality.grade(spec.quality, facts, at=at)]


def _changed(rows: Sequence[R], grades: Sequence[Columns]) -> list[R]:
    changed = []
    for row, fresh in zip(rows, grades, strict=True):
        if (row.quality, row.failing, row.grade_due_at) != fresh:
            row.quality, row.failing, row.grade_due_at = fresh[0], list(fresh[1]), fresh[2]
            changed.append(row)
    return changed
