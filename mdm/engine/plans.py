"""Plans: which pairs stand, which clusters form, which golden record each keeps. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mdm.engine import comparing, components, releases
from mdm.engine.comparing import ScoredPair
from mdm.engine.components import Component
from mdm.engine.releases import Release
from mdm.models import SourceRecord
from mdm.rules.golden import identity


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What clustering says about whole components, and which golden record each cluster keeps."""

    component: Component
    partition: comparing.Partition
    assignment: identity.Assignment


def pairs_of(release: Release, changed: Collection[int]) -> list[ScoredPair]:
    """All pairs of `changed` records that reach the review level: shared keys, compared, weighed.

    A record that has still to be brought over to `release` is not compared: whoever brings it over finds its pairs.
    """
    candidates = components.candidates(changed)
    needed = {record for pair in candidates for record in pair}
    rows = SourceRecord.objects.filter(id__any=needed, is_live=True)
    rows = rows if release.is_settled else rows.filter(release__in=releases.alike(release))
    standardised = dict(rows.values_list("id", "standardised"))
    return comparing.score(
        release, standardised, [pair for pair in candidates if pair[0] in standardised and pair[1] in standardised]
    )


def regroup(
    release: Release,
    component: Component,
    *,
    prefer: Mapping[int, int] | None = None,
    leaving: Collection[int] = (),
    newborn: Collection[int] = (),
) -> Regrouping:
    """Cluster `component` and give every cluster its golden record, keeping IDs where most members stay.

    `prefer`: record to the golden record it came from, where an undo sends it back: its cluster takes that one first.
    `leaving`: records that a person takes out of their golden record: they have no claim on its ID.
    `newborn`: records that never had a home.
    """
    partition = clustered(release, component, same=component.same, different=component.different)
    staying = {record: home for record, home in component.homes.items() if record not in leaving}
    homes = {**staying, **_sent_back(partition.clusters, prefer or {}, component.homes)}
    return Regrouping(component, partition, assign(release, partition.clusters, homes, newborn=newborn))


def clustered(
    release: Release, component: Component, *, same: Collection[tuple[int, int]], different: Collection[tuple[int, int]]
) -> comparing.Partition:
    """The clusters of `component` by its evidence and these words."""
    pairs = [(pair.left_id, pair.right_id, pair.weight) for pair in component.pairs if pair.band != "ASKED"]
    return comparing.cluster(release, component.nodes, pairs, same=[*same], different=[*different])


def _sent_back(clusters: tuple[frozenset[int], ...], prefer: Mapping[int, int], present: Mapping[int, int]) -> dict[int, int]:
    """For each golden record that comes back, the cluster with most of its records, as if all of it lived there.

    A retired one does not come back where other evidence keeps its records with those they were joined to.
    """
    homes: dict[int, int] = {}
    for golden in sorted(set(prefer.values())):
        returning = {record for record, home in prefer.items() if home == golden}
        heir = max(clusters, key=lambda cluster: (len(cluster & returning), -min(cluster)), default=frozenset[int]())
        left = {present[record] for record in returning if record in present}
        parts = golden in present.values() or any(home in left and record not in heir for record, home in present.items())
        if parts and heir & returning:
            homes |= dict.fromkeys(heir, golden)
    return homes


def assign(
    release: Release, clusters: tuple[frozenset[int], ...], homes: Mapping[int, int], *, newborn: Collection[int] = ()
) -> identity.Assignment:
    """Which golden record each cluster keeps, restores or is born with."""
    spread: dict[int, set[int]] = {}
    for place, cluster in enumerate(clusters):
        for record in cluster:
            if record in homes:
                spread.setdefault(homes[record], set()).add(place)
    unsettled = [
        record
        for cluster in clusters
        if len(held := {homes[record] for record in cluster if record in homes}) != 1 or len(spread[next(iter(held))]) > 1
        for record in cluster
        if record not in newborn
    ]
    former = components.former_homes(release.domain, unsettled) if unsettled else {}
    known = set(homes.values()) | {golden for goldens in former.values() for golden in goldens}
    return identity.assign(clusters, homes, ages={golden: golden for golden in known}, former=former)


def of_newborn(clusters: Sequence[frozenset[int]]) -> Regrouping:
    """The regrouping of records that are all new and hang together with nothing else: every cluster is born."""
    placements = tuple(identity.Placement(members, identity.Outcome.BORN) for members in clusters)
    component = Component((), {}, {}, (), (), (), ())
    partition = comparing.Partition(tuple(clusters), (1.0,) * len(clusters))
    return Regrouping(component, partition, identity.Assignment(placements))
