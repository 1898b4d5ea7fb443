"""Sends many quarantined records in again, after a rule, a mapping or a source was mended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import audit, outbox, permissions
from mdm.actions import retrying
from mdm.actions.exchange import jobs
from mdm.actions.intake import resubmit
from mdm.errors import BadInput, Conflict, HubError
from mdm.models import Job, QuarantinedRecord, Resubmission, User
from mdm.readers.governance.sight import Sight
from mdm.readers.intake import quarantine

CHUNK = 50
"""Records that are sent in between two looks at the job."""


@transaction.atomic
def start(*, actor: User, at: datetime, reason: str, code: str = "", system: str = "", domain: str = "") -> Resubmission:
    """Begin to send in again what waits under a cause, system and domain, as far as `actor` may see it; an empty one is no limit.

    What is refused later than now is left alone. The work is a job, done in the actor's name.

    Raises:
        NotAllowed: the actor may not edit quarantine or write records, or not in this domain.
        BadInput: no limit at all was named, or no reason.
        Conflict: nothing waits there, or the same run is under way.
    """
    for verb in ("quarantine.edit", "record.write"):
        permissions.check(actor, verb, domain=domain)
    if not (code or system or domain):
        raise BadInput("Name a cause, a system or a domain: to send in everything that waits helps nobody find what is wrong.")
    if not reason.strip():
        raise BadInput("Give a reason: what was mended, so that the records are good now?")
    limits = {"code": code, "system": system, "domain": domain}
    if running := Resubmission.objects.filter(**limits, status="RUNNING").first():
        raise Conflict(f"Resubmission {running.pk} of the same records is under way.")
    rows = quarantine.filtered(quarantine.waiting(sight=Sight(actor)), **limits)
    last = rows.order_by("-id").values_list("id", flat=True).first()
    if last is None:
        raise Conflict("Nothing waits in quarantine under these limits.")
    run = Resubmission.objects.create(
        **limits, until=last, expected=rows.count(), reason=reason.strip(), started_by=actor, started_at=at
    )
    said = {**limits, "expected": run.expected}
    audit.record(
        at=at, actor=actor, verb="quarantine.resubmit", subject=f"resubmission:{run.pk}", domain=domain, new=said, reason=reason
    )
    outbox.want([outbox.Wish(kind="resubmit", key=f"resubmit:{run.pk}", subject=run.pk)], at=at)
    return run


def work_next(*, actor: User, at: datetime) -> bool:
    """Do the next few records of one waiting `resubmit` job; False when none waits.

    Each record is one commit that counts itself and notes the place, so that a killed worker loses and repeats nothing.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    claimed = jobs.claim(kind="resubmit", target="", most=1, actor=actor, at=at, seconds=600)
    for job in claimed:
        is_more = _chunk(job, at=at)
        _close(job, is_more=is_more, actor=actor, at=at)
    return bool(claimed)


def _chunk(job: Job, *, at: datetime) -> bool:
    """Send in the next few; whether more may be left."""
    run = Resubmission.objects.select_related("started_by").get(pk=job.subject or 0)
    limits = {"code": run.code, "system": run.system, "domain": run.domain}
    rows = quarantine.filtered(quarantine.waiting(sight=Sight(run.started_by)), **limits)
    listed = list(rows.filter(pk__gt=run.after, pk__lte=run.until).order_by("id").values_list("id", flat=True)[:CHUNK])
    for number in listed:
        _one(run.pk, number, at=at)
    return len(listed) == CHUNK


@retrying.on_conflict
@transaction.atomic
def _one(run_id: int, number: int, *, at: datetime) -> None:
    """Send one in and count it, in one commit."""
    run = Resubmission.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=run_id)
    if number <= run.after:
        return  # another worker, whose lease we took, was faster
    end = _end_of(number, run.started_by, at=at)
    setattr(run, end, getattr(run, end) + 1)
    run.after = number
    run.save(update_fields=[end, "after"])


def _end_of(number: int, actor: User, *, at: datetime) -> str:
    """What became of one: taken, refused again, or passed because it is closed, or not the actor's to write."""
    version = QuarantinedRecord.objects.filter(pk=number, status="OPEN").values_list("version", flat=True).first()
    if version is None:
        return "passed"
    try:
        with transaction.atomic():
            outcome = resubmit.resubmit(quarantined_id=number, seen_version=version, actor=actor, at=at)
    except HubError:
        return "passed"
    return "refused" if outcome.status == "quarantined" else "taken"


@transaction.atomic
def _close(job: Job, *, is_more: bool, actor: User, at: datetime) -> None:
    """Wish the job again while more is left, else end the run; whose lease is lost leaves that to the one who has it."""
    if not jobs.settle(job=job, failure=None, actor=actor, at=at):
        return
    if is_more:
        outbox.want([outbox.Wish(kind="resubmit", key=job.key, subject=job.subject, wanted=job.wanted + 1)], at=at)
        return
    run = Resubmission.objects.select_for_update().get(pk=job.subject or 0)
    run.status, run.ended_at = "DONE", at
    run.save(update_fields=["status", "ended_at"])
    said = {"taken": run.taken, "refused": run.refused, "passed": run.passed}
    audit.record(at=at, actor=actor, verb="quarantine.resubmitted", subject=f"resubmission:{run.pk}", domain=run.domain, new=said)
