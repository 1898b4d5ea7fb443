"""The whole life of an enterprise ID: what happened to it, who follows it, and under which names others know it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from mdm.errors import NotFound
from mdm.models import Golden, IdAlias, IdLife, Reservation, User
from mdm.readers.golden import aliases, crosswalk, goldens, reserved
from mdm.readers.golden.aliases import Alias
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import enterprise_id

ENDS = """
    WITH RECURSIVE chain (said, id) AS (
        SELECT golden.enterprise_id, golden.id FROM mdm_golden golden WHERE golden.enterprise_id = ANY(%(names)s)
        UNION ALL
        SELECT reserved.enterprise_id, home.golden_id FROM mdm_reservation reserved
        JOIN mdm_crosswalk home ON home.record_id = reserved.record_id AND home.valid_to IS NULL
        WHERE reserved.enterprise_id = ANY(%(names)s)
          AND NOT EXISTS (SELECT 1 FROM mdm_golden own WHERE own.enterprise_id = reserved.enterprise_id)
        UNION
        SELECT chain.said, heir.id FROM chain
        JOIN mdm_golden golden ON golden.id = chain.id
        JOIN mdm_golden heir ON heir.enterprise_id = ANY(golden.successors)
    )
    SELECT chain.said, golden.enterprise_id FROM chain JOIN mdm_golden golden ON golden.id = chain.id
    WHERE golden.status = 'LIVE'
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event. `change_set`: the act that did it, None where data came in. `successors`: those the viewer may see."""

    cause: str
    at: datetime
    actor: str
    reason: str
    change_set: int | None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """`status`: of its golden record, or of its reservation where there is none. `heirs`: live IDs that follow it.

    `branch`: the live ID under which the asker's own record stands now, None where it never stood under this one.
    """

    enterprise_id: str
    domain: str
    status: str
    since: datetime
    heirs: tuple[str, ...]
    aliases: tuple[Alias, ...]
    moments: tuple[Moment, ...]
    reserved_until: datetime | None = None
    branch: str | None = None


def life(text: str, *, viewer: User, key: crosswalk.Key | None = None) -> Life:
    """The life of an ID as typed, or of the one that `issuer:alias` leads to. A fixed number of queries, and one a link.

    `key`: the asker's own source key.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, is no alias, or lies outside the viewer's confines.
    """
    sight = Sight(viewer)
    name = _of_alias(text, sight) if ":" in text else enterprise_id.parse(text)
    golden = sight.goldens().filter(enterprise_id=name).first()
    reservation = Reservation.objects.filter(sight.in_domains(), enterprise_id=name).select_related("owner", "ended_by").first()
    if golden is not None:
        home = goldens.branch(golden, key, viewer=viewer) if key else None
        return replace(_of_golden(golden, reservation, sight), branch=home.enterprise_id if home else None)
    if reservation is None or Golden.objects.filter(enterprise_id=name).exists():
        raise NotFound(f"Enterprise ID {text[:40]} is not known.")
    return _of_reservation(reservation, sight)


def _of_alias(text: str, sight: Sight) -> str:
    """The ID that an alias leads to: through merges the survivor, after a split the ID that was split."""
    issuer, _, alias = text.partition(":")
    found = aliases.leads(list(IdAlias.objects.filter(issuer=issuer.strip().lower(), alias=alias.strip())))
    seen = set(sight.goldens().filter(pk__in=[golden.pk for _, golden in found]).values_list("pk", flat=True))
    for _, golden in found:
        ends = goldens.heirs(golden) if golden.status != "LIVE" else []
        if golden.pk in seen or sight.goldens().filter(pk__in=[end.pk for end in ends]).exists():
            return ends[0].enterprise_id if len(ends) == 1 else golden.enterprise_id
    raise NotFound(f"No alias {text[:80]!r} is known.")


def _of_golden(golden: Golden, reservation: Reservation | None, sight: Sight) -> Life:
    rows = list(IdLife.objects.filter(golden=golden).select_related("actor", "change_set__actor").order_by("id"))
    heirs = [heir.enterprise_id for heir in goldens.heirs(golden)] if golden.status != "LIVE" else []
    seen = _seen({*heirs, *(name for row in rows for name in row.successors)}, sight)
    born = tuple(_moment(row, seen) for row in rows)
    return Life(
        enterprise_id=golden.enterprise_id,
        domain=golden.domain,
        status=golden.status,
        since=golden.status_since,
        heirs=tuple(name for name in heirs if name in seen),
        aliases=tuple(aliases.under([golden.enterprise_id]).get(golden.enterprise_id, ())),
        moments=(*(_reserved(reservation, sight) if reservation else ()), *born),
    )


def _of_reservation(row: Reservation, sight: Sight) -> Life:
    heirs = [heir.enterprise_id for heir in goldens.claimed(row)]
    is_open = row.status == "RESERVED"
    return Life(
        enterprise_id=row.enterprise_id,
        domain=row.domain,
        status=row.status,
        since=row.ended_at or row.reserved_at,
        heirs=tuple(name for name in heirs if name in _seen(heirs, sight)),
        aliases=(),
        moments=tuple(_reserved(row, sight)),
        reserved_until=row.expires_at if is_open else None,
    )


def _seen(names: Collection[str], sight: Sight) -> set[str]:
    """Those of these IDs that the viewer may see."""
    return set(sight.goldens().filter(enterprise_id__in=names).values_list("enterprise_id", flat=True)) if names else set()


def _reserved(row: Reservation, sight: Sight) -> Iterator[Moment]:
    yield Moment("reserved", row.reserved_at, _name(row.owner), reserved.readable(row.purpose, row, sight.viewer), None)
    if row.ended_at is not None:
        reason = reserved.readable(row.reason, row, sight.viewer)
        yield Moment(row.status.lower(), row.ended_at, _name(row.ended_by), reason, None)


def _moment(row: IdLife, seen: Collection[str]) -> Moment:
    act = row.change_set
    actor = row.actor or (act.actor if act else None)
    successors = tuple(name for name in row.successors if name in seen)
    return Moment(row.cause, row.at, _name(actor), act.reason if act else "", act.pk if act else None, successors)


def _name(user: User | None) -> str:
    return (user.title or user.name) if user else ""


def ends(names: Collection[str]) -> dict[str, set[str]]:
    """The live IDs that each of these leads to, its own where it lives, its claimant's where it is a second name; one query."""
    found: dict[str, set[str]] = {}
    if names:
        with connection.cursor() as cursor:
            cursor.execute(ENDS, {"names": sorted(names)})
            for said, name in cursor.fetchall():
                found.setdefault(said, set()).add(name)
    return found
