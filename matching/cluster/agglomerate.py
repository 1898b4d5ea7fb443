"""Deterministic constrained agglomeration of one connected component: the strongest pair first, refused where a guard objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from matching.cluster.guards import CANNOT_FLAG, CANNOT_LINK, NOT_UNIQUE, SENTENCES, WEAK_TIE, objection, weak_tie
from matching.config.model import Model, probability_of
from matching.types import Refusal, Union


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of records with its weight in bits and its flags."""

    left: int
    right: int
    weight: float
    flags: int = 0


@dataclass(slots=True)
class Sides:
    """The groups of one component while it is put together. A group is known by one of its records, its head.

    `sums`, `flags`: for each head and each other head the sum of cut weights, and the flags, of all known pairs between the
    groups.
    """

    head: dict[int, int]
    members: dict[int, list[int]]
    tokens: dict[int, set[str]]
    strength: dict[int, float]
    sums: dict[int, dict[int, float]] = field(default_factory=dict)
    flags: dict[int, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def alone(cls, rows: Iterable[int], unique: Sequence[str | None]) -> Sides:
        """Every record a group of its own."""
        rows = list(rows)
        tokens = {row: {token} if unique and (token := unique[row]) is not None else set() for row in rows}
        sides = cls({row: row for row in rows}, {row: [row] for row in rows}, tokens, dict.fromkeys(rows, 1.0))
        for row in rows:
            sides.sums[row], sides.flags[row] = {}, {}
        return sides

    def note(self, link: Link, most: float) -> None:
        """Take in a known pair, its weight cut at `most` bits either way."""
        weight = min(max(link.weight, -most), most)
        for one, other in ((link.left, link.right), (link.right, link.left)):
            self.sums[one][other] = self.sums[one].get(other, 0.0) + weight
            self.flags[one][other] = self.flags[one].get(other, 0) | link.flags

    def mean(self, one: int, other: int) -> float:
        """Mean weight over all pairs between two groups; a pair that was not compared counts as 0 bits."""
        return self.sums[one].get(other, 0.0) / (len(self.members[one]) * len(self.members[other]))

    def union(self, link: Link, one: int, other: int) -> Union:
        """What joining two groups over a link is, to be told."""
        sizes = len(self.members[one]), len(self.members[other])
        return Union(link.left, link.right, link.weight, probability_of(link.weight), *sizes, self.mean(one, other))

    def join(self, one: int, other: int, probability: float) -> None:
        """Make one group of two. Cost: the neighbours of the smaller."""
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        for row in self.members[other]:
            self.head[row] = one
        self.members[one] += self.members.pop(other)
        self.tokens[one] |= self.tokens.pop(other)
        self.strength[one] = min(self.strength[one], self.strength.pop(other), probability)
        self._pass_on(one, other)

    def _pass_on(self, one: int, other: int) -> None:
        sums, flags = self.sums.pop(other), self.flags.pop(other)
        for neighbour, total in sums.items():
            del self.sums[neighbour][other]
            flag = self.flags[neighbour].pop(other)
            if neighbour != one:
                self.sums[one][neighbour] = self.sums[neighbour][one] = self.sums[one].get(neighbour, 0.0) + total
                self.flags[one][neighbour] = self.flags[neighbour][one] = (
                    self.flags[one].get(neighbour, 0) | flags[neighbour] | flag
                )


def agglomerate(
    model: Model,
    sides: Sides,
    links: Sequence[Link],
    must: Sequence[tuple[int, int]],
    *,
    unions: list[Union] | None = None,
) -> list[Refusal]:
    """Join the groups of one component in place; returns the unions refused in the end.

    `links`: all known pairs of the component, strongest first, ties in the order of ids. `must`: decided pairs, in the order
    of ids. `unions`: when given, what is joined is added to it.
    """
    for link in links:
        sides.note(link, model.tie.most)
    refused = _decided(sides, must, unions)
    for link in links:
        if link.weight < model.thresholds.auto_weight:
            break
        one, other = sides.head[link.left], sides.head[link.right]
        if one == other:
            continue
        reason = _objection(model, sides, one, other)
        if reason is None:
            if unions is not None:
                unions.append(sides.union(link, one, other))
            sides.join(one, other, probability_of(link.weight))
        else:
            refused.append(Refusal(link.left, link.right, link.weight, *reason))
    return _still_apart(sides, refused)


def _decided(sides: Sides, must: Sequence[tuple[int, int]], unions: list[Union] | None) -> list[Refusal]:
    """Join what people joined; only another decision can stand against it."""
    refused = []
    for left, right in must:
        one, other = sides.head[left], sides.head[right]
        if one == other:
            continue
        if sides.flags[one].get(other, 0) & CANNOT_FLAG:
            refused.append(Refusal(left, right, 0.0, CANNOT_LINK, SENTENCES[CANNOT_LINK]))
        else:
            if unions is not None:
                unions.append(replace(sides.union(Link(left, right, 0.0), one, other), probability=1.0, is_decided=True))
            sides.join(one, other, 1.0)
    return refused


def _objection(model: Model, sides: Sides, one: int, other: int) -> tuple[str, str] | None:
    found = objection(model.constraints, sides.flags[one].get(other, 0))
    if found is None and not sides.tokens[one].isdisjoint(sides.tokens[other]):
        found = NOT_UNIQUE, SENTENCES[NOT_UNIQUE]
    if found is None and (mean := sides.mean(one, other)) < model.tie.least_mean:
        found = WEAK_TIE, weak_tie((len(sides.members[one]), len(sides.members[other])), mean, model.tie.least_mean)
    return found


def _still_apart(sides: Sides, refused: Iterable[Refusal]) -> list[Refusal]:
    """Refusals between groups that stayed apart, the strongest for each two groups."""
    kept: dict[tuple[int, int], Refusal] = {}
    for refusal in refused:
        one, other = sides.head[refusal.left], sides.head[refusal.right]
        if one != other:
            kept.setdefault((min(one, other), max(one, other)), refusal)
    return list(kept.values())
