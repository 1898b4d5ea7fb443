"""Who stood where before an act brought records together: what an unmerge keeps apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mdm.rules.golden import links
from mdm.rules.golden.links import Link


def sides(moves: Iterable[Mapping[str, Any]], members: Mapping[int, Collection[int]]) -> dict[int, tuple[frozenset[int], ...]]:
    """For each golden record that an act brought records into: the parts it then consisted of, by where they came from.

    `members`: golden record to its members right after the act. One that took in nothing is left out.
    """
    came = {move["record"]: move for move in moves if move["to"] is not None}
    found = {}
    for golden, present in members.items():
        parts: dict[int | None, set[int]] = {}
        for record in present:
            parts.setdefault(came[record]["from"] if record in came else golden, set()).add(record)
        if len(parts) > 1:
            found[golden] = tuple(frozenset(part) for part in parts.values())
    return found


def apart(parts: Iterable[tuple[frozenset[int], ...]], evidence: Collection[Link]) -> list[Link]:
    """Cannot-links between the parts: all of them, or where that is too many those with `evidence` and one more each."""
    found: list[Link] = []
    for sides_of_one in parts:
        every = links.apart(sides_of_one)
        if len(every) > links.MOST_APART:
            firsts = links.apart([{min(side)} for side in sides_of_one])
            every = sorted({*firsts, *(link for link in every if link in evidence)})
        found += every
    return found
