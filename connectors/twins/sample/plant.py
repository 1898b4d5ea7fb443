"""Plants push faults and drifts in the twins, and says exactly what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.twins.control_client import ControlClient
from connectors.twins.sample.chance import Chance
from connectors.twins.sample.firm import Firm, Key, domain_of


@dataclass(frozen=True, slots=True)
class PushFault:
    """A row whose pushes fail: `times` attempts, None until the fault is cleared. `kind`: reject_row or lock_row."""

    key: Key
    kind: str
    times: int | None
    fault_id: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A change that a person made in a target after the push. `old` is what the hub last put there."""

    key: Key
    kind: str
    field: str
    new: str | None


_STAMP = {
    ("salesforce", "Account"): "Enterprise_Id__c",
    ("salesforce", "Legal_Entity__c"): "Enterprise_Id__c",
    ("salesforce", "Project__c"): "Enterprise_Id__c",
    ("netsuite", "customer"): "custentity_enterprise_id",
    ("netsuite", "subsidiary"): "custrecord_enterprise_id",
    ("netsuite", "job"): "custentity_enterprise_id",
}
_EDITABLE = {
    ("salesforce", "Account"): (("Name", "{} (edited by sales)"), ("Phone", "+44 20 7946 0{:03d}")),
    ("netsuite", "customer"): (("companyName", "{} (edited by billing)"), ("phone", "+44 20 7946 1{:03d}")),
}


def plant_push_faults(
    firm: Firm, salesforce: ControlClient, netsuite: ControlClient, *, permanent: int = 3, transient: int = 5
) -> list[PushFault]:
    """Refuse every push to `permanent` rows and lock `transient` rows for two attempts, half of each in either twin."""
    chance, planted = Chance(firm.seed, "push faults"), list[PushFault]()
    clients = {"salesforce": salesforce, "netsuite": netsuite}
    kinds = [("reject_row", None)] * permanent + [("lock_row", 2)] * transient
    keys = _customers(firm, chance, count=len(kinds))
    for (kind, times), key in zip(kinds, keys, strict=True):
        details = {"object": key[1], "id": key[3]} | ({} if times is None else {"times": times})
        planted.append(PushFault(key, kind, times, clients[key[0]].fault(kind, **details)))
    return planted


def plant_drifts(
    firm: Firm, salesforce: ControlClient, netsuite: ControlClient, *, avoid: Sequence[Key] = (), count: int = 12
) -> list[Drift]:
    """Edit `count` rows as people in the vendors' screens would: names and phones overwritten, enterprise IDs blanked."""
    chance, planted = Chance(firm.seed, "drifts"), list[Drift]()
    clients = {"salesforce": salesforce, "netsuite": netsuite}
    for number, key in enumerate(_customers(firm, chance, count=count, avoid=avoid)):
        field, value = _edit(firm, key, number)
        clients[key[0]].edit(key[1], key[3], {field: value}, user="a colleague")
        planted.append(Drift(key, "blanked_id" if value is None else "overwritten", field, value))
    return planted


def _edit(firm: Firm, key: Key, number: int) -> tuple[str, str | None]:
    if number % 3 == 2:
        return _STAMP[key[0], key[1]], None
    field, template = _EDITABLE[key[0], key[1]][number % 3]
    name = next(row.attributes["name"] for row in firm.rows[key[0], key[1]] if row.native_id == key[3])
    return field, template.format(name if number % 3 == 0 else number)


def _customers(firm: Firm, chance: Chance, *, count: int, avoid: Sequence[Key] = ()) -> list[Key]:
    good = [
        key
        for key in firm.truth
        if key[0] in {"salesforce", "netsuite"}
        and domain_of(key[0], key[1]) == "customer"
        and key not in firm.placeholders
        and key not in firm.must_quarantine
        and key not in avoid
    ]
    by_system = [chance.some([key for key in good if key[0] == system], count) for system in ("salesforce", "netsuite")]
    return [key for pair in zip(*by_system, strict=False) for key in pair][:count]
