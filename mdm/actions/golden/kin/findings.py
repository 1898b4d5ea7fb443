"""Findings: every night the relations of all golden records are looked through, and what does not fit is left to a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from mdm import audit, outbox, permissions
from mdm.actions.exchange import jobs
from mdm.engine import releases
from mdm.errors import BadInput, NotFound
from mdm.models import Finding, Golden, Job, User
from mdm.readers.golden.kin import misfits
from mdm.readers.golden.kin.misfits import Misfit
from mdm.readers.governance.sight import Sight, sees
from mdm.rules.golden.kin import claims
from mdm.rules.golden.kin.findings import FindingKind, FindingStatus, check_arrow
from mdm.rules.governance.domains import DomainSpec

CHUNK = 2_000
"""Golden records whose relations one step looks through."""

# How often and by whom is no part of what was seen: a finding that a person accepted is open again when anything else changes.
KNOWN = """
    ON CONFLICT (golden_id, kind, relation, place) WHERE NOT status = 'CLOSED' DO UPDATE SET
        last_seen_at = excluded.last_seen_at, detail = excluded.detail,
        status = CASE WHEN known.detail - 'count' - 'example' = excluded.detail - 'count' - 'example'
                 THEN known.status ELSE 'OPEN' END
"""
NOTE = f"""
    INSERT INTO mdm_finding AS known
        (domain, golden_id, kind, relation, place, detail, status, first_seen_at, last_seen_at)
    SELECT %(domain)s, seen.golden, seen.kind, seen.relation, '', seen.detail, 'OPEN', %(at)s, %(at)s
    FROM unnest(%(goldens)s::bigint[], %(kinds)s::text[], %(relations)s::text[], %(details)s::jsonb[])
        AS seen (golden, kind, relation, detail)
    {KNOWN}
"""
NOTE_UNSCOPED = f"""
    INSERT INTO mdm_finding AS known
        (domain, golden_id, kind, relation, place, detail, status, first_seen_at, last_seen_at)
    SELECT %(domain)s, seen.golden, %(kind)s, %(name)s, seen.system || '/' || seen.scope || '/' || %(domain)s,
           jsonb_build_object('system', seen.system, 'scope', seen.scope, 'count', seen.count, 'example', seen.example),
           'OPEN', %(at)s, %(at)s
    FROM ({misfits.UNSCOPED}) AS seen
    {KNOWN}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a night has come: the last domain that is done, the last golden record in the next, and when the night began."""

    began: str
    done: str = ""
    after: int = 0


def look_next(*, actor: User, at: datetime) -> bool:
    """Do the next chunk of the waiting `findings` job; False when none waits.

    A chunk is one commit that also notes where the next begins. It reads golden records without locking them: what changes
    meanwhile is seen the next night.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="findings", target="", act=partial(_look, actor=actor, at=at), actor=actor, at=at, seconds=600)


def _look(job: Job, *, actor: User, at: datetime) -> None:
    place = Place(**job.payload) if job.payload else Place(at.isoformat())
    following = _step(place, actor=actor, at=at)
    if following is not None:
        payload = json.dumps(asdict(following))
        outbox.want([outbox.Wish(kind="findings", key=job.key, wanted=job.wanted + 1, payload=payload)], at=at)


def _step(place: Place, *, actor: User, at: datetime) -> Place | None:
    """Look through the next chunk; where the one after it begins, None when all is done."""
    specs = [releases.current(name).spec for name in releases.domains() if name > place.done]
    spec = next((spec for spec in specs if spec.relations), None)
    if spec is None:
        return None
    ids = _chunk(spec, place.after)
    _note(spec, _seen(spec, ids, actor=actor, at=at), at=at)
    if len(ids) == CHUNK:
        return Place(place.began, place.done, ids[-1])
    _note_unscoped(spec, at=at)
    _close(spec.name, datetime.fromisoformat(place.began), actor=actor, at=at)
    return Place(place.began, spec.name)


def _chunk(spec: DomainSpec, after: int) -> list[int]:
    """The next golden records that name a parent, or might: none in a domain without hierarchies."""
    names = [relation.name for relation in spec.hierarchies.values()]
    rows = (
        Golden.objects.live().filter(domain=spec.name, pk__gt=after, relations__has_any_keys=names)
        if names
        else Golden.objects.none()
    )
    return list(rows.order_by("id").values_list("id", flat=True)[:CHUNK])


def _seen(spec: DomainSpec, ids: Sequence[int], *, actor: User, at: datetime) -> list[Misfit]:
    sight, day = Sight(actor), claims.day_of(at)
    found: list[Misfit] = []
    for relation in spec.hierarchies.values() if ids else ():
        found += misfits.circles(spec.name, relation, ids, sight=sight)
        found += misfits.two_parents(spec.name, relation, ids, day=day)
    return found


def _note(spec: DomainSpec, found: Sequence[Misfit], *, at: datetime) -> None:
    if not found:
        return
    ordered = sorted(found, key=lambda one: (one.golden, one.kind, one.relation))
    columns: dict[str, Any] = {
        "goldens": [one.golden for one in ordered],
        "kinds": [one.kind.value for one in ordered],
        "relations": [one.relation for one in ordered],
        "details": [json.dumps(one.detail) for one in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {**columns, "domain": spec.name, "at": at})


def _note_unscoped(spec: DomainSpec, *, at: datetime) -> None:
    """One statement a relation, however many records name how many golden records."""
    values: dict[str, Any] = {"domain": spec.name, "kind": FindingKind.MISSING_SCOPE.value, "at": at}
    with connection.cursor() as cursor:
        for relation in spec.relations:
            if relation.is_scoped:
                cursor.execute(NOTE_UNSCOPED, {**values, "name": relation.name})


def _close(domain: str, began: datetime, *, actor: User, at: datetime) -> None:
    """What this night did not see any more is gone."""
    standing = Finding.objects.filter(domain=domain).exclude(status="CLOSED")
    closed = standing.filter(last_seen_at__lt=began).update(status="CLOSED", closed_at=at)
    fresh = standing.filter(first_seen_at__gte=began).count()
    if closed or fresh:
        said = {"new": fresh, "closed": closed}
        audit.record(at=at, actor=actor, verb="finding.look", subject=f"domain:{domain}", domain=domain, new=said)


@transaction.atomic
def accept(*, finding_id: int, reason: str, actor: User, at: datetime) -> Finding:
    """Say that a finding is right as it is; it stays quiet until what it saw changes.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such finding within the actor's confines.
        BadInput: the reason is missing.
        IllegalTransition: it is accepted or gone already.
    """
    permissions.check(actor, "finding.accept")
    if not reason.strip():
        raise BadInput("Accepting a finding needs a reason; who looks at the record later wants to know why.")
    row = Finding.objects.select_for_update(of=("self",)).select_related("golden").filter(pk=finding_id).first()
    if row is None or not sees(actor, domain=row.golden.domain, regions=row.golden.regions):
        raise NotFound(f"There is no finding {finding_id}.")
    check_arrow(FindingStatus(row.status), FindingStatus.ACCEPTED)
    before, row.status = row.status, FindingStatus.ACCEPTED.value
    row.save(update_fields=["status"])
    audit.record(
        at=at, actor=actor, verb="finding.accept", subject=f"golden:{row.golden_id}", domain=row.golden.domain, reason=reason,
        old=before, new=row.status,
    )  # fmt: skip
    return row
