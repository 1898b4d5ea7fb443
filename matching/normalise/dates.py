"""Calendar dates as people type them."""

from __future__ import annotations

import re
from datetime import date

from matching.normalise.texts import fold

PARTS = ("day", "year")

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_LOCAL = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[t ].*)?$")
_NAMED = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th|\.)?[-\s]+([a-z]{3,10})\.?,?[-\s]+(\d{4})$|^([a-z]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$"
)
_YEAR = re.compile(r"^(\d{4})(?:-00-00)?$")

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio januari",
            "feb february februar fevrier febrero febbraio februari",
            "mar march marz maerz mars marzo maart",
            "apr april avril abril aprile",
            "may mai mayo maggio mei",
            "jun june juni juin junio giugno",
            "jul july juli juillet julio luglio",
            "aug august aout agosto augustus",
            "sep sept september septembre septiembre settembre",
            "oct october oktober octobre octubre ottobre okt",
            "nov november novembre noviembre",
            "dec december dezember decembre diciembre dicembre dez",
        ),
        start=1,
    )
    for name in names.split()
}


def day(value: str) -> tuple[str | None, str | None]:
    """The day as yyyymmdd and its year. 3/4/2020 is read day first; comparing forgives the other reading."""
    text = fold(value[:40]).strip()
    if found := _YEAR.match(text):
        return None, found[1]
    parts = read(text)
    if parts is None:
        return None, None
    year, month, number = parts
    if month > 12 >= number:
        month, number = number, month
    try:
        date(year, month, number)
    except ValueError:
        # The thirtieth of February was typed by someone: as digits it can still agree with another record.
        return (f"{year:04}{month:02}{number:02}", f"{year:04}") if month <= 31 and number <= 31 else (None, None)
    return f"{year:04}{month:02}{number:02}", f"{year:04}"


def read(text: str) -> tuple[int, int, int] | None:
    """Year, month, day of a folded text, unchecked; local forms are read day first."""
    if found := _ISO.match(text) or _COMPACT.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _LOCAL.match(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _NAMED.match(text):
        number, name, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        return (int(year), MONTHS[name], int(number)) if name in MONTHS else None
    return None


def is_ambiguous(text: str) -> bool:
    """True when day and month could change places and make another day. With points the day comes first everywhere."""
    found = _LOCAL.match(text)
    if not found or "." in text:
        return False
    return int(found[1]) <= 12 and int(found[2]) <= 12 and int(found[1]) != int(found[2])
