"""Tells the hub what the manifests say: systems, their objects and mappings, and when to pull and compare them."""

from __future__ import annotations

from datetime import datetime

from connectors import manifest, registry
from connectors.manifest import Manifest, ObjectSpec
from mdm import permissions
from mdm.actions.exchange import schedules
from mdm.actions.intake import sources

CRITICALITY = {"high": 1, "medium": 2, "low": 3}
PULL_SECONDS, RECONCILE_SECONDS = 60, 86_400


def systems(*, at: datetime, scheduled: bool = True) -> list[str]:
    """Declare every shipped system; the connected ones get their schedules. Returns the connected ones.

    Raises:
        BadConfiguration: a manifest is wrong, or a system has only some of its settings.
    """
    machine, connected = permissions.machine(), registry.configured()
    for system, facts in manifest.shipped().items():
        objects = [_declared(facts, each) for each in facts.objects.values()]
        criticality = CRITICALITY.get(str(facts.criticality), 2)
        sources.declare(
            code=system, title=facts.title, objects=objects, chip=facts.chip, criticality=criticality, actor=machine, at=at
        )
    for system in connected if scheduled else ():
        schedules.put(name=f"pull {system}", kind="pull", target=system, every_seconds=PULL_SECONDS, actor=machine, at=at)
        schedules.put(
            name=f"reconcile {system}", kind="reconcile", target=system, every_seconds=RECONCILE_SECONDS, actor=machine, at=at
        )
    return list(connected)


def _declared(facts: Manifest, each: ObjectSpec) -> sources.Declared:
    """What the hub keeps of an object; without a protocol nobody can push to it."""
    return sources.Declared(
        object=each.name,
        domain=each.domain,
        rows=[list(row) for row in each.fields],
        is_unique=each.is_unique,
        id_field=each.id,
        updated_at_field=each.updated_at,
        enterprise_id_field=each.enterprise_id,
        is_target=bool(facts.protocol and each.write and each.enterprise_id),
    )
