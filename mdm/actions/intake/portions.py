"""What the workers of a bulk load do with one portion: prepare records, or write whole components of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from mdm.actions import retrying
from mdm.actions.golden import regroup
from mdm.actions.governance import holding
from mdm.actions.intake import circles, loads, naming, quarantine, storing
from mdm.actions.intake.circles import Place
from mdm.actions.intake.records import Outcome
from mdm.actions.intake.spool import Spool, pack
from mdm.engine import members, plans, preparing, statistics
from mdm.engine.columns import Standardised
from mdm.engine.comparing import ScoredPair
from mdm.engine.population import Groups
from mdm.engine.preparing import Incoming, Prepared
from mdm.engine.releases import Release
from mdm.models import MatchPair, SourceObject, SourceRecord, User, copying
from mdm.rules.golden import pair_states
from mdm.rules.golden.pair_states import PairStatus

Told = tuple[int, tuple[str, str], Outcome]
"""The place of a record in the file, its (system, object), and what became of it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One portion prepared. New records: `packed`, their `places` in the file, standardised values, stable names, uniqueness
    tokens and, by hierarchy, their parents; `naming`: places of those that may claim an enterprise ID. `late`: those that take
    the ordinary way. `told`: those that are done; of them `repeated`, packed, are still to be kept in quarantine.
    """

    packed: list[bytes]
    places: list[int]
    table: Standardised
    names: list[str]
    tokens: list[str | None]
    parents: dict[str, dict[Place, Place]]
    naming: frozenset[int]
    late: dict[int, Incoming]
    told: list[Told]
    repeated: list[bytes]


def prepare(said: Sequence[Incoming], first: int, *, release: Release, actor: User, at: datetime) -> Ready:
    """Clean and standardise records, the first of which stands at place `first`; refused ones go into quarantine."""
    items = preparing.receive(said, now=at)
    storing.register_objects(items)
    mine = [item for item in items if item.is_open and item.source is not None and item.source.domain == release.domain]
    storing.find_known(mine)
    holding.hold([item for item in mine if item.before is None])
    ready, table = preparing.work_out(release, mine, today=at.date())
    new = [row for row, item in enumerate(ready) if item.before is None]
    chosen = [ready[row] for row in new]
    done = [item for item in items if item.problems or item.status == "unchanged"]
    storing.confirm(done)
    naming.settle(done, actor=actor, at=at)
    refused = [item for item in done if item.problems]
    # A record that comes in well closes what waits under its key; its own repetition is to wait, so it is kept after it.
    repeated = [item for item in refused if any(problem["code"] == "repeated_key" for problem in item.problems)]
    quarantine.keep(prepared=[item for item in refused if item not in repeated], actor=actor, at=at)
    going_on = {item.place for item in (*chosen, *done)}
    return Ready(
        pack(chosen),
        [first + item.place for item in chosen],
        table.take(new),
        [item.name for item in chosen],
        [_token(item) for item in chosen],
        _parents(release, chosen),
        frozenset(first + item.place for item in naming.claiming(chosen)),
        {first + item.place: item.incoming for item in items if item.place not in going_on},
        [_told(item, first + item.place) for item in done],
        pack(repeated),
    )


def _token(item: Prepared) -> str | None:
    said = item.incoming
    assert item.source is not None
    return f"{said.system}/{said.object}/{said.scope}" if item.source.is_unique else None


def _parents(release: Release, items: Sequence[Prepared]) -> dict[str, dict[Place, Place]]:
    found: dict[str, dict[Place, Place]] = {}
    for relation in release.spec.hierarchies.values():
        said = {circles.place_of(item): circles.parent(item.relations, relation.name) for item in items}
        found[relation.name] = {place: parent for place, parent in said.items() if parent}
    return found


def _told(item: Prepared, place: int) -> Told:
    refused = Outcome("quarantined", problems=tuple(item.problems))
    outcome = refused if item.problems else Outcome(item.status, notes=tuple(item.notes))
    return place, (item.incoming.system, item.incoming.object), outcome


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes portions of whole components. `rows` of the population from `stored` on are those of the spool."""

    release: Release
    groups: Groups
    spool: Spool
    stored: int
    sources: Sequence[SourceObject]
    counting: loads.Counting

    def write(self, rows: NDArray[np.int64]) -> list[Told]:
        """Write the components of these rows; places are row numbers."""
        items = self.spool.read((rows - self.stored).tolist(), self.sources)
        naming.remark(items, release=self.release)
        self._commit(items, rows)
        naming.settle(items, actor=self.counting.actor, at=self.counting.at)
        return [_told(item, row) for item, row in zip(items, rows.tolist(), strict=True)]

    @retrying.on_conflict
    @transaction.atomic
    def _commit(self, items: list[Prepared], rows: NDArray[np.int64]) -> None:
        """Wholly or not at all: rows, versions, keys, golden records, pairs, events, audit."""
        actor, at = self.counting.actor, self.counting.at
        for item in items:
            item.status = ""
        clusters: dict[int, list[int]] = {}
        for place, number in enumerate(self.groups.cluster[rows].tolist()):
            clusters.setdefault(number, []).append(place)
        stored = storing.put(items, release=self.release, at=at, load=self.counting.load_of)
        regrouping = plans.of_newborn([frozenset(stored[place].pk for place in places) for places in clusters.values()])
        at_hand = {row.member.record_id: row for row in members.of_records(stored)}
        regroup.write(regrouping, release=self.release, goldens={}, changed=at_hand.keys(), actor=actor, at=at, rows=at_hand)
        record = {row: stored[place] for place, row in enumerate(rows.tolist())}
        home = {stored[place].pk: number for number, places in clusters.items() for place in places}
        self._write_pairs(self.groups.pairs_in(rows), record, home)
        quarantine.supersede(prepared=items, actor=actor, at=at)
        for item in items:
            item.status = "created"
        storing.note(items, actor=actor, at=at)

    def _write_pairs(self, pairs: Sequence[ScoredPair], record: dict[int, SourceRecord], home: dict[int, int]) -> None:
        """With the questions that they ask, as a live writer leaves them: one that asks nothing was turned once."""
        made = []
        for pair in pairs:
            left, right = sorted((record[pair.left].pk, record[pair.right].pk))
            made.append(
                MatchPair(
                    domain=self.release.domain,
                    left_id=left,
                    right_id=right,
                    weight=pair.weight,
                    probability=pair.probability,
                    band=pair.band,
                    pattern=pair.pattern,
                    release=self.release.number,
                    found_at=self.counting.at,
                )
            )
        asked = [(place, pair.left_id, pair.right_id, pair.weight) for place, pair in enumerate(made)]
        for place, status in pair_states.question_states(asked, home, (), {}).items():
            made[place].status, made[place].version = status.value, 1 if status is PairStatus.OPEN else 2
        copying.append(made)
        statistics.refresh("mdm_matchpair", written=len(made))
