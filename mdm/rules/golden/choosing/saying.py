"""What records say of the attributes of a rule, in columns over the members of many golden records at once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mdm.rules.governance.ownership import COUNTED, say, strictest
from mdm.rules.values import is_empty, token

if TYPE_CHECKING:
    from datetime import datetime

    from mdm.rules.golden.survivorship import Case, Member
    from mdm.rules.golden.trust import Trust, Weight
    from mdm.rules.governance.domains import DomainSpec, Survive

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The members of many golden records one after the other, those of each in key order; a place is a position among all.

    `attributes`, `case`: by place, what the record says and which golden record it is of. `at`: by golden record, the moment.
    `names`: all attributes that any of them names.
    """

    members: Sequence[Member]
    attributes: Sequence[Mapping[str, Any]]
    case: Sequence[int]
    at: Sequence[datetime]
    systems: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What records say of the attributes of one rule, by place.

    `values`: one an attribute, None where the record has none, "" where it says that there is none and that counts. `owners`:
    places of those whose system owns an attribute. `anchors`: of those that won the attribute which this one goes with. Only
    where several records speak: `marks`, equal for equal values; `invalid`, places of those with a value that failed a check;
    `scores`, how much a system counts at the time, none where nobody gave it one of the `weights`.
    """

    names: tuple[str, ...]
    members: Sequence[Member]
    values: Mapping[int, Row] = field(default_factory=dict)
    marks: Mapping[int, Hashable] = field(default_factory=dict)
    invalid: Collection[int] = frozenset()
    owners: Collection[int] = frozenset()
    anchors: Collection[int] = frozenset()
    scores: Mapping[int, float] = field(default_factory=dict)
    weights: Mapping[str, Weight] = field(default_factory=dict)

    def is_divided(self, places: Sequence[int]) -> bool:
        """Whether these records say different things."""
        return len(places) > 1 and len({self.marks[place] for place in places}) > 1


def lay_out(cases: Sequence[Case]) -> Layout:
    """The members of golden records in columns."""
    members = [member for case in cases for member in sorted(case.members, key=_key)]
    return Layout(
        members,
        [member.attributes for member in members],
        [number for number, case in enumerate(cases) for _ in case.members],
        [case.at for case in cases],
        frozenset({member.system for member in members}),
        frozenset[str]().union(*[member.attributes for member in members]),
    )


def _key(member: Member) -> str:
    return member.key


def hear(
    spec: DomainSpec, rule: Survive, layout: Layout, *, asked: Collection[int], anchors: Collection[int]
) -> tuple[Said, dict[int, list[int]]]:
    """What the golden records `asked` hear of a rule, and from whom: of each the places whose word counts, in key order."""
    values = _values(spec, rule, layout, asked)
    owners = _owners(spec, rule, layout, values)
    speakers: dict[int, list[int]] = {}
    for place in values:
        speakers.setdefault(layout.case[place], []).append(place)
    if owners and not _hears_others(spec, rule):
        speakers = {case: [place for place in places if place in owners] or places for case, places in speakers.items()}
    several = [place for places in speakers.values() if len(places) > 1 for place in places]
    if not several:
        return Said(rule.attributes, layout.members, values), speakers
    marks = {place: mark(values[place]) for place in several}
    invalid = {place for place in several if not layout.members[place].invalid.isdisjoint(rule.attributes)}
    said = Said(rule.attributes, layout.members, values, marks, invalid, owners, anchors)
    if spec.trust is not None and rule.uses("trust"):
        said = _weighed(said, spec.trust, layout)
    return said, speakers


def mark(row: Row) -> Hashable:
    """What is equal for equal values of a rule's attributes, for JSON values."""
    if len(row) == 1:
        return token(row[0])
    return row if all(value is None or isinstance(value, str) for value in row) else token(row)


def _values(spec: DomainSpec, rule: Survive, layout: Layout, asked: Collection[int]) -> dict[int, Row]:
    """By place, those that have a value for any attribute of the rule."""
    columns = [_column(spec, name, layout) for name in rule.attributes]
    nothing = (None,) * len(columns)
    values = {place: row for place, row in enumerate(zip(*columns, strict=True)) if row != nothing}
    if len(asked) == len(layout.at):
        return values
    return {place: row for place, row in values.items() if layout.case[place] in asked}


def _column(spec: DomainSpec, name: str, layout: Layout) -> list[Any]:
    """What each record says of an attribute: None for nothing, "" where it says that there is none and the domain counts that."""
    column = [said.get(name) for said in layout.attributes]
    if name in spec.kept_empty:
        told = zip(column, layout.attributes, strict=True)
        column = [("" if name in said else None) if is_empty(value) else value for value, said in told]
    else:
        column = [value if value is None or not is_empty(value) else None for value in column]
    readers = _with_role(spec, [name], "reader", layout)
    if readers:
        column = [None if member.system in readers else value for member, value in zip(layout.members, column, strict=True)]
    return column


def _with_role(spec: DomainSpec, names: Iterable[str], role: str, layout: Layout) -> set[str]:
    """The systems at hand that have a role for one of the attributes."""
    owned = [name for name in names if name in spec.ownership]
    return {system for name in owned for system in layout.systems if spec.ownership_of(name, system) == role}


def _owners(spec: DomainSpec, rule: Survive, layout: Layout, places: Iterable[int]) -> frozenset[int]:
    systems = _with_role(spec, rule.attributes, "owner", layout)
    return frozenset(place for place in places if layout.members[place].system in systems) if systems else frozenset()


def _hears_others(spec: DomainSpec, rule: Survive) -> bool:
    """Whether others are heard where an owner speaks."""
    policy = strictest(spec.policy_of(name) for name in rule.attributes if spec.owner_of(name))
    return say("contributor", policy, owner_speaks=True) in COUNTED


def _weighed(said: Said, trust: Trust, layout: Layout) -> Said:
    """The same with the trust in each place at its moment, which never stands in a reason: it moves with time."""
    found = {system: trust.least(said.names, system) for system in layout.systems}
    weights = {system: weight for system, weight in found.items() if weight is not None}
    scores = {}
    for place in said.marks:
        member = layout.members[place]
        if weight := weights.get(member.system):
            at = layout.at[layout.case[place]]
            scores[place] = trust.score(weight, member.changed_at, at=at, is_valid=place not in said.invalid)
    return replace(said, scores=scores, weights=weights)
