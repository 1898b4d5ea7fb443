"""The order of the queues: what it costs, on average, to leave a pair unanswered; the money behind change requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q

from mdm import permissions
from mdm.actions.exchange import jobs
from mdm.actions.governance import request_upkeep
from mdm.models import Crosswalk, MatchPair, User
from mdm.readers.golden import blast_radius
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import money

CHUNK = 200
KEEPS = timedelta(days=1)
"""How long a pair's money counts as known; contracts and invoices come and go."""
WAITING = ("OPEN", "UNSURE")

WRITE = """
    UPDATE mdm_matchpair AS pair SET risk = fresh.risk, stake = fresh.stake, weighed_at = %(at)s
    FROM unnest(%(ids)s::bigint[], %(risks)s::float8[], %(stakes)s::jsonb[]) AS fresh (id, risk, stake) WHERE pair.id = fresh.id
"""


def weigh_next(*, actor: User, at: datetime) -> bool:
    """Take the waiting `risk` job and weigh what nobody weighed today; False when there is no job.

    Many small commits, not the one of `jobs.do_next`, which would keep the whole queue locked until its end.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    claimed = jobs.claim(kind="risk", target="", most=1, actor=actor, at=at, seconds=600)
    for job in claimed:
        while weigh(actor=actor, at=at) or request_upkeep.weigh(actor=actor, at=at):
            jobs.renew(jobs=claimed, actor=actor, at=at, seconds=600)
        jobs.settle(job=job, failure=None, actor=actor, at=at)
    return bool(claimed)


@transaction.atomic
def weigh(*, actor: User, at: datetime) -> int:
    """Write risk and stake of up to 200 waiting pairs: new ones, changed ones, and those weighed over a day ago. How many.

    As long as nobody answers, the two stand apart, which is wrong with the pair's probability. Locks only rows that are free, so
    that it stands in nobody's way. Five queries a call.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    sight = Sight(actor)
    due = MatchPair.objects.filter(
        Q(weighed_at=None) | Q(weighed_at__lt=at - KEEPS), domain__in=sight.domains, status__in=WAITING
    )
    pairs = list(due.order_by("id").select_for_update(skip_locked=True, no_key=True)[:CHUNK])
    if pairs:
        _write(pairs, sight=sight, at=at)
    return len(pairs)


def _write(pairs: Sequence[MatchPair], *, sight: Sight, at: datetime) -> None:
    ends = {end for pair in pairs for end in (pair.left_id, pair.right_id)}
    homes = dict(Crosswalk.objects.filter(record_id__in=ends, valid_to=None).values_list("record_id", "golden_id"))
    roots = {(pair.pk, homes[end]) for pair in pairs for end in (pair.left_id, pair.right_id) if end in homes}
    attached = blast_radius.attached(sorted(roots), sight=sight)
    reporting = blast_radius.reporting_of(sight)
    risks, stakes = [], []
    for pair in pairs:
        stake = attached.get(pair.pk, {})
        sums = money.converted(money.added(*stake.values()), reporting)
        risks.append(money.expected_cost(pair.probability, sums))
        stakes.append(json.dumps({domain: {code: _plain(amount) for code, amount in by.items()} for domain, by in stake.items()}))
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {"ids": [pair.pk for pair in pairs], "risks": risks, "stakes": stakes, "at": at})


def _plain(amount: Decimal) -> str:
    return format(amount, "f")
