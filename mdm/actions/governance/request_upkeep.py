"""What waiting change requests need without anybody asking: their money worked out, and an end when nobody answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from mdm import audit, permissions
from mdm.actions.exchange import jobs
from mdm.actions.governance.requesting import OPENED, said
from mdm.models import ChangeRequest, User
from mdm.readers.governance import change_requests as requests
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import money
from mdm.rules.governance.request_states import RequestStatus, check_arrow

CHUNK = 200
KEEPS = timedelta(days=1)
"""How long the money behind a request counts as known."""

WRITE = """
    UPDATE mdm_changerequest AS request SET money = fresh.money, stake = fresh.stake, weighed_at = %(at)s
    FROM unnest(%(ids)s::bigint[], %(money)s::float8[], %(stakes)s::jsonb[]) AS fresh (id, money, stake)
    WHERE request.id = fresh.id
"""


@transaction.atomic
def weigh(*, actor: User, at: datetime) -> int:
    """Write the money behind up to 200 waiting requests: new ones, and those weighed over a day ago. How many.

    Locks only rows that are free. A fixed number of queries a call.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    sight = Sight(actor)
    due = ChangeRequest.objects.filter(Q(weighed_at=None) | Q(weighed_at__lt=at - KEEPS), domain__in=sight.domains)
    rows = list(due.filter(status__in=OPENED).order_by("id").select_for_update(skip_locked=True, no_key=True)[:CHUNK])
    if rows:
        stakes = requests.stakes([(row.pk, row.golden_id) for row in rows], sight=sight)
        amounts = [float(money.largest(requests.reported(stakes.get(row.pk, {}), sight=sight))) for row in rows]
        plain = [json.dumps(requests.plain(stakes.get(row.pk, {}))) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, {"ids": [row.pk for row in rows], "money": amounts, "stakes": plain, "at": at})
    return len(rows)


def expire_next(*, actor: User, at: datetime) -> bool:
    """Take the waiting `requests` job and end what nobody answered in time; False when there is no job.

    Many small commits; one that was killed is simply done again.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    claimed = jobs.claim(kind="requests", target="", most=1, actor=actor, at=at, seconds=600)
    for job in claimed:
        while expire(actor=actor, at=at):
            jobs.renew(jobs=claimed, actor=actor, at=at, seconds=600)
        jobs.settle(job=job, failure=None, actor=actor, at=at)
    return bool(claimed)


@transaction.atomic
def expire(*, actor: User, at: datetime) -> int:
    """End up to 200 requests whose time is over; returns how many. Passes over rows that somebody decides on at this moment.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    due = ChangeRequest.objects.filter(status__in=OPENED, expires_at__lte=at).order_by("expires_at", "id")
    rows = list(due.select_for_update(skip_locked=True, no_key=True)[:CHUNK])
    for row in rows:
        check_arrow(RequestStatus(row.status), RequestStatus.EXPIRED)
        row.status, row.version = RequestStatus.EXPIRED.value, row.version + 1
        row.closed_by, row.closed_at = actor, at
    ChangeRequest.objects.bulk_update(rows, ["status", "version", "closed_by", "closed_at"])
    if rows:
        facts = [audit.Fact(f"change_request:{row.pk}", row.domain, new=said(row)) for row in rows]
        audit.record_all(facts, at=at, actor=actor, verb="request.expire")
    return len(rows)
