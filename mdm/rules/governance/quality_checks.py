"""What can be wrong in the quality rules of a domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdm.rules.governance import domain_shapes as shapes
from mdm.rules.governance.domain_files import Finding, Place
from mdm.rules.governance.domain_shapes import Shape
from mdm.rules.governance.rule_checks import rows, unknown
from mdm.rules.intake.quality import KINDS

LONGEST_DAYS = 36_500
HEAVIEST = 100
MOST_RULES = 50


def _weight(value: object) -> str:
    return shapes.whole(value) or shapes.between(1, HEAVIEST)(value)


def _days(value: object) -> str:
    return shapes.whole(value) or shapes.between(1, LONGEST_DAYS)(value)


RULE = Shape(
    {
        "code": shapes.NAME,
        "title": shapes.text,
        "kind": shapes.one_of(*KINDS),
        "attributes": shapes.texts,
        "weight": _weight,
        "days": _days,
        "when": shapes.table,
    },
    frozenset({"code", "title", "kind"}),
)
LEAST = {"complete": 1, "any_of": 2, "valid": 1, "in_order": 2, "together": 2, "fresh": 0}
MOST = {"in_order": 2, "fresh": 0}
"""How many attributes a rule of each kind names; where nothing stands, as many as one likes."""
OF_ATTRIBUTES = {"valid", "in_order"}
"""Kinds that look at values; the others may ask for a relation too."""


def findings(raw: Mapping[str, Any], *, known: set[str], fields: set[str]) -> Iterator[Finding]:
    """All that is wrong with the rules. `known`: attributes, `fields`: relations too."""
    if len(rows(raw, "quality")) > MOST_RULES:
        yield Finding(("quality",), f"has more than {MOST_RULES} rules", "Keep those that somebody acts on.")
        return
    codes: set[str] = set()
    for position, row in enumerate(rows(raw, "quality")):
        place: Place = ("quality", position)
        yield from shapes.misshapen(row, RULE, place)
        if not isinstance(row, dict):
            continue
        if isinstance(row.get("code"), str) and row["code"] in codes:
            yield Finding((*place, "code"), f"is used a second time: {row['code']!r}", "Give each rule its own code.")
        codes.add(str(row.get("code")))
        yield from _rule(row, known, fields, place)


def _rule(row: Mapping[str, Any], known: set[str], fields: set[str], place: Place) -> Iterator[Finding]:
    kind, named = row.get("kind"), rows(row, "attributes")
    if not isinstance(kind, str) or kind not in KINDS:
        return
    for name in named:
        yield from unknown(name, known if kind in OF_ATTRIBUTES else fields, (*place, "attributes"))
    if len(named) < LEAST[kind] or len(named) > MOST.get(kind, len(named)):
        least, most = LEAST[kind], MOST.get(kind)
        wanted = "none" if most == 0 else str(least) if least == most else f"at least {least}"
        yield Finding((*place, "attributes"), f"names {len(named)} attributes; {kind} takes {wanted}")
    if kind == "fresh" and "days" not in row:
        yield Finding(place, "does not say how old the newest word may be", "Add days.")
    if kind != "fresh" and "days" in row:
        yield Finding((*place, "days"), f"means nothing to {kind}", "Leave it out.")
    if isinstance(row.get("when"), dict):
        yield from shapes.misshapen(row["when"], shapes.WHEN, (*place, "when"))
        yield from unknown(row["when"].get("attribute"), known, (*place, "when", "attribute"))
        if row["when"].get("values") == []:
            yield Finding((*place, "when", "values"), "is empty", "Name at least one.")
