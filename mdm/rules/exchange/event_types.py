"""The events the hub promises to tell, by their CloudEvents type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Fact(StrEnum):
    """What can become true of a golden record, the last two of a domain."""

    CREATED = "created"
    UPDATED = "updated"
    MERGED = "merged"
    SPLIT = "split"
    RETIRED = "retired"
    RESTORED = "restored"
    ERASED = "erased"
    RELEASED = "released"
    ROLLED_BACK = "rolled_back"


# One line each, as the API's page says it. A type's meaning never changes; another meaning is a v2.
MEANINGS: Mapping[Fact, str] = {
    Fact.CREATED: "A golden record was born with a new enterprise ID.",
    Fact.UPDATED: "A value, a relation or the membership of a golden record changed.",
    Fact.MERGED: "Another golden record took all its records; its enterprise ID now leads to that one.",
    Fact.SPLIT: "Its records went to several golden records; its enterprise ID now leads to the list.",
    Fact.RETIRED: "All its records are gone from the systems.",
    Fact.RESTORED: "A retired enterprise ID is live again, after an unmerge or because its records came back.",
    Fact.ERASED: "It was a person whose data was erased; whoever holds a copy erases it too. Its versions are empty from now on.",
    Fact.RELEASED: "The domain has another release, by which all work from now on; what it changes is told record by record.",
    Fact.ROLLED_BACK: "The domain works by a former release again, under a new number.",
}

_TYPE = re.compile(r"concord\.([a-z][a-z0-9_]*)\.([a-z_]+)\.v1")


def event_type(domain: str, fact: str) -> str:
    """The type of an event: `concord.customer.merged.v1`; ValueError when `fact` is none of ours."""
    return f"concord.{domain}.{Fact(fact)}.v1"


def parts(type: str) -> tuple[str, Fact] | None:
    """Domain and fact of an event type, None when the hub has no such type."""
    found = _TYPE.fullmatch(type)
    if found is None or found[2] not in list(Fact):
        return None
    return found[1], Fact(found[2])


def types(domain: str) -> Mapping[str, str]:
    """All event types of a domain, with one line each."""
    return {event_type(domain, fact): MEANINGS[fact] for fact in Fact}
