"""Hierarchies: what makes a tree of what records say about their parents, whatever the order in which they said it.

Each golden record has at most one parent of a kind: the one that survives. Parents may still lead in a circle, which no single
record shows. Then one step of the circle gives way: the one whose system ranks last for this relation, and among equals the last
by the name of the record that says it. The answer depends on the circle alone, so that it does not matter who came last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdm.rules.governance.domains import DomainSpec

DEEPEST = 50
"""Levels that are walked upwards; what lies above is not looked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step up: `child` has `parent` above it, because the record `said_by` (its stable name) says so; "" for a person."""

    child: int
    parent: int
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """`parents`: of each child the one that stands. `circles`: each from its lowest child on. `open`: what gave way."""

    parents: Mapping[int, int]
    circles: tuple[tuple[Step, ...], ...] = ()
    open: tuple[Step, ...] = ()


def ranking(spec: DomainSpec, relation: str) -> tuple[str, ...]:
    """The systems in the order in which they are believed about a relation, the best first; empty where no order is declared."""
    rule = next((rule for rule in spec.rules if relation in rule.attributes), None)
    orders = [strategy.options["order"] for strategy in rule.strategies if strategy.kind == "source_priority"] if rule else []
    return tuple(orders[0]) if orders else ()


def gives_way(circle: Sequence[Step], ranks: Sequence[str]) -> Step:
    """The step of a circle that does not count: the least believed one. What a person said gives way last.

    `ranks`: systems, the best first; who is not named ranks below all of them.
    """
    order = {system: place for place, system in enumerate(ranks)}

    def weakness(step: Step) -> tuple[bool, int, str, int]:
        system = step.said_by.partition("/")[0]
        return (bool(step.said_by), order.get(system, len(order)), step.said_by, step.child)

    return max(circle, key=weakness)


def forest(steps: Iterable[Step], ranks: Sequence[str]) -> Forest:
    """The steps that stand, one parent a child, without circles; linear in their number.

    Raises:
        ValueError: a child has two parents: survivorship decides between them before.
    """
    upward: dict[int, Step] = {}
    for step in steps:
        if upward.setdefault(step.child, step) != step:
            raise ValueError(f"{step.child} has two parents")
    circles = tuple(sorted(_circles(upward), key=lambda circle: circle[0].child))
    open_steps = tuple(gives_way(circle, ranks) for circle in circles)
    parents = {step.child: step.parent for step in upward.values() if step not in open_steps}
    return Forest(parents, circles, open_steps)


def _circles(upward: Mapping[int, Step]) -> Iterable[tuple[Step, ...]]:
    done: set[int] = set()
    for start in sorted(upward):
        path: dict[int, int] = {}
        place = start
        while place in upward and place not in done and place not in path:
            path[place] = len(path)
            place = upward[place].parent
        if place in path:
            yield circle_from([upward[one] for one in list(path)[path[place] :]])
        done |= path.keys()


def circle_from(steps: Sequence[Step]) -> tuple[Step, ...]:
    """A circle, told from its lowest child on."""
    first = min(range(len(steps)), key=lambda place: steps[place].child)
    return (*steps[first:], *steps[:first])
