"""The word lists and country tables behind the sample firm."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_NOT_DECOMPOSED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ı": "i", "đ": "d"})


@dataclass(frozen=True, slots=True)
class Country:
    """How names, addresses and numbers look in one country; the templates are explained in countries.yaml."""

    code: str
    name: str
    iso3: str
    weight: float
    language: str
    currency: str
    tld: str
    number_first: bool
    calling_code: str
    trunk: str
    phones: tuple[str, ...]
    postcode: str
    tax_id: str
    checked_by: str
    registration_no: str
    forms: tuple[tuple[str, ...], ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]


@cache
def countries() -> Mapping[str, Country]:
    """All countries by ISO 3166 code of two letters."""
    return {code: _country(code, row) for code, row in _read("countries").items()}


@cache
def lists() -> Mapping[str, Any]:
    """The lists of words.yaml by name."""
    return _read("words")


@cache
def engagements() -> Mapping[str, Any]:
    """The lists of engagements.yaml by name."""
    return _read("engagements")


def latin(text: str) -> str:
    """The text without accents; letters of other scripts stay as they are."""
    folded = unicodedata.normalize("NFKD", text.translate(_NOT_DECOMPOSED))
    return "".join(c for c in folded if not unicodedata.combining(c))


def host_word(text: str) -> str:
    """What of a text may stand in a host name: small letters and digits."""
    return "".join(c for c in latin(text).lower() if c.isascii() and c.isalnum())


def _country(code: str, row: Mapping[str, Any]) -> Country:
    lists_as_tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Country(code=code, **(lists_as_tuples | {"forms": tuple(tuple(form) for form in row["forms"])}))


def _read(name: str) -> dict[str, Any]:
    text = (files("connectors.twins.sample") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed
