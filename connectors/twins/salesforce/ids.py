"""Salesforce record ids."""

from __future__ import annotations

from connectors.twins.schema import ObjectType
from connectors.twins.store import Store

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# Seeded rows carry ids from other instances; new ones start with another pod's letters.
_POD = "Nw0000"


def new_id(store: Store, kind: ObjectType) -> str:
    """The next id of an object, 18 characters."""
    number, digits = store.next_number(f"id {kind.name}", first=1), ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return long_form(kind.key_prefix + _POD + digits.rjust(6, "0"))


def long_form(record_id: str) -> str:
    """The 18-character form of an id; three characters at the end spell out which of the 15 are capitals."""
    short = record_id[:15]
    chunks = (short[0:5], short[5:10], short[10:15])
    return short + "".join(_SUFFIX_LETTERS[sum(1 << i for i, c in enumerate(chunk) if c.isupper())] for chunk in chunks)
