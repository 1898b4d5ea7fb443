"""Proposed releases: what would change is known before it happens, and a second person lets it happen."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from mdm import audit, outbox, permissions
from mdm.actions.exchange import jobs
from mdm.actions.governance import releases as releasing
from mdm.engine import releases
from mdm.engine.releases import Said
from mdm.errors import BadInput, Conflict, NotAllowed, NotFound
from mdm.models import DomainRelease, Job, ReleaseProposal, User
from mdm.readers.governance.releasing import plan as planning
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.releasing.release_limits import Limits, exceeded
from mdm.rules.governance.releasing.release_states import ReleaseStatus, check_arrow


@transaction.atomic
def propose(*, spec: DomainSpec, reason: str, actor: User, at: datetime) -> ReleaseProposal:
    """Ask for `spec`, with the match model it names, to become the next release; a job works out what that would do.

    Raises:
        NotAllowed: the actor may not plan releases of this domain.
        NotFound: the domain was never released.
        BadConfiguration: the declaration and the match model do not fit.
        BadInput: there is no reason; another prefix; a relation to a domain that was never released.
        Conflict: nothing differs from the present release, or another proposal waits.
    """
    permissions.check(actor, "release.plan", domain=spec.name)
    present = releases.current(spec.name)
    if spec.prefix != present.spec.prefix:
        raise BadInput(f"prefix {spec.prefix!r} is not {present.spec.prefix!r}, which enterprise IDs carry for ever; leave it.")
    if unknown := sorted({relation.domain for relation in spec.relations} - {*releases.domains()}):
        raise BadInput(f"relations name {', '.join(unknown)}, which no release declares; release it first, or mend the name.")
    return _propose(spec.name, releases.said_by(spec), present.number, reason=reason, actor=actor, at=at, returns_to=None)


@transaction.atomic
def roll_back(*, domain: str, to: int, reason: str, actor: User, at: datetime) -> ReleaseProposal:
    """Ask for the former release `to` to count again, as a new number: planned, decided and carried out like any other.

    Raises:
        NotAllowed: the actor may not plan releases of this domain.
        NotFound: there is no such domain or release.
        BadInput: there is no reason.
        Conflict: it is what counts now, or another proposal waits.
    """
    permissions.check(actor, "release.plan", domain=domain)
    present = releases.current(domain)
    row = DomainRelease.objects.filter(domain=domain, number=to).first()
    if row is None:
        raise NotFound(f"Domain {domain!r} has no release {to}; the last one is {present.number}.")
    return _propose(domain, (row.spec, row.model), present.number, reason=reason, actor=actor, at=at, returns_to=to)


def _propose(
    domain: str, said: Said, base: int, *, reason: str, actor: User, at: datetime, returns_to: int | None
) -> ReleaseProposal:
    if not reason.strip():
        raise BadInput("reason is missing; say in a sentence why the rules should change.")
    if DomainRelease.objects.get(domain=domain, number=base).content_hash == releases.digest(said):
        raise Conflict(f"Release {base} of {domain} says the same; nothing would change.")
    try:
        with transaction.atomic():
            row = ReleaseProposal.objects.create(
                domain=domain,
                spec=said[0],
                model=said[1],
                content_hash=releases.digest(said),
                reason=reason.strip(),
                proposed_by=actor,
                proposed_at=at,
                base=base,
                returns_to=returns_to,
            )
    except IntegrityError:
        raise Conflict(f"Another release of {domain} is proposed already; let it be decided first.") from None
    outbox.want([_wish(row, at)], at=at)
    audit.record(
        at=at,
        actor=actor,
        verb="release.propose",
        subject=f"proposal:{row.pk}",
        domain=domain,
        reason=row.reason,
        new={"base": base, "returns_to": returns_to, "content": row.content_hash},
    )
    return row


def _wish(row: ReleaseProposal, at: datetime) -> outbox.Wish:
    return outbox.Wish(kind="plan", key=str(row.pk), subject=row.pk, wanted=int(at.timestamp() * 1_000))


def plan_next(*, actor: User, at: datetime) -> bool:
    """Take one waiting `plan` job and do it; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="plan", target="", act=partial(_plan, actor=actor, at=at), actor=actor, at=at, seconds=3_600)


def _plan(job: Job, *, actor: User, at: datetime) -> None:
    waits = ReleaseProposal.objects.filter(pk=job.subject or 0, status=ReleaseStatus.PLANNING.value).exists()
    try:
        if waits:
            plan(proposal_id=job.subject or 0, actor=actor, at=at)
    except BadInput as error:  # it never will be planned: said to whoever proposed it, and not tried again
        refuse(proposal_id=job.subject or 0, actor=actor, at=at, reason=error.message)


@transaction.atomic
def plan(*, proposal_id: int, actor: User, at: datetime, told: planning.Stage_ = planning.silent) -> ReleaseProposal:
    """Work out what a proposal would do now, against the release that counts now; also again, when others have come since.

    Raises:
        NotAllowed: the actor may not plan releases of this domain.
        NotFound: there is no such proposal.
        IllegalTransition: it is decided.
        BadInput: a match key would be shared by far too many records.
    """
    row = _held(proposal_id, "release.plan", actor=actor)
    if row.status == ReleaseStatus.PROPOSED:
        _turn(row, ReleaseStatus.PLANNING)
    base = releases.current(row.domain).number
    row.plan = planning.plan(row.domain, (row.spec, row.model), number=base + 1, at=at, told=told)
    row.base, row.planned_at = base, at
    _turn(row, ReleaseStatus.PROPOSED)
    row.save()
    shown = {name: row.plan[name] for name in ("stages", "records", "pairs", "goldens", "ids", "decisions", "targets")}
    audit.record(at=at, actor=actor, verb="release.plan", subject=f"proposal:{row.pk}", domain=row.domain, new=shown)
    return row


