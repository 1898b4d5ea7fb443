"""Records that no hub may take, and records that stand for nothing: planted on purpose, each with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.twins.sample.firm import EPOCH, OBJECTS, Row
from connectors.twins.sample.placements import native_ids
from connectors.twins.sample.records import shaped
from connectors.twins.sample.world import identifiers
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.organisations import Inventor
from connectors.twins.sample.world.truth import Party
from connectors.twins.sample.world.words import countries

_PLACEHOLDERS = ("Test", "TEST ACCOUNT", "N/A", "Dummy", "xxx", "tbd", "Test Customer 1", "asdf", "Do not use", "Unknown")
_FIRST_NUMBER = 90_001


@dataclass(frozen=True, slots=True)
class Planted:
    """One row to add at the end of an object. `cause` is empty for a placeholder."""

    system: str
    domain: str
    row: Row
    cause: str = ""


class Planter:
    """Makes planted rows with native ids far above the real ones."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._inventor = Inventor(chance, "BROKEN-")
        self._numbers: dict[tuple[str, str], Iterator[str]] = {}

    def all(self) -> Iterator[Planted]:
        """Every planted row, duplicates of one key right behind each other."""
        yield from self._nameless()
        yield from self._misnumbered()
        yield from self._illegible()
        yield from self._from_nowhere()
        yield from self._out_of_time()
        yield from self._circle("dynamics365", 3)
        yield from self._circle("workday", 2)
        yield from self._placeholders()

    def _nameless(self) -> Iterator[Planted]:
        for system, domain in (
            ("netsuite", "customer"),
            ("delivery", "customer"),
            ("workday", "legal_entity"),
            ("dynamics365", "project"),
        ):
            yield self._one(system, domain, "missing_name", name="")

    def _misnumbered(self) -> Iterator[Planted]:
        germany, france = countries()["DE"], countries()["FR"]
        for system, domain in (("salesforce", "customer"), ("workday", "customer"), ("dynamics365", "legal_entity")):
            yield self._one(system, domain, "bad_lei", lei=identifiers.broken_lei(self._chance))
        for system, country in (("netsuite", germany), ("dynamics365", france), ("salesforce", germany)):
            number = identifiers.broken_tax_id(self._chance, country)
            yield self._one(system, "customer", "bad_tax_id", tax_id=number, country=country.code)

    def _illegible(self) -> Iterator[Planted]:
        for system, domain, character in (
            ("delivery", "customer", "\x00"),
            ("dynamics365", "legal_entity", "\x00"),
            ("workday", "customer", "\x07"),
            ("delivery", "project", "\x1b"),
        ):
            yield self._one(system, domain, "control_character", name=f"Broken{character}Line Partners {self._chance.digits(4)}")

    def _from_nowhere(self) -> Iterator[Planted]:
        for system, domain, country in (
            ("dynamics365", "customer", "Absurdistan"),
            ("delivery", "customer", "Planet Earth"),
            ("workday", "legal_entity", "XQX"),
        ):
            yield self._one(system, domain, "unknown_country", country=country, tax_id="", phone="")

    def _out_of_time(self) -> Iterator[Planted]:
        for system in ("salesforce", "workday"):
            yield self._one(system, "legal_entity", "future_date", incorporated_on="2093-05-17")
        for system in ("salesforce", "netsuite", "workday"):
            yield self._one(system, "project", "end_before_start", start_on="2025-03-01", end_on="2024-11-30")

    def _circle(self, system: str, length: int) -> Iterator[Planted]:
        ids = [next(self._ids(system, "legal_entity")) for _ in range(length)]
        for i, native_id in enumerate(ids):
            yield self._one(system, "legal_entity", "circular_parent", native_id=native_id, parent=ids[(i + 1) % length])

    def _placeholders(self) -> Iterator[Planted]:
        for system in ("salesforce", "netsuite", "dynamics365", "workday", "delivery"):
            for name in self._chance.some(_PLACEHOLDERS, 4):
                native_id = next(self._ids(system, "customer"))
                at = EPOCH - timedelta(days=self._chance.whole(1, 900))
                row = shaped(system, "customer", native_id=native_id, at=at, attributes={"name": name, "status": "active"})
                yield Planted(system, "customer", row)

    def _one(self, system: str, domain: str, cause: str, **changed: str) -> Planted:
        native_id = changed.pop("native_id", "") or next(self._ids(system, domain))
        country = countries().get(changed.get("country", ""), countries()["GB"])
        party = self._inventor.party(country, self._inventor.stem(country))
        base = _project_facts(party) if domain == "project" else _party_facts(party)
        at = EPOCH - timedelta(days=self._chance.whole(1, 900))
        return Planted(system, domain, shaped(system, domain, native_id=native_id, at=at, attributes=base | changed), cause)

    def _ids(self, system: str, domain: str) -> Iterator[str]:
        return self._numbers.setdefault((system, domain), iter(native_ids(system, domain, first=_FIRST_NUMBER)))


def repeated(chance: Chance, rows: dict[tuple[str, str], list[Row]]) -> Iterator[tuple[str, str, Row]]:
    """Second rows for keys that one batch brings twice, with another phone or title: (system, domain, row)."""
    for system, domain in (("workday", "customer"), ("delivery", "customer"), ("dynamics365", "project")):
        good = chance.one(rows[system, OBJECTS[system][domain]][:400])
        attributes = dict(good.attributes) | ({"manager": "Someone Else"} if domain == "project" else {"city": "Elsewhere"})
        again = shaped(system, domain, native_id=good.native_id, at=good.updated_at, attributes=attributes)
        yield system, domain, replace(again, scope=good.scope)


def _party_facts(party: Party) -> dict[str, str]:
    return {
        "name": f"{' '.join(party.latin)} {party.form[0]}",
        "address": party.place.street,
        "city": party.place.city,
        "postcode": party.place.postcode,
        "country": party.country_code,
        "status": "active",
    }


def _project_facts(party: Party) -> dict[str, str]:
    return {
        "name": f"{party.latin[0]} Audit Support",
        "code": "",
        "start_on": "2025-02-03",
        "end_on": "2025-08-29",
        "status": "active",
    }
