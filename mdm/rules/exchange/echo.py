"""Our own push coming back, what a target made of it, and what may be pushed at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from mdm.rules.governance.domains import DomainSpec
from mdm.rules.values import is_empty, token

Attributes = Mapping[str, Any]


class Outcome(StrEnum):
    """What became of a push, best first."""

    ACCEPTED = "accepted"
    NORMALISED = "normalised"
    OVERWRITTEN = "overwritten"
    REJECTED = "rejected"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Classified:
    """`overall`: the worst of `attributes`."""

    overall: Outcome
    attributes: dict[str, Outcome]


def own_values(incoming: Attributes, held: Attributes | None, sent: Attributes | None, own: Attributes) -> dict[str, Any]:
    """What a record says itself, once our own echo is taken out of it.

    `incoming`: what the system shows now. `sent`: what we pushed into it, `held`: what it showed right after, both
    None when we never did. `own`: what the record last said by itself. An incoming value of a pushed attribute that
    equals what we sent or what the target then held is our echo, and the record's own last value stays, also when it
    was none. Only pushed attributes count: in others `held` may show what a person there has just typed.
    """
    values: dict[str, Any] = {}
    for name, value in incoming.items():
        if sent is None or name not in sent or not _is_echo(value, name, sent, held or {}):
            values[name] = value
        elif name in own:
            values[name] = own[name]
    return values


def classify(sent: Attributes, held_before: Attributes | None, held_after: Attributes | None) -> Classified:
    """What the target made of a push, by reading it back: values are canonical.

    Per attribute: accepted (it holds what we sent), normalised (the same in another spelling, or cut to its length),
    rejected (it holds what it held before), overwritten (it holds something else), stale (the read shows nothing of
    it: the row or the attribute is not there yet, or no longer).
    """
    before = held_before or {}
    outcomes = {name: _outcome(name, value, before, held_after) for name, value in sent.items()}
    worst = max(outcomes.values(), key=list(Outcome).index, default=Outcome.STALE if held_after is None else Outcome.ACCEPTED)
    return Classified(worst, outcomes)


def pushable(spec: DomainSpec, golden_values: Attributes, system: str) -> dict[str, Any]:
    """The golden values that `system` gets: attributes it does not own, and never an empty value."""
    return {
        name: golden_values[name]
        for name in spec.attribute_names
        if not is_empty(golden_values.get(name)) and spec.ownership_of(name, system) != "owner"
    }


def is_respelled(sent: Any, held: Any) -> bool:
    """Is `held` what a system makes of `sent`: other case, spaces or punctuation, another scale of number, or a cut?"""
    if isinstance(sent, list) or isinstance(held, list):
        return token(sorted(map(_folded, _listed(sent)))) == token(sorted(map(_folded, _listed(held))))
    numbers = _number(sent), _number(held)
    if None not in numbers:
        return numbers[0] == numbers[1]
    mine, theirs = _folded(sent), _folded(held)
    # A cut at the target's field length; below 10 characters it could be another word.
    return bool(theirs) and (mine == theirs or (len(theirs) >= 10 and mine.startswith(theirs)))


def _is_echo(value: Any, name: str, sent: Attributes, held: Attributes) -> bool:
    return _same(value, sent[name]) or (name in held and _same(value, held[name]))


def _outcome(name: str, value: Any, before: Attributes, after: Attributes | None) -> Outcome:
    if after is None or name not in after:
        return Outcome.STALE
    if _same(after[name], value):
        return Outcome.ACCEPTED
    if name in before and _same(after[name], before[name]):
        return Outcome.REJECTED
    return Outcome.NORMALISED if is_respelled(value, after[name]) else Outcome.OVERWRITTEN


def _same(one: Any, other: Any) -> bool:
    return token(one) == token(other) or (is_empty(one) and is_empty(other))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _folded(value: Any) -> str:
    text = unicodedata.normalize("NFKD", "" if value is None else token(value)).casefold()
    return "".join(character for character in text if character.isalnum())


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(token(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
