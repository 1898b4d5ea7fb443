"""Change requests: the queue with the money behind them, and one with what was said about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from mdm import permissions
from mdm.errors import BadInput, NotFound
from mdm.models import ChangeRequest, RequestComment, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.golden import blast_radius
from mdm.readers.golden.blast_radius import Attached
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import money
from mdm.rules.governance.money import Sums
from mdm.rules.governance.ownership import Requests
from mdm.rules.governance.request_states import WAITING, RequestKind, RequestStatus

PAGE = 50
OPENED = [status.value for status in WAITING]

Stake = Mapping[str, Mapping[str, Decimal]]
"""Money by domain and currency."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests: every empty text is no limit. `status`: WAITING for those that wait, or one state."""

    domain: str = ""
    kind: str = ""
    status: str = "WAITING"


@dataclass(frozen=True, slots=True)
class Row:
    """One request as the viewer may see it. `old`: what is golden, or was when it closed. `who`: the system or person that asks;
    `native_id`: of that system's record.

    `money`: what hangs on the record, as last weighed.
    """

    id: int
    version: int
    kind: str
    status: str
    domain: str
    domain_title: str
    enterprise_id: str
    label: str
    attribute: str
    title: str
    old: Any
    new: Any
    is_masked: bool
    system: str
    chip: str
    native_id: str
    who: str
    reason: str
    asked_at: Any
    expires_at: Any
    answer: str
    closed_by: str
    closed_at: Any
    first_by: str
    first_at: Any
    money: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the request after which the following page begins, None on the last one."""

    rows: tuple[Row, ...]
    next: int | None
    total: Count


@dataclass(frozen=True, slots=True)
class One:
    """One request with its comments. `why_second`: why two people have to approve, empty where one is enough.

    `bars_approval`: why this viewer cannot approve it, empty where they can. `may_withdraw`: it is theirs to take back.
    """

    row: Row
    comments: tuple[RequestComment, ...]
    why_second: str
    bars_approval: str
    may_decide: bool
    may_withdraw: bool


def seen(wanted: Wanted, *, sight: Sight) -> QuerySet[ChangeRequest]:
    """Requests within the viewer's domains and regions."""
    rows = ChangeRequest.objects.filter(sight.in_domains())
    rows = rows.filter(golden__regions__overlap=sight.viewer.regions) if sight.viewer.regions else rows
    rows = rows.filter(domain=wanted.domain) if wanted.domain else rows
    rows = rows.filter(kind=wanted.kind) if wanted.kind else rows
    return rows.filter(status__in=OPENED) if wanted.status == "WAITING" else rows.filter(status=wanted.status)


def page(wanted: Wanted, *, viewer: User, after: int = 0, limit: int = PAGE) -> Page:
    """Requests, those with most money behind them first; a fixed number of queries. `after`: `next` of the page before.

    Raises:
        BadInput: there is no request of that number.
    """
    sight = Sight(viewer)
    rows = seen(wanted, sight=sight)
    total = counting.up_to(rows)
    listed = list(_whole(_after(rows, after)).order_by("-money", "id")[: limit + 1])
    return Page(tuple(_row(row, sight) for row in listed[:limit]), listed[limit - 1].pk if len(listed) > limit else None, total)


def _after(rows: QuerySet[ChangeRequest], place: int) -> QuerySet[ChangeRequest]:
    """The rows that follow `place` in the order of the queue."""
    if not place:
        return rows
    money = ChangeRequest.objects.filter(pk=place).values_list("money", flat=True).first()
    if money is None:
        raise BadInput("That is no place among the change requests; start from the first page.")
    return rows.filter(Q(money__lt=money) | Q(money=money, pk__gt=place))


def following(request_id: int, *, viewer: User) -> int | None:
    """The next request that waits for this viewer's word, in the order of the queue, from its start again after its end."""
    mine = Q(kind=RequestKind.PERSON.value, asked_by=viewer) | Q(status=RequestStatus.APPROVED.value, first_by=viewer)
    rows = seen(Wanted(), sight=Sight(viewer)).exclude(mine).exclude(pk=request_id).order_by("-money", "id")
    found = _after(rows, request_id).values_list("pk", flat=True).first()
    return found or rows.values_list("pk", flat=True).first()


def of_golden(golden_id: int, *, viewer: User) -> tuple[Row, ...]:
    """What waits for one golden record, oldest first; one query and those of the viewer's sight."""
    sight = Sight(viewer)
    rows = _whole(ChangeRequest.objects.filter(golden=golden_id, status__in=OPENED)).order_by("id")[:PAGE]
    return tuple(_row(row, sight) for row in rows)


