"""Identifiers for comparing: tax numbers, LEI, D-U-N-S, register numbers. `clean.py` has the forms for golden records."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise.countries import alpha2_codes
from matching.normalise.texts import fold, is_placeholder

TAX_PARTS = ("number", "scheme")

_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_NOT_CODE = re.compile(r"[^0-9A-Z]+")
_TAX_LABEL = re.compile(
    r"^(?:VAT(?:NO|NR|ID|REG(?:NO)?)?|USTIDNR|USTID|TVA|MWST|NIF|CIF|EIN|TIN|NIP|GSTIN|ABN|ACN|UID|BTW)(?=[0-9A-Z]{6})"
)
# Labels that are letters of no number: what follows must have six digits or more.
_TAX_NAME = re.compile(
    r"^(?:TAX(?:NO|NUMBER|ID|CODE)?|USTNR|STEUERNUMMER|STNR|PIVA|PARTITAIVA|CODICEFISCALE|NUIT|NIPC|RUC|RUT|RFC|NIT|CUIT|CNPJ|RNC|RTN|INN|UNP|BIN|"
    r"OIB|PIB|CUI|ICO|DIC|AFM|VKN|UEN|NPWP|MST|UBN|BRN|TRN|SIREN|SIRET|CVR|ORGNR|MOMSNR|YTUNNUS|ADOSZAM|EIK|FEIN|GST(?:NO)?|RIF)(?=[A-Z]{0,4}\d{6})"
)
# Numbers that hold the company's own number with something around it: a branch (SIRET), a member of a VAT group, check digits.
_INSIDE = {
    "FR": re.compile(r"[0-9A-Z]{2}(\d{9})|(\d{9})\d{5}"),
    "NL": re.compile(r"(\d{9})B\d{2}"),
    "GB": re.compile(r"(\d{9})\d{3}"),
    "SE": re.compile(r"(\d{10})01"),
    "AU": re.compile(r"\d{2}(\d{9})"),
    "BE": re.compile(r"0(\d{9})"),
}
_TAX_TAIL = re.compile(r"(?:MWST|TVA|IVA|MVA)$")
_SAME_DIGIT = re.compile(r"^(.)\1+$")


def compact(value: str) -> str:
    """Letters and digits, upper case, ASCII."""
    if value.isascii() and "&" not in value:
        return _NOT_CODE.sub("", value[:200].upper())
    return _NOT_CODE.sub("", fold(value[:200]).upper())


def tax_number(value: str, country: str | None) -> tuple[str | None, str | None]:
    """The company's own number, and the country whose scheme it is (prefix first, then the record's country).

    Country prefix and label go; a French SIRET, VAT number and SIREN are one, as are a British branch's and its company's.
    """
    number = compact(value)
    if not number[:1].isdigit():
        number = _TAX_NAME.sub("", _TAX_LABEL.sub("", number))
    if not number[-1:].isdigit():
        number = _TAX_TAIL.sub("", number)
    scheme = country
    if number.startswith("CHE"):
        number, scheme = number[3:], "CH"
    elif (prefix := _PREFIXES.get(number[:2], number[:2])) in _prefixed() and number[2:3] and _digits(number[2:]) >= 5:
        number, scheme = number[2:], prefix
    if scheme == "AT" and number.startswith("U"):
        number = number[1:]
    elif scheme in _INSIDE and (inside := _INSIDE[scheme].fullmatch(number)):
        number = inside[1] or inside[2]
    if not 6 <= len(number) <= 20 or is_placeholder(number) or _SAME_DIGIT.match(number) or number in _RUNS:
        return None, None
    return number, scheme


_PREFIXES = {"EL": "GR", "UK": "GB", "XI": "GB"}
_RUNS = frozenset({"123456789", "1234567890", "12345678", "1234567", "987654321", "012345678", "0123456789"})


@cache
def _prefixed() -> frozenset[str]:
    return alpha2_codes()


def _digits(text: str) -> int:
    return len(text) - len(text.translate(_NO_DIGITS))


def lei(value: str) -> tuple[str | None]:
    """A Legal Entity Identifier (ISO 17442); one whose check digits are wrong says nothing."""
    number = compact(value)
    if len(number) != 20 or not number[18:].isdigit() or _SAME_DIGIT.match(number):
        return (None,)
    return (number if int("".join(str(int(letter, 36)) for letter in number)) % 97 == 1 else None,)


def duns(value: str) -> tuple[str | None]:
    """A D-U-N-S number: nine digits. It has no public check digit."""
    number = compact(value).removeprefix("DUNS")
    number = number.zfill(9) if number.isdigit() and 7 <= len(number) <= 9 else number
    return (number if len(number) == 9 and number.isdigit() and not _SAME_DIGIT.match(number) and number not in _RUNS else None,)


def register_number(value: str, country: str | None) -> tuple[str | None, str | None]:
    """A company register's number without leading zeros, and the country of the register."""
    number = compact(value).lstrip("0")
    if (
        not 4 <= len(number) <= 24
        or is_placeholder(number)
        or _SAME_DIGIT.match(number)
        or number in _RUNS
        or not _digits(number)
    ):
        return None, None
    return number, country


def personal_number(value: str) -> tuple[str | None]:
    """A national or social security number: letters and digits."""
    number = compact(value)
    if not 4 <= len(number) <= 24 or _SAME_DIGIT.match(number) or is_placeholder(number):
        return (None,)
    return (number,)
