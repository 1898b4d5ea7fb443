"""Counts of what came in."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Sum

from mdm.models import Event, Golden, Load, MatchPair, QuarantinedRecord, SourceRecord
from mdm.models.intake.loads import COUNTS
from mdm.readers.golden.crosswalk import Key


def quarantined_keys() -> set[Key]:
    """Keys of all records that wait in quarantine."""
    return set(QuarantinedRecord.objects.filter(status="OPEN").values_list("system", "object", "scope", "native_id"))


def last_load() -> int:
    """The newest load's ID, 0 when there is none."""
    return Load.objects.aggregate(last=Max("id"))["last"] or 0


def loaded_since(load_id: int) -> dict[str, int]:
    """What the loads after `load_id` counted, in all."""
    sums = Load.objects.filter(id__gt=load_id).aggregate(**{name: Sum(name) for name in COUNTS})
    return {name: sums[name] or 0 for name in COUNTS}


def by_system() -> dict[str, int]:
    """Live source records of each system that has any, by its code; counted by the database."""
    rows = SourceRecord.objects.filter(is_live=True).values_list("source__system_id").annotate(count=Count("id"))
    return dict(rows.order_by("source__system_id"))


def goldens(domain: str) -> dict[str, Any]:
    """Live golden records of a domain, how many records the machine joined, and how many questions it left open."""
    live = Golden.objects.live().filter(domain=domain)
    records = live.aggregate(total=Sum("member_count"))["total"] or 0
    count = live.count()
    asked = MatchPair.objects.filter(domain=domain, status__in=["OPEN", "UNSURE"]).count()
    return {"golden": count, "records": records, "auto_merged": records - count, "to_review": asked}


def events() -> int:
    """Events ever told."""
    return Event.objects.count()
