"""Loads: opened, counted, closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F

from mdm import permissions
from mdm.engine.preparing import Prepared
from mdm.models import Load, SourceObject, User
from mdm.rules.intake import load_states


@transaction.atomic
def start(*, source: SourceObject, way: str, actor: User, at: datetime, expected: int | None = None) -> Load:
    """Open a load. `expected`: how many records will come, None when nobody knows.

    Raises:
        NotAllowed: the actor may not load records of this domain.
    """
    permissions.check(actor, "record.write", domain=source.domain)
    return Load.objects.create(source=source, way=way, started_at=at, started_by=actor, expected=expected)


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
    """The loads of one batch: the given one, or one for each source, made when first needed."""

    actor: User
    at: datetime
    way: str
    load: Load | None = None
    own: dict[int, Load] = field(default_factory=dict)

    def load_of(self, source: SourceObject) -> Load:
        """The load that counts records of `source`."""
        if self.load is not None:
            return self.load
        if source.pk not in self.own:
            self.own[source.pk] = Load.objects.create(source=source, way=self.way, started_at=self.at, started_by=self.actor)
        return self.own[source.pk]

    def open(self, prepared: Sequence[Prepared]) -> None:
        """Make the loads that are needed, before and outside the transactions that name them, which may run twice."""
        for item in prepared:
            if item.source is not None:
                self.load_of(item.source)

    def close(self, prepared: Sequence[Prepared]) -> None:
        """Add what became of every record."""
        counts: dict[int, Counter[str]] = {}
        for item in prepared:
            if item.source is not None:
                load = self.load_of(item.source)
                counts.setdefault(load.pk, Counter())["quarantined" if item.problems else item.status] += 1
        for number, counted in counts.items():
            fields = {name: F(name) + count for name, count in counted.items()}
            Load.objects.filter(pk=number).update(received=F("received") + counted.total(), **fields)

    def finish(self) -> None:
        """Close the loads made here."""
        if self.own:
            Load.objects.filter(pk__in=[load.pk for load in self.own.values()]).update(status="DONE", ended_at=self.at)
