"""Ends the golden records of a person for ever: its records leave, its IDs answer "erased", its keys are kept out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from mdm import outbox
from mdm.actions import catching_up, locks
from mdm.actions.golden.resolve import resolve
from mdm.actions.intake import storing
from mdm.actions.intake.storing import LoadOf
from mdm.engine.preparing import Incoming, Prepared
from mdm.models import Erasure, Golden, GoldenVersion, IdLife, SourceRecord, Suppression, User
from mdm.readers.governance import erasures as reader
from mdm.readers.governance import suppressions
from mdm.readers.governance.erasures import Scope
from mdm.rules.golden.golden_states import GoldenStatus, check_arrow


def end(scope: Scope, *, actor: User, at: datetime) -> Scope:
    """Take the person's live records out and retire its golden records as erased; returns who it was, as seen under the locks.

    Locks what a writer locks, in the same order, so that nobody brings a record of the person back meanwhile.
    """
    domain = scope.golden.domain
    release = catching_up.enter(domain, [record.pk for record in scope.records], actor=actor, at=at)
    names = [record.key for record in scope.records]
    locks.lock_keys(locks.number_of("record", name) for name in names)
    live = [record for record in scope.records if record.is_live]
    items = [_going(place, record) for place, record in enumerate(live)]
    storing.look_again(items)
    locks.lock_keys(storing.stored_keys(items))
    items = [item for item in items if item.before is not None and item.before.is_live]
    gone = storing.remove(items, at=at, load=cast(LoadOf, lambda _source: None))
    if gone:
        resolve(release=release, changed=gone, actor=actor, at=at, most=None)
    locked = {
        row.pk: row
        for row in Golden.objects.select_for_update(no_key=True)
        .filter(pk__in=[golden.pk for golden in scope.ending])
        .order_by("id")
    }
    again = reader.of(locked[scope.golden.pk])
    _retire([locked.get(row.pk) or row for row in again.ending], actor=actor, at=at)
    return again


def _going(place: int, record: SourceRecord) -> Prepared:
    said = Incoming(
        record.source.system_id, record.source.object, record.native_id, {}, record.domain, record.scope, is_deleted=True
    )
    return Prepared(place, said, source=record.source, before=record)


def _retire(goldens: Sequence[Golden], *, actor: User, at: datetime) -> None:
    """One more version, event and line of life each: erased. The versions are emptied with all the others."""
    facts: list[tuple[Golden, str, dict[str, Any]]] = []
    for golden in goldens:
        check_arrow(GoldenStatus(golden.status), GoldenStatus.ERASED)
        moment = max(at, golden.changed_at)
        golden.status, golden.successors, golden.status_since = GoldenStatus.ERASED.value, [], moment
        golden.version, golden.changed_at = golden.version + 1, moment
        golden.save(update_fields=["status", "successors", "status_since", "version", "changed_at"])
        facts.append((golden, "erased", {"changed": []}))
    GoldenVersion.objects.bulk_create(
        GoldenVersion(
            golden=golden,
            version=golden.version,
            status=golden.status,
            values={},
            provenance={},
            relations={},
            release=golden.release,
            recorded_at=golden.changed_at,
        )
        for golden in goldens
    )
    IdLife.objects.bulk_create(
        IdLife(golden=golden, status=golden.status, cause="erased", at=at, actor=actor) for golden in goldens
    )
    outbox.tell(facts, at=at)


def suppress(scope: Scope, *, erasure: Erasure) -> None:
    """Note the keys of the person, as keyed hashes, so that they do not come back."""
    places = [(one.source.system_id, one.source.object, one.scope, one.native_id) for one in scope.records]
    Suppression.objects.bulk_create(
        [Suppression(digest=suppressions.digest_of(place), erasure=erasure) for place in places], ignore_conflicts=True
    )
