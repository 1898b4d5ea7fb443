"""Who may do what, and who sees which values: roles and verbs as tables."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mdm.rules.governance.domains import DomainSpec

MASK = "••••"


class Role(StrEnum):
    """The eight roles; people and API tokens carry the same. PRIVACY answers for what is known of natural persons."""

    VIEWER = "VIEWER"
    STEWARD = "STEWARD"
    LEAD = "LEAD"
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    AUDITOR = "AUDITOR"
    PRIVACY = "PRIVACY"
    ADMIN = "ADMIN"


_READ = frozenset({"record.view", "golden.view", "match.query", "events.read", "request.view"})
_ASK = frozenset({"request.ask"})
_DESK = _READ | {"pair.view", "quarantine.view", "sync.view"}
_STEWARD = (
    _DESK
    | _ASK
    | {
        "pair.decide",
        "pair.undo",
        "golden.override",
        "golden.merge",
        "golden.undo",
        "request.decide",
        "quarantine.edit",
        "record.write",
        "id.reserve",
        "finding.accept",
    }
)
_OPERATOR = (_DESK | _ASK) - {"pair.view"} | {
    "record.write",
    "record.delete",
    "id.reserve",
    "id.import",
    "load.run",
    "quarantine.edit",
    "sync.work",
    "sync.replay",
    "reconcile.run",
}
# One person asks for an erasure, another one confirms it.
_ERASES = frozenset({"erasure.request", "erasure.confirm"})
_RELEASES = frozenset({"release.plan", "release.publish"})

# Stewards undo their own decisions, and their own merges while no system was told; pair.undo_others and golden.unmerge are for
# those who answer for others. sync.work: to take jobs and settle them, as the workers do.
_LEAD = frozenset({"pair.bulk", "pair.undo_others", "golden.split", "golden.unmerge", "id.release_others"})
_ALONE = frozenset({"audit.view", "erasure.view", "users.admin", "history.purge"})
_EVERYTHING = _STEWARD | _OPERATOR | _RELEASES | _LEAD | _ERASES | _ALONE

VERBS: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: _READ | _ASK,
    Role.STEWARD: _STEWARD,
    Role.LEAD: _STEWARD | _LEAD | {"record.delete", "release.plan", "audit.view"},
    Role.OWNER: _DESK | _ASK | _RELEASES | {"audit.view"},
    Role.OPERATOR: _OPERATOR,
    Role.AUDITOR: _DESK | {"audit.view", "erasure.view"},
    Role.PRIVACY: _DESK | _ERASES | {"audit.view", "erasure.view"},
    Role.ADMIN: _EVERYTHING,
}

_OPEN = frozenset({"public", "internal"})
SEEN: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: _OPEN,
    Role.STEWARD: _OPEN | {"personal"},
    Role.LEAD: _OPEN | {"personal", "restricted"},
    Role.OWNER: _OPEN | {"personal", "restricted"},
    Role.OPERATOR: _OPEN | {"personal"},
    Role.AUDITOR: _OPEN | {"personal", "restricted"},
    Role.PRIVACY: _OPEN | {"personal", "restricted"},
    Role.ADMIN: _OPEN | {"personal", "restricted"},
}


def may(role: Role, verb: str) -> bool:
    """May this role do that? A verb that nobody has is a mistake in the code: KeyError."""
    _known(verb)
    return verb in VERBS[role]


def who_may(verb: str) -> tuple[Role, ...]:
    """The roles that may, least powerful first: what a refused person is told."""
    _known(verb)
    return tuple(role for role in Role if verb in VERBS[role])


def sees(role: Role, sensitivity: str) -> bool:
    """Does this role see values of that sensitivity? What is not known is not seen."""
    return sensitivity in SEEN[role]


def masked(values: Mapping[str, Any], spec: DomainSpec, role: Role) -> dict[str, Any]:
    """The values as this role sees them: MASK in place of each hidden one, None stays None.

    Names that are no attributes of the domain (relations) pass.
    """
    hidden = {attribute.name for attribute in spec.attributes if not sees(role, attribute.sensitivity)}
    return {name: MASK if name in hidden and value is not None else value for name, value in values.items()}


def _known(verb: str) -> None:
    if verb not in _EVERYTHING:
        raise KeyError(f"no role has the verb {verb!r}")