def within(request_id: int, *, viewer: User) -> ChangeRequest:
    """One request, waiting or closed.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    sight = Sight(viewer)
    rows = ChangeRequest.objects.filter(sight.in_domains(), pk=request_id)
    rows = rows.filter(golden__regions__overlap=viewer.regions) if viewer.regions else rows
    row = _whole(rows).first()
    if row is None:
        raise NotFound(f"There is no change request {request_id}.")
    return row


def one(request_id: int, *, viewer: User) -> One:
    """One request with its comments, and what the viewer may do about it; a fixed number of queries.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    sight = Sight(viewer)
    found = within(request_id, viewer=viewer)
    row, is_open = _row(found, sight), found.status in OPENED
    may_decide = is_open and permissions.can(viewer, "request.decide", domain=found.domain) and not row.is_masked
    is_theirs = found.kind == RequestKind.PERSON.value and found.asked_by_id == viewer.pk
    may_end = may_decide if found.kind == RequestKind.CONTEST.value else is_theirs
    return One(
        row=row,
        comments=tuple(found.comments.select_related("author").order_by("id")),
        why_second=why_second(found) if is_open else "",
        bars_approval=_bar(found, viewer, is_theirs=is_theirs),
        may_decide=may_decide,
        may_withdraw=is_open and may_end and permissions.can(viewer, "request.ask", domain=found.domain),
    )


def why_second(row: ChangeRequest) -> str:
    """Why two people have to approve this, as things stand now; empty where one is enough. Counts money nobody may be shown."""
    sight = Sight(permissions.machine())
    spec = sight.spec(row.domain)
    limits = (spec.change_requests or Requests()).second_person
    found = stakes([(row.pk, row.golden_id)], sight=sight).get(row.pk, {}) if limits.money is not None else {}
    amount = money.largest(reported(found, sight=sight))
    return limits.why(money=amount, sensitivity=spec.attribute(row.attribute).sensitivity, criticality=spec.criticality)


def stakes(roots: Collection[tuple[int, int]], *, sight: Sight) -> dict[int, dict[str, dict[str, Decimal]]]:
    """The money behind requests, (request, golden record) each; one query."""
    return blast_radius.attached(roots, sight=sight)


def reported(stake: Stake, *, sight: Sight) -> Sums:
    """All of it in the reporting currency, where there is one."""
    return money.converted(money.added(*stake.values()), blast_radius.reporting_of(sight))


def plain(stake: Stake) -> dict[str, dict[str, str]]:
    """The same as JSON keeps it."""
    return {domain: {code: format(amount, "f") for code, amount in by.items()} for domain, by in stake.items()}


def _bar(row: ChangeRequest, viewer: User, *, is_theirs: bool) -> str:
    if is_theirs:
        return "You asked for this yourself; somebody else has to approve it."
    if row.status == RequestStatus.APPROVED.value and row.first_by_id == viewer.pk:
        return "You approved this; a second person has to."
    return ""


def _whole(rows: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    return rows.select_related("golden", "asked_by", "closed_by", "first_by").annotate(native=F("record__native_id"))


def _row(row: ChangeRequest, sight: Sight) -> Row:
    domain, spec = row.domain, sight.spec(row.domain)
    system = sight.systems.get(row.system)
    is_open = row.status in OPENED
    old = row.golden.values.get(row.attribute) if is_open else row.old_value
    return Row(
        id=row.pk,
        version=row.version,
        kind=row.kind,
        status=row.status,
        domain=domain,
        domain_title=spec.title,
        enterprise_id=row.golden.enterprise_id,
        label=sight.label(row.golden),
        attribute=row.attribute,
        title=sight.titles(domain).get(row.attribute, row.attribute),
        old=sight.shown(domain, row.attribute, old),
        new=sight.shown(domain, row.attribute, row.value),
        is_masked=row.attribute in sight.hidden(domain),
        system=row.system,
        chip=system.chip if system else "",
        native_id=getattr(row, "native", None) or "",
        who=_who(row, system.title if system else row.system),
        reason=row.reason,
        asked_at=row.asked_at,
        expires_at=row.expires_at if is_open else None,
        answer=row.answer,
        closed_by=_name(row.closed_by),
        closed_at=row.closed_at,
        first_by=_name(row.first_by),
        first_at=row.first_at,
        money=_money(row, sight),
    )


def _who(row: ChangeRequest, system: str) -> str:
    return system if row.kind != RequestKind.PERSON.value else _name(row.asked_by)


def _name(user: User | None) -> str:
    return (user.title or user.name) if user else ""


def _money(row: ChangeRequest, sight: Sight) -> tuple[Attached, ...]:
    """The money as last weighed; of a domain whose money the viewer may not see, only that there is some."""
    found = []
    for domain, sums in sorted((row.stake or {}).items()):
        if domain not in sight.domains:
            continue
        declared, is_hidden = sight.spec(domain).money, blast_radius.is_hidden(domain, sight=sight)
        if declared is not None:
            told = {} if is_hidden else {code: Decimal(amount) for code, amount in sums.items()}
            found.append(Attached(domain, declared.title, told, is_masked=is_hidden))
    return tuple(found)
