"""Mistakes that show only when the parts of a model are seen together; each alone is well formed."""

from __future__ import annotations

from collections.abc import Iterator

from matching.compare.catalogue import COMPARATORS
from matching.config.model import Attribute, Comparison, Model
from matching.normalise.kinds import KINDS


def contradictions(model: Model) -> Iterator[str]:
    """One sentence for each. The model may be half wrong already: what does not exist has been told elsewhere."""
    for attribute in model.fields:
        yield from _hint(attribute, {other.name: other for other in model.fields})
    for derived in model.derived:
        if not derived.first_of:
            yield f"derived.{derived.feature}.first_of: names no feature"
    sizes = {c.name: len(COMPARATORS[c.comparator].levels) for c in model.comparisons if c.comparator in COMPARATORS}
    for comparison in model.comparisons:
        yield from _comparison(comparison, sizes)
    if model.tie.most <= 0 or model.tie.least_mean > model.tie.most:
        yield "tie: most must be above 0 and least_mean at most most, or no two records could ever be joined"


def _hint(attribute: Attribute, known: dict[str, Attribute]) -> Iterator[str]:
    if attribute.hint is None:
        return
    where = f"attributes.{attribute.name}.hint"
    if attribute.kind in KINDS and not KINDS[attribute.kind].hinted:
        takers = ", ".join(name for name, kind in KINDS.items() if kind.hinted)
        yield f"{where}: the kind {attribute.kind} takes no hint; those that do are {takers}"
    if attribute.hint in known and known[attribute.hint].hint is not None:
        yield f"{where}: {attribute.hint!r} has a hint itself, and so is not read before {attribute.name!r}"


def _comparison(comparison: Comparison, sizes: dict[str, int]) -> Iterator[str]:
    where = f"comparisons.{comparison.name}"
    comparator = COMPARATORS.get(comparison.comparator)
    if comparison.tf is not None and comparator is not None and not comparator.exact:
        yield f"{where}.tf: {comparison.comparator} has no level at which two values are the same, so no rarity can count"
    if comparison.tf is not None and comparison.tf.most < 0:
        yield f"{where}.tf.most: must not be below 0"
    given = comparison.given
    if given is not None and given.comparison in sizes:
        levels, most = [level for group in given.groups for level in group], sizes[given.comparison]
        if len(set(levels)) < len(levels) or not all(0 <= level <= most for level in levels):
            yield f"{where}.given.groups: must be levels of {given.comparison} (0 to {most}), each in one group"
    if any(not 0 <= share <= 1 for share in (*comparison.m, *comparison.u)):
        yield f"{where}: m and u are shares, 0 to 1"
