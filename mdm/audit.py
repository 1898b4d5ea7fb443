"""Writes the audit trail: who did what, when, why, with the old and the new, digested so that values can be erased."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mdm.models import AuditEntry, User, copying

FORM = 2
"""How entries are digested and linked now."""

correlation: ContextVar[str] = ContextVar("correlation", default="")


def record(
    *,
    at: datetime,
    actor: User,
    verb: str,
    subject: str,
    domain: str = "",
    old: Any = None,
    new: Any = None,
    reason: str = "",
) -> None:
    """One act, in the caller's transaction. `old` and `new` fit JSON; `subject` names the thing (`pair:42`)."""
    record_all([Fact(subject, domain, old, new)], at=at, actor=actor, verb=verb, reason=reason)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an act changed."""

    subject: str
    domain: str = ""
    old: Any = None
    new: Any = None


def record_all(facts: Iterable[Fact], *, at: datetime, actor: User, verb: str, reason: str = "") -> None:
    """One act on many things, an entry each, in the caller's transaction."""
    copying.append(_entry(fact, at=at, actor=actor, verb=verb, reason=reason) for fact in facts)


def _entry(fact: Fact, *, at: datetime, actor: User, verb: str, reason: str) -> AuditEntry:
    salt = secrets.token_bytes(16)
    return AuditEntry(
        at=at,
        actor=actor.name,
        verb=verb,
        subject=fact.subject,
        domain=fact.domain,
        reason=reason,
        correlation=correlation.get(),
        old=fact.old,
        new=fact.new,
        form=FORM,
        salt=salt,
        digest=digest(salt, fact.old, fact.new, reason),
    )


def digest(salt: bytes, old: Any, new: Any, *reason: str) -> bytes:
    """SHA-256 over the salt and the values in canonical JSON, the same before and after the database kept them.

    `reason`: of an entry in the present form; those of form 1 kept it in the chain.
    """
    said = json.dumps(_canonical([old, new, *reason]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(salt + said.encode("utf-8", "surrogatepass")).digest()


def _canonical(value: Any) -> Any:
    """JSON with one form for each number: JSONB keeps 1e22 and 10000000000000000000000 as the same thing."""
    if isinstance(value, dict):
        return {str(name): _canonical(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    _, digits, exponent = Decimal(repr(value)).as_tuple()
    whole = "".join(map(str, digits)).lstrip("0")
    figures = whole.rstrip("0")
    sign = "-" if value < 0 else ""
    return {"number": f"{sign}{figures}e{int(exponent) + len(whole) - len(figures)}" if figures else "0"}


def link(previous: bytes, entry: AuditEntry, position: int) -> bytes:
    """The chain value of `entry`: SHA-256 over the previous one and everything but the erasable values."""
    fields = [
        position,
        entry.at.isoformat(),
        entry.actor,
        entry.verb,
        entry.subject,
        entry.domain,
        *((entry.reason, entry.correlation) if entry.form == 1 else (entry.correlation, entry.form)),
    ]
    said = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + said.encode() + bytes(entry.digest)).digest()
