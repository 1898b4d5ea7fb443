"""Systems outside, as a test needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdm import permissions
from mdm.actions.intake import sources
from mdm.actions.intake.sources import Declared
from mdm.models import SourceObject
from tests.factories.times import NOON

CODES = ("crm", "erp", "psa", "hr", "files")
ROWS: Sequence[Any] = [
    ["name", "Name"],
    ["country", "Country"],
    ["city", "City"],
    ["address", "Street"],
    ["postcode", "Zip"],
    ["phone", "Phone"],
    ["domain", "Website"],
    ["tax_id", "Vat"],
]
"""A mapping with names of the system's own; its rows carry the enterprise ID in `HubId`."""


def declare(*codes: str, objects: Sequence[Declared] = ()) -> None:
    """Make systems known; without objects they speak our attribute names, and the first record of an object names its domain."""
    for code in codes or CODES:
        sources.declare(code=code, title=code.title(), objects=objects, actor=permissions.machine(), at=NOON)


def target(
    code: str, *, object: str = "account", domain: str = "customer", rows: Sequence[Any] = ROWS, is_unique: bool = False
) -> SourceObject:
    """A system with one object that takes what survives."""
    declared = Declared(object, domain, rows, is_unique=is_unique, enterprise_id_field="HubId", is_target=True)
    declare(code, objects=[declared])
    return SourceObject.objects.get(system=code, object=object)
