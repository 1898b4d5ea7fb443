"""The strategies of survivorship: one small function each, and the table that names them.

A strategy gets the candidates that are still in the race and gives back those that are best by its measure, all of
them when they are equal, none when it has no opinion. So a chain of strategies is a chain of fallbacks and of
tie-breaks at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from mdm.rules.values import is_empty, token

Pick = tuple[Sequence["Candidate"], str]
Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one record says about one attribute, or about a group that survives as a whole.

    `values`: one a group attribute, None where the record has none, "" where it says that there is none and that counts.
    `token`: equal for equal values. `trust`: how much its system counts at the time, None where nobody said; `trusted`: the
    same in words. `is_anchor`: its record won the attribute that this one goes with.
    """

    record_id: int
    key: str
    system: str
    changed_at: datetime
    values: tuple[Any, ...]
    token: str
    is_owner: bool = False
    is_valid: bool = True
    trust: float | None = None
    trusted: str = ""
    is_anchor: bool = False


def source_priority(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the system that ranks first in `order`; a system without a rank never wins."""
    ranks = {system: rank for rank, system in reversed(list(enumerate(options["order"], start=1)))}
    ranked = [c for c in candidates if c.system in ranks]
    if not ranked:
        return [], ""
    best = min(ranks[c.system] for c in ranked)
    winners = [c for c in ranked if ranks[c.system] == best]
    return winners, f"{winners[0].system} ranks {best} of {len(options['order'])} for this."


def owner(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the system that owns the attribute."""
    winners = [c for c in candidates if c.is_owner]
    return winners, f"{winners[0].system} owns this." if winners else ""


def first_valid(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Leave out values that failed a check."""
    winners = [c for c in candidates if c.is_valid]
    return winners, "The other values failed a check."


def trust(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the system that is trusted most, age and failed checks counted in; one without a weight never wins."""
    best = max((c.trust for c in candidates if c.trust is not None), default=None)
    winners = [c for c in candidates if c.trust is not None and c.trust == best]
    return winners, f"{winners[0].system} is trusted most for this: {winners[0].trusted}." if winners else ""


def from_winner_of(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the record that won `attribute`."""
    winners = [c for c in candidates if c.is_anchor]
    return winners, f"Goes with {options['attribute']}, from the same record."


def most_recent(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the record that changed last."""
    latest = max(c.changed_at for c in candidates)
    return [c for c in candidates if c.changed_at == latest], f"Changed last, on {latest:%Y-%m-%d}."


def oldest(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value of the record that has not changed for the longest time."""
    first = min(c.changed_at for c in candidates)
    return [c for c in candidates if c.changed_at == first], f"Unchanged for longest, since {first:%Y-%m-%d}."


def most_frequent(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the value that most records agree on."""
    counts = Counter(c.token for c in candidates)
    most = max(counts.values())
    return [c for c in candidates if counts[c.token] == most], f"{most} of {len(candidates)} records say so."


def most_complete(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the record that fills most attributes of the group."""
    filled = {c.key: sum(not is_empty(value) for value in c.values) for c in candidates}
    most = max(filled.values())
    winners = [c for c in candidates if filled[c.key] == most]
    return winners, f"The most complete: {most} of {len(candidates[0].values)} filled."


def longest(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the longest text."""
    lengths = {c.key: sum(len(token(value)) for value in c.values if value is not None) for c in candidates}
    most = max(lengths.values())
    return [c for c in candidates if lengths[c.key] == most], f"The longest, with {most} characters."


def smallest(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the smallest number or the earliest date."""
    return _extreme(candidates, min), "The smallest value."


def largest(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Take the largest number or the latest date."""
    return _extreme(candidates, max), "The largest value."


def union(candidates: Sequence[Candidate], options: Options) -> Pick:
    """Keep the values of all records, as one list."""
    return candidates, f"All values of {len(candidates)} records together."


def _extreme(candidates: Sequence[Candidate], choose: Callable[..., tuple[Any, ...]]) -> list[Candidate]:
    """Numbers are compared as numbers when every candidate has one, else as text, which is right for ISO dates."""
    candidates = [c for c in candidates if not all(map(is_empty, c.values))] or candidates
    numbers = [tuple(_number(value) for value in c.values) for c in candidates]
    if any(None in row for row in numbers):
        numbers = [tuple("" if value is None else token(value) for value in c.values) for c in candidates]
    best = choose(numbers)
    return [c for c, row in zip(candidates, numbers, strict=True) if row == best]


def _number(value: Any) -> Any:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


Strategist = Callable[[Sequence[Candidate], Options], Pick]

STRATEGIES: Mapping[str, Strategist] = {
    "source_priority": source_priority,
    "owner": owner,
    "first_valid": first_valid,
    "trust": trust,
    "from_winner_of": from_winner_of,
    "most_recent": most_recent,
    "most_frequent": most_frequent,
    "most_complete": most_complete,
    "longest": longest,
    "oldest": oldest,
    "min": smallest,
    "max": largest,
    "union": union,
}

# What each strategy must be told; one that is not named here needs nothing.
OPTIONS: Mapping[str, frozenset[str]] = {
    "source_priority": frozenset({"order"}),
    "from_winner_of": frozenset({"attribute"}),
}
