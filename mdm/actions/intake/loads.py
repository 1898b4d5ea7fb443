"""Loads: opened, counted, closed; also those whose process died."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from mdm import audit, permissions
from mdm.actions.exchange import jobs
from mdm.engine.preparing import Prepared
from mdm.models import Load, SourceObject, User
from mdm.models.intake.loads import COUNTS
from mdm.readers.intake import loads as readers
from mdm.rules.intake import load_states

ADD = f"""
    UPDATE mdm_load AS load
    SET {", ".join(f"{name} = load.{name} + coalesce(fresh.{name}, 0)" for name in COUNTS)},
        status = CASE WHEN %s THEN 'DONE' ELSE load.status END, ended_at = CASE WHEN %s THEN %s ELSE load.ended_at END
    FROM json_to_recordset(%s) AS fresh (id bigint, {", ".join(f"{name} int" for name in COUNTS)}) WHERE load.id = fresh.id
"""


@transaction.atomic
def start(*, source: SourceObject, way: str, actor: User, at: datetime, expected: int | None = None) -> Load:
    """Open a load, and close those of this source whose process died. `expected`: how many records will come, None when nobody
    knows.

    Raises:
        NotAllowed: the actor may not load records of this domain.
    """
    permissions.check(actor, "record.write", domain=source.domain)
    close_stopped(actor=actor, at=at, source=source)
    return Load.objects.create(source=source, way=way, started_at=at, started_by=actor, expected=expected)


def close_next(*, actor: User, at: datetime) -> bool:
    """Do the waiting `loads` job: close the loads whose process died; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="loads", target="", act=lambda _: close_stopped(actor=actor, at=at), actor=actor, at=at, seconds=60)


@transaction.atomic
def close_stopped(*, actor: User, at: datetime, source: SourceObject | None = None) -> list[Load]:
    """Fail the loads, of one source or of all, that nobody works on any more; returns them. Safe to repeat.

    Raises:
        NotAllowed: the actor may not load records.
    """
    permissions.check(actor, "record.write")
    running = Load.objects.filter(status=load_states.LoadStatus.RUNNING.value)
    found = readers.stopped(running.filter(source=source) if source else running)
    rows = running.filter(pk__in=[load.pk for load in found]).select_related("source").select_for_update(of=("self",))
    closed = list(rows.order_by("id"))
    Load.objects.filter(pk__in=[load.pk for load in closed]).update(
        status=load_states.LoadStatus.FAILED.value, ended_at=at, error=load_states.STOPPED
    )
    facts = [audit.Fact(f"load:{load.pk}", load.source.domain, new={"received": load.received}) for load in closed]
    audit.record_all(facts, at=at, actor=actor, verb="load.stopped")
    return closed


def advance(*, source: SourceObject, cursor: str, actor: User, at: datetime) -> None:
    """Remember how far a source was read; everything up to `cursor` is in.

    Raises:
        NotAllowed: the actor may not load records of this domain.
    """
    permissions.check(actor, "record.write", domain=source.domain)
    SourceObject.objects.filter(pk=source.pk).update(cursor=cursor, cursor_at=at)


@transaction.atomic
def finish(*, load: Load, actor: User, at: datetime, error: str = "") -> Load:
    """Close a load.

    Raises:
        IllegalTransition: the load is closed already.
    """
    load = Load.objects.select_for_update().get(pk=load.pk)
    status = load_states.LoadStatus.FAILED if error else load_states.LoadStatus.DONE
    load_states.check_arrow(load_states.LoadStatus(load.status), status)
    load.status, load.ended_at, load.error = status.value, at, error
    load.save(update_fields=["status", "ended_at", "error"])
    return load


@dataclass(slots=True)
class Counting:
    """The loads of one batch: the given one, or one for each source, made when first needed. A block that fails fails them."""

    actor: User
    at: datetime
    way: str
    load: Load | None = None
    own: dict[int, Load] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        raw = connection.connection
        if kind and self.own and raw and not raw.closed and raw.info.transaction_status != TransactionStatus.INERROR:
            said = {"status": load_states.LoadStatus.FAILED.value, "ended_at": self.at, "error": load_states.STOPPED}
            Load.objects.filter(pk__in=[load.pk for load in self.own.values()], status="RUNNING").update(**said)

    def load_of(self, source: SourceObject) -> Load:
        """The load that counts records of `source`."""
        if self.load is not None:
            return self.load
        if source.pk not in self.own:
            self.own[source.pk] = self._fresh(source)
            self.own[source.pk].save()
        return self.own[source.pk]

    def open(self, prepared: Sequence[Prepared]) -> None:
        """Make the loads that are needed, before and outside the transactions that name them, which may run twice."""
        if self.load is None:
            missing = {item.source.pk: item.source for item in prepared if item.source and item.source.pk not in self.own}
            fresh = [self._fresh(source) for source in missing.values()]
            self.own |= dict(zip(missing, Load.objects.bulk_create(fresh), strict=True))

    def _fresh(self, source: SourceObject) -> Load:
        return Load(source=source, way=self.way, started_at=self.at, started_by=self.actor)

    def close(self, prepared: Sequence[Prepared]) -> None:
        """Add what became of every record; close the loads made here."""
        counts: dict[int, Counter[str]] = {}
        for item in prepared:
            if item.source is not None:
                load = self.load_of(item.source)
                counts.setdefault(load.pk, Counter())["quarantined" if item.problems else item.status] += 1
        self._count(counts, ends=self.load is None)

    def add(self, source: SourceObject, status: str, count: int) -> None:
        """Add so many records of one source that ended so."""
        self._count({self.load_of(source).pk: Counter({status: count})})

    def _count(self, counts: Mapping[int, Counter[str]], *, ends: bool = False) -> None:
        """Add to the counts of loads, by the load and by what became of the records. One statement."""
        if not counts:
            return
        said = [{"id": number, "received": counted.total(), **counted} for number, counted in counts.items()]
        with connection.cursor() as cursor:
            cursor.execute(ADD, [ends, ends, self.at, json.dumps(said)])

    def finish(self) -> None:
        """Close the loads made here."""
        if self.own:
            Load.objects.filter(pk__in=[load.pk for load in self.own.values()]).update(status="DONE", ended_at=self.at)