@transaction.atomic
def plan_again(*, proposal_id: int, actor: User, at: datetime) -> ReleaseProposal:
    """Let a job work out anew what a proposal would do: others have come since, or much came in.

    Raises:
        NotAllowed: the actor may not plan releases of this domain.
        NotFound: there is no such proposal.
        IllegalTransition: it has no plan yet, or is decided.
    """
    row = _held(proposal_id, "release.plan", actor=actor)
    _turn(row, ReleaseStatus.PLANNING)
    row.save(update_fields=["status"])
    outbox.want([_wish(row, at)], at=at, again=True)
    audit.record(at=at, actor=actor, verb="release.plan_again", subject=f"proposal:{row.pk}", domain=row.domain)
    return row


@transaction.atomic
def approve(*, proposal_id: int, actor: User, at: datetime, reason: str = "", force: bool = False) -> ReleaseProposal:
    """Release what was proposed: everybody works by it from now on, and a job brings over what is stored.

    `force`: although it lies above the domain's limits; that takes a reason.

    Raises:
        NotAllowed: the actor may not publish releases of this domain, or proposed this one.
        NotFound: there is no such proposal.
        IllegalTransition: it has no plan yet, or is decided.
        Conflict: another release came in since it was planned; or it lies above the limits.
        BadInput: it is forced without a reason.
    """
    row = _held(proposal_id, "release.publish", actor=actor)
    check_arrow(ReleaseStatus(row.status), ReleaseStatus.RUNNING)
    if row.proposed_by_id == actor.pk:
        raise NotAllowed("You proposed this release; somebody else has to approve it.")
    present = releases.current(row.domain)
    if present.number != row.base:
        raise Conflict(f"Release {present.number} came in since this was planned against release {row.base}; plan it again.")
    above = exceeded(present.spec.release_limits or Limits(), row.plan or {})
    if above and not force:
        raise Conflict(" ".join([*above, "Force it with a reason, or propose less."]))
    if force and not reason.strip():
        raise BadInput("reason is missing; say why this may go above the limits.")
    said = (row.spec, row.model)
    released = releasing.put(domain=row.domain, said=said, actor=actor, at=at, reason=reason, returns_to=row.returns_to)
    if released is None:
        raise Conflict(f"Release {present.number} of {row.domain} says the same; nothing would change.")
    _end_former(row)
    _decide(row, ReleaseStatus.RUNNING, actor=actor, at=at, reason=reason)
    row.number, row.is_forced = released.number, bool(above)
    if released.settled_at is not None:
        _turn(row, ReleaseStatus.RELEASED)
    row.save()
    new = {"number": row.number, "forced": row.is_forced, "above": above}
    audit.record(
        at=at, actor=actor, verb="release.approve", subject=f"proposal:{row.pk}", domain=row.domain, reason=reason, new=new
    )
    return row


@transaction.atomic
def refuse(*, proposal_id: int, actor: User, at: datetime, reason: str) -> ReleaseProposal:
    """Say no to a proposal; whoever proposed it may take it back.

    Raises:
        NotAllowed: the actor may neither publish releases of this domain nor proposed it.
        NotFound: there is no such proposal.
        IllegalTransition: it is decided.
        BadInput: there is no reason.
    """
    row = _held(proposal_id, "release.plan", actor=actor)
    if row.proposed_by_id != actor.pk:
        permissions.check(actor, "release.publish", domain=row.domain)
    if not reason.strip():
        raise BadInput("reason is missing; say why not.")
    _decide(row, ReleaseStatus.REFUSED, actor=actor, at=at, reason=reason)
    row.save()
    audit.record(at=at, actor=actor, verb="release.refuse", subject=f"proposal:{row.pk}", domain=row.domain, reason=reason)
    return row


def _held(proposal_id: int, verb: str, *, actor: User) -> ReleaseProposal:
    """The proposal, its row locked."""
    permissions.check(actor, verb)
    row = ReleaseProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(f"There is no proposed release {proposal_id}.")
    permissions.check(actor, verb, domain=row.domain)
    return row


def _turn(row: ReleaseProposal, status: ReleaseStatus) -> None:
    check_arrow(ReleaseStatus(row.status), status)
    row.status = status.value


def _decide(row: ReleaseProposal, status: ReleaseStatus, *, actor: User, at: datetime, reason: str) -> None:
    _turn(row, status)
    row.decided_by, row.decided_at, row.answer = actor, at, reason.strip()


def _end_former(row: ReleaseProposal) -> None:
    """The release that counted until now gave way; whatever lies behind a release that comes back was rolled back."""
    open_ones = [ReleaseStatus.RUNNING.value, ReleaseStatus.RELEASED.value]
    for former in ReleaseProposal.objects.select_for_update().filter(domain=row.domain, status__in=open_ones).order_by("id"):
        is_undone = row.returns_to is not None and former.number is not None and former.number > row.returns_to
        _turn(former, ReleaseStatus.ROLLED_BACK if is_undone else ReleaseStatus.REPLACED)
        former.save(update_fields=["status"])
