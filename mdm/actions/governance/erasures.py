"""Erasure of a natural person's data: asked for by one person, confirmed by another, done as a job."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from mdm import audit, outbox, permissions
from mdm.actions.exchange import jobs
from mdm.actions.governance import removal
from mdm.errors import BadInput, Conflict, NotAllowed
from mdm.models import Erasure, Job, Suppression, User
from mdm.readers.governance import erasures as reader
from mdm.readers.governance import personal
from mdm.rules.governance.privacy.erasure_states import ErasureStatus, check_arrow

CHUNK = 50_000
"""Entries of the audit trail that one transaction goes through."""


@transaction.atomic
def request(*, enterprise_id: str, reason: str, actor: User, at: datetime) -> Erasure:
    """Ask for the erasure of the person behind an enterprise ID; nothing happens before another person confirms it.

    Raises:
        NotAllowed: the actor may not ask for erasures, not in this domain or region, or is no person.
        BadInput: no reason.
        NotFound, Conflict: as `readers.governance.erasures.scope`; or it was asked for already.
    """
    _check_person(actor, "erasure.request")
    if not reason.strip():
        raise BadInput("Give a reason, without naming the person: it stays in the certificate.")
    scope = reader.scope(enterprise_id, viewer=actor)
    permissions.check(actor, "erasure.request", domain=scope.golden.domain)
    permissions.check_region(actor, scope.golden.regions)
    open_ones = Erasure.objects.filter(enterprise_ids__overlap=scope.names, status__in=["REQUESTED", "CONFIRMED"])
    if waiting := open_ones.first():
        raise Conflict(f"Erasure {waiting.certificate} of the same person is under way.")
    row = Erasure.objects.create(
        domain=scope.golden.domain,
        regions=scope.golden.regions,
        enterprise_ids=[scope.golden.enterprise_id],
        reason=reason.strip(),
        requested_by=actor,
        requested_at=at,
    )
    _note(row, "erasure.request", actor=actor, at=at)
    return row


@transaction.atomic
def confirm(*, erasure_id: int, actor: User, at: datetime) -> Erasure:
    """Agree to an erasure that somebody else asked for; from here on it is done, whatever happens.

    Raises:
        NotAllowed: the actor may not confirm erasures, is no person, or asked for this one.
        NotFound: there is none, or it lies outside the actor's confines.
        IllegalTransition: it is confirmed, done or cancelled already.
        Conflict: the person was split or erased since.
    """
    row = _locked(erasure_id, ErasureStatus.CONFIRMED, verb="erasure.confirm", actor=actor)
    if row.requested_by_id == actor.pk:
        raise NotAllowed("Somebody else has to confirm what you asked for.")
    reader.scope(row.enterprise_ids[0], viewer=actor)
    row.status, row.confirmed_by, row.confirmed_at = ErasureStatus.CONFIRMED.value, actor, at
    row.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    _note(row, "erasure.confirm", actor=actor, at=at)
    outbox.want([outbox.Wish(kind="erase", key=f"erase:{row.pk}", subject=row.pk)], at=at)
    return row


@transaction.atomic
def cancel(*, erasure_id: int, actor: User, at: datetime) -> Erasure:
    """Give up an erasure that nobody has confirmed yet.

    Raises:
        as `confirm`, but whoever asked for it may cancel it too.
    """
    row = _locked(erasure_id, ErasureStatus.CANCELLED, verb="erasure.request", actor=actor)
    row.status, row.ended_at = ErasureStatus.CANCELLED.value, at
    row.save(update_fields=["status", "ended_at"])
    _note(row, "erasure.cancel", actor=actor, at=at)
    return row


@transaction.atomic
def lift(*, erasure_id: int, reason: str, actor: User, at: datetime) -> int:
    """Let the keys of an erased person come in again: it is a customer anew. How many; what was erased stays erased.

    Raises:
        NotAllowed: the actor may not confirm erasures, or is no person.
        NotFound: there is none, or it lies outside the actor's confines.
        BadInput: no reason.
        Conflict: it is not done, or nothing is suppressed any more.
    """
    _check_person(actor, "erasure.confirm")
    if not reason.strip():
        raise BadInput("Give a reason, without naming the person.")
    row = reader.one(erasure_id, viewer=actor)
    count = Suppression.objects.filter(erasure=row, lifted_at=None).update(lifted_at=at)
    if not count:
        raise Conflict(f"Nothing is suppressed by {row.certificate}.")
    _note(row, "erasure.lift", actor=actor, at=at, reason=reason.strip(), new={"keys": count})
    return count


def _locked(erasure_id: int, status: ErasureStatus, *, verb: str, actor: User) -> Erasure:
    _check_person(actor, verb)
    reader.one(erasure_id, viewer=actor)
    row = Erasure.objects.select_for_update().get(pk=erasure_id)
    check_arrow(ErasureStatus(row.status), status)
    return row


def _check_person(actor: User, verb: str) -> None:
    permissions.check(actor, verb)
    if actor.kind != "person":
        raise NotAllowed(f"{actor.name} is no person; erasures are asked for and confirmed by people.")


def _note(row: Erasure, verb: str, *, actor: User, at: datetime, reason: str = "", new: Any = None) -> None:
    subject, said = f"erasure:{row.pk}", {"enterprise_ids": row.enterprise_ids} if new is None else new
    audit.record(at=at, actor=actor, verb=verb, subject=subject, domain=row.domain, new=said, reason=reason or row.reason)


@dataclass(frozen=True, slots=True)
class Place:
    """How far an erasure has come: the last entry of the trail that was gone through, and what was emptied so far."""

    after: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def erase_next(*, actor: User, at: datetime) -> bool:
    """Do the next step of one waiting `erase` job; False when none waits.

    First the audit trail, chunk by chunk; then everything else in one commit, with what came into the trail meanwhile. So the
    keys that it is searched for never have to be kept aside, and a killed worker repeats what it did not commit. Who was merged
    since it was asked for goes with the survivor; one that was split since makes a dead letter.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="erase", target="", act=partial(_step, actor=actor, at=at), actor=actor, at=at, seconds=600)


