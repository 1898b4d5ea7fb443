"""Change requests: asked, discussed, approved by one person or two, refused, taken back.

What is approved is pinned in the approver's name, with a reason that names the request: nothing else beats what a system says,
and it can be released and undone like any pinned value.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from mdm import audit, permissions
from mdm.actions import retrying
from mdm.actions.golden import overrides, pinning
from mdm.actions.governance.requesting import OPENED, expires_at, said, value_hash
from mdm.engine import releases
from mdm.engine.people import pinned
from mdm.errors import BadInput, Conflict, NotAllowed, StaleVersion
from mdm.models import ChangeRequest, Golden, RequestComment, User
from mdm.readers.governance import change_requests as requests
from mdm.rules.golden import enterprise_id as ids
from mdm.rules.governance import roles
from mdm.rules.governance.request_states import RequestKind, RequestStatus, check_arrow
from mdm.rules.intake import limits


@retrying.on_conflict
@transaction.atomic
def ask(*, enterprise_id: str, attribute: str, value: Any, reason: str, actor: User, at: datetime) -> ChangeRequest:
    """Ask for another golden value; None asks that there be none.

    Raises:
        NotAllowed: the actor may not ask, or does not see this attribute.
        NotFound: there is no such golden record or attribute.
        Conflict: it is not live, has this value already, or somebody asks for it already.
        BadInput: the value fails its checks, or the reason is missing.
    """
    _check_text(reason, "A change request needs a reason; who decides on it wants to know why.")
    golden = pinning.hold(ids.parse(enterprise_id), "request.ask", actor=actor, at=at)
    _check_live(golden)
    _check_value(attribute, value)
    release = releases.current(golden.domain)
    cleaned = pinned.clean(release, golden, attribute, value, role=actor.role, at=at)
    wanted = value_hash(cleaned)
    if value_hash(golden.values.get(attribute)) == wanted:
        raise Conflict(f"{release.spec.attribute(attribute).title} of {golden.enterprise_id} is this already.")
    waiting = ChangeRequest.objects.filter(golden=golden, attribute=attribute, value_hash=wanted, status__in=OPENED)
    if found := waiting.exclude(kind=RequestKind.CONTEST.value).first():
        raise Conflict(f"Change request {found.pk} asks for this already; comment there.")
    row = ChangeRequest.objects.create(
        domain=golden.domain,
        golden=golden,
        kind=RequestKind.PERSON.value,
        attribute=attribute,
        value=cleaned,
        value_hash=wanted,
        old_value=golden.values.get(attribute),
        reason=reason,
        asked_by=actor,
        asked_at=at,
        expires_at=expires_at(release, at),
    )
    _note(row, "request.ask", actor=actor, at=at, reason=reason)
    return row


@retrying.on_conflict
@transaction.atomic
def approve(*, request_id: int, seen_version: int, actor: User, at: datetime, reason: str = "") -> ChangeRequest:
    """Say yes: the value becomes golden, or waits for a second person where the domain's limits ask for one.

    Raises:
        NotAllowed: the actor may not decide, asked for it, or is the first person already.
        NotFound: there is no such request within the actor's confines.
        StaleVersion: it changed, or what it would replace did, after the page was drawn.
        IllegalTransition: it is closed.
        BadInput: the value fails its checks by now.
    """
    row, golden = _hold(request_id, seen_version, "request.decide", actor=actor, at=at)
    if row.kind == RequestKind.PERSON.value and row.asked_by_id == actor.pk:
        raise NotAllowed("You asked for this yourself; somebody else has to approve it.")
    if row.status == RequestStatus.APPROVED.value and row.first_by_id == actor.pk:
        raise NotAllowed("You approved this already; a second person has to.")
    if row.status != RequestStatus.APPROVED.value:
        check_arrow(RequestStatus(row.status), RequestStatus.APPROVED)
        row.status, row.first_by, row.first_at = RequestStatus.APPROVED.value, actor, at
        if requests.why_second(row):
            row.version += 1
            row.save(update_fields=["status", "first_by", "first_at", "version"])
            _note(row, "request.approve", actor=actor, at=at, reason=reason)
            return row
    _close(row, RequestStatus.APPLIED, actor=actor, at=at, answer=reason)
    row.override = overrides.pin(
        enterprise_id=golden.enterprise_id,
        attribute=row.attribute,
        value=row.value,
        seen_version=golden.version,
        actor=actor,
        at=at,
        reason=f"Change request {row.pk}{f': {reason}' if reason else ''}",
    )
    row.save(update_fields=["override"])
    return row


@retrying.on_conflict
@transaction.atomic
def refuse(*, request_id: int, seen_version: int, actor: User, at: datetime, reason: str) -> ChangeRequest:
    """Say no; the same value of the same system does not ask again. Of a contest: the frozen value stays, in a person's name.

    Raises:
        As `approve`; BadInput: the reason is missing.
    """
    _check_text(reason, "A refusal needs a reason; who asked wants to know why.")
    row, _ = _hold(request_id, seen_version, "request.decide", actor=actor, at=at)
    _close(row, RequestStatus.REFUSED, actor=actor, at=at, answer=reason)
    return row


@retrying.on_conflict
@transaction.atomic
def withdraw(*, request_id: int, seen_version: int, actor: User, at: datetime, reason: str = "") -> ChangeRequest:
    """Take back what one asked for. Of a contest: end the freeze, so that the rules decide again; whoever decides may.

    Raises:
        As `approve`; NotAllowed: somebody else asked; Conflict: a system asks, as long as it says so.
    """
    row, golden = _hold(request_id, seen_version, "request.ask", actor=actor, at=at)
    if row.kind == RequestKind.SYSTEM.value:
        raise Conflict("A system asks for this for as long as it says so; refuse it instead.")
    if row.kind == RequestKind.PERSON.value and row.asked_by_id != actor.pk:
        raise NotAllowed("Only who asked takes a request back; refuse it instead.")
    if row.kind == RequestKind.CONTEST.value:
        permissions.check(actor, "request.decide", domain=golden.domain)
    _close(row, RequestStatus.WITHDRAWN, actor=actor, at=at, answer=reason)
    if row.kind == RequestKind.CONTEST.value and row.override_id is not None:
        overrides.release(override_id=row.override_id, actor=actor, at=at, reason=reason)
    return row


@transaction.atomic
def comment(*, request_id: int, text: str, actor: User, at: datetime) -> RequestComment:
    """Say something about a request, waiting or closed.

    Raises:
        NotAllowed: the actor may not ask for changes.
        NotFound: there is no such request within the actor's confines.
        BadInput: nothing was said.
    """
    _check_text(text, "A comment needs words.")
    row = requests.within(request_id, viewer=actor)
    permissions.check(actor, "request.ask", domain=row.domain)
    found = RequestComment.objects.create(request=row, author=actor, at=at, text=text)
    audit.record(
        at=at, actor=actor, verb="request.comment", subject=f"change_request:{row.pk}", domain=row.domain, new={"comment": text}
    )
    return found


def _hold(request_id: int, seen_version: int, verb: str, *, actor: User, at: datetime) -> tuple[ChangeRequest, Golden]:
    """A waiting request and its golden record, both locked, as far as the actor may touch them."""
    found = requests.within(request_id, viewer=actor)
    golden = pinning.hold(found.golden.enterprise_id, verb, actor=actor, at=at)
    row = ChangeRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    if row.version != seen_version or row.golden_id != golden.pk:
        raise StaleVersion("This request changed while you were reading it, or what it would replace did.")
    declared = releases.current(golden.domain).spec.attribute(row.attribute)
    if not roles.sees(roles.Role(actor.role), declared.sensitivity):
        raise NotAllowed(f"Your role ({actor.role.lower()}) does not see {declared.title}, so that it cannot decide on it.")
    return row, golden


def _close(row: ChangeRequest, status: RequestStatus, *, actor: User, at: datetime, answer: str) -> None:
    check_arrow(RequestStatus(row.status), status)
    row.status, row.version, row.answer, row.closed_by, row.closed_at = status.value, row.version + 1, answer, actor, at
    row.save(update_fields=["status", "version", "answer", "closed_by", "closed_at", "first_by", "first_at"])
    _note(row, f"request.{VERBS[status]}", actor=actor, at=at, reason=answer)


VERBS = {RequestStatus.APPLIED: "apply", RequestStatus.REFUSED: "refuse", RequestStatus.WITHDRAWN: "withdraw"}


def _note(row: ChangeRequest, verb: str, *, actor: User, at: datetime, reason: str) -> None:
    subject, old = f"change_request:{row.pk}", {"value": row.old_value}
    audit.record(at=at, actor=actor, verb=verb, subject=subject, domain=row.domain, old=old, new=said(row), reason=reason)


def _check_live(golden: Golden) -> None:
    if golden.status != "LIVE":
        follows = f" into {', '.join(golden.successors)}" if golden.successors else ""
        raise Conflict(f"{golden.enterprise_id} is {golden.status.lower()}{follows}.")


def _check_value(attribute: str, value: Any) -> None:
    """Refuse what no attribute can be, before anything tries to read it."""
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, dict | list) for part in parts):
        raise BadInput(f"{attribute} cannot be {'an object' if isinstance(value, dict) else 'a list of lists or objects'}.")
    if problems := limits.check_payload({attribute: value}):
        raise BadInput(problems[0]["message"], problems=problems[:1])


def _check_text(text: str, complaint: str) -> None:
    if not text.strip():
        raise BadInput(complaint)
