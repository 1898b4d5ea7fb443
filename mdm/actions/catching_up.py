"""Brings records over to the present release: component by component, so that nothing is ever compared across two of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from mdm.actions import locks
from mdm.actions.golden.resolve import resolve
from mdm.actions.intake import storing
from mdm.engine import components, grading, releases
from mdm.engine.preparing import Prepared
from mdm.engine.releases import Release
from mdm.engine.replay import renewing
from mdm.engine.replay.renewing import LOADED
from mdm.models import SourceRecord, User, copying


def enter(
    domain: str, records: Collection[int], *, actor: User, at: datetime, known: Release | None = None, alone: bool = False
) -> Release:
    """Hold the domain as live writers do, and say by which release they work: always the newest.

    While records are still brought over to it, a writer that touches a component of which some are left brings them over first,
    holding the domain alone for that; so no component is ever half on one release and half on another. `records`: what the
    caller is about to touch; `known`: the release that it worked by until now. `alone`: hold the domain alone in any case.
    """
    before = known or releases.current(domain)
    alone = alone or (not before.is_settled and bool(laggards(before, components.expand(records))))
    locks.lock_domain(domain, alone=alone)
    found = releases.current(domain)
    if found.is_settled:
        return found
    is_news = before.is_settled or before.number != found.number
    if is_news and not alone and laggards(found, components.expand(records)):
        alone = True  # two that hold it and want it alone wait in a circle: PostgreSQL breaks it, and `retrying` does it again
        locks.lock_domain(domain, alone=True)
    if alone:
        bring_over(found, records, actor=actor, at=at)
    return found


def laggards(release: Release, records: Collection[int]) -> list[int]:
    """Live records among `records` that stand in a form which `release` would give them otherwise."""
    rows = SourceRecord.objects.filter(pk__in=records, is_live=True).exclude(release__in=releases.alike(release))
    return sorted(rows.values_list("pk", flat=True))


def bring_over(release: Release, records: Collection[int], *, actor: User, at: datetime, anew: bool = False) -> int:
    """Give the whole components around `records` the form of `release`, and resolve them; the caller holds the domain alone.

    Returns how many records got another form. What a record says changes only where `release` reads it otherwise, which makes a
    version of it, of the same age as the one before. `anew`: compare `records` again, whatever form they have.
    """
    late = laggards(release, components.expand(records))
    rows = list(SourceRecord.objects.filter(pk__in=late).select_related(*LOADED).order_by("id"))
    items: list[Prepared] = []
    for number, touched in releases.touched_since(release, {row.release for row in rows}).items():
        mine = [row for row in rows if row.release == number]
        items += renewing.renew(release, mine, touched=touched, today=at.date()).items
    told = write(items, release=release, at=at)
    changed = {*late, *(SourceRecord.objects.filter(pk__in=records, is_live=True).values_list("pk", flat=True) if anew else ())}
    if changed:
        resolve(release=release, changed=changed, told=told, actor=actor, at=at, most=None)
    return len(items)


def write(items: Sequence[Prepared], *, release: Release, at: datetime) -> set[int]:
    """Store the new forms and match keys; returns the records that say something else, which have a version more."""
    told = {item.before.pk for item in items if item.before is not None and renewing.says_else(item)}
    rows = [_row(item, release, is_told=item.before is not None and item.before.pk in told) for item in items]
    grading.records(release.spec, rows, at=at)
    copying.overwrite(rows, storing.FIELDS)
    # Read otherwise, and not said otherwise: as old for the business as the version before.
    copying.append(
        storing.version_of(row, recorded_at=at, valid_from=row.source_updated_at or row.changed_at)
        for row in rows
        if row.pk in told
    )
    storing.replace_keys({row.pk: item.keys for row, item in zip(rows, items, strict=True)}, fresh=False)
    return told


def _row(item: Prepared, release: Release, *, is_told: bool) -> SourceRecord:
    row = item.before
    assert row is not None
    row.version += is_told
    row.attributes, row.relations, row.invalid = item.attributes, item.relations, item.invalid
    row.standardised, row.content_hash, row.release = item.standardised, item.content_hash, release.number
    return row
