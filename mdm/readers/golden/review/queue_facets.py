"""What the queue can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass

from mdm.models import User
from mdm.readers.counting import Count
from mdm.readers.golden.review import pairs
from mdm.readers.golden.review.pairs import Wanted
from mdm.readers.governance.sight import Sight


@dataclass(frozen=True, slots=True)
class Facets:
    """`domains` and `sources`: (name, title). `open_count`, `unsure_count`: without any other narrowing."""

    domains: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    open_count: Count
    unsure_count: Count


def facets(*, viewer: User) -> Facets:
    """The choices for this person; a fixed number of queries."""
    sight = Sight(viewer)
    return Facets(
        domains=tuple((name, sight.spec(name).title_plural) for name in sight.domains),
        sources=tuple((system.code, system.title) for system in sorted(sight.systems.values(), key=lambda system: system.title)),
        open_count=pairs.count(Wanted(), sight=sight),
        unsure_count=pairs.count(Wanted(status="UNSURE"), sight=sight),
    )
