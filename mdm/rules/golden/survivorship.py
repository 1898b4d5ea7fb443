"""Survivorship: which value of which record becomes golden, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.rules.golden.choosing import reasons, saying
from mdm.rules.golden.choosing.reasons import Win
from mdm.rules.golden.choosing.saying import Row, Said
from mdm.rules.golden.strategies import STRATEGIES, Options, Strategist
from mdm.rules.governance.domains import DomainSpec, Survive
from mdm.rules.values import is_empty, token

PORTION = 200
"""Golden records that are decided together: measured, more of them leave the processor's cache."""


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
class Case:
    """One golden record to decide: its members, the moment, and what people pinned."""

    members: Sequence[Member]
    at: datetime
    overrides: Sequence[Override] = ()


def survive(
    spec: DomainSpec, members: Sequence[Member], *, release: int, overrides: Sequence[Override] = (), at: datetime
) -> Survived:
    """Choose every golden value among the members.

    The answer depends on the members, the released rules, the overrides and `at` (which decides which overrides count and how
    far trust has faded), not on the order of anything. Empty is no value unless the domain says so. What a `reader` of an
    attribute says never counts; once the owner has a value, others count below it or, by policy, not at all.
    """
    return survive_each(spec, [Case(members, at, overrides)], release=release)[0]


def survive_each(spec: DomainSpec, cases: Sequence[Case], *, release: int) -> list[Survived]:
    """The same for many golden records, in their order, rule by rule over the columns of all their members.

    Each comes out as if it were decided alone.
    """
    portions = [cases[start : start + PORTION] for start in range(0, len(cases), PORTION)]
    return [survived for portion in portions for survived in _survive_together(spec, portion, release=release)]


def _survive_together(spec: DomainSpec, cases: Sequence[Case], *, release: int) -> list[Survived]:
    declared = {*spec.attribute_names, *(relation.name for relation in spec.hierarchies.values())}
    active = [_active(case.overrides, case.at, declared) for case in cases]
    golden = _Decided([{override.attribute: override.value for override in overrides} for overrides in active])
    layout = saying.lay_out(cases)
    survived = [Survived({}, {}) for _ in cases]
    for rule in spec.rules:
        if layout.names.isdisjoint(rule.attributes):
            continue
        said, speakers = saying.hear(spec, rule, layout, asked=golden.asked(rule), anchors=golden.anchors(rule))
        chain = [(strategy.kind, STRATEGIES[strategy.kind], strategy.options) for strategy in rule.strategies]
        wins = {case: _decide(chain, places, said) for case, places in speakers.items()}
        golden.note(rule, wins)
        _keep(rule, wins, said, survived, release=release)
    for case, made, overrides in zip(cases, survived, active, strict=True):
        _pin(made, overrides, case.members, release=release)
    return survived


def _keep(rule: Survive, wins: Mapping[int, Win], said: Said, survived: Sequence[Survived], *, release: int) -> None:
    """Put the values that won, and why, where they belong."""
    condition = {"when": rule.when.attribute} if rule.when else {}
    for case, win in wins.items():
        survived[case].provenance.update(reasons.of_rule(win, said, release=release, condition=condition))
        survived[case].values.update(
            [(name, value) for name, value in zip(rule.attributes, win.values, strict=True) if not is_empty(value)]
        )


def _pin(made: Survived, overrides: Sequence[Override], members: Sequence[Member], *, release: int) -> None:
    """Put pinned values over those that survived."""
    for override in overrides:
        made.values.pop(override.attribute, None)
        if not is_empty(override.value):
            made.values[override.attribute] = override.value
        made.provenance[override.attribute] = reasons.of_override(override, members, release=release)


class _Decided:
    """What is decided so far, for the rules that lean on it. A pinned value is what a condition looks at.

    `pinned`: by golden record, the pinned values of its attributes.
    """

    def __init__(self, pinned: Sequence[Mapping[str, Any]]) -> None:
        self._pinned = pinned
        self._wins: dict[str, list[tuple[int, Mapping[int, Win]]]] = {}
        self._had_a_turn: dict[str, Collection[int]] = {}

    def asked(self, rule: Survive) -> Collection[int]:
        """The golden records of which the rule's turn has come: nobody decided its attributes before, and its condition holds."""
        when, before = rule.when, self._had_a_turn.get(rule.attributes[0], ())
        turn: Collection[int] = range(len(self._pinned))
        if before or when is not None:
            turn = {
                case for case in turn if case not in before and (when is None or when.holds(self._value(case, when.attribute)))
            }
        self._had_a_turn[rule.attributes[0]] = {*before, *turn} if before else turn
        return turn

    def _value(self, case: int, name: str) -> Any:
        if name in self._pinned[case]:
            return self._pinned[case][name]
        return next((wins[case].values[position] for position, wins in self._wins.get(name, ()) if case in wins), None)

    def anchors(self, rule: Survive) -> Collection[int]:
        """The places of the records that won the attribute which this rule goes with; none where it goes with none."""
        names = [strategy.options["attribute"] for strategy in rule.strategies if strategy.kind == "from_winner_of"]
        return {win.place for name in names[:1] for _, wins in self._wins.get(name, ()) for win in wins.values()}

    def note(self, rule: Survive, wins: Mapping[int, Win]) -> None:
        for position, name in enumerate(rule.attributes):
            self._wins.setdefault(name, []).append((position, wins))


def _decide(chain: Sequence[tuple[str, Strategist, Options]], among: Sequence[int], said: Said) -> Win:
    """Who wins among the places, which are in key order.

    The strategy that leaves one value has decided, later ones and the key choose whose it is.
    """
    left, decided_by, why = among, "agreed", _agreement(len(among))
    is_divided = said.is_divided(among)
    for kind, strategy, options in chain:
        if len(left) == 1 and kind != "union":
            continue
        best, sentence = strategy(left, said, options)
        if kind == "union":
            return Win(*_united(left, said), "union", sentence(), left)
        if is_divided and best and not said.is_divided(best):
            is_divided, decided_by, why = False, kind, sentence()
        left = best or left
    if is_divided:
        decided_by, why = "key", "No rule decides between the values left; the first by key stays."
    return Win(left[0], said.values[left[0]], decided_by, why, among)


def _agreement(count: int) -> str:
    return "The only record that has a value." if count == 1 else f"All {count} records agree."


def _united(places: Sequence[int], said: Said) -> tuple[int, Row]:
    """The place that changed last, with the values of all: its own first, then what most records say."""
    latest = min(places, key=lambda place: (-said.members[place].changed_at.timestamp(), place))
    own = [token(value) for value in _listed(said.values[latest][0])]
    told = [value for place in places for value in _listed(said.values[place][0])]
    counts = Counter(token(value) for value in told)
    found = {token(value): value for value in told}
    order = sorted(found, key=lambda name: (name not in own, -counts[name], name))
    return latest, ([found[name] for name in order],)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _active(overrides: Sequence[Override], at: datetime, declared: Collection[str]) -> list[Override]:
    """One an attribute that is declared: the record's own before one that came with a merge, then the latest."""
    active = [one for one in overrides if one.is_active(at) and one.attribute in declared]
    ordered = sorted(active, key=lambda one: (one.attribute, one.is_own, one.at, one.actor, token(one.value)))
    return list({override.attribute: override for override in ordered}.values())
