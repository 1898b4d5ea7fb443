"""Loads a whole file of one source at once: resolved in columns first, then written component by component.

What is new and hangs together with nothing that is stored takes this way; all else goes through `records.ingest`, after it. Both
give the same golden records. Every portion is whole when it is committed, so a load that was killed is simply run again: what is
in counts as unchanged.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from mdm import permissions
from mdm.actions import locks, retrying
from mdm.actions.golden import regroup
from mdm.actions.intake import loads, quarantine, records, storing
from mdm.actions.intake.records import Outcome
from mdm.actions.intake.spool import Spool
from mdm.actions.intake.storing import Place
from mdm.engine import members, plans, preparing, releases, statistics
from mdm.engine.comparing import ScoredPair
from mdm.engine.population import Groups, Population
from mdm.engine.preparing import Incoming, Prepared
from mdm.engine.releases import Release
from mdm.errors import NotAllowed
from mdm.models import Load, MatchPair, SourceRecord, User, copying
from mdm.rules.golden import pair_states
from mdm.rules.golden.pair_states import PairStatus

PORTION = 10_000
"""Records prepared, or written, at once."""
Told = Callable[[str, int], None]
"""What is being done, and with how many records so far."""


def load(
    *,
    incoming: Iterable[Incoming],
    domain: str,
    actor: User,
    at: datetime,
    way: str = "FILE",
    into: Load | None = None,
    told: Told = lambda stage, count: None,
) -> Iterator[tuple[int, Outcome]]:
    """Take in `incoming`, records of one domain; yields the place and the outcome of each, in any order.

    `into`: an open load that counts; by default one is made for each source. The domain is held alone meanwhile. Memory: the
    standardised values of all records; the records themselves wait on disk.

    Raises:
        NotAllowed: the actor may not write all records of this domain.
        matching.BadInput: a match key is shared by far too many records for the released model.
    """
    permissions.check(actor, "record.write", domain=domain)
    if actor.regions:
        raise NotAllowed("A bulk load may bring records of any region; you are confined to some.")
    release = releases.current(domain)
    with locks.holding_domain(domain), Spool() as spool:
        bulk = _Bulk(release, spool, loads.Counting(actor=actor, at=at, way=way, load=into), told)
        yield from bulk.prepare(incoming)
        yield from bulk.write()
        yield from bulk.take_in_the_rest()
        bulk.counting.finish()


@dataclass(slots=True)
class _Bulk:
    """One load. `places`: of the spooled records in the file; `late`: those that take the ordinary way, by their place."""

    release: Release
    spool: Spool
    counting: loads.Counting
    told: Told
    places: list[int] = field(default_factory=list)
    late: dict[int, Incoming] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    parents: dict[str, dict[Place, Place]] = field(default_factory=dict)
    population: Population = field(init=False)
    stored: int = 0

    def __post_init__(self) -> None:
        self.population = Population(self.release)

    @property
    def actor(self) -> User:
        return self.counting.actor

    @property
    def at(self) -> datetime:
        return self.counting.at

    def prepare(self, incoming: Iterable[Incoming]) -> Iterator[tuple[int, Outcome]]:
        """Clean and standardise everything; new records are spooled."""
        self.population.add_stored()
        self.stored = len(self.population)
        rest, first = iter(incoming), 0
        while said := list(itertools.islice(rest, PORTION)):
            yield from self._prepare(preparing.receive(said, now=self.at), first)
            first += len(said)
            self.told("preparing", first)

    def _prepare(self, items: list[Prepared], first: int) -> Iterator[tuple[int, Outcome]]:
        storing.register_objects(items)
        mine = [item for item in items if item.is_open and item.source is not None and item.source.domain == self.release.domain]
        storing.find_known(mine)
        ready, table = preparing.work_out(self.release, mine, today=self.at.date())
        new = [row for row, item in enumerate(ready) if item.before is None and item.name not in self.names]
        self._spool([ready[row] for row in new], first)
        self.population.add(table.take(new), [ready[row].name for row in new], [_token(ready[row]) for row in new])
        chosen = {ready[row].place for row in new}
        self.late |= {
            first + item.place: item.incoming
            for item in items
            if item.place not in chosen and not item.problems and item.status != "unchanged"
        }
        done = [item for item in items if item.problems or item.status == "unchanged"]
        storing.confirm(done)
        self.counting.open(done)
        quarantine.keep(prepared=[item for item in done if item.problems], actor=self.actor, at=self.at)
        yield from self._close(done, [first + item.place for item in done])

    def _spool(self, items: Sequence[Prepared], first: int) -> None:
        self.spool.add(items)
        self.places += [first + item.place for item in items]
        self.names |= {item.name for item in items}
        for relation in self.release.spec.relations:
            if relation.is_hierarchy:
                said = {storing.place_of(item): storing.parent(item.relations, relation.name) for item in items}
                self.parents.setdefault(relation.name, {}).update({place: up for place, up in said.items() if up})

    def _close(self, items: Sequence[Prepared], places: Iterable[int]) -> Iterator[tuple[int, Outcome]]:
        """Count these records and say what became of them."""
        self.counting.close(items)
        for item, place in zip(items, places, strict=True):
            yield place, Outcome("quarantined", problems=tuple(item.problems)) if item.problems else Outcome(item.status)

    def write(self) -> Iterator[tuple[int, Outcome]]:
        """Write the new records that hang together with nothing stored, portion by portion."""
        self.told("matching", len(self.population))
        groups = self.population.partition()
        is_new = np.arange(len(self.population)) >= self.stored
        astray = groups.touched(np.append(np.flatnonzero(~is_new), self._in_circles()))
        for row in np.flatnonzero(is_new & astray).tolist():
            (item,) = self.spool.read([row - self.stored])
            self.late[self.places[row - self.stored]] = item.incoming
        written = 0
        for rows in groups.portions(is_new & ~astray, PORTION):
            items = self.spool.read((rows - self.stored).tolist())
            _commit(items, _Portion.of(groups, rows), release=self.release, counting=self.counting)
            written += len(items)
            self.told("writing", written)
            yield from self._close(items, (self.places[row] for row in (rows - self.stored).tolist()))

    def _in_circles(self) -> NDArray[np.int64]:
        """Rows of records that are their own ancestors within the file; the ordinary way refuses them with reasons."""
        row_of = {name: row for row, name in enumerate(self.population.names)}
        found = {"/".join(place) for parents in self.parents.values() for place in _circular(parents)}
        return np.array(sorted(row_of[name] for name in found), np.int64)

    def take_in_the_rest(self) -> Iterator[tuple[int, Outcome]]:
        """Changed, repeated and deleted records, and those that hang together with stored ones, in the order of the file."""
        places = sorted(self.late)
        for start in range(0, len(places), PORTION):
            some = places[start : start + PORTION]
            outcomes = records.ingest(
                records=[self.late[place] for place in some],
                actor=self.actor,
                at=self.at,
                way=self.counting.way,
                load=self.counting.load,
                alone=True,
            )
            yield from zip(some, outcomes, strict=True)
            self.told("taking in the rest", start + len(some))


def _token(item: Prepared) -> str | None:
    said = item.incoming
    assert item.source is not None
    return f"{said.system}/{said.object}/{said.scope}" if item.source.is_unique else None


def _circular(parents: dict[Place, Place]) -> set[Place]:
    """All that stand on a circle of parents."""
    done: set[Place] = set()
    found: set[Place] = set()
    for start in parents:
        path: dict[Place, int] = {}
        name: Place | None = start
        while name is not None and name not in done and name not in path:
            path[name] = len(path)
            name = parents.get(name)
        if name is not None and name in path:
            found |= {one for one, place in path.items() if place >= path[name]}
        done |= path.keys()
    return found


@dataclass(frozen=True, slots=True)
class _Portion:
    """Whole components: the places of each cluster's records in the portion, and the pairs between places."""

    clusters: list[list[int]]
    pairs: list[ScoredPair]
    place: dict[int, int]

    @classmethod
    def of(cls, groups: Groups, rows: NDArray[np.int64]) -> _Portion:
        clusters: dict[int, list[int]] = {}
        for place, number in enumerate(groups.cluster[rows].tolist()):
            clusters.setdefault(number, []).append(place)
        return cls(list(clusters.values()), groups.pairs_in(rows), {row: place for place, row in enumerate(rows.tolist())})