def _step(job: Job, *, actor: User, at: datetime) -> None:
    row = Erasure.objects.select_for_update().get(pk=job.subject or 0)
    if row.status != ErasureStatus.CONFIRMED.value:
        return
    place = Place(**job.payload)
    scope = reader.scope(row.enterprise_ids[0], viewer=actor)
    until = reader.entry_behind(place.after, count=CHUNK)
    counts = Counter(place.counts)
    if until:
        said = reader.terms(scope) | {"after": place.after, "until": until}
        counts[personal.TRAIL.title] += _empty([personal.TRAIL], said)[personal.TRAIL.title]
        following = json.dumps(asdict(Place(until, dict(counts))))
        wish = outbox.Wish(kind="erase", key=job.key, subject=job.subject, wanted=job.wanted + 1, payload=following)
        outbox.want([wish], at=at)
        return
    said = reader.terms(scope)
    subjects = said["subjects"]  # ending it removes keys and pairs, whose entries are still to be found
    counts.update(reader.counted([personal.KEYS, personal.PAIRS], said))
    scope = removal.end(scope, actor=actor, at=at)
    said = reader.terms(scope) | {"after": place.after, "at": at, "actor": row.confirmed_by_id}
    said["subjects"] = sorted({*subjects, *said["subjects"]})
    removal.suppress(scope, erasure=row)
    pointing = reader.pointing(scope)
    counts.update(_empty(personal.EVERY_PLACE, said))
    row.counts = {name: counts[name] for name in (one.title for one in personal.EVERY_PLACE)}
    row.enterprise_ids, row.systems, row.pointing = scope.names, scope.systems, pointing
    row.status, row.ended_at = ErasureStatus.DONE.value, at
    row.save()
    _note(row, "erasure.done", actor=actor, at=at, new={"counts": row.counts, "enterprise_ids": row.enterprise_ids})


def _empty(places: Sequence[personal.Place], said: dict[str, Any]) -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for place in places:
            cursor.execute(place.act, said)
            counts[place.title] = cursor.rowcount
    return counts
