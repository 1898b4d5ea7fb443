"""Canonical values for golden records.

One function for each kind, and one sentence for each reason why a value cannot be taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date as day_of
from decimal import Decimal

from matching.errors import BadInput
from matching.normalise import dates, lists, numbers, sites
from matching.normalise.cleaning import identifiers
from matching.normalise.cleaning.refusal import NOTHING, Refused
from matching.normalise.countries import country as country_code
from matching.normalise.texts import fold, is_placeholder, words
from matching.types import Cleaned

LONGEST_TEXT = 4000
LONGEST_VALUE = 500

_TRUE = frozenset(["true", "yes", "y", "t", "1", "ja", "oui", "si", "sim", "vrai", "wahr", "on", "x"])
_FALSE = frozenset(["false", "no", "n", "f", "0", "nein", "non", "nee", "nao", "faux", "falsch", "off"])
_GB_POSTCODE = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})$")
_SYMBOLS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "zł": "PLN",
    "₺": "TRY",
    "₴": "UAH",
    "us$": "USD",
}


def clean(kind: str, values: Sequence[str | None], *, country: Sequence[str | None] | None = None) -> list[Cleaned]:
    """The canonical form of each value, or what is wrong with it. `country`: one hint a value, any form `country` itself takes.

    Never raises on a text, whatever is in it. Raises BadInput for an unknown kind or a wrong number of hints.
    """
    if kind not in KINDS:
        raise BadInput(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
    if country is not None and len(country) != len(values):
        raise BadInput(f"there are {len(values)} values and {len(country)} countries")
    seen: dict[tuple[str | None, str | None], Cleaned] = {}
    found = []
    for pair in zip(values, country or [None] * len(values), strict=True):
        if pair not in seen:
            seen[pair] = _one(kind, *pair)
        found.append(seen[pair])
    return found


def _one(kind: str, value: str | None, hint: str | None) -> Cleaned:
    if value is None:
        return NOTHING
    longest = LONGEST_TEXT if kind == "text" else LONGEST_VALUE
    try:
        text = _tidy(value, longest)
        if not text or (kind not in _OWN_PLACEHOLDERS and is_placeholder(text) and not _is_norway(kind, text)):
            return NOTHING
        alpha2 = country_code(hint)[0] if hint else None
        return Cleaned(KINDS[kind](text, alpha2))
    except Refused as refused:
        return refused.cleaned


def _tidy(value: str, longest: int) -> str:
    """One composed Unicode form, single spaces, no space at the ends."""
    if len(value) > longest:
        raise Refused(
            "too_long", f"The value has {len(value):,} characters; at most {longest:,} are taken.", "Shorten it at the source."
        )
    for letter in value:
        kind = unicodedata.category(letter)
        if (kind == "Cc" and letter not in "\t\n\r") or kind == "Cs":
            name = "NUL byte" if letter == "\0" else f"control character U+{ord(letter):04X}"
            raise Refused(
                "control_character",
                f"The value holds a {name}.",
                "Remove it at the source; it is often left over from a broken export.",
            )
    return " ".join(unicodedata.normalize("NFC", value).split())


def _text(value: str, country: str | None) -> str | None:
    return value


def _country(value: str, country: str | None) -> str | None:
    code = country_code(value)[0]
    if code is None:
        raise Refused(
            "unknown_country", f"{value[:60]!r} names no country.", "Use an ISO code such as DE, or the country's usual name."
        )
    return code


def _phone(value: str, country: str | None) -> str | None:
    # Imported here: phonenumbers' tables cost 30 MB, and only golden records need them.
    import phonenumbers

    text = fold(value)
    text = "+" + text[2:] if text.startswith("00") else text
    if country is None and not text.startswith("+"):
        raise Refused(
            "country_needed",
            f"The phone number {value[:40]!r} does not say its country.",
            "Write it with +, or give the record a country.",
        )
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused(
            "bad_phone",
            f"{value[:40]!r} cannot be a phone number{f' of {country}' if country else ''}.",
            "Check the number of digits.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(value: str, country: str | None) -> str | None:
    text = value.lower().removeprefix("mailto:")
    user, at, host = text.rpartition("@")
    name = sites.host_of(host)
    if (
        not at
        or name is None
        or name != sites.host_of(text)
        or not re.fullmatch(r"[^\s@<>()\",;:\\\[\]]{1,64}", user)
        or ".." in text
    ):
        raise Refused("bad_email", f"{value[:60]!r} is not an e-mail address.", "It must look like name@company.com.")
    return f"{user}@{name}"


def _web_domain(value: str, country: str | None) -> str | None:
    host = sites.host_of(value)
    if host is None or sites.registrable(host)[0] is None:
        raise Refused("bad_domain", f"{value[:60]!r} is not a web address.", "It must look like company.com.")
    return host.removeprefix("www.") if sites.registrable(host)[0] != host else host


def _postcode(value: str, country: str | None) -> str | None:
    text = fold(value).upper()
    letters = re.sub(r"[^0-9A-Z]", "", text)
    if not 2 <= len(letters) <= 12 or re.search(r"[^0-9A-Z \-.]", text):
        raise Refused("bad_postcode", f"{value[:40]!r} is not a postcode.", "Leave it empty when there is none.")
    if found := _GB_POSTCODE.match(letters) if country in {None, "GB"} else None:
        return f"{found[1]} {found[2]}"
    return text


def _currency(value: str, country: str | None) -> str | None:
    code = _SYMBOLS.get(value.lower(), value.upper())
    if code not in lists.single("currencies"):
        raise Refused("unknown_currency", f"{value[:40]!r} is no currency code.", "Use an ISO 4217 code such as EUR.")
    return code


def _date(value: str, country: str | None) -> str | None:
    text = fold(value).strip()
    if dates.is_ambiguous(text):
        raise Refused(
            "ambiguous_date",
            f"{value[:40]!r} can be read day first or month first.",
            "Write it as year-month-day, such as 2026-04-03.",
        )
    parts = dates.read(text)
    try:
        if parts is None:
            raise ValueError(text)
        year, month, day = parts
        if month > 12 >= day:
            month, day = day, month
        return day_of(year, month, day).isoformat()
    except ValueError:
        raise Refused("bad_date", f"{value[:40]!r} is not a date.", "Write it as year-month-day, such as 2026-04-03.") from None


def _decimal(value: str, country: str | None) -> str | None:
    number = _number(value)
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    return format(number.normalize(), "f")


def _integer(value: str, country: str | None) -> str | None:
    number = _number(value)
    if number != number.to_integral_value():
        raise Refused("not_an_integer", f"{value[:40]!r} is not a whole number.", "Round it at the source.")
    return format(number.to_integral_value(), "f")


def _number(value: str) -> Decimal:
    number = numbers.read(value) if re.fullmatch(r"[\d\s.,'+\-€$£¥%a-z]+", value.lower()) else None
    if number is None or abs(number) > Decimal(10) ** 28:
        raise Refused("not_a_number", f"{value[:40]!r} is not a number.", "Write digits, with a point or comma before decimals.")
    return number


def _boolean(value: str, country: str | None) -> str | None:
    text = "".join(words(value))
    if text not in _TRUE | _FALSE:
        raise Refused("not_a_boolean", f"{value[:40]!r} is neither yes nor no.", "Use true or false.")
    return "true" if text in _TRUE else "false"


def _code(value: str, country: str | None) -> str | None:
    return value.upper()


KINDS: Mapping[str, Callable[[str, str | None], str | None]] = {
    "text": _text,
    "organisation_name": _text,
    "person_name": _text,
    "address": _text,
    "city": _text,
    "country": _country,
    "phone": _phone,
    "email": _email,
    "web_domain": _web_domain,
    "postcode": _postcode,
    "tax_id": identifiers.tax_id,
    "lei": identifiers.lei,
    "duns": identifiers.duns,
    "registration_no": identifiers.registration_no,
    "currency": _currency,
    "date": _date,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "code": _code,
}


def _is_norway(kind: str, text: str) -> bool:
    """NO in a country column is Norway; NA stays "not available", for people write it oftener than Namibia."""
    return kind == "country" and text.casefold() == "no"


# "No" is an answer to a yes-or-no question, and 0 is a number: there only what means "not stated" is a placeholder.
_OWN_PLACEHOLDERS = frozenset({"boolean", "integer", "decimal"})
