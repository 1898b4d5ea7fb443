"""Numbers that firms carry, with check digits that hold."""

from __future__ import annotations

import string
from functools import cache
from importlib import import_module
from itertools import product
from typing import Any

from stdnum import luhn

from connectors.twins.sample.world.chance import LETTERS, Chance
from connectors.twins.sample.world.words import Country

_CHECK_CHARACTERS = {"?": string.digits, "&": string.ascii_uppercase, "*": string.digits + string.ascii_uppercase}


def tax_id(chance: Chance, country: Country) -> str:
    """A tax number that the country's own check accepts."""
    while True:
        template = _french(chance) if country.code == "FR" else chance.fill(country.tax_id)
        if number := _checked(template, country.checked_by):
            return number


def broken_tax_id(chance: Chance, country: Country) -> str:
    """A tax number of the right shape whose check digit is wrong; only for countries whose scheme has one."""
    scheme = _scheme(country.checked_by)
    while True:
        number = tax_id(chance, country)
        place = max(i for i, c in enumerate(number) if c.isdigit())
        broken = number[:place] + str((int(number[place]) + chance.whole(1, 9)) % 10) + number[place + 1 :]
        if not scheme.is_valid(broken):
            return broken


def lei(chance: Chance) -> str:
    """A Legal Entity Identifier (ISO 17442): 18 characters and two check digits."""
    body = chance.digits(4) + "00" + "".join(chance.one("0123456789" + LETTERS) for _ in range(12))
    as_digits = "".join(str(int(c, 36)) for c in body + "00")
    return f"{body}{98 - int(as_digits) % 97:02d}"


def broken_lei(chance: Chance) -> str:
    """A LEI whose last digit was mistyped."""
    good = lei(chance)
    return good[:-1] + str((int(good[-1]) + 1) % 10)


def duns(chance: Chance) -> str:
    """A nine-digit D-U-N-S number; newer ones carry no check digit."""
    return chance.digits(9)


def registration_no(chance: Chance, country: Country, tax_number: str) -> str:
    """The number in the companies register. In France it is the part of the VAT number after the key."""
    return tax_number[4:] if country.code == "FR" else chance.fill(country.registration_no)


def _french(chance: Chance) -> str:
    # The SIREN has a Luhn digit of its own; trying all of them against the VAT key as well would take a thousand tries.
    body = chance.digits(8)
    return "FR??" + body + str(luhn.calc_check_digit(body))


def _checked(template: str, scheme_name: str) -> str | None:
    open_places = [c for c in template if c in _CHECK_CHARACTERS]
    if not scheme_name:
        return template
    scheme = _scheme(scheme_name)
    for choice in product(*(_CHECK_CHARACTERS[c] for c in open_places)):
        left = iter(choice)
        number = "".join(next(left) if c in _CHECK_CHARACTERS else c for c in template)
        if scheme.is_valid(number):
            return number
    return None


@cache
def _scheme(name: str) -> Any:
    return import_module(name)
