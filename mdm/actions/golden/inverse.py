"""A change set's words and its exact inverse: what it said, pinned and set aside, written and taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from mdm.actions.golden import carrying, pinning, regroup
from mdm.actions.golden.regroup import Stood
from mdm.actions.golden.resolve import MOST_LIVE, settle
from mdm.engine import releases
from mdm.models import ChangeSet, Decision, Golden, IdLife, MatchPair, Override, SourceRecord, User
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.links import Link


def say(links: Iterable[Link], verdict: str, change_set: ChangeSet) -> None:
    """Decisions of a change set, and their pairs' states."""
    listed = list(links)
    Decision.objects.bulk_create(
        (
            Decision(
                left_id=left,
                right_id=right,
                verdict=verdict,
                reason=change_set.reason,
                decided_by=change_set.actor,
                decided_at=change_set.at,
                change_set=change_set,
            )
            for left, right in listed
        ),
        batch_size=1_000,
    )
    _turn(listed, verdict)


def end(words: Collection[Decision], change_set: ChangeSet) -> None:
    """Decisions that give way to a change set, which remembers them; their pairs ask again."""
    said = {"undone_at": change_set.at, "undone_by": change_set.actor, "ended_by_change": change_set}
    Decision.objects.filter(pk__in=[word.pk for word in words]).update(**said)
    _turn([(word.left_id, word.right_id) for word in words], "OPEN")


def records_of(change: ChangeSet) -> set[int]:
    """The source records that a change set moved or spoke of."""
    ends = Decision.objects.filter(Q(change_set=change) | Q(ended_by_change=change)).values_list("left_id", "right_id")
    return {move["record"] for move in change.moves} | {record for pair in ends for record in pair}


def take_back(
    change: ChangeSet, *, kind: ChangeKind, actor: User, at: datetime, reason: str, apart: Collection[Link] = ()
) -> ChangeSet:
    """Undo a change set, whose components are locked.

    Its words and pinned values end, those it set aside stand again, its records go back where they came from, and its IDs stand
    as they stood.

    What came since goes where the evidence puts it. `apart`: cannot-links that keep the sides apart from now on.
    """
    undoing = ChangeSet.objects.create(kind=kind.value, at=at, actor=actor, reason=reason, domain=change.domain, undoes=change)
    records = records_of(change)
    _words_back(change, undoing)
    doubts = Decision.objects.filter(left__in={link[0] for link in apart}, verdict="UNSURE", undone_at=None)
    end([word for word in doubts if (word.left_id, word.right_id) in apart], undoing)
    say(apart, "DIFFERENT", undoing)
    carriers, returned = _pins_back(change, undoing)
    release = releases.current(change.domain)
    if records := set(SourceRecord.objects.filter(pk__in=records).values_list("pk", flat=True)):
        back = {move["record"]: move["from"] for move in change.moves if move["from"] is not None and move["to"] is not None}
        most = MOST_LIVE if change.kind == ChangeKind.DECISION else None
        more: Any = {"prefer": back, "most": most, "waits": True, "stood": _stood(change)}
        settle(release=release, start=records, actor=actor, at=at, change_set=undoing, **more)
    carriers |= carrying.follow({golden.pk: golden for golden in Golden.objects.filter(pk__in=returned)}, ())
    if carriers:
        list(Golden.objects.select_for_update(no_key=True).filter(pk__in=carriers).order_by("pk"))
        pinning.refresh(carriers, release=release, at=at, change_set=undoing)
    undoing.refresh_from_db()
    return undoing


def _stood(change: ChangeSet) -> dict[int, Stood]:
    """How the golden records that the change brought back had ended before it; left out is one whose heirs lead to it by now, for
    an ID never leads in a circle. Two queries each and one a hop.
    """
    found = {}
    for life in change.lives:
        if life["to"] == "LIVE" and life["from"] is not None:
            lives = IdLife.objects.filter(golden=life["golden"])
            before = lives.filter(id__lt=lives.filter(change_set=change).latest("id").pk).latest("id")
            homes = {move["from"] for move in change.moves if move["to"] == life["golden"] and move["from"] is not None}
            if not _leads_to(life["golden"], before.successors):
                found[life["golden"]] = Stood(before.status, tuple(before.successors), frozenset(homes))
    return found


def _leads_to(golden: int, names: Collection[str]) -> bool:
    """Whether one of these enterprise IDs is, or leads to, the golden record. A query a hop."""
    met: set[str] = set()
    ahead = set(names)
    while ahead:
        heirs = dict(Golden.objects.filter(enterprise_id__in=ahead).values_list("pk", "successors"))
        if golden in heirs:
            return True
        met |= ahead
        ahead = {name for successors in heirs.values() for name in successors} - met
    return False


def _words_back(change: ChangeSet, undoing: ChangeSet) -> None:
    """End what the change said, and let what it set aside stand again, unless somebody has spoken of that pair since."""
    mine = list(Decision.objects.filter(change_set=change, undone_at=None))
    end(mine, undoing)
    for word in Decision.objects.filter(ended_by_change=change).order_by("id"):
        if not Decision.objects.filter(left=word.left_id, right=word.right_id, undone_at=None).exists():
            word.undone_at, word.undone_by, word.ended_by_change = None, None, None
            word.save(update_fields=["undone_at", "undone_by", "ended_by_change"])
            _turn([(word.left_id, word.right_id)], word.verdict)


def _pins_back(change: ChangeSet, undoing: ChangeSet) -> tuple[set[int], set[int]]:
    """The same of pinned values; returns the golden records they acted on, and those whose own stand again."""
    mine = Override.objects.filter(change_set=change, ended_at=None)
    carriers = set(mine.values_list("carrier_id", flat=True))
    mine.update(ended_at=undoing.at, ended_by=undoing.actor, ended_by_change=undoing)
    returned = set()
    for row in Override.objects.filter(ended_by_change=change).order_by("id"):
        if not Override.objects.filter(golden=row.golden_id, attribute=row.attribute, ended_at=None).exists():
            row.ended_at, row.ended_by, row.ended_by_change = None, None, None
            row.save(update_fields=["ended_at", "ended_by", "ended_by_change"])
            returned.add(row.golden_id)
    return carriers, returned


def _turn(links: Collection[Link], status: str) -> None:
    """The state of the pairs of these records, where there are pairs; clustering finds that of the open ones anew."""
    if not links:
        return
    wanted = set(links)
    rows = MatchPair.objects.filter(left__in={link[0] for link in wanted}, right__in={link[1] for link in wanted})
    turned = [pair for pair in rows.order_by("id") if (pair.left_id, pair.right_id) in wanted and pair.status != status]
    for pair in turned:
        pair.status, pair.version = status, pair.version + 1
    regroup.update_pairs(turned)
