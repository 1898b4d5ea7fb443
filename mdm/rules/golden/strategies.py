"""The strategies of survivorship: one small function each, and the table that names them.

A strategy gets the places of the records that are still in the race, by key, and gives back those that are best by its
measure, all of them when they are equal, none when it has no opinion; and the sentence that says so. So a chain of
strategies is a chain of fallbacks and of tie-breaks at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from mdm.rules.golden.choosing.saying import Said
from mdm.rules.values import is_empty, token

Places = Sequence[int]
Pick = tuple[Places, Callable[[], str]]
Options = Mapping[str, Any]


def source_priority(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the system that ranks first in `order`; a system without a rank never wins."""
    order, present = options["order"], {said.members[place].system for place in places}
    best = next((system for system in order if system in present), None)
    winners = [place for place in places if said.members[place].system == best]
    return winners, lambda: f"{best} ranks {order.index(best) + 1} of {len(order)} for this."


def owner(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the system that owns the attribute."""
    winners = [place for place in places if place in said.owners]
    return winners, lambda: f"{said.members[winners[0]].system} owns this."


def first_valid(places: Places, said: Said, options: Options) -> Pick:
    """Leave out values that failed a check."""
    return [place for place in places if place not in said.invalid], lambda: "The other values failed a check."


def trust(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the system that is trusted most, age and failed checks counted in; one without a weight never wins."""
    winners = _highest({place: said.scores[place] for place in places if place in said.scores})
    return winners, lambda: _trusted(said.members[winners[0]].system, said)


def _trusted(system: str, said: Said) -> str:
    return f"{system} is trusted most for this: {said.weights[system].said()}."


def from_winner_of(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the record that won `attribute`."""
    winners = [place for place in places if place in said.anchors]
    return winners, lambda: f"Goes with {options['attribute']}, from the same record."


def most_recent(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the record that changed last."""
    winners = _highest({place: said.members[place].changed_at for place in places})
    return winners, lambda: f"Changed last, on {said.members[winners[0]].changed_at:%Y-%m-%d}."


def oldest(places: Places, said: Said, options: Options) -> Pick:
    """Take the value of the record that has not changed for the longest time."""
    moments = [said.members[place].changed_at for place in places]
    first = min(moments)
    winners = [place for place, moment in zip(places, moments, strict=True) if moment == first]
    return winners, lambda: f"Unchanged for longest, since {first:%Y-%m-%d}."


def most_frequent(places: Places, said: Said, options: Options) -> Pick:
    """Take the value that most records agree on."""
    counts = Counter([said.marks[place] for place in places])
    most = max(counts.values())
    winners = [place for place in places if counts[said.marks[place]] == most]
    return winners, lambda: f"{most} of {len(places)} records say so."


def most_complete(places: Places, said: Said, options: Options) -> Pick:
    """Take the record that fills most attributes of the group."""
    filled = {place: sum(not is_empty(value) for value in said.values[place]) for place in places}
    winners = _highest(filled)
    return winners, lambda: f"The most complete: {filled[winners[0]]} of {len(said.names)} filled."


def longest(places: Places, said: Said, options: Options) -> Pick:
    """Take the longest text."""
    lengths = {place: sum(len(token(value)) for value in said.values[place] if value is not None) for place in places}
    winners = _highest(lengths)
    return winners, lambda: f"The longest, with {lengths[winners[0]]} characters."


def smallest(places: Places, said: Said, options: Options) -> Pick:
    """Take the smallest number or the earliest date."""
    return _extreme(places, said, min), lambda: "The smallest value."


def largest(places: Places, said: Said, options: Options) -> Pick:
    """Take the largest number or the latest date."""
    return _extreme(places, said, max), lambda: "The largest value."


def union(places: Places, said: Said, options: Options) -> Pick:
    """Keep the values of all records, as one list."""
    return places, lambda: f"All values of {len(places)} records together."


def _highest(measures: Mapping[int, Any]) -> list[int]:
    """The places that measure most, none of none."""
    most = max(measures.values(), default=None)
    return [place for place, measure in measures.items() if measure == most]


def _extreme(places: Places, said: Said, choose: Callable[..., tuple[Any, ...]]) -> list[int]:
    """Numbers are compared as numbers when every record has one, else as text, which is right for ISO dates."""
    places = [place for place in places if not all(map(is_empty, said.values[place]))] or places
    rows = [said.values[place] for place in places]
    measures = [tuple(_number(value) for value in row) for row in rows]
    if any(None in row for row in measures):
        measures = [tuple("" if value is None else token(value) for value in row) for row in rows]
    best = choose(measures)
    return [place for place, measure in zip(places, measures, strict=True) if measure == best]


def _number(value: Any) -> Any:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


Strategist = Callable[[Places, Said, Options], Pick]

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
