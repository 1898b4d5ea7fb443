"""What records say of their relations: which of it counts on a day, among the members of one golden record.

A claim is the key of the record that is named, or an enterprise ID, with `since` and `until` where its source gives dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from mdm.rules.golden.survivorship import Member
from mdm.rules.governance.domains import DomainSpec

KEY = ("system", "object", "scope", "native_id")
BESIDE = frozenset({"said_by", "since", "until"})
"""Parts of a golden relation that are not what it aims at."""


def dated(spec: DomainSpec, relations: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The relations of one record, each with the days that the record gives for it; what is no ISO date is left out."""
    found = dict(relations)
    for relation in spec.dated:
        if aim := relations.get(relation.name):
            said = {"since": attributes.get(relation.since or ""), "until": attributes.get(relation.until or "")}
            found[relation.name] = {**aim, **{part: day for part, day in said.items() if _is_day(day)}}
    return found


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def holds(aim: Mapping[str, Any], day: str) -> bool:
    """Whether a claim holds on `day`, an ISO date; the first and the last day count."""
    return bool(aim.get("since", day) <= day <= aim.get("until", day))


def day_of(at: datetime) -> str:
    """The day of an aware moment, in UTC."""
    return at.astimezone(UTC).date().isoformat()


def counting(spec: DomainSpec, members: Sequence[Member], *, at: datetime) -> list[Member]:
    """The members without the claims that do not count at `at`: those that do not hold on that day, and parents that are members.

    What one record calls its parent may be the same thing, known twice; then the parent is whom that one names.
    """
    watched = [relation for relation in spec.relations if relation.is_hierarchy or relation.is_dated]
    if not any(relation.name in member.attributes for relation in watched for member in members):
        return list(members)
    own, day = {member.key for member in members}, day_of(at)
    return [_counting(member, {relation.name: relation.is_hierarchy for relation in watched}, own, day) for member in members]


def _counting(member: Member, watched: Mapping[str, bool], own: set[str], day: str) -> Member:
    void = [
        name
        for name, is_hierarchy in watched.items()
        if (aim := member.attributes.get(name)) and (not holds(aim, day) or (is_hierarchy and name_of(aim) in own))
    ]
    if not void:
        return member
    return replace(member, attributes={name: value for name, value in member.attributes.items() if name not in void})


def name_of(aim: Mapping[str, Any]) -> str:
    """The stable name of the record that a claim names, "" where it names an enterprise ID."""
    return "/".join(str(aim.get(part, "")) for part in KEY) if "native_id" in aim else ""
