"""Dirty organisation records with known truth, in the way of the generator that the engine is measured with, small and seeded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mdm.engine.preparing import Incoming
from tests.factories.records import customer

ROOTS = (
    *("al", "bar", "cel", "dor", "eks", "fen", "gal", "hor", "isk", "jun", "kel", "lor", "mar"),
    *("nov", "orb", "pex", "qua", "ris", "sol", "tav", "ulm", "vex", "wyn", "xan", "yor", "zel"),
)
WORDS = ("Logistics", "Software", "Consulting", "Energy", "Engineering", "Capital", "Foods", "Marine", "Analytics", "Pharma")
COMMON = ("Germany", "Services", "Group", "Holdings", "International", "Europe", "Partners", "Solutions")
PLACES = (
    ("DE", "GmbH", "de", (("Berlin", "10115"), ("Hamburg", "20095"), ("Köln", "50667"), ("Stuttgart", "70173"))),
    ("GB", "Ltd", "co.uk", (("London", "EC1A 1BB"), ("Leeds", "LS1 4AB"), ("Bristol", "BS1 4DJ"), ("Reading", "RG1 1AA"))),
    ("FR", "SAS", "fr", (("Paris", "75001"), ("Lyon", "69001"), ("Nantes", "44000"), ("Lille", "59000"))),
    ("US", "Inc", "com", (("Boston", "02108"), ("Denver", "80202"), ("Austin", "78701"), ("Seattle", "98101"))),
)
STREETS = ("Mill Lane", "Station Road", "Hauptstraße", "Rue Pasteur", "Lindenallee", "Market Street")
SPELLINGS = {
    "GmbH": ("GmbH", "G.m.b.H.", ""),
    "Ltd": ("Ltd", "Limited", ""),
    "SAS": ("SAS", "S.A.S.", ""),
    "Inc": ("Inc", "Inc.", ""),
}
SYSTEMS = ("crm", "erp", "psa", "hr", "files")


@dataclass(frozen=True, slots=True)
class Organisation:
    """One real organisation. `rare` names are its own; common ones it shares with many."""

    name: str
    form: str
    country: str
    city: str
    postcode: str
    street: str
    domain: str
    phone: str


def organisations(chance: random.Random, count: int, *, common: float) -> list[Organisation]:
    """`count` organisations, a share `common` of them with names of common words only, as "Germany Services GmbH"."""
    return [_organisation(chance, number, is_common=chance.random() < common) for number in range(count)]


def _organisation(chance: random.Random, number: int, *, is_common: bool) -> Organisation:
    country, form, suffix, cities = chance.choice(PLACES)
    root = "".join(chance.sample(ROOTS, 3))
    name = " ".join(chance.sample(COMMON, 2)) if is_common else f"{root.title()} {chance.choice(WORDS)}"
    city, postcode = chance.choice(cities)
    street = f"{chance.randrange(1, 90)} {chance.choice(STREETS)}"
    domain = "" if is_common and chance.random() < 0.7 else f"{root}.{suffix}"
    return Organisation(name, form, country, city, postcode, street, domain, f"+49 30 {1_000_000 + number}")


def records(chance: random.Random, made: Sequence[Organisation], count: int) -> list[Incoming]:
    """`count` dirty records of those organisations, over five systems; one organisation has one to four."""
    found = []
    for number in range(count):
        organisation = made[chance.randrange(len(made))]
        found.append(customer(f"r{number:05d}", _dirty(chance, organisation), system=chance.choice(SYSTEMS)))
    return found


def mixed(seed: int, count: int, *, common: float = 0.5) -> list[Incoming]:
    """`count` records of about half as many organisations."""
    chance = random.Random(seed)
    return records(chance, organisations(chance, count // 2, common=common), count)


def _dirty(chance: random.Random, true: Organisation) -> dict[str, Any]:
    name = f"{_typo(chance, true.name, 0.08)} {chance.choice(SPELLINGS[true.form])}".strip()
    said = {
        "name": name.upper() if chance.random() < 0.1 else name,
        "country": true.country if chance.random() < 0.95 else "",
        "city": true.city if chance.random() < 0.85 else "",
        "postcode": true.postcode if chance.random() < 0.7 else "",
        "address": true.street if chance.random() < 0.75 else "",
        "domain": true.domain if chance.random() < 0.6 else "",
        "phone": true.phone if chance.random() < 0.35 else "",
    }
    return {field: value for field, value in said.items() if value}


def _typo(chance: random.Random, text: str, share: float) -> str:
    """Two neighbouring letters swapped, now and then."""
    if chance.random() >= share or len(text) < 5:
        return text
    at = chance.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
