"""Survivorship: which value of which record becomes golden, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mdm.rules.golden.strategies import STRATEGIES, Candidate
from mdm.rules.golden.trust import Trust
from mdm.rules.governance.domains import DomainSpec, Survive
from mdm.rules.values import is_empty, token

MAX_BEAT = 8


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a golden record.

    `key`: stable "system/object/scope/native_id", by which the last tie is broken. `changed_at`: aware; the source's
    own time, or when it was recorded. `invalid`: attributes whose value failed a check that only warns.
    """

    record_id: int
    key: str
    system: str
    attributes: Mapping[str, Any]
    changed_at: datetime
    invalid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Override:
    """A value that a person pinned; `value` None pins that there is none. It beats every rule until `expires_at`.

    `is_own`: pinned on this golden record itself, which beats one that came with a record merged into it.
    """

    attribute: str
    value: Any
    actor: str
    reason: str
    at: datetime
    expires_at: datetime | None = None
    is_own: bool = True

    def is_active(self, at: datetime) -> bool:
        return self.at <= at and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True)
class Survived:
    """`values`: only attributes that have one. `provenance`: for each of them, and for each overridden one, why."""

    values: dict[str, Any]
    provenance: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Win:
    """The candidate that won a rule, by which strategy, in whose words, among whom."""

    winner: Candidate
    rule: str
    why: str
    candidates: tuple[Candidate, ...]


def survive(
    spec: DomainSpec, members: Sequence[Member], *, release: int, overrides: Sequence[Override] = (), at: datetime
) -> Survived:
    """Choose every golden value among the members.

    The answer depends on the members, the released rules, the overrides and `at` (which decides which overrides count and how
    far trust has faded), not on the order of anything. Empty is no value unless the domain says so. What a `reader` of an
    attribute says never counts; where the domain does not rank unowned changes, nobody but the owner counts once the owner has
    a value.
    """
    values: dict[str, Any] = {}
    provenance: dict[str, dict[str, Any]] = {}
    active = _active(overrides, at, {*spec.attribute_names, *(relation.name for relation in spec.hierarchies.values())})
    golden = _Decided({override.attribute: override.value for override in active})
    for rule in spec.rules:
        if not golden.needs(rule):
            continue
        win = _decide(rule, _candidates(spec, rule, members, at=at, anchor=golden.anchor(rule)))
        golden.note(rule, win)
        if win is not None:
            provenance |= _reasons(rule, win, release)
            values |= {name: value for name, value in zip(rule.attributes, win.winner.values, strict=True) if not is_empty(value)}
    for override in active:
        values.pop(override.attribute, None)
        if not is_empty(override.value):
            values[override.attribute] = override.value
        provenance[override.attribute] = _pinned(override, members, release)
    return Survived(values, provenance)


class _Decided:
    """What is decided so far, for the rules that lean on it. A pinned value is what a condition looks at."""

    def __init__(self, pinned: Mapping[str, Any]) -> None:
        self._values: dict[str, Any] = {}
        self._winners: dict[str, int | None] = {}
        self._pinned = pinned

    def needs(self, rule: Survive) -> bool:
        """Whether the rule's turn has come: nobody decided its attributes before, and its condition holds."""
        is_open = rule.attributes[0] not in self._winners
        return is_open and (rule.when is None or rule.when.holds(self._value(rule.when.attribute)))

    def _value(self, name: str) -> Any:
        return self._pinned[name] if name in self._pinned else self._values.get(name)

    def anchor(self, rule: Survive) -> int | None:
        """The record that won the attribute which this rule goes with, None when it goes with none or nobody won."""
        names = [strategy.options["attribute"] for strategy in rule.strategies if strategy.kind == "from_winner_of"]
        return self._winners.get(names[0]) if names else None

    def note(self, rule: Survive, win: _Win | None) -> None:
        for position, name in enumerate(rule.attributes):
            self._winners[name] = win.winner.record_id if win else None
            self._values[name] = win.winner.values[position] if win else None


def _candidates(
    spec: DomainSpec, rule: Survive, members: Sequence[Member], *, at: datetime, anchor: int | None
) -> list[Candidate]:
    """One a member that has a value for any attribute of the rule, by key."""
    found = [candidate for member in members if (candidate := _candidate(spec, rule, member)) is not None]
    owners = [candidate for candidate in found if candidate.is_owner]
    counted = owners if owners and spec.unowned_change != "ranked" else found
    if spec.trust is not None and rule.uses("trust"):
        counted = [_weighed(spec.trust, rule, candidate, at) for candidate in counted]
    if anchor is not None:
        counted = [replace(candidate, is_anchor=candidate.record_id == anchor) for candidate in counted]
    return sorted(counted, key=lambda candidate: candidate.key)


def _weighed(trust: Trust, rule: Survive, candidate: Candidate, at: datetime) -> Candidate:
    """The same with the trust in it at `at`, which never stands in the reason: it moves with time."""
    weight = trust.least(rule.attributes, candidate.system)
    if weight is None:
        return candidate
    score = trust.score(weight, candidate.changed_at, at=at, is_valid=candidate.is_valid)
    return replace(candidate, trust=score, trusted=weight.said())


