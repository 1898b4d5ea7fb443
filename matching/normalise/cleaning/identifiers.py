"""Canonical identifiers for golden records, check digits verified by python-stdnum where the country's scheme is known."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from matching.normalise import lists
from matching.normalise.cleaning.refusal import Refused
from matching.normalise.countries import alpha2_codes
from matching.normalise.identifiers import compact

# Tax prefixes that are not the ISO code of the country.
_TO_ISO = {"EL": "GR", "XI": "GB", "UK": "GB"}
_FROM_ISO = {"GR": "EL", "CH": "CHE"}


def tax_id(value: str, country: str | None) -> str | None:
    """Country prefix and number without punctuation, such as DE123456788.

    Raises Refused with `check_digit` when the scheme is known and the digits do not fit, `bad_format` when length or letters
    do not.
    """
    number = compact(value)
    prefix = _TO_ISO.get(number[:2], number[:2])
    if number.startswith("CHE"):
        country, number = "CH", number[3:]
    elif (
        prefix in alpha2_codes()
        and len(number) > 6
        and (prefix == country or country is None or sum(letter.isdigit() for letter in number[2:]) >= 7)
    ):
        country, number = prefix, number[2:]
    if not 4 <= len(number) <= 24:
        raise Refused(
            "bad_format",
            f"{value[:40]!r} is too short or too long for a tax number.",
            "Check it against the company's letterhead or register.",
        )
    if country is None:
        return number
    return _FROM_ISO.get(country, country) + _accepted(value, number, country)


def _accepted(value: str, number: str, country: str) -> str:
    """The number without prefix in the form of the first scheme that takes it."""
    problems: list[str] = []
    for name in _schemes().get(country, ()):
        verdict, found = _tried(name, number, country)
        if verdict is None:
            return found
        problems.append(verdict)
    if not problems:
        return number
    if "check_digit" in problems:
        raise Refused(
            "check_digit",
            f"The check digit of tax number {value[:40]!r} is wrong for {country}.",
            "Compare it with the original; a digit is mistyped.",
        )
    raise Refused(
        "bad_format",
        f"{value[:40]!r} does not have the form of a tax number of {country}.",
        "Check the number of digits, and the record's country.",
    )


def _tried(name: str, number: str, country: str) -> tuple[str | None, str]:
    """What a scheme says of a number: None and the number in its form, or the code of its objection."""
    from stdnum.exceptions import InvalidChecksum, ValidationError

    module = _scheme(name)
    for candidate in (number, _FROM_ISO.get(country, country) + number):
        try:
            return None, re.sub(rf"^(?:CHE|EL|{country})", "", compact(module.validate(candidate)))
        except InvalidChecksum:
            verdict = "check_digit"
        except (ValidationError, ValueError, IndexError, KeyError):
            verdict = "bad_format"
        if verdict == "check_digit":
            return verdict, ""
    return "bad_format", ""


@cache
def _schemes() -> dict[str, tuple[str, ...]]:
    return {country: tuple(modules.split("|")) for country, modules in lists.table("tax_schemes")}


@cache
def _scheme(name: str) -> Any:
    return import_module(f"stdnum.{name}")


def lei(value: str, country: str | None) -> str | None:
    """A Legal Entity Identifier. Source: ISO 17442; check digits by ISO 7064 MOD 97-10."""
    number = compact(value)
    if len(number) != 20 or not number[18:].isdigit():
        raise Refused(
            "bad_format", f"{value[:40]!r} is not an LEI.", "An LEI has 20 letters and digits, the last two are digits."
        )
    if int("".join(str(int(letter, 36)) for letter in number)) % 97 != 1:
        raise Refused(
            "check_digit",
            f"The check digits of LEI {number} are wrong.",
            "Look it up in the GLEIF register; a character is mistyped.",
        )
    return number


def duns(value: str, country: str | None) -> str | None:
    number = compact(value).removeprefix("DUNS")
    if not number.isdigit() or not 7 <= len(number) <= 9:
        raise Refused("bad_format", f"{value[:40]!r} is not a D-U-N-S number.", "It has nine digits.")
    return number.zfill(9)


def registration_no(value: str, country: str | None) -> str | None:
    number = " ".join(value.upper().split())
    if not any(letter.isdigit() for letter in number) or len(number) > 40:
        raise Refused(
            "bad_format", f"{value[:40]!r} is not a register number.", "It has at least one digit and at most 40 characters."
        )
    return number
