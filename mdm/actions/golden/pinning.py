"""What pinning a value takes, alone or with a merge: the golden record held, the value cleaned, the row written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from mdm import permissions
from mdm.actions import catching_up
from mdm.actions.golden import survival
from mdm.engine.releases import Release
from mdm.errors import NotFound
from mdm.models import ChangeSet, Crosswalk, Golden, Override, User


def hold(enterprise_id: str, verb: str, *, actor: User, at: datetime) -> Golden:
    """The golden record of an ID, its domain held shared and its row locked, as far as the actor may touch it.

    While records are brought over to a new release, its component is brought over first: a value is pinned on what the present
    rules make of it.
    """
    found = Golden.objects.filter(enterprise_id=enterprise_id).first()
    if found is None or (actor.domains and found.domain not in actor.domains):
        permissions.check(actor, verb)
        raise NotFound(f"Enterprise ID {enterprise_id} is not known.")
    permissions.check(actor, verb, domain=found.domain)
    members = list(Crosswalk.objects.filter(golden=found, valid_to=None).values_list("record_id", flat=True))
    catching_up.enter(found.domain, members, actor=actor, at=at)
    golden = Golden.objects.select_for_update(no_key=True).get(pk=found.pk)
    permissions.check_region(actor, golden.regions)
    return golden


def put(
    golden: Golden, values: Mapping[str, Any], change_set: ChangeSet, *, expires_at: datetime | None = None
) -> list[Override]:
    """Rows for pinned values; each takes the place of the one that stood there, which the change set remembers."""
    actor, at = change_set.actor, change_set.at
    standing = Override.objects.filter(golden=golden, attribute__in=values, ended_at=None)
    standing.update(ended_at=at, ended_by=actor, ended_by_change=change_set)
    return Override.objects.bulk_create(
        Override(
            golden=golden,
            carrier=golden,
            attribute=attribute,
            value=value,
            reason=change_set.reason,
            made_by=actor,
            made_at=at,
            expires_at=expires_at,
            change_set=change_set,
        )
        for attribute, value in sorted(values.items())
    )


def refresh(
    carriers: Collection[int], *, release: Release, at: datetime, change_set: ChangeSet | None, waits: bool = True
) -> None:
    """Let survivorship decide again where pinned values came or went; the rows are locked by the caller."""
    goldens = {golden.pk: golden for golden in Golden.objects.filter(pk__in=carriers)}
    survival.refresh(
        goldens, verbs={}, release=release, goldens=goldens, at=at, change_set=change_set, waits=waits, carriers=carriers
    )
