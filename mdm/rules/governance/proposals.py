"""What systems say that do not own an attribute, where the domain wants a person to approve it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdm.rules.golden.survivorship import Member
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.ownership import Say, say
from mdm.rules.values import is_empty, token


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that waits for approval. `system`, `key`: of the first record by key that says it; `records`: all that do."""

    attribute: str
    value: Any
    system: str
    key: str
    records: tuple[int, ...]


def waiting(spec: DomainSpec, members: Sequence[Member], golden: Mapping[str, Any]) -> list[Proposal]:
    """The proposals among the records of one golden record, by attribute and value.

    A function of what the records say now and of the golden values: neither order nor repetition matters. No proposal is what
    the owner says as well, what is golden already, or what failed a check. While the owner has no value, nobody has to ask.
    """
    if len(members) < 2:
        return []
    found: dict[tuple[str, str], list[Member]] = {}
    for name in spec.asking:
        owner = spec.owner_of(name)
        owned = {token(one.attributes[name]) for one in members if one.system == owner and _has(one, name)}
        settled = owned | {token(each) for each in _every(golden.get(name))} | {token(golden.get(name))}
        for member in sorted(members, key=lambda one: one.key) if owned else ():
            role = spec.ownership_of(name, member.system)
            is_waiting = say(role, spec.policy_of(name), owner_speaks=True) is Say.WAITS
            if is_waiting and _has(member, name) and name not in member.invalid and not _is_in(member.attributes[name], settled):
                found.setdefault((name, token(member.attributes[name])), []).append(member)
    return [
        Proposal(name, sayers[0].attributes[name], sayers[0].system, sayers[0].key, tuple(one.record_id for one in sayers))
        for (name, _), sayers in sorted(found.items())
    ]


def _has(member: Member, name: str) -> bool:
    return not is_empty(member.attributes.get(name))


def _is_in(value: Any, settled: Iterable[str]) -> bool:
    """Whether the value, or all of a list of values, is settled."""
    return token(value) in settled or (isinstance(value, list) and all(token(each) in settled for each in value))


def _every(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
