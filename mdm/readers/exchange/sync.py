"""What targets should hold, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from mdm.engine import reading, releases
from mdm.models import Crosswalk, Delivery, Golden, Job, SourceObject, User
from mdm.readers.governance.sight import Sight
from mdm.rules.exchange import echo
from mdm.rules.governance.reading_order import reading_order


@dataclass(frozen=True, slots=True)
class Order:
    """One row of a target and what it should hold. `sent`, `held`: our last push to it, empty when there was none."""

    job: Job
    golden_id: int
    golden_version: int
    enterprise_id: str
    source: SourceObject
    record_id: int
    native_id: str
    wanted: dict[str, Any]
    sent: dict[str, Any]
    held: dict[str, Any]


def orders(jobs: Sequence[Job], *, system: str) -> list[Order]:
    """The rows of `system` behind the golden records that `jobs` speak of. Three queries."""
    by_golden = {job.subject: job for job in jobs}
    goldens = {golden.pk: golden for golden in Golden.objects.live().filter(id__in=by_golden)}
    members = (
        Crosswalk.objects.filter(
            golden_id__in=goldens, valid_to=None, record__source__system=system, record__source__is_target=True
        )
        .select_related("record__source", "record__delivery")
        .order_by("record_id")
    )
    found = []
    for member in members:
        golden, source = goldens[member.golden_id], member.record.source
        delivery = getattr(member.record, "delivery", None)
        found.append(
            Order(
                by_golden[golden.pk],
                golden.pk,
                golden.version,
                golden.enterprise_id,
                source,
                member.record_id,
                member.record.native_id,
                wanted(golden, source),
                delivery.sent if delivery else {},
                delivery.held if delivery else {},
            )
        )
    return found


def is_wanted(job: Job) -> bool:
    """Whether there is something left to do: a sync task's golden record still has a row in its target."""
    if job.kind != "sync" or job.subject is None:
        return True
    return Crosswalk.objects.filter(golden_id=job.subject, valid_to=None, record__source__system=job.target).exists()


def wanted(golden: Golden, source: SourceObject) -> dict[str, Any]:
    """The attributes that a row of `source` should hold: survived, accepted by the target, not owned by it."""
    release = releases.current(golden.domain)
    accepted = reading.accepted(release, source)
    pushable = echo.pushable(release.spec, golden.values, source.system_id)
    return {name: value for name, value in pushable.items() if name in accepted}


def targets(*, viewer: User) -> list[dict[str, Any]]:
    """One line a target: jobs by state, oldest waiting, last success, as far as the viewer may see."""
    rows = (
        seen_jobs(viewer)
        .filter(kind="sync")
        .values("target")
        .annotate(
            waiting=Count("id", filter=Q(status__in=["QUEUED", "RUNNING"], attempts__lte=1)),
            retrying=Count("id", filter=Q(status__in=["QUEUED", "RUNNING"], attempts__gt=1)),
            dead=Count("id", filter=Q(status="DEAD")),
            done=Count("id", filter=Q(status="DONE")),
            oldest=Min("created_at", filter=Q(status="QUEUED")),
            last=Max("changed_at", filter=Q(status="DONE")),
        )
        .order_by("target")
    )
    return list(rows)


def seen_jobs(viewer: User | None) -> QuerySet[Job]:
    """Jobs about golden records the viewer may see; for somebody who is not confined, all of them."""
    if viewer is None or not (viewer.domains or viewer.regions):
        return Job.objects.all()
    goldens = Golden.objects.within(domains=viewer.domains, regions=viewer.regions).values("pk")
    return Job.objects.filter(kind="sync", subject__in=goldens)


def dead_letters(*, viewer: User | None = None, target: str = "", limit: int = 200) -> list[Job]:
    """Jobs that gave up, newest first; what was sent and answered is left out where it may hold values the viewer may not see.

    `viewer` None is the hub itself.
    """
    rows = seen_jobs(viewer).filter(status="DEAD")
    listed = list((rows.filter(target=target) if target else rows).order_by("-changed_at", "-id")[:limit])
    if viewer is None:
        return listed
    sight = Sight(viewer)
    domains = dict(Golden.objects.filter(pk__in=[job.subject for job in listed if job.subject]).values_list("pk", "domain"))
    for job in listed:
        domain = domains.get(job.subject or 0)
        job.exchange = {} if domain and sight.hidden(domain) else job.exchange
    return listed


def deliveries(golden: Golden) -> list[Delivery]:
    """The last push to each member of a golden record."""
    return list(Delivery.objects.filter(golden=golden).select_related("record__source").order_by("record__key"))


def source(system: str, object: str) -> SourceObject:
    """One source object by name."""
    return SourceObject.objects.get(system=system, object=object)


def sources(system: str) -> list[SourceObject]:
    """The source objects of a system, those first that others refer to; two small queries a domain, remembered for the rest."""
    rows = list(SourceObject.objects.filter(system=system))
    order = reading_order([releases.current(domain).spec for domain in {row.domain for row in rows}])
    return sorted(rows, key=lambda row: (order.index(row.domain), row.object))


def waiting() -> int:
    """Sync tasks that are not done, dead or cancelled."""
    return Job.objects.filter(kind="sync", status__in=["QUEUED", "RUNNING"]).count()


def pushed() -> dict[str, int]:
    """Rows whose last push the target took, by system."""
    rows = Delivery.objects.exclude(enterprise_id="").values("record__source__system_id").annotate(count=Count("id"))
    return {row["record__source__system_id"]: row["count"] for row in rows.order_by("record__source__system_id")}


def stamps(source: SourceObject) -> dict[tuple[str, str], str]:
    """The enterprise ID of every live record of a source object, by (scope, native ID)."""
    rows = Crosswalk.objects.filter(valid_to=None, record__source=source, record__is_live=True)
    return {
        (scope, native_id): name
        for scope, native_id, name in rows.values_list("record__scope", "record__native_id", "golden__enterprise_id")
    }