def _candidate(spec: DomainSpec, rule: Survive, member: Member) -> Candidate | None:
    roles = [spec.ownership_of(name, member.system) for name in rule.attributes]
    values = tuple(
        None if role == "reader" else _said(spec, member, name) for name, role in zip(rule.attributes, roles, strict=True)
    )
    if all(value is None for value in values):
        return None
    return Candidate(
        record_id=member.record_id,
        key=member.key,
        system=member.system,
        changed_at=member.changed_at,
        values=values,
        token=token(values[0]) if len(values) == 1 else token(values),
        is_owner="owner" in roles,
        is_valid=member.invalid.isdisjoint(rule.attributes),
    )


def _said(spec: DomainSpec, member: Member, name: str) -> Any:
    """What a record says of an attribute: None for nothing, "" where it says that there is none and the domain counts that."""
    value = member.attributes.get(name)
    if not is_empty(value):
        return value
    return "" if name in spec.kept_empty and name in member.attributes else None


def _decide(rule: Survive, candidates: Sequence[Candidate]) -> _Win | None:
    """Run the chain; the strategy that leaves one value has decided, later ones and the key choose whose it is."""
    if not candidates:
        return None
    left, decided_by, why = candidates, "agreed", _agreement(candidates)
    for strategy in rule.strategies:
        best, sentence = STRATEGIES[strategy.kind](left, strategy.options)
        if strategy.kind == "union":
            return _Win(_united(left), "union", sentence, tuple(left))
        if best and _is_divided(left) and not _is_divided(best):
            decided_by, why = strategy.kind, sentence
        left = best or left
    if _is_divided(left):
        decided_by, why = "key", "No rule decides between the values left; the first by key stays."
    return _Win(min(left, key=lambda candidate: candidate.key), decided_by, why, tuple(candidates))


def _is_divided(candidates: Iterable[Candidate]) -> bool:
    return len({candidate.token for candidate in candidates}) > 1


def _agreement(candidates: Sequence[Candidate]) -> str:
    return "The only record that has a value." if len(candidates) == 1 else f"All {len(candidates)} records agree."


def _united(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that changed last, with the values of all: its own first, then what most records say."""
    latest = min(candidates, key=lambda candidate: (-candidate.changed_at.timestamp(), candidate.key))
    own = [token(value) for value in _listed(latest.values[0])]
    said = [value for candidate in candidates for value in _listed(candidate.values[0])]
    counts = Counter(token(value) for value in said)
    found = {token(value): value for value in said}
    order = sorted(found, key=lambda name: (name not in own, -counts[name], name))
    return replace(latest, values=([found[name] for name in order],))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _reasons(rule: Survive, win: _Win, release: int) -> dict[str, dict[str, Any]]:
    """Why the attributes of a rule have their values; a group is taken as a whole, its gaps included.

    `when`: the attribute whose value made the rule count.
    """
    condition = {"when": rule.when.attribute} if rule.when else {}
    return {
        name: _won(win, position, release) | condition
        for position, name in enumerate(rule.attributes)
        if win.winner.values[position] is not None
    }


def _won(win: _Win, position: int, release: int) -> dict[str, Any]:
    """Why one attribute of a rule has its value; of a union also which record gave which values."""
    winner, is_union = win.winner, win.rule == "union"
    said = [(candidate, candidate.values[position]) for candidate in win.candidates]
    entry = {
        "record": winner.record_id,
        "key": winner.key,
        "system": winner.system,
        "rule": win.rule,
        "why": win.why,
        "release": release,
        "at": _iso(winner.changed_at),
        "beat": [] if is_union else _beaten(said, winner.values[position]),
    }
    if is_union:
        entry["from"] = [{"value": value, "system": candidate.system, "key": candidate.key} for candidate, value in said]
    return entry


def _pinned(override: Override, members: Sequence[Member], release: int) -> dict[str, Any]:
    """Why an overridden attribute has its value, or has none."""
    said = [(member, member.attributes.get(override.attribute)) for member in sorted(members, key=lambda member: member.key)]
    return {
        "record": None,
        "key": "",
        "system": "",
        "override": override.actor,
        "rule": "override",
        "why": f"Pinned by {override.actor}: {override.reason}",
        "release": release,
        "at": _iso(override.at),
        "expires_at": _iso(override.expires_at) if override.expires_at else None,
        "beat": _beaten(said, override.value),
    }


def _beaten(said: Iterable[tuple[Candidate | Member, Any]], kept: Any) -> list[dict[str, Any]]:
    """Distinct other values, each with the first record by key that says so; at most 8."""
    beaten: dict[str, dict[str, Any]] = {}
    for record, value in said:
        if not is_empty(value) and token(value) != token(kept):
            beaten.setdefault(token(value), {"value": value, "system": record.system, "key": record.key})
    return list(beaten.values())[:MAX_BEAT]


def _active(overrides: Sequence[Override], at: datetime, declared: Collection[str]) -> list[Override]:
    """One an attribute that is declared: the record's own before one that came with a merge, then the latest."""
    active = [one for one in overrides if one.is_active(at) and one.attribute in declared]
    ordered = sorted(active, key=lambda one: (one.attribute, one.is_own, one.at, one.actor, token(one.value)))
    return list({override.attribute: override for override in ordered}.values())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
