"""Enterprise IDs reserved before there is a record: given out, held for longer, given back, lapsed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from mdm import audit, permissions
from mdm.actions import retrying
from mdm.actions.exchange import jobs
from mdm.actions.intake import naming
from mdm.engine import releases
from mdm.errors import BadInput, IllegalTransition, NotFound, TooLarge
from mdm.models import Job, Reservation, User
from mdm.rules.golden import enterprise_id, reservation_states
from mdm.rules.golden.reservation_states import ReservationStatus, check_arrow

NUMBERS = "SELECT nextval('mdm_enterprise_number') FROM generate_series(1, %s)"
CHUNK = 500
"""Reservations that lapse in one transaction."""


@transaction.atomic
def reserve(*, domain: str, count: int, lasting: timedelta, purpose: str, actor: User, at: datetime) -> list[Reservation]:
    """Give out `count` enterprise IDs of a domain that nobody else will ever get; without a record they lapse after `lasting`.

    Raises:
        NotAllowed: the actor may not reserve IDs, or not in this domain.
        NotFound: the domain is not released.
        BadInput, TooLarge: no purpose, or more or for longer than one may reserve.
    """
    permissions.check(actor, "id.reserve", domain=domain)
    prefix = releases.current(domain).spec.prefix
    if count > reservation_states.MOST:
        raise TooLarge(f"{count} IDs are more than the {reservation_states.MOST} one request may reserve; ask in parts.")
    if count < 1:
        raise BadInput(f"count={count} reserves nothing; reserve at least one ID.")
    _check_lasting(lasting)
    purpose = " ".join(purpose.split())
    if not purpose or len(purpose) > 200 or not purpose.isprintable():
        raise BadInput("A reservation says its purpose in at most 200 printable characters.")
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [count])
        names = [enterprise_id.make(prefix, number) for (number,) in cursor.fetchall()]
    lease = {"owner": actor, "purpose": purpose, "reserved_at": at, "expires_at": at + lasting}
    rows = Reservation.objects.bulk_create(Reservation(enterprise_id=name, domain=domain, **lease) for name in names)
    said = {"ids": names, "purpose": purpose, "expires_at": (at + lasting).isoformat()}
    audit.record(at=at, actor=actor, verb="id.reserve", subject=f"domain:{domain}", domain=domain, new=said)
    return rows


@retrying.on_conflict
@transaction.atomic
def release(*, enterprise_ids: Sequence[str], actor: User, at: datetime, reason: str = "") -> list[Reservation]:
    """Give reserved IDs back before a record names them, all or none; they are given to nobody else.

    Raises:
        NotAllowed: the actor may not reserve IDs, or these are somebody else's.
        BadInput, BadCheckCharacter: one is no enterprise ID.
        NotFound: one was never reserved, or lies outside the actor's domains.
        IllegalTransition: one was claimed, or ended already.
    """
    rows = _locked(enterprise_ids, actor=actor)
    return _end(rows, ReservationStatus.RELEASED, actor=actor, at=at, reason=reason)


@retrying.on_conflict
@transaction.atomic
def renew(*, enterprise_ids: Sequence[str], lasting: timedelta, actor: User, at: datetime) -> list[Reservation]:
    """Hold reserved IDs until `lasting` from now, all or none.

    Raises:
        NotAllowed: the actor may not reserve IDs, or these are somebody else's.
        BadInput, BadCheckCharacter: one is no enterprise ID, or that is longer than one may reserve.
        NotFound: one was never reserved, or lies outside the actor's domains.
        IllegalTransition: one was claimed, or its time is over.
    """
    _check_lasting(lasting)
    rows = _locked(enterprise_ids, actor=actor)
    if over := [row.enterprise_id for row in rows if row.status != ReservationStatus.RESERVED or row.expires_at <= at]:
        raise IllegalTransition(
            f"{over[0]} is no longer held: it was claimed or given back, or its time is over; reserve another."
        )
    for row in rows:
        row.expires_at = at + lasting
    Reservation.objects.bulk_update(rows, ["expires_at"])
    for domain, names in _by_domain(rows).items():
        said = {"ids": names, "expires_at": (at + lasting).isoformat()}
        audit.record(at=at, actor=actor, verb="id.renew", subject=f"domain:{domain}", domain=domain, new=said)
    return rows


def _check_lasting(lasting: timedelta) -> None:
    if not timedelta() < lasting <= reservation_states.LONGEST:
        raise BadInput(f"An ID is reserved for some time, and for at most {reservation_states.LONGEST.days} days.")


def _locked(enterprise_ids: Sequence[str], *, actor: User) -> list[Reservation]:
    """The reservations of these IDs, all of them the actor's to end or to renew, locked in the order of their IDs."""
    permissions.check(actor, "id.reserve")
    names = sorted({enterprise_id.parse(text) for text in enterprise_ids})
    if len(names) > reservation_states.MOST:
        raise TooLarge(f"{len(names)} IDs are more than the {reservation_states.MOST} of one request; ask in parts.")
    near = Reservation.objects.filter(domain__in=actor.domains) if actor.domains else Reservation.objects.all()
    rows = list(
        near.select_for_update(of=("self",)).filter(enterprise_id__in=names).select_related("owner").order_by("enterprise_id")
    )
    if unknown := sorted({*names} - {row.enterprise_id for row in rows}):
        raise NotFound(f"No reservation of {', '.join(unknown[:5])} is known.")
    if any(row.owner_id != actor.pk for row in rows):
        permissions.check(actor, "id.release_others")
    return rows


def lapse_next(*, actor: User, at: datetime) -> bool:
    """Do the waiting `lapse` job: end reservations, close stray names that were settled since; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """

    def act(_: Job) -> None:
        lapse(actor=actor, at=at)
        naming.sweep(at=at)

    return jobs.do_next(kind="lapse", target="", act=act, actor=actor, at=at, seconds=600)


def lapse(*, actor: User, at: datetime) -> int:
    """End every reservation whose time is over, 500 a transaction; returns how many. Can be run again at any point.

    Raises:
        NotAllowed: the actor may not release the reservations of others.
    """
    permissions.check(actor, "id.release_others")
    count = 0
    while done := _lapse_some(actor=actor, at=at):
        count += done
    return count


@retrying.on_conflict
@transaction.atomic
def _lapse_some(*, actor: User, at: datetime) -> int:
    due = Reservation.objects.select_for_update(skip_locked=True).filter(status="RESERVED", expires_at__lte=at)
    return len(_end(list(due.order_by("enterprise_id")[:CHUNK]), ReservationStatus.LAPSED, actor=actor, at=at))


def _end(
    rows: Sequence[Reservation], status: ReservationStatus, *, actor: User, at: datetime, reason: str = ""
) -> list[Reservation]:
    for row in rows:
        check_arrow(ReservationStatus(row.status), status)
        row.status, row.ended_at, row.ended_by, row.reason = status.value, at, actor, reason
    Reservation.objects.bulk_update(rows, ["status", "ended_at", "ended_by", "reason"])
    for domain, names in _by_domain(rows).items():
        verb = f"id.{status.value.lower()}"
        audit.record(at=at, actor=actor, verb=verb, subject=f"domain:{domain}", domain=domain, new={"ids": names}, reason=reason)
    return list(rows)


def _by_domain(rows: Iterable[Reservation]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.domain, []).append(row.enterprise_id)
    return found
