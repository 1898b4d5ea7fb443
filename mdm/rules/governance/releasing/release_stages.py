"""What a changed release touches: the steps of a record's path that give another result, by what differs between two releases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Plain = Mapping[str, Any]


class Stage(StrEnum):
    """One step from a payload to a golden record, in the order of the path."""

    PREPARE = "prepare"
    STANDARDISE = "standardise"
    KEY = "key"
    COMPARE = "compare"
    CLUSTER = "cluster"
    SURVIVE = "survive"


FORMS = frozenset({Stage.PREPARE, Stage.STANDARDISE, Stage.KEY})
"""Steps that give a record another form: its values, what is compared of it, or its match keys."""
PAIRS = FORMS | {Stage.COMPARE}
"""Steps after which pairs have to be found and weighed anew; a later one does with those that are stored."""
GROUPS = PAIRS | {Stage.CLUSTER}
"""Steps after which records may live elsewhere."""

# Part of a declaration or of a match model to the steps that depend on it; what stands in neither table touches nothing that is
# stored: titles, clocks, who may see a value, what a page shows.
SPEC: Mapping[str, frozenset[Stage]] = {
    "attributes": frozenset({Stage.PREPARE, Stage.SURVIVE}),
    "relations": frozenset({Stage.PREPARE, Stage.SURVIVE}),
    "survivorship": frozenset({Stage.SURVIVE}),
    "ownership": frozenset({Stage.SURVIVE}),
    "unowned_change": frozenset({Stage.SURVIVE}),
    "trust": frozenset({Stage.SURVIVE}),
    "region": frozenset({Stage.SURVIVE}),
    "search": frozenset({Stage.SURVIVE}),
    "label": frozenset({Stage.SURVIVE}),
}
MODEL: Mapping[str, frozenset[Stage]] = {
    "attributes": frozenset({Stage.STANDARDISE}),
    "derived": frozenset({Stage.STANDARDISE}),
    "keys": frozenset({Stage.KEY}),
    "frequencies": frozenset({Stage.KEY, Stage.COMPARE}),
    "comparisons": frozenset({Stage.COMPARE}),
    "prior": frozenset({Stage.COMPARE}),
    "constraints": frozenset({Stage.CLUSTER}),
    "tie": frozenset({Stage.CLUSTER}),
}
SHOWN_ONLY = frozenset({"title", "sensitivity", "aliases", "label", "labels", "reason"})
"""Members of an attribute, a relation, a comparison or a constraint that people read and no step uses."""


@dataclass(frozen=True, slots=True)
class Touched:
    """`stages`: the steps that give another result. `parts`: what differs, as the file names it, sorted."""

    stages: frozenset[Stage] = frozenset()
    parts: tuple[str, ...] = ()

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.stages | other.stages, tuple(sorted({*self.parts, *other.parts})))

    def any(self, stages: Iterable[Stage]) -> bool:
        """Whether one of these steps is touched."""
        return not self.stages.isdisjoint(stages)


def between(old: tuple[Plain, Plain], new: tuple[Plain, Plain]) -> Touched:
    """What differs between two releases, each as (declaration, match model) in plain data."""
    found = [_parts(old[0], new[0], SPEC, ""), _parts(old[1], new[1], MODEL, "model."), _thresholds(old[1], new[1])]
    if _said(old[0]["match"]["attributes"]) != _said(new[0]["match"]["attributes"]):
        found.append(Touched(frozenset({Stage.STANDARDISE}), ("match.attributes",)))
    touched = Touched()
    for each in found:
        touched |= each
    return touched


def _parts(old: Plain, new: Plain, table: Mapping[str, frozenset[Stage]], prefix: str) -> Touched:
    touched = Touched()
    for name in sorted((old.keys() | new.keys()) - {"match", "thresholds"}):
        if _said(old.get(name)) != _said(new.get(name)):
            is_used = _used(old.get(name)) != _used(new.get(name))
            touched |= Touched(table.get(name, frozenset()) if is_used else frozenset(), (f"{prefix}{name}",))
    return touched


def _thresholds(old: Plain, new: Plain) -> Touched:
    """Pairs below the review level are not kept: where it falls they have to be found; else those that are kept will do."""
    before, after = old["thresholds"], new["thresholds"]
    parts = tuple(f"match.{name}" for name in ("auto", "review") if before[name] != after[name])
    if not parts:
        return Touched()
    return Touched(frozenset({Stage.CLUSTER} | ({Stage.COMPARE} if after["review"] < before["review"] else set())), parts)


def _said(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _used(value: Any) -> str:
    """The same without what only people read."""
    return json.dumps(_without(value, depth=3), sort_keys=True, default=str)


def _without(value: Any, *, depth: int) -> Any:
    if isinstance(value, Mapping) and depth:
        return {name: _without(said, depth=depth - 1) for name, said in value.items() if name not in SHOWN_ONLY}
    if isinstance(value, list | tuple) and depth:
        return [_without(said, depth=depth - 1) for said in value]
    return value
