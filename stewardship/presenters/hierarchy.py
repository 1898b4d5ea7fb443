"""A tree as rows from the ultimate parent down."""

from __future__ import annotations

from dataclasses import dataclass

from mdm.readers.golden.kin.trees import Place, Tree

DEEPEST_SHOWN = 9
"""Levels that are set off from each other; deeper ones stand at the last."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree. `level`: 1 at the top. `is_here`: the record that was asked for."""

    enterprise_id: str
    label: str
    level: int
    said_by: str
    since: str
    until: str
    more: bool = False
    is_here: bool = False
    is_top: bool = False


def rows(tree: Tree) -> tuple[Row, ...]:
    """The way down to the record, the record itself, and what stands below it; who names its parent stands at each."""
    height = len(tree.upward)
    above = [_row(place, height - place.depth + 1, is_top=place.depth == height) for place in reversed(tree.upward)]
    own = tree.own or Place(tree.golden.enterprise_id, tree.label, 0)
    below = [_row(place, height + 1 + place.depth) for place in tree.below]
    return (*above, _row(own, height + 1, is_here=True), *below)


def _row(place: Place, level: int, *, is_here: bool = False, is_top: bool = False) -> Row:
    return Row(
        enterprise_id=place.enterprise_id,
        label=place.label,
        level=min(level, DEEPEST_SHOWN),
        said_by=place.said_by,
        since=place.since,
        until=place.until,
        more=place.more,
        is_here=is_here,
        is_top=is_top,
    )
