"""Takes source records in: the one door for REST, files and connectors, live and in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mdm import permissions
from mdm.actions import catching_up, locks, retrying
from mdm.actions.golden.resolve import resolve
from mdm.actions.governance import holding
from mdm.actions.intake import circles, loads, naming, quarantine, storing
from mdm.engine import preparing, releases
from mdm.engine.preparing import Incoming, Prepared
from mdm.engine.releases import Release
from mdm.errors import NotAllowed, NotFound, Problem
from mdm.models import Load, User


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: created, updated, unchanged, stale, deleted or quarantined. `notes`: what kept nothing out."""

    status: str
    enterprise_id: str | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def ingest(
    *,
    records: Sequence[Incoming],
    actor: User,
    at: datetime,
    way: str = "REST",
    load: Load | None = None,
    alone: bool = False,
    rehearsal: bool = False,
) -> list[Outcome]:
    """Take `records` in and resolve them; one outcome each, in order.

    Good records of a batch go in, bad ones into quarantine. Commits in sub-batches of a few hundred key locks, each whole:
    it can be run again from any point, what is in counts as unchanged. `alone` takes the domain for itself and commits each
    domain in one piece (first loads). `load`: an open load that counts; by default one is made for each source.
    `rehearsal`: say what would become of each record, and write nothing.

    Raises:
        NotAllowed: the actor may not write records, or not in one of these domains.
    """
    permissions.check(actor, "record.write")
    prepared = preparing.receive(records, now=at)
    for domain in sorted({item.source.domain for item in prepared if item.source is not None}):
        permissions.check(actor, "record.write", domain=domain)
    if not rehearsal:
        storing.register_objects(prepared)
    ready = [
        (release, _work_out(release, prepared, actor=actor, at=at))
        for release in (releases.current(domain) for domain in _open_domains(prepared))
    ]
    if rehearsal:
        for release, items in ready:
            holding.hold([item for item in items if item.before is None])
            naming.judge(items, release=release, at=at)
            storing.foretell(items)
        return _outcomes(prepared)
    with loads.Counting(actor=actor, at=at, way=way, load=load) as counting:
        counting.open(prepared)
        for release, items in ready:
            for part in [items] if alone and items else list(_parts(items)):
                _commit(part, release=release, actor=actor, at=at, counting=counting, alone=alone)
        storing.confirm(prepared)
        naming.settle(prepared, actor=actor, at=at)
        quarantine.keep(prepared=[item for item in prepared if item.problems], actor=actor, at=at)
        counting.close(prepared)
    return _outcomes(prepared)


def _open_domains(prepared: Sequence[Prepared]) -> list[str]:
    return sorted({item.source.domain for item in prepared if item.is_open and item.source is not None})


def _work_out(release: Release, prepared: Sequence[Prepared], *, actor: User, at: datetime) -> list[Prepared]:
    """Prepare the records of one domain; returns those that have to be written."""
    mine = [item for item in prepared if item.is_open and item.source is not None and item.source.domain == release.domain]
    storing.find_known(mine)
    preparing.work_out(release, mine, today=at.date())
    circles.refuse(release, mine)
    ready = [item for item in mine if item.is_open or (item.status == "stale" and not item.problems)]
    _check_regions(release, ready, actor)
    return ready


def _check_regions(release: Release, items: Sequence[Prepared], actor: User) -> None:
    """Who is confined to regions writes neither records that lie elsewhere, nor those that would."""
    region = release.spec.region
    if not actor.regions or region is None:
        return
    for item in items:
        stored = [region.of(item.before.attributes)] if item.before is not None else []
        coming = [] if item.incoming.is_deleted else [region.of(item.attributes)]
        if outside := sorted({*stored, *coming} - set(actor.regions)):
            raise NotAllowed(f"{item.name} belongs to {outside[0]}; you work in {', '.join(sorted(actor.regions))}.")


def _parts(items: Sequence[Prepared]) -> Iterator[list[Prepared]]:
    """Sub-batches whose locks stay within what one transaction may hold."""
    part: list[Prepared] = []
    held, most = 0, locks.most_keys()
    for item in items:
        needs = 1 + len(item.keys) + (len(item.keys) if item.before else 0)
        if part and held + needs > most:
            yield part
            part, held = [], 0
        part.append(item)
        held += needs
    if part:
        yield part


@retrying.on_conflict
@transaction.atomic
def _commit(items: list[Prepared], *, release: Release, actor: User, at: datetime, counting: loads.Counting, alone: bool) -> None:
    """One sub-batch, wholly or not at all: rows, versions, keys, pairs, golden records, events, audit."""
    release = _hold(items, release=release, actor=actor, at=at, alone=alone)
    claims = naming.judge(items, release=release, at=at)
    late = [item for item in items if item.status == "stale"]
    storing.write_stale(late, release=release, at=at, load=counting.load_of)
    going = [item for item in items if item.is_open and item.incoming.is_deleted]
    coming = [item for item in items if item.is_open and not item.incoming.is_deleted]
    born = {item.place for item in coming if item.before is None}
    changed = storing.write(coming, release=release, at=at, load=counting.load_of) | storing.remove(
        going, at=at, load=counting.load_of
    )
    if changed:
        resolve(
            release=release,
            changed=changed,
            actor=actor,
            at=at,
            fresh=len(born) == len(items),
            most=None if alone else 2_000,
            claims=naming.by_record(claims) if claims else None,
        )
        naming.close(claims, actor=actor, at=at)
    for item in items:
        if item.is_open:
            item.status = "deleted" if item.incoming.is_deleted else "created" if item.place in born else "updated"
    quarantine.supersede(prepared=coming, actor=actor, at=at)
    storing.note(items, actor=actor, at=at)


def _hold(items: list[Prepared], *, release: Release, actor: User, at: datetime, alone: bool) -> Release:
    """Lock what the sub-batch touches, and see the records as they are under the locks; returns the release that counts now.

    First the records themselves, then their match keys, the new ones and those they have now: nobody changes these meanwhile.
    """
    stored = [item.before.pk for item in items if item.before is not None]
    found = catching_up.enter(release.domain, stored, actor=actor, at=at, known=release, alone=alone)
    if not alone:
        locks.lock_keys(locks.number_of("record", item.name) for item in items)
    moved = storing.look_again(items)
    moved = moved if found.number == release.number else items
    holding.hold([item for item in items if item.before is None])
    if moved:
        preparing.work_out_again(found, moved, today=at.date())
    if not alone:
        locks.lock_keys({key for item in items if item.is_open for key in item.keys} | storing.stored_keys(items))
    return found


def _outcomes(prepared: Sequence[Prepared]) -> list[Outcome]:
    homes = storing.enterprise_ids([item for item in prepared if not item.problems])
    return [
        Outcome("quarantined", problems=tuple(item.problems))
        if item.problems
        else Outcome(item.status, homes.get(item.key), notes=tuple(item.notes))
        for item in prepared
    ]


def delete(*, system: str, object: str, native_id: str, scope: str, actor: User, at: datetime) -> Outcome:
    """Take a record out of its golden record; its history and the enterprise ID stay.

    Raises:
        NotAllowed: the actor may not delete records, or not this one.
        NotFound: the hub never had this record.
    """
    permissions.check(actor, "record.delete")
    if not storing.is_known(system, object, scope, native_id):
        raise NotFound(f"No record {system}/{object}/{native_id}{f' in scope {scope}' if scope else ''} is known.")
    gone = Incoming(system, object, native_id, {}, scope=scope, is_deleted=True)
    return ingest(records=[gone], actor=actor, at=at)[0]
