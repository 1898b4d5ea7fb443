"""One golden record on two dates, attribute by attribute, with the reason of each difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.errors import BadInput, NotFound
from mdm.models import Golden, User
from mdm.readers.golden import goldens
from mdm.readers.golden.history import then as history
from mdm.readers.golden.history.then import Then
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import differences
from mdm.rules.golden.differences import Stand

AXES = ("known_at", "as_of")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two dates. `then` is None where there was nothing; `note` says why."""

    at: datetime
    then: Then | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute or relation that differs; None is no value. `why_before`, `why_after`: their provenance, masked too."""

    name: str
    title: str
    before: Any
    after: Any
    reason: str
    why_before: dict[str, Any]
    why_after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`joined`, `left`: keys of members. `same`: titles of what has the same value on both dates."""

    golden: Golden
    by: str
    before: Side
    after: Side
    differences: tuple[Difference, ...]
    same: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]


def between(text: str, *, start: datetime, end: datetime, by: str, viewer: User, now: datetime, domain: str = "") -> Comparison:
    """Compare two dates. `by` known_at: what stood in the hub; as_of: what was true, as the hub knows it now. Ten queries.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or no axis of time.
        NotFound: the ID is not known or lies outside the viewer's confines, or there was nothing on either date.
    """
    if by not in AXES:
        raise BadInput(f"by={by[:40]!r} is unknown; there are {', '.join(AXES)}.")
    golden, sight = goldens.seen(text, viewer=viewer, domain=domain), Sight(viewer)
    before, after = (_side(golden, moment, by=by, now=now, sight=sight) for moment in (start, end))
    if before.then is None and after.then is None:
        raise NotFound(after.note)
    names = {**_titles(before, sight), **_titles(after, sight)}
    said = {name: (_said(before, name), _said(after, name)) for name in names}
    keys = (_keys(before), _keys(after))
    return Comparison(
        golden=golden,
        by=by,
        before=before,
        after=after,
        differences=tuple(
            _difference(name, names[name], (before, after), sight) for name, (was, now) in said.items() if was != now
        ),
        same=tuple(names[name] for name, (was, now) in said.items() if was == now is not None),
        joined=tuple(sorted(keys[1] - keys[0])),
        left=tuple(sorted(keys[0] - keys[1])),
    )


def _side(golden: Golden, moment: datetime, *, by: str, now: datetime, sight: Sight) -> Side:
    as_of, known_at = (None, moment) if by == "known_at" else (moment, now)
    try:
        return Side(moment, history.check_region(history.read(golden, as_of=as_of, known_at=known_at), sight))
    except NotFound as error:
        return Side(moment, None, error.message)


def _titles(side: Side, sight: Sight) -> dict[str, str]:
    return dict(history.titles(side.then, sight)) if side.then else {}


def _keys(side: Side) -> set[str]:
    return {row.member.key for row in side.then.rows} if side.then else set()


def _said(side: Side, name: str) -> Any:
    """The value of an attribute, or what a relation points at."""
    if side.then is None:
        return None
    aim = side.then.relations.get(name)
    if aim is None:
        return side.then.values.get(name)
    return str(
        aim.get("enterprise_id") or "/".join(str(aim.get(part, "")) for part in ("system", "object", "scope", "native_id"))
    )


def _difference(name: str, title: str, sides: tuple[Side, Side], sight: Sight) -> Difference:
    before, after = sides
    stands = (_stand(before, name), _stand(after, name))
    (was, why_was), (now, why_now) = _shown(before, name, sight), _shown(after, name, sight)
    reason = after.note or before.note or differences.reason(*stands, is_set=now is not None)
    return Difference(name, title, was, now, reason, why_was, why_now)


def _stand(side: Side, name: str) -> Stand:
    if side.then is None:
        return Stand()
    return Stand(side.then.provenance.get(name, {}), _keys(side), side.then.release)


def _shown(side: Side, name: str, sight: Sight) -> tuple[Any, dict[str, Any]]:
    """Value and reason as the viewer may see them."""
    if side.then is None:
        return None, {}
    shown = history.masked(side.then, sight)
    value = _said(side, name)
    return (shown.values.get(name, value) if value is not None else None), shown.provenance.get(name, {})
