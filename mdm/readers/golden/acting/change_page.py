"""One change set with what a person may do about it: undo, unmerge, and what depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mdm import permissions
from mdm.models import ChangeSet, Golden, User
from mdm.readers.golden import blast_radius, changes
from mdm.readers.golden.blast_radius import Radius
from mdm.readers.golden.changes import Change
from mdm.readers.golden.history.record_history import Version
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import PINS, REGROUPS, ChangeKind, undo_verbs


@dataclass(frozen=True, slots=True)
class Named:
    """A golden record that a change touched."""

    enterprise_id: str
    label: str
    status: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """`undo_until`: None for at any time. `later`: acts, newest first, each in a sentence, that have to be taken back before.

    `pinned`: titles of what it pinned. `radius`: what hangs on its golden records now, None where there is nothing to take back.
    """

    change: Change
    goldens: tuple[Named, ...]
    pinned: tuple[str, ...]
    may_undo: bool
    may_unmerge: bool
    undo_until: datetime | None
    later: tuple[str, ...]
    radius: Radius | None


def page(change_id: int, *, viewer: User, at: datetime) -> ChangePage:
    """One change set, and what the viewer may do about it. A fixed number of queries beside a few for each act that depends.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    change = changes.one(change_id, viewer=viewer)
    row = ChangeSet.objects.get(pk=change.id)
    kind, sight = ChangeKind(change.kind), Sight(viewer)
    until = changes.undo_until(row) if kind in REGROUPS else None
    touched = list(sight.goldens().filter(enterprise_id__in=change.goldens).order_by("enterprise_id"))
    is_open, titles = change.is_undoable, sight.titles(change.domain)
    return ChangePage(
        change=change,
        goldens=tuple(Named(golden.enterprise_id, _label(golden, sight), golden.status) for golden in touched),
        pinned=tuple(titles.get(name, name) for name in change.overrides),
        may_undo=is_open and (until is None or at <= until) and _may_undo(row, kind, viewer),
        may_unmerge=is_open and kind not in PINS and permissions.can(viewer, "golden.unmerge", domain=change.domain),
        undo_until=until,
        later=tuple(changes.sentence(one) for one in changes.dependents(row)) if is_open and kind not in PINS else (),
        radius=blast_radius.radius([golden.pk for golden in touched], sight=sight) if is_open else None,
    )


def last_act(versions: Iterable[Version], *, viewer: User, at: datetime) -> Version | None:
    """The newest version, where it is an act that the viewer may undo now; at most two queries."""
    newest = next(iter(versions), None)
    if newest is None or not newest.is_undoable:
        return None
    row = changes.seen(viewer).filter(pk=newest.change).first()
    if row is None or not _may_undo(row, ChangeKind(row.kind), viewer):
        return None
    is_late = ChangeKind(row.kind) in REGROUPS and at > changes.undo_until(row)
    return None if is_late else newest


def _may_undo(row: ChangeSet, kind: ChangeKind, viewer: User) -> bool:
    own, others = undo_verbs(kind)
    is_own = row.actor_id == viewer.pk
    return permissions.can(viewer, own, domain=row.domain) and (is_own or permissions.can(viewer, others, domain=row.domain))


def _label(golden: Golden, sight: Sight) -> str:
    return "" if golden.status == "ERASED" else sight.label(golden)
