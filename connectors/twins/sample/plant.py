"""Plants push faults and drifts in the twins, and says exactly what was planted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.twins.control_client import ControlClient
from connectors.twins.sample.firm import Firm, Key
from connectors.twins.sample.world import Chance


@dataclass(frozen=True, slots=True)
class PushFault:
    """A row whose pushes fail: `times` attempts, None until the fault is cleared. `kind`: reject_row or lock_row."""

    key: Key
    kind: str
    times: int | None
    fault_id: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A change that a person made in a target after the push: `old` is what the hub had put there, None for `new` is blanked."""

    key: Key
    kind: str
    field: str
    old: str
    new: str | None


_CUSTOMERS = {"salesforce": "Account", "netsuite": "customer"}
_STAMPS = {"salesforce": "Enterprise_Id__c", "netsuite": "custentity_enterprise_id"}
# Fields that people like to correct, and what they type: `{}` is a number.
_TYPED = {
    "salesforce": {"Name": "Renamed Trading {} Ltd", "BillingCity": "Elsewhere {}", "BillingStreet": "{} New Quay"},
    "netsuite": {"companyName": "Renamed Billing {} Ltd", "custentity_city": "Elsewhere {}", "custentity_street": "{} New Quay"},
}


def plant_push_faults(
    firm: Firm, salesforce: ControlClient, netsuite: ControlClient, *, permanent: int = 3, transient: int = 5
) -> list[PushFault]:
    """Refuse every push to `permanent` customers and lock `transient` ones for two attempts, in either twin by turns."""
    clients, planted = {"salesforce": salesforce, "netsuite": netsuite}, list[PushFault]()
    kinds = [("reject_row", None)] * permanent + [("lock_row", 2)] * transient
    for (kind, times), key in zip(kinds, _some_customers(firm, len(kinds)), strict=True):
        details = {"object": key[1], "id": key[3]} | ({} if times is None else {"times": times})
        planted.append(PushFault(key, kind, times, clients[key[0]].fault(kind, **details)))
    return planted


def plant_drifts(
    firm: Firm, salesforce: ControlClient, netsuite: ControlClient, *, avoid: Sequence[Key] = (), count: int = 12
) -> list[Drift]:
    """Undo what was pushed into `count` customers, as people in the vendors' screens would; `count` rows, one field each.

    Every third one loses its enterprise ID, the others a pushed name, city or street. Only values that the journal shows as
    written by an integration are touched, so that each edit is a drift and not simply news.

    Raises:
        ValueError: less than `count` rows were pushed.
    """
    clients = {"salesforce": salesforce, "netsuite": netsuite}
    pushed = {system: _pushed(client, system) for system, client in clients.items()}
    planted: list[Drift] = []
    taken = set(avoid)
    for number in range(count):
        system, blanks = ("salesforce", "netsuite")[number % 2], number % 3 == 2
        drift = next(
            (found for found in _drifts(firm, system, pushed[system], number, blanks=blanks) if found.key not in taken), None
        )
        if drift is None:
            raise ValueError(f"Only {number} of {count} drifts can be planted: {system} was not pushed enough values.")
        clients[system].edit(drift.key[1], drift.key[3], {drift.field: drift.new}, user="a colleague")
        taken.add(drift.key)
        planted.append(drift)
    return planted


def _drifts(firm: Firm, system: str, pushed: Mapping[str, Mapping[str, str]], number: int, *, blanks: bool) -> Iterator[Drift]:
    """Possible drifts of one kind, in an order that the seed decides."""
    chance = Chance(firm.seed, f"drift {number}")
    for row_id in chance.shuffled(sorted(pushed)):
        key, values = (system, _CUSTOMERS[system], "", row_id), pushed[row_id]
        if blanks and values.get(_STAMPS[system]):
            yield Drift(key, "blanked_id", _STAMPS[system], values[_STAMPS[system]], None)
        for field, typed in _TYPED[system].items():
            if not blanks and values.get(field):
                yield Drift(key, "overwritten", field, values[field], typed.format(number))


def _pushed(client: ControlClient, system: str) -> dict[str, dict[str, str]]:
    """What integrations, not people, last wrote into customers: row id -> field -> value."""
    found: dict[str, dict[str, str]] = {}
    for entry in client.journal():
        if entry["object"] == _CUSTOMERS[system] and entry["verb"] == "update":
            values = found.setdefault(entry["id"], {})
            for field, (_, new) in entry["changes"].items():
                values[field] = "" if entry["client"].startswith("person:") else new
    return found


def _some_customers(firm: Firm, count: int) -> list[Key]:
    """Keys of customers that can be taken, from either twin by turns."""
    chance = Chance(firm.seed, "push faults")
    good = [key for key in firm.truth if key not in firm.placeholders and key not in firm.must_quarantine]
    found = [
        chance.some([key for key in good if key[:2] == (system, name)], (count + 1) // 2) for system, name in _CUSTOMERS.items()
    ]
    return [key for pair in zip(*found, strict=True) for key in pair][:count]
