"""Why golden values are what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mdm.rules.values import is_empty, token

if TYPE_CHECKING:
    from mdm.rules.golden.choosing.saying import Row, Said
    from mdm.rules.golden.survivorship import Member, Override

MAX_BEAT = 8


class Win(NamedTuple):
    """The place that won a rule, with its values, by which strategy, in whose words, among which places."""

    place: int
    values: Row
    rule: str
    why: str
    among: Sequence[int]


def of_rule(win: Win, said: Said, *, release: int, condition: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Why the attributes of a rule have their values; a group is taken as a whole, its gaps included.

    `condition`: the attribute whose value made the rule count, if any.
    """
    winner = said.members[win.place]
    entry: dict[str, Any] = {
        "record": winner.record_id,
        "key": winner.key,
        "system": winner.system,
        "rule": win.rule,
        "why": win.why,
        "release": release,
        "at": _iso(winner.changed_at),
    }
    found = {}
    for position, (name, value) in enumerate(zip(said.names, win.values, strict=True)):
        if value is not None:
            told = [] if win.rule == "agreed" else [(said.members[place], said.values[place][position]) for place in win.among]
            if win.rule == "union":
                whose = [{"value": each, "system": one.system, "key": one.key} for one, each in told]
                found[name] = {**entry, "beat": [], "from": whose, **condition}
            else:
                found[name] = {**entry, "beat": _beaten(told, value) if told else [], **condition}
    return found


def of_override(override: Override, members: Sequence[Member], *, release: int) -> dict[str, Any]:
    """Why an overridden attribute has its value, or has none."""
    name = override.attribute
    told = [
        (member, value)
        for member in sorted(members, key=lambda member: member.key)
        if not is_empty(value := member.attributes.get(name))
    ]
    return {
        "record": None,
        "key": "",
        "system": "",
        "override": override.actor,
        "rule": "override",
        "why": f"Pinned by {override.actor}: {override.reason}",
        "release": release,
        "at": _iso(override.at),
        "expires_at": _iso(override.expires_at) if override.expires_at else None,
        "beat": _beaten(told, override.value),
    }


def _beaten(told: Iterable[tuple[Member, Any]], kept: Any) -> list[dict[str, Any]]:
    """Distinct other values that are not None or "", each with the first record by key that says so; at most 8."""
    seen = {token(kept), None, ""}
    beaten: list[dict[str, Any]] = []
    for member, value in told:
        name = value if value is None else token(value)
        if name not in seen:
            seen.add(name)
            beaten.append({"value": value, "system": member.system, "key": member.key})
    return beaten[:MAX_BEAT]


@lru_cache(maxsize=4_096)
def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
