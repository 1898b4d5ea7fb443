"""Which golden record a cluster is: people and systems hold on to enterprise IDs, so clusters keep the old ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a cluster came by its golden record."""

    KEPT = "kept"
    RESTORED = "restored"
    BORN = "born"


class Leaving(StrEnum):
    """How a live golden record ended."""

    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Placement:
    """One cluster and the golden record it is; `golden` None: a new one is to be born."""

    members: frozenset[int]
    outcome: Outcome
    golden: int | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A live golden record that no cluster keeps; `into`: positions of the clusters that took its members, most first."""

    golden: int
    outcome: Leaving
    into: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The answer for a component.

    `placements`: one a cluster, in the order given. `departures`: by golden id. `splits`: of each golden record that
    is kept but lost members, the positions of the clusters that took them, most first.
    """

    placements: tuple[Placement, ...]
    departures: tuple[Departure, ...] = ()
    splits: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def assign(
    clusters: Sequence[frozenset[int]],
    homes: Mapping[int, int],
    *,
    ages: Mapping[int, int],
    former: Mapping[int, tuple[int, ...]],
) -> Assignment:
    """Give each cluster the golden record that most of its records know.

    `clusters`: disjoint sets of record ids. `homes`: record -> its live golden record. `ages`: golden -> number of
    issue, the smaller the older. `former`: record -> retired golden records it once belonged to, latest first.
    Largest overlap first, then the older golden record; each is kept by one cluster at most. A cluster that keeps
    none brings a retired one back when its members came from one: largest overlap, then the latest. The answer
    depends on the sets alone, not on their order.
    """
    taken = _live_claims(clusters, homes, ages)
    returned = _former_claims(clusters, frozenset(homes.values()), former, without=frozenset(taken))
    placements = tuple(_placement(members, taken.get(i), returned.get(i)) for i, members in enumerate(clusters))
    keepers = {golden: position for position, golden in taken.items()}
    went = _whereabouts(clusters, homes)
    return Assignment(
        placements,
        tuple(_departure(golden, places) for golden, places in sorted(went.items()) if golden not in keepers),
        {
            golden: others
            for golden, places in sorted(went.items())
            if golden in keepers and (others := tuple(place for place in places if place != keepers[golden]))
        },
    )


Claim = tuple[tuple[int, ...], int, int]  # rank (smallest first), position of the cluster, golden id


def _live_claims(clusters: Sequence[frozenset[int]], homes: Mapping[int, int], ages: Mapping[int, int]) -> dict[int, int]:
    claims: list[Claim] = []
    for position, members in enumerate(clusters):
        overlaps = Counter(homes[record] for record in members if record in homes)
        claims += [((-n, ages[golden], golden, min(members)), position, golden) for golden, n in overlaps.items()]
    return _grant(claims)


def _former_claims(
    clusters: Sequence[frozenset[int]],
    live: frozenset[int],
    former: Mapping[int, tuple[int, ...]],
    *,
    without: frozenset[int],
) -> dict[int, int]:
    """`without`: positions of clusters that have a golden record already; `live`: golden records that cannot come back."""
    claims: list[Claim] = []
    for position, members in enumerate(clusters):
        if position in without:
            continue
        overlaps: Counter[int] = Counter()
        recency: dict[int, int] = {}
        for record in members:
            for steps_back, golden in enumerate(former.get(record, ())):
                if golden not in live:
                    overlaps[golden] += 1
                    recency[golden] = min(steps_back, recency.get(golden, steps_back))
        claims += [((-n, recency[golden], -golden, min(members)), position, golden) for golden, n in overlaps.items()]
    return _grant(claims)


def _grant(claims: list[Claim]) -> dict[int, int]:
    """Position -> golden id, best claim first, each cluster and each golden record once."""
    granted: dict[int, int] = {}
    gone: set[int] = set()
    for _, position, golden in sorted(claims):
        if position not in granted and golden not in gone:
            granted[position] = golden
            gone.add(golden)
    return granted


def _placement(members: frozenset[int], kept: int | None, restored: int | None) -> Placement:
    if kept is not None:
        return Placement(members, Outcome.KEPT, kept)
    if restored is not None:
        return Placement(members, Outcome.RESTORED, restored)
    return Placement(members, Outcome.BORN)


def _whereabouts(clusters: Sequence[frozenset[int]], homes: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
    """Golden id -> positions of the clusters that hold its members now, most members first."""
    counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for position, members in enumerate(clusters):
        for record in members & homes.keys():
            counts[homes[record]][position] += 1
    return {golden: _most_first(places, clusters) for golden, places in counts.items()}


def _most_first(places: Counter[int], clusters: Sequence[frozenset[int]]) -> tuple[int, ...]:
    return tuple(sorted(places, key=lambda position: (-places[position], min(clusters[position]))))


def _departure(golden: int, places: tuple[int, ...]) -> Departure:
    return Departure(golden, Leaving.MERGED if len(places) == 1 else Leaving.SPLIT, places)
