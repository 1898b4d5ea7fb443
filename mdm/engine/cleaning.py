"""Cleans mapped attribute values column by column, with a reason for each value that is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matching
from mdm.errors import Problem
from mdm.rules.governance.domains import Attribute, DomainSpec


def clean(spec: DomainSpec, records: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Problem]]]:
    """Canonical values of every record, and by attribute what is wrong with them.

    `records`: mapped attributes, one mapping a record. Attributes that give others their country come first.
    """
    cleaned: list[dict[str, Any]] = [{} for _ in records]
    problems: list[dict[str, Problem]] = [{} for _ in records]
    for attribute in sorted(spec.attributes, key=lambda a: a.country_from is not None):
        rows = [row for row, record in enumerate(records) if record.get(attribute.name) not in (None, "", [])]
        if attribute.is_multi:
            _clean_lists(attribute, records, rows, into=(cleaned, problems))
        elif rows:
            _clean_column(attribute, [(row, records[row][attribute.name]) for row in rows], into=(cleaned, problems))
    return cleaned, problems


type_of_results = tuple[list[dict[str, Any]], list[dict[str, Problem]]]


def _clean_column(attribute: Attribute, cells: list[tuple[int, Any]], *, into: type_of_results) -> None:
    """One column; a word of the reference list takes the spelling of the list."""
    cleaned, problems = into
    countries = None
    if attribute.country_from:
        countries = [cleaned[row].get(attribute.country_from) for row, _ in cells]
    results = matching.clean(attribute.kind, [str(value) for _, value in cells], country=countries)
    listed = {word.casefold(): word for word in attribute.values}
    for (row, raw), result in zip(cells, results, strict=True):
        if result.value is not None:
            cleaned[row][attribute.name] = listed.get(result.value.casefold(), result.value)
        elif result.problem and attribute.on_problem == "warn":
            cleaned[row][attribute.name] = str(raw).strip()  # kept as it came, marked invalid: it gives way to a valid one
        if result.problem:
            problems[row][attribute.name] = Problem(
                code=result.problem, field=attribute.name, value=str(raw), message=result.message, remedy=result.remedy
            )


def _clean_lists(attribute: Attribute, records: Sequence[Mapping[str, Any]], rows: list[int], *, into: type_of_results) -> None:
    """A multi-valued attribute: each value by itself, kept sorted and once."""
    cleaned, problems = into
    for row in rows:
        values = records[row][attribute.name]
        cells = [(0, value) for value in (values if isinstance(values, list) else [values])]
        found: set[str] = set()
        for cell in cells:
            one: type_of_results = ([{}], [{}])
            _clean_column(attribute, [cell], into=one)
            found |= {one[0][0][attribute.name]} if attribute.name in one[0][0] else set()
            problems[row].update(one[1][0])
        if found:
            cleaned[row][attribute.name] = sorted(found)
