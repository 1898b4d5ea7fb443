"""Why a golden value differs between two moments, as one sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Stand:
    """How one attribute stood at one moment. `why`: its provenance, empty where it had none; `keys`: the members of then."""

    why: Mapping[str, Any] = field(default_factory=dict)
    keys: Collection[str] = ()
    release: int = 0


def reason(before: Stand, after: Stand, *, is_set: bool) -> str:
    """What made the difference: a person, a record that said something else, came or went, other rules, or another record's turn.

    `is_set`: whether there is a value at the later moment. The sentence names records, never values.
    """
    was, now = before.why, after.why
    if "override" in now:
        return _ended(str(now.get("why", "")))
    if "override" in was:
        return f"The value that {was['override']} had pinned no longer counts. {_because(now)}".strip()
    if not is_set:
        return f"{was.get('key') or 'The record'} {_gone(was, after)}; no other record has a value."
    if not was:
        return f"{now['key']} {'joined' if now['key'] not in before.keys else 'says so now'}. {_because(now)}"
    if was.get("key") == now.get("key"):
        return f"{now['key']} says something else now. {_because(now)}"
    return f"{_turn(before, after)} {_because(now)}"


def _turn(before: Stand, after: Stand) -> str:
    """Why another record won."""
    was, now = str(before.why.get("key", "")), str(after.why.get("key", ""))
    if was not in after.keys:
        return f"{was} left, {now} took its place."
    if now not in before.keys:
        return f"{now} joined and won over {was}."
    if before.release != after.release:
        return f"Under the rules of release {after.release}, {now} wins over {was}."
    return f"{now} took the place of {was}."


def _gone(was: Mapping[str, Any], after: Stand) -> str:
    return "left" if was.get("key") not in after.keys else "has no value any more"


def _because(why: Mapping[str, Any]) -> str:
    return _ended(str(why.get("why", "")))


def _ended(sentence: str) -> str:
    return sentence if not sentence or sentence.endswith(".") else f"{sentence}."
