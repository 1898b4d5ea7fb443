"""Phone numbers for comparing. `clean.py` gives E.164; here one digit string per telephone is enough, at 2 µs instead of 60."""

from __future__ import annotations

import re

from matching.normalise.countries import dial_codes
from matching.normalise.texts import fold

PARTS = ("number", "local")

_EXTENSION = re.compile(r"(?:ext|extension|x|durchwahl|poste)\W*\d{1,5}$")
_DIGITS = re.compile(r"\d+")
_SAME = re.compile(r"^(\d)\1+$")
_RUNS = ("0123456789", "1234567890", "9876543210")


def phone(value: str, country: str | None) -> tuple[str | None, str | None]:
    """The last nine digits of the national number, and the last seven (for numbers noted without their area).

    A calling code is taken off when the number has one ("+", "00") or when it begins with that of the record's country.
    """
    text = _EXTENSION.sub("", fold(value[:80]).strip())
    digits = "".join(_DIGITS.findall(text.replace("(0)", "")))
    digits = _national(digits, has_code=text.startswith(("+", "00")), dial=dial_codes().get(country or "", ""))
    if not 7 <= len(digits) <= 15 or _SAME.match(digits[-7:]) or any(digits[-7:] in run for run in _RUNS):
        return None, None
    return (digits[-9:] if len(digits) >= 8 else None), digits[-7:]


def _national(digits: str, *, has_code: bool, dial: str) -> str:
    bare = digits.removeprefix("00")
    if dial and bare.startswith(dial) and (has_code or len(bare) - len(dial) >= 8):
        bare = bare[len(dial) :]
    return bare.lstrip("0")
