"""Loads a whole file at once: resolved in columns first, then written component by component.

What is new and hangs together with nothing that is stored, or that claims an enterprise ID, takes this way; all else goes through
`records.ingest`, after it. Both give the same golden records. Every portion is whole when it is committed, so a load that was
killed is simply run again: what is in counts as unchanged.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mdm import audit, permissions
from mdm.actions import locks
from mdm.actions.intake import hands, loads, portions, quarantine, records
from mdm.actions.intake.circles import Place
from mdm.actions.intake.portions import Ready, Writer
from mdm.actions.intake.records import Outcome
from mdm.actions.intake.spool import Spool, unpack
from mdm.engine import releases
from mdm.engine.population import Population
from mdm.engine.preparing import Incoming, Prepared
from mdm.engine.releases import Release
from mdm.errors import NotAllowed
from mdm.models import Load, SourceObject, User

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
    workers: int = 1,
) -> Iterator[tuple[int, Outcome]]:
    """Take in `incoming`, records of one domain; yields the place and the outcome of each, in any order.

    `into`: an open load that counts; by default one is made for each source. `workers`: processes that share the work; more than
    one must not be used inside a transaction. The domain is held alone meanwhile. Memory: the standardised values of all records;
    the records themselves wait on disk.

    Raises:
        NotAllowed: the actor may not write all records of this domain.
        BadInput: a match key is shared by far too many records for the released model.
        WorkerLost: a worker was killed; run it again.
    """
    permissions.check(actor, "record.write", domain=domain)
    if actor.regions:
        raise NotAllowed("A bulk load may bring records of any region; you are confined to some.")
    counted = loads.Counting(actor=actor, at=at, way=way, load=into)
    with locks.holding_domain(domain), Spool() as spool, counted as counting:
        bulk = _Bulk(releases.current(domain), spool, counting, told, workers)
        yield from bulk.prepare(incoming)
        yield from bulk.write()
        yield from bulk.take_in_the_rest()
        quarantine.keep(prepared=bulk.repeated, actor=actor, at=at)
        counting.finish()
        audit.record(at=at, actor=actor, verb="record.load", subject=f"domain:{domain}", domain=domain, new=dict(bulk.ends))


@dataclass(slots=True)
class _Bulk:
    """One load. `places`: of the spooled records in the file; `late`: those that take the ordinary way, by their place;
    `naming`: rows of those that come under an enterprise ID.
    """

    release: Release
    spool: Spool
    counting: loads.Counting
    told: Told
    workers: int
    places: list[int] = field(default_factory=list)
    late: dict[int, Incoming] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    parents: dict[str, dict[Place, Place]] = field(default_factory=dict)
    naming: list[int] = field(default_factory=list)
    population: Population = field(init=False)
    stored: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    repeated: list[Prepared] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.population = Population(self.release)

    def prepare(self, incoming: Iterable[Incoming]) -> Iterator[tuple[int, Outcome]]:
        """Clean and standardise everything; new records are spooled."""
        self.population.add_stored()
        self.stored = len(self.population)
        act = partial(_prepare, release=self.release, actor=self.counting.actor, at=self.counting.at)
        done = 0
        for ready in hands.each(act, _chunks(incoming), workers=self.workers):
            self._gather(ready)
            done += len(ready.places) + len(ready.late) + len(ready.told)
            self.told("preparing", done)
            yield from self._counted(ready.told)

    def _gather(self, ready: Ready) -> None:
        """Spool what is new; of a key that stands in the file again, only the first is."""
        rows = [row for row, name in enumerate(ready.names) if name not in self.names]
        if len(rows) < len(ready.names):
            first = len(self.spool)
            self.spool.add(ready.packed)
            again = sorted(set(range(len(ready.names))) - set(rows))
            items = self.spool.read([first + row for row in again], self._sources())
            self.late |= {ready.places[row]: item.incoming for row, item in zip(again, items, strict=True)}
            self.spool.forget(first)
        self.spool.add(ready.packed[row] for row in rows)
        self.places += [ready.places[row] for row in rows]
        first_row = len(self.population)
        self.naming += [first_row + place for place, row in enumerate(rows) if ready.places[row] in ready.naming]
        names = [ready.names[row] for row in rows]
        self.names |= set(names)
        self.population.add(ready.table.take(rows), names, [ready.tokens[row] for row in rows])
        self.late |= ready.late
        self.repeated += unpack(ready.repeated, self._sources()) if ready.repeated else []
        for relation, parents in ready.parents.items():
            self.parents.setdefault(relation, {}).update(parents)

    def _counted(self, told: Iterable[portions.Told]) -> Iterator[tuple[int, Outcome]]:
        """Count what is done, source by source."""
        counts: Counter[tuple[tuple[str, str], str]] = Counter()
        for place, source, outcome in told:
            counts[source, outcome.status] += 1
            self.ends[outcome.status] += 1
            yield place, outcome
        known = {(source.system_id, source.object): source for source in self._sources()}
        for (source, status), count in counts.items():
            if source in known:
                self.counting.add(known[source], status, count)

    def _sources(self) -> list[SourceObject]:
        return list(SourceObject.objects.filter(domain=self.release.domain))

    def write(self) -> Iterator[tuple[int, Outcome]]:
        """Write the new records that hang together with nothing stored, portion by portion."""
        self.told("matching", len(self.population))
        groups = self.population.partition()
        is_new = np.arange(len(self.population)) >= self.stored
        astray = is_new & groups.touched(np.concatenate([np.flatnonzero(~is_new), self._in_circles(), self._naming()]))
        sources = self._sources()
        for row in np.flatnonzero(astray).tolist():
            (item,) = self.spool.read([row - self.stored], sources)
            self.late[self.places[row - self.stored]] = item.incoming
        for source in sources:
            self.counting.load_of(source)
        writer = Writer(self.release, groups, self.spool, self.stored, sources, self.counting)
        written = 0
        for told in hands.each(writer.write, groups.portions(is_new & ~astray, PORTION), workers=self.workers):
            written += len(told)
            self.told("writing", written)
            yield from self._counted((self.places[row - self.stored], source, outcome) for row, source, outcome in told)

    def _in_circles(self) -> NDArray[np.int64]:
        """Rows of records that are their own ancestors within the file; the ordinary way refuses them with reasons."""
        row_of = {name: row for row, name in enumerate(self.population.names)} if any(self.parents.values()) else {}
        found = {"/".join(place) for parents in self.parents.values() for place in _circular(parents)}
        return np.array(sorted(row_of[name] for name in found), np.int64)

    def _naming(self) -> NDArray[np.int64]:
        """Rows of records that may claim an enterprise ID, or be refused for it; what belongs with them goes the same way."""
        return np.array(self.naming, np.int64)

    def take_in_the_rest(self) -> Iterator[tuple[int, Outcome]]:
        """Changed, repeated and deleted records, and those that hang together with stored ones, in the order of the file."""
        places = sorted(self.late)
        for start in range(0, len(places), PORTION):
            some = places[start : start + PORTION]
            outcomes = records.ingest(
                records=[self.late[place] for place in some],
                actor=self.counting.actor,
                at=self.counting.at,
                way=self.counting.way,
                load=self.counting.load,
                alone=True,
            )
            self.told("taking in the rest", start + len(some))
            self.ends.update(outcome.status for outcome in outcomes)
            yield from zip(some, outcomes, strict=True)


Chunk = tuple[int, list[Incoming]]


def _chunks(incoming: Iterable[Incoming]) -> Iterator[Chunk]:
    rest, first = iter(incoming), 0
    while said := list(itertools.islice(rest, PORTION)):
        yield first, said
        first += len(said)


def _prepare(chunk: Chunk, *, release: Release, actor: User, at: datetime) -> Ready:
    first, said = chunk
    return portions.prepare(said, first, release=release, actor=actor, at=at)


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