@retrying.on_conflict
@transaction.atomic
def _commit(items: list[Prepared], portion: _Portion, *, release: Release, counting: loads.Counting) -> None:
    """One portion, wholly or not at all: rows, versions, keys, golden records, pairs, events, audit."""
    actor, at = counting.actor, counting.at
    rows = storing.put(items, release=release, at=at, load=counting.load_of)
    regrouping = plans.of_newborn([frozenset(rows[place].pk for place in cluster) for cluster in portion.clusters])
    at_hand = {row.member.record_id: row for row in members.of_records(rows)}
    regroup.write(regrouping, release=release, goldens={}, changed=at_hand.keys(), actor=actor, at=at, rows=at_hand)
    _write_pairs(rows, portion, release=release, at=at)
    quarantine.supersede(prepared=items, actor=actor, at=at)
    for item in items:
        item.status = "created"
    storing.note(items, actor=actor, at=at)


def _write_pairs(rows: Sequence[SourceRecord], portion: _Portion, *, release: Release, at: datetime) -> None:
    """The pairs with the questions that they ask, as a live writer leaves them: one that asks nothing was turned once."""
    home = {rows[place].pk: number for number, cluster in enumerate(portion.clusters) for place in cluster}
    pairs = []
    for pair in portion.pairs:
        left, right = sorted((rows[portion.place[pair.left]].pk, rows[portion.place[pair.right]].pk))
        pairs.append(
            MatchPair(
                domain=release.domain,
                left_id=left,
                right_id=right,
                weight=pair.weight,
                probability=pair.probability,
                band=pair.band,
                pattern=pair.pattern,
                release=release.number,
                found_at=at,
            )
        )
    asked = [(place, pair.left_id, pair.right_id, pair.weight) for place, pair in enumerate(pairs)]
    for place, status in pair_states.question_states(asked, home, (), {}).items():
        pairs[place].status, pairs[place].version = status.value, 1 if status is PairStatus.OPEN else 2
    copying.append(pairs)
    statistics.refresh("mdm_matchpair", written=len(pairs))
