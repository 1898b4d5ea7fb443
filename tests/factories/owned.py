"""Customers whose phone the ledger owns, and what becomes of another system's word on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mdm import permissions
from mdm.actions.governance import releases as releasing
from mdm.engine import releases
from mdm.models import ChangeRequest
from mdm.rules.governance.domains import DomainSpec, Survive
from tests.factories.records import FIRM, customer, send
from tests.factories.times import NOON, later

OLD, NEW, OTHER_NEW = "+441134960001", "+441134960002", "+441134960003"
"""Phones that the check passes."""
LEDGER, CRM = "erp", "crm"


def declare(policy: str | None = "request", **parts: Any) -> DomainSpec:
    """Release customers with `policy` for the phone, which `erp` owns; further parts of the declaration are replaced."""
    spec = releases.current("customer").spec
    attributes = tuple(replace(one, unowned_change=policy if one.name == "phone" else None) for one in spec.attributes)
    plain = {
        "ownership": {"phone": {LEDGER: "owner", "hr": "reader"}},
        "attributes": attributes,
        "criticality": 2,
        "change_requests": None,
        **parts,
    }
    changed = replace(spec, **plain)
    releasing.publish(spec=changed, actor=permissions.machine(), at=NOON)
    return changed


def ownerless(**parts: Any) -> DomainSpec:
    """Release customers whose phone nobody owns: whoever spoke last has the word."""
    return declare(None, ownership={}, survivorship=latest_wins("phone"), **parts)


def latest_wins(*names: str) -> tuple[Survive, ...]:
    """The declared rules, but for these attributes: whoever changed last has the word."""
    spec = releases.current("customer").spec
    kept = tuple(rule for rule in spec.survivorship if not set(names) & set(rule.attributes))
    like = next(rule for rule in spec.rules if any(strategy.kind == "most_recent" for strategy in rule.strategies))
    latest = tuple(strategy for strategy in like.strategies if strategy.kind == "most_recent")
    return (*kept, *(Survive((name,), latest) for name in names))


def says(system: str, phone: str | None, *, at: datetime = NOON, native_id: str = "K", **more: Any) -> str:
    """One system sends its record of the one customer; what became of it."""
    payload = {**FIRM, **({"phone": phone} if phone else {}), **more}
    return send(customer(f"{native_id}-{system}", payload, system=system), at=at)[0].status


def fight(rounds: int, *, since: int = 0, every: float = 10) -> None:
    """Two systems that agreed say their own phones in turn; each saves something else as well, so that it spoke last."""
    for system in (LEDGER, CRM) if since == 0 else ():
        says(system, OLD, at=later(-1))
    for number in range(since, rounds):
        says(*((LEDGER, OLD), (CRM, NEW))[number % 2], at=later(number * every), industry=f"trade {number}")


def waiting() -> list[ChangeRequest]:
    return list(ChangeRequest.objects.filter(status__in=["OPEN", "APPROVED"]).order_by("id"))


def the_request() -> ChangeRequest:
    return ChangeRequest.objects.get()
