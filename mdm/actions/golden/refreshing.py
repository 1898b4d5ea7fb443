"""Recomputes golden values that time alone may have changed: trust fades, relations begin and end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, Q

from mdm import audit, outbox
from mdm.actions import locks
from mdm.actions.exchange import jobs
from mdm.actions.golden import survival
from mdm.engine import releases
from mdm.models import Crosswalk, Golden, Job, User

CHUNK = 500
"""Golden records whose rows one transaction locks."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a night's work has come: the last domain that is done, by name, and the last golden record in the one after it."""

    done: str = ""
    after: int = 0


def refresh_next(*, actor: User, at: datetime) -> bool:
    """Do the next chunk of the waiting `refresh` job; False when none waits.

    A chunk is one commit that also notes where the next begins: a worker that dies leaves nothing half done. Locks the domain
    (shared) and the rows of a chunk of golden records, in ID order.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="refresh", target="", act=partial(_refresh, actor=actor, at=at), actor=actor, at=at, seconds=600)


def _refresh(job: Job, *, actor: User, at: datetime) -> None:
    """One chunk; while more is left the job wishes itself again."""
    place = Place(**job.payload)
    following = _step(place, actor=actor, at=at)
    if following is not None:
        payload = json.dumps(asdict(following))
        outbox.want([outbox.Wish(kind="refresh", key=job.key, wanted=job.wanted + 1, payload=payload)], at=at)


def _step(place: Place, *, actor: User, at: datetime) -> Place | None:
    """Refresh the next chunk; where the one after it begins, None when all is done."""
    domain = next((name for name in _fading() if name > place.done), None)
    if domain is None:
        return None
    locks.lock_domain(domain)
    goldens = _chunk(domain, place.after)
    changed = _recompute(domain, goldens, at=at)
    if changed:
        said = {"changed": changed, "from": goldens[0].pk, "to": goldens[-1].pk}
        audit.record(at=at, actor=actor, verb="golden.refresh", subject=f"domain:{domain}", domain=domain, new=said)
    return Place(place.done, goldens[-1].pk) if len(goldens) == CHUNK else Place(domain)


def _fading() -> list[str]:
    """Domains in whose present release values change with time alone, by name."""
    return [name for name in releases.domains() if releases.current(name).spec.moves_with_time]


def _chunk(domain: str, after: int) -> list[Golden]:
    """The next golden records that have something to choose from, or a relation with days, their rows locked."""
    spec, choice = releases.current(domain).spec, Q()
    if spec.fades:
        choice |= Q(member_count__gt=1)
    if spec.dated:
        said = Crosswalk.objects.filter(golden=OuterRef("pk"), valid_to=None).exclude(record__relations={})
        choice |= Q(Exists(said.filter(record__relations__has_any_keys=[relation.name for relation in spec.dated])))
    rows = Golden.objects.live().filter(choice, domain=domain, pk__gt=after)
    return list(rows.select_for_update(no_key=True).order_by("id")[:CHUNK])


def _recompute(domain: str, goldens: Sequence[Golden], *, at: datetime) -> int:
    """Under the present release; returns how many changed. What comes out the same keeps naming the release that made it.

    While records are still brought over to it, under the rules that each stands on: the clock is not to be ahead of the re-match.
    """
    present = releases.current(domain)
    if present.is_settled:
        rows = {golden.pk: golden for golden in goldens}
        return survival.refresh(rows, verbs={}, release=present, goldens=rows, at=at, renumber=False)
    changed = 0
    for number in sorted({golden.release for golden in goldens}):
        rows = {golden.pk: golden for golden in goldens if golden.release == number}
        rules = releases.numbered(domain, number)
        changed += survival.refresh(rows, verbs={}, release=rules, goldens=rows, at=at, graded_by=present)
    return changed
