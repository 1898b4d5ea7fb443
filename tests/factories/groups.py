"""Corporate groups: customers and legal entities with parents, as one or several systems tell them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mdm.engine.preparing import Incoming
from mdm.models import User
from mdm.readers.golden.kin import trees
from mdm.readers.golden.kin.trees import Asked, Tree
from tests.factories import desk
from tests.factories.records import home, send
from tests.factories.times import NOON, later

NAMES = "ABCDEFGHIJKLMNOP"


def firm(name: str, parent: str | dict[str, str] = "", *, system: str = "crm", **more: Any) -> Incoming:
    """The customer `name`, one letter, which nothing takes for another one; `more`: further values and fields of Incoming."""
    fields = {part: more.pop(part) for part in ("scope", "updated_at") if part in more}
    said = {**desk.firm(NAMES.index(name)), **more} | ({"parent": parent} if parent else {})
    return Incoming(system, "account", name, said, "customer", **fields)


def entity(name: str, parent: str = "", **more: Any) -> Incoming:
    """The legal entity `name`, with the days on which it was owned (`owned_since`, `owned_until`)."""
    fields = {part: more.pop(part) for part in ("scope", "updated_at") if part in more}
    said = {**desk.firm(NAMES.index(name)), **more} | ({"parent": parent} if parent else {})
    return Incoming("erp", "subsidiary", name, said, "legal_entity", **fields)


def tell(*lines: str, system: str = "crm", at: datetime = NOON) -> None:
    """Customers as lines: "B<A" for B with the parent A, "A" for one without."""
    send(*(firm(*line.split("<"), system=system) for line in lines), at=at)


def tree(name: str, *, viewer: User, system: str = "crm", **asked: Any) -> Tree:
    """The tree around a record's golden record."""
    return trees.tree(home(name, system=system).enterprise_id, Asked(**asked), viewer=viewer, now=later(60 * 24 * 400))


def above(found: Tree) -> list[str]:
    """Labels of the parents, nearest first."""
    return [place.label for place in found.upward]


def under(found: Tree) -> list[str]:
    """What stands below, indented by its level."""
    return ["  " * (place.depth - 1) + place.label for place in found.below]


def label(name: str) -> str:
    """The label of the firm of that letter."""
    return str(desk.firm(NAMES.index(name))["name"])
