"""Schedules: each tick is taken once, by whoever inserts its row."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from mdm import audit, outbox, permissions
from mdm.models import Schedule, ScheduleTick, User
from mdm.rules.exchange.standing import STANDING, last_night

KEPT_TICKS = timedelta(days=7)


@transaction.atomic
def put(
    *, name: str, kind: str, target: str, every_seconds: int, actor: User, at: datetime, starts_at: datetime | None = None
) -> Schedule:
    """Declare a schedule, or change how often it comes. A new one counts from `starts_at`, by default from now.

    Raises:
        NotAllowed: the actor may not work on sync.
    """
    permissions.check(actor, "sync.work")
    fields = {"kind": kind, "target": target, "every_seconds": every_seconds}
    before = Schedule.objects.filter(name=name).values(*fields).first()
    born = {**fields, "starts_at": starts_at or at}
    schedule, _ = Schedule.objects.update_or_create(name=name, defaults=fields, create_defaults=born)
    if before != fields:
        audit.record(at=at, actor=actor, verb="schedule.put", subject=f"schedule:{name}", old=before, new=fields)
    return schedule


@transaction.atomic
def put_standing(*, actor: User, at: datetime) -> int:
    """Put the hub's own work on its schedule; what stands already is left as it is. Returns how many there are.

    Raises:
        NotAllowed: the actor may not work on sync.
    """
    for kind, work in STANDING.items():
        put(name=work.name, kind=kind, target="", every_seconds=work.every_seconds, actor=actor, at=at, starts_at=last_night(at))
    return len(STANDING)


@transaction.atomic
def tick(*, actor: User, at: datetime) -> int:
    """Wish the jobs of every schedule that is due now; safe with any number of beats. Returns how many.

    Ticks that nobody was there to take are not made up for: a job compares or reads everything since the last time anyway.
    """
    permissions.check(actor, "sync.work")
    taken = 0
    for schedule in Schedule.objects.filter(is_enabled=True, starts_at__lte=at).order_by("name"):
        number = int((at - schedule.starts_at).total_seconds() // schedule.every_seconds)
        if number < 1:
            continue
        _, is_mine = ScheduleTick.objects.get_or_create(schedule=schedule, tick=number, defaults={"at": at})
        if is_mine:
            taken += 1
            wish = outbox.Wish(
                kind=schedule.kind, key=f"{schedule.kind}:{schedule.target}", target=schedule.target, wanted=int(at.timestamp())
            )
            outbox.want([wish], at=at)
    ScheduleTick.objects.filter(at__lt=at - KEPT_TICKS).delete() if taken else None
    return taken
