"""Undo and unmerge: an act of a person taken back exactly, before or after the systems were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from mdm import audit, permissions
from mdm.actions import catching_up, locks, retrying
from mdm.actions.golden import inverse
from mdm.engine.people import acts
from mdm.errors import BadInput, Conflict, Erased, NotAllowed, NotFound, StaleVersion
from mdm.models import ChangeSet, Decision, MatchPair, SourceRecord, User
from mdm.readers.golden import changes
from mdm.rules.golden import sides
from mdm.rules.golden.change_kinds import PINS, REGROUPS, UNDOABLE, ChangeKind, undo_verbs
from mdm.rules.golden.links import Link


@retrying.on_conflict
@transaction.atomic
def undo(*, change_id: int, actor: User, at: datetime, reason: str = "") -> ChangeSet:
    """Take a change back as if it had never been made.

    A decision or a pinned value at any time; a merge, split or move while its undo window lasts.

    Raises:
        NotAllowed: the actor may not, or it is somebody else's.
        NotFound: there is no such change.
        Conflict: it was undone already, cannot be undone, its window is over, or a later act depends on it.
    """
    change = _hold(change_id, "undo", actor=actor, at=at)
    if ChangeKind(change.kind) in REGROUPS:
        if at > changes.undo_until(change):
            raise Conflict(f"The undo window of change {change.pk} is over and systems were told; unmerge it.")
        _refuse_dependents(change)
    undoing = inverse.take_back(change, kind=ChangeKind.UNDO, actor=actor, at=at, reason=reason)
    _note_word(change, undoing) if change.kind == ChangeKind.DECISION else _note(change, undoing, verb="golden.undo")
    return undoing


@retrying.on_conflict
@transaction.atomic
def unmerge(
    *, change_id: int, actor: User, at: datetime, reason: str = "", chain: bool = False, seen: Sequence[int] | None = None
) -> list[ChangeSet]:
    """Take a merge, split or move back at any time; what it had joined is kept apart from then on.

    IDs, members, relations and pinned values return; targets are put right by sync tasks of their own. What arrived since goes to
    its right side; what was changed since stays changed. A golden record merged into the one that leaves comes along. `chain`:
    later acts that depend on it are taken back first, newest first. `seen`: those that a preview named; None where there was no
    preview. Returns the change sets, this one's last.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such change.
        StaleVersion: others than those depend on it by now.
        Conflict: it was undone already, cannot be unmerged, or a later act depends on it, which is named.
    """
    change = _hold(change_id, "unmerge", actor=actor, at=at)
    later = changes.dependents(change) if chain else []
    if not chain:
        _refuse_dependents(change)
    if seen is not None and [one.pk for one in later] != list(seen):
        raise StaleVersion(f"What depends on change {change.pk} is not what you saw; look at the preview again.")
    done = []
    for one in [*later, change]:
        if one.pk != change.pk:
            _check_kind(one, "unmerge")
        kind = ChangeKind.UNDO if ChangeKind(one.kind) in PINS else ChangeKind.UNMERGE
        apart = _apart(one) if kind == ChangeKind.UNMERGE else []
        undoing = inverse.take_back(one, kind=kind, actor=actor, at=at, reason=reason, apart=apart)
        _note(one, undoing, verb="golden.unmerge")
        done.append(undoing)
    return done


@transaction.atomic
def rehearse(*, change_id: int, actor: User, at: datetime, chain: bool = False) -> list[changes.Change]:
    """What `unmerge` would do, change set by change set: it is done and rolled back.

    Raises:
        As `unmerge`.
    """
    done = unmerge(change_id=change_id, actor=actor, at=at, chain=chain)
    shown = [changes.one(one.pk, viewer=actor) for one in done]
    transaction.set_rollback(True)
    return shown


def _hold(change_id: int, way: str, *, actor: User, at: datetime) -> ChangeSet:
    """The change set, its records' components locked: golden rows before its own row, as everybody."""
    found = ChangeSet.objects.filter(pk=change_id).first()
    if found is None or (actor.domains and found.domain not in actor.domains):
        raise NotFound(f"There is no change {change_id}.")
    _check_actor(found, actor, way)
    catching_up.enter(found.domain, inverse.records_of(found), actor=actor, at=at)
    _, goldens = locks.lock_component(inverse.records_of(found))
    touched = changes.goldens_of(found)
    if gone := next((golden for golden in touched if golden.status == "ERASED"), None):
        raise Erased(f"{gone.enterprise_id} was a person whose data was erased; change {found.pk} cannot be taken back.")
    for golden in touched if actor.regions else ():
        permissions.check_region(actor, goldens.get(golden.pk, golden).regions)
    change = ChangeSet.objects.select_for_update().get(pk=change_id)
    _check_kind(change, way)
    return change


def _check_actor(change: ChangeSet, actor: User, way: str) -> None:
    """Own acts, or the right to take back those of others."""
    if way == "unmerge":
        permissions.check(actor, "golden.unmerge", domain=change.domain)
        return
    own, others = undo_verbs(ChangeKind(change.kind))
    permissions.check(actor, own, domain=change.domain)
    if change.actor_id != actor.pk and not permissions.can(actor, others):
        what = "decisions" if change.kind == ChangeKind.DECISION else "changes"
        raise NotAllowed(f"You may undo your own {what}; a lead steward undoes those of others.")


def _check_kind(change: ChangeSet, way: str) -> None:
    """What was undone, what a machine did, and what undid something else is not taken back."""
    if ChangeSet.objects.filter(undoes=change).exists():
        raise Conflict(f"Change {change.pk} was undone already.")
    if ChangeKind(change.kind) not in UNDOABLE:
        raise Conflict(f"Change {change.pk} is no act that can be taken back ({change.kind}).")
    if way == "unmerge" and ChangeKind(change.kind) in PINS:
        raise BadInput(f"Change {change.pk} pinned or released a value; undo it.")


def _refuse_dependents(change: ChangeSet) -> None:
    for later in changes.dependents(change)[:1]:
        raise Conflict(f"{changes.sentence(later)} came later and depends on it; take that back first, or ask for the chain.")


def _apart(change: ChangeSet) -> list[Link]:
    """Cannot-links between what the change brought together, beside those that stand."""
    brought = {move["to"] for move in change.moves if move["to"] is not None}
    rows = [(golden, members) for golden, members in changes.right_after(change) if golden in brought]
    mentioned = {record for _, members in rows for record in members}
    alive = set(SourceRecord.objects.filter(pk__in=mentioned).values_list("pk", flat=True))
    parts = sides.sides(change.moves, {golden: [one for one in members if one in alive] for golden, members in rows})
    records = {record for one in parts.values() for side in one for record in side}
    evidence = set(MatchPair.objects.filter(left__in=records, right__in=records).values_list("left_id", "right_id"))
    links = sides.apart(parts.values(), evidence)
    said = [word for word in acts.standing(records) if word.change_set_id != change.pk]
    said += Decision.objects.filter(ended_by_change=change)  # they will stand again
    known = {(word.left_id, word.right_id) for word in said if word.verdict != "UNSURE"}
    return [link for link in links if link not in known]


def _note(change: ChangeSet, undoing: ChangeSet, *, verb: str) -> None:
    old = {"change": change.pk, "kind": change.kind}
    new = {"change": undoing.pk, "moves": undoing.moves, "lives": undoing.lives}
    audit.record(
        at=undoing.at, actor=undoing.actor, verb=verb, subject=f"change:{change.pk}", domain=change.domain, old=old, new=new,
        reason=undoing.reason,
    )  # fmt: skip


def _note_word(change: ChangeSet, undoing: ChangeSet) -> None:
    """A verdict taken back is noted with its pair."""
    word = Decision.objects.get(change_set=change)
    pair = MatchPair.objects.filter(left=word.left_id, right=word.right_id).values_list("pk", flat=True).first()
    audit.record(
        at=undoing.at, actor=undoing.actor, verb="pair.undo", subject=f"pair:{pair}", domain=change.domain, old=word.verdict,
        new="OPEN", reason=undoing.reason,
    )  # fmt: skip
